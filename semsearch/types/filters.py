"""Which articles may be shown. Every filter by name is one line of `Filters`: options, operators and JSON follow it."""

from collections.abc import Callable, Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, fields
from datetime import UTC, date, tzinfo
from typing import Any, Literal, NamedTuple, TypedDict

from semsearch.types.articles import Metadata, iso_seconds

Bound = str | int | float | date
"""A time as bounds.py reads it: a text, a `date` or `datetime`, or UTC seconds; pandas' and NumPy's, too."""


Undated = bool | Literal["only"]
"""Of articles without a date: include them, leave them out, or show them alone."""

UNDATED: Mapping[str, Undated] = {"include": True, "exclude": False, "only": "only"}
"""By the words of the option and of JSON."""


class NameFilter(NamedTuple):
    """A filter that any of several names satisfies."""

    field: str  # of `Filters`, of Python's arguments and of JSON: "publishers"
    singular: str  # of the option, of messages and of the query language: "publisher"
    help: str  # of the option
    metavar: str
    operators: tuple[str, ...]  # in the query language, the usual one first; none where only the option exists
    names_of: Callable[[Metadata], Iterable[str | None]]  # what an article may be found by


def _names(
    singular: str,
    help_text: str,
    names_of: Callable[[Metadata], Iterable[str | None]],
    *,
    metavar: str = "NAME",
    operators: tuple[str, ...] = (),
) -> Any:
    described = (singular, help_text, metavar, operators, names_of)
    return field(default=frozenset(), metadata=dict(zip(NameFilter._fields[1:], described, strict=True)))


@dataclass(frozen=True, slots=True)
class Filters:
    """Which articles may be shown: all named conditions hold, any value of one is enough.

    Names compare as they read (`text.name_key`): neither case nor the kind of an apostrophe counts. Languages compare
    by what they name ("en-GB" is "en"). A date matches where the article's interval meets `[since, until)`; a
    `datetime` names its second, a `date` its day.
    """

    publishers: AbstractSet[str] = _names(
        "publisher",
        "An outlet, by name or domain.",
        lambda article: (article.publisher, *article.tags.get("domain", ())),
        operators=("publisher", "outlet", "source"),
    )
    authors: AbstractSet[str] = _names("author", "An author.", lambda article: article.authors, operators=("author",))
    languages: AbstractSet[str] = _names(
        "language",
        "A language: en, en-GB, English.",
        lambda article: (article.language,),
        metavar="TAG",
        operators=("language", "lang"),
    )
    sections: AbstractSet[str] = _names(
        "section", "A section, as the source names it.", lambda article: (article.section,), operators=("section",)
    )
    origins: AbstractSet[str] = _names(
        "origin",
        "A file, by name, folder or pattern: report.pdf, 2024/*.txt.",
        lambda article: (article.origin,),
        metavar="PATTERN",
    )  # patterns as origins.py reads them
    tags: AbstractSet[tuple[str, str]] = frozenset()  # (key, value); keys are all required, values of one key any
    since: Bound | None = None  # inclusive
    until: Bound | None = None  # with the whole unit that it names; as UTC seconds exclusive
    undated: Undated | None = None  # None: articles without a date are excluded only where a date is asked for
    new_since: Bound | None = None  # of the date of indexing: as `since`
    republished: bool = False  # with new_since: also what only carries a text again that was indexed before
    timezone: tzinfo | str = UTC  # whose days count, and whose clock a time without a zone is read from

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


NAME_FILTERS = tuple(NameFilter(each.name, **each.metadata) for each in fields(Filters) if each.metadata)
"""In the order in which they are offered."""

FILTER_NAMES = tuple(each.name for each in fields(Filters))

Names = str | Collection[str]
Tags = Mapping[str, Names] | Collection[tuple[str, str] | str] | str
"""`{"topic": "tax"}`, `[("topic", "tax")]` or `"topic=tax"`."""


class FilterArguments(TypedDict, total=False):
    """What `Filters` has, as keyword arguments: one value or several, None for no condition."""

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
