"""Reads with pypdfium2, which no other module knows, the pages of a PDF: pieces of text and their positions."""

import ctypes
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from semsearch.errors import SourceError
from semsearch.text import normalise_line

MOST_PAGES = 5_000
_MOST_CHARACTERS = 100_000
"""Of a page. The fullest newspaper pages have a third of it."""

_GAP = 1.2
"""Times a character's height; two characters on one line that are further apart belong to two pieces."""

_BACK = 1.5
"""The same to the left: the letters of a ligature all have its position."""

_SPACES = " \t\xa0"


class TextPiece(NamedTuple):
    """A piece of text on one line; coordinates are in points from the page's lower left corner."""

    text: str
    left: float
    bottom: float
    right: float
    top: float

    @property
    def size(self) -> float:
        """The height of the piece."""
        return self.top - self.bottom


class PdfPage(NamedTuple):
    """One page."""

    pieces: list[TextPiece]
    height: float
    images: bool  # whether it shows pictures, perhaps of text


class Paper:
    """An open PDF."""

    def __init__(self, content: bytes) -> None:
        """Open a PDF; raises SourceError where it is damaged or encrypted."""
        try:
            self._document = pdfium.PdfDocument(content)
            self.pages = len(self._document)
        except pdfium.PdfiumError as error:
            if "password" in str(error).lower():
                raise SourceError("an encrypted PDF: open it with its password, and save it without one") from error
            raise SourceError(f"a damaged PDF ({normalise_line(str(error))}). Fetch it again") from error
        if self.pages > MOST_PAGES:
            raise SourceError(f"a PDF of more than {MOST_PAGES:,} pages: split it")

    def facts(self) -> Mapping[str, str]:
        """Return the file's own metadata: Title, Author, CreationDate and the like."""
        try:
            return {str(name): str(value) for name, value in self._document.get_metadata_dict(skip_empty=True).items()}
        except (pdfium.PdfiumError, ValueError, UnicodeError):
            return {}

    def read(self) -> Iterator[PdfPage | None]:
        """Yield the pages in order; None for one that is damaged."""
        for number in range(self.pages):
            try:
                page = self._document[number]
            except pdfium.PdfiumError:
                yield None
                continue
            try:
                yield _read_page(page)
            except (pdfium.PdfiumError, ValueError, OverflowError):
                yield None
            finally:
                page.close()

    def close(self) -> None:
        """Free what the library holds."""
        self._document.close()


def _read_page(page: "pdfium.PdfPage") -> PdfPage:
    _, height = page.get_size()
    images = any(True for _ in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3))
    text_page = page.get_textpage()
    try:
        return PdfPage(list(_text_pieces(text_page)), height, images)
    finally:
        text_page.close()


def _text_pieces(text_page: "pdfium.PdfTextPage") -> Iterator[TextPiece]:
    handle = text_page.raw
    box = raw.FS_RECTF()
    letters: list[str] = []
    left = bottom = right = top = 0.0
    for index in range(min(raw.FPDFText_CountChars(handle), _MOST_CHARACTERS)):
        code = raw.FPDFText_GetUnicode(handle, index)
        letter = chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else ""
        if letter in ("\r", "\n", ""):
            continue
        if letter == "\x02":  # PDFium's mark for a hyphen at the end of a line
            letter = "-"
        if letter in _SPACES:
            letters.append(" ")
            continue
        if not raw.FPDFText_GetLooseCharBox(handle, index, ctypes.byref(box)):
            continue
        size = max(top - bottom, box.top - box.bottom, 1.0)
        is_same_line = letters and min(top, box.top) - max(bottom, box.bottom) > 0.5 * min(
            top - bottom, box.top - box.bottom
        )
        is_near = -_BACK * size < box.left - right < _GAP * size
        if letters and not (is_same_line and is_near):
            yield from _text_piece(letters, left, bottom, right, top)
            letters = []
        if not letters:
            left, bottom, right, top = box.left, box.bottom, box.right, box.top
        elif letters[-1] != " " and box.left - right > 0.2 * size:
            letters.append(" ")
        letters.append(letter)
        right, bottom, top = max(right, box.right), min(bottom, box.bottom), max(top, box.top)
    yield from _text_piece(letters, left, bottom, right, top)


def _text_piece(letters: list[str], left: float, bottom: float, right: float, top: float) -> Iterator[TextPiece]:
    if text := " ".join("".join(letters).split()):
        yield TextPiece(text, left, bottom, right, top)
