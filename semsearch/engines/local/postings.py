"""Which passages, or articles, have a word, and how often: a number each, in the order of units."""

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
"""A posting is a unit, how often it has the word, and of which class its length is, in one number: the latter two are
its code. A count of so many or more is looked up elsewhere."""

MOST_UNITS = 1 << 32 - CODE_BITS
"""Of postings: there are no greater numbers."""

CLASSES = 1 << CLASS_BITS

UNBOUNDED = MANY << CLASS_BITS
"""A code that says no less than any other."""


class Postings(NamedTuple):
    """Which units of one segment have something, ascending and each once, and how often."""

    packed: Packed
    first: int = 0  # position of the first of them where `many` counts from
    many: Packed = np.zeros((0, 2), dtype=np.uint32)

    @property
    def units(self) -> Packed:
        """(n,): passages, or articles."""
        return np.asarray(self.packed >> CODE_BITS)

    def units_below(self, size: int) -> Ints:
        """Return the same as integers of 64 bits; raises IndexDamagedError where one is not below a size."""
        units = np.right_shift(self.packed, CODE_BITS, dtype=np.int64)
        if units.size and units.max() >= size:
            raise damaged("postings")
        return units

    @property
    def codes(self) -> Packed:
        """(n,): of each, a number below 256 (`code_counts`, `code_lengths`)."""
        return np.asarray(self.packed & _CODE)

    def counts(self) -> Ints:
        """Return (n,): how often each of the units has it."""
        return self._counts(np.arange(len(self.packed)), self.packed)

    def found_at(self, keys: Packed) -> tuple[Ints, Ints]:
        """Return which of some units, by their places in `keys`, have it, and how often.

        Args:
            keys: units as `unit_keys` returns them, ascending and each once.
        """
        if len(self.packed) <= len(keys):
            own = self.packed & ~np.uint32(_CODE)
            at = keys.searchsorted(own)
            having = np.flatnonzero(keys.take(at, mode="clip") == own) if len(own) else at
            return at[having], self._counts(having, self.packed[having])
        at = self.packed.searchsorted(keys)
        values = self.packed.take(at, mode="clip")
        having = np.flatnonzero((values ^ keys) <= _CODE)
        return having, self._counts(at[having], values[having])

    def _counts(self, at: Ints, values: Packed) -> Ints:
        counts = (values >> CLASS_BITS & MANY).astype(np.int64)
        if len(self.many) and (many := np.flatnonzero(counts == MANY)).size:
            places = np.minimum(np.searchsorted(self.many[:, 0], at[many] + self.first), len(self.many) - 1)
            counts[many] = self.many[places, 1]
        return counts


def unit_keys(units: Ints) -> Packed:
    """Return what units are looked up by in postings."""
    return (units << CODE_BITS).astype(np.uint32)


NOTHING = Postings(np.zeros(0, dtype=np.uint32))


def united(parts: Sequence[Postings], of_both: np.ufunc) -> Postings:
    """Return what has any of several things.

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
    """Return what several things have in one segment, one after the other: units, and how often each has it.

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
        firsts: the unit there at which the units of each segment begin.
    """
    many, begin = [np.zeros((0, 2), dtype=np.uint32)], 0
    for part in parts:
        own = part.many[slice(*np.searchsorted(part.many[:, 0], [part.first, part.first + len(part.packed)]))]
        many.append(own + np.array([begin - part.first, 0], dtype=np.int64).astype(np.uint32))  # modulo 2**32
        begin += len(part.packed)
    own_packed = [part.packed + np.uint32(first << CODE_BITS) for part, first in zip(parts, firsts, strict=True)]
    return Postings(np.concatenate([NOTHING.packed, *own_packed]), 0, np.concatenate(many))


def packed(units: npt.NDArray[Any], counts: Ints) -> Postings:
    """Return postings of units, ascending and each once."""
    at = np.flatnonzero(counts >= MANY)
    many = np.stack([at, counts[at]], axis=1).astype(np.uint32)
    codes = np.minimum(counts, MANY) << CLASS_BITS  # of the shortest, for all that is known here
    return Postings((units.astype(np.int64) << CODE_BITS | codes).astype(np.uint32), 0, many)


def code_counts() -> Floats:
    """Return (256,): how often a posting of each code has its word at most."""
    counts = np.arange(1 << CODE_BITS) >> CLASS_BITS
    return np.where(counts < MANY, counts, 1 << 32).astype(np.float64)  # than which no count is greater


def code_lengths(classes: Ints) -> Ints:
    """Return (256,): how long a unit of each code is at least.

    Args:
        classes: (16,), the least length of each class.
    """
    return np.tile(classes, MANY + 1)
