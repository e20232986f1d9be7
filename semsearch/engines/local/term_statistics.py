"""Where words stand in a whole index, and what BM25 has to know about all of its passages, or articles.

Statistics are summed over segments and count living texts: how many have a word, and their average length. Texts of
different analysers are counted apart, so that a term is as rare as it is within its language, even where few articles
are written in it. Filters change none of them.
"""

from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from semsearch import words
from semsearch.engines.local.arrays import Mask
from semsearch.engines.local.lexicon import Lexicon
from semsearch.engines.local.postings import (
    MOST_UNITS,
    UNBOUNDED,
    Packed,
    Postings,
    code_counts,
    code_lengths,
    end_to_end,
    unit_keys,
    united,
    units_and_counts,
)
from semsearch.engines.local.runs import Ints
from semsearch.engines.local.thresholds import Thresholds
from semsearch.ports import Floats
from semsearch.ranking.constants import ARTICLE, PASSAGE

AnalyserCodes = npt.NDArray[np.integer[Any]]
"""(units,): the code of the analyser of each."""

_END_TO_END = 1 << 18
"""Where a word has at most this many postings, those of all segments are joined: that takes less time than to look up
several sets of units in every segment."""

NO_UNITS = np.zeros(0, dtype=np.int64)


class Lists:
    """The postings of a word, or of alternative words, in all segments."""

    def __init__(self, parts: Sequence[Postings], firsts: Ints, bounds: Sequence[int]) -> None:
        """Take the postings of each segment, and where its units begin.

        Args:
            bounds: a code for each segment whose bound is no lower than that of any posting there.
        """
        self._parts, self._firsts, self._bounds = parts, firsts, bounds

    @cached_property
    def size(self) -> int:
        """How many units have the word, deleted ones included."""
        return sum(len(part.packed) for part in self._parts)

    def of_segment(self, number: int) -> Postings:
        """Return the postings in one segment."""
        return self._parts[number]

    @property
    def units(self) -> Ints:
        """(size,): the units that have the word, ascending."""
        bounds = zip(self._firsts[:-1].tolist(), self._firsts[1:].tolist(), strict=True)
        parts = [part.units_below(end - first) + first for part, (first, end) in zip(self._parts, bounds, strict=True)]
        return parts[0] if len(parts) == 1 else np.concatenate([NO_UNITS, *parts])

    def upper_bounds(self, tables: Floats) -> Floats:
        """Return (size,): an upper bound of BM25's saturated frequency in each unit, 0 to 1.

        Args:
            tables: (segments, 256), the bound for each code of a posting.
        """
        bounds = [table[part.codes] for part, table in zip(self._parts, tables, strict=True)]
        return bounds[0] if len(bounds) == 1 else np.concatenate([np.zeros(0), *bounds])

    def highest(self, tables: Floats) -> float:
        """Return an upper bound of BM25's saturated frequency in any unit, 0 to 1."""
        return max((float(table[code]) for table, code in zip(tables, self._bounds, strict=True)), default=0.0)

    @cached_property
    def _joined(self) -> Postings | None:
        """All postings end to end, to look units up at once; None where they are many, or all in one segment."""
        if len(self._parts) < 2 or self.size > _END_TO_END or self._firsts[-1] > MOST_UNITS:
            return None
        return end_to_end(self._parts, self._firsts[:-1].tolist())

    def look_up(self, units: "Located") -> tuple[Ints, Ints]:
        """Return the indexes in `units` of those that have the word, and how often each has it."""
        if self._joined is not None:
            return self._joined.look_up(units.keys)
        segment_matches = [(first, *self._parts[number].look_up(keys)) for number, keys, first in units.parts]
        if len(segment_matches) == 1:
            return segment_matches[0][1:]
        return (
            np.concatenate([NO_UNITS, *(indexes + first for first, indexes, _ in segment_matches)]),
            np.concatenate([NO_UNITS, *(counts for _, _, counts in segment_matches)]),
        )

    def counts_at(self, units: "Located") -> Ints:
        """Return how often each unit has the word; 0 where it does not."""
        counts = np.zeros(len(units.units), dtype=np.int64)
        indexes, nonzero_counts = self.look_up(units)
        counts[indexes] = nonzero_counts
        return counts


class Located(NamedTuple):
    """Units, ascending and each once, by segment."""

    units: Ints
    keys: Packed  # of all units
    parts: Sequence[tuple[int, Packed, int]]  # a segment's number, the keys of its units, the index of the first


class Statistics:
    """What BM25 has to know about all passages, or articles, of an index. One for each generation."""

    def __init__(
        self,
        lexicons: Sequence[Lexicon],
        alive: Mask,
        analysers: Sequence[words.Analyser],
        codes: AnalyserCodes,
        thresholds: Thresholds,
        *,
        articles: bool,
    ) -> None:
        """Count the living units of each analyser, and their lengths.

        Args:
            alive: (units,), over all segments.
            codes: (units,), of the analyser of each.
        """
        self.analysers, self.codes, self.thresholds = analysers, codes, thresholds
        self.constants = ARTICLE if articles else PASSAGE
        self._lexicons, self._articles = lexicons, articles
        self._alive = None if alive.all() else alive
        lengths = [lexicon.article_lengths if articles else lexicon.passage_lengths for lexicon in lexicons]
        self._firsts = np.cumsum([0, *map(len, lengths)], dtype=np.int64)
        self._lengths = np.concatenate([np.zeros(0, dtype=np.int32), *lengths])
        size = len(analysers)
        self.counts: Ints = np.bincount(codes[alive], minlength=size)
        totals = np.bincount(codes[alive], self._lengths[alive], minlength=size)
        self._averages: Floats = np.maximum(totals, 1) / np.maximum(self.counts, 1)
        classes = [code_lengths(lexicon.length_classes(articles=articles)) for lexicon in lexicons]
        self._classes: Ints = np.stack(classes) if classes else np.zeros((0, 0), dtype=np.int64)

    def located(self, units: Ints) -> Located:
        """Return units, ascending and each once, with the segments that they are in."""
        ends = np.searchsorted(units, self._firsts).tolist()
        firsts = self._firsts.tolist()
        return Located(
            units,
            unit_keys(units),
            [
                (number, unit_keys(units[begin:end] - firsts[number]), begin)
                for number, (begin, end) in enumerate(pairwise(ends))
                if begin < end
            ],
        )

    @property
    def units(self) -> int:
        """How many there are, deleted ones included."""
        return len(self._lengths)

    def damping(self, units: Ints, code: int | Ints) -> Floats:
        """Return k1 (1 - b + b length / average) of units: BM25 divides a count by the sum of it and the count.

        Args:
            code: of the analyser of all units; or (units,), of each.
        """
        k1, b = self.constants
        return np.asarray(k1 * (1 - b) + (k1 * b / np.maximum(self._averages[code], 1)) * self._lengths[units])

    def tables(self, code: int) -> Floats:
        """Return (segments, 256): an upper bound of BM25's saturated frequency, by the code of a posting."""
        k1, b = self.constants
        counts, factor = code_counts(), k1 * b / np.maximum(self._averages[code], 1)
        return np.asarray(counts / (counts + (k1 * (1 - b) + factor * self._classes)))

    def lists(self, range_lists: Sequence[Sequence[tuple[int, int]]]) -> list[Lists]:
        """Return a list of postings for each list of ranges of keys, first and last; the most frequent range counts."""
        keys = np.array([key for ranges in range_lists for key in ranges], dtype=np.uint64).reshape(-1, 2)
        postings_by_list: list[list[Postings]] = [[] for _ in range_lists]
        bounds: list[list[int]] = [[] for _ in range_lists]
        for lexicon in self._lexicons:
            begins, ends = (groups.tolist() for groups in lexicon.groups_of(keys))
            offset = 0
            for number, ranges in enumerate(range_lists):
                key_postings, highest = [], 0
                following = slice(offset, offset + len(ranges))
                for begin, end in zip(begins[following], ends[following], strict=True):
                    postings_of_groups = [lexicon.group(group, articles=self._articles) for group in range(begin, end)]
                    key_postings.append(united(postings_of_groups, np.add))
                    if end - begin == 1 == len(ranges):
                        highest = lexicon.bound(begin, articles=self._articles)
                    elif begin < end:
                        highest = UNBOUNDED
                offset += len(ranges)
                postings_by_list[number].append(
                    united([postings for postings in key_postings if len(postings.packed)], np.maximum)
                )
                bounds[number].append(highest)
        return [Lists(postings, self._firsts, codes) for postings, codes in zip(postings_by_list, bounds, strict=True)]

    def together(self, lists: Sequence[Lists]) -> tuple[Ints, Ints, Ints]:
        """Return (postings,) of several lists: units, how often each has the list's word, and the list's number.

        The postings of one unit are in the order of the lists.
        """
        triples = [(NO_UNITS,) * 3]
        bounds = zip(self._firsts[:-1].tolist(), self._firsts[1:].tolist(), strict=True)
        for segment, (first, end) in enumerate(bounds):
            postings = [part_lists.of_segment(segment) for part_lists in lists]
            sizes = [len(part.packed) for part in postings]
            units, counts = units_and_counts(postings, end - first)
            triples.append((units + first, counts, np.repeat(np.arange(len(postings)), sizes)))
        units, counts, numbers = map(np.concatenate, zip(*triples, strict=True))
        return units, counts, numbers

    def living(self, lists: Lists) -> int:
        """Return how many living units are in these lists."""
        return lists.size if self._alive is None else int(np.count_nonzero(self._alive[lists.units]))
