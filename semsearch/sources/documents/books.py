"""Reads EPUB: one article a chapter."""

from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree

from semsearch.dates import parse_date
from semsearch.ports import Place
from semsearch.sources.charsets import detected
from semsearch.sources.documents import contents
from semsearch.sources.documents.packages import attribute, local, opened_package, text_at, text_of
from semsearch.sources.facts import values
from semsearch.sources.facts.article import Facts, article
from semsearch.sources.markup.plain_text import strip_html
from semsearch.sources.texts.plain import split_title
from semsearch.types import Article, Skipped

_PAGES = ("application/xhtml+xml", "text/html")
_LEAST_CHARACTERS = 200
"""Of a chapter. Covers, title pages and the like have fewer."""

_LEAST_LISTED = 60
"""Of a chapter that stands in a part with others, and in the table of contents."""

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
        listed = contents.entries(package, about, root)
        for number, name in enumerate(_chapters(about, root), 1):
            markup = _decoded(package.part(name) or b"")
            pieces = contents.cut(markup, listed.get(name, ()))
            least = _LEAST_CHARACTERS if len(pieces) == 1 else _LEAST_LISTED
            texts = [(text, label) for written, label in pieces if len(text := strip_html(written)) >= least]
            for piece, (text, label) in enumerate(texts, 1):
                which = f"chapter {number}" if len(pieces) == 1 else f"chapter {number}.{piece}"
                yield _chapter(text, label, facts, place, which)


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
            yield contents.resolved(root, attribute(item, "href"))


def _chapter(text: str, label: str, facts: Facts, place: Place, which: str) -> Article | Skipped:
    title, body = split_title(text)
    known = {
        name: getattr(facts, name) for name in ("publisher", "authors", "published", "written", "language", "tags")
    }
    said = Facts(title=title or label, text=body, slug=which, **known)
    return article(said, place, f"{place.origin}, {which}", whole_file=True)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode(detected(content), "replace")
