"""Many queries from one stream, one a line: answered in batches while further lines are read."""

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
"""Queries that are answered together: enough to be fast, and few enough answers in memory."""

PATIENCE_SECONDS = 0.02
"""How long a batch waits for its next line: a file fills every batch, and a single line is answered at once."""

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
    """Answer one query a line, and return the exit status for all of them.

    Args:
        search: answers queries, as `Index.search_each` does.
        read: makes a query from a line; raises UsageError.
    """
    any_found = any_answered = any_failed = False
    streams.show([FORMATS[form].reply_header], form)
    for lines in batches(stream):
        for reply in _replies(lines, search, read):
            if isinstance(reply.outcome, Answer):
                any_answered = True
                any_found = any_found or reply.outcome.verdict is not Verdict.NONE
            else:
                any_failed = True
            _show_reply(reply, form, style=style, quiet=quiet)
    if any_found:
        return 0
    return 2 if any_failed and not any_answered else 1


def batches(stream: Iterable[str]) -> Iterator[list[NumberedLine]]:
    """Yield numbered lines, in batches of those that arrive together; empty lines are left out.

    A thread of their own reads them, at most a few batches ahead.
    """
    arrivals: Queue[NumberedLine | Exception | None] = Queue(4 * BATCH)

    def read() -> None:
        try:
            for numbered_line in enumerate(stream, start=1):
                arrivals.put(numbered_line)
        except (OSError, ValueError) as error:  # a folder, a stream that was closed
            arrivals.put(error)
        arrivals.put(None)

    Thread(target=read, daemon=True).start()
    batch: list[NumberedLine] = []
    while True:
        try:
            numbered_line = arrivals.get(timeout=PATIENCE_SECONDS if batch else None)
        except Empty:
            yield batch
            batch = []
            continue
        if isinstance(numbered_line, Exception):
            raise numbered_line
        if numbered_line and numbered_line[1].strip():
            batch.append(numbered_line)
        if batch and (numbered_line is None or len(batch) == BATCH):
            yield batch
            batch = []
        if numbered_line is None:
            return


def _replies(lines: Sequence[NumberedLine], search: "Search", read: Callable[[str], Query]) -> list[Reply]:
    """Answer the lines together; a line that is not a valid query gets its error as the outcome."""
    queries: list[Query | UsageError] = []
    for _, text in lines:
        try:
            queries.append(checked(read(text.strip())))
        except UsageError as error:
            queries.append(error)
    answers = search([query for query in queries if isinstance(query, Query)])
    return [
        Reply(number, text.strip(), next(answers) if isinstance(query, Query) else query)
        for (number, text), query in zip(lines, queries, strict=True)
    ]


def _show_reply(reply: Reply, form: str, *, style: "Style", quiet: bool) -> None:
    answer = reply.outcome
    if isinstance(answer, Answer):
        if not quiet:
            preface = options.preface(answer, form, "", everything=style.everything, line_prefix=f"line {reply.line}: ")
            click.echo(preface, nl=False, err=True)
    elif FORMATS[form].encoding != "json":
        click.echo(f"semsearch: line {reply.line}: {answer}\n  {answer.hint}", err=True)
    streams.show(reply_pieces(reply, form, style), form)
