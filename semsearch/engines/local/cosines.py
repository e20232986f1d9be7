"""How near every row can be to a query's vector: exactly where all are multiplied, else no row is nearer than said."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from semsearch.engines.local.columns import Mask, damaged
from semsearch.engines.local.corpus import Corpus
from semsearch.ports import Matrix, Vector

Rough = npt.NDArray[np.float32]
Products = TypeVar("Products", npt.NDArray[np.float32], npt.NDArray[np.float64])

MARGIN = 1e-5
"""Above the difference between what is computed in float32 and what is exact, rounding included."""

_MOST = 1.1
"""No cosine of vectors of about unit length is above."""

SCANNED_ROWS = 16_384
"""Of an index that is multiplied whole: that takes under a millisecond, and FAISS much longer to be loaded."""

_PROPOSED_ROWS = 256
"""Of each segment. Words and whole articles say the rest: what is left out could hardly be among the best."""

_GATHERED_ROWS = 2_048
"""Of a segment: where no more are allowed each is multiplied, and FAISS is not asked."""


def products(corpus: Corpus, queries: Sequence[Vector]) -> Iterator[Rough]:
    """Yield for each query (rows,): the cosines of all rows, multiplied with all queries at once."""
    if len(queries) == 1:
        yield _product([segment.vectors for segment in corpus.segments], queries[0])
        return
    together = np.stack(queries, axis=1) if queries else None
    parts = [] if together is None else [cosines_of(segment.vectors, together) for segment in corpus.segments]
    for number in range(len(queries)):
        yield np.concatenate([_NOTHING, *(part[:, number] for part in parts)])


class Cosines:
    """Those of one query."""

    def __init__(self, corpus: Corpus, vector: Vector, rows: Rough | None = None) -> None:
        """Keep the cosines of all rows, if they were computed."""
        self._corpus, self.vector, self.rows = corpus, vector, rows
        self._bounds: tuple[Mask, Rough] | None = None

    def know_all(self) -> bool:
        """Multiply all rows, where not all are known; False where they are."""
        if self.rows is not None:
            return False
        self.rows = _product([segment.vectors for segment in self._corpus.segments], self.vector)
        return True

    def most(self, mask: Mask) -> Rough:
        """Return (rows,): what no row of a mask is above by more than MARGIN; the best of them are that near."""
        if self.rows is not None:
            return self.rows
        if self._bounds is None or not np.array_equal(self._bounds[0], mask):
            parts = zip(self._corpus.segments, self._corpus.first_rows.tolist(), strict=False)
            bounds = [
                self._bounded(number, mask[first : first + one.entry.passages])
                for number, (one, first) in enumerate(parts)
            ]
            self._bounds = (mask, np.concatenate([_NOTHING, *bounds]))
        return self._bounds[1]

    def _bounded(self, number: int, allowed: Mask) -> Rough:
        segment = self._corpus.segments[number]
        count = int(allowed.sum())
        if count <= _GATHERED_ROWS:
            rows, ceiling = np.flatnonzero(allowed), -1.0
        else:
            from semsearch.engines.local import dense

            masked = allowed if count < len(allowed) else None
            rows, ceiling = dense.proposed_rows(segment.faiss, self.vector, masked, _PROPOSED_ROWS)
        bounds = np.full(len(allowed), ceiling, dtype=np.float32)
        bounds[rows] = cosines_of(segment.vectors[rows], self.vector)
        return bounds

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


def cosines_of(matrix: Matrix, vectors: Vector | Matrix) -> Rough:
    """Multiply unit vectors with one or (dimensions, n); raises IndexDamagedError where they are none."""
    with np.errstate(all="ignore"):
        return proved(matrix @ vectors)


def proved(found: Products) -> Products:
    """Return cosines; raises IndexDamagedError where something else came of what was multiplied."""
    if found.size and not -_MOST <= found.min() <= found.max() <= _MOST:  # nor is what is no number
        raise damaged("vectors")
    return found
