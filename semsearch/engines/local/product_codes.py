"""Vectors as product codes (Jégou, Douze, Schmid, "Product Quantization for Nearest Neighbor Search", 2011).

They have four bits for every four numbers, which FAISS scans faster than memory delivers anything longer (André,
Kermarrec, Le Scouarnec, "Cache locality is not enough", 2015). They only propose rows, since the cosines that they give
are guesses. The only module that knows FAISS.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import faiss
import numpy as np
import numpy.typing as npt

from semsearch.engines.local.arrays import Stored
from semsearch.ports import Vector

_BITS = 4
_CENTROIDS = 1 << _BITS
_BLOCK = 32
"""Rows that FAISS lays out together."""

_LARGEST = 1.1
"""No number of a vector of about unit length is greater, nor is a mean of such numbers."""

_AT_ONCE = 1 << 14
"""Vectors that are coded at once, a multiple of _BLOCK."""

_TRAINED_ROWS = 256 * _CENTROIDS
"""FAISS trains with no more rows than these."""


class ProductCodes(NamedTuple):
    """The codes of one segment, as they are stored."""

    centroids: npt.NDArray[np.float32]  # (parts, 16, numbers of a part)
    codes: npt.NDArray[np.uint8]  # (bytes,): in FAISS's layout for IndexPQFastScan

    def opened(self, rows: int, dimensions: int) -> Any:
        """Return a FAISS index; raises ValueError where these are not the codes of (rows, dimensions) vectors."""
        parts, numbers = dimensions // _part(dimensions), _part(dimensions)
        is_consistent = (
            self.centroids.shape == (parts, _CENTROIDS, numbers)
            and len(self.codes) == _code_bytes(rows, parts)
            and -_LARGEST <= self.centroids.min() <= self.centroids.max() <= _LARGEST  # NaN fails, too
        )
        if not is_consistent:
            raise ValueError(f"these are not the codes of {rows:,} rows")
        index = faiss.IndexPQFastScan(dimensions, parts, _BITS, faiss.METRIC_INNER_PRODUCT, _BLOCK)
        faiss.copy_array_to_vector(np.ascontiguousarray(self.centroids).ravel(), index.pq.centroids)
        faiss.copy_array_to_AlignedTable(np.ascontiguousarray(self.codes), index.codes)
        index.ntotal, index.ntotal2, index.is_trained = rows, _whole_blocks(rows), True
        return index


def coded(vectors: Stored) -> ProductCodes:
    """Code vectors, (n, dimensions): at least 16 of them."""
    rows, dimensions = vectors.shape
    index = faiss.IndexPQFastScan(
        dimensions, dimensions // _part(dimensions), _BITS, faiss.METRIC_INNER_PRODUCT, _BLOCK
    )
    with _one_thread():
        index.train(np.ascontiguousarray(vectors[:: max(1, rows // _TRAINED_ROWS)][:_TRAINED_ROWS], dtype=np.float32))
    for begin in range(0, rows, _AT_ONCE):
        index.add(np.ascontiguousarray(vectors[begin : begin + _AT_ONCE], dtype=np.float32))
    centroids = faiss.vector_to_array(index.pq.centroids).reshape(index.pq.M, _CENTROIDS, -1)
    return ProductCodes(centroids, faiss.AlignedTable_to_array(index.codes)[: _code_bytes(rows, index.pq.M)])


def nearest(index: Any, vector: Vector, count: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Return this many rows that may be nearest to a vector, nearest first, and about how near each is."""
    with _one_thread():
        products, rows = index.search(vector[np.newaxis, :], min(count, index.ntotal))
    is_found = rows[0] >= 0
    return rows[0][is_found], products[0][is_found]


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let FAISS work in one thread: for so little work more threads would only wait, and slow down all others."""
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(threads)


def _part(dimensions: int) -> int:
    """Return how many numbers are coded together."""
    return next(size for size in (4, 2, 1) if dimensions % size == 0)


def _whole_blocks(rows: int) -> int:
    return (rows + _BLOCK - 1) // _BLOCK * _BLOCK


def _code_bytes(rows: int, parts: int) -> int:
    """Return how many bytes rows take: half a byte for each part, with the parts rounded up to an even number."""
    return _whole_blocks(rows) * ((parts + 1) // 2)
