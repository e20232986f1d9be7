"""Arrays in files: written once, mapped into memory, and believed only as far as they were checked."""

import errno
import io
import math
import os
import re
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
import numpy.typing as npt

from semsearch.errors import IndexDamagedError
from semsearch.files import Seal, open_plain, write_new

Mask = npt.NDArray[np.bool_]
Stored = npt.NDArray[np.floating[Any]]
"""Vectors as they are stored, (n, dimensions): float32, or float16 where they are no more exact than that."""

Rows = npt.NDArray[np.int64]
Places = TypeVar("Places", npt.NDArray[np.int32], npt.NDArray[np.int64])

_HEADER = re.compile(
    rb"\x93NUMPY\x01\x00(?:..)\{'descr': '([<|][A-Za-z0-9\[\]]{1,12})', 'fortran_order': (True|False), "
    rb"'shape': \(((?:[0-9]{1,15}(?:, ?|(?=\))))*)\), \} *\n",
    re.DOTALL,
)
"""Of the arrays that NumPy writes for us. NumPy would take it for Python, whose parser some headers bring to fall."""

_MOST_HEADER_BYTES = 1_024


def write_array(path: Path, array: npt.NDArray[Any]) -> Seal:
    """Write an array as a new `.npy` file, which holds no code."""
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return write_new(path, buffer.getbuffer())


def map_bytes(path: Path) -> npt.NDArray[np.uint8]:
    """Map a file into memory; raises ValueError where it is empty or not a plain one."""
    with open_plain(path) as stream:
        return np.memmap(stream, np.uint8, "r")


def read_array(path: Path, dtype: str, *shape: int | None) -> npt.NDArray[Any]:
    """Map an `.npy` file into memory; raises ValueError where it is not one of this type and shape.

    Args:
        shape: None stands for any length.
    """
    with open_plain(path) as stream:
        header = _HEADER.match(stream.read(_MOST_HEADER_BYTES))
        kind = np.dtype(dtype)
        if header is None or header[1].decode() != kind.str:
            raise ValueError(f"{path} is not {dtype}")
        found = tuple(map(int, re.findall(rb"[0-9]+", header[3])))
        sizes = tuple(own if size is None else size for own, size in zip(found, shape, strict=False))
        if len(found) != len(shape) or found != sizes:
            raise ValueError(f"{path} is not {dtype} {shape}")
        length = math.prod(found) * kind.itemsize
        if os.fstat(stream.fileno()).st_size != header.end() + length:
            raise ValueError(f"{path} is not as long as it says")
        order: Literal["F", "C"] = "F" if header[2] == b"True" else "C"
        try:
            array = np.memmap(stream, kind, "r", header.end(), found, order)
        except (OSError, OverflowError) as error:
            if getattr(error, "errno", None) in (errno.EMFILE, errno.ENFILE):
                raise  # which says nothing of the file
            raise ValueError(f"{path} is larger than can be opened") from error
    return np.asarray(array)  # the same memory, without what a memmap does at every look


def damaged(what: str) -> IndexDamagedError:
    """Return the error of whoever finds at use that arrays contradict each other."""
    return IndexDamagedError(f"{what} are damaged", "restore the index from a copy, or build it again")


def checked(places: Places, size: int, count: int | None = None) -> Places:
    """Return positions that were just looked up; raises IndexDamagedError unless they are so many, all below a size."""
    if count not in (None, places.size) or (places.size and not 0 <= places.min() <= places.max() < size):
        raise damaged("postings")
    return places
