"""Reads text files: one article a file, those of an export, or the article within a page that was dumped as text."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import BinaryIO

from semsearch.ports import Place
from semsearch.sources.dumps.page import looks_like_page, page_article
from semsearch.sources.exports.documents import articles_of
from semsearch.sources.exports.recognition import advice, documents_of, several
from semsearch.sources.facts.article import Facts, article
from semsearch.sources.facts.assembly import article_from
from semsearch.sources.faults import guarded
from semsearch.sources.utf8 import whole_text
from semsearch.text import display_width
from semsearch.types import Article, Skipped

_TITLE_COLUMNS = 150
"""A headline is rarely half as long."""

_BODY_COLUMNS = 100
"""A line that is longer is a paragraph, and not a line of hard-wrapped prose that the first line begins."""

_RULES_ABOVE = re.compile(r"[\W_]*\n(?=[^\n]*[^\W_])")
"""Lines without a letter or a digit, above the first one that has some."""

_SENTENCE_END = re.compile(r"[.。．:：;；,，][\"'”’»)\]」』]*$")


def read_plain(stream: BinaryIO, place: Place) -> Iterator[Article | Skipped]:
    """Read one article: of a page its article, else the first line as title where it reads like one, and the rest.

    The name of a file is never a title: most say nothing, and a title is searched. It is kept as the tag `file`.
    """
    text = whole_text(stream).replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        return
    if place.address is None and (found := export_articles(text.split("\n"), place)):
        yield from found
    elif place.address is not None or looks_like_page(text):  # a crawl keeps nothing but pages
        yield guarded(lambda: page_article(text, place), place.origin)
    else:
        title, body = split_title(text)
        yield article_from({"title": title, "text": body}, place, place.origin, whole_file=True)


def export_articles(lines: Sequence[str], place: Place) -> list[Article | Skipped]:
    """Return the articles of an export of a press archive, or why lines that hold several give none; else nothing."""
    if documents := documents_of(lines):
        return list(articles_of(documents, place))
    shown = several(lines)
    return [Skipped(place.origin, advice(shown))] if shown else []


def articles_of_lines(lines: Sequence[str], place: Place, facts: Facts) -> Iterator[Article | Skipped]:
    """Yield the articles of a document's lines: those of an export, or the one that the document is.

    Args:
        facts: what the document says of itself; without a title its first line is one, where it reads like one.
    """
    if found := export_articles(lines, place):
        yield from found
        return
    text = "\n".join(lines)
    if facts.title:
        title, body = facts.title, text.partition("\n")[2]
    else:
        title, body = split_title(text)
    yield article(replace(facts, title=title, text=body), place, place.origin, whole_file=True)


def split_title(text: str) -> tuple[str, str]:
    """Return the first line, where it is a headline over a text, and the text; else "" and all of it.

    A headline is short, does not end as a sentence does, and stands apart: a blank line follows, or a line that is
    a paragraph.
    """
    rules = _RULES_ABOVE.match(text)
    text = text[rules.end() :] if rules else text
    first, _, rest = text.strip("\n").partition("\n")
    headline = first.strip()
    following = rest.partition("\n")[0]
    apart = not following.strip() or display_width(following) > _BODY_COLUMNS
    short = 0 < display_width(headline) <= _TITLE_COLUMNS and not _SENTENCE_END.search(headline)
    return (headline, rest) if rest.strip() and apart and short else ("", text)
