"""Distributions of articles: counts by publisher, section, language and tag, over time, and what is missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from semsearch.text import counted
from semsearch.types.answers import Verdict
from semsearch.types.filters import Filters
from semsearch.types.queries import Query

if TYPE_CHECKING:
    import pandas as pd


class Copies(StrEnum):
    """How articles that carry the same text are counted."""

    ALL = "all"  # each of them
    ONCE = "once"  # only the one that a search shows


class Interval(StrEnum):
    """The length of one bar of a timeline."""

    DAY = "day"
    WEEK = "week"  # from Monday
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Count:
    """How many articles match, and how many the filters allow."""

    matching: int
    total: int  # every copy counts, except where texts are counted once without a query

    @property
    def share(self) -> float:
        """`matching` / `total`, from 0 to 1; 0 if there are none."""
        return self.matching / self.total if self.total else 0.0

    def to_dict(self) -> dict[str, object]:
        """Return the counts and their ratio as JSON values."""
        return {"matching": self.matching, "total": self.total, "share": round(self.share, 6)}


@dataclass(frozen=True, slots=True)
class Facet:
    """Counts by the values of one field."""

    values: Mapping[str, Count]  # most matching first
    omitted: int  # values beyond the limit
    without: Count  # articles without a value

    def to_dict(self) -> dict[str, object]:
        """Return one entry of `facets` as JSON values."""
        return {
            "values": [{"value": value, **count.to_dict()} for value, count in self.values.items()],
            "omitted": self.omitted,
            "without": self.without.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class Selection:
    """Which articles were counted."""

    query: Query | None  # as it was answered; None: every article that the filters allow
    filters: Filters  # resolved
    verdict: Verdict  # the lowest of a matching article
    copies: Copies
    count: Count
    notices: tuple[str, ...] = ()  # what was not counted as asked

    def to_dict(self) -> dict[str, object]:
        """Return the fields that facets and timelines have in common, as JSON values."""
        return {
            "query": self.query.text if self.query else None,
            "understood": self.query.understood() if self.query else {},
            "filters": self.filters.to_dict(),
            "verdict": self.verdict.value,
            "copies": self.copies.value,
            "notices": list(self.notices),
            **self.count.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class Facets:
    """Counts by the values of several fields."""

    selection: Selection
    by: Mapping[str, Facet]

    def __repr__(self) -> str:
        fields = ", ".join(f"{name} {len(facet.values):,}" for name, facet in self.by.items())
        return f"<Facets: {_counts(self.selection)}; values: {fields}>"

    def to_pandas(self) -> "pd.DataFrame":
        """Return one row for each value of each field, with the columns of CSV; None stands for articles without one.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        from semsearch.types.tables import facet_frame  # which no command needs

        return facet_frame(self)

    def to_dict(self) -> dict[str, object]:
        """Return the object that `facets --json` prints."""
        return {**self.selection.to_dict(), "facets": {name: facet.to_dict() for name, facet in self.by.items()}}


@dataclass(frozen=True, slots=True)
class Bar:
    """One interval of a timeline."""

    start: str  # its first day, "2024-05-01"
    count: Count
    complete: bool  # False if the interval has not ended, or the filters or the end of the articles cut it

    def to_dict(self) -> dict[str, object]:
        """Return one entry of `bars` as JSON values."""
        return {"start": self.start, **self.count.to_dict(), "complete": self.complete}


@dataclass(frozen=True, slots=True)
class Timeline:
    """Counts over time, without gaps: an interval without articles has a bar of zeros."""

    selection: Selection
    interval: Interval
    timezone: str  # of the days
    bars: tuple[Bar, ...]  # in order
    undated: Count
    imprecise: Count  # dated, but not to one interval: "2024" on a timeline of days

    def __repr__(self) -> str:
        span = f", {self.bars[0].start} to {self.bars[-1].start}" if self.bars else ""
        return f"<Timeline: {_counts(self.selection)}; {counted(len(self.bars), self.interval)}{span}>"

    def to_pandas(self) -> "pd.DataFrame":
        """Return one row for each interval, with the columns of CSV; `start` is datetime64, without a zone.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        from semsearch.types.tables import timeline_frame  # which no command needs

        return timeline_frame(self)

    def to_dict(self) -> dict[str, object]:
        """Return the object that `timeline --json` prints."""
        return {
            **self.selection.to_dict(),
            "interval": self.interval.value,
            "timezone": self.timezone,
            "bars": [bar.to_dict() for bar in self.bars],
            "undated": self.undated.to_dict(),
            "imprecise": self.imprecise.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the articles that filters allow do not cover."""

    articles: int
    undated: int
    words_only: int  # that the encoder cannot read, by its tokens (`legibility`): found by their words alone
    first: str | None  # the first day with an article, "2024-05-01"; None if no article is dated to the day
    last: str | None
    days: int  # from the first to the last
    days_without: int  # days in between without an article
    longest_gap: tuple[str, str] | None  # the first and last day of the longest run of days without an article
    publishers: int  # with an article in the whole index
    publishers_without: tuple[str, ...]  # without an article among these; those with most in the whole index first

    def to_dict(self) -> dict[str, object]:
        """Return the coverage as JSON values."""
        return {
            "articles": self.articles,
            "undated": self.undated,
            "words_only": self.words_only,
            "first": self.first,
            "last": self.last,
            "days": self.days,
            "days_without": self.days_without,
            "longest_gap": list(self.longest_gap) if self.longest_gap else None,
            "publishers": self.publishers,
            "publishers_without": list(self.publishers_without),
        }


def _counts(selection: Selection) -> str:
    return f"{selection.count.matching:,} of {counted(selection.count.total, 'article')}"
