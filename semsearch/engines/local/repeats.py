"""Which articles of a segment have text in common with others: hashes of paragraphs, and sketches. Written and read here."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from semsearch.copies import BANDS, LEAST_PARAGRAPH, paragraph_hashes, sketch
from semsearch.engines.local.columns import read_array, write_array
from semsearch.files import Seal
from semsearch.text import Span, paragraph_spans

Hashes = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]

_FILES = ("paragraphs", "row_paragraphs", "sorted_paragraphs", "paragraph_articles", "sketches", "sorted_bands", "band_articles")
_BAND_STEP = np.uint64(0x9E3779B97F4A7C15)


def write_repeats(folder: Path, texts: Sequence[str], passages: Sequence[Sequence[Span]]) -> Mapping[str, Seal]:
    """Write what the articles' texts, in order, may have in common with other texts.

    Args:
        passages: for each article, where its passages are in its text.
    """
    hashes: list[Hashes] = []
    of_rows: list[npt.NDArray[np.int32]] = []
    counts: list[int] = []
    for text, own in zip(texts, passages, strict=True):
        spans = np.array(paragraph_spans(text), dtype=np.int64).reshape(-1, 2)
        long = spans[:, 1] - spans[:, 0] >= LEAST_PARAGRAPH
        hashes.append(np.where(long, paragraph_hashes(text), np.uint64(0)))
        begins, ends = np.array(own, dtype=np.int64).reshape(-1, 2).T
        first = np.maximum(np.searchsorted(spans[:, 0], begins, side="right") - 1, 0)
        of_rows.append(np.stack([first, np.searchsorted(spans[:, 0], ends, side="left")], axis=1) + sum(counts))
        counts.append(len(spans))
    paragraphs = np.concatenate([np.zeros(0, dtype=np.uint64), *hashes])
    order = np.argsort(paragraphs, kind="stable")
    sketches = np.array([sketch(text) for text in texts], dtype=np.uint64).reshape(-1, BANDS)
    bands = banded(sketches).ravel()
    by_band = np.argsort(bands, kind="stable")
    arrays = {
        "paragraphs": paragraphs,
        "row_paragraphs": np.concatenate([np.zeros((0, 2)), *of_rows]).astype(np.int32),
        "sorted_paragraphs": paragraphs[order],
        "paragraph_articles": np.repeat(np.arange(len(texts)), counts)[order].astype(np.int32),
        "sketches": sketches,
        "sorted_bands": bands[by_band],
        "band_articles": (by_band // BANDS).astype(np.int32),
    }
    return {f"{name}.npy": write_array(folder / f"{name}.npy", array) for name, array in arrays.items()}


def banded(sketches: Hashes) -> Hashes:
    """Return hashes of bands, (…, BANDS), that tell the bands apart, too."""
    return sketches ^ (np.arange(1, BANDS + 1, dtype=np.uint64) * _BAND_STEP)


class Repeats(NamedTuple):
    """One segment's hashes, mapped into memory."""

    paragraphs: Hashes  # (paragraphs,), in order of article and text; 0 where one is too short to mean anything
    row_paragraphs: npt.NDArray[np.int32]  # (passages, 2): the first, and the one after the last, that each is in
    sorted_paragraphs: Hashes  # (paragraphs,)
    paragraph_articles: npt.NDArray[np.int32]  # (paragraphs,): whose the sorted ones are
    sketches: Hashes  # (articles, BANDS)
    sorted_bands: Hashes  # (articles * BANDS,)
    band_articles: npt.NDArray[np.int32]  # (articles * BANDS,): whose the sorted ones are

    def with_paragraphs(self, wanted: Hashes) -> list[npt.NDArray[np.int32]]:
        """Return for each hash the articles that have such a paragraph, once or more often."""
        return _found(self.sorted_paragraphs, self.paragraph_articles, wanted)

    def counts(self, wanted: Hashes) -> Ints:
        """Return (n,): how often each paragraph stands in this segment, deleted articles included."""
        starts, ends = (np.searchsorted(self.sorted_paragraphs, wanted, side) for side in ("left", "right"))
        return np.asarray(ends - starts, dtype=np.int64)

    def sharing(self, one: Hashes) -> npt.NDArray[np.int32]:
        """Return the articles that share bands with a sketch, each as often as it does."""
        return np.concatenate(_found(self.sorted_bands, self.band_articles, banded(one)))


def _found(keys: Hashes, articles: npt.NDArray[np.int32], wanted: Hashes) -> list[npt.NDArray[np.int32]]:
    starts, ends = (np.searchsorted(keys, wanted, side).tolist() for side in ("left", "right"))
    return [articles[start:end] for start, end in zip(starts, ends, strict=True)]


def read_repeats(folder: Path, articles: int, passages: int) -> Repeats:
    """Open what `write_repeats` wrote; raises ValueError where it is not that."""
    found = Repeats(*(np.asarray(read_array(folder / f"{name}.npy")) for name in _FILES))
    size, banded_size = len(found.paragraphs), articles * BANDS
    shapes = [array.shape for array in found]
    if shapes != [(size,), (passages, 2), (size,), (size,), (articles, BANDS), (banded_size,), (banded_size,)]:
        raise ValueError(f"{folder} has other paragraphs than articles")
    return found
