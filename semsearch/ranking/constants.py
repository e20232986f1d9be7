"""What is the same in every engine: constants of BM25, of feedback, and of how much words stand out.

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
"""The most that a query's words count in a verdict, as six of equal weight do that are all matched."""

FEEDBACK_PASSAGES = 5
"""The best passages, towards which a query moves before articles' vectors are compared."""

MANY_WORDS = 1 / 8
"""Power of their number: how much more it says that an article has them all."""

THROUGHOUT = 0.3
"""What is added where each of very many passages has all words: those of a headline are words of every passage."""
