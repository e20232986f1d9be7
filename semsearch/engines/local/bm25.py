"""BM25 of everything in an index, exactly: statistics are summed over segments and count what is alive.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with the inverse document
frequency that cannot be negative: ln(1 + (N - df + 0.5) / (df + 0.5)). N, df and the average length count what is alive
and was analysed in the same way, so that a term of a language that few articles are written in is as rare as it is there.
Filters change none of them.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from semsearch import words
from semsearch.engines.local.columns import Mask
from semsearch.engines.local.lexical import Lexicon, Postings, term_key
from semsearch.ports import Floats

COMMON_SHARE = 0.3
COMMON_FROM = 2_000
"""Of so many passages or more, a term that a larger share has is left out of a query that has rarer ones: it says
little, and there are many places to add it up for."""

Codes = npt.NDArray[np.integer[Any]]


class Constants(NamedTuple):
    """BM25's own; chosen on half of each set in ARCHITECTURE.md, "How are hits ranked?"."""

    k1: float
    b: float


PASSAGE = Constants(0.9, 0.4)  # passages are of about one length
ARTICLE = Constants(1.2, 0.75)


class Unit(NamedTuple):
    """What one segment has of the passages, or of the articles, that BM25 counts."""

    lexicon: Lexicon
    alive: Mask | None  # (units,); None: all
    codes: Codes  # (units,): by which analyser of the lexicon
    lengths: npt.NDArray[np.int32]  # (units,): terms of each


@dataclass(frozen=True, slots=True)
class Weighed:
    """One term of a query, and what it weighs."""

    text: str
    weight: float  # its inverse document frequency; a query that repeats a word means it no more
    postings: Sequence[Postings]  # segment by segment


class Statistics:
    """What BM25 has to know about all living passages, or articles, of an index. One for each generation."""

    def __init__(self, units: Sequence[Unit], *, articles: bool) -> None:
        self.units = units
        self.constants = ARTICLE if articles else PASSAGE
        self._articles = articles
        counts: Counter[str] = Counter()
        totals: Counter[str] = Counter()
        for unit in units:
            for code, name in enumerate(unit.lexicon.analysers):
                own = unit.codes == code if unit.alive is None else (unit.codes == code) & unit.alive
                counts[name] += int(own.sum())
                totals[name] += int(unit.lengths[own].sum(dtype=np.int64))
        self.counts: Mapping[str, int] = {name: count for name, count in counts.items() if count}
        self._average = {name: max(1.0, totals[name] / count) for name, count in self.counts.items()}

    @cached_property
    def damping(self) -> list[Floats]:
        """For each segment (units,): what a count is divided by beside itself, k1 (1 - b + b length / average)."""
        k1, b = self.constants
        found = []
        for unit in self.units:
            averages = np.array([self._average.get(name, 1.0) for name in unit.lexicon.analysers])
            found.append(k1 * (1 - b + b * unit.lengths / averages[unit.codes]))
        return found

    def weigh(self, analyser: words.Analyser, terms: AbstractSet[str]) -> list[Weighed]:
        """Weigh a query's terms among what was analysed in one way.

        A term that nothing has weighs most: what has all others is no whole match.
        """
        total = self.counts.get(analyser, 0)
        named = sorted(terms)
        keys = np.array([term_key(analyser, term) for term in named], dtype=np.uint64)
        everywhere = [unit.lexicon.postings(keys, articles=self._articles) for unit in self.units]
        most = COMMON_SHARE * total if total >= COMMON_FROM else total
        common, rare, known = [], [], False
        for number, term in enumerate(named):
            postings = [own[number] for own in everywhere]
            having = sum(self._living(unit, own) for unit, own in zip(self.units, postings, strict=True))
            weight = float(np.log1p((total - having + 0.5) / (having + 0.5)))
            (common if having > most else rare).append(Weighed(term, weight, postings))
            known = known or 0 < having <= most
        return rare if known else sorted([*common, *rare], key=lambda weighed: weighed.text)

    @staticmethod
    def _living(unit: Unit, postings: Postings) -> int:
        return len(postings.places) if unit.alive is None else int(unit.alive[postings.places].sum())


class Sought:
    """The terms of one query among passages, or among articles."""

    def __init__(self, statistics: Statistics, text: str, analysers: Sequence[words.Analyser], codes: Codes) -> None:
        """Weigh the terms of a query.

        Args:
            analysers: of the whole index.
            codes: (units,), by which of them each unit was analysed.
        """
        self._statistics = statistics
        self._analysers = analysers
        self._codes = codes
        # In every way in which some text was analysed: the terms of a text meet those of its own analyser alone.
        self._by_analyser = [
            statistics.weigh(name, set(words.terms(text, name))) if name in statistics.counts else []
            for name in analysers
        ]
        self._terms = [term for own in self._by_analyser for term in own]

    @cached_property
    def scores(self) -> Floats:
        """(units,): BM25."""
        parts = [self._segment_scores(number, damping) for number, damping in enumerate(self._statistics.damping)]
        return np.concatenate([np.zeros(0), *parts])

    def _segment_scores(self, number: int, damping: Floats) -> Floats:
        more = self._statistics.constants.k1 + 1
        places, values = [np.zeros(0, dtype=np.int32)], [np.zeros(0)]
        for term in self._terms:
            postings = term.postings[number]
            counts = postings.counts.astype(np.float64)
            places.append(postings.places)
            values.append(term.weight * more * counts / (counts + damping[postings.places]))
        return np.bincount(np.concatenate(places), np.concatenate(values), minlength=len(damping))

    @cached_property
    def shares(self) -> Floats:
        """(units,): BM25, as a share of the most that a text could have for this query, 0 to 1."""
        more = self._statistics.constants.k1 + 1
        return self.scores / self._by_code([more * sum(term.weight for term in own) for own in self._by_analyser])

    @cached_property
    def coverage(self) -> Floats:
        """(units,): share of the terms, by weight, that each has of those of its own analyser, 0 to 1."""
        parts = [np.zeros(0)]
        for number, damping in enumerate(self._statistics.damping):
            having = [term.postings[number].places for term in self._terms]
            weights = np.repeat([term.weight for term in self._terms], [len(places) for places in having])
            everywhere = np.concatenate([np.zeros(0, dtype=np.int32), *having])
            parts.append(np.bincount(everywhere, weights, minlength=len(damping)))
        return np.concatenate(parts) / self._by_code([sum(term.weight for term in own) for own in self._by_analyser])

    @cached_property
    def effective_terms(self) -> Floats:
        """() or (units,): how many terms of equal weight would be as many as the query's, (Σ w)² / Σ w²; 0 without any."""
        weights = [np.array([term.weight for term in own] or [0.0]) for own in self._by_analyser]
        return self._by_code([float(own.sum() ** 2 / ((own**2).sum() or 1.0)) for own in weights], empty=0.0)

    @cached_property
    def rarity(self) -> Floats:
        """() or (units,): the mean weight of the query's terms, as a share of what a term weighs that nothing has."""
        found = []
        for name, own in zip(self._analysers, self._by_analyser, strict=True):
            most = float(np.log1p((self._statistics.counts.get(name, 0) + 0.5) / 0.5))
            found.append(sum(term.weight for term in own) / (len(own) * most) if own else 0.0)
        return self._by_code(found, empty=0.0)

    def _by_code(self, values: Sequence[float], empty: float = 1.0) -> Floats:
        found = np.array([value or empty for value in values])
        return np.asarray(found[0] if len(found) == 1 else found[self._codes])

    def parts(self, number: int, place: int) -> list[tuple[str, float]]:
        """Return the terms with what each adds to the score of one unit of segment `number`, most first."""
        damping = float(self._statistics.damping[number][place])
        more = self._statistics.constants.k1 + 1
        found = []
        for term in self._terms:
            places, counts = term.postings[number]
            at = int(np.searchsorted(places, place))
            if at < len(places) and places[at] == place:
                found.append((term.text, term.weight * more * int(counts[at]) / (int(counts[at]) + damping)))
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))
