"""Counts of articles by the values of a field, from columns of articles."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from semsearch.language_names import language_key
from semsearch.ports import ArticleColumns, Mask
from semsearch.text import author_key, name_key
from semsearch.types import Count, Facet

_Positions = npt.NDArray[np.int64]


def facet(columns: ArticleColumns, field: str, counted: Mask, limit: int | None) -> Facet:
    """Count articles by the values of a field.

    Values that filters do not tell apart ("AP" and "ap", "en" and "en-GB") are one value, with the name that most of
    the allowed articles use. Values that no allowed article has are left out.

    Args:
        field: one that the columns have.
        counted: (articles,), marks the articles that count as matching.
        limit: values to return; None for all.
    """
    values = merged(columns, field)
    counts = {name: _count(columns, positions, counted) for name, positions in values.items()}
    ranked = sorted(
        ((name, count) for name, count in counts.items() if count.total),
        key=lambda item: (-item[1].matching, -item[1].total, item[0].casefold(), item[0]),
    )
    has_value = np.zeros(len(columns.allowed), dtype=np.bool_)
    for positions in values.values():
        has_value[positions] = True
    without = Count(int((counted & ~has_value).sum()), int((columns.allowed & ~has_value).sum()))
    shown = ranked if limit is None else ranked[:limit]
    return Facet(dict(shown), len(ranked) - len(shown), without)


def key_of(field: str) -> Callable[[str], str]:
    """Return the function that gives the keys by which filters compare the values of a field."""
    return {"language": language_key, "author": author_key}.get(field, name_key)


def _count(columns: ArticleColumns, positions: _Positions, counted: Mask) -> Count:
    return Count(int(counted[positions].sum()), int(columns.allowed[positions].sum()))


def merged(columns: ArticleColumns, field: str) -> Mapping[str, _Positions]:
    """Return the positions of articles, each once, by the values of a field that filters tell apart."""
    fold = key_of(field)
    spellings: dict[str, list[str]] = {}
    positions_of = columns.values(field)
    for value in positions_of:
        spellings.setdefault(fold(value), []).append(value)
    merged_positions = {}
    for folded, names in spellings.items():
        name, positions = names[0], positions_of[names[0]]
        if len(names) > 1:
            name = _commonest(columns, names, positions_of)
            positions = np.unique(np.concatenate([positions_of[spelling] for spelling in names]))
        merged_positions[folded if field == "language" else name] = positions
    return merged_positions


def _commonest(columns: ArticleColumns, names: Sequence[str], positions_of: Mapping[str, _Positions]) -> str:
    return min(names, key=lambda name: (-int(columns.allowed[positions_of[name]].sum()), name))
