"""Pages put together are the first hits, whatever is asked."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch import GroupBy, Index, Query
from semsearch.engines.local.engine import LocalEngine
from semsearch.ports import Encoder
from semsearch.types import Hit, Mode, Sort
from tests.contract.histories import LARGE
from tests.examples import examples, slow_but

CASES = Path(__file__).parent / "cases"
QUERIES = ["weather bulletin Kolmar", "the result of the match", "government minister"]
MOST = 60


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory, hashing: Encoder) -> Iterator[Index]:
    place = tmp_path_factory.mktemp("pages") / "index"
    with Index.build(CASES / "en.jsonl", place, encoder=hashing) as built:
        built.add(CASES / "32-pages" / "tpl.jsonl")
        yield built


@pytest.fixture(scope="module")
def as_if_large(news: Index, hashing: Encoder) -> Iterator[Index]:
    with Index(LocalEngine(news.location, thresholds=LARGE), news.location, hashing) as opened:
        yield opened


def told(hits: tuple[Hit, ...]) -> list[tuple[str, int, float]]:
    return [(hit.article.article_id, hit.passage.ordinal, hit.score) for hit in hits]


def pages(index: Index, query: Query, size: int, most: int) -> list[tuple[str, int, float]]:
    """Ask for one page after the other until one is not full."""
    found: list[tuple[str, int, float]] = []
    while len(found) < most:
        page = index.search(replace(query, k=size, offset=len(found))).hits
        assert [hit.rank for hit in page] == list(range(len(found) + 1, len(found) + len(page) + 1))
        found += told(page)
        if len(page) < size:
            break
    return found[:most]


@pytest.mark.parametrize("sort", slow_but([Sort.RELEVANCE], Sort))
@pytest.mark.parametrize("group_by", GroupBy)
@pytest.mark.parametrize("mode", slow_but([Mode.HYBRID], Mode))
def test_pages_of_twelve_put_together_are_the_first_sixty_hits(
    news: Index, mode: Mode, group_by: GroupBy, sort: Sort
) -> None:
    for text in QUERIES:
        query = Query(text, MOST, mode=mode, group_by=group_by, sort=sort)
        assert pages(news, query, 12, MOST) == told(news.search(query).hits)


@examples(40)
@given(
    text=st.sampled_from([*QUERIES, "Brinmouth", "harbour"]),
    mode=st.sampled_from(Mode),
    group_by=st.sampled_from(GroupBy),
    sort=st.sampled_from(Sort),
    size=st.integers(3, 20),
    recency=st.sampled_from([None, 30.0]),
)
def test_pages_of_any_size_are_the_same_hits_where_the_limits_of_a_search_are_small(
    news: Index,
    as_if_large: Index,
    text: str,
    mode: Mode,
    group_by: GroupBy,
    sort: Sort,
    size: int,
    recency: float | None,
) -> None:
    query = Query(text, MOST, mode=mode, group_by=group_by, sort=sort, recency=recency, as_of=1_714_000_000)
    whole = told(news.search(query).hits)
    assert told(as_if_large.search(query).hits) == whole
    assert pages(as_if_large, query, size, MOST) == whole
