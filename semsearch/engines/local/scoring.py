"""What a passage scores for a query, and of what its score is made.

A score is a convex sum (Bruch, Gai, Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", 2023) of a cosine
and of BM25 divided by the most that it could be for this query. Neither depends on other candidates, on `k` or on
filters, so that nothing has to be known about a list to score one passage. BM25's share grows with the root of the
number of the query's terms, which is to the ranking what dividing by the length of their weights as a vector would be:
the query's words are then normalised as its vector is.

Before articles' vectors are compared, the query moves towards the passages that are best without that (Rocchio,
"Relevance Feedback in Information Retrieval", 1971; for vectors Li et al., "Pseudo Relevance Feedback with Deep
Language Models and Dense Retrievers", 2021). These are the best of all that is alive, so that filters change no score.
"""

from collections.abc import Iterator

import numpy as np

from semsearch.deadlines import Deadline
from semsearch.engines.local.arrays import Mask
from semsearch.engines.local.bm25 import Sought
from semsearch.engines.local.corpus import Corpus, Ints
from semsearch.engines.local.cosines import MARGIN, Cosines, Rough, proved
from semsearch.engines.local.matches import Literal
from semsearch.ports import Ask, Evidence, Floats, Matrix, Scored, Signals, Vector

_SCORE_DIGITS = 6
"""Encoders agree to about 1e-6: further digits would order equal texts by accident."""

_STRONGEST = 2.5


class Scoring:
    """The score of every passage of one generation for one query."""

    def __init__(self, corpus: Corpus, ask: Ask, cosines: Cosines | None, deadline: Deadline) -> None:
        self.corpus, self.ask, self.cosines, self.deadline = corpus, ask, cosines, deadline
        self.own = Sought(corpus.passage_statistics, ask.text)
        self.whole = Sought(corpus.article_statistics, ask.text)
        self._literal = Literal(corpus, ask.text, self.own, self.whole)
        self._quoted = np.zeros(corpus.articles, dtype=np.bool_)
        self._legibility = np.minimum(ask.legibility, corpus.legibility)
        self._shares = self._dense_shares()
        self._recency: Floats | None = None
        if cosines is not None:
            self._article_vector = cosines.vector
            counts = ask.mix.dense_article > 0
            self._article_cosines = (
                cosines.articles(cosines.vector) if counts else np.zeros(corpus.articles, np.float32)
            )

    def age(self) -> None:
        """Multiply scores by recency from now on, where the query asks for it."""
        self._recency = self._recencies()

    def quote(self, articles: Mask) -> None:
        """Take these articles, (articles,), as having a phrase that the query quotes."""
        self._quoted = articles

    def move_query(self, best: list[Vector]) -> None:
        """Compare articles with the query as these passages correct it, from now on."""
        if self.cosines is None or not best:
            return
        moved = self.cosines.vector + self.ask.mix.feedback * np.mean(best, axis=0, dtype=np.float64)
        length = float(np.linalg.norm(moved))
        if length > MARGIN:  # not where they point exactly the other way
            self._article_vector = (moved / length).astype(np.float32)
            self._article_cosines = self.cosines.articles(self._article_vector)

    def _dense_shares(self) -> Floats:
        """Return (articles,): the share of the vectors in each article's score."""
        mix = self.ask.mix
        if self.ask.vector is None or not mix.lexical:
            return np.full(self.corpus.articles, 0.0 if self.ask.vector is None else mix.dense)
        return mix.dense * self._legibility / (1 + mix.lexical * np.sqrt(self._terms_of_articles()))

    def _terms_of_articles(self) -> Floats:
        """Return () or (articles,): how many terms the query has for the analyser of each article."""
        return self.own.effective_terms(self.corpus.article_rows[:-1])

    def _recencies(self) -> Floats | None:
        """Return (articles,): what scores are multiplied by: 1 for a new article, 1/2 for one of a half-life's age."""
        if self.ask.half_life is None:
            return None
        earliest, latest = self.corpus.published.T
        found = 0.5 ** (np.maximum(self.ask.as_of - latest.astype(np.float64), 0) / self.ask.half_life)
        undated = earliest > latest
        # What does not say how old it is counts as old as the oldest: it must not pass what is known to be new.
        found[undated] = found[~undated & self.corpus.alive].min(initial=1.0)
        return np.asarray(found)

    def most(self, rows: Ints) -> Rough:
        """Return (len(rows),): what none of these rows, ascending, scores above by more than MARGIN."""
        picked = self.corpus.picking(rows)
        mix, shares, of_article = self.ask.mix, self._shares, self.corpus.row_articles[picked]
        recency = 1.0 if self._recency is None else self._recency
        lexical = (1 - shares) * recency
        whole = mix.lexical_article * lexical * self.whole.shares(np.arange(self.corpus.articles))
        found = self.own.shares(rows).astype(np.float32)
        found *= ((1 - mix.lexical_article) * lexical).astype(np.float32)[of_article]
        if self.cosines is not None:
            dense = shares * recency
            whole += mix.dense_article * dense * self._article_cosines
            found += self.cosines.most(rows) * ((1 - mix.dense_article) * dense).astype(np.float32)[of_article]
        found += whole.astype(np.float32)[of_article]
        return found

    def parts(self, rows: Ints) -> dict[str, Floats]:
        """Return, of the given rows, what each signal adds to their scores."""
        mix, articles = self.ask.mix, self.corpus.row_articles[rows]
        shares = self._shares[articles]
        found = {
            "lexical": (1 - shares) * (1 - mix.lexical_article) * self.own.shares(rows),
            "lexical_article": (1 - shares) * mix.lexical_article * self.whole.shares(articles),
        }
        if cosines := self._exact_cosines(rows, articles):
            found["dense"] = shares * (1 - mix.dense_article) * cosines[0]
            found["dense_article"] = shares * mix.dense_article * cosines[1]
        return found

    def scores(self, rows: Ints) -> Floats:
        """Return the scores of rows."""
        return np.concatenate([np.zeros(0), *(self._sums(self.parts(part), part) for part in self._batches(rows))])

    def _batches(self, rows: Ints) -> Iterator[Ints]:
        """Yield rows in pieces that take little memory and time; the clock is looked at before each."""
        size = self.corpus.thresholds.batch
        for begin in range(0, len(rows), size):
            self.deadline.check()
            yield rows[begin : begin + size]

    def _sums(self, parts: dict[str, Floats], rows: Ints) -> Floats:
        total = np.sum(list(parts.values()), axis=0)
        if self._recency is not None:
            total = total * self._recency[self.corpus.row_articles[rows]]
        return np.asarray(np.round(total, _SCORE_DIGITS), dtype=np.float64)

    def sure(self, rows: Ints) -> Mask:
        """Mark those of these rows, ascending, that one is sure enough of: by exact cosines, unless rough ones tell."""
        return np.concatenate([np.zeros(0, dtype=np.bool_), *map(self._sure, self._batches(rows))])

    def _sure(self, rows: Ints) -> Mask:
        articles = self.corpus.row_articles[rows]
        everything = self._evidence(rows, articles, None)

        def is_sure(cosines: Floats | None, among: Ints | slice) -> Mask:
            _, strength, legibility, literal, prominence = everything
            known = Evidence(cosines, strength[among], legibility[among], literal[among], prominence[among])
            return self.ask.judge(known) >= self.ask.least_confidence

        if self.cosines is None:
            return is_sure(None, slice(None))
        rough = self.cosines.most(rows).astype(np.float64)
        sure = is_sure(rough - MARGIN, slice(None))
        unsettled = np.flatnonzero(sure != is_sure(rough + MARGIN, slice(None)))
        if unsettled.size and (cosines := self._exact_cosines(rows[unsettled], articles[unsettled])):
            sure[unsettled] = is_sure(cosines[0], unsettled)
        return sure

    def scored(self, rows: Ints) -> list[Scored]:
        """Return rows with everything that is known about them."""
        return [one for part in self._batches(rows) for one in self._scored(part)]

    def _scored(self, rows: Ints) -> list[Scored]:
        corpus = self.corpus
        articles = corpus.row_articles[rows]
        parts = self.parts(rows)
        scores = self._sums(parts, rows)
        lexical, article_lexical = self.own.scores(rows), self.whole.scores(articles)
        cosines = self._exact_cosines(rows, articles)
        own, whole = (None, None) if cosines is None else cosines
        coverage = self.whole.coverage(articles)
        evidence = self._evidence(rows, articles, own)
        confidences = self.ask.judge(evidence)
        return [
            Scored(
                corpus.article_id(int(articles[at])),
                *corpus.place(row),
                score=float(scores[at]),
                signals=Signals(
                    dense=None if own is None else float(own[at]),
                    lexical=float(lexical[at]),
                    article_dense=None if whole is None else float(whole[at]),
                    article_lexical=float(article_lexical[at]),
                    coverage=float(coverage[at]),
                    strength=float(evidence.strength[at]),
                    literal=bool(evidence.literal[at]),
                    prominence=float(evidence.prominence[at]),
                ),
                parts={name: float(values[at]) for name, values in parts.items()},
                recency=1.0 if self._recency is None else float(self._recency[articles[at]]),
                confidence=float(confidences[at]),
            )
            for at, row in enumerate(rows.tolist())
        ]

    def _evidence(self, rows: Ints, articles: Ints, cosines: Floats | None) -> Evidence:
        return Evidence(
            cosines,
            self._strength(rows, articles),
            self._legibility[articles],
            self._literal.complete(articles) | self._quoted[articles],
            self._literal.prominence(rows),
        )

    def _strength(self, rows: Ints, articles: Ints) -> Floats:
        """Return of rows how much of the query's words they and their articles have, and how rare these words are."""
        shares = (self.own.shares(rows) + self.whole.shares(articles)) / 2
        terms, rarity = self.own.effective_terms(rows), self.own.rarity(rows)
        return np.asarray(np.minimum(shares * np.sqrt(terms), _STRONGEST) * rarity * self._literal.comparable(articles))

    def _exact_cosines(self, rows: Ints, articles: Ints) -> tuple[Floats, Floats] | None:
        """Return those of passages and of their articles."""
        if self.cosines is None:
            return None
        return (
            _exact(self.corpus.vectors(rows), self.cosines.vector),
            _exact(self.corpus.article_vectors(articles), self._article_vector),
        )


def _exact(matrix: Matrix, vector: Vector) -> Floats:
    """Multiply row by row, or a score would depend on which others are computed with it."""
    return proved((matrix.astype(np.float64) * vector.astype(np.float64)).sum(axis=1))
