"""What a person sees while articles are read: progress on a terminal, then a summary with the unusable records."""

import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

import click

from semsearch.calendars import DateOrder
from semsearch.errors import HOW_TO_REPORT, SourceError, UsageError, index_option
from semsearch.fetched import Memory
from semsearch.rendering import json_text, summary_text
from semsearch.settings import Source
from semsearch.sources import UNEXPECTED, count_addresses, measure, read, update
from semsearch.types import Article, Fetch, Skipped, Summary, Unreadable

UNREADABLE_STATUS = 5
_Readings = Iterator[Article | Skipped | Unreadable]

NAMED = 10
"""Records named in the summary of a run that is not verbose."""

LISTED_REASONS = 5
"""Reasons counted below them."""


class Report:
    """Reads the articles of some paths or addresses, and reports on one run over them."""

    def __init__(
        self,
        sources: Sequence[str | Source],
        *,
        source_name: str | None,
        names: Mapping[str, str],
        date_order: DateOrder | None,
        strict: bool,
        report_path: Path | None,
        quiet: bool,
        verbose: bool,
        follow: bool,
        allow_private: bool,
        pause: float,
        progress: bool = True,
    ) -> None:
        """Begin a run.

        Args:
            sources: paths and addresses, or the sources that a settings file lists.
        """
        self._sources = sources
        self._source_name = source_name
        self._names = names
        self._date_order = date_order
        self._strict = strict
        self._quiet = quiet
        self._verbose = verbose
        self.fetch = Fetch(follow, allow_private, pause)
        self._bugs = 0  # records lost to unexpected errors
        self._passages = 0
        self._started = time.monotonic()
        self._seconds = 0.0  # until the passages were counted
        self._troubles: list[Skipped | Unreadable] = []
        self._last_troubles: list[Skipped | Unreadable] = []  # named if they are no more lines than their summary
        self._reasons: Counter[str] = Counter()
        self._losses = _open_report(report_path) if report_path else None
        is_shown = progress and sys.stderr.isatty() and not quiet
        paths = [source for source in sources if isinstance(source, str)]
        addresses = len(sources) - len(paths) + count_addresses(paths)
        self._fetching = addresses > 0
        total = addresses or (measure(paths) if is_shown else None)
        self._counting = is_shown and total is None  # a pipe has no end to draw a bar to
        self._bar = click.progressbar(
            length=total or 1,
            label="Fetching" if self._fetching else "Indexing",
            show_pos=self._fetching,
            file=sys.stderr,
            hidden=not is_shown or total is None,
            item_show_func=self._rate,
        )

    def __enter__(self) -> Self:
        self._bar.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.__exit__(kind, error, trace)
        if self._losses:
            self._losses.close()
        if self._counting:
            click.echo(err=True)
        if isinstance(error, SourceError):
            self._name_troubles()

    def readings(self, memory: Memory | None = None) -> _Readings:
        """Read the sources, and show how far; with --strict, stop at the first record that cannot be used.

        Args:
            memory: what the index remembers of earlier fetches.

        Raises:
            NoSuchPathError: none of the paths exists; at once.
        """
        memory = memory or Memory()
        listed_sources = [
            replace(source, name=source.name or self._source_name)
            for source in self._sources
            if isinstance(source, Source)
        ]
        if listed_sources:
            return self._watched(
                update(
                    listed_sources,
                    names=self._names,
                    date_order=self._date_order,
                    fetch=self.fetch,
                    memory=memory,
                    on_addresses=self._show_addresses,
                )
            )
        return self._watched(
            read(
                self._sources,
                source=self._source_name,
                names=self._names,
                date_order=self._date_order,
                on_bytes=None if self._fetching else self._bar.update,
                fetch=self.fetch,
                memory=memory,
                on_addresses=self._show_addresses,
            )
        )

    def _show_addresses(self, asked_count: int, total: int) -> None:
        """Show how many of all addresses have been fetched."""
        self._bar.length = total
        self._bar.finished = False  # it may look finished until it is known what the first address lists
        self._bar.update(asked_count - self._bar.pos)

    def _watched(self, readings: _Readings) -> _Readings:
        """Return the readings; with --strict, only up to the first record that cannot be used."""
        return self._until_unusable(readings) if self._strict else readings

    def _until_unusable(self, readings: _Readings) -> _Readings:
        for reading in readings:
            if not isinstance(reading, Article):
                self._write(reading)
                raise SourceError(
                    f"stopped at the first record that cannot be used (--strict): {reading.origin}: {reading.reason}",
                    "leave out --strict to go on without such records",
                )
            yield reading

    def observe(self, event: Skipped | Unreadable | Summary) -> None:
        """Take note of an event that intake reports."""
        if isinstance(event, Summary):
            self._passages = event.passages
            self._seconds = time.monotonic() - self._started
            self._bar.update(0)
            if self._counting:
                click.echo(f"\rIndexing  {self._rate(None)}", nl=False, err=True)
            return
        self._reasons[event.reason if isinstance(event, Skipped) else "unreadable"] += 1
        self._bugs += UNEXPECTED in event.reason
        self._write(event)
        if self._verbose and not self._quiet:
            click.echo(_trouble_line(event), err=True)
        elif len(self._troubles) < NAMED or isinstance(event, Unreadable):
            self._troubles.append(event)
        elif len(self._last_troubles) < LISTED_REASONS + 1:
            self._last_troubles.append(event)

    def _write(self, event: Skipped | Unreadable) -> None:
        if self._losses:
            lost = {"origin": event.origin, "lost": _kind_of_loss(event), "reason": event.reason}
            self._losses.write(json_text(lost, pretty=False) + "\n")

    def _rate(self, _: object) -> str:
        return f"{self._passages:,} passages, {self._passages / self._seconds:.0f}/s" if self._passages else ""

    def close(self, summary: Summary | None, location: Path | None = None) -> int:
        """Print what was done and what was not, and return the exit status.

        Args:
            location: of the index that was written.
        """
        if not self._quiet:
            self._name_troubles()
            for piece in summary_text(summary, index_option(location)) if summary and location else ():
                click.echo(piece, nl=False, err=True)
        else:
            for event in self._troubles:
                if isinstance(event, Unreadable):
                    click.echo(_trouble_line(event), err=True)
        if self._bugs:
            lost = "a record was" if self._bugs == 1 else f"{self._bugs:,} records were"
            click.echo(f"{lost} lost to an unexpected error: {HOW_TO_REPORT}", err=True)
        return UNREADABLE_STATUS if self._reasons["unreadable"] else 0

    def _name_troubles(self) -> None:
        more = self._reasons.total() - len(self._troubles)
        is_short = more <= min(LISTED_REASONS, len(self._reasons)) + 1
        for event in [*self._troubles, *(self._last_troubles if is_short else ())]:
            click.echo(_trouble_line(event), err=True)
        if not is_short and not self._verbose:
            click.echo(f"… and {more:,} more (--verbose names all). In all:", err=True)
            for reason, count in self._reasons.most_common(LISTED_REASONS):
                click.echo(f"  {count:,} × {reason}", err=True)


def _open_report(path: Path) -> TextIO:
    try:
        return path.open("w", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", "name another file after --report") from error


def _trouble_line(event: Skipped | Unreadable) -> str:
    return f"{_kind_of_loss(event)}: {event.origin}: {event.reason}"


def _kind_of_loss(event: Skipped | Unreadable) -> str:
    return "skipped" if isinstance(event, Skipped) else "unreadable"
