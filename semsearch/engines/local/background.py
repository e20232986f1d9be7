"""What texts that are not about each other look like in a segment: headlines against passages of other articles."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from semsearch.engines.local.arrays import Shape, read_arrays, write_arrays
from semsearch.files import Seal
from semsearch.ports import Entry, Floats, Matrix, Vector

BACKGROUND = "background.arrays"

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
        "sums": np.round(sums, 9),
        "articles": np.array(having, dtype=np.int32),
        "headlines": np.array(headlines, dtype=np.float32).reshape(-1, dimensions),
    }
    return {BACKGROUND: write_arrays(folder / BACKGROUND, arrays)}


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


class Headlines(NamedTuple):
    """What `write_background` wrote."""

    sums: Floats  # (3,)
    articles: npt.NDArray[np.int32]  # (n,): positions
    vectors: Matrix  # (n, dimensions)

    def by_article(self) -> dict[int, Vector]:
        """Return the headlines by their articles' positions; raises ValueError where there are more of one kind."""
        return dict(zip(self.articles.tolist(), self.vectors, strict=True))


def read_background(folder: Path, dimensions: int) -> Headlines:
    """Open the headlines and sums of a segment; raises ValueError where they are not that."""
    file = folder / BACKGROUND
    shapes: Mapping[str, Shape] = {"sums": ("f8", 3), "articles": ("i4", None), "headlines": ("f4", None, dimensions)}
    sums, articles, vectors = read_arrays(file, shapes).values()
    headlines, means, growths = sums.tolist()
    most = headlines * (1 + _NOT_UNIT)  # no cosine is above one
    if not (np.isfinite(sums).all() and 0 <= headlines < _MOST and abs(means) <= most and 0 <= growths <= most):
        raise ValueError(f"{file} has no background")
    return Headlines(sums, articles, vectors)
