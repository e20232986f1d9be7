"""`semsearch facets` and `semsearch timeline`."""

import csv
import io
from pathlib import Path

import pytest

from semsearch import Filters, Index, Query
from semsearch.encoders import load_encoder
from semsearch.rendering.distributions import facets_text, sparkline, timeline_text
from semsearch.rendering.layout import Style
from semsearch.text import display_width
from semsearch.types import Copies, Count, Facet, Facets, Interval
from tests.commands import Ask, asking, wire_index


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wire_index(tmp_path_factory.mktemp("distributions") / "index")


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, place: Path) -> Ask:
    monkeypatch.setenv("SEMSEARCH_MODEL", "hashing")
    return asking(capsys, monkeypatch, place)


@pytest.fixture
def news(place: Path) -> Index:
    return Index.open(place, encoder=load_encoder("hashing"))


def test_facets_are_the_same_in_every_format(ask: Ask, news: Index) -> None:
    told = ask("facets", "harbour board", "--json", "--by", "publisher", "--by", "tag:topics")
    expected = news.facets("harbour board", by=["publisher", "tag:topics"], limit=20)
    assert told.json == expected.to_dict()
    assert told.status == 0
    rows = list(csv.DictReader(io.StringIO(ask("facets", "harbour board", "--format", "csv").out, newline="")))
    publishers = expected.by["publisher"]
    assert [(row["value"], int(row["matching"]), int(row["total"])) for row in rows if row["facet"] == "publisher"] == [
        *((name, count.matching, count.total) for name, count in publishers.values.items()),
        ("", publishers.without.matching, publishers.without.total),
    ]
    shown = ask("facets", "harbour board").out
    assert shown.startswith(f"{expected.selection.count.matching} of 15 articles match")
    assert "Coast Courier" in shown


def test_copies_count_once_where_asked(ask: Ask, news: Index) -> None:
    every = ask("facets", "dockers quay", "--json", "--verdict", "fair").json
    once = ask("facets", "dockers quay", "--json", "--verdict", "fair", "--copies", "once").json
    assert (every["matching"], once["matching"]) == (3, 1)
    assert once == news.facets("dockers quay", verdict="fair", copies=Copies.ONCE, limit=20).to_dict()
    shown = ask("facets", "dockers quay", "--verdict", "fair", "--copies", "once").out
    assert shown.startswith("1 text matches (fair or better), each counted once, of 15 articles, every copy counted\n")
    assert ask("facets", "--copies", "once").out.startswith("13 articles, each text once\n")


def test_a_timeline_has_the_conditions_of_a_query(ask: Ask, news: Index) -> None:
    told = ask("timeline", "--publisher", "Hill Herald", "--interval", "month", "--json").json
    filters = {"publishers": ["Hill Herald"]}
    assert told == news.timeline(filters=filters, interval=Interval.MONTH).to_dict()
    assert sum(bar["total"] for bar in told["bars"]) == len(list(news.articles(Filters(publishers={"Hill Herald"}))))
    typed = ask("timeline", "quay since:2020-02", "--json").json
    assert typed["filters"] == {"since": "2020-02-01T00:00:00Z"}
    rows = list(csv.DictReader(io.StringIO(ask("timeline", "quay", "--format", "csv").out, newline="")))
    assert sum(int(row["matching"]) for row in rows) == ask("timeline", "quay", "--json").json["matching"]
    assert "by month" in ask("timeline", "--interval", "month").out


def test_nothing_that_matches_is_status_1_and_a_wrong_field_2(ask: Ask) -> None:
    assert ask("timeline", "quay", "--publisher", "Nobody").status == 1
    assert ask("facets", "--publisher", "Nobody").status == 1
    wrong = ask("facets", "--by", "colour")
    assert (wrong.status, wrong.out) == (2, "")
    assert "colour" in wrong.err


@pytest.mark.parametrize("columns", [40, 80, 100])
def test_no_line_is_wider_than_the_terminal(news: Index, columns: int) -> None:
    count = Count(1234, 56789)
    names = {"港口新聞報" * 9: count, "مرفأ " * 30: count, "\x1b[31mred\u202e": count}
    facets = Facets(news.facets().selection, {"publisher": Facet(names, 3, Count(0, 2))})
    style = Style(columns)
    for text in ("".join(facets_text(facets, style)), "".join(timeline_text(news.timeline(Query("quay")), style))):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert max(map(display_width, text.splitlines())) <= columns


def test_a_sparkline_shows_the_shape() -> None:
    assert sparkline([0, 1, 4, 8], 10) == " ▁▄█"
    assert sparkline([1, 1, 4, 4], 2) == "▂█"
    assert sparkline([0, 0], 5) == "  "
    assert sparkline([], 5) == ""
