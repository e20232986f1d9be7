"""Owns what a text is indexed as.

A term is a head, and a tail where that is more: what it has in common with what is akin, and what tells it from that.
Of an English word the head is its stem, and the tail what its plurals and tenses have in common ("govern government");
of two characters of an unspaced script each is one ("北 京"). A search for a head alone finds all of its terms: "北 *".
"""

import sys
import threading
from collections.abc import Iterator
from itertools import chain, pairwise
from typing import Final, NamedTuple

from semsearch.words.analysers import Analyser, stemmer_of
from semsearch.words.compounds import joined
from semsearch.words.folding import SEPARATORS, fold, spelled
from semsearch.words.inflection import uninflected
from semsearch.words.phrases import folded_units, last_unit
from semsearch.words.spellings import other_spellings
from semsearch.words.stretches import is_run, pieces, stretches, typed

VERSION = 2
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


class Terms(NamedTuple):
    """What a text is indexed as."""

    own: list[str]  # in order, repetitions kept; a text is as long as they are many
    further: list[str]  # other spellings of its words, in any order


def analyse(text: str, analyser: Analyser) -> Terms:
    """Return the index terms of a text.

    Runs of scripts that are written without spaces, and of Hangul, become overlapping pairs of characters, whichever
    the analyser, and their last character is a term, too: so each character begins one.

    Raises:
        ValueError: If there is no such analyser here.
    """
    vocabulary = vocabulary_of(analyser)
    plain = typed(text)
    found = stretches(plain)
    own = list(chain.from_iterable(map(vocabulary.__getitem__, found)))
    further = [] if plain.isascii() else list(chain.from_iterable(map(vocabulary.further, found)))
    for compound in joined(plain, found):
        further += vocabulary[compound]
        further += vocabulary.further(compound)
    return Terms(own, further)


def terms(text: str, analyser: Analyser) -> list[str]:
    """Return the index terms in order, repetitions kept, without other spellings.

    Raises:
        ValueError: If there is no such analyser here.
    """
    return list(chain.from_iterable(map(vocabulary_of(analyser).__getitem__, stretches(typed(text)))))


def anything_akin(term: str) -> str:
    """Return what finds a term and all others that have its head."""
    return f"{term.partition(' ')[0]} *"


class Vocabulary(dict[str, tuple[str, ...]]):
    """What the stretches of text met so far become under one analyser."""

    def __init__(self, analyser: Analyser) -> None:
        self._analyser = analyser
        self._stemmer = stemmer_of(analyser)
        self._further: dict[str, tuple[str, ...]] = {}

    def __missing__(self, stretch: str) -> tuple[str, ...]:
        if is_run(stretch):
            units = [folded for folded, _ in folded_units(stretch)]
            return tuple(map(" ".join, pairwise(units))) if len(units) > 1 else tuple(units)
        found = self.spelled(stretch)
        own = tuple(spellings[0] for spellings in found)
        if len(stretch) <= _LONGEST_TERM:
            if len(self) >= _LARGEST_VOCABULARY:
                self.clear()
                self._further.clear()
            self[stretch] = own
            if further := tuple(spelling for spellings in found for spelling in spellings[1:]):
                self._further[stretch] = further
        return own

    def further(self, stretch: str) -> tuple[str, ...]:
        """Return the terms of other spellings of a stretch that was looked up before."""
        if is_run(stretch):
            return last_unit(stretch)
        return self._further.get(stretch, ())

    def spelled(self, stretch: str) -> list[tuple[str, ...]]:
        """Return the term of each word of a stretch that is no run, each with those of its other spellings."""
        found = []
        for start, end in pieces(stretch):
            if terms_of_it := tuple(dict.fromkeys(self._spellings(stretch[start:end]))):
                found.append(terms_of_it)
        return found

    def _spellings(self, piece: str) -> Iterator[str]:
        folded = fold(piece)[:_LONGEST_TERM]
        if folded:
            yield self._term(piece, folded)
            for other in other_spellings(piece, folded, self._analyser):
                if again := fold(other)[:_LONGEST_TERM]:
                    yield self._term(other, again)

    def _term(self, piece: str, folded: str) -> str:
        if self._stemmer is None:
            return folded
        as_folded = self._analyser in _FOLDED_FIRST or not SEPARATORS.isdisjoint(piece)  # U.S., 1,200
        stem: str = self._stemmer.stemWord(folded if as_folded else spelled(piece, self._analyser)[:_LONGEST_TERM])
        head = fold(stem) or folded
        tail = uninflected(folded) if self._analyser == "en" else head
        return sys.intern(head if head == tail else f"{head} {tail}")


class _Here(threading.local):
    """One thread's own: a Stemmer serves one thread at a time, and a lock would not survive a fork."""

    def __init__(self) -> None:
        self.vocabularies: dict[Analyser, Vocabulary] = {}


_HERE = _Here()


def vocabulary_of(analyser: Analyser) -> Vocabulary:
    """Return this thread's vocabulary; raises ValueError if there is no such analyser here."""
    found = _HERE.vocabularies.get(analyser)
    if found is None:
        found = _HERE.vocabularies[analyser] = Vocabulary(analyser)
    return found
