"""Which of many texts is the likeliest copy? The letters that two share in order tell, in some microseconds a pair."""

from rapidfuzz.distance import LCSseq

from semsearch.copies.words import Words

_COMPARED = 4_000
"""Characters of a text, from its beginning: the time grows with the product of both lengths."""


def letters(words: Words) -> str:
    """Return what of a text is compared."""
    return "".join(words.words)[:_COMPARED]


def shared_letters(one: str, other: str) -> float:
    """Return which share of the shorter text's letters the other has in the same order, 0 to 1.

    A damaged copy has most of them, however many stories of its pattern there are, of which sketches tell it apart only
    where something of its own outlived the damage. Of two texts about other things it is about half.

    Args:
        one: letters of a text, as those of the other (`letters`).
    """
    return LCSseq.similarity(one, other) / max(1, min(len(one), len(other)))
