"""Which texts a segment already has vectors for, and in which rows: its sorted keys, written and read here."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from semsearch.engines.local.arrays import Shape, Stored, checked, read_arrays, write_arrays
from semsearch.files import Seal

Halves = npt.NDArray[np.uint64]
"""(2, n): the first and the last eight bytes of n keys as big-endian numbers, which sort as the bytes do."""

Digests = npt.NDArray[np.uint64]

KEY_BYTES = 16
UNKNOWN = bytes(KEY_BYTES)
KEYS = "keys.arrays"


class Keys(NamedTuple):
    """The sorted keys of all rows, mapped into memory: finding one touches a few pages."""

    halves: Halves
    rows: npt.NDArray[np.int32]  # (n,): the row of each key
    digests: npt.NDArray[np.uint64]  # (n,), in order of row: a digest of key and vector together, which proves both

    def rows_of(self, wanted: Halves) -> npt.NDArray[np.int64]:
        """Return a row for each wanted key, -1 where no row has it; any of several rows will do."""
        high, low = self.halves
        starts, ends = (np.searchsorted(high, wanted[0], side) for side in ("left", "right"))
        rows = np.full(starts.shape, -1, dtype=np.int64)
        for index in np.flatnonzero(starts < ends).tolist():
            position = starts[index] + np.searchsorted(low[starts[index] : ends[index]], wanted[1, index])
            if position < ends[index] and low[position] == wanted[1, index]:
                rows[index] = self.rows[position]
        return rows

    def halves_by_row(self, size: int) -> Halves:
        """Return (2, size): the halves of the keys of all rows, in order of row."""
        halves = np.zeros((2, size), dtype=np.uint64)
        halves[:, checked(self.rows, size)] = self.halves
        return halves

    def by_row(self, size: int) -> list[bytes]:
        """Return the keys of `size` rows in order of row."""
        content = self.halves_by_row(size).T.astype(">u8").tobytes()
        return [content[begin : begin + KEY_BYTES] for begin in range(0, len(content), KEY_BYTES)]


def is_known(key: bytes) -> bool:
    """Tell whether a key stands for a known text: it is empty or all zero where the text is unknown."""
    return len(key) == KEY_BYTES and key != UNKNOWN


def halves_of(keys: Sequence[bytes]) -> Halves:
    """Return keys, in order, as the numbers that are searched; raises ValueError where one has a wrong length."""
    full_keys = [key or UNKNOWN for key in keys]
    if any(len(key) != KEY_BYTES for key in full_keys):
        raise ValueError(f"a key has {KEY_BYTES} bytes, or none")
    return np.ascontiguousarray(np.frombuffer(b"".join(full_keys), dtype=">u8").reshape(-1, 2).T, dtype="<u8")


def row_digest(key: bytes, vector: Stored) -> int:
    """Return 64 bits of a digest of a row's key and vector."""
    return int.from_bytes(hashlib.blake2b((key or UNKNOWN) + vector.tobytes(), digest_size=8).digest(), "little")


def digests_of(keys: Sequence[bytes], vectors: Stored) -> Digests:
    """Return (n,): the digests that prove each key and its vector."""
    digests = (row_digest(key, vector) for key, vector in zip(keys, vectors, strict=True))
    return np.fromiter(digests, dtype=np.uint64, count=len(keys))


def write_keys(folder: Path, halves: Halves, digests: Digests) -> Mapping[str, Seal]:
    """Write the keys of all rows, given in order of row, and the digests that prove them and their vectors."""
    order = np.lexsort((halves[1], halves[0]))  # stable: equal keys stay in order of row
    arrays: dict[str, npt.NDArray[Any]] = {
        "halves": np.ascontiguousarray(halves[:, order]),
        "rows": order.astype("<i4"),
        "digests": digests,
    }
    return {KEYS: write_arrays(folder / KEYS, arrays)}


def read_keys(folder: Path, size: int) -> Keys:
    """Map the keys of `size` rows into memory; raises ValueError where the file is not what `write_keys` wrote."""
    shapes: Mapping[str, Shape] = {"halves": ("u8", 2, size), "rows": ("i4", size), "digests": ("u8", size)}
    return Keys(**read_arrays(folder / KEYS, shapes))
