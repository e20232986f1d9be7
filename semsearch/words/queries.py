"""The words of a query, each in every way in which a text may write it."""

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

_Spelled = Sequence[tuple[str, ...]]
"""Words in a row, each as the terms of its spellings."""


class QueryWord(NamedTuple):
    """One word of a query. Terms that end in " *" stand for all with that head (`terms`)."""

    written: str
    spellings: tuple[tuple[str, ...], ...]
    """A text has the word if it has every index term of one of these."""
    parts: tuple[tuple[str, ...], ...]
    """What a text is ranked by: it has a part of the word if it has any term of that part."""
    forms: tuple[tuple[str, ...], ...]
    """As `spellings`, but only the plurals and tenses of the word, not what is merely akin to it."""

    def has_form_in(self, text: str, analyser: Analyser) -> bool:
        """Tell whether a text has a form that is one term."""
        text_terms = set(chain.from_iterable(analyse(text, analyser)))
        heads = {anything_akin(term) for term in text_terms}
        return any(len(form) == 1 and (form[0] in text_terms or form[0] in heads) for form in self.forms)


@lru_cache(64)  # several parts of a search ask for the words of one query
def query_words(text: str, analyser: Analyser) -> tuple[QueryWord, ...]:
    """Return the words of a query in order, each once. A run of an unspaced script is one word of several terms."""
    words: dict[tuple[tuple[str, ...], ...], QueryWord] = {}
    for word in _words(typed(text), analyser):
        if word.spellings:
            words.setdefault(word.spellings, word)
    return tuple(words.values())


def _words(plain: str, analyser: Analyser) -> Iterator[QueryWord]:
    vocabulary = vocabulary_of(analyser)
    upcoming = iter([*compounds(plain), None])
    compound = next(upcoming)
    pair_words = _pair_words(plain, analyser)
    compound_spellings: list[tuple[str, ...]] = []
    for stretch in stretch_pattern(plain.isascii()).finditer(plain):
        word_spellings: list[tuple[str, ...]] = []
        for spellings, start in _pieces(stretch.group(), stretch.start(), vocabulary):
            while compound and compound.span[1] <= start:
                yield _compound_word(plain, compound, compound_spellings, vocabulary)
                compound_spellings, compound = [], next(upcoming)
            is_inside = compound is not None and compound.span[0] <= start
            (compound_spellings if is_inside else word_spellings).append(spellings)
        if is_run(stretch.group()):
            yield _run_word(stretch.group(), vocabulary)
        elif word_spellings:
            yield _single_word(stretch.group(), word_spellings, pair_words.get(stretch.start(), ()), vocabulary)
    if compound:
        yield _compound_word(plain, compound, compound_spellings, vocabulary)


def _pair_words(plain: str, analyser: Analyser) -> dict[int, list[str]]:
    """Return, by the offset of each word, the words that it makes with the word before or after it."""
    words_by_start: dict[int, list[str]] = {}
    for (start, _), second, word in pairs(plain, analyser):
        words_by_start.setdefault(start, []).append(word)
        words_by_start.setdefault(second, []).append(word)
    return words_by_start


def _pieces(stretch: str, base: int, vocabulary: Vocabulary) -> Iterator[tuple[tuple[str, ...], int]]:
    for start, end in () if is_run(stretch) else pieces(stretch):
        for spellings in vocabulary.term_spellings(stretch[start:end]):
            yield spellings, base + start


def _run_word(run: str, vocabulary: Vocabulary) -> QueryWord:
    run_terms = _pairs_of_run(run, vocabulary)
    units = [folded for folded, _ in folded_units(run)]
    noun_terms = _pairs_of_run("".join(units[: noun_length(units)]), vocabulary)
    parts = tuple((term,) for term in run_terms)
    return QueryWord(run, tuple(dict.fromkeys((run_terms, noun_terms))), parts, (run_terms,))


def _pairs_of_run(run: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    terms = (token.term for token in vocabulary.own_tokens(run))
    return tuple(dict.fromkeys(term if " " in term else anything_akin(term) for term in terms))


def _single_word(written: str, spelled: _Spelled, pair_words: Sequence[str], vocabulary: Vocabulary) -> QueryWord:
    """Return a word as it is written, or as the words that it makes with its neighbours, which stand for it."""
    pair_terms = [term for word in pair_words for term in _terms(word, vocabulary)]
    forms = tuple(dict.fromkeys((*_ways_to_spell(spelled), *((term,) for term in pair_terms))))
    parts = _different_parts((*spellings, *pair_terms) for spellings in spelled)
    return QueryWord(written, _any_akin(forms), parts, forms)


def _compound_word(plain: str, compound: Compound, spelled: _Spelled, vocabulary: Vocabulary) -> QueryWord:
    written = plain[slice(*compound.span)]
    whole_terms = _terms(compound.whole, vocabulary) if compound.whole else ()
    joined_forms = tuple((term,) for term in whole_terms)
    if compound.is_tight:
        return QueryWord(written, _any_akin(joined_forms), _different_parts([whole_terms]), joined_forms)
    apart_forms = _ways_to_spell(spelled)
    parts = []
    for number, spellings in enumerate(spelled):
        # Two parts that make a word stand for each of them.
        partial = [_terms(word, vocabulary) for first, word in compound.partial if first in (number - 1, number)]
        parts.append((*spellings, *whole_terms, *chain.from_iterable(partial)))
    forms = tuple(dict.fromkeys((*joined_forms, *apart_forms)))
    return QueryWord(written, _any_akin(forms), _different_parts(parts), forms)


def _terms(word: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the terms of a word that a compound or a pair makes, if it is one word."""
    spelled = vocabulary.term_spellings(word)
    return spelled[0] if len(spelled) == 1 else ()


def _ways_to_spell(spelled: _Spelled) -> tuple[tuple[str, ...], ...]:
    """Return the ways to spell words in a row: all by their first spelling, then by the second, or else the last."""
    ways: dict[tuple[str, ...], None] = {}
    for number in range(max(map(len, spelled), default=0)):
        terms = (spellings[min(number, len(spellings) - 1)] for spellings in spelled)
        ways[tuple(dict.fromkeys(terms))] = None
    return tuple(ways)


def _different_parts(parts: Iterable[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    return tuple(dict.fromkeys(tuple(dict.fromkeys(map(anything_akin, part))) for part in parts))


def _any_akin(forms: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(dict.fromkeys(tuple(dict.fromkeys(map(anything_akin, terms))) for terms in forms))
