"""Which of many texts is the likeliest copy? The letters that two share in order tell, in some microseconds a pair."""

import re
from math import ceil

from rapidfuzz.distance import LCSseq

from semsearch.text import normalised

LEAST_SHARED = 0.75
"""Share of the letters of the shorter text that a copy has in order, damaged or not. Of two texts about other things it
is about .6, of stories of one pattern often more."""

_READ_CHARACTERS = 8_000
_COMPARED = 2_400
"""Characters of a text, from its beginning, and what is compared of them: the time grows with the product of both."""

_VOWELS = "aeiou"
"""Left out: they are where they are in most texts, and a third of the letters."""

_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalnum()) + (_VOWELS + _VOWELS.upper()).encode()
_LOWER = bytes(range(256)).lower()
_MARKS = "\u2018\u2019\u201c\u201d\u2013\u2014\u2026\u00a0"
"""All that keeps most English texts from being ASCII; taken out first, for ASCII is several times as fast."""

_BETWEEN = re.compile(rf"[\W_{_VOWELS}]+")


def letters(text: str) -> str:
    """Return what of a text is compared: its letters and digits, case and width folded."""
    text = text[:_READ_CHARACTERS]
    if not text.isascii():
        for mark in _MARKS:
            text = text.replace(mark, " ")
    if text.isascii():
        folded = text.encode().translate(_LOWER, _NO_LETTERS).decode()
    else:
        folded = _BETWEEN.sub("", normalised("NFKC", text).casefold())
    return folded[:_COMPARED]


def shared_letters(one: str, other: str) -> float:
    """Return which share of the shorter text's letters the other has in the same order, 0 to 1; 0 below LEAST_SHARED.

    A damaged copy has most of them, however many stories of its pattern there are, of which sketches tell it apart only
    where something of its own outlived the damage.

    Args:
        one: letters of a text, as those of the other (`letters`).
    """
    if one == other:
        return 1.0
    size = max(1, min(len(one), len(other)))
    return LCSseq.similarity(one, other, score_cutoff=ceil(LEAST_SHARED * size)) / size
