"""Where phrases and excluded words stand: places decide, and texts only where places cannot.

Two words may as well be written as one (Wi-Fi, wifi), and then stand at no place of their own; what such words may
decide is read. So are articles whose passages do not have the words of their text one after the other.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from semsearch import words
from semsearch.deadlines import Deadline
from semsearch.engines.local.arrays import Mask
from semsearch.engines.local.bm25 import Lists
from semsearch.engines.local.corpus import Corpus, Ints
from semsearch.engines.local.postings import Lexicon, Postings, distinct, spread, tail_digest, term_keys, word_key
from semsearch.engines.local.segment import Segment

_MANY_GROUPS = 16
"""A word that is in more of them (a character of an unspaced script) proposes nothing where another one does."""

_AT_ONCE = 1 << 16
"""Passages whose words are looked through at once; the clock is looked at in between."""

_NONE = np.zeros(0, dtype=np.int64)

Table = npt.NDArray[np.uint16]
Eligible = Callable[[Ints], Mask]
"""Which of some articles, ascending, count."""


def phrase_rows(corpus: Corpus, phrase: str, allowed: Mask, deadline: Deadline) -> Mask:
    """Mark (rows,) the passages in which a phrase begins; all of an article whose headline has it.

    Args:
        allowed: (articles,), the others are not looked at.
    """
    mask = np.zeros(corpus.rows, dtype=np.bool_)
    asked = [words.query_words(phrase, analyser) for analyser in corpus.analysers[0]]
    having = _Having(corpus, [own if own else None for own in asked])
    mask[_standing(corpus, phrase, allowed, having, deadline)] = True
    return mask


def excluded_articles(corpus: Corpus, excluded: str, allowed: Mask, deadline: Deadline) -> Ints:
    """Return the allowed articles that have a word, in any of its forms, or a phrase word for word."""
    found = np.zeros(corpus.articles, dtype=np.bool_)
    several: list[Sequence[words.QueryWord] | None] = []
    for analyser in corpus.analysers[0]:
        asked = words.query_words(excluded, analyser)
        if len(asked) != 1:
            several.append(asked or None)
            continue
        (word,) = asked
        longer = tuple(spelling for spelling in word.spellings if len(spelling) > 1)
        several.append([word._replace(spellings=longer)] if longer else None)
        keys = [term_keys(analyser, form[0]) for form in word.forms if len(form) == 1]
        deadline.check()
        found[articles_having(corpus, keys)] = True
    left = allowed & ~found
    if any(several):
        rows = _standing(corpus, excluded, left, _Having(corpus, several), deadline)
        found[corpus.row_articles[rows]] = True
    return np.flatnonzero(found & allowed)


def articles_having(corpus: Corpus, keys: Sequence[tuple[int, int]]) -> Ints:
    """Return the articles that have a term under any of these keys, first and last, in headline or text."""
    found = [_NONE]
    for segment, base in zip(corpus.segments, corpus.first_articles.tolist(), strict=False):
        own = [segment.lexicon.tokens_of(first, last) for first, last in keys]
        tokens = distinct(np.concatenate([_NONE, *own]))
        if tokens.size:
            found.append(_with_tokens(segment, tokens) + base)
    return np.concatenate(found)


class _Having:
    """Which articles have every word of a phrase, in any spelling of each, as some analyser reads it."""

    def __init__(self, corpus: Corpus, asked: Sequence[Sequence[words.QueryWord] | None]) -> None:
        """Take the words for each analyser; None where no article of it counts."""
        self._statistics, self._asked = corpus.article_statistics, asked
        self._lists: dict[tuple[int, str], Lists] = {}

    def __call__(self, articles: Ints) -> Mask:
        mask = np.zeros(len(articles), dtype=np.bool_)
        for code, asked in enumerate(self._asked):
            if asked is not None:
                here = np.flatnonzero(self._statistics.codes[articles] == code)
                for word in asked:
                    here = here[self._has(code, word, articles[here])]
                mask[here] = True
        return mask

    def _has(self, code: int, word: words.QueryWord, articles: Ints) -> Mask:
        found = np.zeros(len(articles), dtype=np.bool_)
        for spelling in word.spellings:
            found |= np.logical_and.reduce([self._of(code, term).counts_at(articles) > 0 for term in spelling])
        return found

    def _of(self, code: int, term: str) -> Lists:
        if (code, term) not in self._lists:
            keys = term_keys(self._statistics.analysers[code], term)
            (self._lists[code, term],) = self._statistics.lists([[keys]])
        return self._lists[code, term]


def _standing(corpus: Corpus, phrase: str, allowed: Mask, eligible: Eligible, deadline: Deadline) -> Ints:
    """Return the rows of allowed and eligible articles in which a phrase begins, and all of those with a headline."""
    readings = [_Reading.of(reading) for reading in words.readings(phrase)]
    found = [_NONE]
    for number, segment in enumerate(corpus.segments if readings else ()):
        deadline.check()
        first_article, first_row = int(corpus.first_articles[number]), int(corpus.first_rows[number])
        rows, titles, doubtful = _in_segment(segment, readings, deadline)
        rows = np.union1d(rows, _rows_of(segment, titles))
        irregular = segment.lexicon.irregular
        rows = rows[~np.isin(segment.row_articles[rows], irregular)]
        articles = distinct(segment.row_articles[rows])
        own = np.searchsorted(articles, segment.row_articles[rows])
        kept = allowed[first_article + articles]
        kept[kept] = eligible(first_article + articles[kept])
        found.append(first_row + rows[kept[own]])
        unsure = np.union1d(doubtful, irregular)
        unsure = unsure[allowed[first_article + unsure]]
        for article in unsure[eligible(first_article + unsure)].tolist():
            deadline.check()
            found.append(first_row + _read(segment, article, phrase))
    return distinct(np.concatenate(found))


def _read(segment: Segment, article: int, phrase: str) -> Ints:
    """Return the rows of an article in which a phrase begins, or all where the headline has it, by its text."""
    read = segment.read(article)
    first, last = segment.first_rows[[article, article + 1]].tolist()
    if words.contains(read.metadata.title, phrase):
        return np.arange(first, last)
    starts = words.occurrences(read.text, phrase)
    begins = segment.spans[first:last, 0]
    return np.asarray(first + np.maximum(np.searchsorted(begins, starts, side="right") - 1, 0))


class _Reading(NamedTuple):
    """The words of a phrase in one way of writing them."""

    keys: Sequence[int]  # of each word
    tails: Sequence[int]  # of each, as the second of two characters

    @classmethod
    def of(cls, own: Sequence[str]) -> "_Reading":
        return cls(list(map(word_key, own)), list(map(tail_digest, own)))


def _in_segment(segment: Segment, readings: Sequence[_Reading], deadline: Deadline) -> tuple[Ints, Ints, Ints]:
    """Return the rows in which a phrase begins, articles whose headlines have it, and those that have to be read."""
    lexicon = segment.lexicon
    rows, titles = [_NONE], [_NONE]
    every = np.zeros(len(lexicon.keys), dtype=np.bool_)
    for reading in readings:
        for respelled in (False, True):
            tokens = {key: lexicon.tokens_reading(key, respelled=respelled) for key in reading.keys}
            for own in tokens.values():
                every[own] = True
            if all(own.size for own in tokens.values()) and (not respelled or _differ(lexicon, tokens.values())):
                own_rows, own_titles = _Sequence(segment, reading, tokens).found(deadline)
                rows.append(own_rows)
                titles.append(own_titles)
    doubtful = lexicon.others(every, compounds=True, about=True)
    of_rows = segment.row_articles[lexicon.others(every, compounds=True, about=False)]
    return distinct(np.concatenate(rows)), distinct(np.concatenate(titles)), np.union1d(doubtful, of_rows)


def _differ(lexicon: Lexicon, tokens: Iterable[Ints]) -> bool:
    """Say whether any of the tokens has an umlaut or the like."""
    return any((lexicon.words[own, 0] != lexicon.words[own, 1]).any() for own in tokens)


class _Sequence:
    """Words that stand one after the other in the texts of one segment."""

    def __init__(self, segment: Segment, reading: _Reading, tokens: dict[int, Ints]) -> None:
        """Take the tokens that stand for each word."""
        self._segment, self._lexicon, self._reading, self._tokens = segment, segment.lexicon, reading, tokens
        self._table: Table = np.zeros(len(self._lexicon.keys), dtype=np.uint16)
        numbers = {key: number for number, key in enumerate(tokens, start=1)}
        for key, own in tokens.items():
            self._table[own] = numbers[key]
        self._numbers = [numbers[key] for key in reading.keys]

    def found(self, deadline: Deadline) -> tuple[Ints, Ints]:
        """Return the rows in which they begin, and the articles whose headlines have them."""
        segment, lexicon = self._segment, self._lexicon
        options = self._options()
        rows = self._in_all(options)
        places = lexicon.row_places.astype(np.int64)
        found = [_NONE]
        for part in _parts(rows):
            deadline.check()
            at, _ = self._matches(lexicon.places, places[part], places[part + 1] - places[part])
            found.append(part[at])
        for part in _parts(self._behind_ends(options[0], places)):
            deadline.check()
            articles = segment.row_articles[part]
            reach = len(self._numbers) - 1
            begins = np.maximum(places[part] - reach, places[segment.first_rows[articles]])
            ends = np.minimum(places[part] + reach, places[segment.first_rows[articles + 1]])
            at, within = self._matches(lexicon.places, begins, ends - begins)
            found.append(np.searchsorted(places, begins[at] + within, side="right") - 1)
        articles = distinct(segment.row_articles[rows])
        begins, ends = lexicon.about_places[articles].astype(np.int64).T
        at, _ = self._matches(lexicon.about, begins, ends - begins)
        return distinct(np.concatenate(found)), distinct(articles[at])

    def _options(self) -> list[list[Postings]]:
        """Return lists of passages, of which all have one that has the phrase: of each word, the rarest first."""
        lexicon, found = self._lexicon, []
        for number, key in enumerate(self._reading.keys):
            tokens = self._tokens[key]
            following = self._reading.tails[number + 1 : number + 2]
            if following:  # of two characters the second one is the next word, or they end a run
                tails = lexicon.tails(tokens)
                tokens = tokens[(tails == 0) | (tails == np.uint64(following[0]))]
            groups = lexicon.groups_with(tokens).tolist()
            found.append([lexicon.group(group, articles=False) for group in groups])
        few = [own for own in found if len(own) <= _MANY_GROUPS]
        return sorted(few or found[:1], key=lambda own: sum(len(one.packed) for one in own))

    @staticmethod
    def _in_all(options: Sequence[Sequence[Postings]]) -> Ints:
        """Return the passages, ascending, that are in a list of each option."""
        first, *others = options
        rows = distinct(np.concatenate([_NONE, *(one.units.astype(np.int64) for one in first)]))
        for option in others:
            mask = np.zeros(len(rows), dtype=np.bool_)
            for one in option:
                mask |= one.counts_at(rows) > 0
            rows = rows[mask]
        return rows

    def _behind_ends(self, option: Sequence[Postings], places: Ints) -> Ints:
        """Return the rows that follow another of their article, near whose beginning the phrase may stand."""
        segment, reach = self._segment, len(self._numbers) - 1
        if not reach:
            return _NONE
        rows = self._in_all([option])
        if int(np.diff(places).min(initial=reach)) < reach:  # a phrase may go through several
            rows = _rows_of(segment, distinct(segment.row_articles[rows]))
        rows = np.union1d(rows, rows + 1)
        rows = rows[rows < segment.entry.passages]
        return np.asarray(rows[segment.first_rows[segment.row_articles[rows]] != rows])

    def _matches(self, read: Callable[[Ints, Ints], Ints], begins: Ints, counts: Ints) -> tuple[Ints, Ints]:
        """Return where the words stand within stretches of places: which stretch, and how far from its begin."""
        numbers = self._table[read(begins, counts)]
        ends = np.cumsum(counts)
        at = np.flatnonzero(numbers == self._numbers[0])
        owners = np.searchsorted(ends, at, side="right")
        inside = at + len(self._numbers) <= ends[owners]
        at, owners = at[inside], owners[inside]
        for further, number in enumerate(self._numbers[1:], start=1):
            kept = numbers[at + further] == number
            at, owners = at[kept], owners[kept]
        return owners, at - (ends - counts)[owners]


def _parts(rows: Ints) -> Iterator[Ints]:
    for begin in range(0, len(rows), _AT_ONCE):
        yield rows[begin : begin + _AT_ONCE]


def _rows_of(segment: Segment, articles: Ints) -> Ints:
    return spread(segment.first_rows[articles], np.diff(segment.first_rows)[articles])


def _with_tokens(segment: Segment, tokens: Ints) -> Ints:
    """Return the articles of a segment that have any of these tokens, ascending, in headline or text."""
    lexicon = segment.lexicon
    table = np.zeros(len(lexicon.keys), dtype=np.bool_)
    table[tokens] = True
    groups = lexicon.groups_with(tokens).tolist()
    having = [lexicon.group(group, articles=True).units.astype(np.int64) for group in groups]
    articles = distinct(np.concatenate([_NONE, *having]))
    if all(lexicon.is_whole(group, tokens) for group in groups):
        begins, ends = lexicon.about_places[articles, 1].astype(np.int64), lexicon.about_places[articles + 1, 0]
        published = distinct(_owners(table, lexicon.about, begins, ends - begins))
        unsure = articles[published]  # its postings say nothing of its text
    else:
        unsure = articles
    rows = distinct(
        np.concatenate([_NONE, *(lexicon.group(group, articles=False).units.astype(np.int64) for group in groups)])
    )
    rows = rows[np.isin(segment.row_articles[rows], unsure)]
    places = lexicon.row_places.astype(np.int64)
    own = [np.setdiff1d(articles, unsure)]
    for part in _parts(rows):
        at = _owners(table, lexicon.places, places[part], places[part + 1] - places[part])
        own.append(segment.row_articles[part[at]])
    begins, ends = lexicon.about_places[unsure].astype(np.int64).T
    own.append(unsure[_owners(table, lexicon.about, begins, ends - begins)])
    own.append(lexicon.others(table, compounds=False, about=True))
    own.append(segment.row_articles[lexicon.others(table, compounds=False, about=False)])
    return distinct(np.concatenate(own))


def _owners(table: Mask, read: Callable[[Ints, Ints], Ints], begins: Ints, counts: Ints) -> Ints:
    """Return which stretches of places have a token that a table marks, some more than once."""
    return np.asarray(np.searchsorted(np.cumsum(counts), np.flatnonzero(table[read(begins, counts)]), side="right"))
