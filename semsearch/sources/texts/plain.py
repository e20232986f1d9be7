"""Reads text files: one article a file, those of an export, or the article within a page that was dumped as text."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from semsearch.ports import Place
from semsearch.sources.decoding import whole_text
from semsearch.sources.dumps.page import looks_like_page, page_article
from semsearch.sources.exports.documents import articles_of
from semsearch.sources.exports.recognition import advice, documents_of, several
from semsearch.sources.facts.assembly import article_from
from semsearch.text import display_width
from semsearch.types import Article, Skipped

_TITLE_COLUMNS = 150
"""A headline is rarely half as long."""

_BODY_COLUMNS = 100
"""A line that is longer is a paragraph, and not a line of hard-wrapped prose that the first line begins."""

_SENTENCE_END = re.compile(r"[.。．:：;；,，][\"'”’»)\]」』]*$")


def read_plain(stream: BinaryIO, place: Place) -> Iterator[Article | Skipped]:
    """Read one article: of a page its article, else the first line as title where it reads like one, and the rest.

    The name of a file is never a title: most say nothing, and a title is searched. It is kept as the tag `file`.
    """
    text = whole_text(stream).replace("\r\n", "\n")
    if not text.strip():
        return
    if place.address is None:
        lines = text.split("\n")
        if documents := documents_of(lines):
            yield from articles_of(documents, place)
            return
        if shown := several(lines):
            yield Skipped(place.origin, advice(shown))
            return
    if place.address is not None or looks_like_page(text):  # a crawl keeps nothing but pages
        yield page_article(text, place)
        return
    title, body = split_title(text)
    yield article_from({"title": title, "text": body}, place, place.origin, whole_file=True)


def split_title(text: str) -> tuple[str, str]:
    """Return the first line, where it is a headline over a text, and the text; else "" and all of it.

    A headline is short, does not end as a sentence does, and stands apart: a blank line follows, or a line that is
    a paragraph.
    """
    first, _, rest = text.strip("\n").partition("\n")
    headline = first.strip()
    following = rest.partition("\n")[0]
    apart = not following.strip() or display_width(following) > _BODY_COLUMNS
    short = 0 < display_width(headline) <= _TITLE_COLUMNS and not _SENTENCE_END.search(headline)
    return (headline, rest) if rest.strip() and apart and short else ("", text)
