"""Rows in order of score, as deep as they are taken: nothing that is left out comes before what is given.

What is put in order is a list of rows. No other row is seen here, so that none that a filter leaves out can come back.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from semsearch.engines.local.corpus import Ints
from semsearch.engines.local.cosines import MARGIN, Rough
from semsearch.engines.local.kinship import Kinship
from semsearch.engines.local.scoring import Scoring
from semsearch.ports import Floats, Vector


def in_order(
    scoring: Scoring, kinship: Kinship, rows: Ints, *, newest_first: bool
) -> Iterator[tuple[int, float, Vector]]:
    """Yield these rows, best first, with score and vector, but those that an outlet repeats.

    Args:
        rows: ascending.
    """
    limits = scoring.corpus.limits
    depth, given = limits.first_depth, 0
    while given < len(rows):
        if newest_first or depth >= len(rows):
            best, scores = rows, scoring.scores(rows)
        else:
            best, scores = _best(scoring, rows, depth)
        order = np.lexsort(_keys(scoring, best, scores, newest_first))[given:]
        given += len(order)
        for begin in range(0, len(order), limits.batch):
            scoring.deadline.check()
            part = order[begin : begin + limits.batch]
            part = part[~kinship.repeated(best[part])]
            vectors = scoring.corpus.vectors(best[part])
            yield from zip(best[part].tolist(), scores[part].tolist(), vectors, strict=True)
        depth *= limits.deeper


def _best(scoring: Scoring, rows: Ints, depth: int) -> tuple[Ints, Floats]:
    """Return at least `depth` of more rows than that which no other one of them scores above, and their scores."""
    limits = scoring.corpus.limits
    while True:
        most = scoring.most(rows)
        near = rows[most >= _floor(most, depth, limits.block)]
        scores = scoring.scores(near)
        bar = float(np.partition(scores, len(scores) - depth)[len(scores) - depth])
        others = rows[most >= bar - MARGIN]  # nothing else reaches the bar
        if len(others) > max(limits.few_rows, 2 * len(near)) and scoring.cosines and scoring.cosines.know_all():
            continue
        if len(others) > len(near):
            near, scores = others, scoring.scores(others)
        return near[scores >= bar], scores[scores >= bar]


def _keys(scoring: Scoring, rows: Ints, scores: Floats, newest_first: bool) -> tuple[npt.NDArray[Any], ...]:
    """Return what orders rows, the last first: date where it is asked for, score downward, article id, ordinal."""
    corpus = scoring.corpus
    articles = corpus.row_articles[rows]
    keys = (rows, corpus.ids[articles], -scores)
    if not newest_first:
        return keys
    earliest, latest = corpus.published[articles].T
    return (*keys, -np.where(earliest > latest, np.iinfo(np.int64).min + 1, earliest))


def _floor(rough: Rough, depth: int, block: int) -> float:
    """Return a score that at least `depth` of these rows reach, and not many more: the best of blocks tell, or all."""
    whole = len(rough) // block * block
    best = rough[:whole].reshape(-1, block).max(axis=1, initial=-np.inf)
    among = best if depth * 2 < len(best) else rough
    return float(np.partition(among, len(among) - depth)[len(among) - depth])
