"""All segments of one generation seen as one array of articles and one of rows, with what all searches share."""

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import compress
from typing import Any

import numpy as np
import numpy.typing as npt

from semsearch.engines.local import facets
from semsearch.engines.local.arrays import Mask, StoredRows, damaged
from semsearch.engines.local.codes import Codes
from semsearch.engines.local.lexicon import Lexicon
from semsearch.engines.local.profiles import Profiles, profiles_of
from semsearch.engines.local.runs import Ints, distinct, runs, spread
from semsearch.engines.local.segment import ID, Segment
from semsearch.engines.local.term_statistics import Statistics
from semsearch.engines.local.thresholds import Thresholds
from semsearch.ports import Background, Floats, Matrix
from semsearch.types import Filters

_SAMPLED = 4_096
"""How many passages of a language its mean vector is computed from."""

_REMEMBERED = 1 << 14
"""Ids whose articles are remembered: articles that may be copies are named and then looked up again."""

_LONGEST = 1.1
"""No number in a vector of about unit length is greater."""


class Corpus:
    """All articles and rows of a generation. Places are positions over all segments and hold for this one alone."""

    def __init__(self, segments: Sequence[Segment], thresholds: Thresholds) -> None:
        self.segments, self.thresholds = segments, thresholds
        self.first_articles = np.cumsum([0, *(segment.entry.articles for segment in segments)], dtype=np.int64)
        self._first_articles = self.first_articles.tolist()  # faster to bisect for one article
        self.first_rows = np.cumsum([0, *(segment.entry.passages for segment in segments)], dtype=np.int64)
        self._articles_by_id: dict[str, int] = {}  # of living articles, by recently named ids

    @property
    def articles(self) -> int:
        """How many articles there are, deleted ones included."""
        return int(self.first_articles[-1])

    @property
    def rows(self) -> int:
        """How many passages there are, deleted ones included."""
        return int(self.first_rows[-1])

    @cached_property
    def row_articles(self) -> Ints:
        """(rows,): the article of each row."""
        parts = [segment.row_articles + base for segment, base in zip(self.segments, self.first_articles, strict=False)]
        return np.concatenate([np.zeros(0, dtype=np.int64), *parts])

    @cached_property
    def alive(self) -> Mask:
        """(articles,): whether each is not deleted."""
        return np.concatenate([np.zeros(0, dtype=np.bool_), *(segment.alive for segment in self.segments)])

    @cached_property
    def alive_rows(self) -> Mask:
        """(rows,): whether each is of an article that is not deleted."""
        return self.alive[self.row_articles]

    @cached_property
    def every_row(self) -> Ints:
        """(rows,): all of them."""
        return np.arange(self.rows)

    @cached_property
    def living_rows(self) -> Ints:
        """The rows of articles that are not deleted, ascending."""
        return self.every_row if self.alive.all() else np.flatnonzero(self.alive_rows)

    def articles_of(self, rows: Ints) -> tuple[Ints, Ints]:
        """Return the articles of rows, both ascending, each article once, and how many of the rows each has."""
        return self._living_articles if rows is self.living_rows else runs(self.row_articles[rows])

    @cached_property
    def _living_articles(self) -> tuple[Ints, Ints]:
        return runs(self.row_articles[self.living_rows])

    def rows_of(self, articles: Ints) -> Ints:
        """Return the rows of articles, one article after the other."""
        begins = self.article_rows[articles]
        return spread(begins, self.article_rows[articles + 1] - begins)

    @cached_property
    def oldest(self) -> int | None:
        """The last instant, in UTC seconds, at which the oldest living article may be published; None without dates."""
        earliest, latest = self.published[self.alive].T
        return min(latest[earliest <= latest].tolist(), default=None)

    @cached_property
    def row_codes(self) -> list[Codes]:
        """The coded vectors of all passages, by segment."""
        return [segment.codes.validated() for segment in self.segments]

    @cached_property
    def article_codes(self) -> list[Codes]:
        """The coded vectors of all articles, by segment."""
        return [segment.article_codes.validated() for segment in self.segments]

    @cached_property
    def row_error(self) -> float:
        """By how much a product with a unit vector can be off when passages' codes stand in for their vectors."""
        return max((codes.error for codes in self.row_codes), default=0.0)

    @cached_property
    def article_error(self) -> float:
        """The same for articles."""
        return max((codes.error for codes in self.article_codes), default=0.0)

    def picking(self, rows: Ints) -> Ints | slice:
        """Return the index that picks rows, ascending, out of an array of all rows: a slice if all are picked."""
        return slice(None) if len(rows) == self.rows else rows

    @cached_property
    def article_rows(self) -> Ints:
        """(articles + 1,): article i has rows [i] to [i + 1]."""
        parts = [segment.first_rows[:-1] + base for segment, base in zip(self.segments, self.first_rows, strict=False)]
        return np.concatenate([*parts, self.first_rows[-1:]])

    @cached_property
    def published(self) -> Ints:
        """(articles, 2): earliest and latest UTC second of publication; facets.UNDATED without one."""
        return np.concatenate([np.zeros((0, 2), dtype=np.int64), *(segment.published for segment in self.segments)])

    @cached_property
    def dates(self) -> Ints:
        """(articles,): ascending where articles get older, and greatest without a date."""
        earliest, latest = self.published.T
        return np.where(earliest > latest, np.iinfo(np.int64).max, -earliest)

    @cached_property
    def newest_first(self) -> Ints:
        """(articles,): all, by their dates; those of one date in any order."""
        return np.argsort(self.dates, kind="stable")

    @cached_property
    def passage_statistics(self) -> Statistics:
        """What BM25 has to know about passages."""
        names, codes = self.analysers
        return Statistics(
            self._lexicons, self.alive_rows, names, codes[self.row_articles], self.thresholds, articles=False
        )

    @cached_property
    def article_statistics(self) -> Statistics:
        """What BM25 has to know about whole articles."""
        names, codes = self.analysers
        return Statistics(self._lexicons, self.alive, names, codes, self.thresholds, articles=True)

    @property
    def _lexicons(self) -> list[Lexicon]:
        return [segment.lexicon for segment in self.segments]

    @cached_property
    def background(self) -> Background:
        """What texts that are not about each other look like, summed over segments."""
        counts, means, growths = np.sum(
            [np.zeros(3), *(segment.background for segment in self.segments)], axis=0
        ).tolist()
        return Background(int(self.alive_rows.sum()), counts, means, growths)

    @cached_property
    def legibility(self) -> Floats:
        """(articles,): how far the encoder can read each, 0 to 1."""
        shares = np.concatenate([np.zeros(0), *(segment.legibility for segment in self.segments)])
        if not ((shares >= 0) & (shares <= 1)).all():
            raise damaged("shares of legible text")
        return shares

    @cached_property
    def profiles(self) -> Profiles:
        """All articles grouped by language and legibility."""
        return profiles_of(self.analysers[1], self.legibility)

    @cached_property
    def mean_vectors(self) -> Floats:
        """(analysers, dimensions): the mean vector of the passages of each, or of a sample of them."""
        statistics, means = self.passage_statistics, []
        for code in range(len(statistics.analysers)):
            rows = self.living_rows[statistics.codes[self.living_rows] == code]
            sample = rows[:: max(1, len(rows) // _SAMPLED)]
            means.append(self.vectors(sample).sum(axis=0, dtype=np.float64) / max(1, len(sample)))
        return np.stack(means)

    @cached_property
    def mean_legibility(self) -> Floats:
        """(analysers,): how far the encoder can read the living articles of each, on average."""
        names, codes = self.analysers
        counts = np.bincount(codes[self.alive], minlength=len(names))
        return np.bincount(codes[self.alive], self.legibility[self.alive], len(names)) / np.maximum(counts, 1)

    @cached_property
    def article_lengths(self) -> Ints:
        """(articles,): how many terms each has."""
        parts = [segment.lexicon.article_lengths for segment in self.segments]
        return np.concatenate([np.zeros(0, dtype=np.int64), *parts])

    @cached_property
    def analysers(self) -> tuple[Sequence[str], npt.NDArray[np.uint8]]:
        """The names of all analysers, and for each article, (articles,), which of them analysed it."""
        names = sorted({name for segment in self.segments for name in segment.lexicon.analysers})
        parts = [
            np.array([names.index(name) for name in segment.lexicon.analysers], dtype=np.uint8)[segment.lexicon.codes]
            for segment in self.segments
        ]
        return names, np.concatenate([np.zeros(0, dtype=np.uint8), *parts])

    @cached_property
    def ids(self) -> npt.NDArray[np.bytes_]:
        """(articles,): their ids."""
        return np.concatenate([np.zeros(0, dtype="S1"), *(segment.ids for segment in self.segments)])

    @cached_property
    def outlets(self) -> Ints:
        """(articles,): a number for the publisher, or the domain where there is none; -1 where neither is known."""
        numbers: dict[str, int] = {}
        of_articles = np.full(self.articles, -1, dtype=np.int64)
        for segment, base in zip(self.segments, self.first_articles.tolist(), strict=False):
            for field in ("domain", "publisher"):  # the latter wins
                for value, start, end in segment.facets.values.get(field, ()):
                    number = numbers.setdefault(value.casefold(), len(numbers))
                    of_articles[base + segment.facets.articles[start:end]] = number
        return of_articles

    def article_id(self, article: int) -> str:
        """Return the id of an article."""
        return self.article_ids([article])[0]

    def article_ids(self, articles: Sequence[int] | Ints) -> list[str]:
        """Return the ids of articles."""
        numbers = np.asarray(articles, dtype=np.int64)
        raw_ids = self.ids[numbers].tolist()
        if not all(map(ID.fullmatch, raw_ids)):
            raise damaged("ids of articles")
        article_ids = [name.decode() for name in raw_ids]
        if len(self._articles_by_id) >= _REMEMBERED:
            self._articles_by_id.clear()
        living = self.alive[numbers].tolist()
        self._articles_by_id |= compress(zip(article_ids, numbers.tolist(), strict=True), living)
        return article_ids

    def ordinals_and_spans(self, rows: Ints) -> Ints:
        """Return (3, n): the ordinals of passages, and their starts and ends in the texts of their articles."""
        spans = self._gather([segment.spans for segment in self.segments], self.first_rows, rows)
        starts, ends = spans.astype(np.int64).T
        if (starts < 0).any() or (starts > ends).any():
            raise damaged("spans of passages")
        return np.stack([rows - self.article_rows[self.row_articles[rows]], starts, ends])

    def vectors(self, rows: Ints) -> Matrix:
        """Return the vectors of rows, (n, dimensions)."""
        try:
            return _validated(self._gather([segment.vectors for segment in self.segments], self.first_rows, rows))
        except ValueError as error:  # a file is shorter than when it was opened
            raise damaged("vectors") from error

    def article_vectors(self, articles: Ints) -> Matrix:
        """Return the vectors of articles, (n, dimensions)."""
        matrices = [segment.article_vectors for segment in self.segments]
        return _validated(self._gather(matrices, self.first_articles, articles))

    @staticmethod
    def _gather(arrays: Sequence[npt.NDArray[Any] | StoredRows], bases: Ints, units: Ints) -> npt.NDArray[Any]:
        """Return the values of passages or articles over all segments, given a matrix of each segment."""
        if len(arrays) == 1:
            return arrays[0][units]
        gathered = np.empty(
            (len(units), arrays[0].shape[1] if arrays else 0), arrays[0].dtype if arrays else np.float32
        )
        segment_numbers = np.searchsorted(bases, units, side="right") - 1
        for number in distinct(segment_numbers).tolist():
            in_segment = segment_numbers == number
            gathered[in_segment] = arrays[number][units[in_segment] - bases[number]]
        return gathered

    def allowed(self, filters: Filters) -> Mask:
        """Mark the articles that are alive and that the filters allow."""
        return np.concatenate(
            [np.zeros(0, dtype=np.bool_), *(allowed_articles(segment, filters) for segment in self.segments)]
        )

    def indexed_before(self, instant: int) -> Mask:
        """Mark the living articles that were indexed before an instant, in UTC seconds."""
        parts = [segment.alive & (segment.indexed < np.datetime64(instant, "s")) for segment in self.segments]
        return np.concatenate([np.zeros(0, dtype=np.bool_), *parts])

    def of_article(self, article: int) -> tuple[Segment, int]:
        """Return an article's segment and its position there."""
        number = bisect_right(self._first_articles, article) - 1
        return self.segments[number], article - self._first_articles[number]

    def find(self, article_id: str) -> int | None:
        """Return the living article with this id."""
        if (remembered := self._articles_by_id.get(article_id)) is not None:
            return remembered
        for segment, base in zip(self.segments, self.first_articles, strict=False):
            if (position := segment.find(article_id)) is not None:
                return int(base) + position
        return None


def _validated(stored: npt.NDArray[Any]) -> Matrix:
    """Return vectors that were just read; raises IndexDamagedError where they cannot be unit vectors."""
    vectors: Matrix = stored.astype(np.float32, copy=False)
    if vectors.size and not -_LONGEST <= vectors.min() <= vectors.max() <= _LONGEST:  # NaN fails, too
        raise damaged("vectors")
    return vectors


def allowed_articles(segment: Segment, filters: Filters) -> Mask:
    """Mark the articles of one segment that are alive and that the filters allow."""
    mask = facets.allowed_articles(filters, segment.alive, segment.published, segment.facets, lambda: segment.tags)
    if filters.new_since is None:
        return mask
    if not isinstance(filters.new_since, int):
        raise TypeError("an engine takes bounds in seconds: conditions.resolved")
    return mask & (segment.indexed >= np.datetime64(filters.new_since, "s"))
