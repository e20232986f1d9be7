"""Arrays of numbers: runs of whole ones, which are different, and how often; and the highest."""

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

_Whole = TypeVar("_Whole", bound=np.integer[Any])

_DENSE = 16
"""Numbers below a size are counted in an array where there is one in so many, and sorted where there are fewer."""


def spread(begins: Ints, counts: Ints) -> Ints:
    """Return `counts[i]` places from `begins[i]` on, one after the other."""
    ends = np.cumsum(counts)
    return np.asarray(np.arange(ends[-1] if ends.size else 0) + np.repeat(begins - ends + counts, counts))


def first_of_each(ascending: npt.NDArray[Any]) -> Ints:
    """Return where each different value of an ascending array begins."""
    return np.flatnonzero(np.append(True, ascending[1:] != ascending[:-1])[: len(ascending)])


def runs(ascending: Ints) -> tuple[Ints, Ints]:
    """Return the different values of an ascending array, and how often each stands there."""
    begins = first_of_each(ascending)
    return ascending[begins], np.diff(np.append(begins, len(ascending)))


def distinct(values: npt.NDArray[_Whole]) -> npt.NDArray[_Whole]:
    """Return the different values, ascending, faster than `np.unique`, of which the first call imports much."""
    ascending = np.sort(values)
    return ascending[first_of_each(ascending)]


def union(one: Ints, other: Ints) -> Ints:
    """Return the values of both, ascending, each once."""
    return distinct(np.concatenate([one, other]))


def without(values: Ints, others: Ints) -> Ints:
    """Return the values, ascending, that are not among others, ascending."""
    if not len(others):
        return values
    return np.asarray(values[others.take(others.searchsorted(values), mode="clip") != values])


def counted(values: Ints, size: int) -> tuple[Ints, Ints]:
    """Return the different ones of some values below a size, ascending, and how often each is there."""
    if size > _DENSE * len(values):
        return runs(np.sort(values))
    counts = np.bincount(values, minlength=1)
    different = np.flatnonzero(counts)
    return different, counts[different]


def highest(values: npt.NDArray[np.floating[Any]], count: int, block: int) -> npt.NDArray[np.int64]:
    """Return the places, ascending, of so many of the greatest values, or of all where there are no more.

    Args:
        block: so many values are looked through for their best one alone, at first: the best of blocks tell of most
            values that they are not among the greatest.
    """
    whole = len(values) // block * block
    best = values[:whole].reshape(-1, block).max(axis=1, initial=-np.inf)
    places = np.arange(len(values))
    if count * 2 < len(best):
        places = np.flatnonzero(values >= np.partition(best, len(best) - count)[len(best) - count])
        values = values[places]
    if count < len(values):
        places = np.sort(places[np.argpartition(values, len(values) - count)[len(values) - count :]])
    return places
