"""Which segments are merged, so that there are few of them and each article is copied a few times at most.

Segments are in tiers of size, each FANOUT times as large as the one before it, and a tier that has FANOUT of them is
merged into one of the next (O'Neil, Cheng, Gawlick, O'Neil, "The Log-Structured Merge-Tree", 1996; in tiers as Lucene's
merge policy has them). What is full is left alone, so that an addition costs the same however much is there.
"""

from collections.abc import Sequence
from typing import NamedTuple

FANOUT = 8
LEAST_PASSAGES = 1_024
"""Up to so many, segments are of the lowest tier: one costs about as much to open as the next."""

MOST_DELETED = 1 / 3
"""Of a segment's passages. Where more are deleted, the rest is written anew."""


class Size(NamedTuple):
    """What there is to know about a segment."""

    living: int  # passages
    deleted: int  # passages

    @property
    def is_wasteful(self) -> bool:
        """Whether it keeps more of what was deleted than is worth keeping."""
        return self.deleted > MOST_DELETED * (self.living + self.deleted)


def to_merge(sizes: Sequence[Size], full: int) -> list[int]:
    """Return which segments are to be merged together now, by position; none where all is well.

    What comes of it may make another merge due.

    Args:
        full: passages of a segment that is never merged; one that is half full is not, either.
    """
    for at, size in enumerate(sizes):
        if size.is_wasteful:
            return [at]
    tiers: dict[int, list[int]] = {}
    for at, size in enumerate(sizes):
        if 2 * size.living < full:
            tiers.setdefault(_tier(size.living), []).append(at)
    due = [tier for tier, own in tiers.items() if len(own) >= FANOUT]
    return tiers[min(due)] if due else []


def _tier(passages: int) -> int:
    tier = 0
    while passages > LEAST_PASSAGES * FANOUT**tier:
        tier += 1
    return tier


def together(sizes: Sequence[int], most: int) -> list[list[int]]:
    """Return which segments of these sizes are stored as one, by position, none larger than `most` unless by itself.

    The largest first, each where it fits first.
    """
    groups: list[tuple[int, list[int]]] = []
    for at in sorted(range(len(sizes)), key=lambda at: (-sizes[at], at)):
        fitting = next((number for number, (total, _) in enumerate(groups) if total + sizes[at] <= most), None)
        if fitting is None:
            groups.append((sizes[at], [at]))
        else:
            total, own = groups[fitting]
            groups[fitting] = total + sizes[at], [*own, at]
    return [sorted(own) for _, own in groups]
