"""Where a phrase stands that has a word which a text writes in several parts: Wi-Fi, for wifi.

A segment knows in which passages and headlines such a word is, but its places have the parts. Where words that make it
up stand once, the word is there, and the words beside it tell whether the phrase is. Anything less plain (the parts
stand more than once, they have other spellings, two words of the phrase are in parts) has to be read.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np

from semsearch import words
from semsearch.engines.local.arrays import Mask
from semsearch.engines.local.lexicon import Lexicon
from semsearch.engines.local.runs import Ints, among, distinct, spread, union
from semsearch.engines.local.segment import Segment
from semsearch.engines.local.terms import word_key

_LONGEST, _MOST_PARTS, _MOST_SPLITS = 24, 4, 64
"""Limits for a word that is looked for in parts: its letters, its parts, and the ways to cut it into words that the
segment has."""

_NONE = np.zeros(0, dtype=np.int64)

Read = Callable[[Ints, Ints], Ints]
"""Returns the tokens in stretches of places, given their begins and lengths, one stretch after the other."""


class Apart(NamedTuple):
    """What places say about a phrase in passages and headlines that have a word of it in parts."""

    rows: Ints  # those in which the phrase begins, and all of articles whose headlines have it
    settled_rows: Ints  # the doubtful rows that need not be read
    settled_titles: Ints  # the doubtful headlines, as articles, that need not be read


class _Stretches(NamedTuple):
    """The places of passages, or of headlines."""

    begins: Ints  # (n,)
    ends: Ints
    firsts: Ints  # (n,): where the places of their whole texts begin
    lasts: Ints  # (n,): where these end


class _Once(NamedTuple):
    """Where a word stands in parts, in the stretches that have it in parts once."""

    stretches: Ints  # (n,): the indexes of these
    places: Ints  # (n,): where it begins
    lengths: Ints  # (n,): in places


def written_apart(segment: Segment, readings: Sequence[words.Reading], rows: Ints, titles: Ints) -> Apart:
    """Look for a phrase in passages and headlines that have some word of it in parts.

    Args:
        readings: the words of the phrase, in each way of writing them.
        rows: of the segment, ascending.
        titles: articles of the segment, ascending.
    """
    lexicon, row_parts, settled = segment.lexicon, [_NONE], ([_NONE], [_NONE])
    tables = {spellings: _tokens_of(lexicon, spellings) for reading in readings for spellings in reading}
    is_plain = len(rows) + len(titles) and _are_plain(lexicon, list(chain.from_iterable(tables)))
    for spellings, table in tables.items() if is_plain else ():
        splits = [split for spelling in spellings for split in _splits(lexicon, spelling)]
        other_tokens = np.logical_or.reduce(list(tables.values())) & ~table
        elsewhere = union(
            lexicon.other_spellings(other_tokens, compounds=True, about=True),
            segment.row_articles[lexicon.other_spellings(other_tokens, compounds=True, about=False)],
        )
        for about, doubtful in enumerate((rows, titles) if splits else ()):
            owners = lexicon.other_spellings(table, compounds=True, about=bool(about))
            owners = owners[among(owners, doubtful)]
            owners = owners[~among(owners if about else segment.row_articles[owners], elsewhere)]
            stretches = _of_titles(segment, owners) if about else _of_rows(segment, owners)
            read_tokens: Read = lexicon.about if about else lexicon.places
            once = _find_once(lexicon, read_tokens, stretches, splits)
            settled[about].append(owners[once.stretches])
            for word_tables, index in _neighbours(spellings, readings, tables):
                matches, begins = _beginning(read_tokens, stretches, once, word_tables, index)
                if about:
                    articles = owners[once.stretches[matches]]
                    lengths = segment.first_rows[articles + 1] - segment.first_rows[articles]
                    row_parts.append(spread(segment.first_rows[articles], lengths))
                else:
                    row_parts.append(np.searchsorted(lexicon.row_places, begins, side="right") - 1)
    return Apart(*(distinct(np.concatenate(parts)) for parts in (row_parts, *settled)))


def _neighbours(
    word: tuple[str, ...], readings: Sequence[words.Reading], tables: Mapping[tuple[str, ...], Mask]
) -> Iterator[tuple[list[Mask | None], int]]:
    """Yield for each occurrence of a word the tokens of all words of its reading, None for itself, and its index."""
    for reading in readings:
        reading_tables = [tables[spellings] for spellings in reading]
        for index, spellings in enumerate(reading):
            if spellings == word:
                yield [*reading_tables[:index], None, *reading_tables[index + 1 :]], index


def _tokens_of(lexicon: Lexicon, phrase_words: Sequence[str]) -> Mask:
    """Mark, (tokens,), the tokens that stand for any of some words."""
    written, mask = lexicon.words[:, 0], np.zeros(len(lexicon.words), dtype=np.bool_)
    for word in phrase_words:  # few
        mask |= written == np.uint32(word_key(word))
    return mask


def _are_plain(lexicon: Lexicon, phrase_words: Sequence[str]) -> bool:
    """Tell whether some words, and the parts of them, stand for the same tokens in either spelling."""
    keys = np.array([word_key(part) for word in phrase_words for part in (word, *_parts_within(word))], dtype=np.uint32)
    written, others = lexicon.words[lexicon.words[:, 0] != lexicon.words[:, 1]].T
    return np.array_equal(among(written, distinct(keys)), among(others, distinct(keys)))


def _parts_within(word: str) -> Iterator[str]:
    """Yield all shorter parts that a word may have."""
    size = len(word) if len(word) <= _LONGEST else 0
    return (word[begin:end] for begin in range(size) for end in range(begin + 1, size + 1) if end - begin < size)


def _splits(lexicon: Lexicon, word: str) -> list[tuple[str, ...]]:
    """Return the ways to cut a word into several words that the segment has; none where there are too many ways."""
    keys = {part: word_key(part) for part in _parts_within(word)}
    part_keys = np.array(list(keys.values()), dtype=np.uint32)
    present = set(part_keys[among(part_keys, distinct(lexicon.words[:, 0]))].tolist())
    splits: list[tuple[str, ...]] = []

    def cut(begin: int, parts_before: tuple[str, ...]) -> None:
        if begin == len(word):
            splits.append(parts_before)
        if len(parts_before) == _MOST_PARTS or len(splits) > _MOST_SPLITS:
            return
        for end in range(begin + 1, len(word) + 1):
            if keys.get(part := word[begin:end]) in present:
                cut(end, (*parts_before, part))

    cut(0, ())
    return [split for split in splits if split] if len(splits) <= _MOST_SPLITS else []


def _of_rows(segment: Segment, rows: Ints) -> _Stretches:
    row_places = segment.lexicon.row_places.astype(np.int64)
    articles = segment.row_articles[rows]
    firsts, lasts = row_places[segment.first_rows[articles]], row_places[segment.first_rows[articles + 1]]
    return _Stretches(row_places[rows], row_places[rows + 1], firsts, lasts)


def _of_titles(segment: Segment, articles: Ints) -> _Stretches:
    begins, ends = segment.lexicon.about_places[articles].astype(np.int64).T
    return _Stretches(begins, ends, begins, ends)


def _find_once(lexicon: Lexicon, read: Read, stretches: _Stretches, splits: Sequence[tuple[str, ...]]) -> _Once:
    """Return where stretches have a word in parts, cut in any of these ways, if they have it once."""
    numbers = {part: number for number, part in enumerate(dict.fromkeys(chain.from_iterable(splits)), 1)}
    table = np.zeros(len(lexicon.keys), dtype=np.uint16)
    for part, number in numbers.items():
        table[_tokens_of(lexicon, [part])] = number
    # A few places around are read, too, since a passage may begin between two parts.
    reach = max(map(len, splits)) - 1
    begins = np.maximum(stretches.begins - reach, stretches.firsts)
    counts = np.minimum(stretches.ends + reach, stretches.lasts) - begins
    read_numbers, ends = table[read(begins, counts)], np.cumsum(counts)
    owner_parts, places, lengths = [_NONE], [_NONE], [_NONE]
    for split in splits:
        positions = np.flatnonzero(read_numbers[: len(read_numbers) - len(split) + 1] == numbers[split[0]])
        for further, part in enumerate(split[1:], start=1):
            positions = positions[read_numbers[positions + further] == numbers[part]]
        owners = np.searchsorted(ends, positions, side="right")
        inside = positions + len(split) <= ends[owners]
        positions, owners = positions[inside], owners[inside]
        owner_parts.append(owners)
        places.append(positions - (ends - counts)[owners] + begins[owners])
        lengths.append(np.full(len(positions), len(split)))
    once = _Once(*map(np.concatenate, (owner_parts, places, lengths)))
    times = np.bincount(once.stretches, minlength=len(counts))[once.stretches]
    begins_before_end = once.places < stretches.ends[once.stretches]
    ends_behind_begin = once.places + once.lengths > stretches.begins[once.stretches]
    return _Once(*(column[(times == 1) & begins_before_end & ends_behind_begin] for column in once))


def _beginning(
    read: Read, stretches: _Stretches, once: _Once, word_tables: Sequence[Mask | None], index: int
) -> tuple[Ints, Ints]:
    """Return which words in parts have the rest of a phrase beside them, and the places at which the phrase begins.

    Args:
        word_tables: for each word of the phrase the tokens that stand for it; None for the one that is in parts.
        index: of the word that is in parts.
    """
    behind = len(word_tables) - index - 1
    matches = np.flatnonzero(
        (once.places - index >= stretches.firsts[once.stretches])
        & (once.places + once.lengths + behind <= stretches.lasts[once.stretches])
    )
    for number, table in enumerate(word_tables):
        if table is not None:
            distance: int | Ints = number - index if number < index else once.lengths[matches] + number - index - 1
            places = once.places[matches] + distance
            matches = matches[table[read(places, np.ones(len(places), dtype=np.int64))]]
    return matches, once.places[matches] - index
