"""From which size on a search takes another way: one value for each engine. Tests make small ones, to go every way."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Sizes that decide how a generation is searched. The last three alone change what is found."""

    scanned_rows: int = 16_384
    """Of an index whose vectors are all multiplied: that takes under a millisecond, and FAISS much longer to load."""

    gathered_rows: int = 2_048
    """Of a segment: where no more are allowed each of them is multiplied, and FAISS is not asked."""

    proposed_rows: int = 256
    """That FAISS names of each segment. Words and whole articles say the rest: others are rarely among the best."""

    few_rows: int = 2_000
    """To be scored exactly, where knowing all cosines would leave fewer."""

    first_depth: int = 64
    """Rows that are put in order at first."""

    deeper: int = 4
    """So many times as many rows are put in order next, at least 2."""

    block: int = 64
    """Rows that are looked through for their best one alone, where the best of all are wanted."""

    batch: int = 4_096
    """Rows that are scored, or handed on, at once; the clock is looked at in between."""

    looked_up: int = 4_096
    """Passages or articles: where no more are allowed, the words of each are looked up, and none are listed."""

    tried: int = 2
    """So many times as many as are wanted are scored whole, to know what the best by words reach at least."""

    common_from: int = 2_000
    common_share: float = 0.3
    """Of so many passages or articles of one analyser or more, a term that a larger share has is left out of a query
    that has rarer ones: it says little, and there are many places to add it up for."""

    repeated_articles: int = 8
    """Of one outlet, none a copy of another: a paragraph that so many have says nothing about any of them."""


DEFAULTS = Thresholds()
"""Those of an engine that is not told others."""
