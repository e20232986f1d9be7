"""Puts pieces of text on pages into lines and paragraphs in reading order, without headers and footers.

Columns are found by recursive cuts along empty stripes (Nagy and Seth 1984): along a vertical stripe where one is wide
enough, else along the widest horizontal one.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from semsearch.sources.documents.pdfium import PdfPage, TextPiece
from semsearch.text import ends_sentence

_GUTTER = 0.7
"""Times a line's height; an empty stripe of this width separates columns."""

_LEAST_COLUMN = 5.0
"""Times a line's height; anything narrower is a number or a bullet before its line."""

_MOST_DEPTH = 60
_EDGE = 0.12
"""Share of a page's height at its edges where headers and footers are."""

_REPEATED = 0.3
"""Share of the pages that must have a header, at least two of them."""

_PAGE_NUMBER = re.compile(
    r"[-–—|\[(\s]*(?:(?:page|seite|p\.|s\.|página|pagina|стр\.?|страница|第)\s*)?[0-9]{1,4}(?:\s*(?:/|of|von|de|sur|di|из)\s*[0-9]{1,4})?"
    r"[-–—|\])\s页頁]*",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"[0-9]+")


class LayoutLine(NamedTuple):
    """One line of one column."""

    text: str
    page: int  # from 1
    left: float
    right: float
    bottom: float
    top: float
    column: tuple[float, float]  # left and right of its column

    @property
    def size(self) -> float:
        """The line's height."""
        return self.top - self.bottom


def lines_of(pages: Sequence[PdfPage | None]) -> list[LayoutLine]:
    """Return the lines of all pages in reading order, without headers, footers and page numbers."""
    page_lines = [_page_lines(page, number) if page else [] for number, page in enumerate(pages, 1)]
    heights = [page.height if page else 0.0 for page in pages]
    edges = [[_edge(line, height) for line in lines] for lines, height in zip(page_lines, heights, strict=True)]
    counts = Counter(
        key
        for lines, sides in zip(page_lines, edges, strict=True)
        for key in {(side, _shape(line)) for line, side in zip(lines, sides, strict=True) if side}
    )
    least = max(2, _REPEATED * len(pages))
    body_lines = [
        line
        for lines, sides in zip(page_lines, edges, strict=True)
        for line, side in zip(lines, sides, strict=True)
        if not side or (counts[side, _shape(line)] < least and not _PAGE_NUMBER.fullmatch(line.text))
    ]
    return _with_tight_columns(body_lines)


def _with_tight_columns(lines: Sequence[LayoutLine]) -> list[LayoutLine]:
    """Return lines with the widths of their columns without removed lines: a page number may have been beside them."""
    widths: dict[tuple[int, tuple[float, float]], tuple[float, float]] = {}
    for line in lines:
        left, right = widths.get((line.page, line.column), (line.left, line.right))
        widths[line.page, line.column] = (min(left, line.left), max(right, line.right))
    return [line._replace(column=widths[line.page, line.column]) for line in lines]


def _edge(line: LayoutLine, height: float) -> str:
    """Return the edge of the page that a line is near, "" for neither; `height` is the page's."""
    if line.bottom > (1 - _EDGE) * height:
        return "top"
    return "bottom" if line.top < _EDGE * height else ""


def _shape(line: LayoutLine) -> str:
    """Return what headers are compared by: words without numbers, and the size, as a headline may become a header."""
    return f"{line.size:.0f} {_DIGITS.sub('0', line.text).casefold()}"


def _page_lines(page: PdfPage, number: int) -> list[LayoutLine]:
    pieces = [piece for piece in page.pieces if piece.right > piece.left and piece.top > piece.bottom]
    if not pieces:
        return []
    lines: list[LayoutLine] = []
    for group in _cut(pieces, median(piece.size for piece in pieces), 0):
        column = (min(piece.left for piece in group), max(piece.right for piece in group))
        lines += _rows(group, number, column)
    return lines


def _cut(pieces: list[TextPiece], size: float, depth: int) -> list[list[TextPiece]]:
    """Return groups of pieces in reading order, each group in one column."""
    if len(pieces) < 2 or depth > _MOST_DEPTH:
        return [pieces]
    if gap := _gap([(piece.left, piece.right) for piece in pieces], _GUTTER * size, _LEAST_COLUMN * size):
        left = [piece for piece in pieces if piece.right <= gap]
        right = [piece for piece in pieces if piece.right > gap]
        return _cut(left, size, depth + 1) + _cut(right, size, depth + 1)
    if not _has_columns(pieces, size):
        return [pieces]
    if gap := _gap([(piece.bottom, piece.top) for piece in pieces], 0.0, 0.0):
        above = [piece for piece in pieces if piece.bottom >= gap]
        below = [piece for piece in pieces if piece.bottom < gap]
        return _cut(above, size, depth + 1) + _cut(below, size, depth + 1)
    return [pieces]


def _gap(intervals: list[tuple[float, float]], least: float, margin: float) -> float | None:
    """Return the middle of the widest empty stripe between intervals, None where all are narrower than `least`.

    Args:
        margin: least width on either side of the stripe.
    """
    intervals = sorted(intervals)
    leftmost, rightmost = intervals[0][0], max(end for _, end in intervals)
    best, width = None, least
    reached = intervals[0][1]
    for start, end in intervals[1:]:
        if start - reached > width and reached - leftmost >= margin and rightmost - start >= margin:
            best, width = (start + reached) / 2, start - reached
        reached = max(reached, end)
    return best


def _has_columns(pieces: list[TextPiece], size: float) -> bool:
    """Tell whether any two pieces are side by side with a gutter between; else the group is one column."""
    rows = sorted(pieces, key=lambda piece: -piece.bottom)
    for index, piece in enumerate(rows):
        for below in rows[index + 1 : index + 12]:
            overlap = min(piece.top, below.top) - max(piece.bottom, below.bottom)
            distance = max(piece.left, below.left) - min(piece.right, below.right)
            if overlap > 0.3 * min(piece.size, below.size) and distance > _GUTTER * size:
                return True
    return False


def _rows(pieces: list[TextPiece], number: int, column: tuple[float, float]) -> list[LayoutLine]:
    """Return a column's lines from top to bottom, with the pieces of each from left to right."""
    rows: list[list[TextPiece]] = []
    for piece in sorted(pieces, key=lambda piece: (-(piece.bottom + piece.top) / 2, piece.left)):
        last = rows[-1][0] if rows else None
        if last and min(last.top, piece.top) - max(last.bottom, piece.bottom) > 0.5 * min(last.size, piece.size):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [
        LayoutLine(
            " ".join(piece.text for piece in sorted(row, key=lambda piece: piece.left)),
            number,
            min(piece.left for piece in row),
            max(piece.right for piece in row),
            min(piece.bottom for piece in row),
            max(piece.top for piece in row),
            column,
        )
        for row in rows
    ]


class Paragraph(NamedTuple):
    """The joined lines of a paragraph."""

    text: str
    starts: list[tuple[int, int]]  # (page, offset in the text) of each page that has a part of it
    size: float  # height of its lines


_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u00ad\u2010]$")
_HYPHENATED = re.compile(r"(?<![^\W\d_])[^\W\d_]+-[^\W\d_]+")
_ITEM = re.compile(r"[•‣▪◦●■–—·*]\s?\S|[0-9]{1,2}[.)]\s\S")
_INDENT = 0.8
_LEADING = 1.45
_SHORT = 0.8
_OTHER_SIZE = 0.12


def paragraphs_of(lines: Sequence[LayoutLine]) -> list[Paragraph]:
    """Return lines joined into paragraphs, also across columns, without hyphens at the ends of lines."""
    if not lines:
        return []
    compounds = {word.casefold() for line in lines for word in _HYPHENATED.findall(line.text)}
    leading = _usual_leading(lines)
    groups: list[list[LayoutLine]] = []
    for line in lines:
        if groups and _is_continued(groups[-1], line, leading):
            groups[-1].append(line)
        else:
            groups.append([line])
    return [_join_lines(group, compounds) for group in groups]


def _usual_leading(lines: Sequence[LayoutLine]) -> float:
    steps = [
        above.bottom - below.bottom
        for above, below in pairwise(lines)
        if above.page == below.page and above.column == below.column and above.bottom - below.bottom > 0.8 * below.size
    ]
    # The narrowest except for outliers: where paragraphs are one line long, most steps are between paragraphs.
    return sorted(steps)[len(steps) // 20] if steps else 0.0


def _is_continued(group: Sequence[LayoutLine], line: LayoutLine, leading: float) -> bool:
    """Tell whether a line continues a paragraph."""
    previous = group[-1]
    if abs(previous.size - line.size) > _OTHER_SIZE * max(previous.size, line.size):
        return False
    is_indented = line.left - line.column[0] > _INDENT * line.size
    width = previous.column[1] - previous.column[0]
    is_short = previous.right - previous.column[0] < _SHORT * width
    has_ended = ends_sentence(previous.text) or previous.text.endswith((":", ";"))
    if previous.page == line.page and previous.column == line.column:
        step = previous.bottom - line.bottom
        if step > _LEADING * leading:
            return False
        if _ITEM.match(line.text) and (has_ended or is_short or _ITEM.match(group[0].text)):
            return False
        if is_short and has_ended:
            return False
        is_hanging = len(group) > 1 and previous.left - line.column[0] > _INDENT * line.size
        if is_hanging or _ITEM.match(group[0].text):
            return True
        return not (is_indented and line.left > previous.left + 0.3 * line.size)
    if is_indented or has_ended:
        return False
    return not is_short or line.text[:1].islower()


def _join_lines(group: Sequence[LayoutLine], compounds: set[str]) -> Paragraph:
    text = group[0].text
    starts = [(group[0].page, 0)]
    for line in group[1:]:
        text, glued = _glue(text, line.text, compounds)
        if line.page != starts[-1][0]:
            starts.append((line.page, len(text) - glued))
    return Paragraph(text, starts, median(line.size for line in group))


def _glue(above: str, below: str, compounds: set[str]) -> tuple[str, int]:
    """Return two lines as one, and how many of its characters are from the second."""
    if _HYPHEN.search(above) and below[:1].islower():
        word = above.rpartition(" ")[2][:-1]
        ending = re.match(r"[^\W\d_]*", below)
        compound = f"{word}-{ending[0] if ending else ''}".casefold()
        stem = above[:-1] + ("-" if compound in compounds else "")
        return stem + below, len(below)
    wide = "\u2e80" <= above[-1:] <= "\uffef" and "\u2e80" <= below[:1] <= "\uffef"
    return above + ("" if wide else " ") + below, len(below)
