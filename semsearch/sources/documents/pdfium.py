"""The only module that knows pypdfium2: a PDF -> its pages, each as the pieces of text on it and where they stand."""

import ctypes
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from semsearch.errors import SourceError
from semsearch.text import normalise_line

MOST_PAGES = 5_000
_MOST_CHARACTERS = 100_000
"""Of a page. The fullest pages of newspapers have a third of it."""

_GAP = 1.2
"""Of a character's height: where two on one line are further apart, they are of two pieces."""

_BACK = 1.5
"""The same to the left: the letters of a ligature all stand where it stands."""

_SPACES = " \t\xa0"


class TextRun(NamedTuple):
    """Text that stands together on one line. The origin is the page's lower left corner, the unit a point."""

    text: str
    left: float
    bottom: float
    right: float
    top: float

    @property
    def size(self) -> float:
        """The height of its line."""
        return self.top - self.bottom


class PdfPage(NamedTuple):
    """One page."""

    pieces: list[TextRun]
    width: float
    height: float
    images: bool  # it shows pictures, and be it of text


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
        """Return what the file says of itself: Title, Author, CreationDate and the like."""
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
                yield _read(page)
            except (pdfium.PdfiumError, ValueError, OverflowError):
                yield None
            finally:
                page.close()

    def close(self) -> None:
        """Give back what the library holds."""
        self._document.close()


def _read(page: "pdfium.PdfPage") -> PdfPage:
    width, height = page.get_size()
    images = any(True for _ in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3))
    text_page = page.get_textpage()
    try:
        return PdfPage(list(_pieces(text_page)), width, height, images)
    finally:
        text_page.close()


def _pieces(text_page: "pdfium.PdfTextPage") -> Iterator[TextRun]:
    handle = text_page.raw
    box = raw.FS_RECTF()
    letters: list[str] = []
    left = bottom = right = top = 0.0
    for at in range(min(raw.FPDFText_CountChars(handle), _MOST_CHARACTERS)):
        code = raw.FPDFText_GetUnicode(handle, at)
        letter = chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else ""
        if letter in ("\r", "\n", ""):
            continue
        if letter == "\x02":  # what PDFium makes of a hyphen at a line's end
            letter = "-"
        if letter in _SPACES:
            letters.append(" ")
            continue
        if not raw.FPDFText_GetLooseCharBox(handle, at, ctypes.byref(box)):
            continue
        size = max(top - bottom, box.top - box.bottom, 1.0)
        same_line = letters and min(top, box.top) - max(bottom, box.bottom) > 0.5 * min(
            top - bottom, box.top - box.bottom
        )
        near = -_BACK * size < box.left - right < _GAP * size
        if letters and not (same_line and near):
            yield from _piece(letters, left, bottom, right, top)
            letters = []
        if not letters:
            left, bottom, right, top = box.left, box.bottom, box.right, box.top
        elif letters[-1] != " " and box.left - right > 0.2 * size:
            letters.append(" ")
        letters.append(letter)
        right, bottom, top = max(right, box.right), min(bottom, box.bottom), max(top, box.top)
    yield from _piece(letters, left, bottom, right, top)


def _piece(letters: list[str], left: float, bottom: float, right: float, top: float) -> Iterator[TextRun]:
    if text := " ".join("".join(letters).split()):
        yield TextRun(text, left, bottom, right, top)
