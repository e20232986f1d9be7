"""Writes small PDFs and office files by hand, so that a test says where each word stands."""

import zlib
from collections.abc import Sequence
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
