"""Which articles a query matches, all of them, and how they are distributed."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Protocol, Self, TypeVar

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

_Choice = TypeVar("_Choice", bound=StrEnum)

_TAG_VALUES = "tag:"
_AFTER_EVERYTHING = 1 << 62


class _Texts(Protocol):
    """Where articles are read, and which may carry the same text."""

    @property
    def comparisons(self) -> Comparisons: ...

    def article(self, article_id: str) -> Article | None: ...

    def alike(self, article_ids: Sequence[str]) -> list[Sequence[str]]: ...

    def earlier(self, article_ids: Sequence[str]) -> list[Sequence[str]]: ...


class _Everything:
    """The articles that filters allow, as a query's `Found` has them."""

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
class _Found:
    """What a question found, before any of it is counted."""

    selection: Selection
    columns: Callable[[], ArticleColumns]
    texts: _Texts
    ranked: Callable[[], Iterator[Candidate]] | None  # yields matching articles as a search does; None: newest first
    as_of: int  # UTC second of the question
    deadline: Deadline


@dataclass(frozen=True)
class _Counted:
    """All articles, which of them count as matching, and what is said of both."""

    columns: ArticleColumns
    mask: Mask
    selection: Selection
    as_of: int  # UTC second of the question


class MatchingArticles:
    """The articles that match: found by the first question about them, and counted as often as is asked.

    Safe to share between threads. The generation of the index stays the one of the first question.
    """

    def __init__(self, find: Callable[[], _Found]) -> None:
        """Begin with nothing found."""
        self._find = find
        self._lock = threading.Lock()
        self._counted: _Counted | None = None

    @classmethod
    def of_query(cls, query: Query, verdict: str, copies: str, engine: Engine, encoder: Callable[[], Encoder]) -> Self:
        """Select the articles that match a checked query at a verdict or better."""
        least_verdict, counted = _choice(Verdict, verdict), _choice(Copies, copies)
        least = max(query.min_confidence, least_of(least_verdict))
        wanted = replace(query, min_confidence=least, sort=Sort.RELEVANCE, group_by=GroupBy.ARTICLE, offset=0)

        def find() -> _Found:
            answered, found = ranking(wanted, engine, encoder)
            kept = tuple(phrase for phrase in answered.phrases if phrase not in found.relaxed)
            notices = (*answered.notices, *_relaxed(found))
            told = replace(answered, phrases=kept, min_confidence=query.min_confidence)
            selection = Selection(told, query.filters, least_verdict, counted, Count(0, 0), notices)
            as_of = query.as_of if isinstance(query.as_of, int) else now_seconds()
            return _Found(selection, found.columns, found, found.ranked, as_of, found.deadline)

        return cls(find)

    @classmethod
    def of_all(cls, filters: Filters, copies: str, engine: Engine) -> Self:
        """Select every article that the filters allow."""
        as_of, counted = now_seconds(), _choice(Copies, copies)
        resolved = conditions.resolved(filters, as_of)

        def find() -> _Found:
            selection = Selection(None, resolved, Verdict.NONE, counted, Count(0, 0))
            columns = partial(engine.columns, resolved)
            return _Found(selection, columns, _Everything(engine, resolved), None, as_of, Deadline(TIMEOUT))

        return cls(find)

    def facets(self, by: Sequence[str] = DEFAULT_FACETS, limit: int | None = None) -> Facets:
        """Count by the values of fields, as `Index.facets` does."""
        if isinstance(by, str) or not isinstance(by, Iterable):
            raise UsageError(f"by is {by!r:.40}, no list", 'write a list of fields: ["publisher", "section"]')
        for name in by:
            of_tag = isinstance(name, str) and name.startswith(_TAG_VALUES) and len(name) > len(_TAG_VALUES)
            if name not in COLUMNS and not of_tag:
                raise UsageError(f"unknown facet {name!r:.80}", f"use {', '.join(COLUMNS)}, or tag:KEY")
        if limit is not None and (type(limit) is not int or limit < 1):
            raise UsageError(f"limit is {shown(limit)}", "give a whole number from 1")
        counted = self._count()
        fields = dict.fromkeys(by)
        return Facets(counted.selection, {name: facet(counted.columns, name, counted.mask, limit) for name in fields})

    def timeline(self, interval: Interval | str | None = None) -> Timeline:
        """Count over time, as `Index.timeline` does."""
        wanted = None if interval is None else _choice(Interval, interval)
        counted = self._count()
        calendar = _calendar(counted)
        chosen = wanted or calendar.interval()
        bars, undated, imprecise = calendar.bars(counted.mask, chosen)
        zone = zone_of(counted.selection.filters)
        return Timeline(counted.selection, chosen, str(zone), bars, undated, imprecise)

    def coverage(self) -> Coverage:
        """Say what the articles that the filters allow do not cover."""
        return _calendar(self._count()).coverage()

    def _count(self) -> _Counted:
        """Return what was found; whoever asks while it is being found waits for it."""
        with self._lock:
            if self._counted is None:
                self._counted = _counted(self._find())
            return self._counted


def _counted(found: _Found) -> _Counted:
    columns, selection = found.columns(), found.selection
    if selection.filters.new_since is not None and not selection.filters.republished:
        republications = Republications(found.texts.earlier, found.texts.comparisons, found.texts.article)
        new = columns.allowed.copy()
        for at in np.flatnonzero(new).tolist():
            found.deadline.check()
            new[at] = republications.of(_id(columns, at)) is None
        columns = replace(columns, allowed=new, matching=columns.matching & new)
    mask = columns.matching if selection.copies is Copies.ALL else _once(columns, found)
    count = Count(int(mask.sum()), int(columns.allowed.sum()))
    return _Counted(columns, mask, replace(selection, count=count), found.as_of)


def _calendar(counted: _Counted) -> Calendar:
    filters = counted.selection.filters
    since = filters.since if isinstance(filters.since, int) else None
    until = filters.until if isinstance(filters.until, int) else None
    return Calendar(counted.columns, zone_of(filters), since, until, counted.as_of)


def _once(columns: ArticleColumns, found: _Found) -> Mask:
    """Mark the articles that a search shows: one of each family of copies."""
    places = {_id(columns, at): at for at in np.flatnonzero(columns.matching).tolist()}
    allowed = {_id(columns, at) for at in np.flatnonzero(columns.allowed).tolist()}
    ranked = found.ranked() if found.ranked else _newest_first(columns, places)

    def alike(ids: Sequence[str]) -> list[Sequence[str]]:
        return [[one for one in own if one in allowed] for own in found.texts.alike(ids)]

    folding = Folding(
        (one for one in ranked if one.article_id in places),
        alike,
        found.texts.comparisons,
        found.texts.article,
        places.__contains__,
        len(places),
        found.deadline,
    )
    mask = np.zeros_like(columns.matching)
    mask[[places[family.article_id] for family in folding.families()]] = True
    return mask


def _newest_first(columns: ArticleColumns, places: dict[str, int]) -> Iterator[Candidate]:
    vector = np.zeros(0, dtype=np.float32)
    for article_id in sorted(places, key=lambda one: (-int(columns.published[places[one], 0]), one)):
        yield Candidate(article_id, 0, 0.0, vector)


def _id(columns: ArticleColumns, at: int) -> str:
    return bytes(columns.ids[at]).decode("ascii")


def _choice(kind: type[_Choice], value: str) -> _Choice:
    """Return a member of an enumeration, given as such or by its value."""
    try:
        return kind(value)
    except ValueError as error:
        names = ", ".join(member.value for member in kind)
        raise UsageError(f"{kind.__name__.lower()} is {value!r:.40}", f"use one of {names}") from error


def _relaxed(found: Found) -> Iterator[str]:
    if found.relaxed:
        quoted = " and ".join(f"“{phrase}”" for phrase in found.relaxed)
        yield f"nothing has the exact words {quoted}, so they were searched as plain words"
