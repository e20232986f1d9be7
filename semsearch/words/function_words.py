"""Which words of a query carry meaning: all but the function words of its language."""

import re
from functools import cache
from typing import Final, NamedTuple

from semsearch.language import is_small_word
from semsearch.words.analysers import Analyser
from semsearch.words.function_word_lists import (
    FUNCTION_WORDS,
    function_words,
    function_words_of_any_language,
    sometimes_function_words,
)
from semsearch.words.normal_form import APOSTROPHES, fold
from semsearch.words.queries import QueryWord, query_words
from semsearch.words.stretches import is_run
from semsearch.words.terms import anything_akin, terms

_PARTICLES: Final = frozenset("的了是在和与及或也都就而之着过吗呢吧啊嘛把被让很这那哪么什谁几們们為为以于於")
_PARTICLES_OF_RUNS: Final = _PARTICLES | frozenset(map(chr, range(0x3041, 0x3097)))  # and hiragana


_ONE_WORD: Final = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]{1,4}")
"""So few Chinese characters are taken for one word; a longer run is several, of which a text may have some."""

_PAIR = 5.0
"""How much a pair of characters counts where a function word counts 1 (`shows_language`)."""


class Telling(NamedTuple):
    """The words of a query that carry meaning."""

    words: list[QueryWord]  # all that may carry meaning
    needed: list[QueryWord]  # those that a text must have to have all words; their spellings have no function words

    @property
    def is_of_short_runs(self) -> bool:
        """Whether each word is a short run of Chinese characters, of which a part says nothing about the word."""
        return bool(self.words) and all(_ONE_WORD.fullmatch(word.written) for word in self.words)


def telling_words(text: str, analyser: Analyser) -> Telling:
    """Return the words of a query without function words; a language without a list here has none.

    Words that may be function words, and pairs of a run that touch a particle, are needed only if there are no others.
    """
    stripped = (_without_function_words(word, analyser) for word in query_words(text, analyser))
    words = [word for word in stripped if word.spellings]
    certain_words = list(filter(None, (_certain_word(word, analyser) for word in words)))
    return Telling(words, certain_words or words)


def shows_language(text: str, analyser: Analyser) -> dict[str, float]:
    """Return the terms that show which language a query is in, of each part the first one, and how much each counts.

    They are the function words of any language, not only the analyser's, and the pairs of characters of a run. Every
    second pair spans two words, so that few texts have it.
    """
    small_words = function_words_of_any_language()
    return {
        part[0]: _PAIR if is_run(word.written) else 1.0
        for word in query_words(text, analyser)
        if is_run(word.written) or fold(word.written) in small_words
        for part in word.parts
    }


def surely_tells(word: str) -> bool:
    """Tell whether a word as it is written is one word, and no function word of any language."""
    folded = fold(word)
    is_small = folded in function_words_of_any_language() or is_small_word(word.lower())
    return len(folded) > 1 and not is_small and not is_run(word)


def _without_function_words(word: QueryWord, analyser: Analyser) -> QueryWord:
    """Return a word without the function word elided into it ("l'eau"), or without spellings if it is one itself."""
    if fold(word.written) in function_words(analyser):
        return word._replace(spellings=())
    if is_run(word.written):
        return word._replace(spellings=()) if word.written in _PARTICLES else word
    if not any(mark in word.written for mark in APOSTROPHES):
        return word
    small_terms = _function_terms(analyser)
    spellings = [tuple(term for term in spelling if term not in small_terms) for spelling in word.spellings]
    return word._replace(spellings=tuple(spelling for spelling in spellings if spelling))


def _certain_word(word: QueryWord, analyser: Analyser) -> QueryWord | None:
    """Return the part of a word that certainly carries meaning, or None."""
    if fold(word.written) in sometimes_function_words(analyser):
        return None
    if not is_run(word.written) or _ONE_WORD.fullmatch(word.written):
        return word
    spellings = [tuple(term for term in spelling if not _PARTICLES_OF_RUNS & set(term)) for spelling in word.spellings]
    return word._replace(spellings=tuple(spellings)) if all(spellings) else None


@cache
def _function_terms(analyser: Analyser) -> frozenset[str]:
    words = FUNCTION_WORDS.get(analyser, "").split()
    return frozenset(anything_akin(term) for word in words for term in terms(word, analyser))
