"""How near rows and articles are to one query: for many no nearer than said, for few exactly."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from semsearch.engines.local.arrays import damaged
from semsearch.engines.local.codes import CodedQuery, Codes, Rough
from semsearch.engines.local.corpus import Corpus, Ints
from semsearch.ports import Floats, Matrix, Vector

_MOST = 1.1
"""No cosine of vectors of about unit length is above."""

_GATHERED_SHARE = 0.25
"""Of a segment's rows: where more are asked for all are multiplied, for to read what lies together is quicker."""


class Cosines:
    """Those of one query."""

    def __init__(self, corpus: Corpus, vector: Vector) -> None:
        self._corpus, self.vector = corpus, vector
        self._query = CodedQuery(vector)
        self.error = _error(self._query, corpus.row_codes)
        self._of_all_rows: Rough | None = None

    def most(self, rows: Ints) -> Rough:
        """Return (len(rows),): what none of these rows, ascending, is above; each is within 2 `error` of it."""
        corpus = self._corpus
        if self._of_all_rows is None and len(rows) > _GATHERED_SHARE * corpus.rows:
            self._of_all_rows = self._most(self._query, corpus.row_codes, corpus.first_rows, corpus.every_row)
        if self._of_all_rows is not None:
            return self._of_all_rows[corpus.picking(rows)]
        return self._most(self._query, corpus.row_codes, corpus.first_rows, rows)

    def most_of_articles(self, articles: Ints, vector: Vector) -> Rough:
        """Return (len(articles),): how near none of these articles, ascending, is to a vector, or nearer."""
        corpus = self._corpus
        return self._most(CodedQuery(vector), corpus.article_codes, corpus.first_articles, articles)

    @staticmethod
    def _most(query: CodedQuery, codes: Sequence[Codes], firsts: Ints, places: Ints) -> Rough:
        found = [np.zeros(0, dtype=np.float32)]
        ends = np.searchsorted(places, firsts).tolist()
        for own, first, (begin, end) in zip(codes, firsts.tolist(), pairwise(ends), strict=False):
            here = places[begin:end] - first
            if len(here) > _GATHERED_SHARE * len(own.numbers):
                products = query.products(own)
                found.append(products if len(here) == len(products) else products[here])
            elif len(here):
                found.append(query.products(own, here))
        return np.concatenate(found) + np.float32(_error(query, codes))


def _error(query: CodedQuery, codes: Sequence[Codes]) -> float:
    return max((query.error_with(own) for own in codes), default=0.0)


def exact_cosines(matrix: Matrix, vector: Vector) -> Floats:
    """Multiply row by row, or a score would depend on which others are computed with it.

    Raises:
        IndexDamagedError: something else than a cosine came of it.
    """
    found = np.vecdot(matrix.astype(np.float64), vector.astype(np.float64))
    if found.size and not -_MOST <= found.min() <= found.max() <= _MOST:  # nor is what is no number
        raise damaged("vectors")
    return np.asarray(found)
