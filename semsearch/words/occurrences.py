"""Finds where a phrase stands in a text, whichever words of either are written together or apart.

From each word of a text a step leads to the next word, and a longer step over several words where these may be one. A
phrase stands where its words are steps that follow each other. The places where a word's steps begin are a set, kept as
the bits of one number, so that the time is linear in either length.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache

from semsearch.words.analysers import Analyser
from semsearch.words.phrases import Reading, SpelledWords, readings, spelled_words

_PLAIN = re.compile(r"[A-Za-z]+(?: [A-Za-z]+)*")
_LONGEST_PLAIN = 100  # or the time could grow with the product of both lengths

_Steps = Mapping[str, Mapping[int, int]]
"""By word, and by how many words of the text make it: the places where it stands, as bits."""


def contains(text: str, quoted: str, analyser: Analyser) -> bool:
    """Tell whether a phrase stands in a text, word for word, in any spelling; a phrase without words always does.

    Args:
        analyser: of the text.
    """
    if not _phrase_readings(quoted, analyser) or _stands_as_typed(text, quoted):
        return True
    return _phrase_starts(text, quoted, analyser) > 0


def _stands_as_typed(text: str, quoted: str) -> bool:
    """Tell whether words of ASCII letters stand in a text as they were typed: most phrases do, and this is fast."""
    pattern = _plain_pattern(quoted)
    return pattern is not None and pattern.search(text) is not None


@lru_cache(64)
def _plain_pattern(quoted: str) -> re.Pattern[str] | None:
    if len(quoted) > _LONGEST_PLAIN or not _PLAIN.fullmatch(quoted):
        return None
    return re.compile(rf"(?<!\S){quoted}(?=[\s,;:!?]|\Z)", re.ASCII | re.IGNORECASE)


def occurrences(text: str, quoted: str, analyser: Analyser) -> list[int]:
    """Return the offsets where a phrase begins in a text, ascending; none if it has no words.

    Args:
        analyser: of the text.
    """
    starts = f"{_phrase_starts(text, quoted, analyser):b}"[::-1]
    offsets = _text_words(text, analyser).starts
    return [offsets[match.start()] for match in re.finditer("1", starts)]


def _phrase_starts(text: str, quoted: str, analyser: Analyser) -> int:
    """Return the places in a text where the phrase begins, as bits."""
    phrases = _phrase_readings(quoted, analyser)
    if not phrases:
        return 0
    phrase_words = frozenset(word for phrase in phrases for word_spellings in phrase for word in word_spellings)
    text_words = _text_words(text, analyser)
    steps = _steps(text_words, phrase_words)
    starts = 0
    for phrase in phrases:
        starts |= _starts_of(steps, len(text_words.words), phrase)
    return starts


def _steps(text_words: SpelledWords, phrase_words: frozenset[str]) -> _Steps:
    places: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    for index, word_spellings in enumerate(text_words.words):
        for word in word_spellings:
            if word in phrase_words:
                places[word, 1].append(index)
    for first, last, word_spellings in text_words.joined:
        for word in filter(phrase_words.__contains__, word_spellings):
            places[word, last - first].append(first)
    steps: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for (word, length), word_places in places.items():
        steps[word][length] = _as_bits(word_places)
    return steps


def _as_bits(places: Sequence[int]) -> int:
    bits = bytearray(max(places) // 8 + 1)
    for place in places:
        bits[place // 8] |= 1 << place % 8
    return int.from_bytes(bits, "little")


def _starts_of(steps: _Steps, word_count: int, phrase: Reading) -> int:
    """Return the places where a phrase begins, as bits; its last word is looked for first."""
    if not all(any(word in steps for word in word_spellings) for word_spellings in phrase):
        return 0
    reached = (1 << word_count + 1) - 1  # a phrase may end at any place, and at the end of the text
    for word_spellings in reversed(phrase):
        places_before = 0
        for word in filter(steps.__contains__, word_spellings):
            for length, word_places in steps[word].items():
                places_before |= word_places & reached >> length
        if not (reached := places_before):
            return 0
    return reached


_text_words = lru_cache(4)(spelled_words)
"""The same text is often asked for again."""


@lru_cache(64)
def _phrase_readings(quoted: str, analyser: Analyser) -> tuple[Reading, ...]:
    return tuple(readings(quoted, analyser))
