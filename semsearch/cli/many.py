"""Many queries from one stream: read while others are answered, answered together, told apart by their lines."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from queue import Empty, Queue
from threading import Thread
from typing import TYPE_CHECKING

import click

from semsearch.answering import checked
from semsearch.cli import options, streams
from semsearch.errors import UsageError
from semsearch.rendering import FORMATS, reply_pieces
from semsearch.rendering.many import Reply
from semsearch.types import Answer, Query, Verdict

if TYPE_CHECKING:
    from semsearch.rendering import Style
    from semsearch.reranking import Search

BATCH = 64
"""Queries that are answered together: most of what there is to gain, and never many answers in memory."""

PATIENCE_SECONDS = 0.02
"""So long a batch waits for its next line: a file fills every batch, a line that comes alone is answered at once."""

NumberedLine = tuple[int, str]


def answer_lines(
    stream: Iterable[str],
    search: "Search",
    read: Callable[[str], Query],
    form: str,
    *,
    style: "Style",
    quiet: bool,
) -> int:
    """Answer one query a line, and return the exit status of them all.

    Args:
        search: answers queries, as `Index.search_each` does.
        read: makes a query of a line; raises UsageError.
    """
    found = answered = failed = False
    streams.show([FORMATS[form].reply_header], form)
    for lines in batches(stream):
        for reply in _replies(lines, search, read):
            if isinstance(reply.outcome, Answer):
                answered = True
                found = found or reply.outcome.verdict is not Verdict.NONE
            else:
                failed = True
            _show(reply, form, style=style, quiet=quiet)
    return 0 if found else 2 if failed and not answered else 1


def batches(stream: Iterable[str]) -> Iterator[list[NumberedLine]]:
    """Yield numbered lines, those together that came together; empty ones are left out.

    They are read by a thread of their own, never more than a few batches ahead.
    """
    arrived: Queue[NumberedLine | Exception | None] = Queue(4 * BATCH)

    def read() -> None:
        try:
            for line in enumerate(stream, start=1):
                arrived.put(line)
        except (OSError, ValueError) as error:  # a folder, a stream that was closed
            arrived.put(error)
        arrived.put(None)

    Thread(target=read, daemon=True).start()
    batch: list[NumberedLine] = []
    while True:
        try:
            line = arrived.get(timeout=PATIENCE_SECONDS if batch else None)
        except Empty:
            yield batch
            batch = []
            continue
        if isinstance(line, Exception):
            raise line
        if line and line[1].strip():
            batch.append(line)
        if batch and (line is None or len(batch) == BATCH):
            yield batch
            batch = []
        if line is None:
            return


def _replies(lines: Sequence[NumberedLine], search: "Search", read: Callable[[str], Query]) -> list[Reply]:
    """Answer together what can be answered; what cannot keeps its place."""
    asked: list[Query | UsageError] = []
    for _, text in lines:
        try:
            asked.append(checked(read(text.strip())))
        except UsageError as error:
            asked.append(error)
    answers = search([query for query in asked if isinstance(query, Query)])
    return [
        Reply(number, text.strip(), next(answers) if isinstance(query, Query) else query)
        for (number, text), query in zip(lines, asked, strict=True)
    ]


def _show(reply: Reply, form: str, *, style: "Style", quiet: bool) -> None:
    answer = reply.outcome
    if isinstance(answer, Answer):
        if not quiet:
            preface = options.preface(answer, form, "", everything=style.everything, where=f"line {reply.line}: ")
            click.echo(preface, nl=False, err=True)
    elif FORMATS[form].encoding != "json":
        click.echo(f"semsearch: line {reply.line}: {answer}\n  {answer.hint}", err=True)
    streams.show(reply_pieces(reply, form, style), form)
