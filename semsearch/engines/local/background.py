"""What texts that are not about each other look like in a segment: headlines against passages of other articles."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from semsearch.engines.local.arrays import read_array, write_array
from semsearch.files import Seal
from semsearch.ports import Entry, Floats, Vector

_LEAST_PASSAGES = 100
"""Among fewer, chance says more about the best one than the index does."""

_AT_ONCE = 64
"""Headlines that are multiplied together: all passages are read from memory once for so many."""

_NOT_UNIT = 0.01
_MOST = 1 << 53


def write_background(folder: Path, entries: Sequence[Entry]) -> Mapping[str, Seal]:
    """Write the headlines that there are as vectors, and the three sums of `ports.Background`."""
    having = [at for at, entry in enumerate(entries) if entry.headline is not None]
    headlines = [entry.headline for entry in entries if entry.headline is not None]
    sums = _sums(entries, having, headlines) if headlines else np.zeros(3)
    dimensions = entries[0].vectors.shape[1] if entries else 0
    arrays: dict[str, npt.NDArray[Any]] = {
        "headlines": np.array(headlines, dtype=np.float32).reshape(-1, dimensions),
        "headline_articles": np.array(having, dtype=np.int32),
        "background": np.round(sums, 9),
    }
    return {f"{name}.npy": write_array(folder / f"{name}.npy", array) for name, array in arrays.items()}


def _sums(entries: Sequence[Entry], having: Sequence[int], headlines: Sequence[Vector]) -> Floats:
    passages = np.concatenate([entry.vectors for entry in entries], dtype=np.float32)
    first_rows = np.cumsum([0, *(len(entry.vectors) for entry in entries)])
    sums = np.zeros(3)
    for begin in range(0, len(headlines), _AT_ONCE):
        products = np.stack(headlines[begin : begin + _AT_ONCE]) @ passages.T
        for at, cosines in zip(having[begin : begin + _AT_ONCE], products, strict=True):
            others = np.delete(cosines, slice(*first_rows[[at, at + 1]].tolist()))
            if len(others) >= _LEAST_PASSAGES:
                mean = float(others.mean(dtype=np.float64))
                sums += (1, mean, (float(others.max()) - mean) / math.log(len(others)))
    return sums


def read_background(folder: Path) -> Floats:
    """Return (3,): the sums of a segment; raises ValueError where they are not that."""
    sums: Floats = read_array(folder / "background.npy", "f8", 3)
    headlines, means, growths = sums.tolist()
    most = headlines * (1 + _NOT_UNIT)  # no cosine is above one
    if not (np.isfinite(sums).all() and 0 <= headlines < _MOST and abs(means) <= most and 0 <= growths <= most):
        raise ValueError(f"{folder} has no background")
    return sums


def headlines_of(folder: Path, files: Mapping[str, Seal], dimensions: int | None = None) -> dict[int, Vector]:
    """Return the headlines of a segment by their articles' positions; none where an earlier version wrote it.

    Raises:
        ValueError: they are not that.
    """
    if "headlines.npy" not in files:
        return {}
    articles = read_array(folder / "headline_articles.npy", "i4", None).tolist()
    return dict(zip(articles, read_array(folder / "headlines.npy", "f4", None, dimensions), strict=True))
