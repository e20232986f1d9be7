"""What a ranking is worth to one topic: nDCG, recall, precision, reciprocal rank, success, average precision.

The definitions and their names are those of trec_eval and ir-measures.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import log2

from semsearch.errors import UsageError

Judgements = Mapping[str, Mapping[str, int]]
"""By topic, then by judged id: a grade. 1 and more is relevant; 0 and less is not."""

Run = Mapping[str, Sequence[tuple[str, float]]]
"""By topic: ids and scores, best first, each id once."""

_SPELLINGS = {
    "ndcg": "nDCG",
    "r": "R",
    "recall": "R",
    "p": "P",
    "precision": "P",
    "rr": "RR",
    "mrr": "RR",
    "success": "Success",
    "ap": "AP",
    "map": "AP",
}
_WORDS = {"R": "recall", "P": "precision", "RR": "MRR", "AP": "MAP", "Success": "success"}
_NEED_CUTOFF = ("R", "P", "Success")
_NAME = re.compile(r"(?P<kind>[a-z]+)(?:@(?P<cutoff>[1-9][0-9]{0,6}))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Measure:
    """One way to judge a ranking: a number from 0 to 1, higher is better."""

    kind: str  # a key of `_VALUES`
    cutoff: int | None = None  # how many of the best ids count; None: all

    @property
    def name(self) -> str:
        """The name as ir-measures writes it: "nDCG@10", "RR"."""
        return self.kind if self.cutoff is None else f"{self.kind}@{self.cutoff}"

    @property
    def label(self) -> str:
        """The name for people: "recall@10" where the name is "R@10"."""
        return self.name.replace(self.kind, _WORDS.get(self.kind, self.kind))

    def value(self, ranking: Sequence[str], grades: Mapping[str, int]) -> float:
        """Return the value of one topic's ids, best first; 0 if no id is relevant, so that nothing can be found."""
        gains = [max(0, grades.get(judged_id, 0)) for judged_id in ranking[: self.cutoff]]
        ideal = sorted((grade for grade in grades.values() if grade > 0), reverse=True)
        return _VALUES[self.kind](gains, ideal, self.cutoff) if ideal else 0.0


def parse_measure(name: str) -> Measure:
    """Read "nDCG@10", "R@100" or "recall@100", "RR" or "MRR", "P@5", "AP" or "MAP", "Success@1", in any case.

    Raises:
        UsageError: there is no such measure, or it needs a cutoff.
    """
    match = _NAME.fullmatch(name.strip())
    kind = _SPELLINGS.get(match["kind"].lower()) if match else None
    if not match or not kind:
        raise UsageError(f"no measure is called {name!r}", "known: nDCG@10, R@100, P@5, RR@10, AP@100, Success@1")
    if not match["cutoff"] and kind in _NEED_CUTOFF:
        raise UsageError(f"{name!r} needs a number of answers", f"such as {kind}@10")
    return Measure(kind, int(match["cutoff"]) if match["cutoff"] else None)


def _discounted_gain(gains: Sequence[int]) -> float:
    return sum(gain / log2(rank + 1) for rank, gain in enumerate(gains, start=1))


def _ndcg(gains: Sequence[int], ideal: Sequence[int], cutoff: int | None) -> float:
    """Return the discounted gain, linear in the grade, as a share of that of all judged ids in their best order."""
    return _discounted_gain(gains) / _discounted_gain(ideal[:cutoff])


def _recall(gains: Sequence[int], ideal: Sequence[int], _: int | None) -> float:
    return _relevant(gains) / len(ideal)


def _precision(gains: Sequence[int], _: Sequence[int], cutoff: int | None) -> float:
    return _relevant(gains) / (cutoff or len(gains) or 1)


def _reciprocal_rank(gains: Sequence[int], _: Sequence[int], __: int | None) -> float:
    return next((1 / rank for rank, gain in enumerate(gains, start=1) if gain), 0.0)


def _success(gains: Sequence[int], _: Sequence[int], __: int | None) -> float:
    return float(any(gains))


def _average_precision(gains: Sequence[int], ideal: Sequence[int], _: int | None) -> float:
    relevant_counts = accumulate(gain > 0 for gain in gains)
    precisions = (count / rank for rank, count in enumerate(relevant_counts, start=1))
    return sum(precision for precision, gain in zip(precisions, gains, strict=True) if gain) / len(ideal)


def _relevant(gains: Sequence[int]) -> int:
    return sum(gain > 0 for gain in gains)


_VALUES: Mapping[str, Callable[[Sequence[int], Sequence[int], int | None], float]] = {
    "nDCG": _ndcg,
    "R": _recall,
    "P": _precision,
    "RR": _reciprocal_rank,
    "Success": _success,
    "AP": _average_precision,
}
