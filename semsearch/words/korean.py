"""The particles that Korean writes onto a noun, recognised by the sound that they follow, without a dictionary."""

import re
from collections.abc import Sequence
from typing import Final

_FIRST, _LAST, _FINALS = 0xAC00, 0xD7A3, 28
"""The Hangul syllables of Unicode; of so many with the same beginning, the first one ends with a vowel."""

_ANYWHERE = re.compile("에(?:서(?:는|도)?|게(?:는|서)?|는|도)?|까지|부터|보다|의")
_AFTER_VOWEL = re.compile("[는를가와]")
_AFTER_CONSONANT = re.compile("으로(?:는|서|써)?|[은을이과]")
_LONGEST: Final = 3
_AS_OFTEN_A_SYLLABLE: Final = frozenset("이과")
"""These end short nouns, too (고양이, a cat), and are taken for particles only after three syllables or more."""


def noun_length(syllables: Sequence[str]) -> int:
    """Return how many syllables of a word are its noun: all of them where it has no particle, and two at least.

    로 is not taken off, since it ends as many nouns as it follows.
    """
    if all(len(syllable) == 1 and _FIRST <= ord(syllable) <= _LAST for syllable in syllables):
        for length in range(_LONGEST, 0, -1):
            noun_size, particle = len(syllables) - length, "".join(syllables[-length:])
            least_size = 3 if particle in _AS_OFTEN_A_SYLLABLE else 2
            if noun_size >= least_size and _follows(particle, syllables[noun_size - 1]):
                return noun_size
    return len(syllables)


def _follows(particle: str, syllable: str) -> bool:
    """Tell whether a particle may follow a syllable: its form depends on the sound that the syllable ends with."""
    ends_with_vowel = (ord(syllable) - _FIRST) % _FINALS == 0
    after_this_sound = _AFTER_VOWEL if ends_with_vowel else _AFTER_CONSONANT
    return bool(_ANYWHERE.fullmatch(particle) or after_this_sound.fullmatch(particle))
