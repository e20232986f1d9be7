"""The other ways to write a word: two letters for an umlaut, with or without prefixes that are other words.

Each way is a spelling of the word. Two words are the same if they have a spelling in common, so that each finds the
other.
"""

import re
from typing import Final

from semsearch.text import normalised
from semsearch.words.analysers import Analyser

_TWO_LETTERS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})

_HEBREW = re.compile(r"ו?(?:[כמ]?ש)?[בכלמ]?ה?(?=[א-ת]{3,}\Z)")
_ARABIC = re.compile(r"(?:[وف](?=\w{4}))?(?:(?:ال|لل|[بك]ال)(?=\w{3})|[بكل](?=\w{4}))?")
"""And, that, in, as, to, from, the: written onto the word that follows, of which enough letters must remain."""


def other_spellings(piece: str, folded: str, analyser: Analyser) -> list[str]:
    """Return the other ways in which a word may be written, if any; like the word, they are yet to be folded.

    Args:
        piece: as it stands in the text.
        folded: the same, folded.
    """
    if piece.isascii():
        return []
    spellings = [two_letters(piece)]
    if "א" <= folded[:1] <= "ת":
        spellings.append(_HEBREW.sub("", folded, count=1))
    elif analyser == "ar":
        spellings.append(_ARABIC.sub("", folded, count=1))
    return [spelling for spelling in spellings if spelling and spelling != folded]


def two_letters(piece: str) -> str:
    """Return a word with two letters for each umlaut and the like; "" where it has none."""
    plain = normalised("NFC", piece).casefold()
    respelled = plain.translate(_TWO_LETTERS)
    return respelled if respelled != plain else ""
