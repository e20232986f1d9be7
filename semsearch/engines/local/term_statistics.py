"""Where words stand in a whole index, and what BM25 has to know about all of its passages, or articles.

Sums are over segments and count what is alive: the number of texts that a word is in, and their average length, of all
that were analysed in the same way, so that a term of a language that few articles are written in is as rare as it is
there. Filters change none of them.
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
"""(units,): by which of the analysers each was analysed."""

_END_TO_END = 1 << 18
"""Postings of one word: of no more those of all segments are put together, which takes less time than to look each
of several sets of units up in every segment."""

NO_UNITS = np.zeros(0, dtype=np.int64)


class Lists:
    """Where something stands in all segments."""

    def __init__(self, parts: Sequence[Postings], firsts: Ints, bounds: Sequence[int]) -> None:
        """Take the postings of each segment, and where its units begin.

        Args:
            bounds: a code for each segment that says no less than any of its postings.
        """
        self._parts, self._firsts, self._bounds = parts, firsts, bounds

    @cached_property
    def size(self) -> int:
        """How many units have it, deleted ones included."""
        return sum(len(part.packed) for part in self._parts)

    def of_segment(self, number: int) -> Postings:
        """Return its postings in one segment."""
        return self._parts[number]

    @property
    def units(self) -> Ints:
        """(size,): those that have it, ascending."""
        bounds = zip(self._firsts[:-1].tolist(), self._firsts[1:].tolist(), strict=True)
        own = [part.units_below(end - first) + first for part, (first, end) in zip(self._parts, bounds, strict=True)]
        return own[0] if len(own) == 1 else np.concatenate([NO_UNITS, *own])

    def most(self, tables: Floats) -> Floats:
        """Return (size,) of each of them no less than BM25 makes of how often it has it, 0 to 1.

        Args:
            tables: (segments, 256), what that is at most by the code of a posting.
        """
        own = [table[part.codes] for part, table in zip(self._parts, tables, strict=True)]
        return own[0] if len(own) == 1 else np.concatenate([np.zeros(0), *own])

    def highest(self, tables: Floats) -> float:
        """Return no less than BM25 makes of how often any unit has it, 0 to 1."""
        return max((float(table[code]) for table, code in zip(tables, self._bounds, strict=True)), default=0.0)

    @cached_property
    def _whole(self) -> Postings | None:
        """All postings end to end, in which is looked up at once; None where they are many, or in one segment."""
        if len(self._parts) < 2 or self.size > _END_TO_END or self._firsts[-1] > MOST_UNITS:
            return None
        return end_to_end(self._parts, self._firsts[:-1].tolist())

    def found_at(self, units: "Located") -> tuple[Ints, Ints]:
        """Return which of some units, by their places among these, have it, and how often."""
        if self._whole is not None:
            return self._whole.found_at(units.keys)
        found = [(first, *self._parts[number].found_at(keys)) for number, keys, first in units.parts]
        if len(found) == 1:
            return found[0][1:]
        return (
            np.concatenate([NO_UNITS, *(having + first for first, having, _ in found)]),
            np.concatenate([NO_UNITS, *(counts for _, _, counts in found)]),
        )

    def counts_at(self, units: "Located") -> Ints:
        """Return how often each of some units has it; 0 where it does not."""
        found = np.zeros(len(units.units), dtype=np.int64)
        having, counts = self.found_at(units)
        found[having] = counts
        return found


class Located(NamedTuple):
    """Units, ascending and each once, by segment."""

    units: Ints
    keys: Packed  # of all of them
    parts: Sequence[tuple[int, Packed, int]]  # a segment's number, the keys of units there, the place of the first


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
        classes = [code_lengths(lexicon.length_classes(articles=articles)) for lexicon in lexicons]
        self._classes: Ints = np.stack(classes) if classes else np.zeros((0, 0), dtype=np.int64)

    def located(self, units: Ints) -> Located:
        """Say in which segments units, ascending and each once, are."""
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
        """Return what a count is divided by beside itself, k1 (1 - b + b length / average), of units of an analyser.

        Args:
            code: of the analyser; or (units,), that of each.
        """
        k1, b = self.constants
        return np.asarray(k1 * (1 - b) + (k1 * b / np.maximum(self._averages[code], 1)) * self._lengths[units])

    def tables(self, code: int) -> Floats:
        """Return (segments, 256): what BM25 makes of how often a unit has a term, at most, by the code of a posting."""
        k1, b = self.constants
        counts, factor = code_counts(), k1 * b / np.maximum(self._averages[code], 1)
        return np.asarray(counts / (counts + (k1 * (1 - b) + factor * self._classes)))

    def lists(self, parts: Sequence[Sequence[tuple[int, int]]]) -> list[Lists]:
        """Return for each part, given as keys from first to last, where it stands: as often as any of its keys."""
        keys = np.array([key for part in parts for key in part], dtype=np.uint64).reshape(-1, 2)
        found: list[list[Postings]] = [[] for _ in parts]
        bounds: list[list[int]] = [[] for _ in parts]
        for lexicon in self._lexicons:
            begins, ends = (bounds.tolist() for bounds in lexicon.groups_of(keys))
            at = 0
            for number, part in enumerate(parts):
                own, highest = [], 0
                for begin, end in zip(begins[at : at + len(part)], ends[at : at + len(part)], strict=True):
                    groups = [lexicon.group(group, articles=self._articles) for group in range(begin, end)]
                    own.append(united(groups, np.add))
                    if end - begin == 1 == len(part):
                        highest = lexicon.bound(begin, articles=self._articles)
                    elif begin < end:
                        highest = UNBOUNDED
                at += len(part)
                found[number].append(united([one for one in own if len(one.packed)], np.maximum))
                bounds[number].append(highest)
        return [Lists(own, self._firsts, highest) for own, highest in zip(found, bounds, strict=True)]

    def together(self, lists: Sequence[Lists]) -> tuple[Ints, Ints, Ints]:
        """Return (postings,) of several lists: units, how often each has what the list is of, and the list's number.

        Those of one unit are in the order of the lists.
        """
        found = [(NO_UNITS,) * 3]
        bounds = zip(self._firsts[:-1].tolist(), self._firsts[1:].tolist(), strict=True)
        for segment, (first, end) in enumerate(bounds):
            own = [one.of_segment(segment) for one in lists]
            sizes = [len(part.packed) for part in own]
            units, counts = units_and_counts(own, end - first)
            found.append((units + first, counts, np.repeat(np.arange(len(own)), sizes)))
        units, counts, numbers = map(np.concatenate, zip(*found, strict=True))
        return units, counts, numbers

    def living(self, lists: Lists) -> int:
        """Return how many living units have something."""
        return lists.size if self._alive is None else int(np.count_nonzero(self._alive[lists.units]))
