"""Reads text files: one article a file, the articles of an export, or the article in a page that was dumped as text."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import BinaryIO

from semsearch.ports import Place
from semsearch.sources.dumps.page import looks_like_page, page_article
from semsearch.sources.exports.documents import articles_of
from semsearch.sources.exports.recognition import advice, documents_of, evidence_of_several
from semsearch.sources.facts.article import Facts, article
from semsearch.sources.facts.assembly import article_from
from semsearch.sources.faults import attempt
from semsearch.sources.utf8 import whole_text
from semsearch.text import display_width
from semsearch.types import Article, Skipped

_TITLE_COLUMNS = 150
"""A headline is rarely half as long."""

_BODY_COLUMNS = 100
"""A longer line is a paragraph, not a line of hard-wrapped prose that began on the first line."""

_RULES_ABOVE = re.compile(r"[\W_]*\n(?=[^\n]*[^\W_])")
"""Lines above the first one that has a letter or a digit."""

_NO_HEADLINE_END = re.compile(r"[.。．:：;；,，][\"'”’»)\]」』]*$")


def read_plain(stream: BinaryIO, place: Place) -> Iterator[Article | Skipped]:
    """Read the articles of an export, the article of a page, or else a text, whose first line may be its title.

    The name of a file is never a title: most say nothing, and titles are searched. It is kept as the tag `file`.
    """
    text = whole_text(stream).replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        return
    if place.address is None and (articles := export_articles(text.split("\n"), place)):
        yield from articles
    elif place.address is not None or looks_like_page(text):  # a crawl keeps nothing but pages
        yield attempt(lambda: page_article(text, place), place.origin)
    else:
        title, body = split_title(text)
        yield article_from({"title": title, "text": body}, place, place.origin, whole_file=True)


def export_articles(lines: Sequence[str], place: Place) -> list[Article | Skipped]:
    """Return the articles of a press archive's export, or why several articles cannot be read; [] for other lines."""
    documents, left_out = documents_of(lines)
    if documents:
        return [*articles_of(documents, place), *([Skipped(place.origin, left_out)] if left_out else [])]
    evidence = evidence_of_several(lines)
    return [Skipped(place.origin, advice(evidence))] if evidence else []


def articles_of_lines(lines: Sequence[str], place: Place, facts: Facts) -> Iterator[Article | Skipped]:
    """Yield the articles in a document's lines: those of an export, or the one article that the document is.

    Args:
        facts: what the document says about itself; if it has no title, the first line may be one.
    """
    if articles := export_articles(lines, place):
        yield from articles
        return
    text = "\n".join(lines)
    if facts.title:
        title, body = facts.title, text.partition("\n")[2]
    else:
        title, body = split_title(text)
    yield article(replace(facts, title=title, text=body), place, place.origin, whole_file=True)


def split_title(text: str) -> tuple[str, str]:
    """Return the first line and the text below it, if that line is a headline; else "" and the full text.

    A headline is short, does not end like a sentence, and stands apart: it is followed by a blank line, or by a line
    that is a paragraph.
    """
    rules = _RULES_ABOVE.match(text)
    text = text[rules.end() :] if rules else text
    first_line, _, rest = text.strip("\n").partition("\n")
    headline = first_line.strip()
    following = rest.partition("\n")[0]
    stands_apart = not following.strip() or display_width(following) > _BODY_COLUMNS
    is_headline = 0 < display_width(headline) <= _TITLE_COLUMNS and not _NO_HEADLINE_END.search(headline)
    return (headline, rest) if rest.strip() and stands_apart and is_headline else ("", text)
