"""Answers to many queries in one stream: each says which query it is to, and a query that failed keeps its place."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from semsearch.errors import SemsearchError
from semsearch.rendering.layout import Style, wrapped
from semsearch.rendering.machine import HIT_COLUMNS, csv_row, hit_cells, json_text
from semsearch.rendering.markdown import answer_markdown, escaped
from semsearch.rendering.screen import answer_text
from semsearch.text import normalise_line
from semsearch.types import Answer


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of one line of many."""

    line: int  # from 1, as an editor counts
    typed: str
    outcome: Answer | SemsearchError


MANY_HEADER = {"csv": csv_row([*HIT_COLUMNS, "line", "query"])}
"""What stands once above everything, by the name that `--format` takes."""


def reply_pieces(reply: Reply, form: str, style: Style) -> Iterator[str]:
    """Yield one reply in the format of that name; what failed only where programs read line by line.

    Raises:
        KeyError: the name is not one of `--format`'s.
    """
    if isinstance(reply.outcome, Answer):
        return _ANSWERS[form](reply, reply.outcome, style)
    return iter([f"{json_text(_failed(reply, reply.outcome), pretty=False)}\n"] if form in ("json", "jsonl") else [])


def _failed(reply: Reply, error: SemsearchError) -> dict[str, object]:
    told = {"error": str(error), "error_type": type(error).__name__, "hint": error.hint}
    return {"line": reply.line, "query": reply.typed} | told


def _json(reply: Reply, answer: Answer, _: Style) -> Iterator[str]:
    yield f"{json_text({'line': reply.line} | answer.to_dict(), pretty=False)}\n"


def _jsonl(reply: Reply, answer: Answer, _: Style) -> Iterator[str]:
    for hit in answer.hits:
        yield f"{json_text({'line': reply.line, 'query': answer.query.text} | hit.to_dict(), pretty=False)}\n"


def _csv(reply: Reply, answer: Answer, _: Style) -> Iterator[str]:
    for hit in answer.hits:
        yield csv_row([*hit_cells(hit), reply.line, answer.query.text])


def _text(reply: Reply, answer: Answer, style: Style) -> Iterator[str]:
    yield from (f"{style.bold(line)}\n" for line in wrapped(f"# {reply.typed}", style.columns))
    yield "\n"
    yield from answer_text(answer, style)
    yield "\n"


def _markdown(reply: Reply, answer: Answer, style: Style) -> Iterator[str]:
    yield f"## {escaped(normalise_line(reply.typed), at_line_start=False)}\n\n"
    yield from answer_markdown(answer, style)
    yield "\n"


_ANSWERS: Mapping[str, Callable[[Reply, Answer, Style], Iterator[str]]] = {
    "text": _text,
    "json": _json,
    "jsonl": _jsonl,
    "csv": _csv,
    "md": _markdown,
}
