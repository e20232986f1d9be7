"""What stands at each place of some texts, and the keys under which words are looked up.

A *token* is a term together with the word that it was made of (`words.Token`); tokens are numbered. The *places* hold
the tokens of passages, one passage after the other, and separately those of headlines and publishers. All else that a
segment knows about words follows from these places.
"""

import hashlib
from array import array
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from semsearch import words
from semsearch.engines.local.postings import Packed
from semsearch.engines.local.runs import Ints, spread
from semsearch.text import Span
from semsearch.types import Metadata

Keys = npt.NDArray[np.uint64]

Tokens = npt.NDArray[np.int32]

_TAIL_BITS = 28
"""All other bits are the head's. With a million heads, one query in 70,000 would confuse two of them; with 3,000 tails,
one in 90,000."""

HEADS = np.uint64(((1 << 64) - 1) >> _TAIL_BITS << _TAIL_BITS)

COMPOUND, PUBLISHER = 1 << 30, 1 << 31
"""Marks of tokens that stand at no place: of several words written as one, and of the publisher's name."""

NUMBER = COMPOUND - 1


def term_key(analyser: words.Analyser, term: str) -> int:
    """Return the key of a term: digests of its head and its tail, so that all terms of a head lie together.

    The same letters are different terms in different languages.
    """
    head, _, tail = term.partition(" ")
    return _digest(f"{analyser}\0{head}") >> _TAIL_BITS << _TAIL_BITS | (tail_digest(tail) if tail else 0)


def term_keys(analyser: words.Analyser, term: str) -> tuple[int, int]:
    """Return the first and the last key of what a query's term finds (`words.QueryWord`)."""
    if not term.endswith(" *"):
        key = term_key(analyser, term)
        return key, key
    first = term_key(analyser, term.removesuffix(" *"))
    return first, first | ((1 << _TAIL_BITS) - 1)


def word_key(word: str) -> int:
    """Return the key by which a folded word is compared in phrases."""
    return _digest(word) & 0xFFFFFFFF


@lru_cache(1 << 17)
def _digest(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def tail_digest(tail: str) -> int:
    """Return the lower bits of the keys of terms with this tail."""
    return _digest(tail) >> (64 - _TAIL_BITS)


class Dictionary(NamedTuple):
    """Different tokens, in any order."""

    keys: Keys  # (tokens,): the keys of their terms
    groups: Keys  # (tokens,): the keys of the groups that they are looked up with
    words: Packed  # (tokens, 2): the keys of the word, and of its other spelling


class SegmentTerms(NamedTuple):
    """The tokens of articles and their passages, in order, as numbers in a dictionary."""

    dictionary: Dictionary
    places: Tokens  # (places,): one passage after the other
    row_counts: Ints  # (passages,): how many places each has
    about: Tokens  # the same for each article's headline and publisher
    about_counts: Ints  # (articles, 2): places of the headline, and of both
    row_spellings: Ints  # (n, 3): a passage, a token that is another spelling of its words, COMPOUND or 0
    about_spellings: Ints  # (n, 3): an article, such a token of its headline or publisher, the same or with PUBLISHER
    irregular: Ints  # articles with words that stand in no passage, or in two, or are cut in two; ascending
    passages: Ints  # (articles,): how many each has
    lengths: Ints  # (passages + articles,): how many terms each has
    analysers: Sequence[words.Analyser]  # (articles,)


class Collector:
    """Collects the terms of articles, one after the other."""

    def __init__(self) -> None:
        self._numbers = words.Numbers()
        self._places, self._about = array("i"), array("i")
        self._row_counts, self._passages = array("q"), array("q")
        self._row_lengths, self._article_lengths = array("q"), array("q")
        self._about_counts: list[tuple[int, int]] = []
        self._row_spellings: list[tuple[int, int, int]] = []
        self._about_spellings: list[tuple[int, int, int]] = []
        self._irregular: list[int] = []
        self._analysers: list[words.Analyser] = []

    def add(self, article: Metadata, text: str, spans: Sequence[Span]) -> None:
        """Read an article.

        Args:
            spans: where its passages are in the text.
        """
        analyser = words.analyser_of(article.language, text)
        title = self._numbers.read(article.title, analyser)
        publisher = self._numbers.read(article.publisher or "", analyser)
        number = len(self._analysers)
        self._about.extend(title.own)
        self._about.extend(publisher.own)
        self._about_counts.append((len(title.own), len(title.own) + len(publisher.own)))
        self._about_spellings += _marked(number, title, 0)
        self._about_spellings += _marked(number, publisher, PUBLISHER)
        about_length = title.length + publisher.length
        article_length = about_length
        for start, end in spans:
            passage = self._numbers.read(text[start:end], analyser)
            self._row_spellings += _marked(len(self._row_counts), passage, 0)
            self._places.extend(passage.own)
            self._row_counts.append(len(passage.own))
            self._row_lengths.append(about_length + passage.length)
            article_length += passage.length
        self._end_article(analyser, article_length, len(spans))
        if not _is_regular(text, spans):
            self._irregular.append(number)

    def add_wordless(self, article: Metadata, passages: int) -> None:
        """Add an article that cannot be searched by words."""
        self._about_counts.append((0, 0))
        self._row_counts.extend([0] * passages)
        self._row_lengths.extend([0] * passages)
        self._end_article(words.analyser_of(article.language, ""), 0, passages)

    def _end_article(self, analyser: words.Analyser, length: int, passages: int) -> None:
        self._analysers.append(analyser)
        self._article_lengths.append(length)
        self._passages.append(passages)

    def terms(self) -> SegmentTerms:
        """Return the terms of all articles that were added."""
        tokens = self._numbers.tokens
        keys = [
            (
                term_key(analyser, token.term),
                term_key(analyser, token.group),
                word_key(token.word),
                word_key(token.other),
            )
            for analyser, token in tokens
        ]
        columns = np.array(keys, dtype=np.uint64).reshape(-1, 4)
        return SegmentTerms(
            Dictionary(columns[:, 0], columns[:, 1], columns[:, 2:].astype(np.uint32)),
            np.array(self._places, dtype=np.int32),
            _ints(self._row_counts),
            np.array(self._about, dtype=np.int32),
            np.array(self._about_counts, dtype=np.int64).reshape(-1, 2),
            np.array(self._row_spellings, dtype=np.int64).reshape(-1, 3),
            np.array(self._about_spellings, dtype=np.int64).reshape(-1, 3),
            np.array(self._irregular, dtype=np.int64),
            _ints(self._passages),
            np.concatenate([_ints(self._row_lengths), _ints(self._article_lengths)]),
            self._analysers,
        )


def _ints(values: "array[int]") -> Ints:
    return np.array(values, dtype=np.int64)


def _marked(owner: int, read: words.Read, mark: int) -> list[tuple[int, int, int]]:
    return [
        *((owner, token, mark) for token in read.respelled),
        *((owner, token, mark | COMPOUND) for token in read.compounds),
    ]


_STOPS = frozenset("。！？…；")


def _is_regular(text: str, spans: Sequence[Span]) -> bool:
    """Tell whether passages, one after the other, have every word of a text once, and cut none."""
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


def joined(parts: Sequence[SegmentTerms], order: Ints) -> SegmentTerms:
    """Return the terms of several sets of articles as one.

    Args:
        order: (articles,): the articles of the result in their order, each by its number over all parts.
    """
    bases = np.cumsum([0, *(len(part.dictionary.keys) for part in parts)]).tolist()
    first_articles = np.cumsum([0, *(len(part.analysers) for part in parts)]).tolist()
    first_rows = np.cumsum([0, *(len(part.row_counts) for part in parts)]).tolist()

    def appended(arrays: Iterable[npt.NDArray[Any]], shifts: Sequence[int]) -> npt.NDArray[Any]:
        return np.concatenate([array + array.dtype.type(shift) for array, shift in zip(arrays, shifts, strict=False)])

    places = appended((part.places for part in parts), bases)
    about = appended((part.about for part in parts), bases)
    row_counts = np.concatenate([part.row_counts for part in parts])
    about_counts = np.concatenate([part.about_counts for part in parts])
    passages = np.concatenate([part.passages for part in parts])
    rows = spread((np.cumsum(passages) - passages)[order], passages[order])
    new_article_of = np.empty(len(order), dtype=np.int64)
    new_article_of[order] = np.arange(len(order))
    new_row_of = np.empty(len(rows), dtype=np.int64)
    new_row_of[rows] = np.arange(len(rows))

    def moved_spellings(spellings_by_part: Sequence[Ints], firsts: Sequence[int], new_owners: Ints) -> Ints:
        shifts = [np.array([first, base, 0]) for first, base in zip(firsts, bases, strict=True)]
        spellings = np.concatenate([part + shift for part, shift in zip(spellings_by_part, shifts, strict=False)])
        spellings[:, 0] = new_owners[spellings[:, 0]]
        return np.asarray(spellings)

    irregular = appended((part.irregular for part in parts), first_articles)
    passage_lengths = np.concatenate([part.lengths[: len(part.row_counts)] for part in parts])
    article_lengths = np.concatenate([part.lengths[len(part.row_counts) :] for part in parts])
    analysers = [analyser for part in parts for analyser in part.analysers]
    return SegmentTerms(
        Dictionary(
            np.concatenate([part.dictionary.keys for part in parts]),
            np.concatenate([part.dictionary.groups for part in parts]),
            np.concatenate([part.dictionary.words for part in parts]),
        ),
        places[spread((np.cumsum(row_counts) - row_counts)[rows], row_counts[rows])],
        row_counts[rows],
        about[spread((np.cumsum(about_counts[:, 1]) - about_counts[:, 1])[order], about_counts[order, 1])],
        about_counts[order],
        moved_spellings([part.row_spellings for part in parts], first_rows, new_row_of),
        moved_spellings([part.about_spellings for part in parts], first_articles, new_article_of),
        np.sort(new_article_of[irregular]),
        passages[order],
        np.concatenate([passage_lengths[rows], article_lengths[order]]),
        [analysers[number] for number in order.tolist()],
    )
