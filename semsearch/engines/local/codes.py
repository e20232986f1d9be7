"""Vectors as whole numbers of eight bits: a quarter of the bytes to read, with a known bound of a product's error.

The only module that knows SimSIMD, which multiplies such numbers as fast as memory delivers them.
"""

from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
import simsimd

from semsearch.engines.local.arrays import Stored, damaged
from semsearch.ports import Vector

Numbers = npt.NDArray[np.int8]
Rough = npt.NDArray[np.float32]

_MOST = 127
_LARGEST = 1.0
"""No vector of about unit length has a larger step or a larger error."""

_AT_ONCE = 1 << 14
"""Vectors that are coded at once."""

_ROUNDING = 1e-5
"""Above the error of computing with float32."""


class Codes(NamedTuple):
    """The coded vectors of one segment."""

    numbers: Numbers  # (n, dimensions): each row is a vector divided by its step, and rounded
    steps: npt.NDArray[np.float32]  # (n, 2): the step of each row, and the length of its rounding error

    def validated(self) -> Self:
        """Return these codes; raises IndexDamagedError where steps or errors cannot be those of unit vectors."""
        for column in self.steps.T:
            if column.size and not 0 <= column.min() <= column.max() <= _LARGEST:  # NaN fails, too
                raise damaged("codes of vectors")
        return self

    def stretch(self, begin: int, end: int) -> Self:
        """Return the codes of consecutive rows, without copying them."""
        return self._replace(numbers=self.numbers[begin:end], steps=self.steps[begin:end])

    @property
    def error(self) -> float:
        """By how much a product with a unit vector can be off, by the Cauchy-Schwarz inequality."""
        return float(self.steps[:, 1].max(initial=0))


class CodedQuery:
    """A query's vector, to be multiplied with codes."""

    def __init__(self, vector: Vector) -> None:
        numbers, steps = encoded(vector[np.newaxis])
        self._numbers, self._step = numbers, steps[0, 0]
        self.error = float(steps[0, 1])

    def products(self, codes: Codes, rows: npt.NDArray[np.int64] | None = None) -> Rough:
        """Return the products with all rows, or with some, (n,), each off by no more than `error_with` says."""
        numbers, steps = (codes.numbers, codes.steps) if rows is None else (codes.numbers[rows], codes.steps[rows])
        if not len(numbers):
            return np.zeros(0, dtype=np.float32)
        products: Rough = np.asarray(simsimd.cdist(self._numbers, numbers, metric="dot"), dtype=np.float32)[0]
        products *= steps[:, 0]
        products *= self._step
        return products

    def error_with(self, error: float) -> float:
        """Return by how much a product can be off with codes of this error."""
        return error + self.error * (1 + error) + _ROUNDING


def encoded(vectors: Stored) -> Codes:
    """Code vectors, (n, dimensions), each with a step of its own."""
    codes = Codes(np.empty(vectors.shape, dtype=np.int8), np.empty((len(vectors), 2), dtype=np.float32))
    for begin in range(0, len(vectors), _AT_ONCE):
        matrix = vectors[begin : begin + _AT_ONCE].astype(np.float32, copy=False)
        steps = np.abs(matrix).max(axis=1, initial=0) / _MOST
        steps = np.where(steps > 0, steps, 1).astype(np.float32)
        with np.errstate(all="ignore"):  # vectors that are not finite are noticed when their codes are opened
            numbers = np.rint(matrix / steps[:, np.newaxis]).astype(np.int8)
            errors = np.linalg.norm(matrix - numbers * steps[:, np.newaxis], axis=1)
        codes.numbers[begin : begin + len(matrix)] = numbers
        codes.steps[begin : begin + len(matrix)] = np.stack([steps, errors * np.float32(1 + 1e-6)], axis=1)
    return codes
