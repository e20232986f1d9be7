"""What a segment's articles have in common with others: hashes of paragraphs, and sketches. Written and read here."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from semsearch.copies import BANDS, LEAST_PARAGRAPH, paragraph_hashes, sketch
from semsearch.engines.local.columns import checked, read_array, write_array
from semsearch.files import Seal
from semsearch.text import Span, paragraph_spans

Hashes = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]
_Shape = tuple[str, *tuple[int, ...]]

_FILES = (
    "paragraphs",
    "row_paragraphs",
    "sorted_paragraphs",
    "paragraph_articles",
    "sketches",
    "sorted_bands",
    "band_articles",
)
_BAND_STEP = np.uint64(0x9E3779B97F4A7C15)


def write_repeats(folder: Path, texts: Sequence[str], passages: Sequence[Sequence[Span]]) -> Mapping[str, Seal]:
    """Write what the articles' texts, in order, may have in common with other texts.

    Args:
        passages: for each article, where its passages are in its text.
    """
    hashes: list[Hashes] = []
    of_rows: list[npt.NDArray[np.int32]] = []
    counts: list[int] = []
    before = 0
    for text, own in zip(texts, passages, strict=True):
        spans = np.array(paragraph_spans(text), dtype=np.int64).reshape(-1, 2)
        long = spans[:, 1] - spans[:, 0] >= LEAST_PARAGRAPH
        hashes.append(np.where(long, paragraph_hashes(text), np.uint64(0)))
        begins, ends = np.array(own, dtype=np.int64).reshape(-1, 2).T
        first = np.maximum(np.searchsorted(spans[:, 0], begins, side="right") - 1, 0)
        of_rows.append(np.stack([first, np.searchsorted(spans[:, 0], ends, side="left")], axis=1) + before)
        counts.append(len(spans))
        before += len(spans)
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

    def with_paragraphs(self, wanted: Hashes) -> tuple[Ints, Ints]:
        """Return pairs: which of the hashes, and an article that has such a paragraph, once or more often."""
        return _pairs(self.sorted_paragraphs, self.paragraph_articles, wanted, len(self.sketches))

    def counts(self, wanted: Hashes) -> Ints:
        """Return (n,): how often each paragraph stands in this segment, deleted articles included."""
        starts, ends = (np.searchsorted(self.sorted_paragraphs, wanted, side) for side in ("left", "right"))
        return np.asarray(ends - starts, dtype=np.int64)

    def sharing(self, sketches: Hashes) -> tuple[Ints, Ints, Ints]:
        """Return for (n, BANDS) sketches: which of them, an article that shares bands with it, and how many."""
        size = max(1, len(self.sketches))
        places, articles = _pairs(self.sorted_bands, self.band_articles, banded(sketches).ravel(), len(self.sketches))
        pairs, bands = np.unique(places // BANDS * size + articles, return_counts=True)
        return pairs // size, pairs % size, bands


def _pairs(keys: Hashes, articles: npt.NDArray[np.int32], wanted: Hashes, size: int) -> tuple[Ints, Ints]:
    starts, ends = (np.searchsorted(keys, wanted, side) for side in ("left", "right"))
    lengths = ends - starts
    which = np.repeat(np.arange(len(wanted)), lengths)
    places = np.arange(lengths.sum()) + np.repeat(starts - np.cumsum(lengths) + lengths, lengths)
    return which, checked(articles[places], size).astype(np.int64)


def read_repeats(folder: Path, articles: int, passages: int) -> Repeats:
    """Open what `write_repeats` wrote; raises ValueError where it is not that."""
    size, bands = (read_array(folder / f"{name}.npy", "u8", None).size for name in ("paragraphs", "sorted_bands"))
    of_paragraphs: list[_Shape] = [("u8", size), ("i4", passages, 2), ("u8", size), ("i4", size)]
    shapes: list[_Shape] = [*of_paragraphs, ("u8", articles, BANDS), ("u8", bands), ("i4", bands)]
    found = Repeats(*(read_array(folder / f"{name}.npy", *shape) for name, shape in zip(_FILES, shapes, strict=True)))
    begins, ends = found.row_paragraphs.T
    if bands != articles * BANDS or (begins < 0).any() or (begins > ends).any() or (ends > size).any():
        raise ValueError(f"{folder} has other paragraphs than passages")
    return found
