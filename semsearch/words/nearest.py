"""Finds the words that somebody may have meant by a misspelled one."""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final

from semsearch.language import is_small_word
from semsearch.text import normalised
from semsearch.words.stretches import is_run, pieces, stretches, typed

LONGEST_WRITTEN: Final = 32
"""Code points. Longer words are addresses, or chemistry."""

_SHORTEST: Final = 4
_TWO_EDITS_FROM: Final = 8
"""Code points. Two edits of a shorter word make a different word."""


def written(text: str) -> set[str]:
    """Return the different words of a text that may be suggested: lower case, with accents, no numbers, no runs."""
    return {word for stretch in set(stretches(typed(text))) for word in _words_of_stretch(stretch)}


def meant(word: str) -> str:
    """Return the form of a query's word that is compared: in lower case, without what an apostrophe ties to it."""
    parts = set() if "-" in word else written(word)
    return parts.pop() if len(parts) == 1 else word.lower()


@lru_cache(50_000)
def _words_of_stretch(stretch: str) -> tuple[str, ...]:
    if is_run(stretch):
        return ()
    lowered = (normalised("NFC", stretch[start:end].lower()) for start, end in pieces(stretch))
    return tuple(word for word in lowered if _SHORTEST <= len(word) <= LONGEST_WRITTEN and _is_a_word(word))


def _is_a_word(word: str) -> bool:
    return word.isprintable() and all(unicodedata.category(char)[0] in "LM" for char in word)


def reach(word: str) -> int:
    """Return by how many edits a suggestion for a word may differ from it; 0 if none is to be suggested."""
    if len(word) > LONGEST_WRITTEN or len(word) < _SHORTEST or not _is_a_word(word) or is_small_word(word):
        return 0
    return 1 if len(word) < _TWO_EDITS_FROM else 2


def intact_parts(word: str) -> set[str]:
    """Return parts of a word such that every word within reach has one of them: there is one part more than edits.

    A swap across the edge of two parts spoils both, so each part is also returned with the letter at its edge swapped.
    """
    part_count = reach(word) + 1
    bounds = [len(word) * number // part_count for number in range(part_count + 1)]
    parts = [word[start:end] for start, end in pairwise(bounds)]
    swapped = [part for left, right in pairwise(parts) for part in (left[:-1] + right[0], left[-1] + right[1:])]
    return {*parts, *swapped}


def near(word: str, candidates: Sequence[str]) -> dict[str, int]:
    """Return the candidates within reach of a word, each with its number of edits.

    An edit adds, removes or changes a letter, or swaps two neighbours.

    Args:
        word: in lower case.
    """
    from rapidfuzz.distance import OSA  # takes longer to load than most queries to answer
    from rapidfuzz.process import extract

    matches = extract(word, candidates, scorer=OSA.distance, score_cutoff=reach(word), limit=None)
    return {candidate: int(edits) for candidate, edits, _ in matches}
