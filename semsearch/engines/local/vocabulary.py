"""The written words of one segment, with how many of its articles have each, to suggest what somebody may have meant.

They are in order of their lengths, so that words of similar lengths are read together.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from semsearch import words
from semsearch.engines.local.arrays import Shape, checked, damaged, read_arrays, write_arrays
from semsearch.engines.local.runs import distinct
from semsearch.files import Seal
from semsearch.types import Article

_LINE_END = ord("\n")
_LENGTHS = words.LONGEST_WRITTEN + 2
_FILE = "vocabulary.arrays"
_SHAPES: Mapping[str, Shape] = {"words": ("u1", None), "counts": ("i4", None), "lengths": ("i8", _LENGTHS, 2)}

Counts = Mapping[str, int]
"""Words, and how many articles have each."""


def words_of(articles: Iterable[Article]) -> Counts:
    """Count the written words of articles."""
    counts: Counter[str] = Counter()
    for article in articles:
        counts.update(words.written(f"{article.metadata.title}\n{article.text}"))
    return counts


def total_counts(parts: Iterable[Counts]) -> Counts:
    """Return the summed counts of several sets of articles."""
    counts: Counter[str] = Counter()
    for part in parts:
        counts.update(part)
    return counts


def without(counts: Counts, part: Counts) -> Counts:
    """Return the counts of a set of articles without those of some of them."""
    remaining = {word: count - part.get(word, 0) for word, count in counts.items()}
    return {word: count for word, count in remaining.items() if count}


def write_vocabulary(folder: Path, counts: Counts) -> Mapping[str, Seal]:
    """Write words and counts."""
    ordered = sorted(counts, key=lambda word: (len(word), word))
    lines = [f"{word}\n".encode() for word in ordered]
    ends = list(accumulate(map(len, lines), initial=0))
    firsts = np.searchsorted([len(word) for word in ordered], np.arange(_LENGTHS), side="left")
    arrays: dict[str, npt.NDArray[Any]] = {
        "words": np.frombuffer(b"".join(lines), dtype=np.uint8),  # a line each
        "counts": np.array([counts[word] for word in ordered], dtype=np.int32),
        # (lengths, 2): the number of the first word of each length in code points, and where it begins
        "lengths": np.stack([firsts, np.array(ends)[firsts]], axis=1).astype(np.int64),
    }
    return {_FILE: write_arrays(folder / _FILE, arrays)}


class SegmentVocabulary:
    """The words of one segment, mapped into memory."""

    def __init__(self, folder: Path) -> None:
        """Open what `write_vocabulary` wrote; raises ValueError where the file is not what was written."""
        arrays = read_arrays(folder / _FILE, _SHAPES)
        self._text: npt.NDArray[np.uint8] = arrays["words"]
        self._counts: npt.NDArray[np.int32] = arrays["counts"]
        self._lengths: npt.NDArray[np.int64] = arrays["lengths"]
        firsts, begins = self._lengths.T
        is_consistent = (
            (np.diff(self._lengths, axis=0) >= 0).all()
            and (firsts[0], begins[0]) == (0, 0)
            and (firsts[-1], begins[-1]) == (len(self._counts), len(self._text))
        )
        if not is_consistent:
            raise ValueError(f"{folder} has other words than counts")

    def containing(self, parts: Iterable[str], shortest: int, longest: int) -> Counts:
        """Return the words of these lengths, in code points, that have any of the parts, with their counts."""
        low, high = min(shortest, _LENGTHS - 1), min(longest + 1, _LENGTHS - 1)
        (first, begin), (last, end) = self._lengths[[low, high]].tolist()
        ends = np.flatnonzero(self._text[begin:end] == _LINE_END)
        if len(ends) != last - first:
            raise damaged("words")
        text = self._text[begin:end].tobytes()
        places = [place for part in parts for place in _places(text, part.encode())]
        numbers = distinct(np.searchsorted(ends, np.array(places, dtype=np.int64)))
        begins = np.append(0, ends + 1)
        counts = checked(self._counts[first:last][numbers], 1 << 31).tolist()
        lines = zip(begins[numbers].tolist(), ends[numbers].tolist(), counts, strict=True)
        try:
            return {text[start:stop].decode(): count for start, stop, count in lines}
        except UnicodeDecodeError as error:
            raise damaged("words") from error

    def counts(self) -> Counts:
        """Return all words with their counts."""
        lines = bytes(self._text).decode(errors="replace").split("\n")[:-1]
        if len(lines) != len(self._counts):
            raise damaged("words")
        return dict(zip(lines, self._counts.tolist(), strict=True))


def _places(text: bytes, part: bytes) -> Iterator[int]:
    position = text.find(part)
    while position >= 0:
        yield position
        position = text.find(part, position + len(part))
