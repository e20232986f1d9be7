"""Owns what a phrase is compared with: the folded words of a text, not stemmed, in each way of writing them."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate

from semsearch.text import Span
from semsearch.words.compounds import Compound, compounds
from semsearch.words.folding import fold
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


def contains(text: str, quoted: str) -> bool:
    """Say whether a phrase stands in a text, word for word, however they are spelled; no words stand everywhere."""
    wanted = _quoted(quoted)
    return not any(wanted) or any(one in _line(reading) for reading in _readings(text) for one in wanted)


def occurrences(text: str, quoted: str) -> list[int]:
    """Return where in a text a phrase begins to stand, ascending; nowhere if it has no words."""
    found: set[int] = set()
    for reading in _readings(text):
        places = [place for one in _quoted(quoted) if one for place in _places(_line(reading), one)]
        if places:
            begins = list(accumulate(len(word) + 1 for word, _ in reading))
            found.update(reading[bisect_right(begins, place)][1][0] for place in places)
    return sorted(found)


def readings(quoted: str) -> list[tuple[str, ...]]:
    """Return the words of a phrase in each way of writing them, each once; none if it has no words."""
    found = (tuple(word for word, _ in reading) for reading in _readings(quoted))
    return [reading for reading in dict.fromkeys(found) if reading]


def _places(line: str, wanted: str) -> Iterator[int]:
    at = line.find(wanted)
    while at >= 0:
        yield at
        at = line.find(wanted, at + 1)


@lru_cache(64)
def _quoted(quoted: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_line(reading) if reading else "" for reading in _readings(quoted)))


def _line(reading: Words) -> str:
    # No word contains a space, and str's search is linear, which comparing slice by slice would not be.
    return f" {' '.join(word for word, _ in reading)} "


def _readings(text: str) -> Iterator[Words]:
    """Yield a text's words as they are written; then with compounds as one word, and with two letters for an umlaut."""
    written = words(text)
    plain = typed(text)
    whole = [one for one in compounds(plain) if one.whole]
    spelled = [] if plain.isascii() else _with_two_letters(written, plain)
    for reading in (written, spelled) if spelled else (written,):
        yield reading
        if whole:
            yield _with_wholes(reading, whole)


def _with_two_letters(reading: Words, text: str) -> Words:
    """Return the words so, or none if it makes no difference."""
    found = [(fold(two_letters(text[start:end])) or word, (start, end)) for word, (start, end) in reading]
    return found if found != reading else []


def _with_wholes(reading: Words, whole: Sequence[Compound]) -> Words:
    found: list[tuple[str, Span]] = []
    coming = iter([*whole, None])
    compound = next(coming)
    inside = False
    for word, (start, end) in reading:
        while compound and compound.span[1] <= start:
            compound, inside = next(coming), False
        if compound and compound.span[0] <= start and inside:
            before, (first, _) = found.pop()
            found.append((before + word, (first, end)))
        else:
            inside = compound is not None and compound.span[0] <= start
            found.append((word, (start, end)))
    return found


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
