"""The words of one segment: what stands at each place of its texts, and where each word stands. Written and read here.

A *token* is a term together with the word that it was made of (`words.Token`); tokens are numbered. The *places* of a
segment are its passages' tokens, one passage after the other, and, apart from them, those of headlines and publishers.
All else follows from the places: for each *group* of tokens that are looked up together (all that share a head), the
passages and the articles that have one of them, and how often. Headline and publisher are words of every passage.
"""

import hashlib
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from semsearch import words
from semsearch.engines.local.arrays import Mask, Shape, checked, damaged, read_arrays, write_arrays
from semsearch.files import Seal
from semsearch.ports import Floats
from semsearch.text import Span
from semsearch.types import Metadata

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]
Packed = npt.NDArray[np.uint32]
Tokens = npt.NDArray[np.int32]

_FILE = "terms.arrays"
_SHAPES: Mapping[str, Shape] = {
    "token_keys": ("u8", None),
    "token_words": ("u4", None, 2),
    "group_keys": ("u8", None),
    "group_tokens": ("u4", None),
    "group_rows": ("u4", None),
    "group_articles": ("u4", None),
    "group_bounds": ("u1", None, 2),
    "group_usual": ("u4", None),
    "row_postings": ("u4", None),
    "row_many": ("u4", None, 2),
    "article_postings": ("u4", None),
    "article_many": ("u4", None, 2),
    "article_unusual": ("u1", None),
    "usual_tokens": ("u4", None),
    "places": ("u2", None),
    "place_rare": ("u4", None, 2),
    "row_places": ("u4", None),
    "about": ("u2", None),
    "about_rare": ("u4", None, 2),
    "about_places": ("u4", None, 2),
    "pair_keys": ("u8", None),
    "pair_spans": ("u4", None),
    "pair_rows": ("u4", None),
    "row_others": ("u4", None, 2),
    "about_others": ("u4", None, 2),
    "irregular": ("i4", None),
    "sizes": ("i8", 3),
    "lengths": ("i4", None),
    "length_classes": ("i4", 2, 16),
    "analysers": ("u1", None),
    "analyser_names": ("S8", None),
}

_CODE_BITS, _CLASS_BITS = 8, 4
_CODE = (1 << _CODE_BITS) - 1
_MANY = (1 << _CODE_BITS - _CLASS_BITS) - 1
"""A posting is a unit, how often it has the word, and of which class its length is, in one number: the latter two are
its code. A count of so many or more is looked up elsewhere."""

MOST_UNITS = 1 << 32 - _CODE_BITS
"""Of postings: there are no greater numbers."""

_CLASSES = 1 << _CLASS_BITS
UNBOUNDED = _MANY << _CLASS_BITS
"""A code that says no less than any other."""

_TAIL_BITS = 28
"""The rest is the head's. Of a million heads one in 70,000 queries would meet another, of 3,000 tails one in 90,000."""

_HEADS = np.uint64(((1 << 64) - 1) >> _TAIL_BITS << _TAIL_BITS)

_COMMON = 16
"""A word that stands at more places than there are so many passages each is common. Pairs of common words are listed:
they stand in too many passages to look through them all."""

_RARE = 65_535
"""At a place stands the number of one of so many tokens that stand most often, or this: which one is kept elsewhere."""

_SHORT = 8
"""Places. Which passages have fewer is remembered."""

_TOGETHER = 1 << 18
"""Places that postings are made of at once: a large segment takes little more memory than its words themselves."""

COMPOUND, PUBLISHER = 1 << 30, 1 << 31
"""Marks of tokens that stand at no place: several words written as one; of the publisher's name."""

_NUMBER = COMPOUND - 1


def term_key(analyser: words.Analyser, term: str) -> int:
    """Return what a term is filed under: digests of its head and its tail, so that all of a head lie together.

    The same letters are other terms in other languages.
    """
    head, _, tail = term.partition(" ")
    return _digest(f"{analyser}\0{head}") >> _TAIL_BITS << _TAIL_BITS | (tail_digest(tail) if tail else 0)


def term_keys(analyser: words.Analyser, term: str) -> tuple[int, int]:
    """Return the first and the last key under which lies what a term of a query finds (`words.QueryWord`)."""
    if not term.endswith(" *"):
        key = term_key(analyser, term)
        return key, key
    first = term_key(analyser, term.removesuffix(" *"))
    return first, first | ((1 << _TAIL_BITS) - 1)


def word_key(word: str) -> int:
    """Return what a folded word is compared by in phrases."""
    return _digest(word) & 0xFFFFFFFF


@lru_cache(1 << 17)
def _digest(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def tail_digest(tail: str) -> int:
    """Return what keys of terms with this tail end with."""
    return _digest(tail) >> (64 - _TAIL_BITS)


class Dictionary(NamedTuple):
    """Different tokens, in any order."""

    keys: Keys  # (tokens,): of their terms
    groups: Keys  # (tokens,): of what they are looked up with
    words: Packed  # (tokens, 2): of the word, and of the word with two letters for an umlaut and the like


class Terms(NamedTuple):
    """The tokens of articles and their passages, in order, as numbers in a dictionary."""

    dictionary: Dictionary
    places: Tokens  # (places,): one passage after the other
    row_counts: Ints  # (passages,): places of each
    about: Tokens  # the same of each article's headline and publisher
    about_counts: Ints  # (articles, 2): places of the headline, and of both
    row_others: Ints  # (n, 3): a passage, a token that is another spelling of its words, COMPOUND or 0
    about_others: Ints  # (n, 3): an article, the same, or with PUBLISHER
    irregular: Ints  # articles of which words stand in no passage, or in two, or are cut in two; ascending
    passages: Ints  # (articles,): of each
    lengths: Ints  # (passages + articles,): terms of each
    analysers: Sequence[words.Analyser]  # (articles,)


class Collector:
    """Reads articles, one after the other."""

    def __init__(self) -> None:
        self._numbers = words.Numbers()
        self._places, self._about = array("i"), array("i")
        self._row_counts, self._passages = array("q"), array("q")
        self._row_lengths, self._article_lengths = array("q"), array("q")
        self._about_counts: list[tuple[int, int]] = []
        self._row_others: list[tuple[int, int, int]] = []
        self._about_others: list[tuple[int, int, int]] = []
        self._irregular: list[int] = []
        self._analysers: list[words.Analyser] = []

    def add(self, article: Metadata, text: str, spans: Sequence[Span]) -> None:
        """Read an article.

        Args:
            spans: of its passages in the text.
        """
        analyser = words.analyser_of(article.language, text)
        title = self._numbers.read(article.title, analyser)
        publisher = self._numbers.read(article.publisher or "", analyser)
        number = len(self._analysers)
        self._about.extend(title.own)
        self._about.extend(publisher.own)
        self._about_counts.append((len(title.own), len(title.own) + len(publisher.own)))
        self._about_others += _marked(number, title, 0)
        self._about_others += _marked(number, publisher, PUBLISHER)
        about = title.length + publisher.length
        whole = about
        for start, end in spans:
            passage = self._numbers.read(text[start:end], analyser)
            self._row_others += _marked(len(self._row_counts), passage, 0)
            self._places.extend(passage.own)
            self._row_counts.append(len(passage.own))
            self._row_lengths.append(about + passage.length)
            whole += passage.length
        self._end(analyser, whole, len(spans))
        if not _is_regular(text, spans):
            self._irregular.append(number)

    def add_wordless(self, article: Metadata, passages: int) -> None:
        """Take an article that cannot be searched by words."""
        self._about_counts.append((0, 0))
        self._row_counts.extend([0] * passages)
        self._row_lengths.extend([0] * passages)
        self._end(words.analyser_of(article.language, ""), 0, passages)

    def _end(self, analyser: words.Analyser, length: int, passages: int) -> None:
        self._analysers.append(analyser)
        self._article_lengths.append(length)
        self._passages.append(passages)

    def terms(self) -> Terms:
        """Return what was read."""
        tokens = self._numbers.tokens
        keys = [
            (term_key(name, token.term), term_key(name, token.group), word_key(token.word), word_key(token.other))
            for name, token in tokens
        ]
        columns = np.array(keys, dtype=np.uint64).reshape(-1, 4)
        return Terms(
            Dictionary(columns[:, 0], columns[:, 1], columns[:, 2:].astype(np.uint32)),
            np.array(self._places, dtype=np.int32),
            _ints(self._row_counts),
            np.array(self._about, dtype=np.int32),
            np.array(self._about_counts, dtype=np.int64).reshape(-1, 2),
            np.array(self._row_others, dtype=np.int64).reshape(-1, 3),
            np.array(self._about_others, dtype=np.int64).reshape(-1, 3),
            np.array(self._irregular, dtype=np.int64),
            _ints(self._passages),
            np.concatenate([_ints(self._row_lengths), _ints(self._article_lengths)]),
            self._analysers,
        )


def _ints(values: "array[int]") -> Ints:
    return np.array(values, dtype=np.int64)


def _marked(place: int, read: words.Read, mark: int) -> list[tuple[int, int, int]]:
    return [
        *((place, token, mark) for token in read.respelled),
        *((place, token, mark | COMPOUND) for token in read.compounds),
    ]


_STOPS = frozenset("。！？…；")


def _is_regular(text: str, spans: Sequence[Span]) -> bool:
    """Say whether the words of a text are those of its passages, one after the other."""
    done = 0
    for start, end in spans:
        if start < done or end < start:
            return False
        between = text[done:start]
        if any(map(str.isalnum, between)):
            return False
        if done and not any(map(str.isspace, between)) and text[done - 1] not in _STOPS:
            return False
        done = end
    return not any(map(str.isalnum, text[done:]))


def write_terms(folder: Path, terms: Terms) -> Mapping[str, Seal]:
    """Write the words of a segment: the same texts give the same bytes, however their tokens were numbered."""
    dictionary, renumbered = _in_order(terms)
    places, about = renumbered[terms.places], renumbered[terms.about]
    row_others, about_others = (
        _sorted_others(np.stack([own[:, 0], renumbered[own[:, 1]], own[:, 2]], axis=1))
        for own in (terms.row_others, terms.about_others)
    )
    group_keys, group_tokens = np.unique(dictionary.groups, return_index=True)  # which are ascending
    group_of = np.repeat(np.arange(len(group_keys)), np.diff(np.append(group_tokens, len(dictionary.keys))))
    size, passages = len(dictionary.keys), len(terms.row_counts)
    often = [np.bincount(own, minlength=size) for own in (places, about, row_others[:, 1], about_others[:, 1])]
    usual = _usual(dictionary, group_tokens, np.sum(often, axis=0))
    is_unusual = dictionary.keys != dictionary.keys[usual][group_of]
    lengths = terms.lengths[:passages], terms.lengths[passages:]
    classes = [length_classes(own) for own in lengths]
    of_rows, of_articles = (_Gathering(len(group_keys), *both) for both in zip(lengths, classes, strict=True))
    word_numbers, common_words = _common(dictionary.words[:, 0], often[0], passages)
    pairs = [np.zeros((0, 3), dtype=np.int64)]
    for part in _parts(terms, places, about, row_others, about_others):
        groups, marks = group_of[part.tokens], is_unusual[part.tokens]
        of_rows.add(*part.with_rows(groups))
        of_articles.add(groups, part.articles, marks)
        pairs.append(part.pairs(word_numbers))
    usual_tokens, ranks = _by_frequency(often[0] + often[1])
    found_pairs = _pairs(np.concatenate(pairs), common_words)
    rows, articles = of_rows.lists(), of_articles.lists()
    names = sorted(set(terms.analysers))
    arrays: dict[str, npt.NDArray[Any]] = {
        "token_keys": dictionary.keys,
        "token_words": dictionary.words,
        "group_keys": group_keys,
        "group_tokens": np.append(group_tokens, size).astype(np.uint32),
        "group_rows": rows.spans.astype(np.uint32),
        "group_articles": articles.spans.astype(np.uint32),
        "group_usual": usual.astype(np.uint32),
        "group_bounds": np.stack([rows.bounds, articles.bounds], axis=1),
        "row_postings": rows.packed,
        "row_many": rows.many,
        "article_postings": articles.packed,
        "article_many": articles.many,
        "article_unusual": np.packbits(articles.marked),
        "usual_tokens": usual_tokens.astype(np.uint32),
        "places": ranks[places],
        "place_rare": _rare(places, ranks),
        "row_places": np.cumsum(np.append(0, terms.row_counts)).astype(np.uint32),
        "about": ranks[about],
        "about_rare": _rare(about, ranks),
        "about_places": _about_places(terms.about_counts),
        "pair_keys": found_pairs.keys,
        "pair_spans": found_pairs.spans,
        "pair_rows": found_pairs.rows,
        "row_others": _with_marks(row_others),
        "about_others": _with_marks(about_others),
        "irregular": terms.irregular.astype(np.int32),
        "sizes": np.array([len(row_others), len(about_others), len(terms.irregular)]),  # which nothing else tells
        "lengths": terms.lengths.astype(np.int32),  # of passages, then of articles
        "length_classes": np.stack(classes).astype(np.int32),
        "analysers": np.asarray([names.index(name) for name in terms.analysers], dtype=np.uint8),
        "analyser_names": np.asarray(names or [""], dtype="S8"),
    }
    return {_FILE: write_arrays(folder / _FILE, {name: arrays[name] for name in _SHAPES})}


class _Part(NamedTuple):
    """The tokens of some articles that follow each other, those of passages first, then those of headlines."""

    tokens: Ints  # (n,)
    articles: Ints  # (n,): of each
    rows: Ints  # (of_passages,): of the first of them; the others are in all passages of their articles
    first_rows: Ints  # (n,): of the article of each
    passages: Ints  # (n,): the same
    placed: int  # so many of the first stand at places, one after the other
    titles: Ints  # of those that stand in headlines, one after the other

    def with_rows(self, groups: Ints) -> tuple[Ints, Ints]:
        """Return the groups of tokens with their passages, each pair as often as it is there."""
        of_passages = len(self.rows)
        counts = self.passages[of_passages:]
        return (
            np.concatenate([groups[:of_passages], np.repeat(groups[of_passages:], counts)]),
            np.concatenate([self.rows, spread(self.first_rows[of_passages:], counts)]),
        )

    def pairs(self, words_of: Ints) -> Ints:
        """Return (n, 3): two common words that stand one after the other, and the passage in which they begin.

        Where a headline has them all passages of its article count.

        Args:
            words_of: (tokens,), a number for the word of each that is common; -1 for others.
        """
        own = words_of[self.tokens]
        at = _following(own[: self.placed] >= 0, self.articles[: self.placed])
        in_titles = self.titles[_following(own[self.titles] >= 0, self.articles[self.titles])]
        counts = self.passages[in_titles]
        of_titles = np.stack([own[in_titles], own[in_titles + 1]], axis=1)
        return np.concatenate(
            [
                np.stack([own[at], own[at + 1], self.rows[at]], axis=1),
                np.column_stack([np.repeat(of_titles, counts, axis=0), spread(self.first_rows[in_titles], counts)]),
            ]
        )


def _parts(terms: Terms, places: Tokens, about: Tokens, row_others: Ints, about_others: Ints) -> Iterator[_Part]:
    """Yield the tokens of all articles, in pieces of about so many that take little memory.

    Args:
        places: as in `Terms`, renumbered; the same for the others.
    """
    first_rows = np.cumsum(np.append(0, terms.passages))
    row_begins = np.cumsum(np.append(0, terms.row_counts))
    about_begins = np.cumsum(np.append(0, terms.about_counts[:, 1]))
    taken = row_begins[first_rows[1:]] + np.cumsum(terms.about_counts[:, 1] * terms.passages)
    pieces = max(1, -(-int(taken[-1]) // _TOGETHER)) if len(taken) else 0
    bounds = np.searchsorted(taken, [_TOGETHER * piece for piece in range(1, pieces)], side="right")
    for begin, end in pairwise(np.unique([0, *bounds, len(taken)]).tolist()):
        rows = np.arange(first_rows[begin], first_rows[end])
        articles = np.arange(begin, end)
        of_rows, of_articles = (
            own[slice(*np.searchsorted(own[:, 0], ends))]
            for own, ends in ((row_others, first_rows[[begin, end]]), (about_others, [begin, end]))
        )
        row_articles = np.repeat(articles, terms.passages[begin:end])
        placed = np.repeat(rows, terms.row_counts[rows])
        named = np.repeat(articles, terms.about_counts[begin:end, 1])
        in_passages = np.concatenate([placed, of_rows[:, 0]])
        owners = np.concatenate([row_articles[in_passages - first_rows[begin]], named, of_articles[:, 0]])
        within = np.arange(len(named)) - np.repeat(
            about_begins[begin:end] - about_begins[begin], terms.about_counts[begin:end, 1]
        )
        is_title = within < terms.about_counts[named, 0]
        yield _Part(
            np.concatenate(
                [
                    places[row_begins[first_rows[begin]] : row_begins[first_rows[end]]],
                    of_rows[:, 1],
                    about[about_begins[begin] : about_begins[end]],
                    of_articles[:, 1],
                ]
            ),
            owners,
            in_passages,
            first_rows[owners],
            terms.passages[owners],
            len(placed),
            len(in_passages) + np.flatnonzero(is_title),
        )


def _by_frequency(often: Ints) -> tuple[Ints, npt.NDArray[np.uint16]]:
    """Return the tokens that stand most often, most often first, and for each of all its number among these or _RARE.

    Args:
        often: (tokens,), how often each stands at a place.
    """
    usual = np.argsort(-often, kind="stable")[:_RARE]
    ranks = np.full(len(often), _RARE, dtype=np.uint16)
    ranks[usual] = np.arange(len(usual))
    return usual, ranks


def _rare(places: Tokens, ranks: npt.NDArray[np.uint16]) -> Packed:
    """Return (n, 2): where rare tokens stand, and which."""
    at = np.flatnonzero(ranks[places] == _RARE)
    return np.stack([at, places[at]], axis=1).astype(np.uint32)


def _in_order(terms: Terms) -> tuple[Dictionary, Tokens]:
    """Return the tokens that occur, in order of group, key and words, and for each old number the new one."""
    keys, groups, spellings = terms.dictionary
    used = np.zeros(len(keys), dtype=np.bool_)
    for numbers in (terms.places, terms.about, terms.row_others[:, 1], terms.about_others[:, 1]):
        used[numbers] = True
    order = np.lexsort((spellings[:, 1], spellings[:, 0], keys, groups))
    order = order[used[order]]
    columns = np.stack([groups, keys, spellings[:, 0], spellings[:, 1]], axis=1)[order]
    different = np.append(True, (columns[1:] != columns[:-1]).any(axis=1))[: len(order)]
    renumbered = np.zeros(len(keys), dtype=np.int32)
    renumbered[order] = np.cumsum(different) - 1
    kept = order[different]
    if max(len(kept), len(terms.row_counts)) > 1 << 24:
        raise ValueError("more different words or passages than a segment can hold")
    return Dictionary(keys[kept], groups[kept], spellings[kept]), renumbered


def _sorted_others(others: Ints) -> Ints:
    return others[np.lexsort((others[:, 2], others[:, 1], others[:, 0]))]


def _with_marks(others: Ints) -> Packed:
    return np.stack([others[:, 0], others[:, 1] | others[:, 2]], axis=1).astype(np.uint32)


def _about_places(counts: Ints) -> Packed:
    """Return (articles + 1, 2): where the places of each begin, and where those of its headline end."""
    begins = np.cumsum(np.append(0, counts[:, 1]))
    return np.stack([begins, begins + np.append(counts[:, 0], 0)], axis=1).astype(np.uint32)


class _Lists(NamedTuple):
    packed: Packed
    many: Packed  # (n, 2): a position in `packed`, and how often, where that is _MANY or more
    spans: Ints  # (groups + 1,)
    bounds: npt.NDArray[np.uint8]  # (groups,): the code of the highest count of each, and the least class
    marked: Mask  # of the length of `packed`


def length_classes(lengths: Ints) -> Ints:
    """Return (16,): the least length of each class, of which all have about as many units."""
    if not len(lengths):
        return np.zeros(_CLASSES, dtype=np.int64)
    return np.asarray(np.sort(lengths)[np.arange(_CLASSES) * len(lengths) // _CLASSES])


def _class_of(lengths: Ints, classes: Ints) -> Ints:
    return np.asarray(np.searchsorted(classes, lengths, side="right") - 1)


def _usual(dictionary: Dictionary, group_tokens: Ints, often: Ints) -> Ints:
    """Return (groups,): a token of the term of each group that stands most often; the first of several.

    Args:
        often: (tokens,), how often each stands.
    """
    _, terms = np.unique(dictionary.keys, return_inverse=True)
    totals = np.bincount(terms, often).astype(np.int64)[terms]
    sizes = np.diff(np.append(group_tokens, len(totals)))
    most = np.repeat(np.maximum.reduceat(totals, group_tokens) if len(totals) else totals, sizes)
    at = np.flatnonzero(totals == most)
    return np.asarray(at[np.searchsorted(at, group_tokens)])


class _Gathering:
    """The postings of passages, or articles, that come in order: counted at once, and put in order of groups later."""

    def __init__(self, groups: int, lengths: Ints, classes: Ints) -> None:
        """Begin with nothing.

        Args:
            groups: how many there are.
            lengths: (units,), of each.
            classes: (16,), the least length of each class.
        """
        self._groups = groups
        self._class_of = np.searchsorted(classes, lengths, side="right") - 1
        self._most = np.zeros(groups, dtype=np.int64)  # how often any unit has each group, _MANY at most
        self._least = np.full(groups, _CLASSES - 1)  # of the length of any unit that has it, the class
        self._sizes = np.zeros(groups, dtype=np.int64)
        self._added: list[tuple[Ints, Packed, Packed, Mask]] = []

    def add(self, groups: Ints, units: Ints, marks: Mask | None = None) -> None:
        """Count how often each unit has each group, of units that are all behind those of earlier calls.

        Args:
            groups: (n,), of each occurrence.
            units: (n,), the same.
            marks: (n,); a posting is marked if any of its occurrences is.
        """
        first, span = int(units.min(initial=0)), int(units.max(initial=0)) + 1
        span -= first
        pairs, marked = np.divmod(np.sort((groups * span + (units - first)) * 2 + (0 if marks is None else marks)), 2)
        begins = first_of_each(pairs)
        lasts = np.append(begins, len(pairs))[1:] - 1
        counts = np.diff(np.append(begins, len(pairs)))
        groups, units = np.divmod(pairs[begins], span)
        units += first
        few, classes = np.minimum(counts, _MANY), self._class_of[units]
        firsts = first_of_each(groups)
        own, sizes = groups[firsts], np.diff(np.append(firsts, len(groups)))
        if len(firsts):
            self._most[own] = np.maximum(self._most[own], np.maximum.reduceat(few, firsts))
            self._least[own] = np.minimum(self._least[own], np.minimum.reduceat(classes, firsts))
        self._sizes[own] += sizes
        at = np.flatnonzero(counts >= _MANY)
        packed = (units << _CODE_BITS | few << _CLASS_BITS | classes).astype(np.uint32)
        many = np.stack([at, counts[at]], axis=1).astype(np.uint32)
        self._added.append((np.stack([own, sizes]), packed, many, marked[lasts] > 0))

    def lists(self) -> _Lists:
        """Return all that was added; to be called once."""
        spans = np.append(0, np.cumsum(self._sizes))
        packed, marked = np.zeros(spans[-1], dtype=np.uint32), np.zeros(spans[-1], dtype=np.bool_)
        many = [np.zeros((0, 2), dtype=np.uint32)]
        free = spans[:-1].copy()
        while self._added:
            (groups, sizes), own, counts, marks = self._added.pop(0)
            places = spread(free[groups], sizes)
            free[groups] += sizes
            packed[places], marked[places] = own, marks
            counts[:, 0] = places[counts[:, 0]]
            many.append(counts)
        counted = np.concatenate(many)
        bounds = (self._most << _CLASS_BITS | self._least).astype(np.uint8)
        return _Lists(packed, counted[np.argsort(counted[:, 0])], spans, bounds, marked)


class _Pairs(NamedTuple):
    keys: Keys  # (pairs,): of the one word and of the other (`word_key`)
    spans: Packed  # (pairs + 1,)
    rows: Packed


def _common(own: Packed, often: Ints, passages: int) -> tuple[Ints, Packed]:
    """Return (tokens,) for each of a common word its number, -1 for others; and these words, ascending.

    Args:
        own: (tokens,), the word of each.
        often: (tokens,), how often it stands in passages.
    """
    different, numbers = np.unique(own, return_inverse=True)
    is_common = np.bincount(numbers, often, minlength=len(different)) * _COMMON > passages
    places = np.where(is_common, np.cumsum(is_common) - 1, -1)
    return places[numbers], different[is_common]


def _pairs(found: Ints, common_words: Packed) -> _Pairs:
    """Put pairs of common words in order.

    Args:
        found: (n, 3), of each the numbers of both words, and a passage.
        common_words: of all numbers.
    """
    size, base = max(1, len(common_words)), int(found[:, 2].max(initial=0)) + 1
    pairs, having = np.divmod(distinct((found[:, 0] * size + found[:, 1]) * base + found[:, 2]), base)
    begins = first_of_each(pairs)
    before, behind = np.divmod(pairs[begins], size)
    keys = common_words[before].astype(np.uint64) << np.uint64(32) | common_words[behind].astype(np.uint64)
    return _Pairs(keys, np.append(begins, len(pairs)).astype(np.uint32), having.astype(np.uint32))


def _following(wanted: Mask, owners: Ints) -> Ints:
    """Return the places that are wanted, and of which the next is, too, and has the same owner."""
    return np.flatnonzero(wanted[:-1] & wanted[1:] & (owners[:-1] == owners[1:]))


class Postings(NamedTuple):
    """Which units of one segment have something, ascending and each once, and how often."""

    packed: Packed
    first: int = 0  # position of the first of them where `many` counts from
    many: Packed = np.zeros((0, 2), dtype=np.uint32)

    @property
    def units(self) -> Packed:
        """(n,): passages, or articles."""
        return np.asarray(self.packed >> _CODE_BITS)

    def units_below(self, size: int) -> Ints:
        """Return the same as integers of 64 bits; raises IndexDamagedError where one is not below a size."""
        units = np.right_shift(self.packed, _CODE_BITS, dtype=np.int64)
        if units.size and units.max() >= size:
            raise damaged("postings")
        return units

    @property
    def codes(self) -> Packed:
        """(n,): of each, a number below 256 (`code_counts`, `code_lengths`)."""
        return np.asarray(self.packed & _CODE)

    def counts(self) -> Ints:
        """Return (n,): how often each of the units has it."""
        return self._counts(np.arange(len(self.packed)), self.packed)

    def found_at(self, keys: Packed) -> tuple[Ints, Ints]:
        """Return which of some units, by their places in `keys`, have it, and how often.

        Args:
            keys: units as `unit_keys` returns them, ascending and each once.
        """
        if len(self.packed) <= len(keys):
            own = self.packed & ~np.uint32(_CODE)
            at = keys.searchsorted(own)
            having = np.flatnonzero(keys.take(at, mode="clip") == own) if len(own) else at
            return at[having], self._counts(having, self.packed[having])
        at = self.packed.searchsorted(keys)
        values = self.packed.take(at, mode="clip")
        having = np.flatnonzero((values ^ keys) <= _CODE)
        return having, self._counts(at[having], values[having])

    def _counts(self, at: Ints, values: Packed) -> Ints:
        counts = (values >> _CLASS_BITS & _MANY).astype(np.int64)
        if len(self.many) and (many := np.flatnonzero(counts == _MANY)).size:
            places = np.minimum(np.searchsorted(self.many[:, 0], at[many] + self.first), len(self.many) - 1)
            counts[many] = self.many[places, 1]
        return counts


def unit_keys(units: Ints) -> Packed:
    """Return what units are looked up by in postings."""
    return (units << _CODE_BITS).astype(np.uint32)


NOTHING = Postings(np.zeros(0, dtype=np.uint32))


def united(parts: Sequence[Postings], of_both: np.ufunc) -> Postings:
    """Return what has any of several things.

    Args:
        of_both: makes one count of two.
    """
    if len(parts) < 2:
        return parts[0] if parts else NOTHING
    units = np.concatenate([part.units for part in parts])
    order = np.argsort(units, kind="stable")
    units, counts = units[order], np.concatenate([part.counts() for part in parts])[order]
    begins = first_of_each(units)
    return packed(units[begins], of_both.reduceat(counts, begins) if begins.size else counts)


def end_to_end(parts: Sequence[Postings], firsts: Sequence[int]) -> Postings:
    """Return postings of several segments as those of one, of less than MOST_UNITS units.

    Args:
        firsts: the unit there at which the units of each segment begin.
    """
    many, begin = [np.zeros((0, 2), dtype=np.uint32)], 0
    for part in parts:
        own = part.many[slice(*np.searchsorted(part.many[:, 0], [part.first, part.first + len(part.packed)]))]
        many.append(own + np.array([begin - part.first, 0], dtype=np.int64).astype(np.uint32))  # modulo 2**32
        begin += len(part.packed)
    own_packed = [part.packed + np.uint32(first << _CODE_BITS) for part, first in zip(parts, firsts, strict=True)]
    return Postings(np.concatenate([NOTHING.packed, *own_packed]), 0, np.concatenate(many))


def packed(units: npt.NDArray[Any], counts: Ints) -> Postings:
    """Return postings of units, ascending and each once."""
    at = np.flatnonzero(counts >= _MANY)
    many = np.stack([at, counts[at]], axis=1).astype(np.uint32)
    codes = np.minimum(counts, _MANY) << _CLASS_BITS  # of the shortest, for all that is known here
    return Postings((units.astype(np.int64) << _CODE_BITS | codes).astype(np.uint32), 0, many)


def code_counts() -> Floats:
    """Return (256,): how often a posting of each code has its word at most."""
    counts = np.arange(1 << _CODE_BITS) >> _CLASS_BITS
    return np.where(counts < _MANY, counts, 1 << 32).astype(np.float64)  # than which no count is greater


def code_lengths(classes: Ints) -> Ints:
    """Return (256,): how long a unit of each code is at least.

    Args:
        classes: (16,), the least length of each class.
    """
    return np.tile(classes, _MANY + 1)


class Lexicon:
    """The words of one segment, mapped into memory."""

    def __init__(self, folder: Path, articles: int, passages: int) -> None:
        """Open what `write_terms` wrote; raises ValueError where it is not that."""
        arrays = read_arrays(folder / _FILE, _SHAPES)
        self._arrays = arrays
        self.keys: Keys = arrays["token_keys"]
        self.words: Packed = arrays["token_words"]
        self._groups: Keys = arrays["group_keys"]
        self._group_tokens: Packed = arrays["group_tokens"]
        self._lengths: npt.NDArray[np.int32] = arrays["lengths"]
        self.row_places: Packed = arrays["row_places"]
        self.about_places: Packed = arrays["about_places"]
        self.codes: npt.NDArray[np.uint8] = arrays["analysers"]
        self.analysers = [bytes(name).decode() for name in arrays["analyser_names"]]
        for name in self.analysers:
            words.terms("", name)  # raises ValueError where there is no such analyser
        self._articles, self._passages = articles, passages
        self._short: dict[int, Ints] = {}
        places, abouts, groups = arrays["places"], arrays["about"], len(self._groups)
        right = (
            self.analysers == sorted(set(self.analysers))
            and len(self.words) == len(self.keys) == int(self._group_tokens[-1])
            and (self._group_tokens[1:] >= self._group_tokens[:-1]).all()
            and len(self._group_tokens) == len(arrays["group_rows"]) == len(arrays["group_articles"]) == groups + 1
            and len(arrays["group_bounds"]) == len(arrays["group_usual"]) == groups
            and len(arrays["row_postings"]) == int(arrays["group_rows"][-1])
            and len(arrays["article_postings"]) == int(arrays["group_articles"][-1])
            and len(arrays["article_unusual"]) == (len(arrays["article_postings"]) + 7) // 8
            and len(arrays["pair_spans"]) == len(arrays["pair_keys"]) + 1
            and len(arrays["pair_rows"]) == int(arrays["pair_spans"][-1])
            and len(arrays["usual_tokens"]) == min(len(self.keys), _RARE)
            and len(places) == int(self.row_places[-1])
            and len(abouts) == int(self.about_places[-1, 0])
            and len(self.row_places) == passages + 1
            and len(self.about_places) == articles + 1
            and arrays["sizes"].tolist() == [len(arrays[name]) for name in ("row_others", "about_others", "irregular")]
            and len(self._lengths) == passages + articles
            and self._lengths.min(initial=0) >= 0
            and len(self.codes) == articles
            and (not articles or self.codes.max() < len(self.analysers))
        )
        if not right:
            raise ValueError(f"{folder} has other words than passages")

    @property
    def passage_lengths(self) -> npt.NDArray[np.int32]:
        """(passages,): terms of each."""
        return self._lengths[: self._passages]

    @property
    def article_lengths(self) -> npt.NDArray[np.int32]:
        """(articles,): terms of each."""
        return self._lengths[self._passages :]

    @cached_property
    def _usual_tokens(self) -> Ints:
        """(65536,): of each number at a place the token; of _RARE and of numbers that are none any."""
        tokens = np.zeros(_RARE + 1, dtype=np.int64)
        own = self._arrays["usual_tokens"]
        tokens[: len(own)] = own
        return tokens

    def short_rows(self, places: int) -> Ints:
        """Return the passages that have fewer places."""
        found = self._short.get(places)
        if found is None:
            found = np.flatnonzero(self.row_places[1:] - self.row_places[:-1] < places)
            if places <= _SHORT:
                self._short[places] = found
        return found

    @cached_property
    def irregular(self) -> Ints:
        """Articles of which words stand in no passage, or in two, or are cut in two."""
        return checked(self._arrays["irregular"].astype(np.int64), self._articles)

    def groups_of(self, keys: Keys) -> tuple[Ints, Ints]:
        """Return for keys, (n, 2), the first and the last of each, the groups that lie there, as begin and end."""
        begins = np.searchsorted(self._groups, keys[:, 0], side="left")
        return begins, np.maximum(begins, np.searchsorted(self._groups, keys[:, 1], side="right"))

    def group(self, group: int, *, articles: bool) -> Postings:
        """Return the passages, or articles, that have a token of a group."""
        name, own, many = (
            ("group_articles", "article_postings", "article_many")
            if articles
            else ("group_rows", "row_postings", "row_many")
        )
        begin, end = self._arrays[name][group : group + 2].tolist()
        postings: Packed = self._arrays[own]
        if not begin <= end <= len(postings):
            raise damaged("postings")
        return Postings(postings[begin:end], begin, self._arrays[many])

    def usual(self, group: int) -> int:
        """Return a token of the term of a group that stands most often."""
        return int(checked(self._arrays["group_usual"][[group]].astype(np.int64), len(self.keys))[0])

    def unusual(self, group: int) -> Mask:
        """Return of the articles that have a group whether each has another term of it."""
        begin, end = self._arrays["group_articles"][group : group + 2].tolist()
        bits = np.unpackbits(self._arrays["article_unusual"][begin // 8 : (end + 7) // 8])
        return np.asarray(bits[begin % 8 : begin % 8 + end - begin], dtype=np.bool_)

    def bound(self, group: int, *, articles: bool) -> int:
        """Return a code of as many and as short as any posting of a group."""
        return int(self._arrays["group_bounds"][group, int(articles)])

    def length_classes(self, *, articles: bool) -> Ints:
        """Return (16,): the least length of each class."""
        return np.asarray(self._arrays["length_classes"][int(articles)].astype(np.int64))

    def postings(self, first: int, last: int, *, articles: bool) -> Postings:
        """Return the passages, or articles in headline, publisher or text, that have a term of these keys."""
        begin, end = (int(bound[0]) for bound in self.groups_of(np.array([[first, last]], dtype=np.uint64)))
        return united([self.group(group, articles=articles) for group in range(begin, end)], np.add)

    def tokens_of(self, first: int, last: int) -> Ints:
        """Return the tokens whose terms lie under these keys."""
        keys = np.array([[first & int(_HEADS), last]], dtype=np.uint64)  # a word is in the group of its head
        begin, end = (int(bound[0]) for bound in self.groups_of(keys))
        numbers = np.arange(int(self._group_tokens[begin]), int(self._group_tokens[end]))
        own = self.keys[numbers]
        return numbers[(own >= np.uint64(first)) & (own <= np.uint64(last))]

    def tokens_reading(self, word: int, *, respelled: bool) -> Ints:
        """Return the tokens that stand for a word (`word_key`), as it is written or with two letters for an umlaut."""
        return np.flatnonzero(self.words[:, int(respelled)] == word)

    def groups_with(self, tokens: Ints) -> Ints:
        """Return the groups of tokens, ascending, each once."""
        return np.unique(np.searchsorted(self._group_tokens, tokens, side="right") - 1)

    def is_whole(self, group: int, tokens: Ints) -> bool:
        """Say whether all tokens of a group are among these, ascending."""
        begin, end = self._group_tokens[group : group + 2].tolist()
        return len(range(*np.searchsorted(tokens, [begin, end]).tolist())) == len(range(begin, end))

    def pair(self, before: int, behind: int) -> Ints | None:
        """Return the passages, ascending, in which two common words begin to stand one after the other.

        All of an article whose headline has them count. None where they are no pair of common words.
        """
        wanted = np.uint64(before << 32 | behind)
        keys: Keys = self._arrays["pair_keys"]
        at = int(np.searchsorted(keys, wanted))
        if at == len(keys) or keys[at] != wanted:
            return None
        begin, end = self._arrays["pair_spans"][at : at + 2].tolist()
        return checked(self._arrays["pair_rows"][begin:end].astype(np.int64), self._passages)

    def groups_at(self, tokens: Ints) -> Keys:
        """Return the keys of the groups of tokens, each once."""
        return self._groups[self.groups_with(tokens)]

    def tails(self, tokens: Ints) -> Keys:
        """Return of each token what its group has beyond a head: of two characters the second, else 0."""
        groups = self._groups[np.searchsorted(self._group_tokens, tokens, side="right") - 1]
        return np.asarray(groups & ~_HEADS)

    def places(self, begins: Ints, counts: Ints) -> Ints:
        """Return the tokens at `counts[i]` places of passages from `begins[i]` on, one after the other."""
        return self._at("places", "place_rare", begins, counts)

    def about(self, begins: Ints, counts: Ints) -> Ints:
        """Return the same of places of headlines and publishers."""
        return self._at("about", "about_rare", begins, counts)

    def _at(self, name: str, rare_name: str, begins: Ints, counts: Ints) -> Ints:
        numbers, rare = self._arrays[name], self._arrays[rare_name]
        ends = begins + counts
        if begins.size and not (begins.min() >= 0 and counts.min() >= 0 and ends.max() <= len(numbers)):
            raise damaged("words")
        places = spread(begins, counts)
        here = numbers[places]
        at = np.flatnonzero(here == _RARE)
        tokens = self._usual_tokens[here]
        if at.size:
            of_rare = np.searchsorted(rare[:, 0], places[at].astype(np.uint32))
            if int(of_rare.max()) >= len(rare):
                raise damaged("words")
            tokens[at] = rare[of_rare, 1]
        return checked(tokens, len(self.keys))

    def others(self, table: Mask, *, compounds: bool, about: bool) -> Ints:
        """Return the passages, or articles by their headlines, that have other spellings which a table marks.

        Args:
            table: (tokens,).
            compounds: take those alone that stand for several words.
        """
        others: Packed = self._arrays["about_others" if about else "row_others"]
        if not len(others):
            return np.zeros(0, dtype=np.int64)
        marked = table[checked((others[:, 1] & _NUMBER).astype(np.int64), len(table))]
        marked &= (others[:, 1] & PUBLISHER) == 0
        if compounds:
            marked &= (others[:, 1] & COMPOUND) != 0
        return distinct(checked(others[marked, 0].astype(np.int64), self._articles if about else self._passages))

    def terms(self, articles: Ints, first_rows: Ints) -> Terms:
        """Return what was written of some articles, in this order.

        Args:
            first_rows: (articles + 1,): article i has rows [i] to [i + 1].
        """
        passages = first_rows[articles + 1] - first_rows[articles]
        rows = spread(first_rows[articles], passages)
        row_begins: Ints = self.row_places.astype(np.int64)
        row_counts = row_begins[1:] - row_begins[:-1]
        begins, titles = self.about_places.astype(np.int64).T
        about_counts = np.stack([titles[:-1] - begins[:-1], begins[1:] - begins[:-1]], axis=1)
        if (row_counts < 0).any() or (about_counts < 0).any():
            raise damaged("words")
        article_places = np.full(self._articles, -1, dtype=np.int64)
        article_places[articles] = np.arange(len(articles))
        row_places = np.full(self._passages, -1, dtype=np.int64)
        row_places[rows] = np.arange(len(rows))
        irregular = article_places[self.irregular]
        groups = np.repeat(self._groups, np.diff(self._group_tokens))
        return Terms(
            Dictionary(self.keys, groups, self.words),
            self._tokens("places", "place_rare", row_begins[rows], row_counts[rows]),
            row_counts[rows],
            self._tokens("about", "about_rare", begins[articles], about_counts[articles, 1]),
            about_counts[articles],
            self._moved("row_others", row_places),
            self._moved("about_others", article_places),
            np.sort(irregular[irregular >= 0]),
            passages,
            np.concatenate([self.passage_lengths[rows], self.article_lengths[articles]]).astype(np.int64),
            [self.analysers[code] for code in self.codes[articles].tolist()],
        )

    def _tokens(self, name: str, rare_name: str, begins: Ints, counts: Ints) -> Tokens:
        """Return the tokens at places, as `places` does, in pieces that take little memory."""
        ends = np.cumsum(counts)
        bounds = np.searchsorted(ends, np.arange(0, int(ends[-1]) if ends.size else 0, _TOGETHER)[1:])
        return np.concatenate(
            [
                np.zeros(0, dtype=np.int32),
                *(
                    self._at(name, rare_name, begins[begin:end], counts[begin:end]).astype(np.int32)
                    for begin, end in pairwise([0, *bounds.tolist(), len(counts)])
                ),
            ]
        )

    def _moved(self, name: str, places: Ints) -> Ints:
        others = self._arrays[name].astype(np.int64)
        moved = places[checked(others[:, 0], len(places))]
        tokens = checked(others[:, 1] & _NUMBER, len(self.keys))
        return np.stack([moved, tokens, others[:, 1] & ~_NUMBER], axis=1)[moved >= 0]


def joined(parts: Sequence[Terms], order: Ints) -> Terms:
    """Return the terms of several sets of articles as one.

    Args:
        order: (articles,): for each place, the number of the article that goes there, counted over all parts.
    """
    bases = np.cumsum([0, *(len(part.dictionary.keys) for part in parts)]).tolist()
    first_articles = np.cumsum([0, *(len(part.analysers) for part in parts)]).tolist()
    first_rows = np.cumsum([0, *(len(part.row_counts) for part in parts)]).tolist()

    def appended(arrays: Iterable[npt.NDArray[Any]], added: Sequence[int]) -> npt.NDArray[Any]:
        return np.concatenate([own + own.dtype.type(more) for own, more in zip(arrays, added, strict=False)])

    places = appended((part.places for part in parts), bases)
    about = appended((part.about for part in parts), bases)
    row_counts = np.concatenate([part.row_counts for part in parts])
    about_counts = np.concatenate([part.about_counts for part in parts])
    passages = np.concatenate([part.passages for part in parts])
    rows = spread((np.cumsum(passages) - passages)[order], passages[order])
    place_of = np.empty(len(order), dtype=np.int64)
    place_of[order] = np.arange(len(order))
    row_of = np.empty(len(rows), dtype=np.int64)
    row_of[rows] = np.arange(len(rows))

    def others(own: Sequence[Ints], firsts: Sequence[int], moved: Ints) -> Ints:
        shifts = [np.array([first, base, 0]) for first, base in zip(firsts, bases, strict=True)]
        found = np.concatenate([part + shift for part, shift in zip(own, shifts, strict=False)])
        found[:, 0] = moved[found[:, 0]]
        return np.asarray(found)

    irregular = appended((part.irregular for part in parts), first_articles)
    passage_lengths = np.concatenate([part.lengths[: len(part.row_counts)] for part in parts])
    article_lengths = np.concatenate([part.lengths[len(part.row_counts) :] for part in parts])
    analysers = [name for part in parts for name in part.analysers]
    return Terms(
        Dictionary(
            np.concatenate([part.dictionary.keys for part in parts]),
            np.concatenate([part.dictionary.groups for part in parts]),
            np.concatenate([part.dictionary.words for part in parts]),
        ),
        places[spread((np.cumsum(row_counts) - row_counts)[rows], row_counts[rows])],
        row_counts[rows],
        about[spread((np.cumsum(about_counts[:, 1]) - about_counts[:, 1])[order], about_counts[order, 1])],
        about_counts[order],
        others([part.row_others for part in parts], first_rows, row_of),
        others([part.about_others for part in parts], first_articles, place_of),
        np.sort(place_of[irregular]),
        passages[order],
        np.concatenate([passage_lengths[rows], article_lengths[order]]),
        [analysers[at] for at in order.tolist()],
    )


def spread(begins: Ints, counts: Ints) -> Ints:
    """Return `counts[i]` places from `begins[i]` on, one after the other."""
    ends = np.cumsum(counts)
    return np.asarray(np.arange(ends[-1] if ends.size else 0) + np.repeat(begins - ends + counts, counts))


def first_of_each(ascending: npt.NDArray[Any]) -> Ints:
    """Return where each different value of an ascending array begins."""
    return np.flatnonzero(np.append(True, ascending[1:] != ascending[:-1])[: len(ascending)])


def distinct(values: Ints) -> Ints:
    """Return the different values, ascending; of many numbers in runs this is faster than `np.unique`."""
    ascending = np.sort(values)
    return ascending[first_of_each(ascending)]
