"""An engine's columns have every article, and mark what a query finds as its ranking does."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from semsearch.ports import COLUMNS, ArticleColumns
from tests.contract.histories import Kind, asks, of_any_size, play, steps
from tests.examples import examples

kind = of_any_size

FIELDS = (*COLUMNS, "tag:topics")


def marked(columns: ArticleColumns, mask: Any) -> set[str]:
    return {article_id.decode() for article_id in columns.ids[mask].tolist()}


@examples(15)
@given(history=steps, ask=asks)
def test_columns_mark_what_is_living_allowed_and_matching(
    kind: Kind, history: Sequence[Any], ask: Any, tmp_path_factory: Any
) -> None:
    engine, held = play(kind, tmp_path_factory.mktemp("columns") / "index", history)
    found = next(engine.search([ask]))
    columns = found.columns()
    assert marked(columns, columns.living) == held.keys()
    assert marked(columns, columns.matching) == {one.article_id for one in found.ranked()}
    allowed = {known.article_id for known in engine.articles(ask.filters)}
    assert marked(columns, columns.allowed) == allowed
    every = engine.columns(ask.filters)
    assert marked(every, every.matching) == allowed


@examples(15)
@given(history=steps, draw=st.data())
def test_columns_have_the_values_of_every_article(
    kind: Kind, history: Sequence[Any], draw: Any, tmp_path_factory: Any
) -> None:
    engine, held = play(kind, tmp_path_factory.mktemp("values") / "index", history)
    columns = engine.columns(draw.draw(asks).filters)
    for at, article_id in enumerate(columns.ids.tolist()):
        if not columns.living[at]:
            continue
        entry = held[article_id.decode()]
        known = entry.article.metadata
        assert columns.legibility[at] == entry.legibility
        earliest, latest = columns.published[at].tolist()
        assert (None if earliest > latest else (earliest, latest)) == (
            known.published and (known.published.earliest, known.published.latest)
        )
        expected = {
            "publisher": {known.publisher},
            "domain": {"news.example.org"},
            "author": {*known.authors},
            "language": {known.language},
            "section": {known.section},
            "origin": {known.origin},
            "tag": known.tags.keys(),
            "tag:topics": {*known.tags.get("topics", ())},
        }
        for field in FIELDS:
            having = {value for value, positions in columns.values(field).items() if at in positions.tolist()}
            assert having == expected[field] - {None}
