"""Writes small PDFs and office files by hand, so that a test says where each word stands."""

import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

PAGE = (595.0, 842.0)
"""A4, in points."""

_WIDTHS = {"i": 0.22, "l": 0.22, "t": 0.28, "f": 0.28, "r": 0.33, " ": 0.28, "m": 0.83, "w": 0.72, ".": 0.28, ",": 0.28}


class Word(NamedTuple):
    """A piece of text, and where its baseline begins; the origin is the lower left corner."""

    text: str
    x: float
    y: float
    size: float = 10.0


def width(text: str, size: float = 10.0) -> float:
    """Return about how wide Helvetica is."""
    return sum(_WIDTHS.get(letter, 0.556) for letter in text) * size


def column(text: str, x: float, top: float, columns: float, size: float = 10.0, *, indent: bool = False) -> list[Word]:
    """Set a paragraph in lines of a width."""
    placed: list[Word] = []
    line, y = "", top
    for word in text.split():
        if line and width(f"{line} {word}", size) > columns:
            placed.append(Word(line, x + (size if indent and not placed else 0), y, size))
            line, y = word, y - 1.2 * size
        else:
            line = f"{line} {word}".strip()
    return [*placed, Word(line, x, y, size)]


def pdf(pages: Sequence[Sequence[Word]], facts: dict[str, str] | None = None, *, picture: Sequence[int] = ()) -> bytes:
    """Write a PDF; `picture` names the pages, from 1, that show one."""
    objects: list[bytes] = []

    def add(body: bytes) -> int:
        objects.append(body)
        return len(objects)

    font = add(b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>")
    dots = zlib.compress(b"\x80" * 64)
    image = add(
        b"<</Type/XObject/Subtype/Image/Width 8/Height 8/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/FlateDecode"
        b"/Length %d>>stream\n%s\nendstream" % (len(dots), dots)
    )
    kids = []
    tree = 3 + 2 * len(pages)
    for number, words in enumerate(pages, 1):
        drawn = b"".join(
            b"BT /F1 %g Tf 1 0 0 1 %g %g Tm (%s) Tj ET\n"
            % (
                word.size,
                word.x,
                word.y,
                word.text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)"),
            )
            for word in words
        )
        drawn += b"q 500 0 0 700 40 60 cm /I1 Do Q\n" if number in picture else b""
        content = add(b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn))
        kids.append(
            add(
                b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 %g %g]/Contents %d 0 R"
                b"/Resources<</Font<</F1 %d 0 R>>/XObject<</I1 %d 0 R>>>>>>" % (tree, *PAGE, content, font, image)
            )
        )
    add(b"<</Type/Pages/Kids[%s]/Count %d>>" % (b" ".join(b"%d 0 R" % kid for kid in kids), len(kids)))
    catalog = add(b"<</Type/Catalog/Pages %d 0 R>>" % tree)
    info = add(
        b"<<%s>>" % b"".join(b"/%s(%s)" % (name.encode(), value.encode()) for name, value in (facts or {}).items())
    )
    written, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer<</Size %d/Root %d 0 R/Info %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        catalog,
        info,
        len(written),
    )
    return written + b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table) + end


def zipped(parts: Mapping[str, str]) -> bytes:
    """Write a zip whose first part is stored as it is, as OpenDocument and EPUB want it; the same bytes each time."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for at, (name, content) in enumerate(parts.items()):
            entry = zipfile.ZipInfo(name, (2024, 5, 20, 0, 0, 0))
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED if at or name != "mimetype" else zipfile.ZIP_STORED)
    return file.getvalue()


def word(paragraphs: Sequence[str], title: str = "", author: str = "") -> bytes:
    """Write a DOCX; a heading is in the style of a title."""
    w = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    heading = (
        f'<w:p><w:pPr><w:pStyle w:val="Title"/></w:pPr><w:r><w:t>{escape(title)}</w:t></w:r></w:p>' if title else ""
    )
    body = "".join(f'<w:p><w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>' for text in paragraphs)
    core = (
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">'
        f"<dc:creator>{escape(author)}</dc:creator><dcterms:created>2024-05-20T08:00:00Z</dcterms:created></cp:coreProperties>"
    )
    return zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "word/document.xml": f'<w:document xmlns:w="{w}"><w:body>{heading}{body}<w:sectPr/></w:body></w:document>',
            "docProps/core.xml": core,
        }
    )


def open_document(paragraphs: Sequence[str], title: str = "") -> bytes:
    """Write an ODT."""
    office, text = (f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0" for name in ("office", "text"))
    heading = f'<text:h text:outline-level="1">{escape(title)}</text:h>' if title else ""
    body = "".join(f"<text:p>{escape(one)}</text:p>" for one in paragraphs)
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "META-INF/manifest.xml": "<manifest/>",
            "content.xml": f'<office:document-content xmlns:office="{office}" xmlns:text="{text}"><office:body>'
            f"<office:text>{heading}{body}</office:text></office:body></office:document-content>",
        }
    )


def book(chapters: Mapping[str, Sequence[str]], title: str, author: str) -> bytes:
    """Write an EPUB: a cover, a table of contents, and chapters by their headings."""
    parts = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>',
    }
    names = ["cover", "nav", *(f"c{number}" for number in range(1, len(chapters) + 1))]
    parts["OPS/cover.xhtml"] = f"<html><body><h1>{escape(title)}</h1></body></html>"
    parts["OPS/nav.xhtml"] = (
        f"<html><body><nav>{''.join(f'<p>{escape(name)}</p>' * 9 for name in chapters)}</nav></body></html>"
    )
    for name, (heading, paragraphs) in zip(names[2:], chapters.items(), strict=True):
        body = "".join(f"<p>{escape(text)}</p>" for text in paragraphs)
        parts[f"OPS/{name}.xhtml"] = f"<html><body><h2>{escape(heading)}</h2>{body}</body></html>"
    properties = {"nav": " properties='nav'"}
    items = "".join(
        f'<item id="{name}" href="{name}.xhtml" media-type="application/xhtml+xml"{properties.get(name, "")}/>'
        for name in names
    )
    spine = "".join(f'<itemref idref="{name}"/>' for name in names)
    parts["OPS/book.opf"] = (
        f'<package xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>{escape(title)}</dc:title>'
        f"<dc:creator>{escape(author)}</dc:creator><dc:date>2024-05-20</dc:date><dc:language>en</dc:language></metadata>"
        f"<manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    return zipped(parts)


def rtf(paragraphs: Sequence[str]) -> bytes:
    """Write an RTF."""
    written = (
        "".join(
            letter
            if letter.isascii() and letter not in "\\{}"
            else f"\\{letter}"
            if letter.isascii()
            else f"\\u{ord(letter)}?"
            for letter in text
        )
        for text in paragraphs
    )
    return (
        "{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 Arial;}}{\\header Page header\\par}\\pard "
        + "\\par\n".join(written)
        + "\\par}"
    ).encode("ascii")
