"""Arrays of numbers: runs of whole numbers, different values and their counts, and the indexes of the highest."""

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

_Whole = TypeVar("_Whole", bound=np.integer[Any])

_DENSE = 16
"""Numbers are counted in an array if it has at most this many entries for each of them, and by sorting otherwise."""


def spread(begins: Ints, counts: Ints) -> Ints:
    """Return for each i the `counts[i]` numbers from `begins[i]` on, one run after the other."""
    ends = np.cumsum(counts)
    return np.asarray(np.arange(ends[-1] if ends.size else 0) + np.repeat(begins - ends + counts, counts))


def first_of_each(ascending: npt.NDArray[Any]) -> Ints:
    """Return where each different value of an ascending array begins."""
    return np.flatnonzero(np.append(True, ascending[1:] != ascending[:-1])[: len(ascending)])


def runs(ascending: Ints) -> tuple[Ints, Ints]:
    """Return the different values of an ascending array, and how often each occurs."""
    begins = first_of_each(ascending)
    return ascending[begins], np.diff(np.append(begins, len(ascending)))


def distinct(values: npt.NDArray[_Whole]) -> npt.NDArray[_Whole]:
    """Return the different values, ascending; `np.unique` is slower, and its first call imports much."""
    ascending = np.sort(values)
    return ascending[first_of_each(ascending)]


def union(left: Ints, right: Ints) -> Ints:
    """Return the values of both, ascending, each once."""
    return distinct(np.concatenate([left, right]))


def among(values: npt.NDArray[_Whole], wanted: npt.NDArray[_Whole]) -> npt.NDArray[np.bool_]:
    """Mark the values that are among wanted ones, ascending; `np.isin` sorts, or hashes, both."""
    if not len(wanted):
        return np.zeros(len(values), dtype=np.bool_)
    return np.asarray(wanted.take(wanted.searchsorted(values), mode="clip") == values)


def without(values: Ints, excluded: Ints) -> Ints:
    """Return the values that are not among excluded ones, ascending."""
    return values[~among(values, excluded)] if len(excluded) else values


def value_counts(values: Ints, size: int, least: int = 1) -> tuple[Ints, Ints]:
    """Return the values that occur at least so often, ascending, and how often each occurs; all are below a size."""
    if size > _DENSE * len(values):
        different, counts = runs(np.sort(values))
        is_often = counts >= least
        return different[is_often], counts[is_often]
    counts = np.bincount(values, minlength=1)
    different = np.flatnonzero(counts >= least)
    return different, counts[different]


def highest(values: npt.NDArray[np.floating[Any]], count: int, block: int) -> npt.NDArray[np.int64]:
    """Return the indexes, ascending, of the `count` greatest values, or of all where there are no more.

    Args:
        block: values are first looked at in blocks of this size. The greatest values of the blocks rule out most
            values without any sorting.
    """
    covered = len(values) // block * block
    best = values[:covered].reshape(-1, block).max(axis=1, initial=-np.inf)
    indexes = np.arange(len(values))
    if count * 2 < len(best):
        indexes = np.flatnonzero(values >= np.partition(best, len(best) - count)[len(best) - count])
        values = values[indexes]
    if count < len(values):
        indexes = np.sort(indexes[np.argpartition(values, len(values) - count)[len(values) - count :]])
    return indexes
