"""Columns of articles -> counts by the values of a field."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from semsearch.language_names import language_key
from semsearch.ports import ArticleColumns, Mask
from semsearch.text import name_key
from semsearch.types import Count, Facet

_Positions = npt.NDArray[np.int64]


def facet(columns: ArticleColumns, field: str, counted: Mask, limit: int | None) -> Facet:
    """Count articles by the values of a field.

    Values that filters do not tell apart ("AP" and "ap", "en" and "en-GB") are one, named as most of the articles
    that the filters allow have it. Values that none of those articles has are left out.

    Args:
        field: one that the columns have.
        counted: (articles,), the articles that count as matching.
        limit: values to return; None for all.
    """
    values = merged(columns, field)
    counts = {name: _count(columns, positions, counted) for name, positions in values.items()}
    ranked = sorted(
        ((name, count) for name, count in counts.items() if count.total),
        key=lambda item: (-item[1].matching, -item[1].total, item[0].casefold(), item[0]),
    )
    having = np.zeros(len(columns.allowed), dtype=np.bool_)
    for positions in values.values():
        having[positions] = True
    without = Count(int((counted & ~having).sum()), int((columns.allowed & ~having).sum()))
    kept = ranked if limit is None else ranked[:limit]
    return Facet(dict(kept), len(ranked) - len(kept), without)


def _count(columns: ArticleColumns, positions: _Positions, counted: Mask) -> Count:
    return Count(int(counted[positions].sum()), int(columns.allowed[positions].sum()))


def merged(columns: ArticleColumns, field: str) -> Mapping[str, _Positions]:
    """Return the positions of articles, each once, by what filters tell apart of a field's values."""
    fold: Callable[[str], str] = language_key if field == "language" else name_key
    spellings: dict[str, list[str]] = {}
    own = columns.values(field)
    for value in own:
        spellings.setdefault(fold(value), []).append(value)
    found = {}
    for folded, names in spellings.items():
        name = names[0] if len(names) == 1 else _commonest(columns, names, own)
        if field == "language":
            name = folded
        found[name] = own[names[0]] if len(names) == 1 else np.unique(np.concatenate([own[one] for one in names]))
    return found


def _commonest(columns: ArticleColumns, names: Sequence[str], own: Mapping[str, _Positions]) -> str:
    return min(names, key=lambda name: (-int(columns.allowed[own[name]].sum()), name))
