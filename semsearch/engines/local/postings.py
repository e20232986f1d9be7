"""Which units (passages, or articles) have a word, and how often: one number for each unit, in their order."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from semsearch.engines.local.arrays import damaged
from semsearch.engines.local.runs import Ints, first_of_each
from semsearch.ports import Floats

Packed = npt.NDArray[np.uint32]

CODE_BITS, CLASS_BITS = 8, 4

_CODE = (1 << CODE_BITS) - 1

MANY = (1 << CODE_BITS - CLASS_BITS) - 1
"""A posting is one number made of the unit and a code: how often the unit has the word, and its length class. A count
of this many or more is kept elsewhere."""

MOST_UNITS = 1 << 32 - CODE_BITS
"""Units in postings are below this."""

CLASSES = 1 << CLASS_BITS

UNBOUNDED = MANY << CLASS_BITS
"""A code whose bound is no lower than that of any other code."""


class Postings(NamedTuple):
    """The units of one segment that have a word, ascending and each once, and how often each has it."""

    packed: Packed
    first: int = 0  # the position in `large_counts` that stands for the first posting
    large_counts: Packed = np.zeros((0, 2), dtype=np.uint32)  # (n, 2): a position, and a count of MANY or more there

    @property
    def units(self) -> Packed:
        """(n,): the units."""
        return np.asarray(self.packed >> CODE_BITS)

    def units_below(self, size: int) -> Ints:
        """Return the units as integers of 64 bits; raises IndexDamagedError where one is not below a size."""
        units = np.right_shift(self.packed, CODE_BITS, dtype=np.int64)
        if units.size and units.max() >= size:
            raise damaged("postings")
        return units

    @property
    def codes(self) -> Packed:
        """(n,): the code of each posting, below 256 (`code_counts`, `code_lengths`)."""
        return np.asarray(self.packed & _CODE)

    def counts(self) -> Ints:
        """Return (n,): how often each unit has the word."""
        return self._counts(np.arange(len(self.packed)), self.packed)

    def look_up(self, keys: Packed) -> tuple[Ints, Ints]:
        """Return the indexes in `keys` of the units that have the word, and how often each has it.

        Args:
            keys: units as `unit_keys` returns them, ascending and each once.
        """
        if len(self.packed) <= len(keys):
            own_keys = self.packed & ~np.uint32(_CODE)
            positions = keys.searchsorted(own_keys)
            matches = np.flatnonzero(keys.take(positions, mode="clip") == own_keys) if len(own_keys) else positions
            return positions[matches], self._counts(matches, self.packed[matches])
        positions = self.packed.searchsorted(keys)
        values = self.packed.take(positions, mode="clip")
        matches = np.flatnonzero((values ^ keys) <= _CODE)
        return matches, self._counts(positions[matches], values[matches])

    def _counts(self, positions: Ints, values: Packed) -> Ints:
        counts = (values >> CLASS_BITS & MANY).astype(np.int64)
        if len(self.large_counts) and (large := np.flatnonzero(counts == MANY)).size:
            entries = np.searchsorted(self.large_counts[:, 0], positions[large] + self.first)
            counts[large] = self.large_counts[np.minimum(entries, len(self.large_counts) - 1), 1]
        return counts


def unit_keys(units: Ints) -> Packed:
    """Return the keys by which units are looked up in postings."""
    return (units << CODE_BITS).astype(np.uint32)


NOTHING = Postings(np.zeros(0, dtype=np.uint32))


def united(parts: Sequence[Postings], of_both: np.ufunc) -> Postings:
    """Return the postings of the units that have any of several words.

    Args:
        of_both: makes one count of two.
    """
    if len(parts) < 2:
        return parts[0] if parts else NOTHING
    units = np.concatenate([part.units for part in parts])
    order = np.argsort(units, kind="stable")
    units, counts = units[order], np.concatenate([part.counts() for part in parts])[order]
    begins = first_of_each(units)
    return packed(units[begins], of_both.reduceat(counts, begins) if begins.size else counts)


def units_and_counts(parts: Sequence[Postings], size: int) -> tuple[Ints, Ints]:
    """Return the postings of several words in one segment, one after the other: units, and how often each has the word.

    Raises:
        IndexDamagedError: a unit is not below the size.
    """
    together = Postings(np.concatenate([NOTHING.packed, *(part.packed for part in parts)]))
    units, counts = together.units_below(size), together.counts()
    if (counts == MANY).any():
        counts = np.concatenate([counts[:0], *(part.counts() for part in parts)])
    return units, counts


def end_to_end(parts: Sequence[Postings], firsts: Sequence[int]) -> Postings:
    """Return postings of several segments as those of one, of less than MOST_UNITS units.

    Args:
        firsts: the unit in the result at which the units of each segment begin.
    """
    large_counts, begin = [np.zeros((0, 2), dtype=np.uint32)], 0
    for part in parts:
        bounds = np.searchsorted(part.large_counts[:, 0], [part.first, part.first + len(part.packed)])
        shift = np.array([begin - part.first, 0], dtype=np.int64).astype(np.uint32)  # modulo 2**32
        large_counts.append(part.large_counts[slice(*bounds)] + shift)
        begin += len(part.packed)
    moved = [part.packed + np.uint32(first << CODE_BITS) for part, first in zip(parts, firsts, strict=True)]
    return Postings(np.concatenate([NOTHING.packed, *moved]), 0, np.concatenate(large_counts))


def packed(units: npt.NDArray[Any], counts: Ints) -> Postings:
    """Return postings of units, ascending and each once, with their counts."""
    positions = np.flatnonzero(counts >= MANY)
    large_counts = np.stack([positions, counts[positions]], axis=1).astype(np.uint32)
    codes = np.minimum(counts, MANY) << CLASS_BITS  # in the class of the shortest, since lengths are not known here
    return Postings((units.astype(np.int64) << CODE_BITS | codes).astype(np.uint32), 0, large_counts)


def code_counts() -> Floats:
    """Return (256,): how often a unit whose posting has each code has the word at most."""
    counts = np.arange(1 << CODE_BITS) >> CLASS_BITS
    return np.where(counts < MANY, counts, 1 << 32).astype(np.float64)  # no count is greater


def code_lengths(classes: Ints) -> Ints:
    """Return (256,): how long a unit whose posting has each code is at least.

    Args:
        classes: (16,), the least length of each class.
    """
    return np.tile(classes, MANY + 1)
