"""How near every row can be to a query's vector: exactly where all are multiplied, else no row is nearer than said."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from semsearch.engines.local.arrays import damaged
from semsearch.engines.local.corpus import Corpus, Ints
from semsearch.ports import Matrix, Vector

Rough = npt.NDArray[np.float32]
Products = TypeVar("Products", npt.NDArray[np.float32], npt.NDArray[np.float64])

MARGIN = 1e-5
"""Above the difference between what is computed in float32 and what is exact, rounding included."""

_MOST = 1.1
"""No cosine of vectors of about unit length is above."""


def products(corpus: Corpus, queries: Sequence[Vector]) -> Iterator[Rough]:
    """Return for each query (rows,): the cosines of all rows, multiplied with all queries at once."""
    if len(queries) == 1:
        return iter([_product([segment.vectors for segment in corpus.segments], queries[0])])
    together = np.stack(queries, axis=1) if queries else None
    parts = [] if together is None else [_products_of(segment.vectors, together) for segment in corpus.segments]
    return (np.concatenate([_NOTHING, *(part[:, number] for part in parts)]) for number in range(len(queries)))


class Cosines:
    """Those of one query."""

    def __init__(self, corpus: Corpus, vector: Vector, rows: Rough | None = None) -> None:
        """Keep the cosines of all rows, if they were computed."""
        self._corpus, self.vector, self.rows = corpus, vector, rows
        self._bounds: tuple[Ints, Rough] | None = None

    def know_all(self) -> bool:
        """Multiply all rows, where not all are known; False where they are."""
        if self.rows is not None:
            return False
        self.rows = _product([segment.vectors for segment in self._corpus.segments], self.vector)
        return True

    def most(self, rows: Ints) -> Rough:
        """Return (len(rows),): what none of these rows is above by more than MARGIN; the best of them are that near.

        Args:
            rows: ascending.
        """
        if self.rows is not None:
            return self.rows[self._corpus.picking(rows)]
        if self._bounds is None or not np.array_equal(self._bounds[0], rows):
            ends = np.searchsorted(rows, self._corpus.first_rows).tolist()
            bounds = [
                self._bounded(number, rows[begin:end] - self._corpus.first_rows[number])
                for number, (begin, end) in enumerate(pairwise(ends))
            ]
            self._bounds = (rows, np.concatenate([_NOTHING, *bounds]))
        return self._bounds[1]

    def _bounded(self, number: int, rows: Ints) -> Rough:
        segment, thresholds = self._corpus.segments[number], self._corpus.thresholds
        if len(rows) <= max(thresholds.gathered_rows, thresholds.proposed_rows):
            return _product_of(segment.vectors[rows], self.vector)

        from semsearch.engines.local import faiss_index

        count = segment.entry.passages
        allowed = None
        if len(rows) < count:
            allowed = np.zeros(count, dtype=np.bool_)
            allowed[rows] = True
        near, ceiling = faiss_index.proposed_rows(segment.faiss, self.vector, allowed, thresholds.proposed_rows)
        bounds = np.full(count, ceiling, dtype=np.float32)
        bounds[near] = _product_of(segment.vectors[near], self.vector)
        return bounds[rows]

    def articles(self, vector: Vector) -> Rough:
        """Return (articles,): the cosines of all articles with a vector."""
        return _product([segment.article_vectors for segment in self._corpus.segments], vector)


_NOTHING = np.zeros(0, dtype=np.float32)


def _product(matrices: Sequence[Matrix], vector: Vector) -> Rough:
    # Not `@`, whose threads wait for each other, long where other programs are at work, and for the encoder's.
    return np.concatenate([_NOTHING, *(_product_of(matrix, vector) for matrix in matrices)])


def _product_of(matrix: Matrix, vector: Vector) -> Rough:
    with np.errstate(all="ignore"):  # of vectors that are none: what comes of them tells
        return proved(np.einsum("ij,j->i", matrix, vector))


def _products_of(matrix: Matrix, vectors: Matrix) -> Rough:
    with np.errstate(all="ignore"):
        return proved(matrix @ vectors)


def proved(found: Products) -> Products:
    """Return cosines; raises IndexDamagedError where something else came of what was multiplied."""
    if found.size and not -_MOST <= found.min() <= found.max() <= _MOST:  # nor is what is no number
        raise damaged("vectors")
    return found
