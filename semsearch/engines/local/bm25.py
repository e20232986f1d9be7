"""BM25 of everything in an index, exactly, for one query.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with the inverse document
frequency that cannot be negative: ln(1 + (N - df + 0.5) / (df + 0.5)).

The best are found without adding up everything (Turtle, Flood, "Query Evaluation: Strategies and Optimizations", 1995):
once so many units are known to be that good, a unit that has only words which together weigh less cannot be among them.
So the rarest words propose, and common ones are looked up for what was proposed.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from semsearch import words
from semsearch.engines.local.arrays import Mask, damaged
from semsearch.engines.local.postings import unit_keys
from semsearch.engines.local.runs import Ints, distinct, first_of_each, highest
from semsearch.engines.local.term_statistics import NO_UNITS, AnalyserCodes, Lists, Located, Statistics
from semsearch.engines.local.terms import term_keys
from semsearch.ports import Floats
from semsearch.ranking.languages import same_language

_SLACK = 1e-9
"""More than sums of shares differ by, in whichever order they are added."""

_SPARSE = 32
"""Of so many units in a block fewer than one has anything: then those that have it are put in order."""


class Top(NamedTuple):
    """The best units."""

    units: Ints  # ascending: all of a share that is `bar` or more, and more than 0
    bar: float  # no other one has a greater share
    shares: Floats  # of the units


class _Part(NamedTuple):
    """What a query is ranked by, once: a word, or a part of one."""

    code: int  # of the analyser
    terms: Sequence[str]  # of which a unit has any
    lists: Lists
    having: int  # living units that have it


class _Known(NamedTuple):
    """What was looked up so far. Pages of memory that nothing was written to cost nothing."""

    units: Mask  # (units,): of which it is known
    scores: Floats  # (units,)
    weights: Floats  # (units,): of the terms that each has


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
        lists = statistics.lists([[term_keys(name, term) for term in part] for _, name, part in named])
        self._parts = [
            _Part(code, part, own, statistics.living(own)) for (code, _, part), own in zip(named, lists, strict=True)
        ]
        having = np.array([part.having for part in self._parts], dtype=np.int64)
        of_part = np.array([part.code for part in self._parts], dtype=np.int64)
        totals = statistics.counts[of_part]
        weights = np.log1p((totals - having + 0.5) / (having + 0.5))
        weights[self._is_common(having, of_part)] = 0
        weights[self._is_too_much(weights, having, of_part)] = 0
        self._having, self._weights, self._of_part = having, weights, of_part
        self._lists = {(part.code, part.terms[0]): part.lists for part in self._parts if len(part.terms) == 1}
        self._last_located = Located(NO_UNITS, unit_keys(NO_UNITS), [])

    def _is_common(self, having: Ints, of_part: Ints) -> Mask:
        """Mark the terms that are left out: those that many have, of an analyser for which others are to be had."""
        counts, thresholds = self._statistics.counts, self._statistics.thresholds
        totals = counts[of_part]
        common = (totals >= thresholds.common_from) & (having > thresholds.common_share * totals)
        rare = np.bincount(of_part[(having > 0) & ~common], minlength=len(counts))
        return np.asarray(common & (rare[of_part] > 0))

    def _is_too_much(self, weights: Floats, having: Ints, of_part: Ints) -> Mask:
        """Mark the terms of each analyser beyond the weightiest: first of those that are there, then of others."""
        most = self._statistics.thresholds.most_terms
        mask = np.zeros(len(weights), dtype=np.bool_)
        for code in np.flatnonzero(np.bincount(of_part, weights > 0, minlength=1) > most).tolist():
            own = np.flatnonzero((of_part == code) & (weights > 0))
            mask[own[np.lexsort((-weights[own], having[own] == 0))[most:]]] = True
        return mask

    def scores(self, units: Ints) -> Floats:
        """Return the BM25 of units, ascending and each once."""
        return _at(self._all_scores if self.are_few else self._looked_up(units).scores, units)

    def shares(self, units: Ints) -> Floats:
        """Return the BM25 of units, as a share of the most that a text could have for this query, 0 to 1."""
        return self.scores(units) / self._most(units)

    @cached_property
    def has_numbers(self) -> bool:
        """Whether some unit has a number of the query's."""
        return bool(self._numbers)

    def number_shares(self, units: Ints) -> Floats:
        """Return what numbers add to `shares`, of units, ascending and each once."""
        scores = np.zeros(len(units))
        for number in self._numbers:
            counts = self._parts[number].lists.counts_at(self._located(units))
            scores += self._added(number, units, counts)
        return scores / self._most(units)

    @cached_property
    def _numbers(self) -> list[int]:
        """The parts that add anything and have a digit: in every language they are written alike."""
        return [number for number in self._weighted if any(map(str.isdecimal, self._parts[number].terms[0]))]

    def _most(self, units: Ints) -> Floats:
        """Return the most that a text of each unit's analyser could score for this query."""
        return self._by_unit((self._statistics.constants.k1 + 1) * self._all_weight, units)

    def coverage(self, units: Ints) -> Floats:
        """Return the share of the terms, by weight, that each unit has of those of its own analyser, 0 to 1."""
        weights = self._all_weights[units] if self.are_few else self._looked_up(units).weights[units]
        return weights / self._by_unit(self._all_weight, units)

    @cached_property
    def _all_weight(self) -> Floats:
        """(analysers,): of all terms; 1 where none weighs anything."""
        sums = self._sums(self._weights)
        return np.where(sums, sums, 1.0)

    @cached_property
    def effective_terms(self) -> Floats:
        """(analysers,): how many terms of equal weight would be the query's, (Σ w)² / Σ w²; 0 without any."""
        squares = self._sums(self._weights**2)
        return np.asarray(self._sums(self._weights) ** 2 / np.where(squares, squares, 1.0))

    @cached_property
    def same_languages(self) -> Floats:
        """(analysers,): how far the query is in the language of each, as its words tell, 0 to 1."""
        totals = self._statistics.counts[self._of_part]
        weights = np.log1p((totals - self._having + 0.5) / (self._having + 0.5))
        familiarity = 1 - weights / np.log1p((totals + 0.5) / 0.5)
        telling = [words.shows_language(self._text, name) for name in self._statistics.analysers]
        counted = np.array([telling[part.code].get(part.terms[0], 0.0) for part in self._parts])
        count = self._sums((counted > 0).astype(np.float64))
        having = self._sums((self._having > 0).astype(np.float64))
        texts = self._statistics.counts.astype(np.float64)
        letters = np.array([words.may_be_written_in(self._text, name) for name in self._statistics.analysers], np.bool_)
        return same_language(self._sums(familiarity * counted), count, having, texts, letters)

    @cached_property
    def rarity(self) -> Floats:
        """(analysers,): the mean weight of the query's terms, as a share of what a term weighs that nothing has.

        Of what a term would weigh among all units, however each was analysed: in an index with few articles of a
        language their words are rare.
        """
        total = int(self._statistics.counts.sum())
        weights = np.log1p((total - self._everywhere + 0.5) / (self._everywhere + 0.5))
        weights[self._weights == 0] = 0
        terms = np.maximum(self._sums((weights > 0).astype(np.float64)), 1)
        return np.asarray(self._sums(weights) / (terms * np.log1p((total + 0.5) / 0.5)))

    @cached_property
    def are_few(self) -> bool:
        """Whether there are so few postings, and units, that all are added up at once: in the same order."""
        most = self._statistics.thresholds.added_up
        return self.units <= most and sum(self._parts[number].lists.size for number in self._weighted) <= most

    @cached_property
    def _all_scores(self) -> Floats:
        """(units,): BM25."""
        units, counts, numbers = self._all_postings
        more = self._statistics.constants.k1 + 1
        damping = self._statistics.damping(units, self._of_part[numbers])
        return np.asarray(
            np.bincount(units, self._weights[numbers] * more * counts / (counts + damping), self.units), np.float64
        )

    @cached_property
    def _all_weights(self) -> Floats:
        """(units,): the weights of the terms that each has."""
        units, _, numbers = self._all_postings
        return np.asarray(np.bincount(units, self._weights[numbers], self.units), dtype=np.float64)

    @cached_property
    def _all_postings(self) -> tuple[Ints, Ints, Ints]:
        """(postings,) of all parts that add anything: units, how often each has its part, and the part's number."""
        lists = [self._parts[number].lists for number in self._weighted]
        units, counts, numbers = self._statistics.together(lists)
        return units, counts, np.array(self._weighted, dtype=np.int64)[numbers]

    @cached_property
    def _known(self) -> _Known:
        size = self.units
        return _Known(np.zeros(size, dtype=np.bool_), np.zeros(size), np.zeros(size))

    def _looked_up(self, units: Ints) -> _Known:
        """Look up those of some units that were not looked up before, and return what is known."""
        known = self._known
        lacking = units[~known.units[units]]
        if lacking.size:
            located = self._located(distinct(lacking))
            units = located.units
            scores, weights = np.zeros(len(units)), np.zeros(len(units))
            for number in self._weighted:
                having, counts = self._parts[number].lists.found_at(located)
                scores[having] += self._added(number, units[having], counts)
                weights[having] += self._weights[number]
            # All at once, so that threads which look up the same do no harm.
            known.scores[units], known.weights[units] = scores, weights
            known.units[units] = True
        return known

    @cached_property
    def _weighted(self) -> list[int]:
        """The parts that add anything."""
        return np.flatnonzero((self._weights > 0) & (self._having > 0)).tolist()

    def _added(self, number: int, units: Ints, counts: Ints) -> Floats:
        """Return what a part adds to the scores of units that have it."""
        more = self._statistics.constants.k1 + 1
        damping = self._statistics.damping(units, self._parts[number].code)
        return np.asarray(self._weights[number] * more * counts / (counts + damping))

    def top(self, n: int, allowed: Mask | None = None) -> Top:
        """Return the `n` units, or more of equal worth, of the greatest shares; fewer where fewer have any word.

        Args:
            allowed: (units,), which of them count; None: all, deleted ones included.
        """
        if self.are_few:
            units = self.having(allowed)
        elif allowed is not None and np.count_nonzero(allowed) <= self._statistics.thresholds.looked_up:
            units = np.flatnonzero(allowed)
        else:
            own = [self._proposed(code, n, allowed) for code in distinct(self._of_part).tolist()]
            units = np.sort(np.concatenate([NO_UNITS, *own]))
        shares = self.shares(units)
        return _best(units[shares > 0], shares[shares > 0], n)

    def _proposed(self, code: int, n: int, allowed: Mask | None) -> Ints:
        """Return units of one analyser, the `n` best of them among these."""
        tables = self._statistics.tables(code)
        numbers = np.flatnonzero((self._of_part == code) & (self._weights > 0) & (self._having > 0))
        more = self._statistics.constants.k1 + 1
        highest = [self._parts[number].lists.highest(tables) for number in numbers.tolist()]
        most = self._weights[numbers] * more * np.array(highest)
        order = np.argsort(-most, kind="stable")
        numbers, most = numbers[order], most[order]
        rests = np.append(np.cumsum(most[::-1])[::-1], 0)  # what units can have that have none of the parts before
        listed: list[tuple[Ints, Floats]] = []
        block = self._statistics.thresholds.summed_block
        wanted, size, bar = self._statistics.thresholds.tried * n, 0, 0.0
        while len(listed) < len(numbers) and bar <= rests[len(listed)] + _SLACK:
            listed.append(self._listed(int(numbers[len(listed)]), tables, allowed))
            before, size = size, size + len(listed[-1][0])
            if before < wanted <= size:
                bar = self._nth_whole(*_added_up(listed, block), n)
        rest = numbers[len(listed) :]
        units, scores = _added_up(listed, block, bar - rests[len(listed)] - _SLACK)
        if len(units) >= wanted:
            bar = max(bar, self._nth_whole(units, scores, n))
        for number, left in zip(rest.tolist(), rests[len(listed) :].tolist(), strict=False):
            kept = scores + left + _SLACK >= bar
            units, scores = self._with_part(units[kept], scores[kept], number)
        return np.asarray(units[scores + _SLACK >= bar])

    def _listed(self, number: int, tables: Floats, allowed: Mask | None) -> tuple[Ints, Floats]:
        """Return the allowed units that have a part, and no less than it adds to their scores."""
        lists = self._parts[number].lists
        units, added = lists.units, lists.most(tables)
        if allowed is not None:
            kept = allowed[units]
            units, added = units[kept], added[kept]
        return units, added * (self._weights[number] * (self._statistics.constants.k1 + 1))

    def _with_part(self, units: Ints, scores: Floats, number: int) -> tuple[Ints, Floats]:
        """Return units, ascending, and their scores with what one more part adds."""
        having, counts = self._parts[number].lists.found_at(self._statistics.located(units))
        scores[having] += self._added(number, units[having], counts)
        return units, scores

    def _nth_whole(self, units: Ints, scores: Floats, n: int) -> float:
        """Return a score that `n` units reach: of those that are best by what they can have of some parts."""
        thresholds = self._statistics.thresholds
        best = highest(scores, thresholds.tried * n, thresholds.block)
        return _nth(self.scores(units[best]), n) if len(best) >= n else 0.0

    def having(self, allowed: Mask | None = None) -> Ints:
        """Return the units, ascending, that have any term of a weight.

        Args:
            allowed: (units,), which of them count; None: all, deleted ones included.
        """
        if self.are_few:
            units = np.flatnonzero(self._all_scores)
        else:
            own = [self._parts[number].lists.units for number in self._weighted]
            units = distinct(np.concatenate([NO_UNITS, *own]))
        return units if allowed is None else units[allowed[units]]

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
        numbers = [groups.setdefault(sources[part.code, part.terms[0]], len(groups)) for part in self._parts]
        of_part = np.array(numbers, dtype=np.int64)
        return np.bincount(of_part, self._having, minlength=1).astype(np.int64)[of_part]

    def counts(self, code: int, term: str, units: Ints) -> Ints:
        """Return how often each of some units of one analyser, ascending and each once, has a term of the query."""
        lists = self._lists.get((code, term))
        if lists is None:
            (lists,) = self._statistics.lists([[term_keys(self._statistics.analysers[code], term)]])
            self._lists[code, term] = lists
        return lists.counts_at(self._located(units))

    def _located(self, units: Ints) -> Located:
        """Return where units are; the last are remembered, for they are asked for several times."""
        located = self._last_located  # which another thread may replace
        if located.units is not units:
            located = self._last_located = self._statistics.located(units)
        return located

    def saturated(self, code: int, term: str, units: Ints) -> Floats:
        """Return of the same units what BM25 makes of how often the term is there, 0 to 1."""
        counts = self.counts(code, term, units)
        return np.asarray(counts / (counts + self._statistics.damping(units, code)))

    @property
    def units(self) -> int:
        """How many passages, or articles, there are."""
        return self._statistics.units

    @property
    def codes(self) -> AnalyserCodes:
        """(units,): by which of the analysers each was analysed."""
        return self._statistics.codes

    def _sums(self, values: Floats) -> Floats:
        """Return (analysers,): the sum over the terms of each."""
        size = len(self._statistics.counts)
        return np.bincount(self._of_part, values, minlength=size).astype(np.float64, copy=False)

    def _by_unit(self, values: Floats, units: Ints) -> Floats:
        """Return of units what their analysers have: one value where there is one analyser."""
        return values if len(values) == 1 else np.asarray(values[self._statistics.codes[units]])

    @property
    def lacking(self) -> list[str]:
        """The words of the query of which no living unit has every part, by whatever analyser, as they are written."""
        known = {(part.code, part.terms[0]) for part in self._parts if part.having}
        analysers = [
            (code, name) for code, name in enumerate(self._statistics.analysers) if self._statistics.counts[code]
        ]

        def words_of(text: str) -> dict[str, bool]:
            found: dict[str, bool] = {}
            for code, name in analysers:
                for word in words.query_words(text, name):
                    there = all((code, part[0]) in known for part in word.parts)
                    found[word.written] = found.get(word.written, False) or there
            return found

        # A word beside another with its stem is no word of its own, so what seems to be lacking is read by itself.
        lacking = [word for word, is_there in words_of(self._text).items() if not is_there]
        return [word for word in lacking if not any(words_of(word).values())]

    def parts(self, unit: int) -> list[tuple[str, float]]:
        """Return the terms of one unit with what each adds to its score, most first."""
        found, units = [], np.array([unit])
        located = self._statistics.located(units)
        for number in self._weighted:
            counts = self._parts[number].lists.counts_at(located)
            if counts[0]:
                term = self._parts[number].terms[0].removesuffix(" *").replace(" ", "")
                found.append((term, float(self._added(number, units, counts)[0])))
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))


def _parts(text: str, analyser: words.Analyser) -> list[Sequence[str]]:
    """Return what a text is ranked by, each as terms of which it has any; a word that is repeated means no more."""
    found: dict[str, dict[str, None]] = {}
    for word in words.query_words(text, analyser):
        for part in word.parts:
            found.setdefault(part[0], {}).update(dict.fromkeys(part))
    return [tuple(part) for part in found.values()]


def _at(values: npt.NDArray[Any], units: Ints) -> npt.NDArray[Any]:
    """Return what units, ascending and each once, have of an array of all: of all the array itself, to copy none."""
    return values if len(units) == len(values) else values[units]


def _nth(scores: Floats, n: int) -> float:
    """Return the greatest score that `n` of as many or more reach."""
    return float(np.partition(scores, len(scores) - n)[len(scores) - n])


def _best(units: Ints, shares: Floats, n: int) -> Top:
    if len(units) < n:
        return Top(units, 0.0, shares)
    bar = _nth(shares, n)
    kept = shares >= bar
    return Top(units[kept], bar, shares[kept])


def _added_up(listed: Sequence[tuple[Ints, Floats]], size: int, least: float = 0.0) -> tuple[Ints, Floats]:
    """Return the units of several lists, ascending and each once, and the sums of what each list adds to them.

    Args:
        listed: units, ascending, and what is added to the score of each, more than 0.
        size: of the blocks of units in which they are added up.
        least: units of a lower sum are left out.
    """
    found: list[tuple[Ints, Floats]] = [(NO_UNITS, np.zeros(0))]
    last = max((int(units[-1]) for units, _ in listed if len(units)), default=-1)
    for begin in range(0, last + 1, size):
        bounds = [np.searchsorted(units, [begin, begin + size]).tolist() for units, _ in listed]
        units = np.concatenate([own[start:end] for (own, _), (start, end) in zip(listed, bounds, strict=True)]) - begin
        added = np.concatenate([own[start:end] for (_, own), (start, end) in zip(listed, bounds, strict=True)])
        if units.size and not 0 <= units.min() <= units.max() < size:  # they do not ascend
            raise damaged("postings")
        if len(units) * _SPARSE < size:
            order = np.argsort(units, kind="stable")
            units = units[order]
            begins = first_of_each(units)
            units, sums = units[begins], np.add.reduceat(added[order], begins) if begins.size else added
            reached = sums >= least
            found.append((np.asarray(units[reached] + begin, dtype=np.int64), np.asarray(sums[reached])))
        else:
            sums = np.bincount(units, added)
            kept = np.flatnonzero(sums >= max(least, np.nextafter(0, 1)))
            found.append((np.asarray(kept + begin, dtype=np.int64), np.asarray(sums[kept], dtype=np.float64)))
    return np.concatenate([units for units, _ in found]), np.concatenate([sums for _, sums in found])
