"""Owns what a text is indexed as, and what a phrase is compared with."""

import sys
import threading
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain, pairwise
from typing import Final

from semsearch.text import Span
from semsearch.words.analysers import Analyser, stemmer_of
from semsearch.words.folding import SEPARATORS, fold, spelled
from semsearch.words.stretches import is_run, pieces, stretch_pattern, stretches, typed, unit_pattern

VERSION = 1
"""Of the analysis: an index is asked with the one that made it, so a change here raises it."""

_FOLDED_FIRST: Final = frozenset({"en", "sr"})
"""Every other stemmer reads the accents and its stem is folded. Of inflected words and their dictionary forms, that
brings more together (French .89, folded first .76, Spanish .84 : .66, Hungarian .72 : .46), and nearly as many
where the query alone leaves accents out (.60 : .62, .35 : .36, .34 : .41). English has no suffix with an accent, so
folded first is as good there (.93 : .93), and "resume" finds "résumé"; Serbian gains (.54 : .59)."""

_LONGEST_TERM = 64
"""Code points. Longer ones (encoded data, mostly) are known by their beginning."""
_LARGEST_VOCABULARY = 50_000
"""Entries kept for an analyser and thread: some 10 MB."""


def terms(text: str, analyser: Analyser) -> list[str]:
    """Return the index terms in order, repetitions kept.

    Runs of scripts that are written without spaces, and of Hangul, become overlapping pairs of characters, whichever
    the analyser; a run of one becomes that character, so a query of one finds it only where it stands alone.

    Raises:
        ValueError: If there is no such analyser here.
    """
    vocabulary = _HERE.vocabularies.get(analyser)
    if vocabulary is None:
        vocabulary = _HERE.vocabularies[analyser] = _Vocabulary(analyser)
    return list(chain.from_iterable(map(vocabulary.__getitem__, stretches(text))))


def words(text: str) -> list[tuple[str, Span]]:
    """Return the folded, unstemmed words in order with their places; each character of a run is a word of its own."""
    text = typed(text)
    return [
        (folded, (stretch.start() + start, stretch.start() + end))
        for stretch in stretch_pattern(text.isascii()).finditer(text)
        for folded, (start, end) in _folded_pieces(stretch.group())
    ]


def phrase(text: str) -> tuple[str, ...]:
    """Return the folded words of a quoted phrase, as they compare with those of `words`."""
    return tuple(_folded_words(text))


def contains(text: str, phrase: Sequence[str]) -> bool:
    """Say whether these folded words stand in the text, one after the other; no words stand everywhere."""
    # No word contains a space, and str's search is linear, which comparing slice by slice would not be.
    return f" {' '.join(phrase)} " in f" {' '.join(_folded_words(text))} " if phrase else True


def _folded_words(text: str) -> Iterator[str]:
    for stretch in stretches(text):
        for folded, _ in _folded_pieces(stretch):
            yield folded


class _Vocabulary(dict[str, tuple[str, ...]]):
    """What the stretches of text met so far become under one analyser."""

    def __init__(self, analyser: Analyser) -> None:
        self._analyser = analyser
        self._stemmer = stemmer_of(analyser)

    def __missing__(self, stretch: str) -> tuple[str, ...]:
        if is_run(stretch):
            return _pairs([folded for folded, _ in _folded_units(stretch)])
        found = tuple(term for start, end in pieces(stretch) if (term := self._term(stretch[start:end])))
        if len(stretch) <= _LONGEST_TERM:
            if len(self) >= _LARGEST_VOCABULARY:
                self.clear()
            self[stretch] = found
        return found

    def _term(self, piece: str) -> str:
        folded = fold(piece)[:_LONGEST_TERM]
        if self._stemmer is None or not folded:
            return folded
        as_folded = self._analyser in _FOLDED_FIRST or not SEPARATORS.isdisjoint(piece)  # U.S., 1,200
        stem: str = self._stemmer.stemWord(folded if as_folded else spelled(piece, self._analyser)[:_LONGEST_TERM])
        return sys.intern(fold(stem) or folded)


class _Here(threading.local):
    """One thread's own: a Stemmer serves one thread at a time, and a lock would not survive a fork."""

    def __init__(self) -> None:
        self.vocabularies: dict[Analyser, _Vocabulary] = {}


_HERE = _Here()


def _pairs(units: list[str]) -> tuple[str, ...]:
    return tuple(map("".join, pairwise(units))) if len(units) > 1 else tuple(units)


def _folded_pieces(stretch: str) -> Sequence[tuple[str, Span]]:
    if is_run(stretch):
        return _folded_units(stretch)
    return _few_pieces(stretch) if len(stretch) <= _LONGEST_TERM else _fold_pieces(stretch)


def _fold_pieces(stretch: str) -> Sequence[tuple[str, Span]]:
    return tuple((folded, (start, end)) for start, end in pieces(stretch) if (folded := fold(stretch[start:end])))


_few_pieces = lru_cache(_LARGEST_VOCABULARY)(_fold_pieces)
_fold_unit = lru_cache(_LARGEST_VOCABULARY)(fold)


def _folded_units(run: str) -> list[tuple[str, Span]]:
    return [(folded, unit.span()) for unit in unit_pattern().finditer(run) if (folded := _fold_unit(unit.group()))]
