"""The only module that knows FAISS: which rows of one segment may be nearest, for a quarter of the reading."""

from pathlib import Path
from typing import NamedTuple

import faiss
import numpy as np

from semsearch.engines.local.columns import Mask, Rows
from semsearch.errors import IndexDamagedError
from semsearch.files import Seal, write_new
from semsearch.ports import Matrix, Vector

_ROUNDING = 1e-5
"""Above what FAISS loses by computing in float32."""


class Proposed(NamedTuple):
    """Rows of one segment that are near a vector."""

    rows: Rows
    ceiling: float  # no other row has a higher cosine


def make_index(vectors: Matrix) -> faiss.Index:
    """Return a flat inner-product index of unit vectors with eight bits for each number."""
    index = faiss.IndexScalarQuantizer(vectors.shape[1], faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
    rows = np.ascontiguousarray(vectors)
    index.train(rows)
    index.add(rows)
    return index


def write_vectors(vectors: Matrix, path: Path) -> Seal:
    """Write unit vectors as an index that plain FAISS can open."""
    # FAISS cannot open every path that the system can (non-ASCII ones on Windows), so the bytes go through Python.
    return write_new(path, memoryview(faiss.serialize_index(make_index(vectors))))


def open_vectors(path: Path, vectors: Matrix) -> faiss.Index:
    """Open a segment's FAISS index, mapped into memory where FAISS can.

    It is derived from `vectors`, (rows, dimensions): where a sweep has taken the file since the segment was opened, it
    is derived again.
    """
    if not path.exists():
        return make_index(vectors)
    damaged = IndexDamagedError(f"{path} is damaged", "restore the index from a copy, or build it again")
    try:
        if str(path).isascii():
            index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        else:
            index = faiss.deserialize_index(np.fromfile(path, dtype=np.uint8))
    except (RuntimeError, OSError) as error:
        raise damaged from error
    if (index.ntotal, index.d) != vectors.shape or not isinstance(index, faiss.IndexScalarQuantizer):
        raise damaged
    return index


def error_of(index: faiss.Index) -> float:
    """Return by how much a cosine of this index can differ from the exact one.

    Each number is stored as the middle of one of 255 steps of its column's range, so that it is off by half a step at
    most; the Cauchy-Schwarz inequality does the rest.
    """
    _, ranges = faiss.vector_to_array(index.sq.trained).reshape(2, -1)
    return float(np.linalg.norm(ranges)) / 255 / 2 + _ROUNDING


def proposed_rows(index: faiss.Index, query: Vector, allowed: Mask | None, limit: int) -> Proposed:
    """Return rows that may be nearest to a unit vector, and the most that others reach.

    Args:
        allowed: (rows,), which rows may be returned, more than `limit` of them; None allows all.
    """
    parameters = None
    if allowed is not None:
        selector = faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
        parameters = faiss.SearchParameters(sel=selector)
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)  # one query is one thread's work; others would only wait, in the encoder's way
    try:
        scores, rows = index.search(query[np.newaxis, :], min(limit, index.ntotal), params=parameters)
    finally:
        faiss.omp_set_num_threads(threads)
    return Proposed(rows[0], float(scores[0][-1]) + error_of(index))
