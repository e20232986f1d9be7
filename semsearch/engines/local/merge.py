"""Which segments are merged, and what of their contents is taken over into the new one.

Segments are in tiers of size, each FANOUT times as large as the one before it, and a tier that has FANOUT of them is
merged into one of the next (O'Neil, Cheng, Gawlick, O'Neil, "The Log-Structured Merge-Tree", 1996; in tiers as Lucene's
merge policy has them). What is full is left alone, so that an addition costs the same however much is there, until an
index is compacted or very many segments are full.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from semsearch.engines.local import vocabulary
from semsearch.engines.local.arrays import checked
from semsearch.engines.local.facets import merged_lists
from semsearch.engines.local.new_segment import SegmentContents
from semsearch.engines.local.records import truncated_of
from semsearch.engines.local.runs import Ints, spread
from semsearch.engines.local.segment import Segment
from semsearch.engines.local.sketches import TextHashes
from semsearch.engines.local.terms import SegmentTerms, joined
from semsearch.engines.local.vocabulary import Counts
from semsearch.ports import Entry

FANOUT = 8
LEAST_PASSAGES = 1_024
"""Up to so many, segments are of the lowest tier: one costs about as much to open as the next."""

LARGEST = 1 << 18
"""Passages of the segments that compacting makes: few for a search to visit, and merged in about a gigabyte."""

MOST_FULL = 32
"""Segments that are full, but much smaller than the largest, when some of them are merged: so that their number has a
bound where nobody compacts, and an addition to a large index costs about as much as one to an empty index."""

MOST_DELETED = 1 / 3
"""Of a segment's passages. Where more are deleted, the rest is written anew."""


class Size(NamedTuple):
    """What there is to know about a segment."""

    living: int  # passages
    deleted: int  # passages

    @property
    def is_wasteful(self) -> bool:
        """Whether it keeps more of what was deleted than is worth keeping."""
        return self.deleted > MOST_DELETED * (self.living + self.deleted)


def to_merge(sizes: Sequence[Size], full: int) -> list[int]:
    """Return which segments are to be merged together now, by position; none where all is well.

    What comes of it may make another merge due.

    Args:
        full: passages of a segment that is of no tier; one that is half full is not, either.
    """
    for at, size in enumerate(sizes):
        if size.is_wasteful:
            return [at]
    tiers: dict[int, list[int]] = {}
    for at, size in enumerate(sizes):
        if 2 * size.living < full:
            tiers.setdefault(_tier(size.living), []).append(at)
    due = [tier for tier, own in tiers.items() if len(own) >= FANOUT]
    if due:
        return tiers[min(due)]
    filled = [at for at, size in enumerate(sizes) if full <= 2 * size.living < LARGEST]
    if len(filled) < MOST_FULL:
        return []
    totals = np.cumsum([sizes[at].living for at in filled])
    return filled[: int(np.searchsorted(totals, LARGEST + full // 2, side="right"))]


def _tier(passages: int) -> int:
    tier = 0
    while passages > LEAST_PASSAGES * FANOUT**tier:
        tier += 1
    return tier


def together(sizes: Sequence[int], most: int) -> list[list[int]]:
    """Return which segments of these sizes are stored as one, by position, none larger than `most` unless by itself.

    The largest first, each where it fits first.
    """
    groups: list[tuple[int, list[int]]] = []
    for at in sorted(range(len(sizes)), key=lambda at: (-sizes[at], at)):
        fitting = next((number for number, (total, _) in enumerate(groups) if total + sizes[at] <= most), None)
        if fitting is None:
            groups.append((sizes[at], [at]))
        else:
            total, own = groups[fitting]
            groups[fitting] = total + sizes[at], [*own, at]
    return [sorted(own) for _, own in groups]


class KeptArticles:
    """Articles of segments, in order of their ids."""

    def __init__(self, segments: Sequence[Segment], numbers: Ints, articles: Ints) -> None:
        """Take the articles at these positions, (n,), of the segments with these numbers, (n,)."""
        self.segments = segments
        self.numbers = numbers
        self.articles = articles
        self.passages = np.zeros(len(articles), dtype=np.int64)  # (n,): of each
        for number, segment in enumerate(segments):
            here = numbers == number
            self.passages[here] = np.diff(segment.first_rows)[articles[here]]
        self.first_rows = np.concatenate([[0], np.cumsum(self.passages)])  # (n + 1,)

    @property
    def rows(self) -> int:
        """How many passages there are."""
        return int(self.first_rows[-1])

    def article_places(self, number: int) -> Ints:
        """Return (articles,) of a segment: where each goes, -1 where it is left out."""
        places = np.full(self.segments[number].entry.articles, -1, dtype=np.int64)
        here = np.flatnonzero(self.numbers == number)
        places[self.articles[here]] = here
        return places

    def row_places(self, number: int) -> Ints:
        """Return (passages,) of a segment: where each goes, -1 where it is left out."""
        segment = self.segments[number]
        of_article = self.article_places(number)[segment.row_articles]
        within = np.arange(segment.entry.passages) - segment.first_rows[segment.row_articles]
        return np.where(of_article >= 0, self.first_rows[of_article] + within, -1)

    def entries(self) -> list[Entry]:
        """Read the articles, with all that is kept beside them."""
        entries = [
            segment.entries(self.articles[self.numbers == number].tolist())
            for number, segment in enumerate(self.segments)
        ]
        return [next(entries[number]) for number in self.numbers.tolist()]


def selections(segments: Sequence[Segment], passages: int) -> Iterator[KeptArticles]:
    """Yield what is alive in segments, in order of ids, in pieces of about so many passages each."""
    living = [np.flatnonzero(segment.alive) for segment in segments]
    numbers = np.repeat(np.arange(len(segments)), [len(own) for own in living])
    articles = np.concatenate([np.zeros(0, dtype=np.int64), *living])
    ids = np.concatenate([segment.ids[own] for segment, own in zip(segments, living, strict=True)])
    counts = np.concatenate([np.diff(segment.first_rows)[own] for segment, own in zip(segments, living, strict=True)])
    order = np.argsort(ids, kind="stable")
    ends = np.cumsum(counts[order])
    total = int(ends[-1]) if ends.size else 0
    pieces = max(1, round(total / passages))
    bounds = [0, *(np.searchsorted(ends, [total * piece / pieces for piece in range(1, pieces)]) + 1), len(order)]
    for begin, end in pairwise(bounds):
        if begin < end:
            yield KeptArticles(segments, numbers[order[begin:end]], articles[order[begin:end]])


def contents_of(selection: KeptArticles) -> SegmentContents:
    """Return what a segment of selected articles is written of, all of it taken over from their segments."""
    segments, numbers, articles = selection.segments, selection.numbers.tolist(), selection.articles.tolist()
    article_places = [selection.article_places(number) for number in range(len(segments))]
    row_places = [selection.row_places(number) for number in range(len(segments))]

    def of_articles(parts: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
        return _placed(parts, article_places, len(articles))

    def of_rows(parts: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
        return _placed(parts, row_places, selection.rows)

    titled = [
        places[checked(one.encoded_headlines.articles, len(places))]
        for one, places in zip(segments, article_places, strict=True)
    ]
    order = np.argsort(np.concatenate(titled))
    order = order[np.concatenate(titled)[order] >= 0]
    lengths = of_articles([np.diff(one.offsets) for one in segments])
    columns = {
        "offsets": np.append(0, np.cumsum(lengths)),
        "ids": of_articles([one.ids for one in segments]),
        "fingerprints": of_articles([one.fingerprints for one in segments]),
        "published": of_articles([one.published for one in segments]),
        "indexed": of_articles([one.indexed for one in segments]),
        "legibility": of_articles([one.legibility for one in segments]),
        "spans": of_rows([one.spans for one in segments]),
        "first_rows": selection.first_rows,
    }
    cut = [one.entry.truncated > 0 for one in segments]  # the others have no passage that was
    return SegmentContents(
        (segments[number].line(at) for number, at in zip(numbers, articles, strict=True)),
        sum(
            truncated_of(segments[number].line(at)) for number, at in zip(numbers, articles, strict=True) if cut[number]
        ),
        columns,
        merged_lists(zip([one.facets for one in segments], article_places, strict=True)),
        merged_lists(zip([one.tags for one in segments], article_places, strict=True)),
        of_rows([one.vectors.mapped() for one in segments]),
        of_articles([one.article_vectors for one in segments]),
        of_rows([one.keys.halves_by_row(one.entry.passages).T for one in segments]).T,
        of_rows([one.keys.digests for one in segments]),
        np.concatenate(titled)[order],
        np.concatenate([one.encoded_headlines.vectors for one in segments])[order],
        lambda: terms_of(selection),
        lambda: texts_of(selection),
        lambda: words_of(selection),
    )


def _placed(parts: Sequence[npt.NDArray[Any]], places: Sequence[Ints], size: int) -> npt.NDArray[Any]:
    """Return what the parts have, each at its place; at a place of -1 it is left out."""
    found = np.empty((size, *parts[0].shape[1:]), dtype=parts[0].dtype)
    for part, own in zip(parts, places, strict=True):
        kept = own >= 0
        found[own[kept]] = part if kept.all() else part[kept]
    return found


def terms_of(selection: KeptArticles) -> SegmentTerms:
    """Return the terms of selected articles: what `terms.Collector` finds in their texts."""
    own = [np.flatnonzero(selection.numbers == number) for number in range(len(selection.segments))]
    parts = [
        segment.lexicon.terms(selection.articles[here], segment.first_rows)
        for segment, here in zip(selection.segments, own, strict=True)
    ]
    return joined(parts, np.argsort(np.concatenate(own)))


def texts_of(selection: KeptArticles) -> TextHashes:
    """Return the hashes of selected articles: what `sketches.texts_of` makes of their texts."""
    parts = [segment.repeats.texts(segment.first_rows) for segment in selection.segments]
    at = _bases(selection)
    counts = np.concatenate([part.counts for part in parts])
    begins = np.cumsum(counts) - counts
    return TextHashes(
        np.concatenate([part.paragraphs for part in parts])[spread(begins[at], counts[at])],
        counts[at],
        np.concatenate([part.row_paragraphs for part in parts])[_rows(selection)],
        np.concatenate([part.sketches for part in parts])[at],
    )


def words_of(selection: KeptArticles) -> Counts:
    """Return the written words of selected articles: what `vocabulary.words_of` finds in their texts."""
    parts: list[Counts] = []
    for number, segment in enumerate(selection.segments):
        counts = segment.vocabulary.counts()
        if not counts:
            continue
        # Nobody knows which words are in which articles, so those are read of which there are fewer.
        taken = np.zeros(segment.entry.articles, dtype=np.bool_)
        taken[selection.articles[selection.numbers == number]] = True
        read = taken if 2 * np.count_nonzero(taken) < len(taken) else ~taken
        own = vocabulary.words_of(map(segment.read, np.flatnonzero(read).tolist()))
        parts.append(own if read is taken else vocabulary.without(counts, own))
    return vocabulary.added(parts)


def _bases(selection: KeptArticles) -> Ints:
    """Return (n,): where each selected article is among those of all segments, one segment after the other."""
    sizes = np.array([segment.entry.articles for segment in selection.segments])
    return np.asarray((np.cumsum(sizes) - sizes)[selection.numbers] + selection.articles)


def _rows(selection: KeptArticles) -> Ints:
    """Return (rows,): the same for their passages."""
    firsts = np.concatenate([segment.first_rows[:-1] for segment in selection.segments])
    sizes = np.array([segment.entry.passages for segment in selection.segments])
    begins = firsts[_bases(selection)] + (np.cumsum(sizes) - sizes)[selection.numbers]
    return spread(begins, selection.passages)
