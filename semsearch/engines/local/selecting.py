"""Which articles of several segments make a new one, in which order, and where each of their rows goes."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from semsearch.engines.local.segment import Segment
from semsearch.ports import Entry

Ints = npt.NDArray[np.int64]


class Selection:
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


def selections(segments: Sequence[Segment], passages: int) -> Iterator[Selection]:
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
            yield Selection(segments, numbers[order[begin:end]], articles[order[begin:end]])
