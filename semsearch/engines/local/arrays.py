"""Arrays in files: written once, mapped into memory, and trusted only as far as they were checked."""

import errno
import io
import math
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
import numpy.typing as npt

from semsearch.errors import IndexDamagedError, see_doctor
from semsearch.files import CAN_READ_PARTS, OpenFile, Seal, open_plain, writing

Mask = npt.NDArray[np.bool_]
Stored = npt.NDArray[np.floating[Any]]
"""Vectors as they are stored, (n, dimensions): float32, or float16 where the encoder is no more exact than that."""

Rows = npt.NDArray[np.int64]
Places = TypeVar("Places", npt.NDArray[np.int32], npt.NDArray[np.int64])

_HEADER = re.compile(
    rb"\x93NUMPY\x01\x00(?:..)\{'descr': '([<|][A-Za-z0-9\[\]]{1,12})', 'fortran_order': (True|False), "
    rb"'shape': \(((?:[0-9]{1,15}(?:, ?|(?=\))))*)\), \} *\n",
    re.DOTALL,
)
"""The header of an array that NumPy wrote. NumPy would parse it as Python, and some headers crash that parser."""

_MOST_HEADER_BYTES = 1_024

_ALIGNED = 64
"""Every array begins at a multiple of this many bytes, as NumPy aligns the numbers behind a header."""

_TOGETHER_BYTES = 1 << 24
"""This many bytes are collected before they are written with one call."""

_MOST_READ_BYTES = 1 << 18
"""Smaller files are read, not mapped, since a map keeps its file open for as long as it lives."""

Shape = tuple[str, *tuple[int | None, ...]]
"""The type of an array's numbers, and how many there are along each axis: None stands for any length."""


def write_arrays(path: Path, arrays: Mapping[str, npt.NDArray[Any]]) -> Seal:
    """Write arrays, in their order, as one new file of `.npy` contents. It holds no code, and no names."""
    with writing(path) as stream:
        buffer, before = io.BytesIO(), 0
        for array in arrays.values():
            buffer.write(bytes(-(before + buffer.tell()) % _ALIGNED))
            np.save(buffer, array, allow_pickle=False)
            if buffer.tell() >= _TOGETHER_BYTES:
                stream.write(buffer.getbuffer())
                before += buffer.tell()
                buffer = io.BytesIO()
        stream.write(buffer.getbuffer())
    return stream.seal


def write_lines(path: Path, lines: Iterable[bytes]) -> Seal:
    """Write lines as one new file."""
    with writing(path) as stream:
        waiting: list[bytes] = []
        size = 0
        for line in lines:
            waiting.append(line)
            size += len(line)
            if size >= _TOGETHER_BYTES:
                stream.write(b"".join(waiting))
                waiting, size = [], 0
        stream.write(b"".join(waiting))
    return stream.seal


def write_array(path: Path, array: npt.NDArray[Any]) -> Seal:
    """Write an array as a new `.npy` file."""
    return write_arrays(path, {"": array})


def map_bytes(path: Path) -> npt.NDArray[np.uint8]:
    """Map a file into memory, or read a small one; raises ValueError where it is empty or not a plain file."""
    with open_plain(path) as stream:
        size = os.fstat(stream.fileno()).st_size
        if size == 0:
            raise ValueError(f"{path} is empty")
        if size <= _MOST_READ_BYTES:
            return np.frombuffer(stream.read(), np.uint8)
        try:
            return np.asarray(np.memmap(stream, np.uint8, "r"))  # a plain array is faster to index than a memmap
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE):
                raise  # too many open files: this one may be sound
            raise ValueError(f"{path} is larger than can be opened") from error


def read_arrays(path: Path, shapes: Mapping[str, Shape]) -> dict[str, npt.NDArray[Any]]:
    """Open what `write_arrays` wrote, in its order; raises ValueError where their types or shapes differ."""
    content = map_bytes(path)
    arrays: dict[str, npt.NDArray[Any]] = {}
    end = 0
    for name, (dtype, *shape) in shapes.items():
        begin = end + -end % _ALIGNED
        header = _HEADER.match(content[begin : begin + _MOST_HEADER_BYTES].tobytes())
        number_type = np.dtype(dtype)
        if header is None or header[1].decode() != number_type.str:
            raise ValueError(f"{name or 'what'} in {path} is not {dtype}")
        lengths = tuple(map(int, re.findall(rb"[0-9]+", header[3])))
        if len(lengths) != len(shape) or any(
            size not in (None, length) for length, size in zip(lengths, shape, strict=True)
        ):
            raise ValueError(f"{name or 'what'} in {path} is not {dtype} {shape}")
        start = begin + header.end()
        end = start + math.prod(lengths) * number_type.itemsize
        if end > len(content):
            raise ValueError(f"{path} is shorter than it says")
        order: Literal["F", "C"] = "F" if header[2] == b"True" else "C"
        arrays[name] = content[start:end].view(number_type).reshape(lengths, order=order)
    if end != len(content):
        raise ValueError(f"{path} is longer than it says")
    return arrays


def read_array(path: Path, dtype: str, *shape: int | None) -> npt.NDArray[Any]:
    """Open an `.npy` file; raises ValueError where its type or shape differs."""
    return read_arrays(path, {"": (dtype, *shape)})[""]


class StoredRows:
    """Rows of numbers in a file, read only when they are asked for if the system can read parts of files."""

    def __init__(self, path: Path, shapes: Sequence[Shape]) -> None:
        """Open an `.npy` file; raises ValueError where it is not of one of these types and shapes."""
        array = _read_any(path, shapes)
        self.shape: tuple[int, ...] = array.shape
        self.dtype = array.dtype
        self._array = array
        self._file: OpenFile | None = None
        if CAN_READ_PARTS and array.nbytes > _MOST_READ_BYTES and array.flags.c_contiguous:
            self._file = OpenFile(path)
            self._array = np.zeros(0, dtype=array.dtype)  # so that no map stays open
            self._offset = self._file.size - array.nbytes  # where the rows begin, behind the header

    def __len__(self) -> int:
        return self.shape[0]

    def mapped(self) -> npt.NDArray[Any]:
        """Return all rows, mapped into memory for as long as the result is in use."""
        if self._file is None:
            return self._array
        return np.frombuffer(self._file.mapped(), self.dtype, offset=self._offset).reshape(self.shape)

    def __getitem__(self, rows: Rows) -> npt.NDArray[Any]:
        """Return the rows at these places, (n, …); all places, (n,), are below the number of rows."""
        if self._file is None:
            return self._array[rows]
        values = np.empty((len(rows), *self.shape[1:]), dtype=self.dtype)
        if not len(rows):
            return values
        width = values[0].nbytes
        target = memoryview(values.reshape(-1).view(np.uint8).data)
        begins = np.flatnonzero(np.append(True, np.diff(rows) != 1))  # of runs that are each read at once
        ends = np.append(begins[1:], len(rows))
        for begin, end, first in zip(begins.tolist(), ends.tolist(), rows[begins].tolist(), strict=True):
            self._file.read_into(target[begin * width : end * width], self._offset + first * width)
        return values


def _read_any(path: Path, shapes: Sequence[Shape]) -> npt.NDArray[Any]:
    for dtype, *shape in shapes[:-1]:
        with suppress(ValueError):
            return read_array(path, dtype, *shape)
    dtype, *shape = shapes[-1]
    return read_array(path, dtype, *shape)


def damaged(subject: str) -> IndexDamagedError:
    """Return the error to raise where arrays that are being used contradict each other."""
    return IndexDamagedError(f"{subject} are damaged", see_doctor())


def checked(places: Places, size: int, count: int | None = None) -> Places:
    """Return positions that were just read; raises IndexDamagedError unless all are below `size`, and `count` many."""
    if count not in (None, places.size) or (places.size and not 0 <= places.min() <= places.max() < size):
        raise damaged("postings")
    return places
