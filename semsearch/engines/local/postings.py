"""Postings of one segment: which passages and articles have a term, and how often. Written and read here."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from semsearch import words
from semsearch.engines.local.arrays import checked, damaged, read_array, write_array
from semsearch.files import Seal
from semsearch.types import Metadata

Ints = npt.NDArray[np.int64]

_FILES: Mapping[str, tuple[str, *tuple[int | None, ...]]] = {
    "terms": ("u8", None),
    "term_spans": ("i8", None, 3),
    "term_places": ("i4", None),
    "term_counts": ("u2", None),
    "lengths": ("i4", None),
    "analysers": ("u1", None),
    "analyser_names": ("S8", None),
}
_MOST_COUNTED = np.iinfo(np.uint16).max


class Bag(NamedTuple):
    """The terms of one article."""

    analyser: words.Analyser
    about: words.Terms  # of its headline and publisher, which are words of every passage: people ask with both
    passages: Sequence[words.Terms]


def bag(article: Metadata, text: str, passages: Iterable[str]) -> Bag:
    """Analyse one article."""
    analyser = words.analyser_of(article.language, text)
    about = words.analyse(f"{article.title}\n{article.publisher or ''}", analyser)
    return Bag(analyser, about, [words.analyse(passage, analyser) for passage in passages])


_TAIL_BITS = 28
"""The rest is the head's. Of a million heads one in 70,000 queries would meet another, of 3,000 tails one in 90,000."""


def term_key(analyser: words.Analyser, term: str) -> int:
    """Return what a term is filed under: digests of its head and its tail, so that all of a head lie together.

    The same letters are other terms in other languages.
    """
    head, _, tail = term.partition(" ")
    return _digest(f"{analyser}\0{head}") >> _TAIL_BITS << _TAIL_BITS | (
        _digest(tail) >> (64 - _TAIL_BITS) if tail else 0
    )


def term_keys(analyser: words.Analyser, term: str) -> tuple[int, int]:
    """Return the first and the last key under which lies what a term of a query finds (`words.QueryWord`)."""
    if not term.endswith(" *"):
        key = term_key(analyser, term)
        return key, key
    first = term_key(analyser, term.removesuffix(" *"))
    return first, first | ((1 << _TAIL_BITS) - 1)


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


class Terms(NamedTuple):
    """Which terms stand where, one posting after the other in any order, and what there is to know of each place.

    A place is a passage's row, or the number of passages and an article's position.
    """

    keys: npt.NDArray[np.uint64]  # (postings,)
    places: Ints  # (postings,)
    counts: Ints  # (postings,): how often the term stands there
    lengths: Ints  # (passages + articles,): terms of each
    analysers: Sequence[words.Analyser]  # (articles,)


def terms_of(bags: Sequence[Bag]) -> Terms:
    """Collect the terms of articles, in order: of each passage, and of each article."""
    collected = _Collected()
    for one in bags:
        for passage in one.passages:
            collected.add(one.analyser, [one.about, passage])
    for one in bags:
        collected.add(one.analyser, [one.about, *one.passages])
    keys = np.fromiter((term_key(*term) for term in collected.numbers), dtype=np.uint64, count=len(collected.numbers))
    return Terms(
        keys[np.asarray(collected.terms, dtype=np.int64)],
        np.asarray(collected.places, dtype=np.int64),
        np.asarray(collected.counts, dtype=np.int64),
        np.asarray(collected.lengths, dtype=np.int64),
        [one.analyser for one in bags],
    )


def write_lexical(folder: Path, terms: Terms) -> Mapping[str, Seal]:
    """Write the postings of all articles."""
    passages = len(terms.lengths) - len(terms.analysers)
    order = np.lexsort((terms.places, terms.keys))
    keys, places, counts = once(terms.keys[order], terms.places[order], terms.counts[order], np.add)
    different, starts = np.unique(keys, return_index=True)
    ends = np.append(starts, len(keys))[1:]
    # Within a term the articles come last, for their places are the highest.
    articles = np.searchsorted(np.flatnonzero(places >= passages), [starts, ends])
    names = sorted(set(terms.analysers))
    arrays: dict[str, npt.NDArray[Any]] = {
        "terms": different,
        # (terms, 3): of each, where its passages begin in what follows, where its articles do, and where those end
        "term_spans": np.stack([starts, ends - (articles[1] - articles[0]), ends], axis=1).astype(np.int64),
        "term_places": np.where(places >= passages, places - passages, places).astype(np.int32),
        "term_counts": np.minimum(counts, _MOST_COUNTED).astype(np.uint16),
        "lengths": terms.lengths.astype(np.int32),  # of passages, then of articles
        "analysers": np.asarray([names.index(name) for name in terms.analysers], dtype=np.uint8),
        "analyser_names": np.asarray(names or [""], dtype="S8"),
    }
    return {f"{name}.npy": write_array(folder / f"{name}.npy", array) for name, array in arrays.items()}


class _Collected:
    """Postings as they come, a place after the other."""

    def __init__(self) -> None:
        self.numbers: dict[tuple[str, str], int] = {}  # of analyser and term
        self.terms: list[int] = []
        self.places: list[int] = []
        self.counts: list[int] = []
        self.lengths: list[int] = []

    def add(self, analyser: words.Analyser, terms: Sequence[words.Terms]) -> None:
        place = len(self.lengths)
        self.lengths.append(sum(len(one.own) for one in terms))
        for term, count in Counter(chain.from_iterable(chain.from_iterable(terms))).items():
            self.terms.append(self.numbers.setdefault((analyser, term), len(self.numbers)))
            self.places.append(place)
            self.counts.append(count)


Keys = npt.NDArray[np.uint64]
"""(n, 2): the first and the last key of what is looked up together (`term_keys`)."""


class Postings(NamedTuple):
    """Where something stands in one segment: one after the other, and in each in order of places, all different."""

    which: Ints  # number of what was looked up
    places: Ints
    counts: npt.NDArray[Any]  # how often it stands there


class Lexicon:
    """The postings of one segment, mapped into memory."""

    def __init__(self, folder: Path, articles: int, passages: int) -> None:
        """Open what `write_lexical` wrote; raises ValueError where it is not that."""
        arrays = {name: read_array(folder / f"{name}.npy", *shape) for name, shape in _FILES.items()}
        self._keys: npt.NDArray[np.uint64] = arrays["terms"]
        self._spans: Ints = arrays["term_spans"]
        self._places: npt.NDArray[np.int32] = arrays["term_places"]
        self._counts: npt.NDArray[np.uint16] = arrays["term_counts"]
        self._lengths: npt.NDArray[np.int32] = arrays["lengths"]
        self.codes: npt.NDArray[np.uint8] = arrays["analysers"]
        self.analysers = [bytes(name).decode() for name in arrays["analyser_names"]]
        for name in self.analysers:
            words.terms("", name)  # raises ValueError where there is no such analyser
        self._articles, self._passages = articles, passages
        size = int(self._spans[-1, 2]) if self._spans.size else 0
        right = (
            self.analysers == sorted(set(self.analysers))
            and len(self._spans) == len(self._keys)
            and len(self._places) == len(self._counts) == size
            and len(self._lengths) == passages + articles
            and self._lengths.min(initial=0) >= 0
            and len(self.codes) == articles
            and (not articles or self.codes.max() < len(self.analysers))
        )
        if not right:
            raise ValueError(f"{folder} has other postings than passages")

    def postings(self, keys: Keys, *, articles: bool) -> Postings:
        """Return the rows that have a term of each; or the articles, in their headline, publisher or text."""
        first = np.searchsorted(self._keys, keys[:, 0], side="left")
        terms = np.maximum(np.searchsorted(self._keys, keys[:, 1], side="right") - first, 0)
        spans = self._spans[spread(first, terms), 1:] if articles else self._spans[spread(first, terms), :2]
        self._check(spans)
        lengths = spans[:, 1] - spans[:, 0]
        which = np.repeat(np.repeat(np.arange(len(keys)), terms), lengths)
        slices = [slice(*span) for span in spans.tolist()]
        places = np.concatenate([self._places[:0], *(self._places[one] for one in slices)]).astype(np.int64)
        counts = np.concatenate([self._counts[:0], *(self._counts[one] for one in slices)]).astype(np.int64)
        places = checked(places, self._articles if articles else self._passages)
        if (terms <= 1).all():
            return Postings(which, places, counts)
        order = np.argsort(
            which * (int(places.max(initial=0)) + 1) + places, kind="stable"
        )  # quick where much is in order
        return once(which[order], places[order], counts[order], np.add)

    def _check(self, spans: Ints) -> None:
        """Raise IndexDamagedError unless spans of different terms are within the postings, and together, too."""
        size = len(self._places)
        lengths = np.diff(checked(spans, size + 1), axis=1)
        if (lengths < 0).any() or lengths.sum() > size:
            raise damaged("postings")

    def moved(self, row_places: Ints, article_places: Ints, rows: int) -> tuple[npt.NDArray[np.uint64], Ints, Ints]:
        """Return keys, places and counts of all postings, as they are in a segment of so many rows.

        Args:
            row_places: (passages,), where each goes, -1 where it is left out.
            article_places: (articles,), the same.
        """
        self._check(self._spans)
        if (self._spans[1:, 0] != self._spans[:-1, 2]).any() or self._spans[:1, 0].any():
            raise damaged("postings")
        keys = np.repeat(self._keys, self._spans[:, 2] - self._spans[:, 0])
        of_articles = np.zeros(len(self._places) + 1, dtype=np.int64)
        np.add.at(of_articles, self._spans[:, 1], 1)
        np.add.at(of_articles, self._spans[:, 2], -1)
        is_article = np.cumsum(of_articles[:-1]) > 0
        places = np.empty(len(self._places), dtype=np.int64)
        moved = article_places[checked(self._places[is_article], self._articles)]
        places[is_article] = np.where(moved >= 0, rows + moved, -1)
        places[~is_article] = row_places[checked(self._places[~is_article], self._passages)]
        kept = places >= 0
        return keys[kept], places[kept], self._counts[kept].astype(np.int64)

    @property
    def passage_lengths(self) -> npt.NDArray[np.int32]:
        """(passages,): terms of each."""
        return self._lengths[: self._passages]

    @property
    def article_lengths(self) -> npt.NDArray[np.int32]:
        """(articles,): terms of each."""
        return self._lengths[self._passages :]


def spread(begins: Ints, counts: Ints) -> Ints:
    """Return `counts[i]` places from `begins[i]` on, one after the other."""
    ends = np.cumsum(counts)
    return np.asarray(np.arange(ends[-1] if ends.size else 0) + np.repeat(begins - ends + counts, counts))


def once(numbers: npt.NDArray[Any], places: Ints, counts: npt.NDArray[Any], of_both: np.ufunc) -> Postings:
    """Return postings, of which those of one number and place follow each other, with one of each.

    Args:
        of_both: makes one count of two.
    """
    begins = np.flatnonzero(np.append(True, (numbers[1:] != numbers[:-1]) | (places[1:] != places[:-1])))
    if len(begins) == len(numbers) or not len(numbers):
        return Postings(numbers, places, counts)
    return Postings(numbers[begins], places[begins], of_both.reduceat(counts, begins))
