"""Filters of articles. A filter by names is one entry of `Filters`: options, operators and JSON follow from it."""

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, fields
from datetime import UTC, date, tzinfo
from typing import Any, Literal, NamedTuple, TypedDict

from semsearch.types.articles import iso_seconds

Bound = str | int | float | date
"""A time as bounds.py reads it: a text, a `date` or `datetime`, or UTC seconds; also those of pandas (a `Period`, too)
and NumPy."""


Undated = bool | Literal["only"]
"""Articles without a date: include them, leave them out, or show only them."""

UNDATED: Mapping[str, Undated] = {"include": True, "exclude": False, "only": "only"}
"""Values by the words that the option and JSON use."""


class NameFilter(NamedTuple):
    """A filter that any of several names satisfies."""

    field: str  # name in `Filters`, in Python's arguments and in JSON: "publishers"
    singular: str  # name of the option, in messages and in the query language: "publisher"
    help: str  # of the option
    metavar: str
    operators: tuple[str, ...]  # in the query language, the usual one first; empty if there is only the option
    columns: tuple[str, ...]  # of `ports.ArticleColumns`, which have the names


def _names(
    singular: str,
    help_text: str,
    *columns: str,
    metavar: str = "NAME",
    operators: tuple[str, ...] = (),
) -> Any:
    values = (singular, help_text, metavar, operators, columns)
    return field(default=frozenset(), metadata=dict(zip(NameFilter._fields[1:], values, strict=True)))


@dataclass(frozen=True, slots=True)
class Filters:
    """Conditions for articles: all of them have to hold, and any value of one is enough.

    Names are compared as people read them (`text.name_key`): neither case nor the kind of an apostrophe counts, nor a
    title before an author's whole name. The language "en-GB" is "en". A date matches if the article's interval overlaps
    `[since, until)`; a `datetime` stands for its second, a `date` for its day.
    """

    publishers: AbstractSet[str] = _names(
        "publisher",
        "An outlet, by name or domain.",
        "publisher",
        "domain",
        operators=("publisher", "outlet", "source"),
    )
    authors: AbstractSet[str] = _names("author", "An author.", "author", operators=("author",))
    languages: AbstractSet[str] = _names(
        "language",
        "A language: en, en-GB, English.",
        "language",
        metavar="TAG",
        operators=("language", "lang"),
    )
    sections: AbstractSet[str] = _names(
        "section", "A section, as the source names it.", "section", operators=("section",)
    )
    origins: AbstractSet[str] = _names(
        "origin",
        "A file, by name, folder or pattern: report.pdf, 2024/*.txt.",
        "origin",
        metavar="PATTERN",
    )  # patterns as origins.py reads them
    tags: AbstractSet[tuple[str, str]] = frozenset()  # (key, value); keys are all required, values of one key any
    since: Bound | None = None  # inclusive
    until: Bound | None = None  # including all of the day, month or year that it names; UTC seconds are exclusive
    undated: Undated | None = None  # None: articles without a date are excluded only if there is a condition on dates
    new_since: Bound | None = None  # as `since`, for the date of indexing
    republished: bool = False  # with new_since: also articles that only repeat a text that was indexed before
    timezone: tzinfo | str = UTC  # of days, and of times that name no zone

    def to_dict(self) -> dict[str, object]:
        """Return the conditions that are set, as JSON values; instants as UTC ISO 8601."""
        conditions: dict[str, object] = {}
        for by_name in NAME_FILTERS:
            if values := getattr(self, by_name.field):
                conditions[by_name.field] = sorted(values)
        if self.tags:
            conditions["tags"] = sorted(f"{key}={value}" for key, value in self.tags)
        for name in ("since", "until", "new_since"):
            if (bound := getattr(self, name)) is not None:
                conditions[name] = iso_seconds(bound) if isinstance(bound, int) else str(bound)
        if conditions.keys() & {"since", "until"} and self.timezone is not UTC:
            conditions["timezone"] = str(self.timezone)
        if self.undated is not None:
            words = {undated: word for word, undated in UNDATED.items()}
            conditions["undated"] = words.get(self.undated, str(self.undated))
        if self.republished:
            conditions["republished"] = "include"
        return conditions


NAME_FILTERS = tuple(NameFilter(entry.name, **entry.metadata) for entry in fields(Filters) if entry.metadata)
"""In the order in which the help lists them."""

FILTER_NAMES = tuple(entry.name for entry in fields(Filters))

Names = str | Collection[str]
Tags = Mapping[str, Names] | Collection[tuple[str, str] | str] | str
"""`{"topic": "tax"}`, `[("topic", "tax")]` or `"topic=tax"`."""


class FilterArguments(TypedDict, total=False):
    """The fields of `Filters` as keyword arguments: one value or several, None for no condition."""

    publishers: Names | None
    authors: Names | None
    languages: Names | None
    sections: Names | None
    origins: Names | None
    tags: Tags | None
    since: Bound | None
    until: Bound | None
    undated: Undated | None
    new_since: Bound | None
    republished: bool | None
    timezone: tzinfo | str | None
