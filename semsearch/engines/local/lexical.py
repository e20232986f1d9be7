"""Postings of one segment: which passages and articles have a term, and how often. Written and read here."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from semsearch import words
from semsearch.engines.local.columns import checked, read_array, write_array
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
    about: Sequence[str]  # of its headline and publisher, which are words of every passage: people ask with both
    passages: Sequence[Sequence[str]]


def bag(article: Metadata, text: str, passages: Iterable[str]) -> Bag:
    """Analyse one article."""
    analyser = words.analyser_of(article.language, text)
    about = words.terms(f"{article.title}\n{article.publisher or ''}", analyser)
    return Bag(analyser, about, [words.terms(passage, analyser) for passage in passages])


def term_key(analyser: words.Analyser, term: str) -> int:
    """Return what a term is filed under: 64 bits of a digest; the same letters are other terms in other languages."""
    digest = hashlib.blake2b(f"{analyser}\0{term}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def write_lexical(folder: Path, bags: Sequence[Bag]) -> Mapping[str, Seal]:
    """Write the postings of all articles, in order: of each passage, and of each article."""
    names = sorted({one.analyser for one in bags})
    collected = _Collected()
    for one in bags:
        for passage in one.passages:
            collected.add(one.analyser, chain(one.about, passage), len(one.about) + len(passage))
    passages = len(collected.lengths)
    for one in bags:
        collected.add(one.analyser, chain(one.about, *one.passages), len(one.about) + sum(map(len, one.passages)))
    keys = np.fromiter((term_key(*term) for term in collected.numbers), dtype=np.uint64, count=len(collected.numbers))
    rank = np.empty(len(keys), dtype=np.int64)
    rank[np.argsort(keys)] = np.arange(len(keys))
    of_term = rank[np.asarray(collected.terms, dtype=np.int64)]
    places = np.asarray(collected.places, dtype=np.int32)
    order = np.lexsort((places, of_term))
    starts = np.searchsorted(of_term[order], np.arange(len(keys) + 1))
    of_articles = np.bincount(of_term[places >= passages], minlength=len(keys))
    arrays = {
        "terms": np.sort(keys),
        # (terms, 3): of each, where its passages begin in what follows, where its articles do, and where those end
        "term_spans": np.stack([starts[:-1], starts[1:] - of_articles, starts[1:]], axis=1).astype(np.int64),
        "term_places": np.where(places >= passages, places - passages, places)[order].astype(np.int32),
        "term_counts": np.minimum(np.asarray(collected.counts)[order], _MOST_COUNTED).astype(np.uint16),
        "lengths": np.asarray(collected.lengths, dtype=np.int32),  # of passages, then of articles
        "analysers": np.asarray([names.index(one.analyser) for one in bags], dtype=np.uint8),
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

    def add(self, analyser: words.Analyser, terms: Iterable[str], length: int) -> None:
        place = len(self.lengths)
        self.lengths.append(length)
        for term, count in Counter(terms).items():
            self.terms.append(self.numbers.setdefault((analyser, term), len(self.numbers)))
            self.places.append(place)
            self.counts.append(count)


class Postings(NamedTuple):
    """Where some terms stand in one segment, one term after the other."""

    lengths: Ints  # (terms,): how many of the others are each term's
    places: npt.NDArray[np.int32]  # ascending within a term
    counts: npt.NDArray[np.uint16]  # how often it stands there


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
            and len(self.codes) == articles
            and (not articles or self.codes.max() < len(self.analysers))
        )
        if not right:
            raise ValueError(f"{folder} has other postings than passages")

    def postings(self, keys: npt.NDArray[np.uint64], *, articles: bool) -> Postings:
        """Return the rows that have each term; or the articles, in their headline, publisher or text."""
        at = np.minimum(np.searchsorted(self._keys, keys), max(0, len(self._keys) - 1))
        there = self._keys[at] == keys if len(self._keys) else np.zeros(len(keys), dtype=np.bool_)
        spans = self._spans[at[there], 1:] if articles else self._spans[at[there], :2]
        slices = [slice(*span) for span in spans.tolist()]
        lengths = np.zeros(len(keys), dtype=np.int64)
        lengths[there] = spans[:, 1] - spans[:, 0]
        places = np.concatenate([self._places[:0], *(self._places[one] for one in slices)])
        counts = np.concatenate([self._counts[:0], *(self._counts[one] for one in slices)])
        size, count = self._articles if articles else self._passages, int(np.abs(lengths).sum())
        return Postings(lengths, checked(places, size, count), counts)

    @property
    def passage_lengths(self) -> npt.NDArray[np.int32]:
        """(passages,): terms of each."""
        return self._lengths[: self._passages]

    @property
    def article_lengths(self) -> npt.NDArray[np.int32]:
        """(articles,): terms of each."""
        return self._lengths[self._passages :]
