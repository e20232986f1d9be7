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
import numpy.typing as npt

from semsearch.deadlines import Deadline
from semsearch.engines.local.arrays import Mask
from semsearch.engines.local.bm25 import Sought, Top
from semsearch.engines.local.codes import Rough
from semsearch.engines.local.corpus import Corpus
from semsearch.engines.local.cosines import Cosines, exact_cosines
from semsearch.engines.local.matches import Literal
from semsearch.engines.local.runs import Ints
from semsearch.engines.local.weights import Weights
from semsearch.ports import Ask, Evidence, Floats, Scored, Signals, Vector
from semsearch.ranking.constants import STRONGEST

MARGIN = 1e-5
"""Above the difference between what is computed in float32 and what is exact, rounding included."""

_JUDGED_BATCHES = 16
"""To judge a row takes so much less memory and time than to score it, for nearly no vectors are read."""

_SCORE_DIGITS = 6
"""Encoders agree to about 1e-6: further digits would order equal texts by accident."""


class Ceilings(NamedTuple):
    """What some rows and articles have of a query's words at most: where not exactly known, no more than the last."""

    own: Top
    whole: Top


Shares = Floats | Rough
"""BM25 divided by the most that a text could have for the query, 0 to 1."""


class AtMost(NamedTuple):
    """What no row has more of; None for what does not count."""

    own_words: Rough | None  # of rows, or the best of each article: shares by their words
    own_numbers: Rough | None  # and what numbers are of these
    whole_words: Rough | None  # (articles,): shares by the words of articles
    whole_numbers: Rough | None
    cosines: Rough | None  # of rows, or the best of each article


class Proposed(NamedTuple):
    """What is likely to be among the best."""

    rows: Ints  # by their vectors, the nearest first
    ceilings: Ceilings | None  # what has most of the words; None where these do not count


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
        self.weights = Weights(corpus, ask, self.own)
        self._literal = Literal(corpus, ask.text, self.own, self.whole)
        self._quoted: Mask | None = None
        self._ages = False
        self.proposed: dict[int, Proposed] = {}  # among all rows, by how many each signal proposes
        self._of_living: AtMost | None = None  # the best of each living article

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
        weights = self.weights.share_of_words[self._kinds(self.corpus.row_articles[rows])]
        vectors = np.array([vector for _, vector in best]) * weights[:, None]
        moved = self.cosines.vector + self.ask.mix.feedback * vectors.mean(axis=0)
        length = float(np.linalg.norm(moved))
        if length > MARGIN:  # not where they point exactly the other way
            self.article_vector = (moved / length).astype(np.float32)

    def _kinds(self, articles: Ints) -> npt.NDArray[np.int32]:
        """Return of which kind each article is."""
        return self.corpus.kinds.of_article[articles]

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

    def most(self, rows: Ints, ceilings: Ceilings | None = None) -> Rough:
        """Return (len(rows),): what none of these rows, ascending, scores above by more than MARGIN.

        Args:
            ceilings: of the words of these rows among others; None: look up the words of each.
        """
        articles, counts = self.corpus.articles_of(rows)
        return self._most(articles, self._at_most(rows, articles, ceilings), counts)

    def most_of_articles(self, ceilings: Ceilings | None) -> tuple[Ints, Rough]:
        """Return the living articles, ascending, and what no row of each scores above by more than MARGIN."""
        rows = self.corpus.living_rows
        articles, counts = self.corpus.articles_of(rows)
        if self._of_living is None:  # before and after the query was moved
            begins, of_rows = np.cumsum(counts) - counts, self._at_most(rows, articles, ceilings)
            self._of_living = of_rows._replace(
                own_words=_best_of_runs(of_rows.own_words, begins),
                own_numbers=_best_of_runs(of_rows.own_numbers, begins),
                cosines=_best_of_runs(of_rows.cosines, begins),
            )
        return articles, self._most(articles, self._of_living)

    def _at_most(self, rows: Ints, articles: Ints, ceilings: Ceilings | None) -> AtMost:
        """Return what no one of these rows, ascending, and of their articles has more of."""
        cosines = None if self.cosines is None else self.cosines.most(rows)
        if not self.has_words:
            return AtMost(None, None, None, None, cosines)
        if ceilings is not None:  # of which numbers may be all
            own, whole = _at_most(ceilings.own, rows), _at_most(ceilings.whole, articles)
            return AtMost(own, own, whole, whole, cosines)
        return AtMost(
            _narrow(self.own.shares(rows)),
            _narrow(self._numbers(self.own, rows)),
            _narrow(self.whole.shares(articles)),
            _narrow(self._numbers(self.whole, articles)),
            cosines,
        )

    def _numbers(self, sought: Sought, units: Ints) -> Floats | None:
        """Return what numbers are of the shares of units; None where they have no weight of their own."""
        return sought.number_shares(units) if self.weights.numbers.any() else None

    def _most(self, articles: Ints, known: AtMost, counts: Ints | None = None) -> Rough:
        """Return how much articles, ascending, or rows of theirs, score at most.

        Args:
            counts: (articles,), how many rows each has; None for one value an article.
        """
        mix, weights, kinds = self.ask.mix, self.weights, self._kinds(articles)
        dense, lexical = weights.dense[kinds], weights.lexical[kinds]
        numbers, dense_article = weights.numbers[kinds], weights.dense_article[kinds]
        found = dense * weights.offsets[kinds]
        if known.whole_words is not None:
            found += mix.lexical_article * lexical * known.whole_words
        if known.whole_numbers is not None:
            found += mix.lexical_article * numbers * known.whole_numbers
        if self.cosines is not None and self.article_vector is not None and mix.dense_article:
            found += dense_article * dense * self.cosines.most_of_articles(articles, self.article_vector)

        def of_each(values: Floats) -> Rough:
            each = values.astype(np.float32)
            return each if counts is None else np.repeat(each, counts)

        most = of_each(found)
        if known.own_words is not None:
            most += known.own_words * of_each((1 - mix.lexical_article) * lexical)
        if known.own_numbers is not None:
            most += known.own_numbers * of_each((1 - mix.lexical_article) * numbers)
        if known.cosines is not None:
            most += known.cosines * of_each((1 - dense_article) * dense)
        if self._ages:
            most *= of_each(self._recency(articles))
        return most

    def _parts(self, grouped: Grouped, cosines: tuple[Floats, Floats] | None) -> dict[str, Floats]:
        """Return, of rows, what each signal adds to their scores."""
        (rows, articles, at), weights, kinds = grouped, self.weights, self._kinds(grouped.articles)
        dense, lexical, numbers = weights.dense[kinds], weights.lexical[kinds], weights.numbers[kinds]
        of_rows = lexical[at] * self.own.shares(rows)
        of_articles = lexical * self.whole.shares(articles)
        if (own_numbers := self._numbers(self.own, rows)) is not None:
            of_rows += numbers[at] * own_numbers
        if (whole_numbers := self._numbers(self.whole, articles)) is not None:
            of_articles += numbers * whole_numbers
        found = {
            "lexical": (1 - self.ask.mix.lexical_article) * of_rows,
            "lexical_article": (self.ask.mix.lexical_article * of_articles)[at],
        }
        if cosines is not None:
            own, whole = cosines
            offsets, dense_article = weights.offsets[kinds], weights.dense_article[kinds]
            found["dense"] = ((1 - dense_article) * dense)[at] * (own + offsets[at])
            found["dense_article"] = (dense_article * dense * (whole + offsets))[at]
        return found

    def scores(self, rows: Ints) -> Floats:
        """Return the scores of rows, ascending and each once."""
        sums = (self._sums(self._parts(part, self._cosines_of(part)), part) for part in self._batches(rows))
        return np.concatenate([np.zeros(0), *sums])

    def _batches(self, rows: Ints, times: int = 1) -> Iterator[Grouped]:
        """Yield rows in pieces that take little memory and time; the clock is looked at before each.

        Args:
            times: so many batches in one piece.
        """
        size = times * self.corpus.thresholds.batch
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
        mask = np.zeros(len(rows), dtype=np.bool_)
        likely = np.arange(len(rows))
        if self._of_living is not None and len(rows) > self.corpus.thresholds.batch:
            likely = np.flatnonzero(self._may_be_sure[self.corpus.row_articles[rows]])
        mask[likely] = np.concatenate([mask[:0], *map(self._sure, self._batches(rows[likely], _JUDGED_BATCHES))])
        return mask

    @cached_property
    def _may_be_sure(self) -> Mask:
        """(articles,): of which living ones some row may be sure enough, were its words and cosine the best of any."""
        best = self._of_living
        if best is None or best.own_words is None or best.whole_words is None or best.cosines is None:
            return self.corpus.alive
        mask = np.zeros(self.corpus.articles, dtype=np.bool_)
        articles, _ = self.corpus.articles_of(self.corpus.living_rows)
        each = Grouped(self.corpus.article_rows[articles], articles, np.arange(len(articles)))
        kinds, literal = self._kinds(articles), self._literal_of(articles, self._literal.complete(articles))
        usual, texts = self.weights.usual(kinds)
        evidence = Evidence(
            best.cosines + self.weights.offsets[kinds] + MARGIN,
            self._strength(each, best.own_words + MARGIN, best.whole_words + MARGIN),
            self.weights.legibility[kinds],
            literal,
            np.zeros(len(articles)),
            self.weights.share_of_words[kinds],
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
        offsets = self.weights.offsets[self._kinds(grouped.articles)][grouped.of_row]
        most = self.cosines.most(grouped.rows).astype(np.float64) + offsets
        mask = is_sure(most + MARGIN, slice(None))
        possible = np.flatnonzero(mask)
        unsettled = possible[~is_sure(most[possible] - 2 * self.cosines.error - MARGIN, possible)]
        if unsettled.size:
            cosines = exact_cosines(self.corpus.vectors(grouped.rows[unsettled]), self.cosines.vector)
            mask[unsettled] = is_sure(cosines + offsets[unsettled], unsettled)
        return mask

    def scored(self, rows: Ints) -> list[Scored]:
        """Return rows, ascending and each once, with everything that is known about them."""
        return [one for part in self._batches(rows) for one in self._scored(part)]

    def _scored(self, grouped: Grouped) -> list[Scored]:
        corpus, (rows, articles, at) = self.corpus, grouped
        offsets = self.weights.offsets[self._kinds(articles)][at]
        cosines = self._cosines_of(grouped)
        parts = self._parts(grouped, cosines)
        own, whole = ([None] * len(rows),) * 2 if cosines is None else (cosines[0].tolist(), cosines[1][at].tolist())
        evidence = self._evidence(grouped, None if cosines is None else cosines[0] + offsets)
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
        ids = corpus.article_ids(articles.tolist())
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

    def _literal_of(self, articles: Ints, complete: Mask) -> Mask:
        """Mark articles that have every word of the query that carries meaning, as is known, or what it quotes."""
        return complete if self._quoted is None else complete | self._quoted[articles]

    def _evidence(self, grouped: Grouped, cosines: Floats | None) -> Evidence:
        """Return what is known of rows, each value but cosines of the length of these."""
        articles, at, kinds = grouped.articles, grouped.of_row, self._kinds(grouped.articles)
        complete = self._literal.complete(articles)
        usual, texts = self.weights.usual(kinds)
        return Evidence(
            cosines,
            self._strength(grouped, self.own.shares(grouped.rows), self.whole.shares(articles)),
            self.weights.legibility[kinds][at],
            self._literal_of(articles, complete)[at],
            self._literal.prominence(grouped.rows, articles[complete], (np.cumsum(complete) - 1)[at], complete[at]),
            self.weights.share_of_words[kinds][at],
            usual[at],
            texts[at],
        )

    def _strength(self, grouped: Grouped, own: Shares, whole: Shares) -> Floats:
        """Return of rows how much of the query's words they and their articles have, and how rare these words are.

        Args:
            own: (rows,), the shares of the rows' words.
            whole: (articles,), those of the articles'.
        """
        articles, at, kinds = grouped.articles, grouped.of_row, self._kinds(grouped.articles)
        strongest = np.minimum((own + whole[at]) / 2 * self.weights.root_of_terms[kinds][at], STRONGEST)
        return np.asarray(strongest * (self.weights.certainty_of_words[kinds] * self._literal.comparable(articles))[at])

    def _cosines_of(self, grouped: Grouped) -> tuple[Floats, Floats] | None:
        """Return those of passages, (rows,), and of their articles, (articles,), each computed by itself."""
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


def _at_most(top: Top, units: Ints) -> Rough:
    """Return of ascending units shares that they do not exceed."""
    found = np.full(len(units), top.bar, dtype=np.float32)
    at = np.searchsorted(units, top.units)
    there = at < len(units)
    there[there] = units[at[there]] == top.units[there]
    found[at[there]] = top.shares[there]
    return found
