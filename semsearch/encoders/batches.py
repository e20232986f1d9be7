"""Batches of texts of similar lengths, and unit vectors from what a model gives for them."""

from collections.abc import Sequence

import numpy as np

from semsearch.errors import EncoderError
from semsearch.ports import Matrix


def batches(counts: Sequence[int], tokens: int) -> list[list[int]]:
    """Return the rows of texts, the longest first, in batches of one text or of at most `tokens`, with padding."""
    rows = sorted(range(len(counts)), key=lambda row: -counts[row])
    row_batches = []
    while rows:
        size = max(1, tokens // max(1, counts[rows[0]]))
        row_batches.append(rows[:size])
        rows = rows[size:]
    return row_batches


def unit(vectors: Matrix) -> Matrix:
    """Return each row scaled to length 1; a row of zeros, which says nothing, becomes the first axis."""
    lengths = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    if not np.isfinite(lengths).all():
        raise EncoderError("the model answers with vectors that are not numbers", "fetch the model again")
    vectors[lengths[:, 0] == 0, 0] = 1
    lengths[lengths == 0] = 1
    scaled: Matrix = (vectors / lengths).astype(np.float32)
    return scaled
