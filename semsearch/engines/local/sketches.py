"""What a segment's articles may share with others: hashes of paragraphs, sketches, and pairs that were compared."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from semsearch.copies import BANDS, LEAST_BANDS, LEAST_PARAGRAPH, paragraph_hashes, sketch, worth_comparing
from semsearch.engines.local.arrays import Shape, checked, read_arrays, write_arrays
from semsearch.engines.local.pairs import Pairs, compared, no_pairs
from semsearch.engines.local.runs import Ints, distinct, first_of_each, spread, value_counts
from semsearch.files import Seal
from semsearch.text import Span, paragraph_spans

Hashes = npt.NDArray[np.uint64]
_FILE = "repeats.arrays"
Bands = npt.NDArray[np.uint32]

_COMMON = 20
_LOOKED_AT = 64
_LIKE = 0.7
"""A band that two articles share is common text if, of _LOOKED_AT articles that have it, _COMMON are like neither: they
share less than _LIKE of their bands with each."""

_PAIR = "pair_"
"""Before the names of the arrays of `Pairs`."""

_COMPARED_AHEAD = 32
"""Likely copies of an article, the likeliest first, that are compared when a segment is written."""

_MOST_LIKELY = 256
"""Likely copies of an article, beyond which none is compared ahead: it is one of thousands of a pattern, such as
weather reports, and a query that finds it compares others of them."""

_MOST_HOLDERS = 1_024
"""Articles that have one band, beyond which it is not looked at when pairs are compared ahead."""

_AT_ONCE = 64
"""Articles whose likely copies are looked up at once, so that very many holders fit into memory."""

_BAND_STEP = np.uint32(0x9E3779B9)


class TextHashes(NamedTuple):
    """The hashes of articles, in order, by which they are compared with others."""

    paragraphs: Hashes  # (paragraphs,), in order of article and text; 0 for one that is too short to count
    counts: Ints  # (articles,): how many paragraphs each has
    row_paragraphs: Ints  # (passages, 2): the first paragraph of each, and the one after its last, within its article
    sketches: Bands  # (articles, BANDS)
    pairs: Pairs  # of articles that were compared before


def texts_of(texts: Sequence[str], passages: Sequence[Sequence[Span]]) -> TextHashes:
    """Hash articles' texts, in order.

    Args:
        passages: for each article, where its passages are in its text.
    """
    hashes = [np.zeros(0, dtype=np.uint64)]
    of_rows = [np.zeros((0, 2), dtype=np.int64)]
    for text, article_passages in zip(texts, passages, strict=True):
        spans = np.array(paragraph_spans(text), dtype=np.int64).reshape(-1, 2)
        is_long = spans[:, 1] - spans[:, 0] >= LEAST_PARAGRAPH
        hashes.append(np.where(is_long, paragraph_hashes(text), np.uint64(0)))
        begins, ends = np.array(article_passages, dtype=np.int64).reshape(-1, 2).T
        firsts = np.maximum(np.searchsorted(spans[:, 0], begins, side="right") - 1, 0)
        of_rows.append(np.stack([firsts, np.searchsorted(spans[:, 0], ends, side="left")], axis=1))
    counts = np.array([len(article_passages) for article_passages in hashes[1:]], dtype=np.int64)
    sketches = np.array([sketch(text) for text in texts], dtype=np.uint32).reshape(-1, BANDS)
    return TextHashes(np.concatenate(hashes), counts, np.concatenate(of_rows), sketches, no_pairs(len(texts)))


def write_repeats(
    folder: Path, texts: TextHashes, first_rows: Ints, lengths: Ints, read_text: Callable[[int], str]
) -> Mapping[str, Seal]:
    """Write the hashes of articles, and what comparing the likely copies among them shows.

    Args:
        first_rows: (articles + 1,): article i has rows [i] to [i + 1].
        lengths: (articles,), how many terms each has.
        read_text: returns the text of an article, by its position.
    """
    paragraphs, counts, row_paragraphs, sketches, known = texts
    order = np.argsort(paragraphs, kind="stable")
    bands = banded(sketches).ravel()
    by_band = np.argsort(bands, kind="stable")
    bases = np.repeat(np.cumsum(counts) - counts, np.diff(first_rows))
    sorted_bands, band_articles = bands[by_band], (by_band // BANDS).astype(np.int32)
    pairs = compared(*_likely_pairs(sketches, sorted_bands, band_articles, lengths), known, read_text)
    arrays: dict[str, npt.NDArray[Any]] = {
        "paragraphs": paragraphs,
        "row_paragraphs": (row_paragraphs + bases[:, np.newaxis]).astype(np.int32),
        "sorted_paragraphs": paragraphs[order],
        "paragraph_articles": np.repeat(np.arange(len(counts)), counts)[order].astype(np.int32),
        "sketches": sketches,
        "sorted_bands": sorted_bands,
        "band_articles": band_articles,
        **{f"{_PAIR}{name}": array for name, array in pairs._asdict().items()},
    }
    return {_FILE: write_arrays(folder / _FILE, arrays)}


def _likely_pairs(
    sketches: Bands, sorted_bands: Bands, band_articles: npt.NDArray[np.int32], lengths: Ints
) -> tuple[Ints, Ints]:
    """Return pairs of articles, each once, that are worth comparing: of each article some, of one of a pattern none.

    A band that very many articles have is left out: it tells nothing, and to pair all of them takes too long.
    """
    every = np.arange(len(sketches))
    telling = np.flatnonzero(sketches.any(axis=1))  # others have no words
    left_parts, right_parts = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for begin in range(0, len(telling), _AT_ONCE):
        numbers = telling[begin : begin + _AT_ONCE]
        places, others, bands = _sharing(sorted_bands, band_articles, sketches[numbers], len(every), _MOST_HOLDERS)
        articles = numbers[places]
        close = (articles != others) & worth_comparing(bands, lengths[articles], lengths[others])
        articles, others, bands = articles[close], others[close], bands[close]
        order = np.lexsort((others, -bands, articles))
        articles, others = articles[order], others[order]
        begins = first_of_each(articles)
        counts = np.diff(np.append(begins, len(articles)))
        rank, crowd = np.arange(len(articles)) - np.repeat(begins, counts), np.repeat(counts, counts)
        chosen = (rank < _COMPARED_AHEAD) & (crowd <= _MOST_LIKELY)
        left_parts.append(np.minimum(articles, others)[chosen])
        right_parts.append(np.maximum(articles, others)[chosen])
    keys = distinct(np.concatenate(left_parts) * len(every) + np.concatenate(right_parts))
    left, right = np.divmod(keys, max(1, len(every)))
    return left, right


def banded(sketches: Bands) -> Bands:
    """Return hashes, (…, BANDS), that differ between bands, too, so that all can be looked up in one array."""
    return sketches ^ (np.arange(1, BANDS + 1, dtype=np.uint32) * _BAND_STEP)


class Repeats(NamedTuple):
    """One segment's hashes, mapped into memory."""

    paragraphs: Hashes  # (paragraphs,), in order of article and text; 0 for one that is too short to count
    row_paragraphs: npt.NDArray[np.int32]  # (passages, 2): the first paragraph of each, and the one after its last
    sorted_paragraphs: Hashes  # (paragraphs,)
    paragraph_articles: npt.NDArray[np.int32]  # (paragraphs,): the articles of the sorted ones
    sketches: Bands  # (articles, BANDS)
    sorted_bands: Bands  # (articles * BANDS,)
    band_articles: npt.NDArray[np.int32]  # (articles * BANDS,): the articles of the sorted ones
    pairs: Pairs

    def texts(self, first_rows: Ints) -> TextHashes:
        """Return the hashes of all articles, as they were written.

        Args:
            first_rows: (articles + 1,): article i has rows [i] to [i + 1].
        """
        owners = checked(self.paragraph_articles, len(self.sketches), len(self.paragraphs))
        counts = np.bincount(owners, minlength=len(self.sketches))
        bases = np.repeat(np.cumsum(counts) - counts, np.diff(first_rows))
        return TextHashes(
            self.paragraphs,
            counts,
            self.row_paragraphs.astype(np.int64) - bases[:, np.newaxis],
            self.sketches,
            self.pairs,
        )

    def with_paragraphs(self, wanted: Hashes) -> tuple[Ints, Ints]:
        """Return pairs: the index of a hash, and an article that has this paragraph; as often as it has it."""
        return _matching_pairs(self.sorted_paragraphs, self.paragraph_articles, wanted, len(self.sketches))

    def counts(self, wanted: Hashes) -> Ints:
        """Return (n,): how often each paragraph occurs in this segment, deleted articles included."""
        order = np.argsort(wanted)  # looking them up in order reads neighbouring memory
        ascending = wanted[order]
        starts, ends = (np.searchsorted(self.sorted_paragraphs, ascending, side) for side in ("left", "right"))
        counts = np.zeros(len(wanted), dtype=np.int64)
        counts[order] = np.maximum(ends - starts, 0)
        return counts

    def other_stories(self, left: Bands, right: Bands, bands: Ints) -> Ints:
        """Return for some bands how many articles have the same hash there as `left`, and are like neither sketch.

        Of the articles that have it, a sample from all over the segment is looked at.
        """
        wanted = banded(left)[bands]
        starts, ends = (np.searchsorted(self.sorted_bands, wanted, side).tolist() for side in ("left", "right"))
        counts = np.zeros(len(bands), dtype=np.int64)
        for place, (start, end) in enumerate(zip(starts, ends, strict=True)):
            holders = self.band_articles[start : end : max(1, (end - start) // _LOOKED_AT)]
            sketches = self.sketches[checked(holders, max(1, len(self.sketches)))]
            likeness = np.maximum((sketches == left).sum(axis=1), (sketches == right).sum(axis=1))
            counts[place] = (likeness < _LIKE * BANDS).sum()
        return counts

    def sharing(self, sketches: Bands) -> tuple[Ints, Ints, Ints]:
        """Return for (n, BANDS) sketches: the index of one, an article that shares enough bands with it, how many."""
        return _sharing(self.sorted_bands, self.band_articles, sketches, len(self.sketches))


def frequent_paragraphs(segments: Sequence[Hashes], least: int, at_once: int) -> Hashes:
    """Return the hashes that occur at least so often in all segments together, ascending, without 0.

    Args:
        segments: the `sorted_paragraphs` of each.
        at_once: about how many hashes are copied into memory at a time.
    """
    count = -(-sum(map(len, segments)) // at_once)
    begins = [0] * len(segments)
    frequent = [np.zeros(0, dtype=np.uint64)]
    for number in range(1, count + 1):  # one part of the range of hashes after the other
        last = np.uint64((number << 64) // count - 1)
        ends = [int(np.searchsorted(hashes, last, "right")) for hashes in segments]
        pieces = [hashes[begin:end] for hashes, begin, end in zip(segments, begins, ends, strict=True)]
        merged = np.sort(np.concatenate(pieces), kind="stable")  # fast, since each piece is in order
        again = merged[least - 1 :]  # where a hash stands here, too, it occurs `least` times
        frequent.append(distinct(again[again == merged[: len(again)]]))
        begins = ends
    return np.concatenate([hashes[hashes != 0] for hashes in frequent])


def common_share(parts: Sequence[Repeats], left: Bands, right: Bands) -> float:
    """Return how much of all that two articles say is said by both and by many articles that are like neither, 0 to 1.

    The share of bands that two texts have in common is about the share of text that they have in common (Broder 1997).

    Args:
        parts: of all segments.
        left: (BANDS,), the sketch of one article.
        right: (BANDS,), the sketch of the other.
    """
    same = np.flatnonzero(left == right)
    stories = np.zeros(len(same), dtype=np.int64)
    for repeats in parts:
        stories += repeats.other_stories(left, right, same)
    return float((stories >= _COMMON).sum() / BANDS)


def _sharing(
    sorted_bands: Bands, band_articles: npt.NDArray[np.int32], sketches: Bands, articles: int, most: int | None = None
) -> tuple[Ints, Ints, Ints]:
    """Return for (n, BANDS) sketches: the index of one, an article that shares enough bands with it, how many.

    Args:
        articles: how many articles there are.
        most: a band that more of them have does not count; None: every band counts.
    """
    size = max(1, articles)
    wanted = banded(sketches).ravel()
    order = np.argsort(wanted)  # looking them up in order reads neighbouring memory
    places, sharing = _matching_pairs(sorted_bands, band_articles, wanted[order], articles, most)
    sketch_bases = order // BANDS * size
    pairs, bands = value_counts(sketch_bases[places] + sharing, len(sketches) * size, least=LEAST_BANDS)
    return pairs // size, pairs % size, bands


def _matching_pairs(
    keys: Hashes | Bands,
    articles: npt.NDArray[np.int32],
    wanted: Hashes | Bands,
    size: int,
    most: int | None = None,
) -> tuple[Ints, Ints]:
    starts, ends = (np.searchsorted(keys, wanted, side) for side in ("left", "right"))
    lengths = np.maximum(ends - starts, 0)  # negative where damaged keys are not in order
    if most is not None:
        lengths[lengths > most] = 0
    indexes = np.repeat(np.arange(len(wanted)), lengths)
    return indexes, checked(articles[spread(starts, lengths)], size).astype(np.int64)


def read_repeats(folder: Path, articles: int, passages: int) -> Repeats:
    """Open what `write_repeats` wrote; raises ValueError where the file is not what was written."""
    shapes: Mapping[str, Shape] = {
        "paragraphs": ("u8", None),
        "row_paragraphs": ("i4", passages, 2),
        "sorted_paragraphs": ("u8", None),
        "paragraph_articles": ("i4", None),
        "sketches": ("u4", articles, BANDS),
        "sorted_bands": ("u4", articles * BANDS),
        "band_articles": ("i4", articles * BANDS),
        f"{_PAIR}firsts": ("i8", articles + 1),
        f"{_PAIR}others": ("i4", None),
        f"{_PAIR}letters": ("f8", None),
        f"{_PAIR}agreements": ("i4", None, 3),
    }
    arrays = read_arrays(folder / _FILE, shapes)
    pairs = Pairs(**{name: arrays.pop(f"{_PAIR}{name}") for name in Pairs._fields}).validated()
    repeats = Repeats(**arrays, pairs=pairs)
    size = len(repeats.paragraphs)
    begins, ends = repeats.row_paragraphs.T
    is_consistent = (
        len(repeats.sorted_paragraphs) == len(repeats.paragraph_articles) == size
        and (begins >= 0).all()
        and (begins <= ends).all()
        and (ends <= size).all()
    )
    if not is_consistent:
        raise ValueError(f"{folder} has other paragraphs than passages")
    # Passages do not overlap: they share a paragraph only if one ends in it and the next begins in it.
    if (ends.astype(np.int64) - begins).sum() > size + passages:
        raise ValueError(f"{folder} has passages of more paragraphs than there are")
    return repeats
