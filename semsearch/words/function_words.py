"""Owns which words of a query carry meaning: all but function words, as each language has them."""

import re
from functools import cache
from typing import Final, NamedTuple

from semsearch.words.analysers import Analyser
from semsearch.words.asked import QueryWord, query_words
from semsearch.words.function_word_lists import (
    FUNCTION_WORDS,
    function_words,
    function_words_of_any_language,
    sometimes_function_words,
)
from semsearch.words.spelling import APOSTROPHES, fold
from semsearch.words.stretches import is_run
from semsearch.words.terms import anything_akin, terms

_PARTICLES: Final = frozenset("的了是在和与及或也都就而之着过吗呢吧啊嘛把被让很这那哪么什谁几們们為为以于於")
_PARTICLES_OF_RUNS: Final = _PARTICLES | frozenset(map(chr, range(0x3041, 0x3097)))  # and hiragana


_ONE_WORD: Final = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]{1,4}")
"""So few Chinese characters are taken for one word; a longer run is several, of which a text may have some."""


_PAIR = 5.0


class Telling(NamedTuple):
    """The words of a query that carry meaning."""

    words: list[QueryWord]  # all that may
    needed: list[QueryWord]  # those that a text must have to have them all; each spelling without function words

    @property
    def is_of_short_runs(self) -> bool:
        """Whether each word is a short run of Chinese characters: a part of one says nothing of the word."""
        return bool(self.words) and all(_ONE_WORD.fullmatch(one.written) for one in self.words)


def telling_words(text: str, analyser: Analyser) -> Telling:
    """Leave out the function words of a query; a language without a list here has none.

    What may be a function word, and pairs of a run that touch a particle, are not needed beside others.
    """
    bare = (_without_function_words(word, analyser) for word in query_words(text, analyser))
    words = [word for word in bare if word.spellings]
    sure = [certain for word in words if (certain := _sure(word, analyser))]
    return Telling(words, sure or words)


def shows_language(text: str, analyser: Analyser) -> dict[str, float]:
    """Return the terms of a query that show in which language it is, each by its first, and how much one counts.

    They are the function words of any language, whatever the analyser's, and the pairs of characters of a run: of these
    every second one is of two words, so that few texts have it.
    """
    anywhere = function_words_of_any_language()
    return {
        part[0]: _PAIR if is_run(word.written) else 1.0
        for word in query_words(text, analyser)
        if is_run(word.written) or fold(word.written) in anywhere
        for part in word.parts
    }


def _without_function_words(word: QueryWord, analyser: Analyser) -> QueryWord:
    """Leave out function words, also the elided one of "l'eau"; a word that is one has no spellings left."""
    if fold(word.written) in function_words(analyser):
        return word._replace(spellings=())
    if is_run(word.written):
        return word._replace(spellings=()) if word.written in _PARTICLES else word
    if not any(mark in word.written for mark in APOSTROPHES):
        return word
    small = _terms(analyser)
    kept = [tuple(term for term in spelling if term not in small) for spelling in word.spellings]
    return word._replace(spellings=tuple(spelling for spelling in kept if spelling))


def _sure(word: QueryWord, analyser: Analyser) -> QueryWord | None:
    """Return what of a word certainly carries meaning, or None."""
    if fold(word.written) in sometimes_function_words(analyser):
        return None
    if not is_run(word.written) or _ONE_WORD.fullmatch(word.written):
        return word
    kept = [tuple(term for term in spelling if not _PARTICLES_OF_RUNS & set(term)) for spelling in word.spellings]
    return word._replace(spellings=tuple(kept)) if all(kept) else None


@cache
def _terms(analyser: Analyser) -> frozenset[str]:
    listed = FUNCTION_WORDS.get(analyser, "").split()
    return frozenset(anything_akin(term) for word in listed for term in terms(word, analyser))
