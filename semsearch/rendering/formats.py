"""The output formats, by the name that `--format` takes. A new one is one entry of `FORMATS`."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from semsearch.errors import SemsearchError
from semsearch.rendering import many
from semsearch.rendering.layout import PLAIN, Style
from semsearch.rendering.machine import (
    BYTE_ORDER_MARK,
    answer_csv,
    answer_excel,
    answer_json,
    answer_jsonl,
    csv_row,
    excel_row,
    listing_csv,
    listing_excel,
    listing_json,
    listing_jsonl,
)
from semsearch.rendering.markdown import answer_markdown, listing_markdown
from semsearch.rendering.screen import answer_text, listing_text
from semsearch.types import Answer, Metadata


@dataclass(frozen=True, slots=True)
class Format:
    """The functions that write answers, lists of articles, and the answers to many queries in one format."""

    answer: Callable[[Answer, Style], Iterator[str]]
    listing: Callable[[Iterable[Metadata], Style], Iterator[str]]
    reply: Callable[[many.Reply, Answer, Style], Iterator[str]]
    failed: Callable[[many.Reply, SemsearchError], Iterator[str]] = lambda _reply, _error: iter(())
    reply_header: str = ""  # printed once above the answers to many queries
    for_people: bool = False
    encoding: Literal["terminal", "json", "utf-8", "utf-16-le"] = "terminal"  # "json": UTF-8, or ASCII with escapes


FORMATS: Mapping[str, Format] = {
    "text": Format(answer_text, listing_text, many.reply_text, for_people=True),
    "json": Format(answer_json, listing_json, many.reply_json, many.failed_json, encoding="json"),
    "jsonl": Format(answer_jsonl, listing_jsonl, many.reply_jsonl, many.failed_json, encoding="json"),
    "csv": Format(answer_csv, listing_csv, many.reply_csv, reply_header=csv_row(many.REPLY_COLUMNS), encoding="utf-8"),
    "excel": Format(
        answer_excel,
        listing_excel,
        many.reply_excel,
        reply_header=BYTE_ORDER_MARK + excel_row(many.REPLY_COLUMNS),
        encoding="utf-16-le",
    ),
    "md": Format(answer_markdown, listing_markdown, many.reply_markdown, for_people=True),
}


def renderer(form: str, style: Style = PLAIN) -> Callable[[Answer], Iterator[str]]:
    """Return the renderer of that name, as `ports.Renderer` describes it.

    Raises:
        KeyError: the name is not one of `FORMATS`.
    """
    render = FORMATS[form].answer
    return lambda answer: render(answer, style)


def listing(articles: Iterable[Metadata], form: str, style: Style = PLAIN) -> Iterator[str]:
    """Yield a list of articles in the format of that name, as fast as they come.

    Raises:
        KeyError: the name is not one of `FORMATS`.
    """
    return FORMATS[form].listing(articles, style)


def reply_pieces(reply: many.Reply, form: str, style: Style) -> Iterator[str]:
    """Yield the reply to one query of many in the format of that name; for a failed query only JSON has one.

    Raises:
        KeyError: the name is not one of `FORMATS`.
    """
    if isinstance(reply.outcome, Answer):
        return FORMATS[form].reply(reply, reply.outcome, style)
    return FORMATS[form].failed(reply, reply.outcome)
