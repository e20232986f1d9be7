"""What a passage scores for a query, and what its score is made of.

A score is a convex sum (Bruch, Gai, Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", 2023) of a cosine
and of BM25 divided by the most that it could be for this query. Neither depends on other candidates, on `k` or on
filters, so that one passage can be scored without knowing any list. BM25's share grows with the square root of the
number of the query's terms, which ranks as dividing by the length of the vector of their weights would: the query's
words are then normalised as its vector is.

Before articles' vectors are compared, the query is moved towards the passages that rank best without that (Rocchio,
"Relevance Feedback in Information Retrieval", 1971; for vectors Li et al., "Pseudo Relevance Feedback with Deep
Language Models and Dense Retrievers", 2021). These are the best of all living passages: filters change no score.
"""

from collections.abc import Iterator
from functools import cached_property
from itertools import starmap
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from semsearch.deadlines import Deadline
from semsearch.engines.local.arrays import Mask
from semsearch.engines.local.bm25 import QueryTerms, Top
from semsearch.engines.local.codes import Rough
from semsearch.engines.local.corpus import Corpus
from semsearch.engines.local.cosines import Cosines, exact_cosines
from semsearch.engines.local.matches import LiteralWords
from semsearch.engines.local.runs import Ints
from semsearch.engines.local.weights import Weights
from semsearch.ports import Ask, Evidence, Floats, Scored, Signals, Vector
from semsearch.ranking.constants import STRONGEST

MARGIN = 1e-5
"""Above the difference between scores computed in float32 and exact ones, rounding included."""

_JUDGED_BATCHES = 16
"""How many batches are judged at once: judging a row takes less memory and time than scoring it, as it reads nearly no
vectors."""

_SCORE_DIGITS = 6
"""Encoders agree to about 1e-6: further digits would order equal texts by accident."""


class Ceilings(NamedTuple):
    """The rows and articles that have most of a query's words; all others have no more than the last of these."""

    passages: Top
    articles: Top


Shares = Floats | Rough
"""BM25 divided by the most that a text could have for the query, 0 to 1."""


class AtMost(NamedTuple):
    """Upper bounds of the signals of rows, or of the best row of each article; None where a signal does not count."""

    passage_words: Rough | None  # shares by the words of rows
    passage_numbers: Rough | None  # how much of these shares numbers contribute
    article_words: Rough | None  # (articles,): shares by the words of articles
    article_numbers: Rough | None
    cosines: Rough | None  # of rows


class Proposed(NamedTuple):
    """Rows and articles that are likely to be among the best."""

    rows: Ints  # by their vectors, nearest first
    ceilings: Ceilings | None  # by their words; None where these do not count


class Grouped(NamedTuple):
    """Rows, ascending and each once, with their articles."""

    rows: Ints
    articles: Ints  # ascending and each once
    of_row: Ints  # (rows,): the index in `articles` of each row's article


class Scoring:
    """The score of every passage of one generation for one query."""

    def __init__(self, corpus: Corpus, ask: Ask, cosines: Cosines | None, deadline: Deadline) -> None:
        self.corpus, self.ask, self.cosines, self.deadline = corpus, ask, cosines, deadline
        thresholds = corpus.thresholds
        most = thresholds.most_terms if cosines is None else thresholds.most_terms_beside_vectors
        self.passage_terms = QueryTerms(corpus.passage_statistics, ask.text, most)
        self.article_terms = QueryTerms(corpus.article_statistics, ask.text, most)
        self.article_vector = None if cosines is None else cosines.vector
        self.has_words = ask.vector is None or ask.mix.lexical > 0 or ask.mix.dense < 1  # whether words count
        self.weights = Weights(corpus, ask, self.passage_terms)
        self._literal = LiteralWords(corpus, ask.text, self.passage_terms, self.article_terms)
        self._quoted: Mask | None = None
        self._ages = False
        self.proposed: dict[int, Proposed] = {}  # among all living rows, by how many each signal proposes
        self._ceilings: dict[int, Ceilings] = {}  # among all rows, by their number
        self._living_bounds: AtMost | None = None  # the best of each living article

    @property
    def knows_words(self) -> bool:
        """Whether all scores by words are added up at once, so that looking them up is cheap."""
        return self.passage_terms.are_few and self.article_terms.are_few

    def age(self) -> None:
        """Multiply scores by recency from now on, if the query asks for it."""
        self._ages = self.ask.half_life is not None

    def quote(self, articles: Mask) -> None:
        """Take the mask, (articles,), of those that have a phrase that the query quotes."""
        self._quoted = articles

    def move_query(self, best: list[tuple[int, Vector]]) -> None:
        """Move the vector that articles are compared with towards these passages, given as rows and vectors.

        Passages in another language do not move it: they are less often right, and near each other for their language.
        """
        if self.cosines is None or not best:
            return
        rows = np.array([row for row, _ in best])
        weights = self.weights.share_of_words[self._profiles(self.corpus.row_articles[rows])]
        vectors = np.array([vector for _, vector in best]) * weights[:, None]
        moved = self.cosines.vector + self.ask.mix.feedback * vectors.mean(axis=0)
        length = float(np.linalg.norm(moved))
        if length > MARGIN:  # 0 if they point exactly the other way
            self.article_vector = (moved / length).astype(np.float32)

    def _profiles(self, articles: Ints) -> npt.NDArray[np.int32]:
        """Return which profile each article has."""
        return self.corpus.profiles.of_article[articles]

    def _recency(self, articles: Ints) -> Floats:
        """Return the factors of articles' scores: 1 for a new article, 1/2 for one that is a half-life old.

        An undated article counts as being as old as the oldest, so that it never passes one known to be newer.
        """
        if not self._ages or self.corpus.oldest is None:
            return np.ones(len(articles))
        earliest, latest = self.corpus.published[articles].T
        instants = np.where(earliest > latest, self.corpus.oldest, latest).astype(np.float64)
        return np.asarray(0.5 ** (np.maximum(self.ask.as_of - instants, 0) / (self.ask.half_life or 1.0)))

    def ceilings(self, count: int, rows: Mask | None = None, articles: Mask | None = None) -> Ceilings:
        """Return the `count` rows and articles with most of the words, which bound what all others have.

        Args:
            rows: (rows,), those that count; None: all.
            articles: (articles,), the same.
        """
        if rows is not None or articles is not None:
            return Ceilings(self.passage_terms.top(count, rows), self.article_terms.top(count, articles))
        if count not in self._ceilings:
            self._ceilings[count] = Ceilings(self.passage_terms.top(count), self.article_terms.top(count))
        return self._ceilings[count]

    def row_bounds(self, rows: Ints, ceilings: Ceilings | None = None) -> Rough:
        """Return (len(rows),): bounds that no score of these rows, ascending, exceeds by more than MARGIN.

        Args:
            ceilings: of scores by words, of these rows among others; None: look up the words of each row.
        """
        articles, counts = self.corpus.articles_of(rows)
        return self._score_bounds(articles, self._signal_bounds(rows, articles, ceilings), counts)

    def article_bounds(self, ceilings: Ceilings | None) -> tuple[Ints, Rough]:
        """Return the living articles, ascending, with bounds that no row of theirs exceeds by more than MARGIN."""
        rows = self.corpus.living_rows
        articles, counts = self.corpus.articles_of(rows)
        if self._living_bounds is None:  # it stays the same when the query is moved
            begins, of_rows = np.cumsum(counts) - counts, self._signal_bounds(rows, articles, ceilings)
            self._living_bounds = of_rows._replace(
                passage_words=_best_of_runs(of_rows.passage_words, begins),
                passage_numbers=_best_of_runs(of_rows.passage_numbers, begins),
                cosines=_best_of_runs(of_rows.cosines, begins),
            )
        return articles, self._score_bounds(articles, self._living_bounds)

    def _signal_bounds(self, rows: Ints, articles: Ints, ceilings: Ceilings | None) -> AtMost:
        """Return upper bounds of the signals of these rows, ascending, and of their articles."""
        cosines = None if self.cosines is None else self.cosines.row_bounds(rows)
        if not self.has_words:
            return AtMost(None, None, None, None, cosines)
        if ceilings is not None:  # numbers may contribute all of it
            of_rows, of_articles = _bounded_by(ceilings.passages, rows), _bounded_by(ceilings.articles, articles)
            return AtMost(of_rows, of_rows, of_articles, of_articles, cosines)
        return AtMost(
            _narrow(self.passage_terms.shares(rows)),
            _narrow(self._numbers(self.passage_terms, rows)),
            _narrow(self.article_terms.shares(articles)),
            _narrow(self._numbers(self.article_terms, articles)),
            cosines,
        )

    def _numbers(self, query_terms: QueryTerms, units: Ints) -> Floats | None:
        """Return how much of units' shares numbers contribute; None where numbers have no weight of their own."""
        return query_terms.number_shares(units) if self.weights.numbers.any() else None

    def _score_bounds(self, articles: Ints, bounds: AtMost, counts: Ints | None = None) -> Rough:
        """Return upper bounds of the scores of articles, ascending, or of their rows.

        Args:
            counts: (articles,), how many rows each has; None for one bound an article.
        """
        mix, weights, profiles = self.ask.mix, self.weights, self._profiles(articles)
        dense, lexical = weights.dense[profiles], weights.lexical[profiles]
        numbers, dense_article = weights.numbers[profiles], weights.dense_article[profiles]
        of_articles = dense * weights.offsets[profiles]
        if bounds.article_words is not None:
            of_articles += mix.lexical_article * lexical * bounds.article_words
        if bounds.article_numbers is not None:
            of_articles += mix.lexical_article * numbers * bounds.article_numbers
        if self.cosines is not None and self.article_vector is not None and mix.dense_article:
            of_articles += dense_article * dense * self.cosines.article_bounds(articles, self.article_vector)

        def of_each(values: Floats) -> Rough:
            rough = values.astype(np.float32)
            return rough if counts is None else np.repeat(rough, counts)

        row_bounds = of_each(of_articles)
        if bounds.passage_words is not None:
            row_bounds += bounds.passage_words * of_each((1 - mix.lexical_article) * lexical)
        if bounds.passage_numbers is not None:
            row_bounds += bounds.passage_numbers * of_each((1 - mix.lexical_article) * numbers)
        if bounds.cosines is not None:
            row_bounds += bounds.cosines * of_each((1 - dense_article) * dense)
        if self._ages:
            row_bounds *= of_each(self._recency(articles))
        return row_bounds

    def _parts(self, grouped: Grouped, cosines: tuple[Floats, Floats] | None) -> dict[str, Floats]:
        """Return what each signal adds to the scores of rows, (rows,), by the signal's name."""
        (rows, articles, of_row), weights, profiles = grouped, self.weights, self._profiles(grouped.articles)
        dense, lexical, numbers = weights.dense[profiles], weights.lexical[profiles], weights.numbers[profiles]
        row_words = lexical[of_row] * self.passage_terms.shares(rows)
        article_words = lexical * self.article_terms.shares(articles)
        if (row_numbers := self._numbers(self.passage_terms, rows)) is not None:
            row_words += numbers[of_row] * row_numbers
        if (article_numbers := self._numbers(self.article_terms, articles)) is not None:
            article_words += numbers * article_numbers
        added = {
            "lexical": (1 - self.ask.mix.lexical_article) * row_words,
            "lexical_article": (self.ask.mix.lexical_article * article_words)[of_row],
        }
        if cosines is not None:
            row_cosines, article_cosines = cosines
            offsets, dense_article = weights.offsets[profiles], weights.dense_article[profiles]
            added["dense"] = ((1 - dense_article) * dense)[of_row] * (row_cosines + offsets[of_row])
            added["dense_article"] = (dense_article * dense * (article_cosines + offsets))[of_row]
        return added

    def scores(self, rows: Ints) -> Floats:
        """Return the scores of rows, ascending and each once."""
        sums = (self._sums(self._parts(part, self._cosines_of(part)), part) for part in self._batches(rows))
        return np.concatenate([np.zeros(0), *sums])

    def _batches(self, rows: Ints, times: int = 1) -> Iterator[Grouped]:
        """Yield rows in pieces that take little memory and time; the deadline is checked before each.

        Args:
            times: how many batches make one piece.
        """
        size = times * self.corpus.thresholds.batch
        for begin in range(0, len(rows), size):
            self.deadline.check()
            yield self._grouped(rows[begin : begin + size])

    def _grouped(self, rows: Ints) -> Grouped:
        articles, counts = self.corpus.articles_of(rows)
        return Grouped(rows, articles, np.repeat(np.arange(len(articles)), counts))

    def _sums(self, parts: dict[str, Floats], grouped: Grouped) -> Floats:
        total = sum(parts.values(), np.zeros(len(grouped.rows)))
        if self._ages:
            total = total * self._recency(grouped.articles)[grouped.of_row]
        return np.asarray(np.round(total, _SCORE_DIGITS), dtype=np.float64)

    def sure(self, rows: Ints) -> Mask:
        """Mark the rows, ascending, whose confidence suffices; exact cosines are read where bounds do not decide."""
        mask, likely = np.zeros(len(rows), dtype=np.bool_), np.arange(len(rows))
        if len(rows) > self.corpus.thresholds.batch:
            articles = self.corpus.row_articles[rows]
            mask = self._sure_by_words[articles]
            likely = np.flatnonzero(self._may_be_sure[articles] & ~mask)
        mask[likely] = np.concatenate([mask[:0], *map(self._sure, self._batches(rows[likely], _JUDGED_BATCHES))])
        return mask

    @cached_property
    def _sure_by_words(self) -> Mask:
        """(articles,): the literal ones whose confidence suffices for that, whatever their cosines and prominence."""
        profiles = np.arange(len(self.weights.legibility), dtype=np.int32)
        usual, texts = self.weights.usual(profiles)
        nothing = np.zeros(len(profiles))
        evidence = Evidence(
            None if self.cosines is None else nothing - 2,  # less than any
            nothing,
            self.weights.legibility,
            np.ones(len(profiles), dtype=np.bool_),
            nothing,
            self.weights.share_of_words,
            usual,
            texts,
        )
        suffices = self.ask.judge(evidence) >= self.ask.least_confidence
        articles = np.arange(self.corpus.articles)
        return self._literal_of(articles, self._complete) & suffices[self._profiles(articles)]

    @cached_property
    def _may_be_sure(self) -> Mask:
        """(articles,): the living ones that might have a sure row, if one row had both the best words and cosine."""
        bounds = self._living_bounds
        if bounds is None or bounds.passage_words is None or bounds.article_words is None or bounds.cosines is None:
            return self.corpus.alive
        mask = np.zeros(self.corpus.articles, dtype=np.bool_)
        articles, _ = self.corpus.articles_of(self.corpus.living_rows)
        grouped = Grouped(self.corpus.article_rows[articles], articles, np.arange(len(articles)))
        profiles, literal = self._profiles(articles), self._literal_of(articles, self._complete[articles])
        usual, texts = self.weights.usual(profiles)
        evidence = Evidence(
            bounds.cosines + self.weights.offsets[profiles] + MARGIN,
            self._strength(grouped, bounds.passage_words + MARGIN, bounds.article_words + MARGIN),
            self.weights.legibility[profiles],
            literal,
            np.zeros(len(articles)),
            self.weights.share_of_words[profiles],
            usual,
            texts,
        )
        mask[articles] = literal | (self.ask.judge(evidence) >= self.ask.least_confidence)
        return mask

    def _sure(self, grouped: Grouped) -> Mask:
        evidence = self._evidence(grouped, None)

        def is_sure(cosines: Floats | None, among: Ints | slice) -> Mask:
            return self.ask.judge(evidence.of(among, cosines)) >= self.ask.least_confidence

        if self.cosines is None:
            return is_sure(None, slice(None))
        offsets = self.weights.offsets[self._profiles(grouped.articles)][grouped.of_row]
        most = self.cosines.row_bounds(grouped.rows).astype(np.float64) + offsets
        mask = is_sure(most + MARGIN, slice(None))
        possible = np.flatnonzero(mask)
        unsettled = possible[~is_sure(most[possible] - 2 * self.cosines.error - MARGIN, possible)]
        if unsettled.size:
            cosines = exact_cosines(self.corpus.vectors(grouped.rows[unsettled]), self.cosines.vector)
            mask[unsettled] = is_sure(cosines + offsets[unsettled], unsettled)
        return mask

    def scored(self, rows: Ints) -> list[Scored]:
        """Return rows, ascending and each once, with everything that is known about them."""
        return [scored for grouped in self._batches(rows) for scored in self._scored(grouped)]

    def _scored(self, grouped: Grouped) -> list[Scored]:
        corpus, (rows, articles, of_row) = self.corpus, grouped
        offsets = self.weights.offsets[self._profiles(articles)][of_row]
        cosines = self._cosines_of(grouped)
        parts = self._parts(grouped, cosines)
        if cosines is None:
            row_cosines = article_cosines = [None] * len(rows)
            evidence = self._evidence(grouped, None)
        else:
            row_cosines, article_cosines = cosines[0].tolist(), cosines[1][of_row].tolist()
            evidence = self._evidence(grouped, cosines[0] + offsets)
        signals = zip(
            row_cosines,
            self.passage_terms.scores(rows).tolist(),
            article_cosines,
            self.article_terms.scores(articles)[of_row].tolist(),
            self.article_terms.coverage(articles)[of_row].tolist(),
            evidence.strength.tolist(),
            evidence.literal.tolist(),
            evidence.prominence.tolist(),
            strict=True,
        )
        ids = corpus.article_ids(articles.tolist())
        columns = zip(
            [ids[index] for index in of_row.tolist()],
            *corpus.ordinals_and_spans(rows).tolist(),
            self._sums(parts, grouped).tolist(),
            starmap(Signals, signals),
            [
                dict(zip(parts, values, strict=True))
                for values in zip(*map(np.ndarray.tolist, parts.values()), strict=True)
            ],
            self._recency(articles)[of_row].tolist(),
            self.ask.judge(evidence).tolist(),
            strict=True,
        )
        return list(starmap(Scored, columns))

    def _literal_of(self, articles: Ints, complete: Mask) -> Mask:
        """Mark articles that have every meaningful word of the query, as `complete` says, or its quoted phrase."""
        return complete if self._quoted is None else complete | self._quoted[articles]

    def _evidence(self, grouped: Grouped, cosines: Floats | None) -> Evidence:
        """Return the evidence about rows; all its values have their length, but cosines may be None."""
        of_row, profiles = grouped.of_row, self._profiles(grouped.articles)
        strength, literal, prominence = self._evidence_of_words(grouped)
        usual, texts = self.weights.usual(profiles)
        return Evidence(
            cosines,
            strength,
            self.weights.legibility[profiles][of_row],
            literal,
            prominence,
            self.weights.share_of_words[profiles][of_row],
            usual[of_row],
            texts[of_row],
        )

    def _evidence_of_words(self, grouped: Grouped) -> tuple[Floats, Mask, Floats]:
        """Return the strength, literalness and prominence of rows; of many, only those with words are looked at."""
        rows, articles, of_row = grouped
        if len(rows) > self.corpus.thresholds.batch:
            with_words = np.flatnonzero(self._may_have_words(grouped))
            if len(with_words) < len(rows):
                strength, literal, prominence = np.zeros(len(rows)), np.zeros(len(rows), np.bool_), np.zeros(len(rows))
                evidence = self._evidence_of_words(self._grouped(rows[with_words]))
                strength[with_words], literal[with_words], prominence[with_words] = evidence
                return strength, literal, prominence
        complete = self._literal.complete(articles)
        prominence = self._literal.prominence(
            rows, articles[complete], (np.cumsum(complete) - 1)[of_row], complete[of_row]
        )
        strength = self._strength(grouped, self.passage_terms.shares(rows), self.article_terms.shares(articles))
        return strength, self._literal_of(articles, complete)[of_row], prominence

    def _may_have_words(self, grouped: Grouped) -> Mask:
        """Mark rows, except those without a word of a weight whose article has none either and is not literal."""
        rows, articles, of_row = grouped
        of_articles = self.article_terms.may_match(articles) | self._literal_of(articles, self._complete[articles])
        return self.passage_terms.may_match(rows) | of_articles[of_row]

    @cached_property
    def _complete(self) -> Mask:
        """(articles,): those that have every meaningful word."""
        return self._literal.complete(np.arange(self.corpus.articles))

    def _strength(self, grouped: Grouped, row_shares: Shares, article_shares: Shares) -> Floats:
        """Return how much of the query's words rows and their articles have, weighted by how rare these words are.

        Args:
            row_shares: (rows,), the shares of the words of rows.
            article_shares: (articles,), the same of articles.
        """
        articles, of_row, profiles = grouped.articles, grouped.of_row, self._profiles(grouped.articles)
        strongest = np.minimum(
            (row_shares + article_shares[of_row]) / 2 * self.weights.root_of_terms[profiles][of_row], STRONGEST
        )
        return np.asarray(
            strongest * (self.weights.certainty_of_words[profiles] * self._literal.comparable(articles))[of_row]
        )

    def _cosines_of(self, grouped: Grouped) -> tuple[Floats, Floats] | None:
        """Return the exact cosines of passages, (rows,), and of their articles, (articles,)."""
        if self.cosines is None or self.article_vector is None:
            return None
        return (
            exact_cosines(self.corpus.vectors(grouped.rows), self.cosines.vector),
            exact_cosines(self.corpus.article_vectors(grouped.articles), self.article_vector),
        )


def _narrow(values: Floats | None) -> Rough | None:
    return None if values is None else values.astype(np.float32)


def _best_of_runs(values: Rough | None, begins: Ints) -> Rough | None:
    """Return the greatest value of each run, given where runs begin."""
    return None if values is None else np.maximum.reduceat(values, begins)


def _bounded_by(top: Top, units: Ints) -> Rough:
    """Return upper bounds of the shares of ascending units."""
    shares = np.full(len(units), top.bar, dtype=np.float32)
    indexes = np.searchsorted(units, top.units)
    is_listed = indexes < len(units)
    is_listed[is_listed] = units[indexes[is_listed]] == top.units[is_listed]
    shares[indexes[is_listed]] = top.shares[is_listed]
    return shares
