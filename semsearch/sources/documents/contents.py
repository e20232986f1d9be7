"""The table of contents of an EPUB: the chapters in each part of the book, and their labels."""

import posixpath
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import unquote

from lxml import etree

from semsearch.sources.documents.packages import Element, Package, attribute, elements, local, text_of

_ENTRIES = ("li", "navPoint")
_MOST_ENTRIES = 20_000
_ANCHOR = re.compile(r"<[a-zA-Z][^<>]{0,2000}?\s(?:id|name)\s*=\s*[\"'](?P<name>[^\"'<>]{1,200})[\"']")


class ContentsLine(NamedTuple):
    """One line of a table of contents."""

    part: str  # name of the file within the book
    anchor: str  # within it; "" for its beginning
    label: str


def entries(package: Package, manifest: Element, root: str) -> dict[str, list[ContentsLine]]:
    """Return the chapters in a book's table of contents by part, in order.

    Entries below an entry of the same part are sections of that chapter, not chapters.

    Args:
        manifest: the book's list of parts.
        root: the name of the part that is that list.
    """
    chapters_by_part: dict[str, list[ContentsLine]] = {}
    for item in elements(manifest, "item"):
        is_table = "nav" in attribute(item, "properties").split()
        if is_table or attribute(item, "media-type") == "application/x-dtbncx+xml":
            name = resolve_part(root, attribute(item, "href"))
            table = package.tree(name)
            if table is not None and not chapters_by_part:
                for entry in _read_entries(table, name):
                    chapters_by_part.setdefault(entry.part, []).append(entry)
    return chapters_by_part


def resolve_part(base: str, address: str) -> str:
    """Return the name of the part that an address within the part `base` leads to."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), unquote(address)))


def cut_chapters(markup: str, chapters: Sequence[ContentsLine]) -> list[tuple[str, str]]:
    """Return the markup of each chapter of a part with its label; the whole part where it has only one."""
    labels = {chapter.anchor: chapter.label for chapter in reversed(chapters)}
    labels_by_start = {0: labels.get("", "")}
    for anchor in _ANCHOR.finditer(markup) if len(labels) > 1 else ():
        label = labels.pop(anchor["name"], None)
        if label is not None:
            labels_by_start[anchor.start()] = label
    if len(labels_by_start) == 1:
        return [(markup, chapters[0].label if chapters else "")]
    starts = sorted(labels_by_start)
    return [(markup[start:end], labels_by_start[start]) for start, end in pairwise([*starts, len(markup)])]


def _read_entries(table: Element, name: str) -> Iterator[ContentsLine]:
    """Yield the chapters in a table of contents; `name` is the table's part."""
    parts: dict[Element, str] = {}
    for _, element in zip(range(_MOST_ENTRIES), table.iter(etree.Element), strict=False):
        if local(element) not in _ENTRIES:
            continue
        link = next((child for child in element if local(child) in ("a", "content")), None)
        if link is None:
            continue
        address, _, anchor = (attribute(link, "href") or attribute(link, "src")).partition("#")
        part = resolve_part(name, address)
        parts[element] = part
        enclosing = next((ancestor for ancestor in element.iterancestors() if ancestor in parts), None)
        if address and (enclosing is None or parts[enclosing] != part):
            label_element = next((child for child in element if local(child) == "navLabel"), link)
            yield ContentsLine(part, unquote(anchor), text_of(label_element))
