"""Counts of articles by day, week, month or year, and the days that have none, from columns of articles."""

from datetime import UTC, tzinfo
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from semsearch.bounds import local
from semsearch.errors import UsageError
from semsearch.facets import merged
from semsearch.ports import ArticleColumns, Mask
from semsearch.types import Bar, Count, Coverage, Interval

MOST_BARS = 5_000
"""More than a screen has columns; a request for more asks for a coarser interval."""

_FINEST = ((Interval.DAY, 92), (Interval.WEEK, 105), (Interval.MONTH, 240))
"""If no interval is asked for, the first of these that makes at most this many bars is chosen, else years."""

_DAY_SECONDS = 86_400
_OFFSET_SECONDS = 900
"""The offsets of zones are multiples of this, now and in all years that have news."""

_MONDAY = 3
"""Days from 1969-12-29, a Monday, to 1970-01-01."""

_LEGIBLE = 0.5
"""An article with less legibility is found by its words only."""

_Days = npt.NDArray[np.int64]  # days since 1970-01-01


def days_of(published: npt.NDArray[np.int64], zone: tzinfo) -> tuple[_Days, _Days]:
    """Return the first and the last day, each (n,), that each article's date can mean, on the calendar of a zone.

    Whole days that name no zone are the same days in every zone, as for filters.

    Args:
        published: (n, 2), earliest and latest UTC second.
    """
    days = published // _DAY_SECONDS
    if zone is not UTC:
        is_whole = (published[:, 0] % _DAY_SECONDS == 0) & ((published[:, 1] + 1) % _DAY_SECONDS == 0)
        quarters, indexes = np.unique(published[~is_whole] // _OFFSET_SECONDS, return_inverse=True)
        offsets = [_offset_seconds(quarter * _OFFSET_SECONDS, zone) for quarter in quarters.tolist()]
        clock = published[~is_whole] + np.array(offsets, dtype=np.int64)[indexes.reshape(-1, 2)]
        days[~is_whole] = clock // _DAY_SECONDS
    return days[:, 0], days[:, 1]


def _offset_seconds(seconds: int, zone: tzinfo) -> int:
    offset = local(seconds, zone).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def numbers_of(days: _Days, interval: Interval) -> _Days:
    """Return the number of each day's interval, counted from that of 1970-01-01."""
    if interval is Interval.DAY:
        return days
    if interval is Interval.WEEK:
        return (days + _MONDAY) // 7
    return days.astype("M8[D]").astype("M8[M]" if interval is Interval.MONTH else "M8[Y]").astype(np.int64)


def first_day(number: int, interval: Interval) -> int:
    """Return the first day of an interval, in days since 1970-01-01."""
    if interval is Interval.DAY:
        return number
    if interval is Interval.WEEK:
        return 7 * number - _MONDAY
    start = np.datetime64(number, "M") if interval is Interval.MONTH else np.datetime64(number, "Y")
    return int(start.astype("M8[D]").astype(np.int64))


class Calendar:
    """The articles that filters allow, by the days of a zone."""

    def __init__(self, columns: ArticleColumns, zone: tzinfo, since: int | None, until: int | None, now: int) -> None:
        """Place articles in time.

        Args:
            since: UTC second from which on the filters allow articles; None: any.
            until: the first second that they no longer allow; None: any.
            now: UTC second; later intervals have not ended.
        """
        self._columns, self._zone, self._since, self._until = columns, zone, since, until
        dated = columns.allowed & (columns.published[:, 0] <= columns.published[:, 1])
        self._dated = np.flatnonzero(dated)
        self._undated = columns.allowed & ~dated
        self._first, self._last = days_of(columns.published[self._dated], zone)
        latest = int(columns.published[self._dated, 1].max(initial=0))
        self._end = min(now, latest + 1)

    def interval(self) -> Interval:
        """Return an interval that makes a legible number of bars."""
        first, last = self._range(Interval.DAY)
        for interval, most_bars in _FINEST:
            ends = numbers_of(np.array([first, last]), interval)
            if ends[1] - ends[0] < most_bars:
                return interval
        return Interval.YEAR

    def bars(self, counted: Mask, interval: Interval) -> tuple[tuple[Bar, ...], Count, Count]:
        """Count the articles of each interval, then those without a date, and those whose date is less precise.

        Raises:
            UsageError: there are more than MOST_BARS intervals.
        """
        begins, ends = numbers_of(self._first, interval), numbers_of(self._last, interval)
        precise = begins == ends
        undated = Count(int((counted & self._undated).sum()), int(self._undated.sum()))
        matching = counted[self._dated]
        imprecise = Count(int((matching & ~precise).sum()), int((~precise).sum()))
        if not precise.any():
            return (), undated, imprecise
        first, last = self._range(interval)
        if last - first >= MOST_BARS:
            raise UsageError(
                f"there are {last - first + 1:,} {interval.value}s from the first article to the last",
                f"at most {MOST_BARS:,} are counted: ask for a coarser interval, or narrow the dates",
            )
        size = last - first + 1
        totals = np.bincount(begins[precise] - first, minlength=size).tolist()
        counts = np.bincount(begins[precise & matching] - first, minlength=size).tolist()
        starts = [first_day(number, interval) for number in range(first, last + 2)]
        bars = tuple(
            Bar(_iso(start), Count(count, total), self._is_complete(start, end))
            for (start, end), count, total in zip(pairwise(starts), counts, totals, strict=True)
        )
        return bars, undated, imprecise

    def coverage(self) -> Coverage:
        """Return what the articles do not cover."""
        columns = self._columns
        precise = self._first == self._last
        days = np.unique(self._first[precise])
        gaps = [(int(end - start) - 1, int(start) + 1, int(end) - 1) for start, end in pairwise(days)]
        longest = max(gaps, key=lambda gap: (gap[0], -gap[1]), default=(0, 0, 0))
        day_count = int(days[-1] - days[0]) + 1 if len(days) else 0
        publishers = merged(columns, "publisher")
        living_counts = {name: int(columns.living[positions].sum()) for name, positions in publishers.items()}
        present = [name for name, count in living_counts.items() if count]
        without = [name for name in present if not columns.allowed[publishers[name]].any()]
        return Coverage(
            articles=int(columns.allowed.sum()),
            undated=int(self._undated.sum()),
            words_only=int((columns.allowed & (columns.legibility < _LEGIBLE)).sum()),
            first=_iso(int(days[0])) if len(days) else None,
            last=_iso(int(days[-1])) if len(days) else None,
            days=day_count,
            days_without=day_count - len(days),
            longest_gap=(_iso(longest[1]), _iso(longest[2])) if longest[0] else None,
            publishers=len(present),
            publishers_without=tuple(sorted(without, key=lambda name: (-living_counts[name], name))),
        )

    def _range(self, interval: Interval) -> tuple[int, int]:
        """Return the first and last interval of the articles, widened to the filters' if these have both bounds."""
        begins, ends = numbers_of(self._first, interval), numbers_of(self._last, interval)
        numbers = begins[begins == ends] if (begins == ends).any() else begins
        first, last = (int(numbers.min()), int(numbers.max())) if len(numbers) else (0, 0)
        if self._since is not None and self._until is not None:
            bounds = np.array([[self._since, min(self._until, max(self._end, self._since + 1)) - 1]])
            since, until = (int(numbers_of(day, interval)[0]) for day in days_of(bounds, self._zone))
            first, last = min(first, since), max(last, until)
        return first, last

    def _is_complete(self, start: int, end: int) -> bool:
        begins, ends = self._seconds(start), self._seconds(end)
        since = begins if self._since is None else self._since
        until = ends if self._until is None else self._until
        return since <= begins and ends <= min(until, self._end)

    def _seconds(self, day: int) -> int:
        midnight = day * _DAY_SECONDS
        return midnight - _offset_seconds(midnight - _offset_seconds(midnight, self._zone), self._zone)


def _iso(day: int) -> str:
    return str(np.datetime64(day, "D"))
