"""The commands that ask: what `query` and `similar` take, what they say where, and how they end."""

from pathlib import Path

import pytest

from tests.commands import Ask, asking, wire_index


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wire_index(tmp_path_factory.mktemp("asking") / "index")


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, place: Path) -> Ask:
    return asking(capsys, monkeypatch, place)


# One query


def test_no_good_match_is_shown_as_such_and_ends_with_status_1(ask: Ask) -> None:
    run = ask("query", "zebra quantum")
    assert run.status == 1
    assert run.out.startswith("No good match. The closest passages found:\n\n 1  ")
    assert "no match" in run.err
    found = ask("query", "zebra quantum", "--json")
    assert (found.status, found.json["verdict"]) == (1, "none")
    assert found.json["hits"]


def test_hits_of_no_match_are_not_listed_below_better_ones_unless_asked_for(ask: Ask) -> None:
    everything = ask("query", "opera", "--json").json["hits"]
    none = sum(hit["verdict"] == "none" for hit in everything)
    assert 0 < none < len(everything)
    short, whole = ask("query", "opera"), ask("query", "opera", "--all")
    assert short.out.endswith(f"{none} more hits are no match; list them with --all.\n")
    assert (short.out.count("no match"), whole.out.count("· no match ·")) == (1, none)
    assert f" · 15 articles searched · {len(everything) - none} match" in short.err
    assert f" · {len(everything) - none} shown · " in short.err
    assert f" · {len(everything)} shown · " in whole.err


def test_what_was_understood_goes_to_standard_error(ask: Ask) -> None:
    typed = 'opera -marathon publisher:"town times" since:2020-02'
    run = ask("query", typed)
    assert run.status == 0
    assert 'Understood: opera -marathon publisher:"town times" since:2020-02-01\n' in run.err
    assert "Understood" not in run.out
    assert "Understood" not in ask("query", "opera").err
    assert ask("query", typed, "--quiet").err == ""
    told = ask("query", typed, "--json")
    assert told.err == ""
    assert told.json["understood"] == {"text": "opera", "excluded": ["marathon"]}
    assert told.json["filters"] == {"publishers": ["town times"], "since": "2020-02-01T00:00:00Z"}


def test_notices_are_told_once_where_they_can_be_read(ask: Ask) -> None:
    typed = 'harbour "quay harbour quay"'
    run = ask("query", typed)
    assert run.err.count("semsearch: ") == 1
    assert "quay harbour quay" in run.err
    assert ask("query", typed, "--quiet").err == ""
    told = ask("query", typed, "--json")
    assert (told.err, len(told.json["notices"])) == ("", 1)
    assert "quay harbour quay" in ask("query", typed, "--format", "csv").err


def test_plain_text_has_no_syntax(ask: Ask) -> None:
    run = ask("query", 'quay -harbour publisher:nobody "quay', "--plain", "--json")
    assert run.json["query"] == 'quay -harbour publisher:nobody "quay'
    assert (run.json["filters"], run.json["notices"]) == ({}, [])


def test_what_is_typed_replaces_the_option_of_the_same_name(ask: Ask) -> None:
    options = ("--publisher", "Hill Herald", "--language", "en", "--json")
    assert ask("query", "opera publisher:talbote", *options).json["filters"] == {
        "publishers": ["talbote"],
        "languages": ["en"],
    }
    assert ask("query", "opera", *options).json["filters"]["publishers"] == ["Hill Herald"]


def test_a_text_that_begins_with_a_minus_can_be_asked(ask: Ask) -> None:
    refused = ask("query", "-strike harbour")
    assert refused.status == 2
    assert "semsearch query -- '-strike harbour'" in refused.err
    assert "query -- " in ask("search", "-strike harbour").err.replace("search", "query")


def test_modes(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    for mode, signals in (("hybrid", {"dense", "lexical"}), ("dense", {"dense"}), ("lexical", {"lexical"})):
        run = ask("query", "opera house", "--mode", mode, "--json")
        assert (run.json["mode"], run.titles[0]) == (mode, "opera")
        assert signals <= set(run.json["hits"][0]["scores"])
    monkeypatch.setenv("SEMSEARCH_MODEL", "/no/such/model")
    assert ask("query", "opera house", "--mode", "lexical").status == 0


def test_copies_are_one_hit_unless_each_is_asked_for(ask: Ask) -> None:
    folded = ask("query", "dockers crane quay", "--json", "-k", 5)
    assert folded.titles.count("Dockers at the quay") == 1
    assert [copy["publisher"] for copy in folded.json["hits"][0]["copies"]] == ["Hill Herald", "Talbote"]
    assert "same text: Hill Herald 16 May 2021, Talbote 17 May 2021\n" in ask("query", "dockers crane quay").out
    for grouped in ("copies", "passage"):
        each = ask("query", "dockers crane quay", "--json", "-k", 12, "--group-by", grouped)
        assert each.titles.count("Dockers at the quay") >= 3
        assert not any(hit["copies"] for hit in each.json["hits"])


def test_neighbours_and_reasons_are_shown_where_asked(ask: Ask) -> None:
    words = "crane fell storm makers"
    for option, name in (("--context=1", "context"), ("--explain", "explanation")):
        assert name in ask("query", words, "--json", option).json["hits"][0]
        assert name not in ask("query", words, "--json").json["hits"][0]
    assert "score " in ask("query", words, "--explain").out
    assert "confidence" in ask("query", words, "--explain").out


def test_newest_first(ask: Ask) -> None:
    run = ask("query", "dockers crane quay", "--sort", "date", "--group-by", "copies", "--json")
    dates = [hit["article"]["published"] for hit in run.json["hits"]]
    assert len(dates) >= 3
    assert dates == sorted(dates, reverse=True)


def test_a_least_confidence_leaves_out_what_is_below_it(ask: Ask) -> None:
    every = ask("query", "quay", "--json").json["hits"]
    least = sorted(hit["confidence"] for hit in every)[len(every) // 2]
    kept = ask("query", "quay", "--json", "--min-confidence", least).json["hits"]
    assert 0 < len(kept) < len(every)
    assert all(hit["confidence"] >= least for hit in kept)


HALF_LIVES = {"30d": 30, "6h": 0.25, "2w": 14, "10": 10, "0.5": 0.5, "1.5 weeks": 10.5, "1 Day": 1, "36hours": 1.5}


@pytest.mark.parametrize(("written", "days"), HALF_LIVES.items())
def test_half_lives(ask: Ask, written: str, days: float) -> None:
    run = ask("query", "quay", "--recency", written, "--json", "--explain", "--as-of", "2021-06-01")
    assert run.json["understood"]["recency_days"] == days
    assert 0 <= run.json["hits"][0]["explanation"]["recency"] < 1


@pytest.mark.parametrize("written", ["0", "-3d", "3y", "5m", "soon", "", "nan", "inf", "1e9", "d", "٣d"])
def test_what_is_no_half_life_is_refused(ask: Ask, written: str) -> None:
    run = ask("query", "quay", f"--recency={written}")
    assert (run.status, run.out) == (2, "")
    assert "is not a half-life: write 30d, 6h, 2w or a number of days" in run.err


def test_days_are_those_of_the_time_zone(ask: Ask) -> None:
    def since(typed: str, *options: str) -> object:
        run = ask("query", typed, "--json", *options)
        return run.json["filters"]["since"] if run.status < 2 else run.err

    assert since("quay", "--since", "2021-05-17") == "2021-05-17T00:00:00Z"
    for zone in ("Europe/Berlin", "+02:00"):
        assert since("quay", "--since", "2021-05-17", "--timezone", zone) == "2021-05-16T22:00:00Z"
        assert since("quay since:2021-05-17", "--timezone", zone) == "2021-05-16T22:00:00Z"
        yesterday = ("--as-of", "2021-05-18", "--timezone", zone)
        assert since("quay since:yesterday", *yesterday) == "2021-05-16T22:00:00Z"
        assert "since:2021-05-17\n" in ask("query", "quay since:yesterday", *yesterday).err
    assert "not a time zone" in str(since("quay", "--timezone", "Mars"))


def test_the_date_of_indexing_is_a_filter_of_its_own(ask: Ask) -> None:
    assert ask("query", "quay", "--new-since", "2000", "--json").json["total"] == 15
    assert ask("query", "quay", "--new-since", "2999", "--json").json["total"] == 0
    included = ask("query", "quay", "--new-since", "2000", "--republished", "include", "--json").json
    assert included["filters"]["republished"] == "include"
    assert len(ask("list", "--new-since", "2000", "--json").json) == 15
    nothing = ask("list", "--new-since", "2999", "--json")
    assert (nothing.status, nothing.json) == (1, [])


def test_an_empty_list_says_why(ask: Ask) -> None:
    run = ask("list", "--publisher", "Coats Courier")
    assert (run.status, run.out) == (1, "")
    assert "no article has the publisher “Coats Courier”; did you mean “Coast Courier”?" in run.err
    assert ask("list", "--publisher", "Coats Courier", "--json").err == ""
    assert "no article was published in that time" in ask("list", "--since", "2999").err


# Similar


def test_similar_finds_other_articles(ask: Ask) -> None:
    run = ask("similar", "https://news.example.org/harbour", "--json", "-k", 2)
    assert run.status == 0
    assert run.json["query"] == "About the harbour"
    assert run.titles[0] == "Dockers at the quay"
    assert "harbour" not in run.titles
    assert ask("similar", "https://news.example.org/harbour", "-k", 2).out.startswith(" 1  Dockers at the quay")
    only = ask("similar", "https://news.example.org/harbour", "--json", "--publisher", "Talbote")
    assert {hit["article"]["publisher"] for hit in only.json["hits"]} == {"Talbote"}


def test_similar_to_what_is_not_there(ask: Ask) -> None:
    run = ask("similar", "https://news.example.org/nowhere")
    assert (run.status, run.out) == (1, "")
    assert "no article" in run.err
