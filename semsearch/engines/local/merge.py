"""Which segments are merged, and which of their contents go into the new one.

Segments are in tiers of size, each FANOUT times as large as the one before it. When a tier has FANOUT segments, they
are merged into one of the next (O'Neil, Cheng, Gawlick, O'Neil, "The Log-Structured Merge-Tree", 1996; tiers as in
Lucene's merge policy). Full segments are left alone, so that an addition costs the same however large the index is,
until it is compacted or has very many full segments.
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
from semsearch.engines.local.pairs import Pairs, pairs_of
from semsearch.engines.local.records import truncated_of
from semsearch.engines.local.runs import Ints, spread
from semsearch.engines.local.segment import Segment
from semsearch.engines.local.sketches import TextHashes
from semsearch.engines.local.terms import SegmentTerms, joined
from semsearch.engines.local.vocabulary import Counts
from semsearch.ports import Entry

FANOUT = 8
LEAST_PASSAGES = 1_024
"""Segments of up to this many passages are in the lowest tier: opening any of them costs about the same."""

LARGEST = 1 << 18
"""Passages of the segments that compacting makes: few segments to search, and merged in about a gigabyte of memory."""

MOST_FULL = 32
"""When this many segments are full but much smaller than the largest, some of them are merged. This bounds their number
where nobody compacts, and an addition to a large index still costs about as much as one to an empty index."""

MOST_DELETED = 1 / 3
"""Share of a segment's passages: where more are deleted, the living ones are written anew."""


class Size(NamedTuple):
    """The size of a segment."""

    living: int  # passages
    deleted: int  # passages

    @property
    def is_wasteful(self) -> bool:
        """Whether so much of it is deleted that it should be written anew."""
        return self.deleted > MOST_DELETED * (self.living + self.deleted)


def to_merge(sizes: Sequence[Size], full: int) -> list[int]:
    """Return the positions of the segments that are to be merged now; none where no merge is due.

    The result of a merge may make another one due.

    Args:
        full: passages of a full segment. From half of them on a segment is in no tier.
    """
    for position, size in enumerate(sizes):
        if size.is_wasteful:
            return [position]
    tiers: dict[int, list[int]] = {}
    for position, size in enumerate(sizes):
        if 2 * size.living < full:
            tiers.setdefault(_tier(size.living), []).append(position)
    due = [tier for tier, members in tiers.items() if len(members) >= FANOUT]
    if due:
        return tiers[min(due)]
    filled = [position for position, size in enumerate(sizes) if full <= 2 * size.living < LARGEST]
    if len(filled) < MOST_FULL:
        return []
    totals = np.cumsum([sizes[position].living for position in filled])
    return filled[: int(np.searchsorted(totals, LARGEST + full // 2, side="right"))]


def _tier(passages: int) -> int:
    tier = 0
    while passages > LEAST_PASSAGES * FANOUT**tier:
        tier += 1
    return tier


def fitting_groups(sizes: Sequence[int], most: int) -> list[list[int]]:
    """Group segments of these sizes, by position, so that no group is larger than `most` unless it is one segment.

    The largest are placed first, each in the first group that it fits in.
    """
    groups: list[tuple[int, list[int]]] = []
    for position in sorted(range(len(sizes)), key=lambda position: (-sizes[position], position)):
        fitting = next((number for number, (total, _) in enumerate(groups) if total + sizes[position] <= most), None)
        if fitting is None:
            groups.append((sizes[position], [position]))
        else:
            total, positions = groups[fitting]
            groups[fitting] = total + sizes[position], [*positions, position]
    return [sorted(positions) for _, positions in groups]


class KeptArticles:
    """Articles of segments, in order of their ids."""

    def __init__(self, segments: Sequence[Segment], numbers: Ints, articles: Ints) -> None:
        """Take the articles at these positions, (n,), of the segments with these numbers, (n,)."""
        self.segments = segments
        self.numbers = numbers
        self.articles = articles
        self.passages = np.zeros(len(articles), dtype=np.int64)  # (n,): how many each article has
        for number, segment in enumerate(segments):
            in_segment = numbers == number
            self.passages[in_segment] = np.diff(segment.first_rows)[articles[in_segment]]
        self.first_rows = np.concatenate([[0], np.cumsum(self.passages)])  # (n + 1,)

    @property
    def rows(self) -> int:
        """How many passages there are."""
        return int(self.first_rows[-1])

    def article_positions(self, number: int) -> Ints:
        """Return (articles,): the position here of each article of a segment, -1 if it is left out."""
        positions = np.full(self.segments[number].entry.articles, -1, dtype=np.int64)
        indexes = np.flatnonzero(self.numbers == number)
        positions[self.articles[indexes]] = indexes
        return positions

    def row_positions(self, number: int) -> Ints:
        """Return (passages,): the position here of each passage of a segment, -1 if it is left out."""
        segment = self.segments[number]
        of_article = self.article_positions(number)[segment.row_articles]
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
    """Yield the living articles of segments, in order of ids, in pieces of about this many passages each."""
    living = [np.flatnonzero(segment.alive) for segment in segments]
    numbers = np.repeat(np.arange(len(segments)), [len(positions) for positions in living])
    articles = np.concatenate([np.zeros(0, dtype=np.int64), *living])
    ids = np.concatenate([segment.ids[positions] for segment, positions in zip(segments, living, strict=True)])
    counts = np.concatenate(
        [np.diff(segment.first_rows)[positions] for segment, positions in zip(segments, living, strict=True)]
    )
    order = np.argsort(ids, kind="stable")
    ends = np.cumsum(counts[order])
    total = int(ends[-1]) if ends.size else 0
    pieces = max(1, round(total / passages))
    bounds = [0, *(np.searchsorted(ends, [total * piece / pieces for piece in range(1, pieces)]) + 1), len(order)]
    for begin, end in pairwise(bounds):
        if begin < end:
            yield KeptArticles(segments, numbers[order[begin:end]], articles[order[begin:end]])


def contents_of(selection: KeptArticles) -> SegmentContents:
    """Return the contents of a segment of selected articles, all of them copied from their segments."""
    segments, numbers, articles = selection.segments, selection.numbers.tolist(), selection.articles.tolist()
    article_positions = [selection.article_positions(number) for number in range(len(segments))]
    row_positions = [selection.row_positions(number) for number in range(len(segments))]

    def of_articles(parts: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
        return _placed(parts, article_positions, len(articles))

    def of_rows(parts: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
        return _placed(parts, row_positions, selection.rows)

    headlines = np.concatenate(
        [
            positions[checked(segment.encoded_headlines.articles, len(positions))]
            for segment, positions in zip(segments, article_positions, strict=True)
        ]
    )
    order = np.argsort(headlines)
    order = order[headlines[order] >= 0]
    lengths = of_articles([np.diff(segment.offsets) for segment in segments])
    columns = {
        "offsets": np.append(0, np.cumsum(lengths)),
        "ids": of_articles([segment.ids for segment in segments]),
        "fingerprints": of_articles([segment.fingerprints for segment in segments]),
        "published": of_articles([segment.published for segment in segments]),
        "indexed": of_articles([segment.indexed for segment in segments]),
        "legibility": of_articles([segment.legibility for segment in segments]),
        "spans": of_rows([segment.spans for segment in segments]),
        "first_rows": selection.first_rows,
    }
    has_truncated = [segment.entry.truncated > 0 for segment in segments]  # others need no look at their lines
    return SegmentContents(
        (segments[number].line(article) for number, article in zip(numbers, articles, strict=True)),
        sum(
            truncated_of(segments[number].line(article))
            for number, article in zip(numbers, articles, strict=True)
            if has_truncated[number]
        ),
        columns,
        merged_lists(zip([segment.facets for segment in segments], article_positions, strict=True)),
        merged_lists(zip([segment.tags for segment in segments], article_positions, strict=True)),
        of_rows([segment.vectors.mapped() for segment in segments]),
        of_articles([segment.article_vectors for segment in segments]),
        of_rows([segment.keys.halves_by_row(segment.entry.passages).T for segment in segments]).T,
        of_rows([segment.keys.digests for segment in segments]),
        headlines[order],
        np.concatenate([segment.encoded_headlines.vectors for segment in segments])[order],
        lambda: terms_of(selection),
        lambda: texts_of(selection),
        lambda: words_of(selection),
    )


def _placed(parts: Sequence[npt.NDArray[Any]], positions: Sequence[Ints], size: int) -> npt.NDArray[Any]:
    """Return the rows of all parts, each at its position; a row whose position is -1 is left out."""
    placed = np.empty((size, *parts[0].shape[1:]), dtype=parts[0].dtype)
    for part, part_positions in zip(parts, positions, strict=True):
        is_kept = part_positions >= 0
        placed[part_positions[is_kept]] = part if is_kept.all() else part[is_kept]
    return placed


def terms_of(selection: KeptArticles) -> SegmentTerms:
    """Return the terms of selected articles, as `terms.Collector` finds them in their texts."""
    indexes = [np.flatnonzero(selection.numbers == number) for number in range(len(selection.segments))]
    parts = [
        segment.lexicon.terms(selection.articles[segment_indexes], segment.first_rows)
        for segment, segment_indexes in zip(selection.segments, indexes, strict=True)
    ]
    return joined(parts, np.argsort(np.concatenate(indexes)))


def texts_of(selection: KeptArticles) -> TextHashes:
    """Return the hashes of selected articles, as `sketches.texts_of` makes them of their texts."""
    parts = [segment.repeats.texts(segment.first_rows) for segment in selection.segments]
    order = _stored_articles(selection)
    counts = np.concatenate([part.counts for part in parts])
    begins = np.cumsum(counts) - counts
    return TextHashes(
        np.concatenate([part.paragraphs for part in parts])[spread(begins[order], counts[order])],
        counts[order],
        np.concatenate([part.row_paragraphs for part in parts])[_stored_rows(selection)],
        np.concatenate([part.sketches for part in parts])[order],
        _pairs_of(selection, [part.pairs for part in parts]),
    )


def _pairs_of(selection: KeptArticles, parts: Sequence[Pairs]) -> Pairs:
    """Return the pairs of selected articles that were compared in their segments."""
    positions = [selection.article_positions(number) for number in range(len(parts))]
    ends = [
        np.sort(np.stack([moved[pairs.articles], moved[checked(pairs.others, len(moved))]]), axis=0)
        for pairs, moved in zip(parts, positions, strict=True)
    ]
    left, right = np.concatenate(ends, axis=1)
    is_kept = left >= 0
    shares = np.concatenate([pairs.letters for pairs in parts])
    agreements = np.concatenate([pairs.agreements for pairs in parts])
    return pairs_of(len(selection.articles), left[is_kept], right[is_kept], shares[is_kept], agreements[is_kept])


def words_of(selection: KeptArticles) -> Counts:
    """Return the written words of selected articles, as `vocabulary.words_of` finds them in their texts."""
    parts: list[Counts] = []
    for number, segment in enumerate(selection.segments):
        counts = segment.vocabulary.counts()
        if not counts:
            continue
        # A vocabulary does not say which articles have a word. So the selected articles are read, or the others, if
        # these are fewer.
        is_selected = np.zeros(segment.entry.articles, dtype=np.bool_)
        is_selected[selection.articles[selection.numbers == number]] = True
        is_read = is_selected if 2 * np.count_nonzero(is_selected) < len(is_selected) else ~is_selected
        read_counts = vocabulary.words_of(map(segment.read, np.flatnonzero(is_read).tolist()))
        parts.append(read_counts if is_read is is_selected else vocabulary.without(counts, read_counts))
    return vocabulary.total_counts(parts)


def _stored_articles(selection: KeptArticles) -> Ints:
    """Return (n,): the position of each selected article over all segments, one segment after the other."""
    sizes = np.array([segment.entry.articles for segment in selection.segments])
    return np.asarray((np.cumsum(sizes) - sizes)[selection.numbers] + selection.articles)


def _stored_rows(selection: KeptArticles) -> Ints:
    """Return (rows,): the same for the passages of selected articles."""
    firsts = np.concatenate([segment.first_rows[:-1] for segment in selection.segments])
    sizes = np.array([segment.entry.passages for segment in selection.segments])
    begins = firsts[_stored_articles(selection)] + (np.cumsum(sizes) - sizes)[selection.numbers]
    return spread(begins, selection.passages)
