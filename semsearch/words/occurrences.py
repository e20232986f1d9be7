"""Finds where a phrase stands in a text, whichever words of either are written together or apart.

From each word of a text a step leads to the next word, and a longer step over several words where these may be one. A
phrase stands where its words are steps that follow each other. The places where a word's steps begin are a set, kept as
the bits of one number, so that the time is linear in either length.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from semsearch.words.analysers import Analyser
from semsearch.words.phrases import Words, inside, joints, readings, spellings

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
    return any(starts for _, starts in _phrase_starts(text, quoted, analyser))


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
    offsets: set[int] = set()
    for reading, starts in _phrase_starts(text, quoted, analyser):
        bits = f"{starts:b}"[::-1]
        index = bits.find("1")
        while index >= 0:
            offsets.add(reading[index][1][0])
            index = bits.find("1", index + 1)
    return sorted(offsets)


def _phrase_starts(text: str, quoted: str, analyser: Analyser) -> Iterator[tuple[Words, int]]:
    """Yield the words of a text in each spelling, with the places where the phrase begins, as bits."""
    phrases = _phrase_readings(quoted, analyser)
    phrase_words = frozenset().union(*phrases)
    for reading, joined_spans in _ways_to_read(text, analyser) if phrases else ():
        steps = _steps(reading, joined_spans, phrase_words)
        starts = 0
        for phrase in phrases:
            starts |= _starts_of(steps, len(reading), phrase)
        yield reading, starts


def _steps(reading: Words, joined_spans: Sequence[tuple[int, int]], phrase_words: frozenset[str]) -> _Steps:
    places: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    for index, (word, _) in enumerate(reading):
        if word in phrase_words:
            places[word, 1].append(index)
    for first, last in joined_spans:
        word = "".join(word for word, _ in reading[first:last])
        if word in phrase_words and last > first + 1:
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


def _starts_of(steps: _Steps, word_count: int, phrase: Sequence[str]) -> int:
    """Return the places where a phrase begins, as bits; its last word is looked for first."""
    if not all(word in steps for word in phrase):
        return 0
    reached = (1 << word_count + 1) - 1  # a phrase may end at any place, and at the end of the text
    for word in reversed(phrase):
        places_before = 0
        for length, word_places in steps[word].items():
            places_before |= word_places & reached >> length
        if not (reached := places_before):
            return 0
    return reached


@lru_cache(4)
def _ways_to_read(text: str, analyser: Analyser) -> list[tuple[Words, list[tuple[int, int]]]]:
    """Return a text's words in each spelling, with those that may be one; the same text is often asked for again."""
    own_joints = joints(text, analyser)
    return [(reading, list(inside(reading, own_joints))) for reading in spellings(text)]


@lru_cache(64)
def _phrase_readings(quoted: str, analyser: Analyser) -> tuple[tuple[str, ...], ...]:
    return tuple(readings(quoted, analyser))
