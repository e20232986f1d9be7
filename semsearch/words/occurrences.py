"""Owns where a phrase stands in a text, whichever words of either are written together or apart.

From each word of a text one step leads to the next, and another one, over several words, where these may be one. The
words of a phrase are steps that follow each other. Where each leads from is a set of places, and a set is the bits of
one number: so the time is linear in either length.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from semsearch.words.analysers import Analyser
from semsearch.words.phrases import Words, inside, joints, readings, spellings

_Steps = Mapping[str, Mapping[int, int]]
"""Of each word the places where it stands, as bits, by how many words of the text it is."""


def contains(text: str, quoted: str, analyser: Analyser) -> bool:
    """Say whether a phrase stands in a text, word for word, however they are spelled; no words stand everywhere.

    Args:
        analyser: of the text.
    """
    return not _wanted(quoted, analyser) or any(begins for _, begins in _standing(text, quoted, analyser))


def occurrences(text: str, quoted: str, analyser: Analyser) -> list[int]:
    """Return where in a text a phrase begins to stand, ascending; nowhere if it has no words.

    Args:
        analyser: of the text.
    """
    found: set[int] = set()
    for reading, begins in _standing(text, quoted, analyser):
        bits = f"{begins:b}"[::-1]
        at = bits.find("1")
        while at >= 0:
            found.add(reading[at][1][0])
            at = bits.find("1", at + 1)
    return sorted(found)


def _standing(text: str, quoted: str, analyser: Analyser) -> Iterator[tuple[Words, int]]:
    """Yield the words of a text in each spelling, and the bits of those from which on the phrase stands."""
    wanted = _wanted(quoted, analyser)
    asked = frozenset().union(*wanted)
    for reading, several in _ways_to_read(text, analyser) if wanted else ():
        steps = _steps(reading, several, asked)
        begins = 0
        for phrase in wanted:
            begins |= _begins(steps, len(reading), phrase)
        yield reading, begins


def _steps(reading: Words, several: Sequence[tuple[int, int]], asked: frozenset[str]) -> _Steps:
    places: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    for at, (word, _) in enumerate(reading):
        if word in asked:
            places[word, 1].append(at)
    for first, last in several:
        word = "".join(word for word, _ in reading[first:last])
        if word in asked and last > first + 1:
            places[word, last - first].append(first)
    steps: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for (word, length), own in places.items():
        steps[word][length] = _as_bits(own)
    return steps


def _as_bits(places: Sequence[int]) -> int:
    bits = bytearray(max(places) // 8 + 1)
    for place in places:
        bits[place // 8] |= 1 << place % 8
    return int.from_bytes(bits, "little")


def _begins(steps: _Steps, size: int, phrase: Sequence[str]) -> int:
    """Return the bits of the words from which on a phrase stands, beginning with its last word."""
    if not all(word in steps for word in phrase):
        return 0
    reached = (1 << size + 1) - 1  # behind the last word is any place, the end too
    for word in reversed(phrase):
        before = 0
        for length, own in steps[word].items():
            before |= own & reached >> length
        if not (reached := before):
            return 0
    return reached


@lru_cache(4)
def _ways_to_read(text: str, analyser: Analyser) -> list[tuple[Words, list[tuple[int, int]]]]:
    """Return a text's words in each spelling, with those that may be one; the last texts are asked for again."""
    own_joints = joints(text, analyser)
    return [(reading, list(inside(reading, own_joints))) for reading in spellings(text)]


@lru_cache(64)
def _wanted(quoted: str, analyser: Analyser) -> tuple[tuple[str, ...], ...]:
    return tuple(readings(quoted, analyser))
