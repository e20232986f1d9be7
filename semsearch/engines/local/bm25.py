"""BM25 of everything in an index, exactly: statistics are summed over segments and count what is alive.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with the inverse document
frequency that cannot be negative: ln(1 + (N - df + 0.5) / (df + 0.5)). N, df and the average length count what is alive
and was analysed in the same way, so that a term of a language that few articles are written in is as rare as it is
there. Filters change none of them.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from semsearch import words
from semsearch.engines.local.columns import Mask
from semsearch.engines.local.lexical import Lexicon, term_key
from semsearch.engines.local.limits import Limits
from semsearch.ports import Floats

Codes = npt.NDArray[np.integer[Any]]
Ints = npt.NDArray[np.int64]


class Constants(NamedTuple):
    """BM25's own; chosen on half of each set in ARCHITECTURE.md, "How are hits ranked?"."""

    k1: float
    b: float


PASSAGE = Constants(0.9, 0.4)  # passages are of about one length
ARTICLE = Constants(1.2, 0.75)


class Statistics:
    """What BM25 has to know about all passages, or articles, of an index. One for each generation."""

    def __init__(
        self,
        lexicons: Sequence[Lexicon],
        alive: Mask,
        analysers: Sequence[words.Analyser],
        codes: Codes,
        limits: Limits,
        *,
        articles: bool,
    ) -> None:
        """Count what is alive.

        Args:
            alive: (units,), over all segments.
            codes: (units,), by which of the analysers each was analysed.
        """
        self.analysers, self.codes, self.limits = analysers, codes, limits
        self.constants = ARTICLE if articles else PASSAGE
        self._lexicons, self._articles = lexicons, articles
        self._alive = None if alive.all() else alive
        own = [lexicon.article_lengths if articles else lexicon.passage_lengths for lexicon in lexicons]
        self._firsts = np.cumsum([0, *map(len, own)], dtype=np.int64)
        self._lengths = np.concatenate([np.zeros(0, dtype=np.int32), *own])
        size = len(analysers)
        self.counts: Ints = np.bincount(codes[alive], minlength=size)
        totals = np.bincount(codes[alive], self._lengths[alive], minlength=size)
        self._averages: Floats = np.maximum(totals, 1) / np.maximum(self.counts, 1)

    @property
    def units(self) -> int:
        """How many there are, deleted ones included."""
        return len(self._lengths)

    @cached_property
    def damping(self) -> Floats:
        """(units,): what a count is divided by beside itself, k1 (1 - b + b length / average)."""
        k1, b = self.constants
        return np.asarray(k1 * (1 - b) + (k1 * b / np.maximum(self._averages, 1))[self.codes] * self._lengths)

    def postings(self, keys: npt.NDArray[np.uint64]) -> tuple[Ints, Ints, Floats]:
        """Return three arrays of one length: which of the keys, a unit that has it, and how often."""
        which, places, counts = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)], [np.zeros(0)]
        for lexicon, first in zip(self._lexicons, self._firsts.tolist(), strict=False):
            found = lexicon.postings(keys, articles=self._articles)
            which.append(np.repeat(np.arange(len(keys)), found.lengths))
            places.append(found.places + np.int64(first))
            counts.append(found.counts.astype(np.float64))
        return np.concatenate(which), np.concatenate(places), np.concatenate(counts)

    def living(self, which: Ints, places: Ints, size: int) -> Ints:
        """Return (size,): how many living units have each of as many keys."""
        return np.bincount(which if self._alive is None else which[self._alive[places]], minlength=size)


class Sought:
    """The terms of one query among passages, or among articles."""

    def __init__(self, statistics: Statistics, text: str) -> None:
        """Weigh the terms of a query. One that nothing has weighs most: what has all others is no whole match."""
        self._statistics = statistics
        # In every way in which some text was analysed: the terms of a text meet those of its own analyser alone.
        # A query that repeats a word means it no more.
        named = [
            (code, name, term)
            for code, name in enumerate(statistics.analysers)
            if statistics.counts[code]
            for term in sorted(set(words.terms(text, name)))
        ]
        keys = np.array([term_key(name, term) for _, name, term in named], dtype=np.uint64)
        which, places, counts = statistics.postings(keys)
        having = statistics.living(which, places, len(named))
        of_term = np.array([code for code, _, _ in named], dtype=np.int64)
        totals = statistics.counts[of_term]
        weights = np.log1p((totals - having + 0.5) / (having + 0.5))
        weights[self._is_common(having, of_term)] = 0
        kept = weights[which] > 0
        self._which, self._places, self._counts = which[kept], places[kept], counts[kept]
        self._weights, self._of_term = weights, of_term
        self._having = having
        self._text = text
        self._numbers = {(code, term): at for at, (code, _, term) in enumerate(named)}
        self._all = which, places, counts  # of the terms that are left out of the score, too

    def _is_common(self, having: Ints, of_term: Ints) -> Mask:
        """Mark the terms that are left out: those that many have, of an analyser for which others are to be had."""
        counts, limits = self._statistics.counts, self._statistics.limits
        totals = counts[of_term]
        common = (totals >= limits.common_from) & (having > limits.common_share * totals)
        rare = np.bincount(of_term[(having > 0) & ~common], minlength=len(counts))
        return np.asarray(common & (rare[of_term] > 0))

    def _added(self) -> Floats:
        """Return what each posting adds to the score of its unit."""
        more = self._statistics.constants.k1 + 1
        damping = self._statistics.damping[self._places]
        return np.asarray(self._weights[self._which] * more * self._counts / (self._counts + damping))

    @cached_property
    def scores(self) -> Floats:
        """(units,): BM25."""
        return _sums(self._places, self._added(), self._statistics.units)

    @cached_property
    def shares(self) -> Floats:
        """(units,): BM25, as a share of the most that a text could have for this query, 0 to 1."""
        return self.scores / self._by_unit((self._statistics.constants.k1 + 1) * self._sums(self._weights), empty=1.0)

    @cached_property
    def coverage(self) -> Floats:
        """(units,): share of the terms, by weight, that each has of those of its own analyser, 0 to 1."""
        weights = _sums(self._places, self._weights[self._which], self._statistics.units)
        return weights / self._by_unit(self._sums(self._weights), empty=1.0)

    @cached_property
    def effective_terms(self) -> Floats:
        """() or (units,): how many terms of equal weight would be the query's, (Σ w)² / Σ w²; 0 without any."""
        squares = self._sums(self._weights**2)
        return self._by_unit(self._sums(self._weights) ** 2 / np.where(squares, squares, 1.0))

    @cached_property
    def rarity(self) -> Floats:
        """() or (units,): the mean weight of the query's terms, as a share of what a term weighs that nothing has.

        Of what a term would weigh among all units, however each was analysed: in an index with few articles of a
        language their words are rare.
        """
        total = int(self._statistics.counts.sum())
        weights = np.log1p((total - self._everywhere + 0.5) / (self._everywhere + 0.5))
        weights[self._weights == 0] = 0
        terms = np.maximum(self._sums((weights > 0).astype(np.float64)), 1)
        return self._by_unit(self._sums(weights) / (terms * np.log1p((total + 0.5) / 0.5)))

    @cached_property
    def _everywhere(self) -> Ints:
        """(terms,): how many living units have the word that each stands for, by whatever analyser."""
        if np.count_nonzero(self._statistics.counts) < 2:
            return self._having
        sources: dict[tuple[int, str], tuple[str, int, int]] = {}
        for code, name in enumerate(self._statistics.analysers):
            for word in words.query_words(self._text, name) if self._statistics.counts[code] else ():
                for number, spelling in enumerate(word.spellings):
                    for at, term in enumerate(spelling):
                        sources.setdefault((code, term), (word.written, number, at))
        groups: dict[tuple[str, int, int], int] = {}
        of_term = np.array(
            [groups.setdefault(sources.get(one, (one[1], one[0], -1)), len(groups)) for one in self._numbers],
            dtype=np.int64,
        )
        return np.bincount(of_term, self._having, minlength=1).astype(np.int64)[of_term]

    @cached_property
    def _lists(self) -> Sequence[tuple[Ints, Floats]]:
        """For each term the units that have it and how often, those that are left out of the score, too."""
        which, places, counts = self._all
        order = np.argsort(which, kind="stable")
        bounds = np.searchsorted(which[order], np.arange(1, len(self._numbers)))
        return list(zip(np.split(places[order], bounds), np.split(counts[order], bounds), strict=True))

    def postings(self, code: int, term: str) -> tuple[Ints, Floats]:
        """Return the units of one analyser that have a term, of the query or another, and how often."""
        at = self._numbers.get((code, term))
        if at is not None:
            return self._lists[at]
        key = term_key(self._statistics.analysers[code], term)
        _, places, counts = self._statistics.postings(np.array([key], dtype=np.uint64))
        return places, counts

    def saturated(self, code: int, term: str) -> tuple[Ints, Floats]:
        """Return the same units with what BM25 makes of how often the term is there, 0 to 1."""
        places, counts = self.postings(code, term)
        return places, counts / (counts + self._statistics.damping[places])

    @property
    def units(self) -> int:
        """How many passages, or articles, there are."""
        return self._statistics.units

    @property
    def codes(self) -> Codes:
        """(units,): by which of the analysers each was analysed."""
        return self._statistics.codes

    def _sums(self, values: Floats) -> Floats:
        """Return (analysers,): the sum over the terms of each."""
        return _sums(self._of_term, values, len(self._statistics.counts))

    def _by_unit(self, values: Floats, empty: float = 0.0) -> Floats:
        found = np.where(values, values, empty)
        return np.asarray(found[0] if len(found) == 1 else found[self._statistics.codes])

    def parts(self, place: int) -> list[tuple[str, float]]:
        """Return the terms of one unit with what each adds to its score, most first."""
        here = np.flatnonzero(self._places == place)
        terms = [term for _, term in self._numbers]
        found = zip((terms[at] for at in self._which[here].tolist()), self._added()[here].tolist(), strict=True)
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))


def _sums(places: Ints, values: Floats, size: int) -> Floats:
    """Return (size,): the sum of the values at each place."""
    return np.bincount(places, values, minlength=size).astype(np.float64, copy=False)  # integers where there is none
