"""Renders facets and timelines: for people with bars, for programs as JSON and CSV."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from semsearch.rendering.layout import PLAIN, Style, printable, shorten
from semsearch.rendering.machine import csv_row, json_text
from semsearch.text import counted, display_width
from semsearch.types import Copies, Count, Facet, Facets, Interval, Selection, Timeline, Verdict
from semsearch.types.tables import FACET_COLUMNS, TIMELINE_COLUMNS, facet_rows, timeline_rows

_BLOCKS = "▁▂▃▄▅▆▇█"
_BAR = "█"
_PARTS = " ▏▎▍▌▋▊▉"
_LONGEST_BAR = 24
"""Columns."""


def facets_text(facets: Facets, style: Style = PLAIN) -> Iterator[str]:
    """Yield a table with bars for each field."""
    yield f"{selection_text(facets.selection)}\n"
    for name, facet in facets.by.items():
        yield f"\n{style.heading(name)}\n"
        yield from _bar_table(list(_facet_rows(facet)), style)
        if facet.omitted:
            yield f"{style.dim(f'and {facet.omitted:,} more')}\n"


def _facet_rows(facet: Facet) -> Iterator[tuple[str, Count]]:
    yield from facet.values.items()
    if facet.without.total:
        yield "(none)", facet.without


def timeline_text(timeline: Timeline, style: Style = PLAIN) -> Iterator[str]:
    """Yield a sparkline of the matching articles and a row for each interval."""
    yield f"{selection_text(timeline.selection)}\n"
    if timeline.bars:
        line = sparkline([bar.count.matching for bar in timeline.bars], style.columns)
        first, last = (_label(bar.start, timeline.interval) for bar in (timeline.bars[0], timeline.bars[-1]))
        yield f"\n{line}\n{style.dim(f'{first} to {last}, by {timeline.interval.value}')}\n\n"
        rows = [(_label(bar.start, timeline.interval), bar.count) for bar in timeline.bars]
        incomplete = {number for number, bar in enumerate(timeline.bars) if not bar.complete}
        yield from _bar_table(rows, style, incomplete)
        if incomplete:
            yield f"{style.dim('* only part of it is counted')}\n"
    for count, label in ((timeline.undated, "without a date"), (timeline.imprecise, "dated less precisely")):
        if count.total:
            yield f"{style.dim(f'{label}: {count.matching:,} of {count.total:,}')}\n"


def _label(start: str, interval: Interval) -> str:
    return {Interval.MONTH: start[:-3], Interval.YEAR: start[:-6]}.get(interval, start)


def selection_text(selection: Selection) -> str:
    """Say in one line what was counted."""
    count = selection.count
    is_once = selection.copies is Copies.ONCE
    if selection.query is None:
        return f"{counted(count.matching, 'article')}{', each text once' if is_once else ''}"
    how = "" if selection.verdict is Verdict.NONE else f" ({selection.verdict.value} or better)"
    articles = counted(count.total, "article")
    if is_once:
        matching = "1 text matches" if count.matching == 1 else f"{count.matching:,} texts match"
        return f"{matching}{how}, each counted once, of {articles}, every copy counted"
    return f"{count.matching:,} of {articles} match{how}"


def sparkline(values: Sequence[int], columns: int) -> str:
    """Draw values as one line of blocks; neighbours are added up if there are more values than columns."""
    step = -(-len(values) // max(columns, 1))
    sums = [sum(values[start : start + step]) for start in range(0, len(values), step)] if values else []
    highest = max(sums, default=0)
    return "".join(" " if not value else _BLOCKS[-(-value * len(_BLOCKS) // highest) - 1] for value in sums)


def _bar_table(
    rows: Sequence[tuple[str, Count]], style: Style, incomplete: Collection[int] = frozenset()
) -> Iterator[str]:
    if not rows:
        return
    highest = max(count.matching for _, count in rows)
    columns = zip(*map(_numbers, rows), strict=True)
    digits = [max(len(f"{value:,}") for value in column) for column in columns]
    bar_columns = min(_LONGEST_BAR, style.columns // 4)
    label_columns = max(1, style.columns - bar_columns - sum(digits) - len(" of  100.0%   *"))
    labels = [shorten(printable(label), label_columns) for label, _ in rows]
    width = max(map(display_width, labels))
    for number, (label, (_, count)) in enumerate(zip(labels, rows, strict=True)):
        bar = _bar(count.matching, highest, bar_columns)
        numbers = f"{count.matching:>{digits[0]},} of {count.total:>{digits[1]},}"
        mark = " *" if number in incomplete else ""
        padding = " " * (width - display_width(label))
        yield f"{label}{padding}  {numbers}  {100 * count.share:5.1f}%  {bar}{mark}".rstrip() + "\n"


def _numbers(row: tuple[str, Count]) -> tuple[int, int]:
    return row[1].matching, row[1].total


def _bar(value: int, highest: int, columns: int) -> str:
    eighths = -(-8 * columns * value // highest) if highest else 0
    return (_BAR * (eighths // 8) + _PARTS[eighths % 8]).rstrip()


def facets_json(facets: Facets, _: Style = PLAIN) -> Iterator[str]:
    """Yield one object: everything that was counted."""
    yield f"{json_text(facets.to_dict())}\n"


def timeline_json(timeline: Timeline, _: Style = PLAIN) -> Iterator[str]:
    """Yield one object: everything that was counted."""
    yield f"{json_text(timeline.to_dict())}\n"


def facets_csv(facets: Facets, _: Style = PLAIN) -> Iterator[str]:
    """Yield a header and a row for each value of each field; the value is empty for articles that have none."""
    yield csv_row(FACET_COLUMNS)
    yield from map(csv_row, facet_rows(facets))


def timeline_csv(timeline: Timeline, _: Style = PLAIN) -> Iterator[str]:
    """Yield a header and a row for each interval."""
    yield csv_row(TIMELINE_COLUMNS)
    for *cells, complete in timeline_rows(timeline):
        yield csv_row([*cells, "true" if complete else "false"])


FACETS: Mapping[str, Callable[[Facets, Style], Iterator[str]]] = {
    "text": facets_text,
    "json": facets_json,
    "csv": facets_csv,
}
"""By the name that `--format` takes."""

TIMELINES: Mapping[str, Callable[[Timeline, Style], Iterator[str]]] = {
    "text": timeline_text,
    "json": timeline_json,
    "csv": timeline_csv,
}
"""By the name that `--format` takes."""
