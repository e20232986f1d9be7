"""Paragraphs that an outlet repeats in many of its articles, such as an invitation to subscribe: they say nothing."""

from functools import cached_property

import numpy as np

from semsearch.copies import BANDS
from semsearch.engines.local.arrays import Mask
from semsearch.engines.local.corpus import Corpus
from semsearch.engines.local.runs import Ints, among, distinct, first_of_each, spread, value_counts
from semsearch.engines.local.sketches import Bands, Hashes, frequent_paragraphs

_SAME_BANDS = 0.7
"""Articles that share this many bands count once where a paragraph's articles are counted. Short articles share
fewer, even if they share a long paragraph."""


class Boilerplate:
    """Looks up in all segments what outlets repeat. Paragraphs are given by their hashes, outlets by their numbers."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._least = corpus.thresholds.repeated_articles
        self._known: dict[tuple[int, int], bool] = {}  # by paragraph and outlet

    def repeated(self, rows: Ints) -> Mask:
        """Mark the rows made up of paragraphs that their outlet repeats in many articles.

        If all passages of an article are such rows, none of them is marked.
        """
        corpus, mask = self._corpus, self._repeated(rows)
        articles = corpus.row_articles[rows[mask]]
        if (different := distinct(articles)).size:
            firsts, ends = corpus.article_rows[different], corpus.article_rows[different + 1]
            are_repeated = self._repeated(spread(firsts, ends - firsts))
            is_whole = np.logical_and.reduceat(are_repeated, np.cumsum(ends - firsts) - (ends - firsts))
            mask[mask] = ~among(articles, different[is_whole])
        return mask

    def _repeated(self, rows: Ints) -> Mask:
        """Mark the rows made up of paragraphs that their outlet repeats, whatever else their article has."""
        corpus = self._corpus
        owner_parts, hash_parts = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.uint64)]
        numbers = np.searchsorted(corpus.first_rows, rows, side="right") - 1
        for number in distinct(numbers).tolist():
            repeats, in_segment = corpus.segments[number].repeats, np.flatnonzero(numbers == number)
            begins, ends = repeats.row_paragraphs[rows[in_segment] - corpus.first_rows[number]].T.astype(np.int64)
            hash_parts.append(repeats.paragraphs[spread(begins, ends - begins)])
            owner_parts.append(np.repeat(in_segment, ends - begins))
        owners, paragraphs = np.concatenate(owner_parts), np.concatenate(hash_parts)
        frequent = self.are_frequent(paragraphs)
        mask = np.ones(len(rows), dtype=np.bool_)
        mask[owners[~frequent]] = False
        undecided = np.flatnonzero(frequent & mask[owners])
        outlets = corpus.outlets[corpus.row_articles[rows[owners[undecided]]]]
        mask[owners[undecided[~self.are_repeated(paragraphs[undecided], outlets)]]] = False
        return mask

    def are_frequent(self, paragraphs: Hashes) -> Mask:
        """Mark the paragraphs that enough articles may have for one outlet to repeat them."""
        if len(paragraphs) > self._corpus.thresholds.counted_paragraphs or "_frequent" in self.__dict__:
            return among(paragraphs, self._frequent)
        counts = np.zeros(len(paragraphs), dtype=np.int64)
        for segment in self._corpus.segments:
            counts += segment.repeats.counts(paragraphs)
        return np.asarray((counts >= self._least) & (paragraphs != 0))

    @cached_property
    def _frequent(self) -> Hashes:
        """All that `are_frequent` marks, ascending."""
        segments = [segment.repeats.sorted_paragraphs for segment in self._corpus.segments]
        return frequent_paragraphs(segments, self._least, self._corpus.thresholds.merged_paragraphs)

    def are_repeated(self, paragraphs: Hashes, outlets: Ints) -> Mask:
        """Mark the pairs, (n,) paragraphs and (n,) outlets, where the outlet has the paragraph in many articles.

        Articles that are copies of each other count once.
        """
        if not len(paragraphs):
            return np.zeros(0, dtype=np.bool_)
        different, size = distinct(paragraphs), int(self._corpus.outlets.max()) + 2  # with -1, for none
        pair_keys = different.searchsorted(paragraphs) * size + outlets + 1
        keys = distinct(pair_keys)
        pairs = list(zip(different[keys // size].tolist(), (keys % size - 1).tolist(), strict=True))
        if any(pair not in self._known for pair in pairs):
            self._known |= zip(pairs, among(keys, self._repeated_keys(different, keys, size)).tolist(), strict=True)
        return among(pair_keys, keys[[self._known[pair] for pair in pairs]])

    def _repeated_keys(self, paragraphs: Hashes, keys: Ints, size: int) -> Ints:
        """Return the keys, ascending, whose outlet repeats their paragraph.

        Args:
            paragraphs: different ones, ascending.
            keys: each the index of a paragraph, times `size`, and the number of an outlet plus 1; ascending.
        """
        corpus, segment_holders = self._corpus, []
        for segment, base in zip(corpus.segments, corpus.first_articles.tolist(), strict=False):
            indexes, holders = segment.repeats.with_paragraphs(paragraphs)
            holder_keys = indexes * size + corpus.outlets[base + holders] + 1
            counted = segment.alive[holders] & among(holder_keys, keys)
            segment_holders.append((segment.repeats, holders[counted], holder_keys[counted]))
        every_key = np.concatenate([keys[:0], *(holder_keys for _, _, holder_keys in segment_holders)])
        frequent, _ = value_counts(every_key, len(paragraphs) * size, least=self._least)
        sketch_parts, key_parts = [np.zeros((0, BANDS), dtype=np.uint32)], [keys[:0]]
        for repeats, holders, holder_keys in segment_holders:
            counted = among(holder_keys, frequent)
            sketch_parts.append(repeats.sketches[holders[counted]])
            key_parts.append(holder_keys[counted])
        sketches, sketch_keys = np.concatenate(sketch_parts), np.concatenate(key_parts)
        order = np.argsort(sketch_keys, kind="stable")
        groups = np.split(sketches[order], first_of_each(sketch_keys[order])[1:]) if order.size else []
        return frequent[np.array([_are_many(group, self._least) for group in groups], dtype=np.bool_)]


def _are_many(sketches: Bands, least: int) -> bool:
    """Tell whether these are at least `least`, where those that share as many bands as copies do count once."""
    different = sorted({sketch.tobytes() for sketch in sketches})  # whatever the order of additions
    remaining = np.frombuffer(b"".join(different), dtype=sketches.dtype).reshape(-1, BANDS)
    count = 0
    while len(remaining) and count < least:
        remaining = remaining[(remaining == remaining[0]).sum(axis=1) < _SAME_BANDS * BANDS]
        count += 1
    return count >= least
