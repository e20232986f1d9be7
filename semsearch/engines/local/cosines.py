"""How near rows and articles are to one query: for many no nearer than said, for few exactly."""

from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from semsearch.engines.local.arrays import Mask, damaged
from semsearch.engines.local.codes import CodedQuery, Codes, Rough
from semsearch.engines.local.corpus import Corpus
from semsearch.engines.local.runs import Ints
from semsearch.ports import Floats, Matrix, Vector

_MOST = 1.1
"""No cosine of vectors of about unit length is above."""

_SPREAD = 4
"""So many times its share of the nearest rows a segment is asked for: they are not spread evenly."""

_GATHERED_SHARE = 0.25
"""Of a segment's rows: where more are asked for all are multiplied, for to read what lies together is quicker."""


class Cosines:
    """Those of one query."""

    def __init__(self, corpus: Corpus, vector: Vector) -> None:
        self._corpus, self.vector = corpus, vector
        self._query = CodedQuery(vector)
        self.error = self._query.error_with(corpus.row_error)
        self._of_all_rows: Rough | None = None
        self._of_all_articles: tuple[Vector, Rough] | None = None  # for the vector that was asked for last

    def most(self, rows: Ints) -> Rough:
        """Return (len(rows),): what none of these rows, ascending, is above; each is within 2 `error` of it."""
        corpus = self._corpus
        if self._of_all_rows is None and len(rows) > _GATHERED_SHARE * corpus.rows:
            products = _products(self._query, corpus.row_codes, corpus.first_rows, corpus.every_row)
            products += np.float32(self.error)
            self._of_all_rows = products
        if self._of_all_rows is not None:
            return self._of_all_rows[corpus.picking(rows)]
        known, products = self._of_some_rows
        lacking = rows[~known[rows]]
        products[lacking] = _products(self._query, corpus.row_codes, corpus.first_rows, lacking)
        known[lacking] = True  # after its product, for threads that look up the same
        return products[rows] + np.float32(self.error)

    @cached_property
    def _of_some_rows(self) -> tuple[Mask, Rough]:
        """(rows,): of which a product is known, and these. Pages of memory that nothing was written to cost nothing."""
        return np.zeros(self._corpus.rows, dtype=np.bool_), np.zeros(self._corpus.rows, dtype=np.float32)

    def most_of_articles(self, articles: Ints, vector: Vector) -> Rough:
        """Return (len(articles),): how near none of these articles, ascending, is to a vector, or nearer."""
        corpus = self._corpus
        if self._of_all_articles is not None and self._of_all_articles[0] is vector:
            return self._of_all_articles[1][articles]
        query = CodedQuery(vector)
        is_most = len(articles) > _GATHERED_SHARE * corpus.articles
        wanted = np.arange(corpus.articles) if is_most else articles
        products = _products(query, corpus.article_codes, corpus.first_articles, wanted)
        products += np.float32(query.error_with(corpus.article_error))
        if not is_most:
            return products
        self._of_all_articles = vector, products
        return products if len(articles) == len(products) else products[articles]

    def nearest(self, count: int, share: float) -> Ints:
        """Return rows, the nearest first, among which are about so many of the nearest of a share of all, whichever."""
        indexes = [segment.product_index for segment in self._corpus.segments]
        return self._nearest(self._query, self.vector, indexes, self._corpus.row_codes, count, share)

    def nearest_articles(self, vector: Vector, count: int, share: float) -> Ints:
        """Return articles, the nearest to a vector first: the same."""
        indexes = [segment.article_product_index for segment in self._corpus.segments]
        return self._nearest(CodedQuery(vector), vector, indexes, self._corpus.article_codes, count, share)

    @staticmethod
    def _nearest(
        query: CodedQuery, vector: Vector, indexes: Sequence[Any], codes: Sequence[Codes], count: int, share: float
    ) -> Ints:
        from semsearch.engines.local import product_codes

        places, products, first = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.float32)], 0
        wanted = max(count, int(_SPREAD * count / share / max(1, len(codes))))
        for index, own in zip(indexes, codes, strict=True):
            if index is None:
                near = query.products(own)
                rows = np.arange(len(near))
            else:
                rows, near = product_codes.nearest(index, vector, wanted)
            places.append(first + rows)
            products.append(near)
            first += len(own.numbers)
        every, near = np.concatenate(places), np.concatenate(products)
        kept = int(count / share)
        if kept < len(every):
            best = np.argpartition(near, len(near) - kept)[len(near) - kept :]
            every, near = every[best], near[best]
        return every[np.argsort(-near)]


def _products(query: CodedQuery, codes: Sequence[Codes], firsts: Ints, places: Ints) -> Rough:
    """Return the products with what is at ascending places over all segments."""
    found = [np.zeros(0, dtype=np.float32)]
    ends = np.searchsorted(places, firsts).tolist()
    for own, first, (begin, end) in zip(codes, firsts.tolist(), pairwise(ends), strict=False):
        here = places[begin:end] - first
        if len(here) > _GATHERED_SHARE * len(own.numbers):
            products = query.products(own)
            found.append(products if len(here) == len(products) else products[here])
        else:
            found.append(query.products(own, here))
    return np.concatenate(found)


def exact_cosines(matrix: Matrix, vector: Vector) -> Floats:
    """Multiply row by row, or a score would depend on which others are computed with it.

    Raises:
        IndexDamagedError: something else than a cosine came of it.
    """
    found = np.vecdot(matrix.astype(np.float64), vector.astype(np.float64))
    if found.size and not -_MOST <= found.min() <= found.max() <= _MOST:  # nor is what is no number
        raise damaged("vectors")
    return np.asarray(found)
