"""Renders RIS for reference managers: https://en.wikipedia.org/wiki/RIS_(file_format)."""

from collections.abc import Iterator

from semsearch.rendering.layout import PLAIN, Style, is_web
from semsearch.rendering.phrases import iso_day
from semsearch.text import normalise_line
from semsearch.types import Answer, Hit, Metadata


def answer_ris(answer: Answer, _: Style = PLAIN) -> Iterator[str]:
    r"""Yield a record for each hit's article, with the passage as its note; lines end in `\r\n`."""
    for hit in answer.hits:
        yield from _record(hit)


def _record(hit: Hit) -> Iterator[str]:
    article = hit.article
    yield _field_line("TY", "NEWS")
    yield _field_line("TI", article.title or hit.text[:80])
    for author in article.authors:
        yield _field_line("AU", author)
    if article.publisher:
        yield _field_line("T2", article.publisher)
    yield from _dates(article)
    if article.section:
        yield _field_line("SE", article.section)
    if article.language:
        yield _field_line("LA", article.language)
    if article.url and is_web(article.url):
        yield _field_line("UR", article.url)
    yield _field_line("N1", f"“{hit.text}” (characters {hit.passage.start} to {hit.passage.end})")
    yield _field_line("ID", article.article_id)
    yield _field_line("ER", "")


def _dates(article: Metadata) -> Iterator[str]:
    if article.published is None:
        return
    year, month, day = (*iso_day(article.published).split("-"), "", "")[:3]
    yield _field_line("PY", year)
    yield _field_line("DA", f"{year}/{month}/{day}/")


def _field_line(tag: str, value: str) -> str:
    """Write a field on one line; a line break in its value would begin another field."""
    return f"{tag}  - {normalise_line(value)}\r\n"
