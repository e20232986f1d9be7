"""Where phrases and excluded words stand: places decide, and texts only where places cannot.

Two words may as well be written as one (Wi-Fi, wifi), and then stand at no place of their own; what such words may
decide is read. So are articles whose passages do not have the words of their text one after the other.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from semsearch import words
from semsearch.deadlines import Deadline
from semsearch.engines.local.arrays import Mask
from semsearch.engines.local.corpus import Corpus
from semsearch.engines.local.lexicon import Lexicon
from semsearch.engines.local.postings import Postings, unit_keys
from semsearch.engines.local.runs import Ints, distinct, first_of_each, spread, union
from semsearch.engines.local.segment import Segment
from semsearch.engines.local.term_statistics import Lists
from semsearch.engines.local.terms import tail_digest, term_keys, word_key
from semsearch.engines.local.written_apart import written_apart

_MANY_GROUPS = 16
"""A word that is in more of them (a character of an unspaced script) proposes nothing where another one does."""

_AT_ONCE = 1 << 16
"""Passages whose words are looked through at once; the clock is looked at in between."""

_NONE = np.zeros(0, dtype=np.int64)

Table = npt.NDArray[np.uint16]


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

    def covers(self, lexicon: Lexicon, tokens: Iterable[Ints]) -> bool:
        """Say whether all texts of a segment have every word that have one token of each kind."""
        if len(lexicon.analysers) > 1:
            return False
        (name,) = lexicon.analysers
        asked = self._asked[self._statistics.analysers.index(name)]
        groups = [lexicon.groups_at(own) for own in tokens]
        sure = {int(own[0]) for own in groups if len(own) == 1}
        return asked is not None and all(
            any(all(term_keys(name, term)[0] in sure for term in spelling) for spelling in word.spellings)
            for word in asked
        )

    def _has(self, code: int, word: words.QueryWord, articles: Ints) -> Mask:
        found, located = np.zeros(len(articles), dtype=np.bool_), self._statistics.located(articles)
        for spelling in word.spellings:
            found |= np.logical_and.reduce([self._of(code, term).counts_at(located) > 0 for term in spelling])
        return found

    def _of(self, code: int, term: str) -> Lists:
        if (code, term) not in self._lists:
            keys = term_keys(self._statistics.analysers[code], term)
            (self._lists[code, term],) = self._statistics.lists([[keys]])
        return self._lists[code, term]


def _standing(corpus: Corpus, phrase: str, allowed: Mask, having: _Having, deadline: Deadline) -> Ints:
    """Return the rows in which a phrase begins, and all of articles whose headlines have it.

    Args:
        allowed: (articles,), the others are not looked at.
        having: says which of the articles count.
    """
    statistics = corpus.article_statistics
    ways: dict[tuple[tuple[str, ...], ...], list[int]] = {}
    for code, name in enumerate(statistics.analysers):
        ways.setdefault(tuple(words.readings(phrase, name)), []).append(code)
    found = [_NONE]
    for way, codes in ways.items():
        own = allowed if len(ways) == 1 else allowed & np.isin(statistics.codes, codes)
        found += _standing_so(corpus, phrase, way, own, having, deadline)
    return np.concatenate(found)


def _standing_so(
    corpus: Corpus,
    phrase: str,
    way: Sequence[tuple[str, ...]],
    allowed: Mask,
    having: _Having,
    deadline: Deadline,
) -> Iterator[Ints]:
    """Yield the same rows of articles whose analyser gives a phrase these readings."""
    readings = [_Reading.of(reading) for reading in way]
    for number, segment in enumerate(corpus.segments if readings else ()):
        deadline.check()
        first_article, first_row = int(corpus.first_articles[number]), int(corpus.first_rows[number])
        own_allowed = allowed[first_article : first_article + segment.entry.articles]
        rows, doubtful, covered = _in_segment(segment, readings, having, deadline)
        irregular = segment.lexicon.irregular
        of_rows = segment.row_articles[rows]
        begins = first_of_each(of_rows)
        articles = of_rows[begins]
        kept = own_allowed[articles]
        kept[np.isin(articles, irregular)] = False
        if not covered:
            kept[kept] = having(first_article + articles[kept])
        yield first_row + rows[np.repeat(kept, np.diff(np.append(begins, len(rows))))]
        unsure = union(doubtful, irregular)
        unsure = unsure[own_allowed[unsure]]
        for article in unsure[having(first_article + unsure)].tolist():
            deadline.check()
            yield first_row + _read(segment, article, phrase)


def _read(segment: Segment, article: int, phrase: str) -> Ints:
    """Return the rows of an article in which a phrase begins, or all where the headline has it, by its text."""
    read = segment.read(article)
    first, last = segment.first_rows[[article, article + 1]].tolist()
    analyser = words.analyser_of(read.metadata.language, read.text)
    if words.contains(read.metadata.title, phrase, analyser):
        return np.arange(first, last)
    starts = words.occurrences(read.text, phrase, analyser)
    begins = segment.spans[first:last, 0]
    return np.asarray(first + np.maximum(np.searchsorted(begins, starts, side="right") - 1, 0))


class _Reading(NamedTuple):
    """The words of a phrase in one way of writing them."""

    words: Sequence[str]  # folded
    keys: Sequence[int]  # of each word
    tails: Sequence[int]  # of each, as the second of two characters

    @classmethod
    def of(cls, own: Sequence[str]) -> "_Reading":
        return cls(own, list(map(word_key, own)), list(map(tail_digest, own)))


def _in_segment(
    segment: Segment, readings: Sequence[_Reading], having: _Having, deadline: Deadline
) -> tuple[Ints, Ints, bool]:
    """Look for a phrase where words stand.

    Returns:
        The rows, ascending, in which it begins, with all of articles whose headlines have it; articles that have to be
        read; whether all that have the phrase have every word of it.
    """
    lexicon = segment.lexicon
    rows, covered = [_NONE], True
    every = np.zeros(len(lexicon.keys), dtype=np.bool_)
    tokens_reading = cache(lexicon.tokens_reading)
    for reading in readings:
        for respelled in (False, True):
            tokens = {key: tokens_reading(key, respelled=respelled) for key in reading.keys}
            for own in tokens.values():
                every[own] = True
            if all(own.size for own in tokens.values()) and (not respelled or _differ(lexicon, tokens.values())):
                pair = None if respelled or len(reading.keys) != 2 else lexicon.pair(*reading.keys)
                rows.append(_Sequence(segment, reading, tokens).found(deadline) if pair is None else pair)
                covered &= having.covers(lexicon, tokens.values())
    found = _united(segment.entry.passages, rows)
    # Where the phrase stands in any case nothing is in doubt, though its words may be written as one there, too.
    doubtful = np.setdiff1d(lexicon.others(every, compounds=True, about=False), found, assume_unique=True)
    titles = lexicon.others(every, compounds=True, about=True)
    begins, ends = np.searchsorted(found, segment.first_rows[np.stack([titles, titles + 1])])
    titles = titles[ends - begins < segment.first_rows[titles + 1] - segment.first_rows[titles]]
    apart = written_apart(segment, [reading.words for reading in readings], doubtful, titles)
    left = segment.row_articles[np.setdiff1d(doubtful, apart.settled_rows, assume_unique=True)]
    titles = np.setdiff1d(titles, apart.settled_titles, assume_unique=True)
    return (
        _united(segment.entry.passages, [found, apart.rows]),
        union(titles, left),
        covered and not apart.rows.size,
    )


def _united(size: int, parts: Sequence[Ints]) -> Ints:
    """Return what is in any of several lists of numbers below a size, ascending and each once."""
    parts = [part for part in parts if len(part)]
    if len(parts) < 2:
        return distinct(parts[0]) if parts else _NONE
    mask = np.zeros(size, dtype=np.bool_)
    for part in parts:
        mask[part] = True
    return np.flatnonzero(mask)


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

    def found(self, deadline: Deadline) -> Ints:
        """Return the rows, ascending, in which they begin, and all of articles whose headlines have them."""
        segment, lexicon = self._segment, self._lexicon
        rows = self._in_all()
        places, first_rows = lexicon.row_places, segment.first_rows
        found = [_NONE]
        for part in _parts(rows):
            deadline.check()
            begins, ends = places[part].astype(np.int64), places[part + 1].astype(np.int64)
            at, _ = self._matches(lexicon.places, begins, ends - begins)
            found.append(part[at])
        reach = len(self._numbers) - 1
        for part in _parts(self._behind_ends(reach) if reach else _NONE):
            deadline.check()
            articles, middle = segment.row_articles[part], places[part].astype(np.int64)
            begins = np.maximum(middle - reach, places[first_rows[articles]])
            ends = np.minimum(middle + reach, places[first_rows[articles + 1]])
            at, within = self._matches(lexicon.places, begins, ends - begins)
            found.append(np.searchsorted(places, (begins[at] + within).astype(np.uint32), side="right") - 1)
        of_rows = segment.row_articles[rows]
        articles = of_rows[first_of_each(of_rows)]
        begins, ends = lexicon.about_places[articles].astype(np.int64).T
        at, _ = self._matches(lexicon.about, begins, ends - begins)
        found.append(_rows_of(segment, articles[np.sort(at)]))
        return _united(segment.entry.passages, found)

    @cached_property
    def _options(self) -> list[list[Postings]]:
        """For each word lists of passages, of which all have one that have the phrase; none where those are many."""
        lexicon, found = self._lexicon, []
        for number, key in enumerate(self._reading.keys):
            tokens = self._tokens[key]
            following = self._reading.tails[number + 1 : number + 2]
            if following:  # of two characters the second one is the next word, or they end a run
                tails = lexicon.tails(tokens)
                tokens = tokens[(tails == 0) | (tails == np.uint64(following[0]))]
            groups = lexicon.groups_with(tokens).tolist()
            few = len(groups) <= _MANY_GROUPS or len(self._reading.keys) == 1
            found.append([lexicon.group(group, articles=False) for group in groups] if few else [])
        return found

    def _rarest(self) -> list[list[Postings]]:
        return sorted(filter(None, self._options), key=_size)

    def _in_all(self) -> Ints:
        """Return the rows, ascending, that may have the whole phrase."""
        first, *others = self._rarest()
        rows = self._in_any(first)
        for option in others:
            rows = rows[_have(option, rows)]
        return rows

    def _in_any(self, option: Sequence[Postings]) -> Ints:
        return _united(self._segment.entry.passages, [one.units_below(self._segment.entry.passages) for one in option])

    def _behind_ends(self, reach: int) -> Ints:
        """Return the rows that follow another of their article, near whose beginning the phrase may stand."""
        segment, size = self._segment, self._segment.entry.passages
        first, last = self._options[0], self._options[-1]
        if not first or not last:
            rows = self._of_articles(np.ones(segment.entry.articles, dtype=np.bool_))
        else:
            rows = _united(size, [self._between(first, last), self._of_articles(self._with_short(reach))])
        return np.asarray(rows[segment.first_rows[segment.row_articles[rows]] != rows])

    def _between(self, first: Sequence[Postings], last: Sequence[Postings]) -> Ints:
        """Return the rows that have the last word, and of which the one before has the first."""
        if _size(first) < _size(last):
            rows = self._in_any(first) + 1
            rows = rows[rows < self._segment.entry.passages]
            return np.asarray(rows[_have(last, rows)])
        rows = self._in_any(last)
        rows = rows[rows > 0]
        return np.asarray(rows[_have(first, rows - 1)])

    def _with_short(self, reach: int) -> Mask:
        """Mark (articles,) those with a passage that is so short that the phrase may go through several."""
        mask = np.zeros(self._segment.entry.articles, dtype=np.bool_)
        mask[self._segment.row_articles[self._lexicon.short_rows(reach)]] = True
        return mask

    def _of_articles(self, wanted: Mask) -> Ints:
        """Return all rows of the wanted articles that have the rarest word."""
        if not wanted.any():
            return _NONE
        articles = _articles_of(self._segment, self._in_any(self._rarest()[0]))
        return _rows_of(self._segment, articles[wanted[articles]])

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
    return spread(segment.first_rows[articles], segment.first_rows[articles + 1] - segment.first_rows[articles])


def _articles_of(segment: Segment, rows: Ints) -> Ints:
    """Return the articles of rows, ascending and each once."""
    articles = segment.row_articles[rows]
    return articles[first_of_each(articles)]


def _size(option: Sequence[Postings]) -> int:
    return sum(len(one.packed) for one in option)


def _have(option: Sequence[Postings], rows: Ints) -> Mask:
    """Return of rows whether each is in any of the lists."""
    mask, keys = np.zeros(len(rows), dtype=np.bool_), unit_keys(rows)
    for one in option:
        having, _ = one.look_up(keys)
        mask[having] = True
    return mask


def _with_tokens(segment: Segment, tokens: Ints) -> Ints:
    """Return the articles of a segment that have any of these tokens, ascending, in headline or text."""
    lexicon, size = segment.lexicon, segment.entry.articles
    table = np.zeros(len(lexicon.keys), dtype=np.bool_)
    table[tokens] = True
    groups = lexicon.groups_with(tokens).tolist()
    having, is_unsure = np.zeros((2, size), dtype=np.bool_)
    for group in groups:
        articles = lexicon.group(group, articles=True).units_below(size)
        if lexicon.is_whole(group, tokens):
            having[articles] = True
        else:
            unusual = lexicon.unusual(group)
            is_unsure[articles[unusual]] = True
            having[articles[~unusual]] |= table[lexicon.usual(group)]
    # A word of the publisher's name is no word of the text.
    articles = np.flatnonzero(having)
    begins, ends = lexicon.about_places[articles, 1].astype(np.int64), lexicon.about_places[articles + 1, 0]
    is_unsure[articles[_owners(table, lexicon.about, begins, ends - begins)]] = True
    having &= ~is_unsure
    unsure = np.flatnonzero(is_unsure)
    begins, ends = lexicon.about_places[unsure].astype(np.int64).T
    having[unsure[_owners(table, lexicon.about, begins, ends - begins)]] = True
    having[lexicon.others(table, compounds=False, about=True)] = True
    having[segment.row_articles[lexicon.others(table, compounds=False, about=False)]] = True
    rows = _united(
        segment.entry.passages,
        [lexicon.group(group, articles=False).units_below(segment.entry.passages) for group in groups],
    )
    rows = rows[(is_unsure & ~having)[segment.row_articles[rows]]]
    for part in _parts(rows):
        begins, ends = lexicon.row_places[part].astype(np.int64), lexicon.row_places[part + 1].astype(np.int64)
        having[segment.row_articles[part[_owners(table, lexicon.places, begins, ends - begins)]]] = True
    return np.flatnonzero(having)


def _owners(table: Mask, read: Callable[[Ints, Ints], Ints], begins: Ints, counts: Ints) -> Ints:
    """Return which stretches of places have a token that a table marks, some more than once."""
    return np.asarray(np.searchsorted(np.cumsum(counts), np.flatnonzero(table[read(begins, counts)]), side="right"))
