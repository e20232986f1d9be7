"""Which of many texts is the likeliest copy? The letters that two share in order show it, in microseconds a pair."""

import re
from math import ceil

from rapidfuzz.distance import LCSseq

from semsearch.text import normalised

LEAST_SHARED = 0.75
"""Share of the shorter text's letters that a copy has in order, damaged or not. For texts about different things it is
about .6, for stories of one pattern often more."""

_READ_CHARACTERS = 8_000
_COMPARED = 2_400
"""Characters that are read of a text, from its beginning, and letters that are compared: the time grows with the
product of both texts' letters."""

_VOWELS = "aeiou"
"""Left out: they are a third of the letters, and tell texts apart less than the others do."""

_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalnum()) + (_VOWELS + _VOWELS.upper()).encode()
_LOWER = bytes(range(256)).lower()
_MARKS = "\u2018\u2019\u201c\u201d\u2013\u2014\u2026\u00a0"
"""What keeps most English texts from being ASCII; taken out first, since ASCII is several times as fast."""

_BETWEEN = re.compile(rf"[\W_{_VOWELS}]+")


def letters(text: str) -> str:
    """Return the letters and digits by which a text is compared, with case and width folded."""
    text = text[:_READ_CHARACTERS]
    if not text.isascii():
        for mark in _MARKS:
            text = text.replace(mark, " ")
    if text.isascii():
        folded = text.encode().translate(_LOWER, _NO_LETTERS).decode()
    else:
        folded = _BETWEEN.sub("", normalised("NFKC", text).casefold())
    return folded[:_COMPARED]


def shared_letters(left: str, right: str) -> float:
    """Return the share of the shorter string that the other has in the same order, 0 to 1; 0 below LEAST_SHARED.

    A damaged copy has most of the letters, however many stories of its pattern there are. Sketches tell it from those
    only where something of its own outlived the damage.

    Args:
        left: the `letters` of a text, as `right` are those of another.
    """
    if left == right:
        return 1.0
    size = max(1, min(len(left), len(right)))
    return LCSseq.similarity(left, right, score_cutoff=ceil(LEAST_SHARED * size)) / size
