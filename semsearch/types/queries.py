"""What is asked: a query, its filters, and how its answer is to be ordered."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import wraps
from typing import Any, Self

from semsearch.types.filters import Bound, FilterArguments, Filters

TIMEOUT = 60.0
"""Seconds that a query may take unless it says otherwise: a hundred times what the slowest usual one takes."""


class Mode(StrEnum):
    """What ranks the passages."""

    HYBRID = "hybrid"  # by meaning and by words, with the whole article as evidence
    DENSE = "dense"  # cosine of the encoder's vectors
    LEXICAL = "lexical"  # BM25; no encoder is loaded


class GroupBy(StrEnum):
    """What `k` counts."""

    ARTICLE = "article"  # articles; copies of one text are one hit
    PASSAGE = "passage"
    COPIES = "copies"  # articles, every copy of a text a hit of its own
    PUBLISHER = "publisher"  # publishers, each with its best article; articles of none are one group


class Sort(StrEnum):
    """In which order hits come."""

    RELEVANCE = "relevance"
    DATE = "date"  # newest first, undated last; of what is no match nothing is shown


def _by_its_old_name(init: Callable[..., None]) -> Callable[..., None]:
    """Let `min_score` stand for `min_confidence`, as it was called."""

    @wraps(init)
    def renamed(self: object, *given: Any, **named: Any) -> None:
        if "min_score" in named:
            warnings.warn("min_score is now min_confidence", DeprecationWarning, stacklevel=2)
            named = {"min_confidence": named.pop("min_score")} | named
        init(self, *given, **named)

    return renamed


@dataclass(frozen=True, slots=True)
class Query:
    """One question to an index. `text` is plain; `parse` reads what a person types."""

    text: str  # what is searched by meaning and by words
    k: int = 10  # at least 1
    filters: Filters = field(default_factory=Filters)
    mode: Mode = Mode.HYBRID
    group_by: GroupBy = GroupBy.ARTICLE
    offset: int = 0  # how many of the best to leave out
    emphasise: bool = False  # find each hit's best sentence, at the price of encoding the candidates
    phrases: tuple[str, ...] = ()  # a hit's article has all of them word for word, its passage one (or the title)
    excluded: tuple[str, ...] = ()  # words and phrases that no hit's article has
    sort: Sort = Sort.RELEVANCE
    min_confidence: float = 0.0  # of a hit, 0 to 1
    recency: float | None = None  # half-life in days: a score halves with so much of an article's age
    as_of: Bound | None = None  # what ages and relative dates count back from; None: now
    explain: bool = False
    context: int = 0  # neighbouring passages on each side
    timeout: float | None = TIMEOUT  # seconds that the answer may take; None for as long as it takes
    count: bool = False  # also count the articles that match (`Answer.matches`)
    exact: bool = False  # look at every passage of a very large index, which takes longer
    notices: tuple[str, ...] = ()  # what was not taken as it was typed

    @classmethod
    def parse(cls, typed: str, **given: Any) -> Self:
        """Read the query language: `"phrase"`, `-word`, `publisher:`, `since:` and the other operators.

        Args:
            given: other fields; conditions that were typed replace those of `filters`, field by field.
        """
        from semsearch.types.grammar import parse  # takes longer to load than all other types

        understood = parse(typed)
        filters: Any = given.pop("filters", None) or Filters()
        typed_conditions: dict[str, Any] = {name: frozenset(values) for name, values in understood.names.items()}
        if understood.tags:
            typed_conditions["tags"] = frozenset(understood.tags)
        dates: dict[str, Any] = {
            name: bound for name in ("since", "until") if (bound := getattr(understood, name)) is not None
        }
        conditions = typed_conditions | dates
        filters = replace(filters, **conditions) if isinstance(filters, Filters) else {**filters, **conditions}
        return cls(
            understood.text,
            filters=filters,
            phrases=understood.phrases,
            excluded=understood.excluded,
            notices=understood.notices,
            **given,
        )

    def understood(self) -> dict[str, object]:
        """Return what the answer is to: words, phrases, exclusions; filters are told apart."""
        understood: dict[str, object] = {"text": self.text}
        for name in ("phrases", "excluded"):
            if values := getattr(self, name):
                understood[name] = list(values)
        if self.recency is not None:
            understood["recency_days"] = self.recency
        return understood


class SearchArguments(FilterArguments, total=False):
    """The keyword arguments of `Index.search`: what `Query` and its `Filters` have, except text and k."""

    mode: Mode | str
    group_by: GroupBy | str
    offset: int
    emphasise: bool
    phrases: Sequence[str]
    excluded: Sequence[str]
    sort: Sort | str
    min_confidence: float
    recency: float | None
    as_of: Bound | None
    explain: bool
    context: int
    timeout: float | None
    count: bool
    exact: bool


Query.__init__ = _by_its_old_name(Query.__init__)  # type: ignore[method-assign]
