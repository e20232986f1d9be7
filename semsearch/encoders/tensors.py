"""The tensors of safetensors files, mapped and not read, so that memory is taken only for what is used.

The format (https://huggingface.co/docs/safetensors): the header's length in eight bytes, little-endian; the header,
which is JSON; the numbers of all tensors, little-endian, one tensor after another.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

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
            name: _tensor(entry, octets[8 + length :]) for name, entry in entries.items() if entry["dtype"] in _BYTES
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise TensorError(f"{path.name} has a damaged header ({error})") from error


def _tensor(entry: Mapping[str, Any], numbers: npt.NDArray[np.uint8]) -> Tensor:
    begin, end = entry["data_offsets"]
    shape = tuple(entry["shape"])
    if not 0 <= begin <= end <= len(numbers) or end - begin != math.prod(shape) * _BYTES[entry["dtype"]]:
        raise ValueError(f"{begin}:{end} is no place of a tensor of shape {shape}")
    octets = numbers[begin:end]
    is_aligned = octets.ctypes.data % _BYTES[entry["dtype"]] == 0  # as it is wherever the header has its usual padding
    return Tensor(entry["dtype"], shape, octets if is_aligned else octets.copy())
