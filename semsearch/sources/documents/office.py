"""Reads Word and OpenDocument texts: one article a file, or an export's articles."""

from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple

from lxml import etree

from semsearch.ports import Place
from semsearch.sources.documents.packages import Element, attribute, local, opened_package, text_at
from semsearch.sources.facts import values
from semsearch.sources.facts.article import Facts
from semsearch.sources.texts.plain import articles_of_lines
from semsearch.types import Article, Skipped

_WORD_TITLES = ("title", "titel", "titre", "ttulo", "titolo", "heading1", "berschrift1", "titre1", "ttulo1", "kop1")
"""Style ids, in the languages of Word, without what is not ASCII."""

_OTHER_TEXT = frozenset(("del", "moveFrom", "instrText", "Fallback", "footnoteReference", "commentReference", "pict"))
_OPEN_OTHER = frozenset(("tracked-changes", "annotation", "note", "table-of-content", "forms", "sequence-decls"))
_MOST_DEPTH = 200


class OfficeLine(NamedTuple):
    """A paragraph, or a row of a table."""

    text: str
    heading: bool = False  # the title of the whole


def read_word(stream: BinaryIO, place: Place) -> Iterator[Article | Skipped]:
    """Read a DOCX."""
    with opened_package(stream, "Word") as package:
        body, core = package.tree("word/document.xml"), package.tree("docProps/core.xml")
    yield from _read(body, core, _word_lines, place, created="created")


def read_open_document(stream: BinaryIO, place: Place) -> Iterator[Article | Skipped]:
    """Read an ODT."""
    with opened_package(stream, "OpenDocument") as package:
        manifest = package.part("META-INF/manifest.xml") or b""
        if b"encryption-data" in manifest:
            yield Skipped(place.origin, "an encrypted document: open it with its password, and save it without one")
            return
        body, meta = package.tree("content.xml"), package.tree("meta.xml")
    yield from _read(body, meta, _open_lines, place, created="creation-date")


def _read(
    body: Element | None,
    about: Element | None,
    lines_of: Callable[[Element], Iterator[OfficeLine]],
    place: Place,
    created: str,
) -> Iterator[Article | Skipped]:
    if body is None:
        yield Skipped(place.origin, "a document without a text")
        return
    lines = list(lines_of(body))
    at = next((at for at, line in enumerate(lines[:10]) if line.heading and line.text.strip()), None)
    title = lines[at].text if at is not None else ""
    rest = [line.text for number, line in enumerate(lines) if number != at]
    facts = Facts(
        title=title,
        authors=tuple(values.people(text_at(about, "creator") or text_at(about, "initial-creator"))),
        language=values.language(text_at(about, "language")),
        tags={"created": (date,)} if (date := text_at(about, created)) else {},
    )
    # An empty line stands between paragraphs wherever lines are read.
    yield from articles_of_lines(
        [part for line in ([title] * bool(title) + rest) for part in (*line.split("\n"), "")], place, facts
    )


def _word_lines(root: Element) -> Iterator[OfficeLine]:
    body = next((element for element in root.iter(etree.Element) if local(element) == "body"), None)
    return _blocks(body, 0) if body is not None else iter(())


def _blocks(parent: Element, depth: int) -> Iterator[OfficeLine]:
    for element in parent:
        name = local(element)
        if name == "p":
            style = next(
                (attribute(found, "val") for found in element.iter(etree.Element) if local(found) == "pStyle"), ""
            )
            yield OfficeLine("".join(_run(element, 0)), _folded(style) in _WORD_TITLES)
        elif name == "tr":
            cells = (
                " ".join(line.text for line in _blocks(cell, depth + 1)) for cell in element if local(cell) == "tc"
            )
            yield OfficeLine(" | ".join(cell.strip() for cell in cells if cell.strip()))
        elif name and name not in _OTHER_TEXT and depth < _MOST_DEPTH:
            yield from _blocks(element, depth + 1)


def _run(element: Element, depth: int) -> Iterator[str]:
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
        elif name and name not in _OTHER_TEXT and name != "pPr" and depth < _MOST_DEPTH:
            yield from _run(part, depth + 1)


def _is_hidden(run: Element) -> bool:
    """Tell whether Word does not show a run of text."""
    switches = (mark for marks in run if local(marks) == "rPr" for mark in marks if local(mark) == "vanish")
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
    """Tell whether what is in an element of an OpenDocument text is part of the text that is seen."""
    hidden = attribute(element, "is-hidden") == "true" or attribute(element, "display") == "none"
    return bool(local(element)) and local(element) not in _OPEN_OTHER and not hidden
