"""Rows in order of score, as deep as they are taken: nothing that is left out comes before what is given."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from semsearch.engines.local.columns import Mask
from semsearch.engines.local.corpus import Ints
from semsearch.engines.local.cosines import MARGIN, Rough
from semsearch.engines.local.kinship import Kinship
from semsearch.engines.local.scoring import Scoring
from semsearch.ports import Floats, Vector

_FIRST_DEPTH = 64
_DEEPER = 4

_FEW_ROWS = 2_000
"""To be scored exactly, where a closer look at the cosines would leave fewer."""

_BLOCK = 64
"""Rows that are looked through for their best one alone, where the best of all are wanted."""


def in_order(
    scoring: Scoring, kinship: Kinship, mask: Mask, *, newest_first: bool
) -> Iterator[tuple[int, float, Vector]]:
    """Yield all rows of a mask, best first, with score and vector, but those that an outlet repeats."""
    wanted = int(mask.sum())
    depth, given = _FIRST_DEPTH, 0
    while given < wanted:
        if newest_first or depth >= wanted:
            rows = np.flatnonzero(mask)
            scores = scoring.scores(rows)
        else:
            rows, scores = _best(scoring, mask, depth)
        order = np.lexsort(_keys(scoring, rows, scores, newest_first))[given:]
        given += len(order)
        order = order[~kinship.repeated(rows[order])]
        vectors = scoring.corpus.vectors(rows[order])
        yield from zip(rows[order].tolist(), scores[order].tolist(), vectors, strict=True)
        depth *= _DEEPER


def _best(scoring: Scoring, mask: Mask, depth: int) -> tuple[Ints, Floats]:
    """Return at least `depth` rows that no other one of a mask scores above, and their scores."""
    while True:
        most = scoring.most(mask)
        rows = np.flatnonzero(most >= _floor(most, depth))
        scores = scoring.scores(rows)
        bar = float(np.partition(scores, len(scores) - depth)[len(scores) - depth])
        others = np.flatnonzero(most >= bar - MARGIN)  # nothing else reaches the bar
        if len(others) > max(_FEW_ROWS, 2 * len(rows)) and scoring.cosines and scoring.cosines.know_all():
            continue
        if len(others) > len(rows):
            rows, scores = others, scoring.scores(others)
        return rows[scores >= bar], scores[scores >= bar]


def _keys(scoring: Scoring, rows: Ints, scores: Floats, newest_first: bool) -> tuple[npt.NDArray[Any], ...]:
    """Return what orders rows, the last first: date where it is asked for, score downward, article id, ordinal."""
    corpus = scoring.corpus
    articles = corpus.row_articles[rows]
    keys = (rows, corpus.ids[articles], -scores)
    if not newest_first:
        return keys
    earliest, latest = corpus.published[articles].T
    return (*keys, -np.where(earliest > latest, np.iinfo(np.int64).min + 1, earliest))


def _floor(rough: Rough, depth: int) -> float:
    """Return a score that at least `depth` rows reach, and not many more: the best of blocks, or of all rows."""
    whole = len(rough) // _BLOCK * _BLOCK
    best = rough[:whole].reshape(-1, _BLOCK).max(axis=1, initial=-np.inf)
    among = best if depth * 2 < len(best) else rough
    return float(np.partition(among, len(among) - depth)[len(among) - depth])
