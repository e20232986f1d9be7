"""What is asked: a query, its filters, and how its answer is to be ordered."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

from semsearch.types.articles import iso_seconds
from semsearch.types.grammar import parse


class Mode(StrEnum):
    """What ranks the passages."""

    HYBRID = "hybrid"  # by meaning and by words, with the whole article as evidence
    DENSE = "dense"  # cosine of the encoder's vectors
    LEXICAL = "lexical"  # BM25; no encoder is loaded


class GroupBy(StrEnum):
    """What `k` counts."""

    ARTICLE = "article"  # articles; copies of one text are one hit
    PASSAGE = "passage"
    COPIES = "copies"  # articles, every copy of a text by itself


class Sort(StrEnum):
    """In which order hits come."""

    RELEVANCE = "relevance"
    DATE = "date"  # newest first, undated last; of what is no match nothing is shown


@dataclass(frozen=True, slots=True)
class Filters:
    """Which articles may be shown: all named conditions hold, any value of one is enough.

    Names compare without regard to case. A date matches where the article's interval
    meets `[since, until)`.
    """

    publishers: AbstractSet[str] = frozenset()  # an outlet's name or its domain
    authors: AbstractSet[str] = frozenset()
    languages: AbstractSet[str] = frozenset()
    sections: AbstractSet[str] = frozenset()
    tags: AbstractSet[tuple[str, str]] = frozenset()  # (key, value); keys are all required, values of one key any
    since: str | int | None = None  # as bounds.py reads it, or UTC seconds, inclusive
    until: str | int | None = None  # the same; seconds are exclusive
    undated: bool | None = None  # None: articles without a date are excluded only where a date is asked for
    new_since: str | int | None = None  # of the date of indexing: as `since`
    republished: bool = False  # with new_since: also what only carries a text again that was indexed before

    def to_dict(self) -> dict[str, object]:
        """Return the conditions that are set, as JSON values; instants as UTC ISO 8601."""
        found: dict[str, object] = {}
        for name in ("publishers", "authors", "languages", "sections"):
            if values := getattr(self, name):
                found[name] = sorted(values)
        if self.tags:
            found["tags"] = sorted(f"{key}={value}" for key, value in self.tags)
        for name in ("since", "until", "new_since"):
            if (bound := getattr(self, name)) is not None:
                found[name] = iso_seconds(bound) if isinstance(bound, int) else bound
        if self.undated is not None:
            found["undated"] = "include" if self.undated else "exclude"
        if self.republished:
            found["republished"] = "include"
        return found


@dataclass(frozen=True, slots=True)
class Query:
    """One question to an index. `text` is plain; `parse` reads what a person types."""

    text: str  # what is searched by meaning and by words
    k: int = 10  # at least 1
    filters: Filters = Filters()
    mode: Mode = Mode.HYBRID
    group_by: GroupBy = GroupBy.ARTICLE
    offset: int = 0  # how many of the best to leave out
    emphasise: bool = False  # find each hit's best sentence, at the price of encoding the candidates
    phrases: tuple[str, ...] = ()  # a hit's article has all of them word for word, its passage one (or the title)
    excluded: tuple[str, ...] = ()  # words and phrases that no hit's article has
    sort: Sort = Sort.RELEVANCE
    min_score: float = 0.0  # least confidence of a hit, 0 to 1
    recency: float | None = None  # half-life in days: a score halves with so much of an article's age
    as_of: int | None = None  # UTC seconds that ages and relative dates count back from; None: now
    explain: bool = False
    context: int = 0  # neighbouring passages on each side
    notices: tuple[str, ...] = ()  # what was not taken as it was typed

    @classmethod
    def parse(cls, typed: str, **given: Any) -> Self:
        """Read the query language: `"phrase"`, `-word`, `publisher:`, `since:` and the other operators (README).

        Args:
            given: other fields; conditions that were typed replace those of `filters`, field by field.
        """
        understood = parse(typed)
        filters: Filters = given.pop("filters", Filters())
        typed_conditions: dict[str, Any] = {
            name: frozenset(values)
            for name in ("publishers", "authors", "sections", "languages", "tags")
            if (values := getattr(understood, name))
        }
        dates: dict[str, Any] = {
            name: bound for name in ("since", "until") if (bound := getattr(understood, name)) is not None
        }
        return cls(
            understood.text,
            filters=replace(filters, **typed_conditions, **dates),
            phrases=understood.phrases,
            excluded=understood.excluded,
            notices=understood.notices,
            **given,
        )

    def understood(self) -> dict[str, object]:
        """Return what the answer is to: words, phrases, exclusions; filters are told apart."""
        found: dict[str, object] = {"text": self.text}
        for name in ("phrases", "excluded"):
            if values := getattr(self, name):
                found[name] = list(values)
        if self.recency is not None:
            found["recency_days"] = self.recency
        return found
