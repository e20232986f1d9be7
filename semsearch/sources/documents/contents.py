"""The table of contents of an EPUB: which chapters a part of the book holds, and what they are called."""

import posixpath
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import unquote

from lxml import etree

from semsearch.sources.documents.packages import Element, Package, attribute, local, text_of

_ENTRIES = ("li", "navPoint")
_MOST_ENTRIES = 20_000
_ANCHOR = re.compile(r"<[a-zA-Z][^<>]{0,2000}?\s(?:id|name)\s*=\s*[\"'](?P<name>[^\"'<>]{1,200})[\"']")


class ContentsLine(NamedTuple):
    """One line of a table of contents."""

    part: str  # name of the file within the book
    anchor: str  # within it; "" for its beginning
    label: str


def entries(package: Package, about: Element, root: str) -> dict[str, list[ContentsLine]]:
    """Return the chapters that a book's table of contents names, by part, in order.

    What is listed below an entry of the same part is a section of that chapter, and no chapter.

    Args:
        about: the book's list of parts.
        root: its name.
    """
    listed: dict[str, list[ContentsLine]] = {}
    for item in about.iter(etree.Element):
        is_table = "nav" in attribute(item, "properties").split()
        if local(item) == "item" and (is_table or attribute(item, "media-type") == "application/x-dtbncx+xml"):
            name = resolved(root, attribute(item, "href"))
            table = package.tree(name)
            if table is not None and not listed:
                for entry in _chapters(table, name):
                    listed.setdefault(entry.part, []).append(entry)
    return listed


def resolved(base: str, address: str) -> str:
    """Return the name of the part that an address within another part means."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), unquote(address)))


def cut(markup: str, chapters: Sequence[ContentsLine]) -> list[tuple[str, str]]:
    """Return the markup of each chapter of a part with its label; all of it is one where it has no more."""
    labels = {chapter.anchor: chapter.label for chapter in reversed(chapters)}
    places = {0: labels.get("", "")}
    for anchor in _ANCHOR.finditer(markup) if len(labels) > 1 else ():
        label = labels.pop(anchor["name"], None)
        if label is not None:
            places[anchor.start()] = label
    if len(places) == 1:
        return [(markup, chapters[0].label if chapters else "")]
    begins = sorted(places)
    return [(markup[begin:end], places[begin]) for begin, end in zip(begins, [*begins, len(markup)][1:], strict=True)]


def _chapters(table: Element, name: str) -> Iterator[ContentsLine]:
    parts: dict[Element, str] = {}
    for _, element in zip(range(_MOST_ENTRIES), table.iter(etree.Element), strict=False):
        if local(element) not in _ENTRIES:
            continue
        link = next((child for child in element if local(child) in ("a", "content")), None)
        if link is None:
            continue
        address, _, anchor = (attribute(link, "href") or attribute(link, "src")).partition("#")
        part = resolved(name, address)
        parts[element] = part
        above = next((found for found in element.iterancestors() if found in parts), None)
        if address and (above is None or parts[above] != part):
            words = next((child for child in element if local(child) == "navLabel"), link)
            yield ContentsLine(part, unquote(anchor), text_of(words))
