"""Reads EPUB: each chapter is an article."""

from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from semsearch.dates import parse_date
from semsearch.ports import Place
from semsearch.sources.charsets import detected
from semsearch.sources.documents import contents
from semsearch.sources.documents.packages import Element, attribute, elements, open_package, text_at, text_of
from semsearch.sources.facts import values
from semsearch.sources.facts.article import Facts, article
from semsearch.sources.markup.plain_text import strip_html
from semsearch.sources.texts.plain import split_title
from semsearch.types import Article, Skipped

_PAGES = ("application/xhtml+xml", "text/html")
_LEAST_CHARACTERS = 200
"""Of a chapter; covers, title pages and the like have fewer."""

_LEAST_LISTED = 60
"""Of a chapter that shares its part with others and is in the table of contents."""

_MOST_CHAPTERS = 5_000


def read_book(stream: BinaryIO, place: Place) -> Iterator[Article | Skipped]:
    """Yield the chapters of a book in reading order."""
    with open_package(stream, "EPUB") as package:
        if b"EncryptedKey" in (package.part("META-INF/encryption.xml") or b""):
            yield Skipped(place.origin, "a book that is locked against copying (DRM) cannot be read")
            return
        container = package.tree("META-INF/container.xml")
        roots = elements(container, "rootfile") if container is not None else []
        root = attribute(roots[0], "full-path") if roots else ""
        manifest = package.tree(root) if root else None
        if manifest is None:
            yield Skipped(place.origin, "an EPUB without a list of its contents")
            return
        facts = _book_facts(manifest)
        chapters_by_part = contents.entries(package, manifest, root)
        for number, name in enumerate(_chapter_parts(manifest, root), 1):
            markup = _decode_markup(package.part(name) or b"")
            pieces = contents.cut_chapters(markup, chapters_by_part.get(name, ()))
            least_characters = _LEAST_CHARACTERS if len(pieces) == 1 else _LEAST_LISTED
            texts = [(strip_html(piece), label) for piece, label in pieces]
            long_texts = [(text, label) for text, label in texts if len(text) >= least_characters]
            for piece_number, (text, label) in enumerate(long_texts, 1):
                chapter_name = f"chapter {number}" if len(pieces) == 1 else f"chapter {number}.{piece_number}"
                yield _chapter_article(text, label, facts, place, chapter_name)


def _book_facts(manifest: Element) -> Facts:
    """Return the facts about a book that all its chapters share."""
    book = text_at(manifest, "title")
    creators = [text for element in elements(manifest, "creator") if (text := text_of(element))]
    return Facts(
        publisher=values.outlet(text_at(manifest, "publisher")),
        authors=tuple(values.people(creators)),
        published=parse_date(text_at(manifest, "date")),
        written=text_at(manifest, "date"),
        language=values.language(text_at(manifest, "language")),
        tags={"book": (book,)} if book else {},
    )


def _chapter_parts(manifest: Element, root: str) -> Iterator[str]:
    """Yield the names of a book's parts in reading order, without its table of contents."""
    items = {
        attribute(item, "id"): item for item in elements(manifest, "item") if attribute(item, "media-type") in _PAGES
    }
    for reference in elements(manifest, "itemref")[:_MOST_CHAPTERS]:
        item = items.get(attribute(reference, "idref"))
        if item is not None and "nav" not in attribute(item, "properties").split():
            yield contents.resolve_part(root, attribute(item, "href"))


def _chapter_article(text: str, label: str, facts: Facts, place: Place, chapter_name: str) -> Article | Skipped:
    title, body = split_title(text)
    facts = replace(facts, title=title or label, text=body, slug=chapter_name)
    return article(facts, place, f"{place.origin}, {chapter_name}", whole_file=True)


def _decode_markup(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode(detected(content), "replace")
