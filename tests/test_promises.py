"""What must not be shown is not shown, even by an engine that is wrong: it is told as a bug."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from semsearch import Filters, GroupBy, Index, Query
from semsearch.cli import main
from semsearch.engines.local.engine import LocalEngine
from semsearch.errors import InternalError
from semsearch.ports import Ask, Encoder, Found
from semsearch.types import Mode, Sort
from tests.making import article, day

SAME = "The old bridge was closed on Monday after a lorry had struck its railing, said the harbour board in a note."
EVERYTHING = {"filters": Filters(), "phrases": (), "excluded": (), "without": None, "least_confidence": 0.0}


class Forgetful(LocalEngine):
    """An engine that forgets conditions: what it finds meets the others alone."""

    forgotten: dict[str, Any] = EVERYTHING

    def search(self, asks: Sequence[Ask]) -> Iterator[Found]:
        return super().search([replace(ask, **self.forgotten) for ask in asks])


class Torn:
    """What is found for two questions, one of which forgets conditions and does some of the work."""

    def __init__(self, right: Found, wrong: Found, methods: Sequence[str]) -> None:
        self._right, self._wrong, self._methods = right, wrong, methods

    def __getattr__(self, name: str) -> Any:
        return getattr(self._wrong if name in self._methods else self._right, name)


class Leaking(LocalEngine):
    """An engine that ranks, or proposes as copies, what it knows that it must not show."""

    methods: Sequence[str] = ("ranked",)

    def search(self, asks: Sequence[Ask]) -> Iterator[Any]:
        everything = [replace(ask, **EVERYTHING) for ask in asks]
        for right, wrong in zip(super().search(asks), super().search(everything), strict=True):
            yield Torn(right, wrong, self.methods)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, hashing: Encoder) -> Path:
    """Five articles, two of which carry one text; no two have a condition in common that is asked for."""
    folder = tmp_path_factory.mktemp("promises") / "index"
    articles = [
        article("a", SAME, publisher="Alpha", published=day(1), section="port", language="en", authors=["Ann Ash"]),
        article("b", SAME, publisher="Beta", published=day(2), section="town", language="de", authors=["Bo Birch"]),
        article("c", "An old quay.\n\nThe bridge is near it.", publisher="Beta", tags={"desk": ("news",)}),
        article(
            "d", "A ferry sank off the old bridge.", publisher="Gamma", published=day(9), indexed="2021-03-05T12:00:00Z"
        ),
        article("e", "Honey and heather, and a bridge.", publisher="Delta", published=day(5)),
    ]
    Index.build(articles, folder, encoder=hashing).close()
    return folder


CONDITIONS = {
    "publisher": Query("old bridge", filters=Filters(publishers={"alpha"})),
    "author": Query("old bridge", filters=Filters(authors={"ann ash"})),
    "language": Query("old bridge", filters=Filters(languages={"de"})),
    "section": Query("old bridge", filters=Filters(sections={"town"})),
    "tag": Query("old bridge", filters=Filters(tags={("desk", "news")})),
    "since": Query("old bridge", filters=Filters(since="2020-01-09")),
    "until": Query("old bridge", filters=Filters(until="2020-01-02")),
    "undated": Query("old bridge", filters=Filters(undated=False)),
    "new since": Query("old bridge", filters=Filters(new_since="9999")),
    "phrase": Query("old bridge", phrases=("old quay",)),
    "excluded word": Query("old bridge", excluded=("ferries",)),
    "excluded phrase": Query("old bridge", excluded=("old quay",)),
    "least confidence": Query("zebra quantum", min_confidence=0.9),
}


@pytest.mark.parametrize("group_by", GroupBy)
@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_condition_that_an_engine_forgets_is_a_bug_and_no_answer(
    place: Path, hashing: Encoder, condition: str, group_by: GroupBy
) -> None:
    query = replace(CONDITIONS[condition], group_by=group_by, mode=Mode.DENSE)
    with Index(Forgetful(place), place, hashing) as index, pytest.raises(InternalError, match="was found") as told:
        index.search(query)
    assert "report" in told.value.hint
    with Index.open(place, encoder=hashing) as right:
        right.search(query)


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("group_by", GroupBy)
def test_an_article_that_was_ranked_and_has_no_passage_to_show_is_a_bug(
    place: Path, hashing: Encoder, group_by: GroupBy, sort: Sort
) -> None:
    query = Query("old bridge", group_by=group_by, sort=sort, filters=Filters(publishers={"delta"}))
    with Index(Leaking(place), place, hashing) as index, pytest.raises(InternalError):
        index.search(query)


def test_a_copy_that_must_not_be_shown_is_a_bug(place: Path, hashing: Encoder) -> None:
    query = Query("old bridge", filters=Filters(publishers={"alpha"}))
    engine = Leaking(place)
    engine.methods = ("alike",)
    with Index(engine, place, hashing) as index, pytest.raises(InternalError, match="publisher"):
        index.search(query)


def test_what_is_left_out_by_offset_is_looked_at_too(place: Path, hashing: Encoder) -> None:
    with Index(Leaking(place), place, hashing) as index, pytest.raises(InternalError):
        index.search(Query("old bridge", offset=1, filters=Filters(publishers={"nobody"})))


def test_the_article_that_others_are_compared_with_is_not_among_them(place: Path, hashing: Encoder) -> None:
    with Index(Forgetful(place), place, hashing) as index:
        known = next(iter(index.articles()))
        with pytest.raises(InternalError, match="compared with"):
            index.similar(known.article_id)


def test_an_engine_that_is_right_is_believed(place: Path, hashing: Encoder) -> None:
    with Index.open(place, encoder=hashing) as index:
        assert len(index.search(Query("old bridge")).hits) == 4  # one is a copy
        assert [hit.article.publisher for hit in index.search(CONDITIONS["phrase"]).hits] == ["Beta"]


def test_the_command_line_says_how_to_report_a_bug_and_shows_nothing(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("semsearch.engines.open_engine", partial(Forgetful))
    with pytest.raises(SystemExit) as left:
        main(["query", "old bridge", "--publisher", "alpha", "-i", str(place)])
    out, err = capsys.readouterr()
    assert (left.value.code, out) == (70, "")
    assert "internal error" in err
    assert "report" in err
