"""For which texts a segment has vectors already, and in which rows: its sorted keys, written and read here."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from semsearch.engines.local.arrays import Stored, checked, read_array, write_array
from semsearch.files import Seal

Halves = npt.NDArray[np.uint64]
"""(2, n): the first and the last eight bytes of n keys as big-endian numbers, so that they sort as the bytes do."""

KEY_BYTES = 16
UNKNOWN = bytes(KEY_BYTES)
KEY_FILES = ("keys.npy", "key_rows.npy")
DIGESTS = "row_digests.npy"
"""Of each row's key and vector together: who takes a few vectors again proves these, not the whole segment."""


class Keys(NamedTuple):
    """Every row's key, sorted, or nothing at all. Mapped into memory: to find one is to touch a few pages."""

    halves: Halves
    rows: npt.NDArray[np.int32]  # (n,): whose key each is

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

    def by_row(self, size: int) -> list[bytes]:
        """Return the keys of `size` rows in order of row."""
        halves = np.zeros((2, size), dtype=np.uint64)
        halves[:, checked(self.rows, size)] = self.halves
        whole = halves.T.astype(">u8").tobytes()
        return [whole[at : at + KEY_BYTES] for at in range(0, len(whole), KEY_BYTES)]


NO_KEYS = Keys(np.zeros((2, 0), dtype=np.uint64), np.zeros(0, dtype=np.int32))
"""Of a segment that an earlier version wrote: nobody knows what the encoder read."""


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


def write_keys(folder: Path, keys: Sequence[bytes], vectors: Stored) -> Mapping[str, Seal]:
    """Write the keys of all rows, given in order of row, and what proves them and their vectors."""
    digests = (row_digest(key, vector) for key, vector in zip(keys, vectors, strict=True))
    halves = halves_of(keys)
    order = np.lexsort((halves[1], halves[0]))  # stable: equal keys stay in order of row
    return {
        "keys.npy": write_array(folder / "keys.npy", np.ascontiguousarray(halves[:, order])),
        "key_rows.npy": write_array(folder / "key_rows.npy", order.astype("<i4")),
        DIGESTS: write_array(folder / DIGESTS, np.fromiter(digests, dtype=np.uint64, count=len(keys))),
    }


def read_keys(folder: Path, size: int) -> Keys:
    """Map the keys of `size` rows into memory; raises ValueError where the files are not what `write_keys` wrote."""
    halves = read_array(folder / "keys.npy", "u8", 2, size)
    rows = read_array(folder / "key_rows.npy", "i4", size)
    return Keys(halves, rows)
