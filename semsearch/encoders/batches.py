"""Texts of unlike lengths -> batches of like ones, and what comes back -> unit vectors."""

from collections.abc import Sequence

import numpy as np

from semsearch.errors import EncoderError
from semsearch.ports import Matrix


def batches(counts: Sequence[int], tokens: int) -> list[list[int]]:
    """Return rows, the longest texts first, in batches of at most `tokens`, padding included, or of one text."""
    rows = sorted(range(len(counts)), key=lambda row: -counts[row])
    found = []
    while rows:
        texts = max(1, tokens // max(1, counts[rows[0]]))
        found.append(rows[:texts])
        rows = rows[texts:]
    return found


def unit(vectors: Matrix) -> Matrix:
    """Scale each row to length 1; a row of zeros, which says nothing, becomes the first axis."""
    lengths = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    if not np.isfinite(lengths).all():
        raise EncoderError("the model answers with vectors that are not numbers", "fetch the model again")
    vectors[lengths[:, 0] == 0, 0] = 1
    lengths[lengths == 0] = 1
    scaled: Matrix = (vectors / lengths).astype(np.float32)
    return scaled
