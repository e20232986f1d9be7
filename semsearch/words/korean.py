"""Owns what Korean writes onto a noun: particles, by the sound that they follow, without a dictionary."""

import re
from collections.abc import Sequence
from typing import Final

_FIRST, _LAST, _FINALS = 0xAC00, 0xD7A3, 28
"""Hangul syllables of Unicode, and of how many with the same sounds before one ends with a vowel."""

_ANYWHERE = re.compile("에(?:서(?:는|도)?|게(?:는|서)?|는|도)?|까지|부터|보다|의")
_AFTER_VOWEL = re.compile("[는를가와]")
_AFTER_CONSONANT = re.compile("으로(?:는|서|써)?|[은을이과]")
_LONGEST: Final = 3
_AS_OFTEN_A_SYLLABLE: Final = frozenset("이과")
"""They end short nouns, too (고양이, a cat), and are taken for particles behind three syllables or more."""


def noun_length(syllables: Sequence[str]) -> int:
    """Return of how many syllables the noun is that a word without spaces may be: all where it has no particle.

    At least two are left. 로 stays, for it ends as many nouns as it follows.
    """
    if all(len(one) == 1 and _FIRST <= ord(one) <= _LAST for one in syllables):
        for length in range(_LONGEST, 0, -1):
            left, particle = len(syllables) - length, "".join(syllables[-length:])
            least = 3 if particle in _AS_OFTEN_A_SYLLABLE else 2
            if left >= least and _follows(particle, syllables[left - 1]):
                return left
    return len(syllables)


def _follows(particle: str, syllable: str) -> bool:
    """Say whether a particle may stand behind a syllable: its form tells how that one ends."""
    ends_with_vowel = (ord(syllable) - _FIRST) % _FINALS == 0
    own = _AFTER_VOWEL if ends_with_vowel else _AFTER_CONSONANT
    return bool(_ANYWHERE.fullmatch(particle) or own.fullmatch(particle))
