"""The other way to write a word: with two letters for an umlaut, or without prefixes that are words of their own.

It is a spelling of the word, too. Two words are the same if they have a spelling in common, so that each finds the
other.
"""

import re
from typing import Final

from semsearch.text import normalised
from semsearch.words.analysers import Analyser

_TWO_LETTERS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})

_HEBREW = re.compile(r"ו?[בלמ]?(?=(?:תל|בת)\Z)|ו?(?:[כמ]?ש)?[בכלמ]?ה?(?=[א-ת]{3,}\Z)")
_ARABIC = re.compile(r"(?:[وف](?=\w{4}))?(?:(?:ال|لل|[بك]ال)(?=\w{3})|[بكل](?=\w{4}))?")
"""And, that, in, as, to, from, the: written onto the word that follows, of which enough letters must remain.

Two letters are too few (כלב is a dog, and "as a heart"), but for the first words of towns: Tel Aviv, Bat Yam."""


def other_spelling(piece: str, folded: str, analyser: Analyser) -> str:
    """Return the other way in which a word may be written, yet to be folded; "" if there is none.

    Args:
        piece: as it stands in the text.
        folded: the same, folded.
    """
    if piece.isascii():
        return ""
    if "א" <= folded[:1] <= "ת":
        bare = _HEBREW.sub("", folded, count=1)
    elif analyser == "ar" and "ء" <= folded[:1] <= "ي":
        bare = _ARABIC.sub("", folded, count=1)
    else:
        return two_letters(piece)
    return bare if bare != folded else ""


def two_letters(piece: str) -> str:
    """Return a word with two letters for each umlaut and the like; "" where it has none."""
    plain = normalised("NFC", piece).casefold()
    respelled = plain.translate(_TWO_LETTERS)
    return respelled if respelled != plain else ""
