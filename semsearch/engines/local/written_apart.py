"""Where a phrase stands in a word that a text writes in several parts: Wi-Fi, for wifi.

Of such a word a segment knows in which passages and headlines it is, and at its places stand its parts. Where words
that make it together stand once, there it is, and what stands beside it tells whether the phrase does. Whatever is less
plain (the parts stand more often, a letter may be written as two, two words of the phrase are in parts) has to be read.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from semsearch.engines.local.arrays import Mask
from semsearch.engines.local.lexicon import Lexicon
from semsearch.engines.local.runs import Ints, distinct, spread, union
from semsearch.engines.local.segment import Segment
from semsearch.engines.local.terms import word_key

_LONGEST, _MOST_PARTS, _MOST_SPLITS = 24, 4, 64
"""Letters of a word that is looked for in parts, how many parts, and in how many ways it may be cut into words that are
there."""

_NONE = np.zeros(0, dtype=np.int64)

Read = Callable[[Ints, Ints], Ints]
"""Returns the tokens at so many places from some on, one stretch after the other."""


class Apart(NamedTuple):
    """What places say of a phrase in passages and headlines that have a word of it in parts."""

    rows: Ints  # in which the phrase begins so, and all of articles whose headlines have it so
    settled_rows: Ints  # of the doubtful ones
    settled_titles: Ints  # the same


class _Stretches(NamedTuple):
    """The places of passages, or of headlines."""

    begins: Ints  # (n,)
    ends: Ints
    firsts: Ints  # (n,): of the whole text
    lasts: Ints


class _Once(NamedTuple):
    """Where a word stands in parts, in what has it so once."""

    stretches: Ints  # (n,): which
    places: Ints
    lengths: Ints  # in places


def written_apart(segment: Segment, readings: Sequence[Sequence[str]], rows: Ints, titles: Ints) -> Apart:
    """Look for a phrase in passages and headlines that have some word of it in parts.

    Args:
        readings: the words of the phrase, folded, in each way of writing them.
        rows: of the segment, ascending.
        titles: articles of the segment, ascending.
    """
    lexicon, found, settled = segment.lexicon, [_NONE], ([_NONE], [_NONE])
    tables = {word: _marked(lexicon, [word]) for reading in readings for word in reading}
    plain = len(rows) + len(titles) and _are_plain(lexicon, list(tables))
    for word, table in tables.items() if plain else ():
        splits = _splits(lexicon, word)
        others = _marked(lexicon, [one for one in tables if one != word]) & ~table
        elsewhere = union(
            lexicon.other_spellings(others, compounds=True, about=True),
            segment.row_articles[lexicon.other_spellings(others, compounds=True, about=False)],
        )
        for about, doubtful in enumerate((rows, titles) if splits else ()):
            owners = np.intersect1d(doubtful, lexicon.other_spellings(table, compounds=True, about=bool(about)))
            owners = owners[~np.isin(owners if about else segment.row_articles[owners], elsewhere)]
            stretches = _of_titles(segment, owners) if about else _of_rows(segment, owners)
            read: Read = lexicon.about if about else lexicon.places
            once = _standing_once(lexicon, read, stretches, splits)
            settled[about].append(owners[once.stretches])
            for reading in readings:
                for at in (number for number, one in enumerate(reading) if one == word):
                    beside = [None if number == at else tables[one] for number, one in enumerate(reading)]
                    which, begins = _beginning(read, stretches, once, beside, at)
                    if about:
                        articles = owners[once.stretches[which]]
                        lengths = segment.first_rows[articles + 1] - segment.first_rows[articles]
                        found.append(spread(segment.first_rows[articles], lengths))
                    else:
                        found.append(np.searchsorted(lexicon.row_places, begins, side="right") - 1)
    return Apart(*(distinct(np.concatenate(own)) for own in (found, *settled)))


def _marked(lexicon: Lexicon, own: Sequence[str]) -> Mask:
    """Mark (tokens,) those that stand for any of some words."""
    return np.isin(lexicon.words[:, 0], np.array([word_key(word) for word in own], dtype=np.uint32))


def _are_plain(lexicon: Lexicon, own: Sequence[str]) -> bool:
    """Say whether some words, and what is within them, stand for the same tokens however umlauts are written."""
    keys = np.array([word_key(part) for word in own for part in (word, *_within(word))], dtype=np.uint32)
    return bool((np.isin(lexicon.words[:, 0], keys) == np.isin(lexicon.words[:, 1], keys)).all())


def _within(word: str) -> Iterator[str]:
    """Yield what a shorter part of a word may be."""
    size = len(word) if len(word) <= _LONGEST else 0
    return (word[begin:end] for begin in range(size) for end in range(begin + 1, size + 1) if end - begin < size)


def _splits(lexicon: Lexicon, word: str) -> list[tuple[str, ...]]:
    """Return the ways to cut a word into several that the segment has; none where these are too many."""
    keys = {part: word_key(part) for part in _within(word)}
    known = np.array(list(keys.values()), dtype=np.uint32)
    there = set(known[np.isin(known, lexicon.words[:, 0])].tolist())
    found: list[tuple[str, ...]] = []

    def cut(begin: int, before: tuple[str, ...]) -> None:
        if begin == len(word):
            found.append(before)
        for end in range(begin + 1, len(word) + 1) if len(before) < _MOST_PARTS and len(found) <= _MOST_SPLITS else ():
            if keys.get(part := word[begin:end]) in there:
                cut(end, (*before, part))

    cut(0, ())
    return [split for split in found if split] if len(found) <= _MOST_SPLITS else []


def _of_rows(segment: Segment, rows: Ints) -> _Stretches:
    places = segment.lexicon.row_places.astype(np.int64)
    articles = segment.row_articles[rows]
    firsts, lasts = (places[segment.first_rows[one]] for one in (articles, articles + 1))
    return _Stretches(places[rows], places[rows + 1], firsts, lasts)


def _of_titles(segment: Segment, articles: Ints) -> _Stretches:
    begins, ends = segment.lexicon.about_places[articles].astype(np.int64).T
    return _Stretches(begins, ends, begins, ends)


def _standing_once(lexicon: Lexicon, read: Read, stretches: _Stretches, splits: Sequence[tuple[str, ...]]) -> _Once:
    """Return where stretches have one of the ways to write a word in parts, if they have it once."""
    numbers = {part: number for number, part in enumerate(dict.fromkeys(part for own in splits for part in own), 1)}
    table = np.zeros(len(lexicon.keys), dtype=np.uint16)
    for part, number in numbers.items():
        table[_marked(lexicon, [part])] = number
    # With a few places around, for parts may stand on either side of where a passage begins.
    reach = max(map(len, splits)) - 1
    begins = np.maximum(stretches.begins - reach, stretches.firsts)
    counts = np.minimum(stretches.ends + reach, stretches.lasts) - begins
    read_numbers, ends = table[read(begins, counts)], np.cumsum(counts)
    which, places, lengths = [_NONE], [_NONE], [_NONE]
    for split in splits:
        at = np.flatnonzero(read_numbers[: len(read_numbers) - len(split) + 1] == numbers[split[0]])
        for further, part in enumerate(split[1:], start=1):
            at = at[read_numbers[at + further] == numbers[part]]
        own = np.searchsorted(ends, at, side="right")
        at, own = at[at + len(split) <= ends[own]], own[at + len(split) <= ends[own]]
        which.append(own)
        places.append(at - (ends - counts)[own] + begins[own])
        lengths.append(np.full(len(at), len(split)))
    found = _Once(*map(np.concatenate, (which, places, lengths)))
    times = np.bincount(found.stretches, minlength=len(counts))[found.stretches]
    inside = (found.places < stretches.ends[found.stretches]) & (
        found.places + found.lengths > stretches.begins[found.stretches]
    )
    return _Once(*(column[(times == 1) & inside] for column in found))


def _beginning(
    read: Read, stretches: _Stretches, once: _Once, beside: Sequence[Mask | None], at: int
) -> tuple[Ints, Ints]:
    """Return which words in parts have the rest of a phrase beside them, and the place at which the phrase begins.

    Args:
        beside: of each word of the phrase the tokens that stand for it; None of the one that is in parts.
        at: which that is.
    """
    behind = len(beside) - at - 1
    which = np.flatnonzero(
        (once.places - at >= stretches.firsts[once.stretches])
        & (once.places + once.lengths + behind <= stretches.lasts[once.stretches])
    )
    for number, table in enumerate(beside):
        if table is not None:
            places = once.places[which] + (number - at if number < at else once.lengths[which] + number - at - 1)
            which = which[table[read(places, np.ones(len(places), dtype=np.int64))]]
    return which, once.places[which] - at
