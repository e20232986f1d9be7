"""Where phrases and excluded words stand: places decide, and texts are read only where places cannot.

Two words may also be written as one (Wi-Fi, wifi), and then have no places of their own: where such words may decide,
the text is read. So are the texts of articles whose passages do not have their words one after the other.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
from semsearch.engines.local.runs import Ints, among, distinct, first_of_each, spread, union, without
from semsearch.engines.local.segment import Segment
from semsearch.engines.local.term_statistics import Lists
from semsearch.engines.local.terms import tail_digest, term_keys, word_key
from semsearch.engines.local.written_apart import written_apart

_MANY_GROUPS = 16
"""A word in more groups (a character of an unspaced script) proposes no rows if another word does."""

_AT_ONCE = 1 << 16
"""Passages whose words are looked through between two checks of the deadline."""

_NONE = np.zeros(0, dtype=np.int64)

Table = npt.NDArray[np.uint16]

_TokensByKeys = Mapping[tuple[int, ...], Ints]
"""By the keys of a word's spellings: the tokens that stand for it."""


def phrase_rows(corpus: Corpus, phrase: str, allowed: Mask, deadline: Deadline) -> Mask:
    """Mark, (rows,), the passages in which a phrase begins, and all of an article whose headline has it.

    Args:
        allowed: (articles,), the others are not looked at.
    """
    mask = np.zeros(corpus.rows, dtype=np.bool_)
    words_by_code = [words.query_words(words.without_and(phrase), analyser) or None for analyser in corpus.analysers[0]]
    has_every_word = _HasEveryWord(corpus, words_by_code)
    mask[_rows_with_phrase(corpus, phrase, allowed, has_every_word, deadline)] = True
    return mask


def excluded_articles(corpus: Corpus, excluded: str, allowed: Mask, deadline: Deadline) -> Ints:
    """Return the allowed articles that have a word, in any of its forms, or a phrase word for word."""
    is_excluded = np.zeros(corpus.articles, dtype=np.bool_)
    phrases: list[Sequence[words.QueryWord] | None] = []
    for analyser in corpus.analysers[0]:
        query_words = words.query_words(excluded, analyser)
        if len(query_words) != 1:
            phrases.append(words.query_words(words.without_and(excluded), analyser) or None)
            continue
        (word,) = query_words
        longer = tuple(spelling for spelling in word.spellings if len(spelling) > 1)
        phrases.append([word._replace(spellings=longer)] if longer else None)
        keys = [term_keys(analyser, form[0]) for form in word.forms if len(form) == 1]
        deadline.check()
        is_excluded[articles_with_terms(corpus, keys)] = True
    remaining = allowed & ~is_excluded
    if any(phrases):
        rows = _rows_with_phrase(corpus, excluded, remaining, _HasEveryWord(corpus, phrases), deadline)
        is_excluded[corpus.row_articles[rows]] = True
    return np.flatnonzero(is_excluded & allowed)


def articles_with_terms(corpus: Corpus, keys: Sequence[tuple[int, int]]) -> Ints:
    """Return the articles that have a term in any of these ranges of keys, first and last, in headline or text."""
    parts = [_NONE]
    for segment, base in zip(corpus.segments, corpus.first_articles.tolist(), strict=False):
        token_parts = [segment.lexicon.tokens_of(first, last) for first, last in keys]
        tokens = distinct(np.concatenate([_NONE, *token_parts]))
        if tokens.size:
            parts.append(_with_tokens(segment, tokens) + base)
    return np.concatenate(parts)


class _HasEveryWord:
    """Marks the articles that have every word of a phrase, in any spelling, as their analyser reads it."""

    def __init__(self, corpus: Corpus, words_by_code: Sequence[Sequence[words.QueryWord] | None]) -> None:
        """Take the words for each analyser; None where no article of it counts."""
        self._statistics, self._words_by_code = corpus.article_statistics, words_by_code
        self._lists: dict[tuple[int, str], Lists] = {}

    def __call__(self, articles: Ints) -> Mask:
        mask = np.zeros(len(articles), dtype=np.bool_)
        for code, query_words in enumerate(self._words_by_code):
            if query_words is not None:
                remaining = np.flatnonzero(self._statistics.codes[articles] == code)
                for word in query_words:
                    remaining = remaining[self._has(code, word, articles[remaining])]
                mask[remaining] = True
        return mask

    def covers(self, lexicon: Lexicon, tokens: Iterable[Ints]) -> bool:
        """Tell whether every text of a segment that has one of each word's tokens has every word."""
        if len(lexicon.analysers) > 1:
            return False
        (analyser,) = lexicon.analysers
        query_words = self._words_by_code[self._statistics.analysers.index(analyser)]
        groups = [lexicon.groups_at(word_tokens) for word_tokens in tokens]
        sure = {int(word_groups[0]) for word_groups in groups if len(word_groups) == 1}

        def is_sure(word: words.QueryWord) -> bool:
            return any(all(term_keys(analyser, term)[0] in sure for term in spelling) for spelling in word.spellings)

        return query_words is not None and all(map(is_sure, query_words))

    def _has(self, code: int, word: words.QueryWord, articles: Ints) -> Mask:
        mask, located = np.zeros(len(articles), dtype=np.bool_), self._statistics.located(articles)
        for spelling in word.spellings:
            mask |= np.logical_and.reduce([self._lists_of(code, term).counts_at(located) > 0 for term in spelling])
        return mask

    def _lists_of(self, code: int, term: str) -> Lists:
        if (code, term) not in self._lists:
            keys = term_keys(self._statistics.analysers[code], term)
            (self._lists[code, term],) = self._statistics.lists([[keys]])
        return self._lists[code, term]


def _rows_with_phrase(
    corpus: Corpus, phrase: str, allowed: Mask, has_every_word: _HasEveryWord, deadline: Deadline
) -> Ints:
    """Return the rows in which a phrase begins, and all of articles whose headlines have it.

    Args:
        allowed: (articles,), the others are not looked at.
        has_every_word: marks the articles that count.
    """
    statistics = corpus.article_statistics
    codes_by_readings: dict[tuple[words.Reading, ...], list[int]] = {}
    for code, analyser in enumerate(statistics.analysers):
        codes_by_readings.setdefault(tuple(words.readings(phrase, analyser)), []).append(code)
    parts = [_NONE]
    for phrase_readings, codes in codes_by_readings.items():
        allowed_articles = allowed if len(codes_by_readings) == 1 else allowed & np.isin(statistics.codes, codes)
        parts += _rows_by_readings(corpus, phrase, phrase_readings, allowed_articles, has_every_word, deadline)
    return np.concatenate(parts)


def _rows_by_readings(
    corpus: Corpus,
    phrase: str,
    phrase_readings: Sequence[words.Reading],
    allowed: Mask,
    has_every_word: _HasEveryWord,
    deadline: Deadline,
) -> Iterator[Ints]:
    """Yield the same rows of the articles whose analyser gives a phrase these readings."""
    readings = [_PhraseReading.of(reading) for reading in phrase_readings]
    for number, segment in enumerate(corpus.segments if readings else ()):
        deadline.check()
        first_article, first_row = int(corpus.first_articles[number]), int(corpus.first_rows[number])
        own_allowed = allowed[first_article : first_article + segment.entry.articles]
        rows, doubtful, covered = _find_in_segment(segment, readings, has_every_word, deadline)
        irregular = segment.lexicon.irregular
        of_rows = segment.row_articles[rows]
        begins = first_of_each(of_rows)
        articles = of_rows[begins]
        is_match = own_allowed[articles]
        is_match[among(articles, irregular)] = False
        if not covered:
            is_match[is_match] = has_every_word(first_article + articles[is_match])
        yield first_row + rows[np.repeat(is_match, np.diff(np.append(begins, len(rows))))]
        unsure = union(doubtful, irregular)
        unsure = unsure[own_allowed[unsure]]
        for article in unsure[has_every_word(first_article + unsure)].tolist():
            deadline.check()
            yield first_row + _rows_by_text(segment, article, phrase)


def _rows_by_text(segment: Segment, article: int, phrase: str) -> Ints:
    """Read an article and return its rows in which a phrase begins, or all where the headline has the phrase."""
    stored = segment.read(article)
    text, metadata = stored.text, stored.metadata
    first, last = segment.first_rows[[article, article + 1]].tolist()
    analyser = words.analyser_of(metadata.language, text)
    if words.contains(metadata.title, phrase, analyser):
        return np.arange(first, last)
    starts = words.occurrences(text, phrase, analyser)
    begins = segment.spans[first:last, 0]
    return np.asarray(first + np.maximum(np.searchsorted(begins, starts, side="right") - 1, 0))


class _PhraseReading(NamedTuple):
    """The words of a phrase, in one way of writing them."""

    spelled: words.Reading
    keys: Sequence[tuple[int, ...]]  # of each word, one for each spelling
    tails: Sequence[int]  # of each, as the second of two characters

    @classmethod
    def of(cls, reading: words.Reading) -> "_PhraseReading":
        keys = [tuple(map(word_key, spellings)) for spellings in reading]
        return cls(reading, keys, [tail_digest(spellings[0]) for spellings in reading])


def _find_in_segment(
    segment: Segment, readings: Sequence[_PhraseReading], has_every_word: _HasEveryWord, deadline: Deadline
) -> tuple[Ints, Ints, bool]:
    """Look for a phrase at the places of words.

    Returns:
        The rows, ascending, in which it begins, with all rows of articles whose headlines have it; the articles that
        have to be read; whether all articles of these rows are known to have every word of the phrase.
    """
    lexicon = segment.lexicon
    rows, covered = [_NONE], True
    is_word = np.zeros(len(lexicon.keys), dtype=np.bool_)
    tokens_reading = cache(lexicon.tokens_reading)
    for reading in readings:
        tokens = {keys: distinct(np.concatenate(list(map(tokens_reading, keys)))) for keys in reading.keys}
        for word_tokens in tokens.values():
            is_word[word_tokens] = True
        if all(word_tokens.size for word_tokens in tokens.values()):
            pair = _common_pair(lexicon, reading.keys, tokens)
            rows.append(_Sequence(segment, reading, tokens).find_rows(deadline) if pair is None else pair)
            covered &= has_every_word.covers(lexicon, tokens.values())
    certain = _united(segment.entry.passages, rows)
    # Rows that certainly have the phrase are not in doubt, even if its words are also written as one there.
    doubtful = without(lexicon.other_spellings(is_word, compounds=True, about=False), certain)
    titles = lexicon.other_spellings(is_word, compounds=True, about=True)
    begins, ends = np.searchsorted(certain, segment.first_rows[np.stack([titles, titles + 1])])
    titles = titles[ends - begins < segment.first_rows[titles + 1] - segment.first_rows[titles]]
    apart = written_apart(segment, [reading.spelled for reading in readings], doubtful, titles)
    doubtful_articles = segment.row_articles[without(doubtful, apart.settled_rows)]
    titles = without(titles, apart.settled_titles)
    return (
        _united(segment.entry.passages, [certain, apart.rows]),
        union(titles, doubtful_articles),
        covered and not apart.rows.size,
    )


def _united(size: int, parts: Sequence[Ints]) -> Ints:
    """Return the numbers that are in any of several lists, ascending and each once; all are below a size."""
    parts = [part for part in parts if len(part)]
    if len(parts) < 2:
        return distinct(parts[0]) if parts else _NONE
    mask = np.zeros(size, dtype=np.bool_)
    for part in parts:
        mask[part] = True
    return np.flatnonzero(mask)


def _common_pair(lexicon: Lexicon, keys: Sequence[tuple[int, ...]], tokens: _TokensByKeys) -> Ints | None:
    """Return the rows with a phrase that is a pair of common words, which are listed as they are written; else None."""
    if len(keys) != 2 or any((lexicon.words[tokens[spellings], 0] != spellings[0]).any() for spellings in keys):
        return None
    return lexicon.pair(keys[0][0], keys[1][0])


class _Sequence:
    """Words that stand one after the other in the texts of one segment."""

    def __init__(self, segment: Segment, reading: _PhraseReading, tokens: _TokensByKeys) -> None:
        """Take the tokens that stand for each word."""
        self._segment, self._lexicon, self._reading, self._tokens = segment, segment.lexicon, reading, tokens
        self._table: Table = np.zeros(len(self._lexicon.keys), dtype=np.uint16)
        numbers = self._number(tokens)
        self._numbers = [numbers[keys] for keys in reading.keys]

    def _number(self, tokens: _TokensByKeys) -> dict[tuple[int, ...], list[int]]:
        """Give tokens numbers in the table, and return those of each word; a token may stand for several words."""
        numbers: dict[tuple[int, ...], list[int]] = {}
        last = 0
        for keys, word_tokens in tokens.items():
            before, own = self._table[word_tokens], []
            for earlier in distinct(before).tolist():
                last += 1
                own.append(last)
                self._table[word_tokens[before == earlier]] = last
                for others in numbers.values() if earlier else ():
                    others += [last] if earlier in others else []
            numbers[keys] = own
        return numbers

    def find_rows(self, deadline: Deadline) -> Ints:
        """Return the rows, ascending, in which the words begin, and all of articles whose headlines have them."""
        segment, lexicon = self._segment, self._lexicon
        rows = self._rows_with_all()
        row_places, first_rows = lexicon.row_places, segment.first_rows
        parts = [_NONE]
        for batch in _batches(rows):
            deadline.check()
            begins, ends = row_places[batch].astype(np.int64), row_places[batch + 1].astype(np.int64)
            matched, _ = self._matches(lexicon.places, begins, ends - begins)
            parts.append(batch[matched])
        reach = len(self._numbers) - 1
        for batch in _batches(self._behind_ends(reach) if reach else _NONE):
            deadline.check()
            articles, middle = segment.row_articles[batch], row_places[batch].astype(np.int64)
            begins = np.maximum(middle - reach, row_places[first_rows[articles]])
            ends = np.minimum(middle + reach, row_places[first_rows[articles + 1]])
            matched, within = self._matches(lexicon.places, begins, ends - begins)
            parts.append(np.searchsorted(row_places, (begins[matched] + within).astype(np.uint32), side="right") - 1)
        articles = _articles_of(segment, rows)
        begins, ends = lexicon.about_places[articles].astype(np.int64).T
        matched, _ = self._matches(lexicon.about, begins, ends - begins)
        parts.append(_rows_of(segment, articles[np.sort(matched)]))
        return _united(segment.entry.passages, parts)

    @cached_property
    def _options(self) -> list[list[Postings]]:
        """For each word its postings, one of which has any row with the phrase; empty if they are too many to use."""
        lexicon, options = self._lexicon, []
        for number, keys in enumerate(self._reading.keys):
            tokens = self._tokens[keys]
            following = self._reading.tails[number + 1 : number + 2]
            if following:  # the second of two characters is the next word, unless they end a run
                tails = lexicon.tails(tokens)
                tokens = tokens[(tails == 0) | (tails == np.uint64(following[0]))]
            groups = lexicon.groups_with(tokens).tolist()
            are_few = len(groups) <= _MANY_GROUPS or len(self._reading.keys) == 1
            options.append([lexicon.group(group, articles=False) for group in groups] if are_few else [])
        return options

    def _rarest(self) -> list[list[Postings]]:
        return sorted(filter(None, self._options), key=_posting_count)

    def _rows_with_all(self) -> Ints:
        """Return the rows, ascending, that have all words and so may have the phrase."""
        rarest, *more_options = self._rarest()
        rows = self._rows_with_any(rarest)
        for option in more_options:
            rows = rows[_are_in(option, rows)]
        return rows

    def _rows_with_any(self, option: Sequence[Postings]) -> Ints:
        size = self._segment.entry.passages
        return _united(size, [postings.units_below(size) for postings in option])

    def _behind_ends(self, reach: int) -> Ints:
        """Return the rows, not the first of their articles, around whose beginnings the phrase may stand."""
        segment, size = self._segment, self._segment.entry.passages
        first, last = self._options[0], self._options[-1]
        if not first or not last:
            rows = self._of_articles(np.ones(segment.entry.articles, dtype=np.bool_))
        else:
            rows = _united(size, [self._between(first, last), self._of_articles(self._articles_with_short(reach))])
        return np.asarray(rows[segment.first_rows[segment.row_articles[rows]] != rows])

    def _between(self, first: Sequence[Postings], last: Sequence[Postings]) -> Ints:
        """Return the rows that have the last word, and whose predecessors have the first."""
        if _posting_count(first) < _posting_count(last):
            rows = self._rows_with_any(first) + 1
            rows = rows[rows < self._segment.entry.passages]
            return np.asarray(rows[_are_in(last, rows)])
        rows = self._rows_with_any(last)
        rows = rows[rows > 0]
        return np.asarray(rows[_are_in(first, rows - 1)])

    def _articles_with_short(self, reach: int) -> Mask:
        """Mark, (articles,), those with a passage so short that the phrase may go through several passages."""
        mask = np.zeros(self._segment.entry.articles, dtype=np.bool_)
        mask[self._segment.row_articles[self._lexicon.short_rows(reach)]] = True
        return mask

    def _of_articles(self, wanted: Mask) -> Ints:
        """Return all rows of the wanted articles that have the rarest word."""
        if not wanted.any():
            return _NONE
        articles = _articles_of(self._segment, self._rows_with_any(self._rarest()[0]))
        return _rows_of(self._segment, articles[wanted[articles]])

    def _matches(self, read: Callable[[Ints, Ints], Ints], begins: Ints, counts: Ints) -> tuple[Ints, Ints]:
        """Return where the words begin within stretches of places: the stretch, and how far from its begin."""
        numbers = self._table[read(begins, counts)]
        ends = np.cumsum(counts)
        begun = np.flatnonzero(_are_any(numbers, self._numbers[0]))
        owners = np.searchsorted(ends, begun, side="right")
        inside = begun + len(self._numbers) <= ends[owners]
        begun, owners = begun[inside], owners[inside]
        for distance, word_numbers in enumerate(self._numbers[1:], start=1):
            is_match = _are_any(numbers[begun + distance], word_numbers)
            begun, owners = begun[is_match], owners[is_match]
        return owners, begun - (ends - counts)[owners]


def _are_any(numbers: Table, wanted: Sequence[int]) -> Mask:
    return np.asarray(np.logical_or.reduce([numbers == number for number in wanted]))


def _batches(rows: Ints) -> Iterator[Ints]:
    for begin in range(0, len(rows), _AT_ONCE):
        yield rows[begin : begin + _AT_ONCE]


def _rows_of(segment: Segment, articles: Ints) -> Ints:
    return spread(segment.first_rows[articles], segment.first_rows[articles + 1] - segment.first_rows[articles])


def _articles_of(segment: Segment, rows: Ints) -> Ints:
    """Return the articles of rows, ascending and each once."""
    articles = segment.row_articles[rows]
    return articles[first_of_each(articles)]


def _posting_count(option: Sequence[Postings]) -> int:
    return sum(len(postings.packed) for postings in option)


def _are_in(option: Sequence[Postings], rows: Ints) -> Mask:
    """Mark the rows, ascending, that are in any of the lists."""
    mask, keys = np.zeros(len(rows), dtype=np.bool_), unit_keys(rows)
    for postings in option:
        indexes, _ = postings.look_up(keys)
        mask[indexes] = True
    return mask


def _with_tokens(segment: Segment, tokens: Ints) -> Ints:
    """Return the articles of a segment that have any of these tokens, ascending, in headline or text."""
    lexicon, size = segment.lexicon, segment.entry.articles
    table = np.zeros(len(lexicon.keys), dtype=np.bool_)
    table[tokens] = True
    groups = lexicon.groups_with(tokens).tolist()
    is_match, is_unsure = np.zeros((2, size), dtype=np.bool_)
    for group in groups:
        articles = lexicon.group(group, articles=True).units_below(size)
        if lexicon.is_whole(group, tokens):
            is_match[articles] = True
        else:
            unusual = lexicon.unusual(group)
            is_unsure[articles[unusual]] = True
            is_match[articles[~unusual]] |= table[lexicon.usual(group)]
    # The words of a publisher's name do not count.
    articles = np.flatnonzero(is_match)
    begins, ends = lexicon.about_places[articles, 1].astype(np.int64), lexicon.about_places[articles + 1, 0]
    is_unsure[articles[_owners(table, lexicon.about, begins, ends - begins)]] = True
    is_match &= ~is_unsure
    unsure = np.flatnonzero(is_unsure)
    begins, ends = lexicon.about_places[unsure].astype(np.int64).T
    is_match[unsure[_owners(table, lexicon.about, begins, ends - begins)]] = True
    is_match[lexicon.other_spellings(table, compounds=False, about=True)] = True
    is_match[segment.row_articles[lexicon.other_spellings(table, compounds=False, about=False)]] = True
    rows = _united(
        segment.entry.passages,
        [lexicon.group(group, articles=False).units_below(segment.entry.passages) for group in groups],
    )
    rows = rows[(is_unsure & ~is_match)[segment.row_articles[rows]]]
    for batch in _batches(rows):
        begins, ends = lexicon.row_places[batch].astype(np.int64), lexicon.row_places[batch + 1].astype(np.int64)
        is_match[segment.row_articles[batch[_owners(table, lexicon.places, begins, ends - begins)]]] = True
    return np.flatnonzero(is_match)


def _owners(table: Mask, read: Callable[[Ints, Ints], Ints], begins: Ints, counts: Ints) -> Ints:
    """Return the stretches of places that have a token which a table marks, some of them more than once."""
    return np.asarray(np.searchsorted(np.cumsum(counts), np.flatnonzero(table[read(begins, counts)]), side="right"))
