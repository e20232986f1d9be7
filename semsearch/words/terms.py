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
from semsearch.words.inflection import is_plural_designation, uninflected
from semsearch.words.joins import joined
from semsearch.words.phrases import folded_units
from semsearch.words.spelling import SEPARATORS, fold, spelled
from semsearch.words.spellings import other_spellings, two_letters
from semsearch.words.stretches import is_run, pieces, stretches, typed

VERSION = 4
"""Of the analysis: an index is asked with the one that made it, so a change here raises it."""

_FOLDED_FIRST: Final = frozenset({"en", "sr"})
"""Every other stemmer reads the accents and its stem is folded. Of inflected words and their dictionary forms, that
brings more together (French .89, folded first .76, Spanish .84 : .66, Hungarian .72 : .46), and nearly as many
where the query alone leaves accents out (.60 : .62, .35 : .36, .34 : .41). English has no suffix with an accent, so
folded first is as good there (.93 : .93), and "resume" finds "résumé"; Serbian gains (.54 : .59).

The stem of the folded word is another spelling there, so that words that fold to the same have a term in common:
"HUMANITE" finds "Humanité"."""

_LONGEST_TERM = 64
"""Code points. Longer ones (encoded data, mostly) are known by their beginning."""
_LARGEST_VOCABULARY = 50_000
"""Entries kept for an analyser and thread: some 10 MB."""


class Terms(NamedTuple):
    """What a text is indexed as."""

    own: list[str]  # in order, repetitions kept; a text is as long as they are many
    further: list[str]  # other spellings of its words, in any order


class Token(NamedTuple):
    """What stands at one place of a text: its term there, and what a phrase is compared with."""

    term: str
    group: str  # the head of a word; of two characters of an unspaced script the term
    word: str  # folded, not stemmed; the first character of two
    other: str  # the same with two letters for an umlaut and the like; mostly equal


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
    own = [token.term for stretch in found for token in vocabulary.own(stretch)]
    further = (
        [token.term for stretch in found for token in vocabulary.further(stretch)]
        if vocabulary.may_respell(plain)
        else []
    )
    for word in joined(plain, found, analyser):
        further += (token.term for token in vocabulary.own(word))
        further += (token.term for token in vocabulary.further(word))
    return Terms(own, further)


def terms(text: str, analyser: Analyser) -> list[str]:
    """Return the index terms in order, repetitions kept, without other spellings.

    Raises:
        ValueError: If there is no such analyser here.
    """
    vocabulary = vocabulary_of(analyser)
    return [token.term for stretch in stretches(typed(text)) for token in vocabulary.own(stretch)]


def anything_akin(term: str) -> str:
    """Return what finds a term and all others that have its head."""
    return f"{term.partition(' ')[0]} *"


class Vocabulary(dict[str, tuple[Token, ...]]):
    """What the stretches of text met so far become under one analyser: a token for each word that stands there."""

    def __init__(self, analyser: Analyser) -> None:
        self._analyser = analyser
        self._stemmer = stemmer_of(analyser)
        self._further: dict[str, tuple[Token, ...]] = {}

    def __missing__(self, stretch: str) -> tuple[Token, ...]:
        if is_run(stretch):
            return _of_run([folded for folded, _ in folded_units(stretch)])
        found = self._spelled(stretch)
        own = tuple(spellings[0] for spellings in found)
        if len(stretch) <= _LONGEST_TERM:
            if len(self) >= _LARGEST_VOCABULARY:
                self.clear()
                self._further.clear()
            self[stretch] = own
            if further := tuple(spelling for spellings in found for spelling in spellings[1:]):
                self._further[stretch] = further
        return own

    def own(self, stretch: str) -> tuple[Token, ...]:
        """Return the tokens that a stretch is as long as: of several characters of a run not the last one."""
        tokens = self[stretch]
        return tokens[:-1] if len(tokens) > 1 and is_run(stretch) else tokens

    def further(self, stretch: str) -> tuple[Token, ...]:
        """Return the others of a stretch: the last character of a run, or other spellings."""
        return self[stretch][1:][-1:] if is_run(stretch) else self.respelled(stretch)

    def respelled(self, stretch: str) -> tuple[Token, ...]:
        """Return the tokens of other spellings of a stretch."""
        if not self.may_respell(stretch) or is_run(stretch):
            return ()
        if stretch not in self:
            _ = self[stretch]
        return self._further.get(stretch, ())

    def may_respell(self, text: str) -> bool:
        """Tell whether words of a text may have other spellings; in Turkish a capital I is no i."""
        return not text.isascii() or (self._analyser == "tr" and "I" in text)

    def spelled(self, stretch: str) -> list[tuple[str, ...]]:
        """Return the term of each word of a stretch that is no run, each with those of its other spellings."""
        return [tuple(dict.fromkeys(token.term for token in spellings)) for spellings in self._spelled(stretch)]

    def _spelled(self, stretch: str) -> list[tuple[Token, ...]]:
        found = []
        for start, end in pieces(stretch):
            different: dict[str, Token] = {}
            for token in self._spellings(stretch[start:end]):
                different.setdefault(token.term, token)
            if different:
                found.append(tuple(different.values()))
        return found

    def _spellings(self, piece: str) -> Iterator[Token]:
        folded = fold(piece)
        if folded:
            other = fold(two_letters(piece)) if not piece.isascii() else ""
            yield self._token(piece, folded, other or folded)
            for spelling in other_spellings(piece, folded[:_LONGEST_TERM], self._analyser):
                if again := fold(spelling):
                    yield self._token(spelling, again, again)
            if self._analyser not in _FOLDED_FIRST and self.may_respell(piece):
                for bare in dict.fromkeys((fold(spelled(piece, self._analyser)), folded)):
                    yield self._token(bare, bare, bare)

    def _token(self, piece: str, folded: str, other: str) -> Token:
        term = self._term(piece, folded[:_LONGEST_TERM])
        return Token(term, term.partition(" ")[0], sys.intern(folded), sys.intern(other))

    def _term(self, piece: str, folded: str) -> str:
        if self._stemmer is None:
            return folded
        as_folded = self._analyser in _FOLDED_FIRST or not SEPARATORS.isdisjoint(piece)  # U.S., 1,200
        stem: str = self._stemmer.stemWord(folded if as_folded else spelled(piece, self._analyser)[:_LONGEST_TERM])
        head = fold(stem) or folded
        if self._analyser != "en":
            return sys.intern(head)
        if is_plural_designation(folded):
            return sys.intern(folded[:-1])
        tail = uninflected(folded)
        return sys.intern(head if head == tail else f"{head} {tail}")


def _of_run(units: list[str]) -> tuple[Token, ...]:
    """Return a token for each character of a run: with the one behind it, and the last by itself."""
    pairs = (Token(f"{one} {other}", f"{one} {other}", one, one) for one, other in pairwise(units))
    return (*pairs, *(Token(last, last, last, last) for last in units[-1:]))


class Read(NamedTuple):
    """One text, a number for each token (`Numbers`)."""

    own: list[int]  # at each place, in order
    length: int  # in terms, as `Terms.own`
    respelled: list[int]  # other spellings of single words
    compounds: list[int]  # what may as well be one word


class Numbers:
    """Numbers of tokens, as they come: texts are read in one go, and counted by whoever has the numbers."""

    def __init__(self) -> None:
        self.tokens: dict[tuple[Analyser, Token], int] = {}
        self._by_stretch: dict[Analyser, dict[str, tuple[int, ...]]] = {}

    def read(self, text: str, analyser: Analyser) -> Read:
        """Return the tokens of a text; raises ValueError if there is no such analyser here."""
        vocabulary = vocabulary_of(analyser)
        known = self._by_stretch.get(analyser)
        if known is None:
            known = self._by_stretch[analyser] = _Known(self.tokens, analyser, vocabulary)
        plain = typed(text)
        found = stretches(plain)
        own = list(chain.from_iterable(map(known.__getitem__, found)))
        length, respelled = len(own), []
        if vocabulary.may_respell(plain):
            length -= sum(len(known[stretch]) > 1 for stretch in found if is_run(stretch))
            respelled = [token for stretch in found for token in vocabulary.respelled(stretch)]
        compounds = [
            token
            for word in joined(plain, found, analyser)
            for token in (*vocabulary[word], *vocabulary.respelled(word))
        ]
        return Read(own, length, self._numbers(analyser, respelled), self._numbers(analyser, compounds))

    def _numbers(self, analyser: Analyser, tokens: list[Token]) -> list[int]:
        return [self.tokens.setdefault((analyser, token), len(self.tokens)) for token in tokens]


class _Known(dict[str, tuple[int, ...]]):
    """The numbers of the tokens of stretches."""

    def __init__(self, tokens: dict[tuple[Analyser, Token], int], analyser: Analyser, vocabulary: Vocabulary) -> None:
        self._tokens, self._analyser, self._vocabulary = tokens, analyser, vocabulary

    def __missing__(self, stretch: str) -> tuple[int, ...]:
        tokens, analyser = self._tokens, self._analyser
        numbers = tuple(tokens.setdefault((analyser, token), len(tokens)) for token in self._vocabulary[stretch])
        if len(stretch) <= _LONGEST_TERM and not is_run(stretch):
            self[stretch] = numbers
        return numbers


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
