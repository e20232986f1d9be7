"""Owns what a phrase is compared with: the folded words of a text, not stemmed, in each way of writing them."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from itertools import accumulate

from semsearch.text import Span
from semsearch.words.analysers import Analyser
from semsearch.words.compounds import compounds
from semsearch.words.folding import fold
from semsearch.words.pairs import pairs
from semsearch.words.spellings import two_letters
from semsearch.words.stretches import is_run, pieces, stretch_pattern, typed, unit_pattern

Words = Sequence[tuple[str, Span]]
"""Folded words with their places."""

_LONGEST_KEPT = 64
_MOST_KEPT = 50_000


def words(text: str) -> list[tuple[str, Span]]:
    """Return the folded, unstemmed words in order with their places; each character of a run is a word of its own."""
    plain = typed(text)
    return [
        (folded, (stretch.start() + start, stretch.start() + end))
        for stretch in stretch_pattern(plain.isascii()).finditer(plain)
        for folded, (start, end) in _folded_pieces(stretch.group())
    ]


def phrase(text: str) -> tuple[str, ...]:
    """Return the folded words of a quoted phrase, as they are written."""
    return tuple(word for word, _ in words(text))


def contains(text: str, quoted: str, analyser: Analyser) -> bool:
    """Say whether a phrase stands in a text, word for word, however they are spelled; no words stand everywhere.

    Args:
        analyser: of the text.
    """
    wanted = _quoted(quoted, analyser)
    return not wanted or any(one in _line(reading) for reading in _written(text, wanted, analyser) for one in wanted)


def occurrences(text: str, quoted: str, analyser: Analyser) -> list[int]:
    """Return where in a text a phrase begins to stand, ascending; nowhere if it has no words.

    Args:
        analyser: of the text.
    """
    found: set[int] = set()
    wanted = _quoted(quoted, analyser)
    for reading in _written(text, wanted, analyser):
        line = _line(reading)
        places = [place for one in wanted for place in _places(line, one)]
        if places:
            begins = list(accumulate(len(word) + 1 for word, _ in reading))
            found.update(reading[bisect_right(begins, place)][1][0] for place in places)
    return sorted(found)


def readings(quoted: str, analyser: Analyser) -> list[tuple[str, ...]]:
    """Return the words of a phrase in each way of writing them, each once; none if it has no words.

    They are as they stand, or those that may be one word are, and with two letters for each umlaut or not.

    Args:
        analyser: of the texts in which the phrase is looked for.
    """
    joints = _joints(typed(quoted), analyser)
    found = [reading for spelled in _spellings(quoted) for reading in (spelled, _joined(spelled, joints))]
    return [one for one in dict.fromkeys(tuple(word for word, _ in reading) for reading in found) if one]


def _places(line: str, wanted: str) -> Iterator[int]:
    at = line.find(wanted)
    while at >= 0:
        yield at
        at = line.find(wanted, at + 1)


@lru_cache(64)
def _quoted(quoted: str, analyser: Analyser) -> tuple[str, ...]:
    return tuple(f" {' '.join(reading)} " for reading in readings(quoted, analyser))


def _line(reading: Words) -> str:
    # No word contains a space, and str's search is linear, which comparing slice by slice would not be.
    return f" {' '.join(word for word, _ in reading)} "


def _written(text: str, wanted: Sequence[str], analyser: Analyser) -> Iterator[Words]:
    """Yield a text's words as they stand; then with those that may be one word as one, where the phrase has it."""
    asked = {word for line in wanted for word in line.split()}
    joints = _joints(typed(text), analyser)
    for reading in _spellings(text):
        yield reading
        if joints and (joined := _joined(reading, joints, asked)) != reading:
            yield joined


def _spellings(text: str) -> Iterator[Words]:
    """Yield a text's words as they are written; then with two letters for each umlaut, if that makes a difference."""
    written, plain = words(text), typed(text)
    yield written
    if not plain.isascii():
        spelled = [(fold(two_letters(plain[start:end])) or word, (start, end)) for word, (start, end) in written]
        if spelled != written:
            yield spelled


def _joints(plain: str, analyser: Analyser) -> list[Span]:
    """Return where several words may be one, in order; of those that begin at one place the longest first."""
    found = [span for one in compounds(plain) for span in one.joints]
    found += (pair.span for pair in pairs(plain, analyser))
    return sorted(found, key=lambda span: (span[0], -span[1]))


def _joined(reading: Words, joints: Sequence[Span], asked: AbstractSet[str] | None = None) -> Words:
    """Return a reading with the words of each joint as one, those that are asked for alone; none overlaps another."""
    begins = [start for _, (start, _) in reading]
    found: list[tuple[str, Span]] = []
    done = 0
    for start, end in joints:
        first, last = bisect_left(begins, start), bisect_left(begins, end)
        word = "".join(word for word, _ in reading[first:last])
        if first >= done and last > first + 1 and (asked is None or word in asked):
            found += [*reading[done:first], (word, (start, reading[last - 1][1][1]))]
            done = last
    return [*found, *reading[done:]]


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
