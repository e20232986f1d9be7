"""Owns the other ways to write one word: two letters for one, with or without what is written onto it.

Each way is a spelling of a word. Two words are the same if they have a spelling in common, so that whatever finds
another is found by it.
"""

import re
from typing import Final

from semsearch.text import normalised
from semsearch.words.analysers import Analyser

_TWO_LETTERS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})

_HEBREW = re.compile(r"ו?(?:[כמ]?ש)?[בכלמ]?ה?(?=[א-ת]{3,}\Z)")
_ARABIC = re.compile(r"(?:[وف](?=\w{4}))?(?:(?:ال|لل|[بك]ال)(?=\w{3})|[بكل](?=\w{4}))?")
"""And, that, in, as, to, from, the: written onto the word that they go before. What is left has letters enough."""


def other_spellings(piece: str, folded: str, analyser: Analyser) -> list[str]:
    """Return in which other ways a word may be written, if any; they are folded and stemmed as the word is.

    Args:
        piece: as it stands in the text.
        folded: the same, folded.
    """
    if piece.isascii():
        return []
    found = [two_letters(piece)]
    if "א" <= folded[:1] <= "ת":
        found.append(_HEBREW.sub("", folded, count=1))
    elif analyser == "ar":
        found.append(_ARABIC.sub("", folded, count=1))
    return [spelling for spelling in found if spelling and spelling != folded]


def two_letters(piece: str) -> str:
    """Return a word with two letters for each umlaut and the like; "" where it has none."""
    plain = normalised("NFC", piece).casefold()
    written = plain.translate(_TWO_LETTERS)
    return written if written != plain else ""
