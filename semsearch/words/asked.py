"""Owns the words of a query: each in every way in which a text may write it."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from semsearch.words.analysers import Analyser
from semsearch.words.compounds import Compound, compounds
from semsearch.words.korean import noun_length
from semsearch.words.pairs import pairs
from semsearch.words.phrases import folded_units
from semsearch.words.stretches import is_run, pieces, stretch_pattern, typed
from semsearch.words.terms import Vocabulary, analyse, anything_akin, vocabulary_of


class QueryWord(NamedTuple):
    """One word of a query. Terms that end in " *" stand for all with that head (`terms`)."""

    written: str
    spellings: tuple[tuple[str, ...], ...]
    """A text has the word if it has every index term of one of these."""
    parts: tuple[tuple[str, ...], ...]
    """What a text is ranked by: it has a part of the word for each of these of which it has a term."""
    forms: tuple[tuple[str, ...], ...]
    """As `spellings`, of the word in its plurals and tenses alone, without what is merely akin."""

    def has_form_in(self, text: str, analyser: Analyser) -> bool:
        """Say whether a text has a form that is one term."""
        found = set(chain.from_iterable(analyse(text, analyser)))
        heads = {anything_akin(term) for term in found}
        return any(len(form) == 1 and (form[0] in found or form[0] in heads) for form in self.forms)


@lru_cache(64)  # of a query many ask: passages, articles, what it lacks
def query_words(text: str, analyser: Analyser) -> tuple[QueryWord, ...]:
    """Return the words of a query in order, each once. A run of an unspaced script is one word of several terms."""
    found: dict[tuple[tuple[str, ...], ...], QueryWord] = {}
    for word in _words(typed(text), analyser):
        if word.spellings:
            found.setdefault(word.spellings, word)
    return tuple(found.values())


def _words(plain: str, analyser: Analyser) -> Iterator[QueryWord]:
    vocabulary = vocabulary_of(analyser)
    coming = iter([*compounds(plain), None])
    compound = next(coming)
    pair_words = _pair_words(plain, analyser)
    inside: list[tuple[str, ...]] = []
    for stretch in stretch_pattern(plain.isascii()).finditer(plain):
        outside: list[tuple[str, ...]] = []
        for spellings, start in _pieces(stretch.group(), stretch.start(), vocabulary):
            while compound and compound.span[1] <= start:
                yield _compound(plain, compound, inside, vocabulary)
                inside, compound = [], next(coming)
            (inside if compound and compound.span[0] <= start else outside).append(spellings)
        if is_run(stretch.group()):
            yield _run(stretch.group(), vocabulary)
        elif outside:
            yield _word(stretch.group(), outside, pair_words.get(stretch.start(), ()), vocabulary)
    if compound:
        yield _compound(plain, compound, inside, vocabulary)


def _pair_words(plain: str, analyser: Analyser) -> dict[int, list[str]]:
    """Return by where a word begins what it makes together with the word before it, or behind it."""
    found: dict[int, list[str]] = {}
    for (start, _), second, word in pairs(plain, analyser):
        found.setdefault(start, []).append(word)
        found.setdefault(second, []).append(word)
    return found


def _pieces(stretch: str, base: int, vocabulary: Vocabulary) -> Iterator[tuple[tuple[str, ...], int]]:
    for start, end in () if is_run(stretch) else pieces(stretch):
        for spellings in vocabulary.spelled(stretch[start:end]):
            yield spellings, base + start


def _run(run: str, vocabulary: Vocabulary) -> QueryWord:
    own = _pairs_of_run(run, vocabulary)
    units = [folded for folded, _ in folded_units(run)]
    noun = _pairs_of_run("".join(units[: noun_length(units)]), vocabulary)
    return QueryWord(run, tuple(dict.fromkeys((own, noun))), tuple((term,) for term in own), (own,))


def _pairs_of_run(run: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    terms = (token.term for token in vocabulary.own(run))
    return tuple(dict.fromkeys(term if " " in term else anything_akin(term) for term in terms))


def _word(written: str, found: list[tuple[str, ...]], pair_words: Sequence[str], vocabulary: Vocabulary) -> QueryWord:
    """Return a word as it is written, or as the words that it makes with its neighbours, which stand for it."""
    longer = tuple(term for word in pair_words for term in _terms(word, vocabulary))
    forms = tuple(dict.fromkeys((*_ways(found), *((term,) for term in longer))))
    return QueryWord(written, _akin(forms), _different_parts((*spellings, *longer) for spellings in found), forms)


def _compound(plain: str, compound: Compound, found: list[tuple[str, ...]], vocabulary: Vocabulary) -> QueryWord:
    written = plain[slice(*compound.span)]
    whole = _terms(compound.whole, vocabulary) if compound.whole else ()
    alone = tuple((term,) for term in whole)
    if compound.is_tight:
        return QueryWord(written, _akin(alone), _different_parts([whole]), alone)
    apart = _ways(found)
    parts = []
    for number, spellings in enumerate(found):
        # Two parts that make a word stand for each of them.
        partial = [_terms(word, vocabulary) for first, word in compound.partial if first in (number - 1, number)]
        parts.append((*spellings, *whole, *chain.from_iterable(partial)))
    forms = tuple(dict.fromkeys((*alone, *apart)))
    return QueryWord(written, _akin(forms), _different_parts(parts), forms)


def _terms(word: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the terms of a word that a compound makes, if it is one word."""
    found = vocabulary.spelled(word)
    return found[0] if len(found) == 1 else ()


def _ways(found: list[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """Return the ways to spell words one after the other: all as they are, or all otherwise where they can be."""
    most = max(map(len, found), default=0)
    ways = (tuple(dict.fromkeys(spellings[min(at, len(spellings) - 1)] for spellings in found)) for at in range(most))
    return tuple(dict.fromkeys(ways))


def _different_parts(parts: Iterable[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    return tuple(dict.fromkeys(tuple(dict.fromkeys(map(anything_akin, part))) for part in parts))


def _akin(forms: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(dict.fromkeys(tuple(dict.fromkeys(map(anything_akin, terms))) for terms in forms))
