"""Reads Word and OpenDocument texts: each file is an article, or an export with several."""

from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple

from lxml import etree

from semsearch.ports import Place
from semsearch.sources.documents.packages import Element, attribute, local, open_package, text_at
from semsearch.sources.facts import values
from semsearch.sources.facts.article import Facts
from semsearch.sources.texts.plain import articles_of_lines
from semsearch.types import Article, Skipped

_WORD_TITLES = ("title", "titel", "titre", "ttulo", "titolo", "heading1", "berschrift1", "titre1", "ttulo1", "kop1")
"""Style ids in the languages of Word, without characters beyond ASCII."""

_WORD_SKIPPED = frozenset(("del", "moveFrom", "instrText", "Fallback", "footnoteReference", "commentReference", "pict"))
_OPEN_SKIPPED = frozenset(("tracked-changes", "annotation", "note", "table-of-content", "forms", "sequence-decls"))
_MOST_DEPTH = 200


class OfficeLine(NamedTuple):
    """A paragraph, or a row of a table."""

    text: str
    heading: bool = False  # whether it is styled as the document's title


def read_word(stream: BinaryIO, place: Place) -> Iterator[Article | Skipped]:
    """Yield the articles of a DOCX."""
    with open_package(stream, "Word") as package:
        body, core = package.tree("word/document.xml"), package.tree("docProps/core.xml")
    yield from _read_document(body, core, _word_lines, place, created_name="created")


def read_open_document(stream: BinaryIO, place: Place) -> Iterator[Article | Skipped]:
    """Yield the articles of an ODT."""
    with open_package(stream, "OpenDocument") as package:
        manifest = package.part("META-INF/manifest.xml") or b""
        if b"encryption-data" in manifest:
            yield Skipped(place.origin, "an encrypted document: open it with its password, and save it without one")
            return
        body, meta = package.tree("content.xml"), package.tree("meta.xml")
    yield from _read_document(body, meta, _open_lines, place, created_name="creation-date")


def _read_document(
    body: Element | None,
    metadata: Element | None,
    lines_of: Callable[[Element], Iterator[OfficeLine]],
    place: Place,
    created_name: str,
) -> Iterator[Article | Skipped]:
    if body is None:
        yield Skipped(place.origin, "a document without a text")
        return
    lines = list(lines_of(body))
    headings = (index for index, line in enumerate(lines[:10]) if line.heading and line.text.strip())
    title = ""
    if (title_index := next(headings, None)) is not None:
        lines.insert(0, lines.pop(title_index))
        title = lines[0].text
    created = text_at(metadata, created_name)
    facts = Facts(
        title=title,
        authors=tuple(values.people(text_at(metadata, "creator") or text_at(metadata, "initial-creator"))),
        language=values.language(text_at(metadata, "language")),
        tags={"created": (created,)} if created else {},
    )
    # Readers of lines expect an empty one between paragraphs.
    yield from articles_of_lines([part for line in lines for part in (*line.text.split("\n"), "")], place, facts)


def _word_lines(root: Element) -> Iterator[OfficeLine]:
    body = next((element for element in root.iter(etree.Element) if local(element) == "body"), None)
    return _word_blocks(body, 0) if body is not None else iter(())


def _word_blocks(parent: Element, depth: int) -> Iterator[OfficeLine]:
    for element in parent:
        name = local(element)
        if name == "p":
            styles = (child for child in element.iter(etree.Element) if local(child) == "pStyle")
            style = next((attribute(child, "val") for child in styles), "")
            yield OfficeLine("".join(_word_text(element, 0)), _folded(style) in _WORD_TITLES)
        elif name == "tr":
            cells = (
                " ".join(line.text for line in _word_blocks(cell, depth + 1)) for cell in element if local(cell) == "tc"
            )
            yield OfficeLine(" | ".join(cell.strip() for cell in cells if cell.strip()))
        elif name and name not in _WORD_SKIPPED and depth < _MOST_DEPTH:
            yield from _word_blocks(element, depth + 1)


def _word_text(element: Element, depth: int) -> Iterator[str]:
    for part in element:
        name = local(part)
        if name == "t":
            yield part.text or ""
        elif name == "tab":
            yield "\t"
        elif name in ("br", "cr"):
            yield "\n"
        elif name == "noBreakHyphen":
            yield "-"
        elif name == "r" and _is_hidden(part):
            continue
        elif name and name not in _WORD_SKIPPED and name != "pPr" and depth < _MOST_DEPTH:
            yield from _word_text(part, depth + 1)


def _is_hidden(run: Element) -> bool:
    """Tell whether Word does not show a run of text."""
    settings = (setting for properties in run if local(properties) == "rPr" for setting in properties)
    switches = (setting for setting in settings if local(setting) == "vanish")
    return any(attribute(switch, "val") not in ("0", "false", "off") for switch in switches)


def _folded(style: str) -> str:
    return "".join(letter for letter in style.lower() if letter.isascii() and letter.isalnum())


def _open_lines(root: Element) -> Iterator[OfficeLine]:
    return _open_blocks(root, 0)


def _open_blocks(parent: Element, depth: int) -> Iterator[OfficeLine]:
    for element in parent:
        name = local(element)
        if name in ("p", "h"):
            heading = attribute(element, "style-name") == "Title" or (
                name == "h" and attribute(element, "outline-level") == "1"
            )
            yield OfficeLine("".join(_open_text(element, 0)), heading)
        elif name == "table-row":
            cells = (" ".join(line.text for line in _open_blocks(cell, depth + 1)) for cell in element)
            yield OfficeLine(" | ".join(cell.strip() for cell in cells if cell.strip()))
        elif _is_shown(element) and depth < _MOST_DEPTH:
            yield from _open_blocks(element, depth + 1)


def _open_text(element: Element, depth: int) -> Iterator[str]:
    yield element.text or ""
    for part in element:
        name = local(part)
        if name == "s":
            yield " "
        elif name == "tab":
            yield "\t"
        elif name == "line-break":
            yield "\n"
        elif _is_shown(part) and depth < _MOST_DEPTH:
            yield from _open_text(part, depth + 1)
        yield part.tail or ""


def _is_shown(element: Element) -> bool:
    """Tell whether the content of an element of an OpenDocument text is visible text."""
    hidden = attribute(element, "is-hidden") == "true" or attribute(element, "display") == "none"
    return bool(local(element)) and local(element) not in _OPEN_SKIPPED and not hidden
