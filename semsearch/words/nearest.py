"""Owns which word somebody may have meant."""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final

from semsearch.language import is_small_word
from semsearch.text import normalised
from semsearch.words.stretches import is_run, pieces, stretches, typed

LONGEST_WRITTEN: Final = 32
"""Code points. Longer ones are addresses, and chemistry."""

_SHORTEST: Final = 4
_TWO_EDITS_FROM: Final = 8
"""Code points. In a shorter word two edits make another one."""


def written(text: str) -> set[str]:
    """Return the different words of a text that may be suggested: lower case, with accents, no numbers, no runs."""
    return {word for stretch in set(stretches(typed(text))) for word in _of_stretch(stretch)}


def meant(word: str) -> str:
    """Return what a word of a query is compared by: in lower case, without what an apostrophe ties to it."""
    parts = set() if "-" in word else written(word)
    return parts.pop() if len(parts) == 1 else word.lower()


@lru_cache(50_000)
def _of_stretch(stretch: str) -> tuple[str, ...]:
    if is_run(stretch):
        return ()
    found = (normalised("NFC", stretch[start:end].lower()) for start, end in pieces(stretch))
    return tuple(word for word in found if _SHORTEST <= len(word) <= LONGEST_WRITTEN and _is_a_word(word))


def _is_a_word(word: str) -> bool:
    return word.isprintable() and all(unicodedata.category(char)[0] in "LM" for char in word)


def reach(word: str) -> int:
    """Return by how many edits a word that is meant may differ; 0 where none is to be suggested."""
    if len(word) > LONGEST_WRITTEN or len(word) < _SHORTEST or not _is_a_word(word) or is_small_word(word):
        return 0
    return 1 if len(word) < _TWO_EDITS_FROM else 2


def intact_parts(word: str) -> set[str]:
    """Return parts of a word of which every word within reach has one: edits leave one of one more than they are.

    A swap may spoil the two parts that it is between, of which each is then known but for the letter at its edge.
    """
    size = reach(word) + 1
    bounds = [len(word) * number // size for number in range(size + 1)]
    parts = [word[start:end] for start, end in pairwise(bounds)]
    swapped = [part for one, other in pairwise(parts) for part in (one[:-1] + other[0], one[-1] + other[1:])]
    return {*parts, *swapped}


def near(word: str, known: Sequence[str]) -> dict[str, int]:
    """Return the words within reach of one, each with its number of edits.

    An edit puts in, leaves out or changes a letter, or swaps two neighbours.

    Args:
        word: in lower case.
    """
    from rapidfuzz.distance import OSA  # takes longer to load than most queries to answer
    from rapidfuzz.process import extract

    found = extract(word, known, scorer=OSA.distance, score_cutoff=reach(word), limit=None)
    return {one: int(edits) for one, edits, _ in found}
