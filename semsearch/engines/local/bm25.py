"""BM25 of everything in an index, exactly, for one query.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with the inverse document
frequency that cannot be negative: ln(1 + (N - df + 0.5) / (df + 0.5)).

The best are found without adding up everything (Turtle, Flood, "Query Evaluation: Strategies and Optimizations", 1995):
once enough units are known to reach some score, a unit whose words all together weigh less cannot be among the best.
So the rarest words propose units, and common words are looked up only for these.
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
"""Larger than the difference between sums of the same shares added in different orders."""

_SPARSE = 32
"""A block in which fewer than one in this many units has anything is summed by sorting, not in an array of all."""


class Top(NamedTuple):
    """The best units."""

    units: Ints  # ascending: all whose share is at least `bar`, and more than 0
    bar: float  # no other unit has a greater share
    shares: Floats  # of the units


class _QueryPart(NamedTuple):
    """A word of the query, or a part of one, as one analyser reads it."""

    code: int  # of the analyser
    terms: Sequence[str]  # alternatives: a unit has the part if it has any of them
    lists: Lists
    frequency: int  # living units that have it


class _Remembered(NamedTuple):
    """The scores that were looked up so far. Pages of memory that were never written to cost nothing."""

    is_known: Mask  # (units,): whether it was looked up
    scores: Floats  # (units,)
    weights: Floats  # (units,): of the terms that each has


class QueryTerms:
    """The terms of one query, looked up among passages or among articles: the *units*."""

    def __init__(self, statistics: Statistics, text: str, most: int) -> None:
        """Weigh the words of a query. A word that no unit has weighs most, since without it no unit matches fully.

        Args:
            most: at most this many terms of each analyser weigh anything.
        """
        self._statistics = statistics
        # The query is read by every analyser in use, since a text's terms match only those of its own analyser.
        coded_parts = [
            (code, analyser, part)
            for code, analyser in enumerate(statistics.analysers)
            if statistics.counts[code]
            for part in _parts(text, analyser)
        ]
        self._text = text
        lists = statistics.lists([[term_keys(analyser, term) for term in part] for _, analyser, part in coded_parts])
        self._parts = [
            _QueryPart(code, part, part_lists, statistics.living(part_lists))
            for (code, _, part), part_lists in zip(coded_parts, lists, strict=True)
        ]
        frequencies = np.array([part.frequency for part in self._parts], dtype=np.int64)
        part_codes = np.array([part.code for part in self._parts], dtype=np.int64)
        totals = statistics.counts[part_codes]
        weights = np.log1p((totals - frequencies + 0.5) / (frequencies + 0.5))
        weights[self._is_common(frequencies, part_codes)] = 0
        weights[_is_beyond(most, weights, frequencies, part_codes)] = 0
        self._frequencies, self._weights, self._part_codes = frequencies, weights, part_codes
        self._lists = {(part.code, part.terms[0]): part.lists for part in self._parts if len(part.terms) == 1}
        self._last_located = Located(NO_UNITS, unit_keys(NO_UNITS), [])

    def _is_common(self, frequencies: Ints, part_codes: Ints) -> Mask:
        """Mark the terms to leave out: those that many units have, if their analyser has rarer terms of the query."""
        counts, thresholds = self._statistics.counts, self._statistics.thresholds
        totals = counts[part_codes]
        common = (totals >= thresholds.common_from) & (frequencies > thresholds.common_share * totals)
        rare = np.bincount(part_codes[(frequencies > 0) & ~common], minlength=len(counts))
        return np.asarray(common & (rare[part_codes] > 0))

    def scores(self, units: Ints) -> Floats:
        """Return the BM25 of units, ascending and each once."""
        return _pick(self._all_scores if self.are_few else self._look_up(units).scores, units)

    def shares(self, units: Ints) -> Floats:
        """Return the BM25 of units, as a share of the most that any text could have for this query, 0 to 1."""
        return self.scores(units) / self._greatest_scores(units)

    @cached_property
    def has_numbers(self) -> bool:
        """Whether some unit has a number of the query's."""
        return bool(self._numbers)

    def number_shares(self, units: Ints) -> Floats:
        """Return how much of the `shares` of units, ascending and each once, numbers contribute."""
        scores = np.zeros(len(units))
        for number in self._numbers:
            counts = self._parts[number].lists.counts_at(self._located(units))
            scores += self._contribution(number, units, counts)
        return scores / self._greatest_scores(units)

    @cached_property
    def _numbers(self) -> list[int]:
        """The weighted parts that have a digit, which are written alike in every language."""
        return [number for number in self._weighted if any(map(str.isdecimal, self._parts[number].terms[0]))]

    def _greatest_scores(self, units: Ints) -> Floats:
        """Return the most that a text of each unit's analyser could score for this query."""
        return self._by_unit((self._statistics.constants.k1 + 1) * self._all_weight, units)

    def coverage(self, units: Ints) -> Floats:
        """Return how many of its own analyser's terms each unit has, as a share of their weight, 0 to 1."""
        weights = self._all_weights[units] if self.are_few else self._look_up(units).weights[units]
        return weights / self._by_unit(self._all_weight, units)

    @cached_property
    def _all_weight(self) -> Floats:
        """(analysers,): the weight of all terms; 1 where none weighs anything."""
        sums = self._sums(self._weights)
        return np.where(sums, sums, 1.0)

    @cached_property
    def effective_terms(self) -> Floats:
        """(analysers,): how many terms of equal weight the query would amount to, (Σ w)² / Σ w²; 0 without terms."""
        squares = self._sums(self._weights**2)
        return np.asarray(self._sums(self._weights) ** 2 / np.where(squares, squares, 1.0))

    @cached_property
    def same_languages(self) -> Floats:
        """(analysers,): how likely the query is in the language of each, judging by its words, 0 to 1."""
        totals = self._statistics.counts[self._part_codes]
        weights = np.log1p((totals - self._frequencies + 0.5) / (self._frequencies + 0.5))
        familiarity = 1 - weights / np.log1p((totals + 0.5) / 0.5)
        telling = [words.shows_language(self._text, analyser) for analyser in self._statistics.analysers]
        evidence = np.array([telling[part.code].get(part.terms[0], 0.0) for part in self._parts])
        count = self._sums((evidence > 0).astype(np.float64))
        present = self._sums((self._frequencies > 0).astype(np.float64))
        texts = self._statistics.counts.astype(np.float64)
        letters = np.array(
            [words.may_be_written_in(self._text, analyser) for analyser in self._statistics.analysers], np.bool_
        )
        return same_language(self._sums(familiarity * evidence), count, present, texts, letters)

    @cached_property
    def rarity(self) -> Floats:
        """(analysers,): the mean weight of the query's terms, as a share of the weight of a term that no unit has.

        Weights are taken among all units, whatever their analyser: in an index with few articles of a language, the
        words of that language are rare.
        """
        total = int(self._statistics.counts.sum())
        weights = np.log1p((total - self._frequencies_everywhere + 0.5) / (self._frequencies_everywhere + 0.5))
        weights[self._weights == 0] = 0
        terms = np.maximum(self._sums((weights > 0).astype(np.float64)), 1)
        return np.asarray(self._sums(weights) / (terms * np.log1p((total + 0.5) / 0.5)))

    @cached_property
    def are_few(self) -> bool:
        """Whether there are so few postings and units that all scores are added up at once, in the same order."""
        most = self._statistics.thresholds.added_up
        return self.units <= most and sum(self._parts[number].lists.size for number in self._weighted) <= most

    @cached_property
    def _all_scores(self) -> Floats:
        """(units,): BM25."""
        units, counts, numbers = self._all_postings
        more = self._statistics.constants.k1 + 1
        damping = self._statistics.damping(units, self._part_codes[numbers])
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
        """(postings,) of all weighted parts: the unit, how often it has the part, and the part's number."""
        lists = [self._parts[number].lists for number in self._weighted]
        units, counts, numbers = self._statistics.together(lists)
        return units, counts, np.array(self._weighted, dtype=np.int64)[numbers]

    @cached_property
    def _remembered(self) -> _Remembered:
        size = self.units
        return _Remembered(np.zeros(size, dtype=np.bool_), np.zeros(size), np.zeros(size))

    def _look_up(self, units: Ints) -> _Remembered:
        """Look up the units that were not looked up before, and return all that is known."""
        remembered = self._remembered
        lacking = units[~remembered.is_known[units]]
        if lacking.size:
            located = self._located(distinct(lacking))
            units = located.units
            scores, weights = np.zeros(len(units)), np.zeros(len(units))
            for number in self._weighted:
                indexes, counts = self._parts[number].lists.look_up(located)
                scores[indexes] += self._contribution(number, units[indexes], counts)
                weights[indexes] += self._weights[number]
            # All at once, so that threads that look up the same units do no harm.
            remembered.scores[units], remembered.weights[units] = scores, weights
            remembered.is_known[units] = True
        return remembered

    @cached_property
    def _weighted(self) -> list[int]:
        """The numbers of the parts that add anything to a score."""
        return np.flatnonzero((self._weights > 0) & (self._frequencies > 0)).tolist()

    def _contribution(self, number: int, units: Ints, counts: Ints) -> Floats:
        """Return what a part adds to the scores of units that have it."""
        more = self._statistics.constants.k1 + 1
        damping = self._statistics.damping(units, self._parts[number].code)
        return np.asarray(self._weights[number] * more * counts / (counts + damping))

    def top(self, n: int, allowed: Mask | None = None) -> Top:
        """Return the `n` units of the greatest shares, or more if some tie; fewer where fewer have any word.

        Args:
            allowed: (units,), which of them count; None: all, deleted ones included.
        """
        if self.are_few:
            units = self.matching_units(allowed)
        elif allowed is not None and np.count_nonzero(allowed) <= self._statistics.thresholds.looked_up:
            units = np.flatnonzero(allowed)
        else:
            proposed = [self._propose(code, n, allowed) for code in distinct(self._part_codes).tolist()]
            units = np.sort(np.concatenate([NO_UNITS, *proposed]))
        shares = self.shares(units)
        return _best_units(units[shares > 0], shares[shares > 0], n)

    def _propose(self, code: int, n: int, allowed: Mask | None) -> Ints:
        """Return units of one analyser that include its `n` best."""
        tables = self._statistics.tables(code)
        numbers = np.flatnonzero((self._part_codes == code) & (self._weights > 0) & (self._frequencies > 0))
        more = self._statistics.constants.k1 + 1
        highest = [self._parts[number].lists.highest(tables) for number in numbers.tolist()]
        most = self._weights[numbers] * more * np.array(highest)
        order = np.argsort(-most, kind="stable")
        numbers, most = numbers[order], most[order]
        rests = np.append(np.cumsum(most[::-1])[::-1], 0)  # the most that a unit without the parts before can score
        lists: list[tuple[Ints, Floats]] = []
        block = self._statistics.thresholds.summed_block
        wanted, size, bar = self._statistics.thresholds.tried * n, 0, 0.0
        while len(lists) < len(numbers) and bar <= rests[len(lists)] + _SLACK:
            lists.append(self._list_units(int(numbers[len(lists)]), tables, allowed))
            previous_size, size = size, size + len(lists[-1][0])
            if previous_size < wanted <= size:
                bar = self._nth_full_score(*_sum_up(lists, block), n)
        remaining_numbers = numbers[len(lists) :]
        units, scores = _sum_up(lists, block, bar - rests[len(lists)] - _SLACK)
        if len(units) >= wanted:
            bar = max(bar, self._nth_full_score(units, scores, n))
        for number, remaining in zip(remaining_numbers.tolist(), rests[len(lists) :].tolist(), strict=False):
            is_possible = scores + remaining + _SLACK >= bar
            units, scores = self._with_part(units[is_possible], scores[is_possible], number)
        return np.asarray(units[scores + _SLACK >= bar])

    def _list_units(self, number: int, tables: Floats, allowed: Mask | None) -> tuple[Ints, Floats]:
        """Return the allowed units that have a part, and an upper bound of what it adds to the score of each."""
        lists = self._parts[number].lists
        units, added = lists.units, lists.upper_bounds(tables)
        if allowed is not None:
            is_allowed = allowed[units]
            units, added = units[is_allowed], added[is_allowed]
        return units, added * (self._weights[number] * (self._statistics.constants.k1 + 1))

    def _with_part(self, units: Ints, scores: Floats, number: int) -> tuple[Ints, Floats]:
        """Add one more part to the scores of units, ascending, and return both."""
        indexes, counts = self._parts[number].lists.look_up(self._statistics.located(units))
        scores[indexes] += self._contribution(number, units[indexes], counts)
        return units, scores

    def _nth_full_score(self, units: Ints, scores: Floats, n: int) -> float:
        """Return a full score that `n` units reach, taken from the units with the greatest bounds so far."""
        thresholds = self._statistics.thresholds
        best = highest(scores, thresholds.tried * n, thresholds.block)
        return _nth(self.scores(units[best]), n) if len(best) >= n else 0.0

    def matching_units(self, allowed: Mask | None = None) -> Ints:
        """Return the units, ascending, that have any term of a weight.

        Args:
            allowed: (units,), which of them count; None: all, deleted ones included.
        """
        if self.are_few:
            units = np.flatnonzero(self._all_scores)
        else:
            unit_lists = [self._parts[number].lists.units for number in self._weighted]
            units = distinct(np.concatenate([NO_UNITS, *unit_lists]))
        return units if allowed is None else units[allowed[units]]

    def may_match(self, units: Ints) -> Mask:
        """Mark the units that have any term of a weight; all units, where most may have one."""
        return self._may_match[units]

    @cached_property
    def _may_match(self) -> Mask:
        """(units,): what `may_match` marks."""
        lists = [self._parts[number].lists for number in self._weighted]
        if sum(part_lists.size for part_lists in lists) > self.units:
            return np.ones(self.units, dtype=np.bool_)
        mask = np.zeros(self.units, dtype=np.bool_)
        for part_lists in lists:
            mask[part_lists.units] = True
        return mask

    @cached_property
    def _frequencies_everywhere(self) -> Ints:
        """(terms,): how many living units have the word that each stands for, whatever their analyser."""
        if np.count_nonzero(self._statistics.counts) < 2:
            return self._frequencies
        sources: dict[tuple[int, str], tuple[str, int]] = {}
        for code, analyser in enumerate(self._statistics.analysers):
            for word in words.query_words(self._text, analyser) if self._statistics.counts[code] else ():
                for number, part in enumerate(word.parts):
                    sources.setdefault((code, part[0]), (word.written, number))
        groups: dict[tuple[str, int], int] = {}
        numbers = [groups.setdefault(sources[part.code, part.terms[0]], len(groups)) for part in self._parts]
        part_groups = np.array(numbers, dtype=np.int64)
        return np.bincount(part_groups, self._frequencies, minlength=1).astype(np.int64)[part_groups]

    def counts(self, code: int, term: str, units: Ints) -> Ints:
        """Return how often each unit has a term of the query; units of one analyser, ascending and each once."""
        lists = self._lists.get((code, term))
        if lists is None:
            (lists,) = self._statistics.lists([[term_keys(self._statistics.analysers[code], term)]])
            self._lists[code, term] = lists
        return lists.counts_at(self._located(units))

    def _located(self, units: Ints) -> Located:
        """Return where units are; the last answer is remembered, since it is asked for several times in a row."""
        located = self._last_located  # which another thread may replace
        if located.units is not units:
            located = self._last_located = self._statistics.located(units)
        return located

    def saturated(self, code: int, term: str, units: Ints) -> Floats:
        """Return BM25's saturated frequency of a term in the same units as `counts` takes, 0 to 1."""
        counts = self.counts(code, term, units)
        return np.asarray(counts / (counts + self._statistics.damping(units, code)))

    @property
    def units(self) -> int:
        """How many passages, or articles, there are."""
        return self._statistics.units

    @property
    def codes(self) -> AnalyserCodes:
        """(units,): the code of the analyser of each."""
        return self._statistics.codes

    def _sums(self, values: Floats) -> Floats:
        """Return (analysers,): the sum of values over the terms of each."""
        size = len(self._statistics.counts)
        return np.bincount(self._part_codes, values, minlength=size).astype(np.float64, copy=False)

    def _by_unit(self, values: Floats, units: Ints) -> Floats:
        """Return for each unit its analyser's value; one value for all where there is one analyser."""
        return values if len(values) == 1 else np.asarray(values[self._statistics.codes[units]])

    @property
    def missing_words(self) -> list[str]:
        """The query's words, as written, that no living unit has: some part of each is missing for every analyser."""
        present_parts = {(part.code, part.terms[0]) for part in self._parts if part.frequency}
        analysers = [
            (code, analyser)
            for code, analyser in enumerate(self._statistics.analysers)
            if self._statistics.counts[code]
        ]

        def words_of(text: str) -> dict[str, bool]:
            presence: dict[str, bool] = {}
            for code, analyser in analysers:
                for word in words.query_words(text, analyser):
                    is_present = all((code, part[0]) in present_parts for part in word.parts)
                    presence[word.written] = presence.get(word.written, False) or is_present
            return presence

        # A word is dropped after another one of its stem, so each that seems to be lacking is read again by itself.
        lacking = [word for word, is_there in words_of(self._text).items() if not is_there]
        return [word for word in lacking if not any(words_of(word).values())]

    def parts(self, unit: int) -> list[tuple[str, float]]:
        """Return the query's terms that a unit has, with what each adds to its score, most first."""
        contributions, units = [], np.array([unit])
        located = self._statistics.located(units)
        for number in self._weighted:
            counts = self._parts[number].lists.counts_at(located)
            if counts[0]:
                term = self._parts[number].terms[0].removesuffix(" *").replace(" ", "")
                contributions.append((term, float(self._contribution(number, units, counts)[0])))
        return sorted(contributions, key=lambda pair: (-pair[1], pair[0]))


def _parts(text: str, analyser: words.Analyser) -> list[Sequence[str]]:
    """Return a query's parts, each as its alternative terms; a word that is repeated counts once."""
    parts: dict[str, dict[str, None]] = {}
    for word in words.query_words(text, analyser):
        for part in word.parts:
            parts.setdefault(part[0], {}).update(dict.fromkeys(part))
    return [tuple(part) for part in parts.values()]


def _is_beyond(most: int, weights: Floats, frequencies: Ints, part_codes: Ints) -> Mask:
    """Mark the terms of each analyser beyond the `most` weightiest; terms that no unit has go first."""
    mask = np.zeros(len(weights), dtype=np.bool_)
    for code in np.flatnonzero(np.bincount(part_codes, weights > 0, minlength=1) > most).tolist():
        numbers = np.flatnonzero((part_codes == code) & (weights > 0))
        mask[numbers[np.lexsort((-weights[numbers], frequencies[numbers] == 0))[most:]]] = True
    return mask


def _pick(values: npt.NDArray[Any], units: Ints) -> npt.NDArray[Any]:
    """Pick units, ascending and each once, out of an array of all; for all units the array itself, without a copy."""
    return values if len(units) == len(values) else values[units]


def _nth(scores: Floats, n: int) -> float:
    """Return the `n`-th greatest of `n` or more scores."""
    return float(np.partition(scores, len(scores) - n)[len(scores) - n])


def _best_units(units: Ints, shares: Floats, n: int) -> Top:
    if len(units) < n:
        return Top(units, 0.0, shares)
    bar = _nth(shares, n)
    is_best = shares >= bar
    return Top(units[is_best], bar, shares[is_best])


def _sum_up(lists: Sequence[tuple[Ints, Floats]], size: int, least: float = 0.0) -> tuple[Ints, Floats]:
    """Return the units of several lists, ascending and each once, and the sums of what each list adds to them.

    Args:
        lists: for each its units, ascending, and what it adds to the score of each, more than 0.
        size: how many units are added up at once.
        least: units of a lower sum are left out.
    """
    sums_by_block: list[tuple[Ints, Floats]] = [(NO_UNITS, np.zeros(0))]
    last = max((int(units[-1]) for units, _ in lists if len(units)), default=-1)
    for begin in range(0, last + 1, size):
        bounds = [np.searchsorted(units, [begin, begin + size]).tolist() for units, _ in lists]
        pieces = [slice(start, end) for start, end in bounds]
        units = np.concatenate([ids[piece] for (ids, _), piece in zip(lists, pieces, strict=True)]) - begin
        added = np.concatenate([values[piece] for (_, values), piece in zip(lists, pieces, strict=True)])
        if units.size and not 0 <= units.min() <= units.max() < size:  # they did not ascend
            raise damaged("postings")
        if len(units) * _SPARSE < size:
            order = np.argsort(units, kind="stable")
            units = units[order]
            begins = first_of_each(units)
            units, sums = units[begins], np.add.reduceat(added[order], begins) if begins.size else added
            reached = sums >= least
            units, sums = units[reached], sums[reached]
        else:
            sums = np.bincount(units, added)
            units = np.flatnonzero(sums >= max(least, np.nextafter(0, 1)))
            sums = sums[units]
        sums_by_block.append((np.asarray(units + begin, dtype=np.int64), np.asarray(sums, dtype=np.float64)))
    return np.concatenate([units for units, _ in sums_by_block]), np.concatenate([sums for _, sums in sums_by_block])
