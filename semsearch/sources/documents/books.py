"""Reads EPUB: one article a chapter."""

import posixpath
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import unquote

from lxml import etree

from semsearch.dates import parse_date
from semsearch.ports import Place
from semsearch.sources.charsets import detected
from semsearch.sources.documents.packages import attribute, local, opened_package, text_at, text_of
from semsearch.sources.facts import values
from semsearch.sources.facts.article import Facts, article
from semsearch.sources.markup.stripping import strip_html
from semsearch.sources.texts.plain import split_title
from semsearch.types import Article, Skipped

_PAGES = ("application/xhtml+xml", "text/html")
_LEAST_CHARACTERS = 200
"""Of a chapter. Covers, title pages and the like have fewer."""

_MOST_CHAPTERS = 5_000


def read_book(stream: BinaryIO, place: Place) -> Iterator[Article | Skipped]:
    """Read the chapters of a book in the order in which they are read."""
    with opened_package(stream, "EPUB") as package:
        if package.part("META-INF/encryption.xml") and b"EncryptedKey" in (
            package.part("META-INF/encryption.xml") or b""
        ):
            yield Skipped(place.origin, "a book that is locked against copying (DRM) cannot be read")
            return
        container = package.tree("META-INF/container.xml")
        root = (
            next(
                (
                    attribute(found, "full-path")
                    for found in container.iter(etree.Element)
                    if local(found) == "rootfile"
                ),
                "",
            )
            if container is not None
            else ""
        )
        about = package.tree(root) if root else None
        if about is None:
            yield Skipped(place.origin, "an EPUB without a list of its contents")
            return
        book = text_at(about, "title")
        facts = Facts(
            publisher=values.outlet(text_at(about, "publisher")),
            authors=tuple(
                values.people(
                    [
                        text
                        for found in about.iter(etree.Element)
                        if local(found) == "creator" and (text := text_of(found))
                    ]
                )
            ),
            published=parse_date(text_at(about, "date")),
            written=text_at(about, "date"),
            language=values.language(text_at(about, "language")),
            tags={"book": (book,)} if book else {},
        )
        for number, name in enumerate(_chapters(about, root), 1):
            content = package.part(name)
            text = strip_html(_decoded(content)) if content else ""
            if len(text) >= _LEAST_CHARACTERS:
                yield _chapter(text, facts, place, number)


def _chapters(about: etree._Element, root: str) -> Iterator[str]:
    """Yield the parts of a book in their order, without its table of contents."""
    items = {
        attribute(found, "id"): found
        for found in about.iter(etree.Element)
        if local(found) == "item" and attribute(found, "media-type") in _PAGES
    }
    references = [attribute(found, "idref") for found in about.iter(etree.Element) if local(found) == "itemref"]
    for reference in references[:_MOST_CHAPTERS]:
        item = items.get(reference)
        if item is not None and "nav" not in attribute(item, "properties").split():
            yield posixpath.normpath(posixpath.join(posixpath.dirname(root), unquote(attribute(item, "href"))))


def _chapter(text: str, facts: Facts, place: Place, number: int) -> Article | Skipped:
    title, body = split_title(text)
    known = {
        name: getattr(facts, name) for name in ("publisher", "authors", "published", "written", "language", "tags")
    }
    said = Facts(title=title, text=body, slug=f"chapter {number}", **known)
    return article(said, place, f"{place.origin}, chapter {number}", whole_file=True)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode(detected(content), "replace")
