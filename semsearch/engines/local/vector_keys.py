"""For which texts a segment has vectors already, and in which rows: its sorted keys, written and read here."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from semsearch.engines.local.arrays import Shape, Stored, checked, read_arrays, write_arrays
from semsearch.files import Seal

Halves = npt.NDArray[np.uint64]
"""(2, n): the first and the last eight bytes of n keys as big-endian numbers, so that they sort as the bytes do."""

Digests = npt.NDArray[np.uint64]

KEY_BYTES = 16
UNKNOWN = bytes(KEY_BYTES)
KEYS = "keys.arrays"


class Keys(NamedTuple):
    """Every row's key, sorted, or nothing at all. Mapped into memory: to find one is to touch a few pages."""

    halves: Halves
    rows: npt.NDArray[np.int32]  # (n,): whose key each is
    digests: npt.NDArray[np.uint64]  # (n,), in order of row: of each one's key and vector together, which proves both

    def rows_of(self, wanted: Halves) -> npt.NDArray[np.int64]:
        """Return a row for each wanted key, -1 where no row has it; of several rows any serves."""
        high, low = self.halves
        starts, ends = (np.searchsorted(high, wanted[0], side) for side in ("left", "right"))
        found = np.full(starts.shape, -1, dtype=np.int64)
        for at in np.flatnonzero(starts < ends).tolist():
            place = starts[at] + np.searchsorted(low[starts[at] : ends[at]], wanted[1, at])
            if place < ends[at] and low[place] == wanted[1, at]:
                found[at] = self.rows[place]
        return found

    def halves_by_row(self, size: int) -> Halves:
        """Return (2, size): the halves of the keys of all rows, in order of row."""
        halves = np.zeros((2, size), dtype=np.uint64)
        halves[:, checked(self.rows, size)] = self.halves
        return halves

    def by_row(self, size: int) -> list[bytes]:
        """Return the keys of `size` rows in order of row."""
        whole = self.halves_by_row(size).T.astype(">u8").tobytes()
        return [whole[at : at + KEY_BYTES] for at in range(0, len(whole), KEY_BYTES)]


def is_known(key: bytes) -> bool:
    """Say whether a key stands for a text: it may be empty or all zero where nobody knows."""
    return len(key) == KEY_BYTES and key != UNKNOWN


def halves_of(keys: Sequence[bytes]) -> Halves:
    """Return keys as the numbers that are searched, in order; raises ValueError where one has another length."""
    whole = [key or UNKNOWN for key in keys]
    if any(len(key) != KEY_BYTES for key in whole):
        raise ValueError(f"a key has {KEY_BYTES} bytes, or none")
    return np.ascontiguousarray(np.frombuffer(b"".join(whole), dtype=">u8").reshape(-1, 2).T, dtype="<u8")


def row_digest(key: bytes, vector: Stored) -> int:
    """Return 64 bits of a digest of what a row has."""
    return int.from_bytes(hashlib.blake2b((key or UNKNOWN) + vector.tobytes(), digest_size=8).digest(), "little")


def digests_of(keys: Sequence[bytes], vectors: Stored) -> Digests:
    """Return (n,): what proves each key and its vector."""
    digests = (row_digest(key, vector) for key, vector in zip(keys, vectors, strict=True))
    return np.fromiter(digests, dtype=np.uint64, count=len(keys))


def write_keys(folder: Path, halves: Halves, digests: Digests) -> Mapping[str, Seal]:
    """Write the keys of all rows, given in order of row, and what proves them and their vectors."""
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
