"""Reads, within limits, the parts of documents that are a zip of XML: Word, OpenDocument, EPUB."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import SEEK_END
from typing import BinaryIO

from lxml import etree

from semsearch.errors import SourceError
from semsearch.sources.archives.packed import BROKEN, Guarded
from semsearch.sources.streams import random_access
from semsearch.text import normalise_line

MOST_PART_BYTES = 32 * 2**20
"""Of one part. A thousand pages have a third of it, and its tree takes several times as much memory."""

_MOST_BYTES = 256 * 2**20
"""Of all parts read from one document."""

Element = etree._Element


class Package:
    """An open document."""

    def __init__(self, archive: zipfile.ZipFile, kind: str) -> None:
        self._archive = archive
        self._kind = kind
        self._remaining = _MOST_BYTES

    def part(self, name: str) -> bytes | None:
        """Return the bytes of a part, None where there is none; raises SourceError where damaged or too large."""
        try:
            entry = self._archive.getinfo(name)
        except KeyError:
            return None
        if entry.flag_bits & 0x1:
            raise SourceError(f"an encrypted {self._kind} file: open it with its password, and save it without one")
        try:
            with self._archive.open(entry) as part:
                content = part.read(min(MOST_PART_BYTES, self._remaining) + 1)
        except BROKEN as error:
            raise SourceError(f"a damaged {self._kind} file ({_error_text(error)}). Fetch it again") from error
        self._remaining -= len(content)
        if len(content) > MOST_PART_BYTES or self._remaining < 0:
            most_mib = MOST_PART_BYTES // 2**20
            raise SourceError(f"a {self._kind} file that unpacks to more than {most_mib} MiB of text: split it")
        return content

    def tree(self, name: str) -> Element | None:
        """Return the tree of a part without what is broken in it, None where there is none."""
        content = self.part(name)
        if not content:
            return None
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True,
            remove_comments=True, remove_pis=True,
        )  # fmt: skip
        try:
            return etree.fromstring(content, parser)
        except (etree.LxmlError, ValueError):
            return None


@contextmanager
def open_package(stream: BinaryIO, kind: str) -> Iterator[Package]:
    """Open a document; raises SourceError where it is damaged or of another kind."""
    file = random_access(stream)
    file.seek(0, SEEK_END)
    file.seek(0)
    try:
        archive = zipfile.ZipFile(Guarded(file))
    except SourceError:
        raise
    except BROKEN as error:
        raise SourceError(f"a damaged {kind} file ({_error_text(error)}). Fetch it again") from error
    with archive:
        yield Package(archive, kind)


def local(element: Element) -> str:
    """Return an element's name without its namespace; "" for comments and the like."""
    return _without_namespace(element.tag) if isinstance(element.tag, str) else ""


def elements(root: Element, name: str) -> list[Element]:
    """Return all elements of a name within a tree, in any namespace, in order."""
    return [element for element in root.iter(etree.Element) if local(element) == name]


def attribute(element: Element, name: str) -> str:
    """Return an attribute by its name without a namespace, "" where there is none."""
    return next((str(value) for key, value in element.attrib.items() if _without_namespace(str(key)) == name), "")


def _without_namespace(name: str) -> str:
    """Return a name without its namespace, or the prefix of one that damage has left undeclared."""
    return name.rpartition("}")[2].rpartition(":")[2]


def text_at(root: Element | None, name: str) -> str:
    """Return the text of the first element of a name, in any namespace, on one line."""
    if root is None:
        return ""
    first = next((element for element in root.iter(etree.Element) if local(element) == name), None)
    return text_of(first) if first is not None else ""


def text_of(element: Element) -> str:
    """Return all text of an element, on one line."""
    return normalise_line("".join(map(str, element.itertext())))


def _error_text(error: BaseException) -> str:
    return normalise_line(str(error))[:200] or type(error).__name__
