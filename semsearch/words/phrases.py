"""What phrases are compared by: the folded, unstemmed words of a text, and every way to write a phrase."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from semsearch.text import Span
from semsearch.words.analysers import Analyser
from semsearch.words.compounds import compounds
from semsearch.words.normal_form import fold
from semsearch.words.pairs import pairs
from semsearch.words.spellings import other_spelling
from semsearch.words.stretches import is_run, pieces, stretch_pattern, typed, unit_pattern

Reading = tuple[tuple[str, ...], ...]
"""The words of a phrase in order, each in all of its spellings, folded."""


class Joined(NamedTuple):
    """Several words of a text that may be one."""

    first: int  # the index of the first
    last: int  # the index after the last
    spellings: tuple[str, ...]  # of the one word


class SpelledWords(NamedTuple):
    """The words of a text, in all of their spellings."""

    words: Reading
    starts: list[int]  # where each begins
    joined: list[Joined]  # in order; of those with one start the longest first


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


def readings(quoted: str, analyser: Analyser) -> list[Reading]:
    """Return the words of a phrase in each way of writing them, each way once; none if it has no words.

    Words that may be one are joined or not; "and" is a word, or a sign.

    Args:
        analyser: of the texts in which the phrase is looked for.
    """
    different = {
        _join_words(spelled, way): None
        for written in dict.fromkeys((quoted, without_and(quoted), _SIGN_AND.sub(" and ", quoted)))
        for spelled in (spelled_words(written, analyser),)
        for way in _ways(spelled.joined)
    }
    return [reading for reading in different if reading]


def _ways(joined: Sequence[Joined]) -> list[list[Joined]]:
    """Return the sets of words that may be joined together, beginning with none; of very many, none and all."""
    ways: list[list[Joined]] = [[]]
    for one in joined:
        ways += [[*way, one] for way in ways if not way or way[-1].last <= one.first]
        if len(ways) > _MOST_WAYS:
            return [[], list(joined)]
    return ways


def spelled_words(text: str, analyser: Analyser) -> SpelledWords:
    """Return a text's words in all of their spellings."""
    found, plain = words(text), typed(text)

    def spellings(spans: Sequence[Span], folded: str) -> tuple[str, ...]:
        if plain.isascii():
            return (folded,)
        piece = "".join(plain[start:end] for start, end in spans)
        return tuple(dict.fromkeys((folded, fold(other_spelling(piece, folded, analyser)) or folded)))

    starts = [start for _, (start, _) in found]
    joined = []
    for start, end in joints(text, analyser):
        first, last = bisect_left(starts, start), bisect_left(starts, end)
        if last > first + 1:
            parts = found[first:last]
            joined.append(
                Joined(first, last, spellings([span for _, span in parts], "".join(word for word, _ in parts)))
            )
    return SpelledWords(tuple(spellings((span,), word) for word, span in found), starts, joined)


def joints(text: str, analyser: Analyser) -> list[Span]:
    """Return the spans where several words may be one, in order; of those with one start the longest first."""
    plain = typed(text)
    spans = [span for compound in compounds(plain) for span in compound.joints]
    spans += (pair.span for pair in pairs(plain, analyser))
    return sorted(spans, key=lambda span: (span[0], -span[1]))


def _join_words(spelled: SpelledWords, joined: Sequence[Joined]) -> Reading:
    """Return the words of a text, some of them as one; what overlaps the words before that are one is left out."""
    reading: list[tuple[str, ...]] = []
    joined_to = 0
    for one in joined:
        if one.first >= joined_to:
            reading += [*spelled.words[joined_to : one.first], one.spellings]
            joined_to = one.last
    return (*reading, *spelled.words[joined_to:])


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
