"""How near rows and articles are to one query: upper bounds for many, exact cosines for few."""

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
"""No cosine of vectors of about unit length is greater."""

_SPREAD = 4
"""Each segment is asked for this many times its share of the nearest rows, since they are not spread evenly."""

_GATHERED_SHARE = 0.25
"""Share of the rows of a stretch: where more are asked for, all are multiplied, since reading in sequence is faster."""


class Cosines:
    """The cosines of one query with rows and articles."""

    def __init__(self, corpus: Corpus, vector: Vector) -> None:
        self._corpus, self.vector = corpus, vector
        self._query = CodedQuery(vector)
        self.error = self._query.error_with(corpus.row_error)
        self._of_all_rows: Rough | None = None
        self._of_all_articles: tuple[Vector, Rough] | None = None  # for the vector of the last call

    def row_bounds(self, rows: Ints) -> Rough:
        """Return (len(rows),): upper bounds of the cosines of rows, ascending; none is more than 2 `error` too high."""
        corpus = self._corpus
        if self._of_all_rows is None and len(rows) > _GATHERED_SHARE * corpus.rows:
            products = _products(self._query, corpus.row_codes, corpus.first_rows, corpus.every_row)
            products += np.float32(self.error)
            self._of_all_rows = products
        if self._of_all_rows is not None:
            return self._of_all_rows[corpus.picking(rows)]
        is_known, products = self._of_some_rows
        lacking = rows[~is_known[rows]]
        if 2 * len(lacking) > len(rows):
            lacking = rows  # a stretch without holes is read where it is
        products[lacking] = _products(self._query, corpus.row_codes, corpus.first_rows, lacking)
        is_known[lacking] = True  # after the products, for threads that look up the same rows
        return products[rows] + np.float32(self.error)

    @cached_property
    def _of_some_rows(self) -> tuple[Mask, Rough]:
        """(rows,): whether each product is known, and the products. Memory that was never written to costs nothing."""
        return np.zeros(self._corpus.rows, dtype=np.bool_), np.zeros(self._corpus.rows, dtype=np.float32)

    def article_bounds(self, articles: Ints, vector: Vector) -> Rough:
        """Return (len(articles),): upper bounds of the cosines of articles, ascending, with a vector."""
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
        """Return rows, nearest first: enough for about `count` to remain when only a share of all rows is allowed."""
        indexes = [segment.product_index for segment in self._corpus.segments]
        return self._nearest(self._query, self.vector, indexes, self._corpus.row_codes, count, share)

    def nearest_articles(self, vector: Vector, count: int, share: float) -> Ints:
        """Return the same for articles and a vector."""
        indexes = [segment.article_product_index for segment in self._corpus.segments]
        return self._nearest(CodedQuery(vector), vector, indexes, self._corpus.article_codes, count, share)

    @staticmethod
    def _nearest(
        query: CodedQuery, vector: Vector, indexes: Sequence[Any], codes: Sequence[Codes], count: int, share: float
    ) -> Ints:
        from semsearch.engines.local import product_codes

        units, products, base = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.float32)], 0
        wanted = max(count, int(_SPREAD * count / share / max(1, len(codes))))
        for index, segment_codes in zip(indexes, codes, strict=True):
            if index is None:
                near = query.products(segment_codes)
                rows = np.arange(len(near))
            else:
                rows, near = product_codes.nearest(index, vector, wanted)
            units.append(base + rows)
            products.append(near)
            base += len(segment_codes.numbers)
        every, near = np.concatenate(units), np.concatenate(products)
        limit = int(count / share)
        if limit < len(every):
            best = np.argpartition(near, len(near) - limit)[len(near) - limit :]
            every, near = every[best], near[best]
        return every[np.argsort(-near)]


def _products(query: CodedQuery, codes: Sequence[Codes], bases: Ints, units: Ints) -> Rough:
    """Return the products of a query with the codes of passages or articles, ascending over all segments."""
    parts = [np.zeros(0, dtype=np.float32)]
    ends = np.searchsorted(units, bases).tolist()
    for segment_codes, base, (begin, end) in zip(codes, bases.tolist(), pairwise(ends), strict=False):
        positions = units[begin:end] - base
        if not len(positions):
            continue
        first, last = int(positions[0]), int(positions[-1])
        if len(positions) > _GATHERED_SHARE * (last + 1 - first):  # a stretch is read where it is
            products = query.products(segment_codes.stretch(first, last + 1))
            parts.append(products if len(positions) == len(products) else products[positions - first])
        else:
            parts.append(query.products(segment_codes, positions))
    return np.concatenate(parts)


def exact_cosines(matrix: Matrix, vector: Vector) -> Floats:
    """Multiply row by row, so that no score depends on which others are computed with it.

    Raises:
        IndexDamagedError: a product cannot be a cosine.
    """
    cosines = np.vecdot(matrix.astype(np.float64), vector.astype(np.float64))
    if cosines.size and not -_MOST <= cosines.min() <= cosines.max() <= _MOST:  # NaN fails, too
        raise damaged("vectors")
    return np.asarray(cosines)
