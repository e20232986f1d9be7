"""A query has an end: what takes longer than it may is an error, and never a part of an answer."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path
from threading import Event

import pytest

from semsearch import Answer, Filters, GroupBy, Index, Query
from semsearch.answering import MOST_PHRASES
from semsearch.cli import main
from semsearch.deadlines import Deadline, unless
from semsearch.errors import QueryTimeoutError, UsageError
from semsearch.ports import Encoder
from semsearch.types import Mode, Sort
from tests.making import article

AT_ONCE = 1e-9
NUMBERED = [f"word{number} word{number + 1}" for number in range(MOST_PHRASES)]


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory, hashing: Encoder) -> Iterator[Index]:
    """Three hundred articles that all have a hundred phrases."""
    text = "\n\n".join(" ".join(f"word{one}" for one in range(at, at + 21)) for at in range(0, MOST_PHRASES, 20))
    articles = [article(f"a{number}", f"{text}\n\nA harbour crane, the {number}th.") for number in range(300)]
    with Index.build(articles, tmp_path_factory.mktemp("deadlines") / "index", encoder=hashing) as built:
        yield built


def test_a_deadline_is_over_when_its_time_is() -> None:
    Deadline(None).check()
    Deadline(60).check()
    ended = Deadline(0.02)
    ended.check()
    time.sleep(0.03)
    with pytest.raises(QueryTimeoutError, match=r"0\.02 s") as told:
        ended.check()
    assert "--timeout" in told.value.hint


def test_a_deadline_ends_when_nobody_waits_any_more() -> None:
    given_up = Event()
    before = Deadline(None)
    with unless(given_up):
        within = Deadline(60)
    within.check()
    given_up.set()
    with pytest.raises(QueryTimeoutError, match="the client is gone"):
        within.check()
    for other in (before, Deadline(None)):
        other.check()


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("group_by", GroupBy)
@pytest.mark.parametrize("mode", Mode)
def test_a_query_whose_time_is_over_has_no_answer(news: Index, mode: Mode, group_by: GroupBy, sort: Sort) -> None:
    query = Query("harbour crane", 3, mode=mode, group_by=group_by, sort=sort)
    if group_by is GroupBy.COPIES:  # else three hundred equal texts are compared, each time
        assert news.search(query).total == 300
    with pytest.raises(QueryTimeoutError):
        news.search(replace(query, timeout=AT_ONCE))


@pytest.mark.parametrize(
    "query",
    [
        Query("harbour", 10_000, group_by=GroupBy.PASSAGE, emphasise=True),
        Query("harbour", 10_000),  # every article is compared with the others
        Query("harbour", phrases=tuple(NUMBERED)),
        Query("harbour", excluded=tuple(f"{phrase} no" for phrase in NUMBERED)),
        Query("harbour", filters=Filters(publishers={f"nobody {number}" for number in range(20_000)})),
    ],
    ids=["hits", "copies", "phrases", "exclusions", "filters that nothing meets"],
)
def test_no_work_goes_on_long_after_the_time_is_over(news: Index, query: Query) -> None:
    news.search("harbour")  # what is computed once
    started = time.process_time()  # which other processes do not lengthen
    with pytest.raises(QueryTimeoutError):
        news.search(replace(query, timeout=0.05))
    assert time.process_time() - started < 2


def test_each_of_many_queries_has_its_own_time(news: Index) -> None:
    queries = [Query("harbour", 3, timeout=timeout) for timeout in (None, AT_ONCE, 60)]
    first, late, last = news.search_each(queries)
    assert isinstance(late, QueryTimeoutError)
    assert isinstance(first, Answer)
    assert isinstance(last, Answer)
    assert first.hits == last.hits == news.search("harbour", k=3).hits
    with pytest.raises(QueryTimeoutError):
        news.search_many(queries)


def test_what_is_similar_has_a_time(news: Index) -> None:
    known = next(iter(news.articles()))
    with pytest.raises(QueryTimeoutError):
        news.similar(known.article_id, timeout=AT_ONCE)


@pytest.mark.parametrize("timeout", [0, -1, float("nan")])
def test_what_is_no_time_is_refused(news: Index, timeout: float) -> None:
    with pytest.raises(UsageError, match="the time for an answer"):
        news.search(Query("harbour", timeout=timeout))


@pytest.mark.parametrize(
    "command",
    [["query", "harbour"], ["query", "-"], ["similar", "https://news.example.org/a1"], ["eval"]],
    ids=lambda command: " ".join(command[:2]),
)
def test_the_command_line_gives_a_query_up(
    news: Index, command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO("harbour\ncrane\n"))
    if command == ["eval"]:
        (tmp_path / "topics").write_text("1\tharbour\n")
        (tmp_path / "qrels").write_text("1 0 https://news.example.org/a1 1\n")
        command = ["eval", "--topics", str(tmp_path / "topics"), "--qrels", str(tmp_path / "qrels")]
    with pytest.raises(SystemExit) as left:
        main([*command, "-i", str(news.location), "--timeout", "0.000001"])
    out, err = capsys.readouterr()
    assert (left.value.code, out.strip()) == (2, "")
    assert err.count("was given up") == (2 if command == ["query", "-"] else 1)


def test_a_line_that_is_given_up_keeps_its_place_in_json(
    news: Index, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO("harbour\n"))
    with pytest.raises(SystemExit):
        main(["query", "-", "-i", str(news.location), "--timeout", "0.000001", "--json"])
    [told] = map(json.loads, capsys.readouterr().out.splitlines())
    assert told["error_type"] == "QueryTimeoutError"


# Equal phrases


def test_a_phrase_that_is_quoted_often_is_one_phrase(news: Index) -> None:
    once = news.search(Query.parse('"harbour crane" -"old quay"', k=3))
    started = time.process_time()
    often = news.search(Query.parse('"harbour crane" "Harbour  Crane" ' * 500 + '-"old quay" -"Old quay" ' * 50, k=3))
    assert time.process_time() - started < 5
    assert often.query.phrases == once.query.phrases == ("harbour crane",)
    assert often.query.excluded == once.query.excluded == ("old quay",)
    assert [hit.article for hit in often.hits] == [hit.article for hit in once.hits]


def test_so_many_different_phrases_or_exclusions_and_no_more(news: Index) -> None:
    assert news.search(Query("harbour", 3, phrases=tuple(NUMBERED[:3]))).hits
    many = tuple(f"quay {number}" for number in range(MOST_PHRASES + 1))
    for query in (Query("harbour", phrases=many), Query("harbour", excluded=many)):
        with pytest.raises(UsageError, match=f"{MOST_PHRASES + 1} different"):
            news.search(query)
    assert news.search(Query("harbour", 3, excluded=many[1:])).hits
