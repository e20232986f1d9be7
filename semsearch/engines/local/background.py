"""What unrelated texts look like in a segment: the cosines of headlines with passages of other articles."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from semsearch.engines.local.arrays import Shape, Stored, read_arrays, write_arrays
from semsearch.files import Seal
from semsearch.ports import Floats, Matrix, Vector

BACKGROUND = "background.arrays"

_LEAST_PASSAGES = 100
"""Among fewer, the best cosine depends more on chance than on the index."""

_COMPARED = 512
"""Headlines of a segment that are compared at most: more would say the same."""

_ALIKE = 0.5
"""This far above the median of two headlines' cosines, on the way to one, they follow one pattern or tell one story."""

_AT_ONCE = 1 << 14
"""Passages that headlines are compared with at once."""

_NOT_UNIT = 0.01
_MOST = 1 << 53


def write_background(
    folder: Path, articles: npt.NDArray[np.int64], headlines: Matrix, vectors: Stored, first_rows: npt.NDArray[np.int64]
) -> Mapping[str, Seal]:
    """Write the vectors of headlines, and the three sums of `ports.Background`.

    Args:
        articles: (n,), the articles of the headlines, ascending.
        headlines: (n, dimensions).
        vectors: (passages, dimensions), of all passages.
        first_rows: (articles + 1,): article i has rows [i] to [i + 1].
    """
    arrays: dict[str, npt.NDArray[Any]] = {
        "sums": np.round(_sums(articles, headlines, vectors, first_rows), 9),
        "articles": articles.astype(np.int32),
        "headlines": headlines,
    }
    return {BACKGROUND: write_arrays(folder / BACKGROUND, arrays)}


def _sums(
    articles: npt.NDArray[np.int64], headlines: Matrix, vectors: Stored, first_rows: npt.NDArray[np.int64]
) -> Floats:
    sums = np.zeros(3)
    if not len(headlines):
        return sums
    step = -(-len(headlines) // _COMPARED)
    articles, headlines = articles[::step], headlines[::step]
    begins, ends = first_rows[articles], first_rows[articles + 1]
    totals, best = np.zeros(len(headlines)), np.full(len(headlines), -np.inf)
    for begin in range(0, len(vectors), _AT_ONCE):
        cosines = headlines @ vectors[begin : begin + _AT_ONCE].astype(np.float32).T
        for headline_cosines, first, last in zip(cosines, begins - begin, ends - begin, strict=True):
            headline_cosines[max(0, first) : max(0, last)] = np.nan  # its own article's passages say nothing
        totals += np.nansum(cosines, axis=1, dtype=np.float64)
        best = np.fmax(best, np.fmax.reduce(cosines, axis=1))
    counts = len(vectors) - (ends - begins)
    for weight, count, total, most in zip(_weights(headlines), counts.tolist(), totals, best, strict=True):
        if count >= _LEAST_PASSAGES:
            sums += weight * np.array([1, total / count, (most - total / count) / math.log(count)])
    return sums


def _weights(headlines: Matrix) -> Floats:
    """Return what each headline counts: those that are alike count as one together.

    The nearest passage to a bulletin's headline is one of its sisters, which is no text about something else; without
    weights an index with thousands of them would take nothing for a match.
    """
    cosines = headlines @ headlines.T
    usual = float(np.median(cosines[np.triu_indices(len(cosines), 1)])) if len(cosines) > 1 else 0.0
    alike = (cosines - usual >= _ALIKE * (1 - usual)).sum(axis=1)
    return np.asarray(1 / np.maximum(alike, 1))


class Headlines(NamedTuple):
    """What `write_background` wrote."""

    sums: Floats  # (3,)
    articles: npt.NDArray[np.int32]  # (n,): positions
    vectors: Matrix  # (n, dimensions)

    def by_article(self) -> dict[int, Vector]:
        """Return the headlines by their articles' positions."""
        return dict(zip(self.articles.tolist(), self.vectors, strict=True))


def read_background(folder: Path, dimensions: int) -> Headlines:
    """Open the headlines and sums of a segment; raises ValueError where the file does not hold these."""
    file = folder / BACKGROUND
    shapes: Mapping[str, Shape] = {"sums": ("f8", 3), "articles": ("i4", None), "headlines": ("f4", None, dimensions)}
    sums, articles, vectors = read_arrays(file, shapes).values()
    if len(articles) != len(vectors):
        raise ValueError(f"{file} has more headlines than articles, or fewer")
    headlines, means, growths = sums.tolist()
    most = headlines * (1 + _NOT_UNIT)  # no cosine is above one
    if not (np.isfinite(sums).all() and 0 <= headlines < _MOST and abs(means) <= most and 0 <= growths <= most):
        raise ValueError(f"{file} has no background")
    return Headlines(sums, articles, vectors)
