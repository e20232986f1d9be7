"""What comes back, as text: answers, articles, lists and counts, for people and for programs. Pure functions.

Each function yields pieces of output with their own newlines. Nothing is written here, and nothing that a stranger
wrote reaches a terminal as a control code.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from semsearch.rendering.artifacts import packed_text, pulled_text
from semsearch.rendering.counts import ready_text, stats_dict, stats_text, summary_text
from semsearch.rendering.layout import PLAIN, Style
from semsearch.rendering.machine import (
    answer_csv,
    answer_json,
    answer_jsonl,
    article_json,
    article_jsonl,
    json_text,
    listing_csv,
    listing_json,
    listing_jsonl,
)
from semsearch.rendering.markdown import answer_markdown, listing_markdown
from semsearch.rendering.remarks import closing_text, understood_text
from semsearch.rendering.screen import answer_text, article_text, listing_text
from semsearch.types import Answer, Metadata

__all__ = [
    "LISTINGS",
    "RENDERERS",
    "Style",
    "article_json",
    "article_jsonl",
    "article_text",
    "closing_text",
    "json_text",
    "listing",
    "packed_text",
    "pulled_text",
    "ready_text",
    "renderer",
    "stats_dict",
    "stats_text",
    "summary_text",
    "understood_text",
]

RENDERERS: Mapping[str, Callable[[Answer, Style], Iterator[str]]] = {
    "text": answer_text,
    "json": answer_json,
    "jsonl": answer_jsonl,
    "csv": answer_csv,
    "md": answer_markdown,
}
"""By the name that `--format` takes."""

LISTINGS: Mapping[str, Callable[[Iterable[Metadata], Style], Iterator[str]]] = {
    "text": listing_text,
    "json": listing_json,
    "jsonl": listing_jsonl,
    "csv": listing_csv,
    "md": listing_markdown,
}
"""By the name that `--format` takes."""


def renderer(form: str, style: Style = PLAIN) -> Callable[[Answer], Iterator[str]]:
    """Return the renderer of that name, as `ports.Renderer` describes it.

    Raises:
        KeyError: the name is not one of `RENDERERS`.
    """
    render = RENDERERS[form]
    return lambda answer: render(answer, style)


def listing(articles: Iterable[Metadata], form: str, style: Style = PLAIN) -> Iterator[str]:
    """Yield a list of articles in the format of that name, as fast as they come.

    Raises:
        KeyError: the name is not one of `LISTINGS`.
    """
    return LISTINGS[form](articles, style)
