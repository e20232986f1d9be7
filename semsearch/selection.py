"""All articles that a query matches, and how they are distributed."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol, Self

import numpy as np

from semsearch import conditions
from semsearch.answering import ranking
from semsearch.bounds import zone_of
from semsearch.checks import shown
from semsearch.deadlines import Deadline
from semsearch.errors import UsageError
from semsearch.facets import facet
from semsearch.files import now_seconds
from semsearch.ports import COLUMNS, ArticleColumns, Candidate, Comparisons, Encoder, Engine, Found, Mask
from semsearch.ranking.confidence import least_of
from semsearch.ranking.families import Folding
from semsearch.ranking.republications import Republications
from semsearch.timelines import Calendar
from semsearch.types import (
    TIMEOUT,
    Article,
    Copies,
    Count,
    Coverage,
    Facets,
    Filters,
    GroupBy,
    Interval,
    Query,
    Selection,
    Sort,
    Timeline,
    Verdict,
)

DEFAULT_FACETS = ("publisher", "section", "language")


_TAG_VALUES = "tag:"
_AFTER_EVERYTHING = 1 << 62


class _Texts(Protocol):
    """Reads articles, and tells which may carry the same text."""

    @property
    def comparisons(self) -> Comparisons: ...

    def article(self, article_id: str) -> Article | None: ...

    def alike(self, article_ids: Sequence[str]) -> list[Sequence[str]]: ...

    def earlier(self, article_ids: Sequence[str]) -> list[Sequence[str]]: ...


class _AllArticles:
    """The articles that filters allow, with the methods of a query's `Found`."""

    def __init__(self, engine: Engine, filters: Filters) -> None:
        self._engine, self._filters = engine, filters

    @property
    def comparisons(self) -> Comparisons:
        return self._engine.comparisons()

    def article(self, article_id: str) -> Article | None:
        return self._engine.get(article_id)

    def alike(self, article_ids: Sequence[str]) -> list[Sequence[str]]:
        return self._engine.earlier(article_ids, _AFTER_EVERYTHING)

    def earlier(self, article_ids: Sequence[str]) -> list[Sequence[str]]:
        before = self._filters.new_since
        return self._engine.earlier(article_ids, before) if isinstance(before, int) else [[] for _ in article_ids]


@dataclass(frozen=True)
class _Uncounted:
    """The articles that were found, before they are counted."""

    selection: Selection
    columns: Callable[[], ArticleColumns]
    texts: _Texts
    ranked: Callable[[], Iterator[Candidate]] | None  # yields matching articles in order; None: newest first
    as_of: int  # UTC second of the query
    deadline: Deadline


@dataclass(frozen=True)
class _Counted:
    """All articles, the mask of those that count as matching, and the description of both."""

    columns: ArticleColumns
    mask: Mask
    selection: Selection
    as_of: int  # UTC second of the query

    @property
    def compared(self) -> ArticleColumns:
        """All articles; as allowed those with which the matching ones are compared, without a query the same ones."""
        return replace(self.columns, allowed=self.mask) if self.selection.query is None else self.columns


class MatchingArticles:
    """The articles that match, found by the first question about them and counted anew for each.

    Safe to share between threads. All questions are answered from the index's generation at the first one.
    """

    def __init__(self, find: Callable[[], _Uncounted]) -> None:
        """Take the function that finds the articles when they are first needed."""
        self._find = find
        self._lock = threading.Lock()
        self._counted: _Counted | None = None

    @classmethod
    def of_query(cls, query: Query, verdict: str, copies: str, engine: Engine, encoder: Callable[[], Encoder]) -> Self:
        """Select the articles that match a checked query at a verdict or better."""
        least_verdict, counted = (
            conditions.member(Verdict, verdict, "verdict"),
            conditions.member(Copies, copies, "copies"),
        )
        confidence = max(query.min_confidence, least_of(least_verdict))
        wanted = replace(query, min_confidence=confidence, sort=Sort.RELEVANCE, group_by=GroupBy.ARTICLE, offset=0)

        def find() -> _Uncounted:
            answered, found = ranking(wanted, engine, encoder, in_order=counted is Copies.ONCE)
            phrases = tuple(phrase for phrase in answered.phrases if phrase not in found.relaxed)
            notices = (*answered.notices, *_relaxed_notices(found))
            shown_query = replace(answered, phrases=phrases, min_confidence=query.min_confidence)
            selection = Selection(shown_query, query.filters, least_verdict, counted, Count(0, 0), notices)
            as_of = query.as_of if isinstance(query.as_of, int) else now_seconds()
            return _Uncounted(selection, found.columns, found, found.ranked, as_of, found.deadline)

        return cls(find)

    @classmethod
    def of_all(cls, filters: Filters, copies: str, engine: Engine) -> Self:
        """Select every article that the filters allow."""
        as_of, counted = now_seconds(), conditions.member(Copies, copies, "copies")
        resolved = conditions.resolved(filters, as_of)

        def find() -> _Uncounted:
            selection = Selection(None, resolved, Verdict.NONE, counted, Count(0, 0))
            columns = partial(engine.columns, resolved)
            return _Uncounted(selection, columns, _AllArticles(engine, resolved), None, as_of, Deadline(TIMEOUT))

        return cls(find)

    def facets(self, by: str | Sequence[str] = DEFAULT_FACETS, limit: int | None = None) -> Facets:
        """Count by the values of fields, as `Index.facets` does."""
        if not isinstance(by, Iterable):
            raise UsageError(f"by is {by!r:.40}", f"name one field or several: {', '.join(COLUMNS)}, or tag:KEY")
        fields = [by] if isinstance(by, str) else list(by)
        for name in fields:
            of_tag = isinstance(name, str) and name.startswith(_TAG_VALUES) and len(name) > len(_TAG_VALUES)
            if name not in COLUMNS and not of_tag:
                raise UsageError(f"unknown facet {name!r:.80}", f"use {', '.join(COLUMNS)}, or tag:KEY")
        limit = None if limit is None else conditions.whole_number("limit", limit)
        if limit is not None and limit < 1:
            raise UsageError(f"limit is {shown(limit)}", "give a whole number from 1")
        counted = self._count()
        by_field = {name: facet(counted.compared, name, counted.mask, limit) for name in dict.fromkeys(fields)}
        return Facets(counted.selection, by_field)

    def timeline(self, interval: Interval | str | None = None) -> Timeline:
        """Count over time, as `Index.timeline` does."""
        wanted = None if interval is None else conditions.member(Interval, interval, "interval")
        counted = self._count()
        calendar = _calendar(counted, counted.compared)
        chosen = wanted or calendar.interval()
        bars, undated, imprecise = calendar.bars(counted.mask, chosen)
        zone = zone_of(counted.selection.filters)
        return Timeline(counted.selection, chosen, str(zone), bars, undated, imprecise)

    def coverage(self) -> Coverage:
        """Return what the articles that the filters allow do not cover."""
        counted = self._count()
        return _calendar(counted, counted.columns).coverage()

    def _count(self) -> _Counted:
        """Return what was found; other threads wait while it is being found."""
        with self._lock:
            if self._counted is None:
                self._counted = _count_matches(self._find())
            return self._counted


def _count_matches(uncounted: _Uncounted) -> _Counted:
    columns, selection = uncounted.columns(), uncounted.selection
    if selection.filters.new_since is not None and not selection.filters.republished:
        republications = Republications(uncounted.texts.earlier, uncounted.texts.comparisons, uncounted.texts.article)
        is_new = columns.allowed.copy()
        for position in np.flatnonzero(is_new).tolist():
            uncounted.deadline.check()
            is_new[position] = republications.of(_id(columns, position)) is None
        columns = replace(columns, allowed=is_new, matching=columns.matching & is_new)
    mask = columns.matching if selection.copies is Copies.ALL else _one_per_family(columns, uncounted)
    counted = _Counted(columns, mask, selection, uncounted.as_of)
    count = Count(int(mask.sum()), int(counted.compared.allowed.sum()))
    return replace(counted, selection=replace(selection, count=count))


def _calendar(counted: _Counted, columns: ArticleColumns) -> Calendar:
    filters = counted.selection.filters
    since = filters.since if isinstance(filters.since, int) else None
    until = filters.until if isinstance(filters.until, int) else None
    return Calendar(columns, zone_of(filters), since, until, counted.as_of)


def _one_per_family(columns: ArticleColumns, uncounted: _Uncounted) -> Mask:
    """Mark the articles that a search shows: one of each family of copies."""
    positions = {_id(columns, position): position for position in np.flatnonzero(columns.matching).tolist()}
    allowed = {_id(columns, position) for position in np.flatnonzero(columns.allowed).tolist()}
    ranked = uncounted.ranked() if uncounted.ranked else _newest_first(columns, positions)

    def alike(ids: Sequence[str]) -> list[Sequence[str]]:
        return [[copy_id for copy_id in copies if copy_id in allowed] for copies in uncounted.texts.alike(ids)]

    folding = Folding(
        (candidate for candidate in ranked if candidate.article_id in positions),
        alike,
        uncounted.texts.comparisons,
        uncounted.texts.article,
        positions.__contains__,
        len(positions),
        uncounted.deadline,
    )
    mask = np.zeros_like(columns.matching)
    mask[[positions[family.article_id] for family in folding.families()]] = True
    return mask


def _newest_first(columns: ArticleColumns, positions: dict[str, int]) -> Iterator[Candidate]:
    vector = np.zeros(0, dtype=np.float32)
    for article_id in sorted(positions, key=lambda name: (-int(columns.published[positions[name], 0]), name)):
        yield Candidate(article_id, 0, 0.0, vector)


def _id(columns: ArticleColumns, position: int) -> str:
    return bytes(columns.ids[position]).decode("ascii")


def _relaxed_notices(found: Found) -> Iterator[str]:
    if found.relaxed:
        quoted = " and ".join(f"“{phrase}”" for phrase in found.relaxed)
        yield f"nothing has the exact words {quoted}, so they were searched as plain words"
