"""Renders the answers to many queries in one stream: each names its query, and a failed query keeps its place."""

from collections.abc import Iterator
from dataclasses import dataclass

from semsearch.errors import SemsearchError
from semsearch.rendering.layout import Style, wrapped
from semsearch.rendering.machine import ANSWER_COLUMNS, csv_row, excel_row, json_text
from semsearch.rendering.markdown import answer_markdown, escaped
from semsearch.rendering.screen import answer_text
from semsearch.text import normalise_line
from semsearch.types import Answer
from semsearch.types.tables import hit_row


@dataclass(frozen=True, slots=True)
class Reply:
    """One line of many, and its answer or error."""

    line: int  # from 1, as an editor counts
    typed: str
    outcome: Answer | SemsearchError


REPLY_COLUMNS = (*ANSWER_COLUMNS, "line")


def failed_json(reply: Reply, error: SemsearchError) -> Iterator[str]:
    """Yield a failed query and its error as an object on a line."""
    error_dict = {"error": str(error), "error_type": type(error).__name__, "hint": error.hint}
    yield f"{json_text({'line': reply.line, 'query': reply.typed} | error_dict, pretty=False)}\n"


def reply_json(reply: Reply, answer: Answer, _: Style) -> Iterator[str]:
    """Yield an answer as an object on a line."""
    yield f"{json_text({'line': reply.line} | answer.to_dict(), pretty=False)}\n"


def reply_jsonl(reply: Reply, answer: Answer, _: Style) -> Iterator[str]:
    """Yield each hit as an object on a line."""
    for hit in answer.hits:
        yield f"{json_text({'line': reply.line, 'query': answer.query.text} | hit.to_dict(), pretty=False)}\n"


def reply_csv(reply: Reply, answer: Answer, _: Style) -> Iterator[str]:
    """Yield a row for each hit."""
    for hit in answer.hits:
        yield csv_row([*hit_row(hit, answer.query.text).values(), reply.line])


def reply_excel(reply: Reply, answer: Answer, _: Style) -> Iterator[str]:
    """Yield a row for each hit, for Excel."""
    for hit in answer.hits:
        yield excel_row([*hit_row(hit, answer.query.text).values(), reply.line])


def reply_text(reply: Reply, answer: Answer, style: Style) -> Iterator[str]:
    """Yield the query and its answer for a terminal."""
    yield from (f"{style.bold(line)}\n" for line in wrapped(f"# {reply.typed}", style.columns))
    yield "\n"
    yield from answer_text(answer, style)
    yield "\n"


def reply_markdown(reply: Reply, answer: Answer, style: Style) -> Iterator[str]:
    """Yield the query as a heading and its answer below."""
    yield f"## {escaped(normalise_line(reply.typed), at_line_start=False)}\n\n"
    yield from answer_markdown(answer, style)
    yield "\n"
