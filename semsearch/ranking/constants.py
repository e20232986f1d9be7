"""Constants that every engine shares: of BM25, of feedback, and of how much words stand out.

How each was chosen is in docs/explanation/measurements.md.
"""

from typing import NamedTuple


class Saturation(NamedTuple):
    """BM25's own constants (Robertson, Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009)."""

    k1: float
    b: float


PASSAGE = Saturation(0.9, 0.4)  # passages are of about one length
ARTICLE = Saturation(1.2, 0.75)

STRONGEST = 2.5
"""The most that a query's words count in a verdict: as much as six matched words of equal weight."""

FEEDBACK_PASSAGES = 5
"""A query's vector moves towards this many of the best passages before articles' vectors are compared."""

MANY_WORDS = 1 / 8
"""That an article has all of n words counts n to this power times as much as having one."""

THROUGHOUT = 0.3
"""Added where each of very many passages has all words; the words of a headline are words of every passage."""
