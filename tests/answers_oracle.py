"""What a whole answer has to be, by brute force: hits, their order, and the copies under them.

Which articles carry one text is known to whoever made them: `text_of` says so. Scores come from `oracle`, which may
differ from an engine's in the last of six digits. So the engine's own scores tell the order, and they are compared
with the oracle's.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from semsearch.ports import Ask, Entry
from semsearch.types import Answer, GroupBy, Hit, Query, Sort
from tests.oracle import Allowed, Held, Row, Told, allowed

TOLERANCE = 2.2e-6
"""Of two scores, each rounded to six digits."""

UNDATED = 1 << 62


class Item(NamedTuple):
    """What one hit may be."""

    newness: int  # 0 unless newest come first; smaller is newer
    score: float
    shown: str  # article id
    copies: frozenset[str]


class Expected(NamedTuple):
    """What is to be found."""

    may: Allowed
    items: Mapping[Hashable, Item]  # by what a hit of it is known by
    told: Mapping[Row, Told]  # of all rows that may be shown


def expected(
    held: Held,
    query: Query,
    ask: Ask,
    told: Mapping[Row, Told],
    hidden: Collection[Row],
    text_of: Callable[[Entry], Hashable],
) -> Expected:
    """Apply all conditions to the scores of all rows.

    Args:
        told: of every row there is, whatever the conditions.
        hidden: rows that are nothing but what an outlet repeats.
    """
    may = allowed(held, ask)
    old = {text_of(one) for one in held.values() if _is_old(one, query.filters.new_since)}
    new = {article_id for article_id in may.articles if text_of(held[article_id]) not in old}
    shown = {
        row: told[row]
        for row in may.rows
        if row not in hidden
        and row[0] in new
        and told[row].confidence >= ask.least_confidence
        and (ask.vector is not None or told[row].signals.lexical > 0 or (told[row].signals.article_lexical or 0) > 0)
    }

    def newness(article_id: str) -> int:
        return _age(held, article_id, undated=-UNDATED) * -1 if query.sort is Sort.DATE else 0

    if query.group_by is GroupBy.PASSAGE:
        rows = {row: Item(newness(row[0]), one.score, row[0], frozenset()) for row, one in shown.items()}
        return Expected(may, rows, shown)
    best: dict[str, float] = {}
    for (article_id, _), one in shown.items():
        best[article_id] = max(one.score, best.get(article_id, one.score))
    if query.group_by is GroupBy.COPIES:
        return Expected(may, {key: Item(newness(key), one, key, frozenset()) for key, one in best.items()}, shown)
    if query.group_by is GroupBy.PUBLISHER:
        of_publishers: dict[Hashable, Item] = {}
        for key in sorted(best, key=lambda each: (newness(each), -best[each], each)):
            item = Item(newness(key), best[key], key, frozenset())
            of_publishers.setdefault(held[key].article.metadata.publisher, item)
        return Expected(may, of_publishers, shown)
    families: defaultdict[Hashable, list[str]] = defaultdict(list)
    for article_id in new:
        families[text_of(held[article_id])].append(article_id)
    items: dict[Hashable, Item] = {}
    for members in families.values():
        found = [one for one in members if one in best]
        if found:
            first = min(found, key=lambda one: (_age(held, one, undated=UNDATED), one))
            ranked = min(found, key=lambda one: (newness(one), -best[one], one))
            items[first] = Item(newness(first), best[ranked], first, frozenset(members) - {first})
    return Expected(may, items, shown)


def _is_old(one: Entry, new_since: object) -> bool:
    """Say whether an article was indexed before what is new: whoever carries its text since is not new either."""
    if not isinstance(new_since, int):
        return False
    indexed = one.article.metadata.indexed
    return indexed is not None and datetime.fromisoformat(indexed).timestamp() < new_since


def _age(held: Held, article_id: str, undated: int) -> int:
    published = held[article_id].article.metadata.published
    return undated if published is None else published.earliest


def assert_right(answer: Answer, query: Query, found: Expected, held: Held) -> None:
    """Compare an answer, asked with no offset, with what is expected."""
    assert answer.total == len(found.may.articles)
    assert answer.query.phrases == tuple(phrase for phrase in query.phrases if phrase not in found.may.relaxed)
    keys = [_key(hit, query) for hit in answer.hits]
    assert len(set(keys)) == len(keys) == min(query.k, len(found.items))
    assert found.items.keys() >= set(keys)
    for hit, key in zip(answer.hits, keys, strict=True):
        item = found.items[key]
        assert abs(hit.score - item.score) <= TOLERANCE
        best = held[item.shown].article.metadata
        if query.group_by is GroupBy.PUBLISHER:  # whose articles may be equally good
            assert hit.article == held[hit.article.article_id].article.metadata
            assert query.sort is not Sort.DATE or hit.article.published == best.published
        else:
            assert hit.article == best
        assert {one.article_id for one in hit.copies} == item.copies
        _assert_passages(hit, query, found, held)
    order = [
        (found.items[key].newness, -hit.score, *_last(hit, query)) for hit, key in zip(answer.hits, keys, strict=True)
    ]
    assert order == sorted(order)
    if answer.hits:  # nothing that is left out is better than what is shown
        newness, score, *_ = order[-1]
        left = (item for key, item in found.items.items() if key not in set(keys))
        assert not [item for item in left if (item.newness, -item.score + TOLERANCE) < (newness, score)]


def _key(hit: Hit, query: Query) -> Hashable:
    if query.group_by is GroupBy.PUBLISHER:
        return hit.article.publisher
    return _row(hit) if query.group_by is GroupBy.PASSAGE else hit.article.article_id


def _last(hit: Hit, query: Query) -> Sequence[object]:
    """What orders equal scores: of a family the article that ranked it, which a hit does not tell."""
    return () if query.group_by is GroupBy.ARTICLE and query.sort is not Sort.DATE else _row(hit)


def _row(hit: Hit) -> Row:
    return (hit.article.article_id, hit.passage.ordinal)


def _assert_passages(hit: Hit, query: Query, found: Expected, held: Held) -> None:
    article = held[hit.article.article_id].article
    for passage in (hit.passage, *(one.passage for one in hit.more)):
        row = (passage.article_id, passage.ordinal)
        assert row in found.told
        assert passage == held[row[0]].passages[row[1]]
        assert passage.text == article.text[passage.start : passage.end]
    known = found.told[_row(hit)]
    if query.group_by is not GroupBy.ARTICLE or not hit.copies:  # else it may be that of the copy which ranked it
        assert abs(hit.confidence - known.confidence) <= 1e-6
    own = [one.score for (article_id, _), one in found.told.items() if article_id == hit.article.article_id]
    if query.group_by is not GroupBy.PASSAGE:
        assert known.score >= max(own) - TOLERANCE
