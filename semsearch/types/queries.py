"""Queries: the text, its conditions, and how the answer is ordered."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import wraps
from typing import Any, Self

from semsearch.types.filters import Bound, FilterArguments, Filters

TIMEOUT = 60.0
"""Seconds that a query may take by default: a hundred times what the slowest usual one takes."""


class Mode(StrEnum):
    """What ranks the passages."""

    HYBRID = "hybrid"  # meaning and words, with the whole article as evidence
    DENSE = "dense"  # cosine of the encoder's vectors
    LEXICAL = "lexical"  # BM25; no encoder is loaded


class GroupBy(StrEnum):
    """What `k` counts."""

    ARTICLE = "article"  # articles; copies of one text are one hit
    PASSAGE = "passage"
    COPIES = "copies"  # articles; every copy of a text is a hit of its own
    PUBLISHER = "publisher"  # publishers, each with its best article; articles without one form a group


class Sort(StrEnum):
    """The order of the hits."""

    RELEVANCE = "relevance"
    DATE = "date"  # newest first, undated last; without hits that are no match


def _accepting_old_name(init: Callable[..., None]) -> Callable[..., None]:
    """Let `init` accept `min_score`, the old name of `min_confidence`."""

    @wraps(init)
    def renamed(self: object, *args: Any, **kwargs: Any) -> None:
        if "min_score" in kwargs:
            warnings.warn("min_score is now min_confidence", DeprecationWarning, stacklevel=2)
            kwargs = {"min_confidence": kwargs.pop("min_score")} | kwargs
        init(self, *args, **kwargs)

    return renamed


@dataclass(frozen=True, slots=True)
class Query:
    """A query. `text` is plain text; `parse` reads the query language."""

    text: str  # what is searched by meaning and by words
    k: int = 10  # at least 1
    filters: Filters = field(default_factory=Filters)
    mode: Mode = Mode.HYBRID
    group_by: GroupBy = GroupBy.ARTICLE
    offset: int = 0  # how many of the best to leave out
    emphasise: bool = False  # find each hit's best sentence, which takes encoding the candidates
    phrases: tuple[str, ...] = ()  # a hit's article has all of them word for word, its passage or title at least one
    excluded: tuple[str, ...] = ()  # words and phrases that no hit's article has
    sort: Sort = Sort.RELEVANCE
    min_confidence: float = 0.0  # of a hit, 0 to 1
    nearest: bool = False  # where nothing has that confidence, answer with what is nearest; not with Sort.DATE
    recency: float | None = None  # days: a score halves with every so many days of an article's age
    as_of: Bound | None = None  # what ages and relative dates count back from; None: now
    explain: bool = False
    context: int = 0  # neighbouring passages on each side
    timeout: float | None = TIMEOUT  # seconds that the answer may take; None for as long as it takes
    count: bool = False  # also count the articles that match (`Answer.matches`)
    exact: bool = False  # score every passage of a very large index, which takes longer
    notices: tuple[str, ...] = ()  # what was not read as typed

    @classmethod
    def parse(cls, typed: str, **fields: Any) -> Self:
        """Read the query language: `"phrase"`, `-word`, `publisher:`, `since:` and the other operators.

        Args:
            fields: other fields; typed conditions replace those of `filters`, field by field.
        """
        from semsearch.types.grammar import parse  # takes longer to load than all other types

        understood = parse(typed)
        filters: Any = fields.pop("filters", None) or Filters()
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
            **fields,
        )

    def understood(self) -> dict[str, object]:
        """Return what is searched for: words, phrases, exclusions and recency, but not the filters."""
        understood: dict[str, object] = {"text": self.text}
        for name in ("phrases", "excluded"):
            if values := getattr(self, name):
                understood[name] = list(values)
        if self.recency is not None:
            understood["recency_days"] = self.recency
        return understood


class SearchArguments(FilterArguments, total=False):
    """The keyword arguments of `Index.search`: the fields of `Query` and `Filters`, except text and k."""

    mode: Mode | str
    group_by: GroupBy | str
    offset: int
    emphasise: bool
    phrases: Sequence[str]
    excluded: Sequence[str]
    sort: Sort | str
    min_confidence: float
    nearest: bool
    recency: float | None
    as_of: Bound | None
    explain: bool
    context: int
    timeout: float | None
    count: bool
    exact: bool


Query.__init__ = _accepting_old_name(Query.__init__)  # type: ignore[method-assign]
