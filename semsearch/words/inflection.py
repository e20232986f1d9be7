"""Decides which English words are forms of one word: plurals and tenses are, derived words are not.

A stemmer also brings related words together ("important" and "import", "government" and "govern"), which helps to find
but excludes too much. Two words are forms of one word if they share the stem and the key (`uninflected`).
"""

import re
from typing import Final

_LEXICAL_PLURALS: Final = (
    "arms customs glasses goods grounds headquarters manners means minutes news premises spectacles spirits works"
)
_SINGULARS: Final = "alias atlas bias canvas christmas gas lens series species texas"
_AS_THEY_ARE: Final = frozenset(f"{_LEXICAL_PLURALS} {_SINGULARS}".split())
"""Plurals with a meaning of their own ("customs" is not the plural of "custom"), singulars that look like plurals."""

_PLURAL = re.compile(r"(?:(?<=..i)es|(?<=[sxz])es|(?<=[cs]h)es|(?<![su])s)\Z")
_PAST = re.compile(r"(?<!e)ed\Z")
_VOWEL = re.compile("[aeiouy]")
_DESIGNATIONS = re.compile("[a-z]{1,4}[0-9]+s")


def is_plural_designation(word: str) -> bool:
    """Tell whether a word is the plural of a designation written as one word (F-35s, MiG-29s); the 1990s are not.

    Args:
        word: folded.
    """
    return _DESIGNATIONS.fullmatch(word) is not None


def uninflected(word: str) -> str:
    """Return a key that all plurals and tenses of an English word have in common; it is not always a word.

    Args:
        word: folded.
    """
    if word in _AS_THEY_ARE or not word.isascii() or not word.isalpha():
        return word
    base = word
    if len(word) > 3:
        if word.endswith("s"):
            base = _PLURAL.sub("", word)
        elif word.endswith("ed"):
            base = _PAST.sub("", word)
        elif word.endswith("ing"):
            base = word[:-3]
    return _bare(base if _VOWEL.search(base) else word)


def _bare(base: str) -> str:
    """Return a base without the letters that an ending changes: hope, hoping; stop, stopped; city, cities."""
    if len(base) > 2:
        base = base.removesuffix("e")
    if len(base) > 2 and base[-1] == base[-2]:
        return base[:-1]
    return f"{base[:-1]}i" if len(base) > 1 and base[-1] == "y" and base[-2] not in "aeou" else base
