"""What phrases are compared by: the folded, unstemmed words of a text, and every way to write a phrase."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache

from semsearch.text import Span
from semsearch.words.analysers import Analyser
from semsearch.words.compounds import compounds
from semsearch.words.normal_form import fold
from semsearch.words.pairs import pairs
from semsearch.words.spellings import two_letters
from semsearch.words.stretches import is_run, pieces, stretch_pattern, typed, unit_pattern

Words = Sequence[tuple[str, Span]]
"""Folded words with their spans."""

_WORD_AND = re.compile(r" (?:and|und|et) (?=\S)", re.IGNORECASE)
_SIGN_AND = re.compile(r" [&＆+] (?=\S)")

_MOST_WAYS = 64
"""To write a phrase: five places where words may be joined or not make 32 at most."""

_LONGEST_KEPT = 64
_MOST_KEPT = 50_000


def words(text: str) -> list[tuple[str, Span]]:
    """Return the folded, unstemmed words in order with their spans; each character of a run is a word of its own."""
    plain = typed(text)
    return [
        (folded, (stretch.start() + start, stretch.start() + end))
        for stretch in stretch_pattern(plain.isascii()).finditer(plain)
        for folded, (start, end) in _folded_pieces(stretch.group())
    ]


def phrase(text: str) -> tuple[str, ...]:
    """Return the folded words of a quoted phrase, as they are written."""
    return tuple(word for word, _ in words(text))


def without_and(quoted: str) -> str:
    """Return a phrase without the words for which a text may have a sign."""
    return _WORD_AND.sub(" & ", quoted)


def readings(quoted: str, analyser: Analyser) -> list[tuple[str, ...]]:
    """Return the words of a phrase in each way of writing them, each way once; none if it has no words.

    Words that may be one are joined or not; umlauts are one letter or two; "and" is a word, or a sign.

    Args:
        analyser: of the texts in which the phrase is looked for.
    """
    different = {
        tuple(_join_words(spelled, way)): None
        for written in dict.fromkeys((quoted, without_and(quoted), _SIGN_AND.sub(" and ", quoted)))
        for way in _ways(joints(written, analyser))
        for spelled in spellings(written)
    }
    return [reading for reading in different if reading]


def _ways(joints: Sequence[Span]) -> list[list[Span]]:
    """Return the sets of joints that may be taken together, beginning with no joint; of very many, no joint and all."""
    ways: list[list[Span]] = [[]]
    for joint in joints:
        ways += [[*way, joint] for way in ways if not way or way[-1][1] <= joint[0]]
        if len(ways) > _MOST_WAYS:
            return [[], list(joints)]
    return ways


def spellings(text: str) -> Iterator[Words]:
    """Yield a text's words as they are written; then with two letters for each umlaut, if that makes a difference."""
    written, plain = words(text), typed(text)
    yield written
    if not plain.isascii():
        spelled = [(fold(two_letters(plain[start:end])) or word, (start, end)) for word, (start, end) in written]
        if spelled != written:
            yield spelled


def joints(text: str, analyser: Analyser) -> list[Span]:
    """Return the spans where several words may be one, in order; of those with one start the longest first."""
    plain = typed(text)
    spans = [span for compound in compounds(plain) for span in compound.joints]
    spans += (pair.span for pair in pairs(plain, analyser))
    return sorted(spans, key=lambda span: (span[0], -span[1]))


def inside(reading: Words, joints: Sequence[Span]) -> Iterator[tuple[int, int]]:
    """Yield the words inside each joint of a text, as the index of the first and that after the last."""
    starts = [start for _, (start, _) in reading]
    for start, end in joints:
        first, last = bisect_left(starts, start), bisect_left(starts, end)
        if last > first:
            yield first, last


def _join_words(reading: Words, joints: Sequence[Span]) -> list[str]:
    """Return the words of a reading, those of each joint as one; a joint that overlaps the one before is left out."""
    spelled = [word for word, _ in reading]
    joined: list[str] = []
    joined_to = 0
    for first, last in inside(reading, joints):
        if first >= joined_to:
            joined += [*spelled[joined_to:first], "".join(spelled[first:last])]
            joined_to = last
    return [*joined, *spelled[joined_to:]]


def folded_units(run: str) -> list[tuple[str, Span]]:
    """Return the characters of a run, folded, with their places in it."""
    return [(folded, unit.span()) for unit in unit_pattern().finditer(run) if (folded := _fold_unit(unit.group()))]


def _folded_pieces(stretch: str) -> Sequence[tuple[str, Span]]:
    if is_run(stretch):
        return folded_units(stretch)
    return _few_pieces(stretch) if len(stretch) <= _LONGEST_KEPT else _fold_pieces(stretch)


def _fold_pieces(stretch: str) -> Sequence[tuple[str, Span]]:
    return tuple((folded, (start, end)) for start, end in pieces(stretch) if (folded := fold(stretch[start:end])))


_few_pieces = lru_cache(_MOST_KEPT)(_fold_pieces)
_fold_unit = lru_cache(_MOST_KEPT)(fold)
