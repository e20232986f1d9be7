"""What a text is indexed as.

A term has a head, which related terms share, and may have a tail, which tells it from them. The head of an English word
is its stem, and the tail is what its plurals and tenses have in common ("govern government"). Of two characters of an
unspaced script, one is the head and the other the tail ("北 京"). A head alone finds all of its terms: "北 *".
"""

import sys
import threading
from collections.abc import Iterator
from itertools import chain, pairwise
from typing import Final, NamedTuple

from semsearch.words.analysers import Analyser, stemmer_of
from semsearch.words.inflection import is_plural_designation, uninflected
from semsearch.words.irregular import base_form
from semsearch.words.joins import joined_words
from semsearch.words.normal_form import SEPARATORS, fold, spelled
from semsearch.words.phrases import folded_units
from semsearch.words.spellings import other_spelling
from semsearch.words.stretches import is_run, pieces, stretches, typed

VERSION = 5
"""Version of the analysis. An index can only be searched with the one that made it, so every change raises it."""

_FOLDED_FIRST: Final = frozenset({"en", "sr"})
"""Languages whose words are folded, then stemmed. Other stemmers read the accents, and the stem is folded: this brings
more inflected words together with their dictionary forms (French .89, folded first .76, Spanish .84 : .66, Hungarian
.72 : .46), and nearly as many where only the query lacks accents (.60 : .62, .35 : .36, .34 : .41). English has no
suffix with an accent, so folding first is as good there (.93 : .93), and "resume" finds "résumé"; Serbian gains
(.54 : .59).

In the other languages the stem of the folded word is another spelling, so that words that fold to the same have a term
in common: "HUMANITE" finds "Humanité"."""

_STEMMED_AGAIN: Final = frozenset({"ar", "es", "hu", "ro", "tr"})
"""Languages whose words are stemmed until the stem stays: that of mujeres is mujer, that of mujer muj. Of pairs of a
word and its plural or cases that were not one word, this mends 8 of 8 in Hungarian, 6 of 10 in Spanish and in Turkish,
4 of 8 in Arabic, 2 of 7 in Romanian; in other languages none or one."""

_LONGEST_TERM = 64
"""Code points. Of longer words (mostly encoded data) only the beginning is kept."""
_LARGEST_VOCABULARY = 50_000
"""Entries kept for an analyser and thread: some 10 MB."""


class Terms(NamedTuple):
    """What a text is indexed as."""

    own: list[str]  # in order, repetitions kept; their number is the length of the text
    further: list[str]  # other spellings of its words, in any order


class Token(NamedTuple):
    """What stands at one place of a text: the term that is indexed, and the word that a phrase is compared with."""

    term: str
    group: str  # the head of the term; of two characters of an unspaced script the whole term
    word: str  # folded, not stemmed; of two characters of an unspaced script the first one
    other: str  # its other spelling (`other_spelling`), folded; mostly equal


def analyse(text: str, analyser: Analyser) -> Terms:
    """Return the index terms of a text.

    Runs of Hangul and of scripts written without spaces become overlapping pairs of characters, with any analyser. The
    last character is a term, too, so that each character begins one.

    Raises:
        ValueError: If there is no such analyser here.
    """
    vocabulary = vocabulary_of(analyser)
    plain = typed(text)
    text_stretches = stretches(plain)
    own_terms = [token.term for stretch in text_stretches for token in vocabulary.own_tokens(stretch)]
    further_terms = (
        [token.term for stretch in text_stretches for token in vocabulary.further_tokens(stretch)]
        if vocabulary.may_respell(plain)
        else []
    )
    for word in joined_words(plain, text_stretches, analyser):
        further_terms += (token.term for token in vocabulary.own_tokens(word))
        further_terms += (token.term for token in vocabulary.further_tokens(word))
    return Terms(own_terms, further_terms)


def terms(text: str, analyser: Analyser) -> list[str]:
    """Return the index terms in order, repetitions kept, without other spellings.

    Raises:
        ValueError: If there is no such analyser here.
    """
    vocabulary = vocabulary_of(analyser)
    return [token.term for stretch in stretches(typed(text)) for token in vocabulary.own_tokens(stretch)]


def anything_akin(term: str) -> str:
    """Return the query term that finds a term and all others with its head."""
    return f"{term.partition(' ')[0]} *"


class Vocabulary(dict[str, tuple[Token, ...]]):
    """The tokens of each stretch of text met so far, under one analyser: one for each of its words."""

    def __init__(self, analyser: Analyser) -> None:
        self._analyser = analyser
        self._stemmer = stemmer_of(analyser)
        self._further: dict[str, tuple[Token, ...]] = {}

    def __missing__(self, stretch: str) -> tuple[Token, ...]:
        if is_run(stretch):
            return _run_tokens([folded for folded, _ in folded_units(stretch)])
        all_spellings = self._token_spellings(stretch)
        tokens = tuple(spellings[0] for spellings in all_spellings)
        if len(stretch) <= _LONGEST_TERM:
            if len(self) >= _LARGEST_VOCABULARY:
                self.clear()
                self._further.clear()
            self[stretch] = tokens
            if further := tuple(spelling for spellings in all_spellings for spelling in spellings[1:]):
                self._further[stretch] = further
        return tokens

    def own_tokens(self, stretch: str) -> tuple[Token, ...]:
        """Return the tokens that count for a text's length: for a run of several characters, all but the last."""
        tokens = self[stretch]
        return tokens[:-1] if len(tokens) > 1 and is_run(stretch) else tokens

    def further_tokens(self, stretch: str) -> tuple[Token, ...]:
        """Return the other tokens of a stretch: the last character of a run, or other spellings."""
        return self[stretch][1:][-1:] if is_run(stretch) else self.respelled(stretch)

    def respelled(self, stretch: str) -> tuple[Token, ...]:
        """Return the tokens of other spellings of a stretch."""
        if not self.may_respell(stretch) or is_run(stretch):
            return ()
        if stretch not in self:
            _ = self[stretch]
        return self._further.get(stretch, ())

    def may_respell(self, text: str) -> bool:
        """Tell whether words of a text may have other spellings; a Turkish capital I is not an i."""
        return not text.isascii() or (self._analyser == "tr" and "I" in text)

    def term_spellings(self, stretch: str) -> list[tuple[str, ...]]:
        """Return, for each word of a stretch that is not a run, its term and those of its other spellings."""
        return [tuple(dict.fromkeys(token.term for token in spellings)) for spellings in self._token_spellings(stretch)]

    def _token_spellings(self, stretch: str) -> list[tuple[Token, ...]]:
        all_spellings = []
        for start, end in pieces(stretch):
            by_term: dict[str, Token] = {}
            for token in self._spellings(stretch[start:end]):
                by_term.setdefault(token.term, token)
            if by_term:
                all_spellings.append(tuple(by_term.values()))
        return all_spellings

    def _spellings(self, piece: str) -> Iterator[Token]:
        folded = fold(piece)
        if folded:
            spelling = other_spelling(piece, folded, self._analyser)
            refolded = fold(spelling) if spelling else ""
            yield self._token(piece, folded, refolded or folded)
            if refolded:
                yield self._token(spelling, refolded, refolded)
            if self._analyser not in _FOLDED_FIRST and self.may_respell(piece):
                for without_accents in dict.fromkeys((fold(spelled(piece, self._analyser)), folded)):
                    yield self._token(without_accents, without_accents, without_accents)

    def _token(self, piece: str, folded: str, respelled: str) -> Token:
        term = self._term(piece, folded[:_LONGEST_TERM])
        return Token(term, term.partition(" ")[0], sys.intern(folded), sys.intern(respelled))

    def _term(self, piece: str, folded: str) -> str:
        if self._stemmer is None:
            return folded
        as_folded = self._analyser in _FOLDED_FIRST or not SEPARATORS.isdisjoint(piece)  # U.S., 1,200
        word = base_form(folded if as_folded else spelled(piece, self._analyser)[:_LONGEST_TERM], self._analyser)
        folded = word if self._analyser == "en" else folded
        stem: str = self._stemmer.stemWord(word)
        while self._analyser in _STEMMED_AGAIN and (shorter := self._stemmer.stemWord(stem)) != stem:
            stem = shorter
        head = fold(stem) or folded
        if self._analyser != "en":
            return sys.intern(head)
        if is_plural_designation(folded):
            return sys.intern(folded[:-1])
        tail = uninflected(folded)
        return sys.intern(head if head == tail else f"{head} {tail}")


def _run_tokens(units: list[str]) -> tuple[Token, ...]:
    """Return a token for each character of a run, with the next character; the last has one by itself."""
    pairs = (Token(f"{left} {right}", f"{left} {right}", left, left) for left, right in pairwise(units))
    return (*pairs, *(Token(last, last, last, last) for last in units[-1:]))


class Read(NamedTuple):
    """The tokens of one text, as numbers (`Numbers`)."""

    own: list[int]  # at each place, in order
    length: int  # in terms, as `Terms.own`
    respelled: list[int]  # other spellings of single words
    compounds: list[int]  # what may as well be one word


class Numbers:
    """Numbers of tokens, in the order in which texts bring them: a text is read at once and counted by its numbers."""

    def __init__(self) -> None:
        self.tokens: dict[tuple[Analyser, Token], int] = {}
        self._by_stretch: dict[Analyser, dict[str, tuple[int, ...]]] = {}

    def read(self, text: str, analyser: Analyser) -> Read:
        """Return the tokens of a text; raises ValueError if there is no such analyser here."""
        vocabulary = vocabulary_of(analyser)
        numbers_of = self._by_stretch.get(analyser)
        if numbers_of is None:
            numbers_of = self._by_stretch[analyser] = _StretchNumbers(self.tokens, analyser, vocabulary)
        plain = typed(text)
        text_stretches = stretches(plain)
        numbers = list(chain.from_iterable(map(numbers_of.__getitem__, text_stretches)))
        length, respelled = len(numbers), []
        if vocabulary.may_respell(plain):
            length -= sum(len(numbers_of[stretch]) > 1 for stretch in text_stretches if is_run(stretch))
            respelled = [token for stretch in text_stretches for token in vocabulary.respelled(stretch)]
        compounds = [
            token
            for word in joined_words(plain, text_stretches, analyser)
            for token in (*vocabulary[word], *vocabulary.respelled(word))
        ]
        return Read(numbers, length, self._numbers(analyser, respelled), self._numbers(analyser, compounds))

    def _numbers(self, analyser: Analyser, tokens: list[Token]) -> list[int]:
        return [self.tokens.setdefault((analyser, token), len(self.tokens)) for token in tokens]


class _StretchNumbers(dict[str, tuple[int, ...]]):
    """The numbers of the tokens of each stretch."""

    def __init__(self, tokens: dict[tuple[Analyser, Token], int], analyser: Analyser, vocabulary: Vocabulary) -> None:
        self._tokens, self._analyser, self._vocabulary = tokens, analyser, vocabulary

    def __missing__(self, stretch: str) -> tuple[int, ...]:
        tokens, analyser = self._tokens, self._analyser
        numbers = tuple(tokens.setdefault((analyser, token), len(tokens)) for token in self._vocabulary[stretch])
        if len(stretch) <= _LONGEST_TERM and not is_run(stretch):
            self[stretch] = numbers
        return numbers


class _PerThread(threading.local):
    """The vocabularies of one thread: a Stemmer serves one thread at a time, and a lock would not survive a fork."""

    def __init__(self) -> None:
        self.vocabularies: dict[Analyser, Vocabulary] = {}


_PER_THREAD = _PerThread()


def vocabulary_of(analyser: Analyser) -> Vocabulary:
    """Return this thread's vocabulary; raises ValueError if there is no such analyser here."""
    vocabulary = _PER_THREAD.vocabularies.get(analyser)
    if vocabulary is None:
        vocabulary = _PER_THREAD.vocabularies[analyser] = Vocabulary(analyser)
    return vocabulary
