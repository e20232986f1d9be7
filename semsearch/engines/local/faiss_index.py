"""The only module that knows FAISS: which rows of one segment may be nearest, for a quarter of the reading."""

import io
import struct
from pathlib import Path
from typing import NamedTuple

import faiss
import numpy as np

from semsearch.engines.local.arrays import Mask, Rows
from semsearch.files import Seal, open_plain, write_new
from semsearch.ports import Matrix, Vector

_ROUNDING = 1e-5
"""Above what FAISS loses by computing in float32."""


_COUNT = struct.Struct("<q")
_ROWS_AT = 8
"""Where the number of rows stands in what FAISS writes: after four letters and the number of columns."""


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

    It is derived from `vectors`, (rows, dimensions): where the file is gone, or is not byte for byte what FAISS here
    would write around as many codes, it is derived again. FAISS believes what it reads, so that it is shown nothing
    else.
    """
    if not _is_as_written(path, *vectors.shape):
        return make_index(vectors)
    try:
        if str(path).isascii():
            index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        else:
            index = faiss.deserialize_index(np.fromfile(path, dtype=np.uint8))
    except (RuntimeError, OSError):
        return make_index(vectors)
    return index if (index.ntotal, index.d) == vectors.shape else make_index(vectors)


def _is_as_written(path: Path, rows: int, dimensions: int) -> bool:
    """Say whether a file is an index of this shape: a header, the ranges of all columns, and a byte for each number."""
    header = _header(rows, dimensions)
    try:
        with open_plain(path) as stream:
            found = stream.read(len(header))
            ranges = np.frombuffer(stream.read(8 * dimensions), dtype="<f4")
            codes = stream.read(_COUNT.size)
            size = stream.seek(0, io.SEEK_END)
    except (OSError, ValueError):
        return False
    return (
        found == header
        and ranges.size == 2 * dimensions
        and bool(np.isfinite(ranges).all())
        and codes == _COUNT.pack(rows * dimensions)
        and size == len(header) + 8 * dimensions + _COUNT.size + rows * dimensions
    )


def _header(rows: int, dimensions: int) -> bytes:
    """Return how a file of this shape begins, as this FAISS writes it."""
    empty = faiss.IndexScalarQuantizer(dimensions, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
    empty.train(np.zeros((1, dimensions), dtype=np.float32))
    written = bytearray(faiss.serialize_index(empty).tobytes()[: -8 * dimensions - _COUNT.size])
    _COUNT.pack_into(written, _ROWS_AT, rows)
    return bytes(written)


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
