"""The tensors of safetensors files, mapped and not read, so that memory is taken only for what is used.

The format (https://huggingface.co/docs/safetensors): the header's length in eight bytes, little-endian; the header,
which is JSON; the numbers of all tensors, little-endian, one tensor after another.
"""

import json
import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import finalize

import numpy as np
import numpy.typing as npt

from semsearch.errors import EncoderError

_LONGEST_HEADER = 100_000_000
"""Bytes: the limit of the format's own library."""

_BYTES = {"F32": 4, "F16": 2, "BF16": 2}
"""Bytes of one number, by kind; other kinds hold no weights of a network and are skipped."""


class TensorError(ValueError):
    """A file is not of the format, or lacks a tensor."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor, still in its file."""

    kind: str  # "F32", "F16" or "BF16"
    shape: tuple[int, ...]
    octets: npt.NDArray[np.uint8]  # mapped; writing to it changes only this process's copy
    path: Path
    offset: int  # of the first byte in that file


class Rows:
    """The rows of a matrix, read from its file as they are asked for.

    Where a matrix is mapped, touching one row can bring hundreds of kilobytes around it into memory.
    """

    def __init__(self, matrix: Tensor) -> None:
        """Open the file; raises OSError if that fails."""
        self._matrix = matrix
        self._descriptor = os.open(matrix.path, os.O_RDONLY)
        finalize(self, os.close, self._descriptor)
        self._row_bytes = matrix.shape[1] * _BYTES[matrix.kind]

    def at(self, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """Return the rows, (*numbers.shape, columns); raises EncoderError if the file was cut off."""
        distinct, positions = np.unique(numbers, return_inverse=True)
        octets = np.frombuffer(b"".join(map(self._read, distinct.tolist())), dtype=np.uint8)
        rows = _float32(octets, self._matrix.kind).reshape(len(distinct), -1)
        return rows[positions.reshape(numbers.shape)]

    def _read(self, number: int) -> bytes:
        begin = number * self._row_bytes
        if not hasattr(os, "pread"):  # on Windows
            return self._matrix.octets[begin : begin + self._row_bytes].tobytes()
        octets = os.pread(self._descriptor, self._row_bytes, self._matrix.offset + begin)
        if len(octets) < self._row_bytes:
            raise EncoderError(f"{self._matrix.path} was cut off while it was in use", "install the model again")
        return octets


def _float32(octets: npt.NDArray[np.uint8], kind: str) -> npt.NDArray[np.float32]:
    if kind == "BF16":
        return (octets.view(np.uint16).astype(np.uint32) << 16).view(np.float32)
    return octets.view(np.float16 if kind == "F16" else np.float32).astype(np.float32)


def read_tensors(paths: Iterable[Path]) -> dict[str, Tensor]:
    """Map the tensors of all files by name.

    Raises:
        TensorError: a file is not of the format.
        OSError: a file cannot be read.
    """
    tensors: dict[str, Tensor] = {}
    for path in paths:
        tensors |= _tensors_of(path)
    return tensors


def _tensors_of(path: Path) -> dict[str, Tensor]:
    if path.stat().st_size < 8:
        raise TensorError(f"{path.name} is cut off in its header")
    octets = np.memmap(path, dtype=np.uint8, mode="c")  # "c": OpenVINO shares only what may be written to
    length = int.from_bytes(octets[:8].tobytes(), "little")
    if length > min(_LONGEST_HEADER, len(octets) - 8):
        raise TensorError(f"{path.name} is cut off in its header")
    try:
        header = json.loads(octets[8 : 8 + length].tobytes())
        entries = {name: entry for name, entry in header.items() if name != "__metadata__"}
        return {
            name: _tensor(entry, octets, path, 8 + length)
            for name, entry in entries.items()
            if entry["dtype"] in _BYTES
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise TensorError(f"{path.name} has a damaged header ({error})") from error


def _tensor(entry: Mapping[str, Any], content: npt.NDArray[np.uint8], path: Path, base: int) -> Tensor:
    begin, end = entry["data_offsets"]
    shape = tuple(entry["shape"])
    if not 0 <= begin <= end <= len(content) - base or end - begin != math.prod(shape) * _BYTES[entry["dtype"]]:
        raise ValueError(f"{begin}:{end} does not fit a tensor of shape {shape}")
    octets = content[base + begin : base + end]
    is_aligned = octets.ctypes.data % _BYTES[entry["dtype"]] == 0  # as it is wherever the header has its usual padding
    return Tensor(entry["dtype"], shape, octets if is_aligned else octets.copy(), path, base + begin)
