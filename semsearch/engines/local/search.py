"""Which passages of all segments answer a query best: exact, however many are asked for.

A score is a convex sum (Bruch, Gai, Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", 2023) of a cosine
and of BM25 divided by the most that it could be for this query. Neither depends on other candidates, on `k` or on
filters, so that nothing has to be known about a list to score one passage. BM25's share grows with the root of the
number of the query's terms, which is to the ranking what dividing by the length of their weights as a vector would be:
the query's words are then normalised as its vector is.

Before articles' vectors are compared, the query moves towards the passages that are best without that (Rocchio,
"Relevance Feedback in Information Retrieval", 1971; for vectors Li et al., "Pseudo Relevance Feedback with Deep Language
Models and Dense Retrievers", 2021). These are the best of all that is alive, so that filters change no score.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from semsearch.engines.local.allowing import allow
from semsearch.engines.local.bm25 import Sought
from semsearch.engines.local.columns import Mask
from semsearch.engines.local.corpus import Corpus, Ints
from semsearch.ports import Ask, Candidate, Floats, Found, Matrix, Scored, Signals, Vector

_SCORE_DIGITS = 6
"""Encoders agree to about 1e-6: further digits would order equal texts by accident."""

_MARGIN = 1e-5
"""Above the difference between scores in float32 and the exact ones, rounding included."""

_FIRST_DEPTH = 128
_DEEPER = 4

_BLOCK = 64
"""Rows that are looked through for their best one alone, where the best of all are wanted."""

FEEDBACK_PASSAGES = 5

_STRONGEST = 2.5

_UNDATED_RECENCY = 0.5
"""An article that does not say how old it is counts as one of a half-life's age."""


def search(corpus: Corpus, asks: Sequence[Ask]) -> Sequence[Found]:
    """Rank the allowed passages for each query (ports.Engine.search)."""
    cosines = _cosines(corpus, [ask.vector for ask in asks])
    return [Search(corpus, ask, own) for ask, own in zip(asks, cosines, strict=True)]


Rough = npt.NDArray[np.float32]


class _Cosines(NamedTuple):
    """Of one query, in float32: good enough to say which rows have to be scored exactly."""

    rows: Rough  # (rows,)
    articles: Rough  # (articles,)


def _cosines(corpus: Corpus, vectors: Sequence[Vector | None]) -> list[_Cosines | None]:
    """Multiply everything with all queries at once."""
    asked = [vector for vector in vectors if vector is not None]
    if not asked:
        return [None] * len(vectors)
    rows = _product([segment.vectors for segment in corpus.segments], asked)
    articles = _product([segment.article_vectors for segment in corpus.segments], asked)
    found = iter(_Cosines(*pair) for pair in zip(rows, articles, strict=True))
    return [None if vector is None else next(found) for vector in vectors]


_NOTHING = np.zeros(0, dtype=np.float32)


def _product(matrices: Sequence[Matrix], queries: Sequence[Vector]) -> Iterator[Rough]:
    if len(queries) == 1:  # a matrix of one column takes a slower way
        yield np.concatenate([_NOTHING, *(matrix @ queries[0] for matrix in matrices)])
        return
    together = np.stack(queries, axis=1)
    parts = [matrix @ together for matrix in matrices]
    for number in range(len(queries)):
        yield np.concatenate([_NOTHING, *(part[:, number] for part in parts)])


class Search:
    """One query to one generation."""

    def __init__(self, corpus: Corpus, ask: Ask, cosines: _Cosines | None) -> None:
        self._corpus, self._ask, self._cosines = corpus, ask, cosines
        names, codes = corpus.analysers
        self._own = Sought(corpus.passage_statistics, ask.text, names, codes[corpus.row_articles])
        self._whole = Sought(corpus.article_statistics, ask.text, names, codes)
        self._legibility = np.minimum(ask.legibility, corpus.legibility)
        self._shares = self._dense_shares()
        self._recency: Floats | None = None
        self._article_vector = ask.vector
        if cosines is not None and ask.mix.feedback:
            self._move_query(cosines)
        self._recency = self._recencies()
        self._allowed = allow(corpus, ask)
        self._mask = self._allowed_rows()

    def _dense_shares(self) -> Floats:
        """Return (articles,): the share of the vectors in each article's score."""
        mix = self._ask.mix
        if self._ask.vector is None or not mix.lexical:
            return np.full(self._corpus.articles, 0.0 if self._ask.vector is None else mix.dense)
        return mix.dense * self._legibility / (1 + mix.lexical * np.sqrt(self._terms_of_articles()))

    def _move_query(self, cosines: _Cosines) -> None:
        """Compare articles with the query as its best passages correct it, from now on."""
        corpus, ask = self._corpus, self._ask
        if ask.vector is None:
            return
        alive = corpus.alive_rows
        best = list(islice((vector for _, _, vector in self._in_order(alive, newest_first=False)), FEEDBACK_PASSAGES))
        if not best:
            return
        moved = ask.vector + ask.mix.feedback * np.mean(best, axis=0, dtype=np.float64)
        self._article_vector = (moved / np.linalg.norm(moved)).astype(np.float32)
        (articles,) = _product([segment.article_vectors for segment in corpus.segments], [self._article_vector])
        self._cosines = cosines._replace(articles=articles)

    def _terms_of_articles(self) -> Floats:
        """Return () or (articles,): how many terms the query has for the analyser of each article."""
        effective = self._own.effective_terms
        return effective if not effective.ndim else effective[self._corpus.article_rows[:-1]]

    @property
    def total(self) -> int:
        """Articles that filters, phrases and exclusions allow."""
        return int(self._allowed.articles.sum())

    @property
    def relaxed(self) -> tuple[str, ...]:
        """Phrases that nothing has."""
        return self._allowed.relaxed

    def _recencies(self) -> Floats | None:
        """Return (articles,): what scores are multiplied by, 1 for a new article and 1/2 for one of a half-life's age."""
        if self._ask.half_life is None:
            return None
        earliest, latest = self._corpus.published.T
        ages = np.maximum(self._ask.as_of - latest.astype(np.float64), 0)
        return np.where(earliest > latest, _UNDATED_RECENCY, 0.5 ** (ages / self._ask.half_life))

    def _allowed_rows(self) -> Mask:
        of_article = self._corpus.row_articles
        mask = self._allowed.articles[of_article]
        if self._allowed.rows is not None:
            mask &= self._allowed.rows
        if self._cosines is None:
            mask &= (self._own.scores > 0) | (self._whole.scores > 0)[of_article]
        if self._ask.least_confidence > 0 or self._ask.newest_first:
            mask &= self._sure_rows()
        return mask

    def _sure_rows(self) -> Mask:
        """Mark the rows that one is sure enough of, by their exact cosines where rough ones do not settle it."""
        of_article = self._corpus.row_articles
        strength, legibility = self._strength(slice(None), of_article), self._legibility[of_article]

        def is_sure(cosines: Floats | None, rows: Ints | slice) -> Mask:
            return self._ask.judge(cosines, strength[rows], legibility[rows]) >= self._ask.least_confidence

        if self._cosines is None:
            return is_sure(None, slice(None))
        sure = is_sure(self._cosines.rows - _MARGIN, slice(None))
        unsettled = np.flatnonzero(sure != is_sure(self._cosines.rows + _MARGIN, slice(None)))
        if unsettled.size and (cosines := self._exact_cosines(unsettled, of_article[unsettled])):
            sure[unsettled] = is_sure(cosines[0], unsettled)
        return sure

    def ranked(self) -> Iterator[Candidate]:
        """Yield everything that is allowed, in order (ports.Found)."""
        corpus = self._corpus
        seen: set[int] = set()
        for row, score, vector in self._in_order(self._mask, self._ask.newest_first):
            article = int(corpus.row_articles[row])
            if article in seen and not self._ask.passages:
                continue
            seen.add(article)
            yield Candidate(corpus.article_id(article), row - int(corpus.article_rows[article]), score, vector)

    def _in_order(self, mask: Mask, newest_first: bool) -> Iterator[tuple[int, float, Vector]]:
        """Yield all rows of a mask, best first, but those that an outlet repeats; looks deeper as more are taken."""
        rough = self._rough()
        rough[~mask] = -np.inf
        wanted = int(mask.sum())
        depth, given = _FIRST_DEPTH, 0
        while given < wanted:
            floor = -np.inf if newest_first or depth >= wanted else _floor(rough, depth)
            rows = np.flatnonzero(rough >= floor - _MARGIN) if floor > -np.inf else np.flatnonzero(mask)
            scores = self._scores(self._parts(rows), rows)
            rows, scores = rows[scores >= floor], scores[scores >= floor]  # no row that is left out comes before these
            order = np.lexsort(self._keys(rows, scores, newest_first))[given:]
            given += len(order)
            order = order[~self._corpus.repeated(rows[order])]
            vectors = self._corpus.vectors(rows[order])
            yield from zip(rows[order].tolist(), scores[order].tolist(), vectors, strict=True)
            depth *= _DEEPER

    def _keys(self, rows: Ints, scores: Floats, newest_first: bool) -> tuple[npt.NDArray[Any], ...]:
        """Return what orders rows, the last first: score downward, article id, ordinal."""
        articles = self._corpus.row_articles[rows]
        keys = (rows, self._corpus.ids[articles], -scores)
        if not newest_first:
            return keys
        earliest, latest = self._corpus.published[articles].T
        return (*keys, -np.where(earliest > latest, np.iinfo(np.int64).min + 1, earliest))

    def _rough(self) -> Rough:
        """Return (rows,): scores to within _MARGIN."""
        mix, shares, of_article = self._ask.mix, self._shares, self._corpus.row_articles
        recency = 1.0 if self._recency is None else self._recency
        lexical = (1 - shares) * recency
        whole = mix.lexical_article * lexical * self._whole.shares
        found = self._own.shares.astype(np.float32)
        found *= ((1 - mix.lexical_article) * lexical).astype(np.float32)[of_article]
        if self._cosines is not None:
            dense = shares * recency
            whole += mix.dense_article * dense * self._cosines.articles
            found += self._cosines.rows * ((1 - mix.dense_article) * dense).astype(np.float32)[of_article]
        found += whole.astype(np.float32)[of_article]
        return found

    def _parts(self, rows: Ints) -> dict[str, Floats]:
        """Return, of the given rows, what each signal adds to their scores."""
        mix, articles = self._ask.mix, self._corpus.row_articles[rows]
        shares = self._shares[articles]
        found = {
            "lexical": (1 - shares) * (1 - mix.lexical_article) * self._own.shares[rows],
            "lexical_article": (1 - shares) * mix.lexical_article * self._whole.shares[articles],
        }
        if cosines := self._exact_cosines(rows, articles):
            found["dense"] = shares * (1 - mix.dense_article) * cosines[0]
            found["dense_article"] = shares * mix.dense_article * cosines[1]
        return found

    def _scores(self, parts: dict[str, Floats], rows: Ints) -> Floats:
        total = np.sum(list(parts.values()), axis=0)
        if self._recency is not None:
            total = total * self._recency[self._corpus.row_articles[rows]]
        return np.round(total, _SCORE_DIGITS)

    def passages(self, article_id: str) -> Sequence[Scored]:
        """Return the best passages of an article (ports.Found)."""
        corpus = self._corpus
        article = corpus.find(article_id)
        if article is None:
            return []
        rows = np.arange(*corpus.article_rows[[article, article + 1]])
        rows = rows[self._mask[rows]]
        rows = rows[~corpus.repeated(rows)]
        return sorted(self._scored(rows), key=lambda scored: (-scored.score, scored.ordinal))

    def passage(self, article_id: str, ordinal: int) -> Scored:
        """Return one passage that was ranked."""
        return self._scored(np.array([self._row(article_id, ordinal)]))[0]

    def alike(self, article_id: str) -> list[str]:
        """Return allowed articles that may carry the same text as one (ports.Found)."""
        at = self._corpus.find(article_id)
        if at is None:
            return []
        return [self._corpus.article_id(one) for one in self._corpus.alike(at) if self._allowed.articles[one]]

    def terms(self, article_id: str, ordinal: int) -> list[tuple[str, float]]:
        """Return the query's terms with what each adds to a passage's BM25 score, most first."""
        return self._own.parts(*self._corpus.of_row(self._row(article_id, ordinal)))

    def _row(self, article_id: str, ordinal: int) -> int:
        article = self._corpus.find(article_id)
        if article is None:
            raise KeyError(article_id)
        return int(self._corpus.article_rows[article]) + ordinal

    def _scored(self, rows: Ints) -> list[Scored]:
        corpus = self._corpus
        articles = corpus.row_articles[rows]
        parts = self._parts(rows)
        scores = self._scores(parts, rows)
        cosines = self._exact_cosines(rows, articles)
        own, whole = (None, None) if cosines is None else cosines
        coverage = self._whole.coverage[articles]
        strength = self._strength(rows, articles)
        confidences = self._ask.judge(own, strength, self._legibility[articles])
        return [
            Scored(
                corpus.article_id(int(articles[at])),
                *corpus.place(row),
                score=float(scores[at]),
                signals=Signals(
                    dense=None if own is None else float(own[at]),
                    lexical=float(self._own.scores[row]),
                    article_dense=None if whole is None else float(whole[at]),
                    article_lexical=float(self._whole.scores[articles[at]]),
                    coverage=float(coverage[at]),
                    strength=float(strength[at]),
                ),
                parts={name: float(values[at]) for name, values in parts.items()},
                recency=1.0 if self._recency is None else float(self._recency[articles[at]]),
                confidence=float(confidences[at]),
            )
            for at, row in enumerate(rows.tolist())
        ]

    def _strength(self, rows: Ints | slice, articles: Ints) -> Floats:
        """Return of rows how much of the query's words they and their articles have, and how rare these words are."""
        shares = (self._own.shares[rows] + self._whole.shares[articles]) / 2
        terms, rarity = self._own.effective_terms, self._own.rarity
        if terms.ndim:
            terms, rarity = terms[rows], rarity[rows]
        return np.minimum(shares * np.sqrt(terms), _STRONGEST) * rarity

    def _exact_cosines(self, rows: Ints, articles: Ints) -> tuple[Floats, Floats] | None:
        """Return those of passages and of their articles."""
        if self._ask.vector is None or self._article_vector is None:
            return None
        return (
            _exact(self._corpus.vectors(rows), self._ask.vector),
            _exact(self._corpus.article_vectors(articles), self._article_vector),
        )


def _exact(matrix: Matrix, vector: Vector) -> Floats:
    """Multiply row by row, or a score would depend on which others are computed with it."""
    found: Floats = (matrix.astype(np.float64) * vector.astype(np.float64)).sum(axis=1)
    return found


def _floor(rough: Rough, depth: int) -> float:
    """Return a score that at least `depth` rows reach, and not many more: the best of blocks, or of all rows."""
    whole = len(rough) // _BLOCK * _BLOCK
    best = rough[:whole].reshape(-1, _BLOCK).max(axis=1, initial=-np.inf)
    among = best if depth * 2 < len(best) else rough
    return float(np.partition(among, len(among) - depth)[len(among) - depth])
