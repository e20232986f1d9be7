"""The only module that knows FAISS: which rows of one segment are nearest to a vector."""

from pathlib import Path
from typing import NamedTuple

import faiss
import numpy as np
import numpy.typing as npt

from semsearch.engines.local.columns import Mask, Rows
from semsearch.errors import IndexDamagedError
from semsearch.files import Seal, write_new
from semsearch.ports import Matrix, Vector


class Ranked(NamedTuple):
    """Rows of one segment, best first, and how good each is."""

    rows: Rows
    scores: npt.NDArray[np.float32]


def write_vectors(vectors: Matrix, path: Path) -> Seal:
    """Write unit vectors as a flat inner-product index that plain FAISS can open."""
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(np.ascontiguousarray(vectors))
    # FAISS cannot open every path that the system can (non-ASCII ones on Windows), so the bytes go through Python.
    return write_new(path, memoryview(faiss.serialize_index(index)))


def open_vectors(path: Path, vectors: Matrix) -> faiss.Index:
    """Open a segment's FAISS index, mapped into memory where FAISS can.

    It is derived from `vectors`, (rows, dimensions): where a sweep has taken the file since the segment was opened, it
    is derived again.
    """
    if not path.exists():
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors))
        return index
    damaged = IndexDamagedError(f"{path} is damaged", "restore the index from a copy, or build it again")
    try:
        if str(path).isascii():
            index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        else:
            index = faiss.deserialize_index(np.fromfile(path, dtype=np.uint8))
    except (RuntimeError, OSError) as error:
        raise damaged from error
    if (index.ntotal, index.d) != vectors.shape:
        raise damaged
    return index


def nearest_rows(index: faiss.Index, query: Vector, allowed: Mask | None, limit: int) -> Ranked:
    """Rank the allowed rows by cosine similarity to `query`; a flat index obeys the mask exactly.

    Args:
        query: (dimensions,), unit length.
        allowed: (rows,), True where a row may be shown; None allows all.
        limit: at least 1.

    Returns:
        min(limit, allowed rows) rows; scores in [-1, 1], higher is nearer.
    """
    parameters = None
    if allowed is not None:
        selector = faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
        parameters = faiss.SearchParameters(sel=selector)
    scores, rows = index.search(query[np.newaxis, :], min(limit, index.ntotal), params=parameters)
    found = rows[0] >= 0  # FAISS pads a short answer with row -1
    return Ranked(rows[0][found], scores[0][found])
