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
from semsearch.engines.local.arrays import Mask
from semsearch.engines.local.postings import Keys, Lexicon, once, term_keys
from semsearch.engines.local.thresholds import Thresholds
from semsearch.ports import Floats

Codes = npt.NDArray[np.integer[Any]]
Ints = npt.NDArray[np.int64]


class Constants(NamedTuple):
    """BM25's own; chosen on half of each set in ARCHITECTURE.md, "How are hits ranked?"."""

    k1: float
    b: float


PASSAGE = Constants(0.9, 0.4)  # passages are of about one length
ARTICLE = Constants(1.2, 0.75)


class Top(NamedTuple):
    """The best of some units for a query."""

    units: Ints  # ascending: all with a share of at least `bar`
    bar: float  # no other one has a share above it; 0 where the units are all that have any word


class Statistics:
    """What BM25 has to know about all passages, or articles, of an index. One for each generation."""

    def __init__(
        self,
        lexicons: Sequence[Lexicon],
        alive: Mask,
        analysers: Sequence[words.Analyser],
        codes: Codes,
        thresholds: Thresholds,
        *,
        articles: bool,
    ) -> None:
        """Count what is alive.

        Args:
            alive: (units,), over all segments.
            codes: (units,), by which of the analysers each was analysed.
        """
        self.analysers, self.codes, self.thresholds = analysers, codes, thresholds
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

    def postings(self, keys: Keys) -> tuple[Ints, Ints, Floats]:
        """Return three arrays of one length: which of the keys, a unit that has it, all different, and how often."""
        which, places, counts = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)], [np.zeros(0)]
        for lexicon, first in zip(self._lexicons, self._firsts.tolist(), strict=False):
            found = lexicon.postings(keys, articles=self._articles)
            which.append(found.which)
            places.append(found.places + first)
            counts.append(found.counts.astype(np.float64))
        return np.concatenate(which), np.concatenate(places), np.concatenate(counts)

    def living(self, which: Ints, places: Ints, size: int) -> Ints:
        """Return (size,): how many living units have each of as many keys."""
        return np.bincount(which if self._alive is None else which[self._alive[places]], minlength=size)


class Sought:
    """The terms of one query among passages, or among articles."""

    def __init__(self, statistics: Statistics, text: str) -> None:
        """Weigh the words of a query. One that nothing has weighs most: what has all others is no whole match."""
        self._statistics = statistics
        # In every way in which some text was analysed: the terms of a text meet those of its own analyser alone.
        named = [
            (code, name, part)
            for code, name in enumerate(statistics.analysers)
            if statistics.counts[code]
            for part in _parts(text, name)
        ]
        self._text = text
        terms = [(number, term) for number, (_, _, part) in enumerate(named) for term in part]
        keys = np.array([term_keys(named[number][1], term) for number, term in terms], dtype=np.uint64).reshape(-1, 2)
        which, places, counts = statistics.postings(keys)
        self._terms = [(named[number][0], term) for number, term in terms]
        self._of_terms = which, places, counts
        if len(terms) > len(named):
            which = np.array([number for number, _ in terms])[which]
            order = np.lexsort((places, which))
            which, places, counts = once(which[order], places[order], counts[order], np.maximum)
        having = statistics.living(which, places, len(named))
        self._known = {(name, part[0]) for (_, name, part), count in zip(named, having.tolist(), strict=True) if count}
        of_term = np.array([code for code, _, _ in named], dtype=np.int64)
        totals = statistics.counts[of_term]
        weights = np.log1p((totals - having + 0.5) / (having + 0.5))
        weights[self._is_common(having, of_term)] = 0
        kept = weights[which] > 0
        self._which, self._places, self._counts = which[kept], places[kept], counts[kept]
        self._weights, self._of_term = weights, of_term
        self._parts, self._having = [(code, part) for code, _, part in named], having

    def _is_common(self, having: Ints, of_term: Ints) -> Mask:
        """Mark the terms that are left out: those that many have, of an analyser for which others are to be had."""
        counts, thresholds = self._statistics.counts, self._statistics.thresholds
        totals = counts[of_term]
        common = (totals >= thresholds.common_from) & (having > thresholds.common_share * totals)
        rare = np.bincount(of_term[(having > 0) & ~common], minlength=len(counts))
        return np.asarray(common & (rare[of_term] > 0))

    def _added(self) -> Floats:
        """Return what each posting adds to the score of its unit."""
        more = self._statistics.constants.k1 + 1
        damping = self._statistics.damping[self._places]
        return np.asarray(self._weights[self._which] * more * self._counts / (self._counts + damping))

    @cached_property
    def _all_scores(self) -> Floats:
        return _sums(self._places, self._added(), self._statistics.units)

    @cached_property
    def _all_shares(self) -> Floats:
        most = (self._statistics.constants.k1 + 1) * self._sums(self._weights)
        return self._all_scores / self._by_unit(most, np.arange(self.units), empty=1.0)

    def scores(self, units: Ints) -> Floats:
        """Return the BM25 scores of units."""
        return self._all_scores[units]

    def shares(self, units: Ints) -> Floats:
        """Return their scores, each as a share of the most that a text could have for this query, 0 to 1."""
        return self._all_shares[units]

    def top(self, n: int, allowed: Mask | None = None) -> Top:
        """Return the allowed units with the n highest shares, those of equal shares included, and what others reach.

        Args:
            allowed: (units,); None allows all.
        """
        shares = self._all_shares if allowed is None else np.where(allowed, self._all_shares, 0)
        bar = float(np.partition(shares, len(shares) - n)[len(shares) - n]) if n < len(shares) else 0.0
        return Top(np.flatnonzero(shares >= bar) if bar > 0 else np.flatnonzero(shares > 0), bar)

    def having(self) -> Ints:
        """Return the units, ascending, that have a word of the query that counts."""
        return np.flatnonzero(self._all_scores > 0)

    def coverage(self, units: Ints) -> Floats:
        """Return of units the share of the terms, by weight, that each has of those of its own analyser, 0 to 1."""
        weights = _sums(self._places, self._weights[self._which], self._statistics.units)[units]
        return weights / self._by_unit(self._sums(self._weights), units, empty=1.0)

    def effective_terms(self, units: Ints) -> Floats:
        """Return of units how many terms of equal weight would be the query's, (Σ w)² / Σ w²; 0 without any."""
        squares = self._sums(self._weights**2)
        return self._by_unit(self._sums(self._weights) ** 2 / np.where(squares, squares, 1.0), units)

    def rarity(self, units: Ints) -> Floats:
        """Return of units the mean weight of the query's terms, as a share of what a term weighs that nothing has.

        Of what a term would weigh among all units, however each was analysed: in an index with few articles of a
        language their words are rare.
        """
        total = int(self._statistics.counts.sum())
        weights = np.log1p((total - self._everywhere + 0.5) / (self._everywhere + 0.5))
        weights[self._weights == 0] = 0
        terms = np.maximum(self._sums((weights > 0).astype(np.float64)), 1)
        return self._by_unit(self._sums(weights) / (terms * np.log1p((total + 0.5) / 0.5)), units)

    @cached_property
    def _everywhere(self) -> Ints:
        """(terms,): how many living units have the word that each stands for, by whatever analyser."""
        if np.count_nonzero(self._statistics.counts) < 2:
            return self._having
        sources: dict[tuple[int, str], tuple[str, int]] = {}
        for code, name in enumerate(self._statistics.analysers):
            for word in words.query_words(self._text, name) if self._statistics.counts[code] else ():
                for number, part in enumerate(word.parts):
                    sources.setdefault((code, part[0]), (word.written, number))
        groups: dict[tuple[str, int], int] = {}
        numbers = [groups.setdefault(sources[code, part[0]], len(groups)) for code, part in self._parts]
        of_part = np.array(numbers, dtype=np.int64)
        return np.bincount(of_part, self._having, minlength=1).astype(np.int64)[of_part]

    @cached_property
    def _postings(self) -> dict[tuple[int, str], tuple[Ints, Floats]]:
        """For each term of an analyser the units that have it and how often, those left out of the score, too."""
        which, places, counts = self._of_terms
        order = np.argsort(which, kind="stable")
        bounds = np.searchsorted(which[order], np.arange(1, len(self._terms)))
        own = zip(np.split(places[order], bounds), np.split(counts[order], bounds), strict=True)
        return dict(zip(self._terms, own, strict=False))  # of no terms there is one list, which is empty

    def postings(self, code: int, term: str) -> tuple[Ints, Floats]:
        """Return the units of one analyser that have a term of the query's words, and how often."""
        return self._postings[code, term]

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

    def _by_unit(self, values: Floats, units: Ints, empty: float = 0.0) -> Floats:
        return np.asarray(np.where(values, values, empty)[self._statistics.codes[units]])

    @property
    def lacking(self) -> list[str]:
        """The words of the query of which no living unit has every part, by whatever analyser, as they are written."""
        found: dict[str, bool] = {}
        for code, name in enumerate(self._statistics.analysers):
            for word in words.query_words(self._text, name) if self._statistics.counts[code] else ():
                there = all((name, part[0]) in self._known for part in word.parts)
                found[word.written] = found.get(word.written, False) or there
        return [written for written, there in found.items() if not there]

    def parts(self, place: int) -> list[tuple[str, float]]:
        """Return the terms of one unit with what each adds to its score, most first."""
        here = np.flatnonzero(self._places == place)
        terms = [part[0].removesuffix(" *").replace(" ", "") for _, part in self._parts]
        found = zip((terms[at] for at in self._which[here].tolist()), self._added()[here].tolist(), strict=True)
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))


def _parts(text: str, analyser: words.Analyser) -> list[Sequence[str]]:
    """Return what a text is ranked by, each as terms of which it has any; a word that is repeated means no more."""
    found: dict[str, dict[str, None]] = {}
    for word in words.query_words(text, analyser):
        for part in word.parts:
            found.setdefault(part[0], {}).update(dict.fromkeys(part))
    return [tuple(part) for part in found.values()]


def _sums(places: Ints, values: Floats, size: int) -> Floats:
    """Return (size,): the sum of the values at each place."""
    return np.bincount(places, values, minlength=size).astype(np.float64, copy=False)  # integers where there is none
