"""Which articles a query matches, all of them, and how they are distributed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Protocol, Self, TypeVar

import numpy as np

from semsearch import conditions
from semsearch.answering import ranking
from semsearch.bounds import zone_of
from semsearch.deadlines import Deadline
from semsearch.errors import UsageError
from semsearch.facets import facet
from semsearch.files import now_seconds
from semsearch.ports import COLUMNS, ArticleColumns, Candidate, Comparisons, Encoder, Engine, Found, Mask
from semsearch.ranking.confidence import least_of
from semsearch.ranking.folding import Folding
from semsearch.ranking.republishing import Republications
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


class Counting:
    """The articles of one selection, ready to be counted."""

    def __init__(
        self,
        selection: Selection,
        columns: Callable[[Sequence[str]], ArticleColumns],
        texts: _Texts,
        ranked: Callable[[], Iterator[Candidate]] | None,
        as_of: int,
        deadline: Deadline,
    ) -> None:
        """Take what a query found.

        Args:
            columns: returns all articles with some fields.
            ranked: yields the matching articles as a search ranks them; None: newest first.
            as_of: UTC second of the question.
            deadline: of the question.
        """
        self._selection, self._columns, self._texts = selection, columns, texts
        self._ranked, self._as_of, self._deadline = ranked, as_of, deadline
        self._republications = Republications(texts.earlier, texts.comparisons, texts.article)

    @classmethod
    def of_query(cls, query: Query, verdict: str, copies: str, engine: Engine, encoder: Callable[[], Encoder]) -> Self:
        """Select the articles that match a checked query at a verdict or better."""
        least_verdict = _choice(Verdict, verdict)
        least = max(query.min_confidence, least_of(least_verdict))
        wanted = replace(query, min_confidence=least, sort=Sort.RELEVANCE, group_by=GroupBy.ARTICLE, offset=0)
        answered, found = ranking(wanted, engine, encoder)
        kept = tuple(phrase for phrase in answered.phrases if phrase not in found.relaxed)
        notices = [*answered.notices, *_relaxed(found)]
        told = replace(answered, phrases=kept, min_confidence=query.min_confidence)
        counted = _choice(Copies, copies)
        selection = Selection(told, query.filters, least_verdict, counted, Count(0, 0), tuple(notices))
        as_of = query.as_of if isinstance(query.as_of, int) else now_seconds()
        return cls(selection, found.columns, found, found.ranked, as_of, found.deadline)

    @classmethod
    def of_all(cls, filters: Filters, copies: str, engine: Engine) -> Self:
        """Select every article that the filters allow."""
        as_of = now_seconds()
        resolved = conditions.resolved(filters, as_of)
        selection = Selection(None, resolved, Verdict.NONE, _choice(Copies, copies), Count(0, 0))
        texts = _Everything(engine, resolved)
        return cls(selection, lambda fields: engine.columns(resolved, fields), texts, None, as_of, Deadline(TIMEOUT))

    def facets(self, by: Sequence[str], limit: int | None) -> Facets:
        """Count by the values of fields; raises UsageError where there is no such field."""
        if isinstance(by, str):
            raise UsageError(f"by is a text: {by!r:.40}", 'write a list of fields: ["publisher", "section"]')
        for name in by:
            if name not in COLUMNS and not (name.startswith(_TAG_VALUES) and len(name) > len(_TAG_VALUES)):
                raise UsageError(f"unknown facet {name!r:.80}", f"use {', '.join(COLUMNS)}, or tag:KEY")
        if limit is not None and limit < 1:
            raise UsageError(f"limit is {limit}", "it is at least 1")
        columns, counted, selection = self._counted(by)
        return Facets(selection, {name: facet(columns, name, counted, limit) for name in dict.fromkeys(by)})

    def timeline(self, interval: str | None) -> Timeline:
        """Count over time."""
        columns, counted, selection = self._counted(())
        calendar = self._calendar(columns)
        chosen = calendar.interval() if interval is None else _choice(Interval, interval)
        bars, undated, imprecise = calendar.bars(counted, chosen)
        zone = zone_of(selection.filters)
        return Timeline(selection, chosen, str(zone), bars, undated, imprecise)

    def coverage(self) -> Coverage:
        """Say what the articles that the filters allow do not cover."""
        columns, _, _ = self._counted(["publisher"])
        return self._calendar(columns).coverage()

    def _calendar(self, columns: ArticleColumns) -> Calendar:
        filters = self._selection.filters
        since = filters.since if isinstance(filters.since, int) else None
        until = filters.until if isinstance(filters.until, int) else None
        return Calendar(columns, zone_of(filters), since, until, self._as_of)

    def _counted(self, fields: Sequence[str]) -> tuple[ArticleColumns, Mask, Selection]:
        """Return all articles, which of them count as matching, and what is said of both."""
        columns = self._columns(fields)
        if self._selection.filters.new_since is not None and not self._selection.filters.republished:
            new = columns.allowed.copy()
            for at in np.flatnonzero(new).tolist():
                self._deadline.check()
                new[at] = self._republications.of(_id(columns, at)) is None
            columns = replace(columns, allowed=new, matching=columns.matching & new)
        counted = columns.matching if self._selection.copies is Copies.ALL else self._once(columns)
        count = Count(int(counted.sum()), int(columns.allowed.sum()))
        return columns, counted, replace(self._selection, count=count)

    def _once(self, columns: ArticleColumns) -> Mask:
        """Mark the articles that a search shows: one of each family of copies."""
        places = {_id(columns, at): at for at in np.flatnonzero(columns.matching).tolist()}
        allowed = {_id(columns, at) for at in np.flatnonzero(columns.allowed).tolist()}
        ranked = self._ranked() if self._ranked else _newest_first(columns, places)

        def alike(ids: Sequence[str]) -> list[Sequence[str]]:
            return [[one for one in own if one in allowed] for own in self._texts.alike(ids)]

        folding = Folding(
            (one for one in ranked if one.article_id in places),
            alike,
            self._texts.comparisons,
            self._texts.article,
            places.__contains__,
            len(places),
            self._deadline,
        )
        counted = np.zeros_like(columns.matching)
        counted[[places[family.article_id] for family in folding.families()]] = True
        return counted


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
