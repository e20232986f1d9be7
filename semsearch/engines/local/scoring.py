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
from functools import cached_property
from itertools import starmap
from typing import NamedTuple

import numpy as np

from semsearch.deadlines import Deadline
from semsearch.engines.local.arrays import Mask
from semsearch.engines.local.bm25 import Sought, Top
from semsearch.engines.local.codes import Rough
from semsearch.engines.local.corpus import Corpus
from semsearch.engines.local.cosines import Cosines, exact_cosines
from semsearch.engines.local.matches import Literal
from semsearch.engines.local.runs import Ints
from semsearch.ports import Ask, Evidence, Floats, Scored, Signals, Vector
from semsearch.ranking.constants import STRONGEST
from semsearch.ranking.languages import language_offsets, really_read, share_of_words

MARGIN = 1e-5
"""Above the difference between what is computed in float32 and what is exact, rounding included."""

_SCORE_DIGITS = 6
"""Encoders agree to about 1e-6: further digits would order equal texts by accident."""


class Ceilings(NamedTuple):
    """What some rows and articles have of a query's words at most: where not exactly known, no more than the last."""

    own: Top
    whole: Top


class Proposed(NamedTuple):
    """What is likely to be among the best."""

    rows: Ints  # by their vectors, the nearest first
    ceilings: Ceilings | None  # what has most of the words; None where these do not count


class Weights(NamedTuple):
    """Of what makes the scores of some articles, (articles,) each. The first three add up to 1 or less."""

    vectors: Floats
    words: Floats
    numbers: Floats  # among the words, beside that
    whole: Floats  # of the vectors' weight the article's own vector has this share

    @property
    def all_words(self) -> Floats:
        """What words have at most."""
        return self.words + self.numbers


class Grouped(NamedTuple):
    """Rows, ascending and each once, with their articles."""

    rows: Ints
    articles: Ints  # ascending and each once
    of_row: Ints  # (rows,): which of the articles each is of


class Scoring:
    """The score of every passage of one generation for one query."""

    def __init__(self, corpus: Corpus, ask: Ask, cosines: Cosines | None, deadline: Deadline) -> None:
        self.corpus, self.ask, self.cosines, self.deadline = corpus, ask, cosines, deadline
        self.own = Sought(corpus.passage_statistics, ask.text)
        self.whole = Sought(corpus.article_statistics, ask.text)
        self.article_vector = None if cosines is None else cosines.vector
        self.has_words = ask.vector is None or ask.mix.lexical > 0 or ask.mix.dense < 1  # that count
        self._literal = Literal(corpus, ask.text, self.own, self.whole)
        self._quoted: Mask | None = None
        self._ages = False
        self.proposed: dict[int, Proposed] = {}  # among all rows, by how many each signal proposes
        self._of_rows: tuple[Ints, Rough] | None = None
        self._of_languages: Floats | None = None

    @property
    def knows_words(self) -> bool:
        """Whether all scores by words are added up at once, so that to look them up is cheap."""
        return self.own.are_few and self.whole.are_few

    def age(self) -> None:
        """Multiply scores by recency from now on, where the query asks for it."""
        self._ages = self.ask.half_life is not None

    def quote(self, articles: Mask) -> None:
        """Take these articles, (articles,), as having a phrase that the query quotes."""
        self._quoted = articles

    def move_query(self, best: list[tuple[int, Vector]]) -> None:
        """Compare articles with the query as these passages, rows and vectors, correct it, from now on.

        Those in another language correct nothing: they are less often right, and near each other for their language.
        """
        if self.cosines is None or not best:
            return
        rows = np.array([row for row, _ in best])
        weights = self._share_of_words(rows, self.corpus.row_articles[rows])
        vectors = np.array([vector for _, vector in best]) * weights[:, None]
        moved = self.cosines.vector + self.ask.mix.feedback * vectors.mean(axis=0)
        length = float(np.linalg.norm(moved))
        if length > MARGIN:  # not where they point exactly the other way
            self.article_vector = (moved / length).astype(np.float32)

    def _weights(self, articles: Ints) -> Weights:
        mix = self.ask.mix
        none, whole = np.zeros(len(articles)), np.full(len(articles), mix.dense_article)
        if self.ask.vector is None or not mix.lexical:
            vectors = np.full(len(articles), 0.0 if self.ask.vector is None else mix.dense)
            return Weights(vectors, 1 - vectors, none, whole)
        rows, legibility = self.corpus.article_rows[articles], self._legibility(articles)
        most = mix.dense * legibility
        dense = most / (1 + mix.lexical * np.sqrt(self.own.effective_terms(rows)))
        same = self._share_of_words(rows, articles)
        # In another language vectors have what the words of one term would have besides, so that a score stays
        # comparable with those of articles in the query's own, of whose words what answers it has some. Numbers are
        # written alike in every language: they have what is left.
        vectors, own_words = np.minimum(dense * (1 + mix.lexical * (1 - same)), most), (1 - dense) * same
        numbers = np.where(same < 1, 1 - vectors - own_words, 0.0) if self.own.has_numbers else none
        return Weights(vectors, own_words, numbers, whole * (1 - (1 - mix.foreign_article) * (1 - same)))

    def _share_of_words(self, rows: Ints, articles: Ints) -> Floats:
        """Return how much of their weight words keep in each row, of an article each."""
        return share_of_words(self.own.same_language(rows), self.corpus.legibility[articles].astype(np.float64))

    def _offsets(self, articles: Ints) -> Floats:
        """Return what is added to the cosines of each article and its passages, for its language alone."""
        if not self._language_offsets.any():
            return np.zeros(len(articles))
        rows = self.corpus.article_rows[articles]
        offsets = self._language_offsets[self.own.codes[rows]]
        return np.asarray(offsets * (1 - self._share_of_words(rows, articles)))

    @cached_property
    def _language_offsets(self) -> Floats:
        """(analysers,): what is added to cosines with texts in another language.

        Nothing where the encoder does not really read the query, or articles in its language.
        """
        statistics = self.corpus.passage_statistics
        if self.ask.vector is None or not self.ask.mix.lexical or np.count_nonzero(statistics.counts) < 2:
            return np.zeros(len(statistics.analysers))
        same = self.own.same_languages
        of_language = same @ self.corpus.mean_legibility / same.sum() if same.any() else 1.0
        read = really_read(np.minimum(self.ask.legibility, of_language))
        return read * language_offsets(
            same, self._language_cosines(self.ask.vector), statistics.counts.astype(np.float64)
        )

    def _language_cosines(self, vector: Vector) -> Floats:
        """Return (analysers,): the query's mean cosine with the passages that each has analysed."""
        if self._of_languages is None:
            self._of_languages = np.asarray(self.corpus.mean_vectors @ vector.astype(np.float64))
        return self._of_languages

    def _legibility(self, articles: Ints) -> Floats:
        return np.minimum(self.ask.legibility, self.corpus.legibility[articles])

    def _recency(self, articles: Ints) -> Floats:
        """Return what scores are multiplied by: 1 for a new article, 1/2 for one of a half-life's age.

        What does not say how old it is counts as old as the oldest: it must not pass what is known to be new.
        """
        if not self._ages or self.corpus.oldest is None:
            return np.ones(len(articles))
        earliest, latest = self.corpus.published[articles].T
        known = np.where(earliest > latest, self.corpus.oldest, latest).astype(np.float64)
        return np.asarray(0.5 ** (np.maximum(self.ask.as_of - known, 0) / (self.ask.half_life or 1.0)))

    def ceilings(self, count: int, rows: Mask | None = None, articles: Mask | None = None) -> Ceilings:
        """Return what the words of so many rows and articles are, and what others have at most.

        Args:
            rows: (rows,), those that count; None: all.
            articles: (articles,), the same.
        """
        return Ceilings(self.own.top(count, rows), self.whole.top(count, articles))

    def most(self, rows: Ints, ceilings: Ceilings | None) -> Rough:
        """Return (len(rows),): what none of these rows, ascending, scores above by more than MARGIN.

        Args:
            ceilings: of the words of these rows among others; None: look up the words of each.
        """
        mix = self.ask.mix
        articles, counts = self.corpus.articles_of(rows)
        weights = self._weights(articles)
        of_articles = np.zeros(len(articles))
        if self.has_words:
            if ceilings is None:
                by_words = self._by_words(self.whole, articles, weights.words, weights.numbers)
            else:
                by_words = weights.all_words * _at_most(ceilings.whole, articles)
            of_articles += mix.lexical_article * by_words
        if self.cosines is not None:
            of_articles += weights.vectors * self._offsets(articles)
        if self.cosines is not None and self.article_vector is not None and mix.dense_article:
            cosines = self.cosines.most_of_articles(articles, self.article_vector)
            of_articles += weights.whole * weights.vectors * cosines
        found = self._most_of_rows(rows, weights, counts, ceilings)
        found = found + np.repeat(of_articles.astype(np.float32), counts)
        if self._ages:
            found *= np.repeat(self._recency(articles).astype(np.float32), counts)
        return found

    def _by_words(self, sought: Sought, units: Ints, words: Floats, numbers: Floats) -> Floats:
        """Return what words add to the scores of units, given their weights there."""
        found = words * sought.shares(units)
        return found + numbers * sought.number_shares(units) if numbers.any() else found

    def _most_of_rows(self, rows: Ints, weights: Weights, counts: Ints, ceilings: Ceilings | None) -> Rough:
        """Return what none of these rows has more of by itself, without its article."""
        if self._of_rows is not None and self._of_rows[0] is rows:  # before and after the query was moved
            return self._of_rows[1]
        found = np.zeros(len(rows), dtype=np.float32)
        if self.has_words:
            share = 1 - self.ask.mix.lexical_article
            all_words = weights.words if ceilings is None else weights.all_words
            own = self.own.shares(rows) if ceilings is None else _at_most(ceilings.own, rows)
            found += np.repeat((share * all_words).astype(np.float32), counts)
            found *= own.astype(np.float32, copy=False)
            if ceilings is None and weights.numbers.any():
                numbers = np.repeat((share * weights.numbers).astype(np.float32), counts)
                found += numbers * self.own.number_shares(rows).astype(np.float32)
        if self.cosines is not None:
            of_vectors = np.repeat(((1 - weights.whole) * weights.vectors).astype(np.float32), counts)
            of_vectors *= self.cosines.most(rows)
            found += of_vectors
        if rows is self.corpus.living_rows:
            self._of_rows = rows, found
        return found

    def _parts(self, grouped: Grouped, cosines: tuple[Floats, Floats] | None) -> dict[str, Floats]:
        """Return, of rows, what each signal adds to their scores."""
        mix, at = self.ask.mix, grouped.of_row
        weights = self._weights(grouped.articles)
        of_rows = self._by_words(self.own, grouped.rows, weights.words[at], weights.numbers[at])
        of_articles = self._by_words(self.whole, grouped.articles, weights.words, weights.numbers)
        found = {
            "lexical": (1 - mix.lexical_article) * of_rows,
            "lexical_article": (mix.lexical_article * of_articles)[at],
        }
        if cosines is not None:
            own, whole = cosines
            offsets = self._offsets(grouped.articles)
            found["dense"] = ((1 - weights.whole) * weights.vectors)[at] * (own + offsets[at])
            found["dense_article"] = (weights.whole * weights.vectors * (whole + offsets))[at]
        return found

    def scores(self, rows: Ints) -> Floats:
        """Return the scores of rows, ascending and each once."""
        sums = (self._sums(self._parts(part, self._cosines_of(part)), part) for part in self._batches(rows))
        return np.concatenate([np.zeros(0), *sums])

    def _batches(self, rows: Ints) -> Iterator[Grouped]:
        """Yield rows in pieces that take little memory and time; the clock is looked at before each."""
        size = self.corpus.thresholds.batch
        for begin in range(0, len(rows), size):
            self.deadline.check()
            part = rows[begin : begin + size]
            articles, counts = self.corpus.articles_of(part)
            yield Grouped(part, articles, np.repeat(np.arange(len(articles)), counts))

    def _sums(self, parts: dict[str, Floats], grouped: Grouped) -> Floats:
        total = sum(parts.values(), np.zeros(len(grouped.rows)))
        if self._ages:
            total = total * self._recency(grouped.articles)[grouped.of_row]
        return np.asarray(np.round(total, _SCORE_DIGITS), dtype=np.float64)

    def sure(self, rows: Ints) -> Mask:
        """Mark those of these rows, ascending, that one is sure enough of: by exact cosines, unless rough ones tell."""
        return np.concatenate([np.zeros(0, dtype=np.bool_), *map(self._sure, self._batches(rows))])

    def _sure(self, grouped: Grouped) -> Mask:
        evidence = self._evidence(grouped, None)

        def is_sure(cosines: Floats | None, among: Ints | slice) -> Mask:
            return self.ask.judge(evidence.of(among, cosines)) >= self.ask.least_confidence

        if self.cosines is None:
            return is_sure(None, slice(None))
        offsets = self._offsets(grouped.articles)[grouped.of_row]
        most = self.cosines.most(grouped.rows).astype(np.float64) + offsets
        sure = is_sure(most - 2 * self.cosines.error - MARGIN, slice(None))
        unsettled = np.flatnonzero(sure != is_sure(most + MARGIN, slice(None)))
        if unsettled.size:
            cosines = exact_cosines(self.corpus.vectors(grouped.rows[unsettled]), self.cosines.vector)
            sure[unsettled] = is_sure(cosines + offsets[unsettled], unsettled)
        return sure

    def scored(self, rows: Ints) -> list[Scored]:
        """Return rows, ascending and each once, with everything that is known about them."""
        return [one for part in self._batches(rows) for one in self._scored(part)]

    def _scored(self, grouped: Grouped) -> list[Scored]:
        corpus, (rows, articles, at) = self.corpus, grouped
        cosines = self._cosines_of(grouped)
        parts = self._parts(grouped, cosines)
        own, whole = ([None] * len(rows),) * 2 if cosines is None else (cosines[0].tolist(), cosines[1][at].tolist())
        evidence = self._evidence(grouped, None if cosines is None else cosines[0] + self._offsets(articles)[at])
        signals = zip(
            own,
            self.own.scores(rows).tolist(),
            whole,
            self.whole.scores(articles)[at].tolist(),
            self.whole.coverage(articles)[at].tolist(),
            evidence.strength.tolist(),
            evidence.literal.tolist(),
            evidence.prominence.tolist(),
            strict=True,
        )
        ids = [corpus.article_id(article) for article in articles.tolist()]
        told = zip(
            [ids[place] for place in at.tolist()],
            *corpus.places(rows).tolist(),
            self._sums(parts, grouped).tolist(),
            starmap(Signals, signals),
            [
                dict(zip(parts, values, strict=True))
                for values in zip(*map(np.ndarray.tolist, parts.values()), strict=True)
            ],
            self._recency(articles)[at].tolist(),
            self.ask.judge(evidence).tolist(),
            strict=True,
        )
        return list(starmap(Scored, told))

    def _evidence(self, grouped: Grouped, cosines: Floats | None) -> Evidence:
        """Return what is known of rows, each value but cosines of the length of these."""
        articles, at = grouped.articles, grouped.of_row
        complete = self._literal.complete(articles)
        literal = complete if self._quoted is None else complete | self._quoted[articles]
        same = self._share_of_words(self.corpus.article_rows[articles], articles)
        usual, texts = self._usual(articles, same)
        return Evidence(
            cosines,
            self._strength(grouped),
            self._legibility(articles)[at],
            literal[at],
            self._literal.prominence(grouped.rows, articles[complete], (np.cumsum(complete) - 1)[at], complete[at]),
            same[at],
            usual[at],
            texts[at],
        )

    def _usual(self, articles: Ints, same: Floats) -> tuple[Floats, Floats]:
        """Return the query's mean cosine with all passages in each article's language, and their number.

        Args:
            same: how far the query is in each article's language. Where it is, and the index has headlines to tell by,
                nothing is looked up.
        """
        if self.ask.vector is None or (self.corpus.background.settled == 1 and (same == 1).all()):
            return np.zeros(len(articles)), np.zeros(len(articles))
        codes = self.own.codes[self.corpus.article_rows[articles]]
        usual = self._language_cosines(self.ask.vector)[codes] + self._offsets(articles)
        return usual, self.corpus.passage_statistics.counts[codes].astype(np.float64)

    def _strength(self, grouped: Grouped) -> Floats:
        """Return of rows how much of the query's words they and their articles have, and how rare these words are."""
        articles, at = grouped.articles, grouped.of_row
        firsts = self.corpus.article_rows[articles]  # which tell of all rows of an article how it was analysed
        shares = (self.own.shares(grouped.rows) + self.whole.shares(articles)[at]) / 2
        strongest = np.minimum(shares * np.sqrt(self.own.effective_terms(firsts))[at], STRONGEST)
        # In another language words match by accident.
        of_articles = self._share_of_words(firsts, articles) * self.own.rarity(firsts)
        return np.asarray(strongest * (of_articles * self._literal.comparable(articles))[at])

    def _cosines_of(self, grouped: Grouped) -> tuple[Floats, Floats] | None:
        """Return those of passages, (rows,), and of their articles, (articles,), each computed by itself."""
        if self.cosines is None or self.article_vector is None:
            return None
        return (
            exact_cosines(self.corpus.vectors(grouped.rows), self.cosines.vector),
            exact_cosines(self.corpus.article_vectors(grouped.articles), self.article_vector),
        )


def _at_most(top: Top, units: Ints) -> Rough:
    """Return of ascending units shares that they do not exceed."""
    found = np.full(len(units), top.bar, dtype=np.float32)
    at = np.searchsorted(units, top.units)
    there = at < len(units)
    there[there] = units[at[there]] == top.units[there]
    found[at[there]] = top.shares[there]
    return found
