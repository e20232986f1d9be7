"""Is a segment that came from elsewhere what a segment is? Everything in it is looked at once, before it is used."""

import numpy as np

from semsearch.engines.local.segment import Segment
from semsearch.ports import Matrix

_NOT_UNIT = 1e-2
"""By how much a vector may be longer or shorter than one: bfloat16's is off by less."""

_AT_ONCE = 8_192
"""Rows of vectors that are looked at together."""


def examine(segment: Segment) -> None:
    """Read every article and every vector; raises ValueError or IndexDamagedError where one is not what it must be."""
    if (segment.ids[1:] <= segment.ids[:-1]).any():
        raise ValueError("its articles are not in order")
    _examine_articles(segment)
    for vectors in (segment.vectors, segment.article_vectors):
        _examine_vectors(vectors)
    if segment.is_current and not ((segment.legibility >= 0) & (segment.legibility <= 1)).all():
        raise ValueError("how legible its articles are is no share")
    _ = segment.tags  # read, and so checked


def _examine_articles(segment: Segment) -> None:
    dimensions = segment.vectors.shape[1]
    for at, entry in zip(np.flatnonzero(segment.alive).tolist(), segment.living(), strict=True):
        rows = slice(*segment.first_rows[[at, at + 1]].tolist())
        spans = [[passage.start, passage.end] for passage in entry.passages]
        if segment.article_id(at) != entry.article.metadata.article_id or segment.spans[rows].tolist() != spans:
            raise ValueError(f"article {at + 1:,} is not that of its place")
        if entry.headline is not None and (
            entry.headline.shape != (dimensions,) or not np.isfinite(entry.headline).all()
        ):
            raise ValueError(f"the headline of article {at + 1:,} is no vector")


def _examine_vectors(vectors: Matrix) -> None:
    for begin in range(0, len(vectors), _AT_ONCE):
        lengths = np.linalg.norm(vectors[begin : begin + _AT_ONCE].astype(np.float64), axis=1)
        # Nothing at all is the vector of a text without a word.
        if not np.isfinite(lengths).all() or (np.abs(lengths - 1) > _NOT_UNIT)[lengths > 0].any():
            raise ValueError("its vectors are no unit vectors")
