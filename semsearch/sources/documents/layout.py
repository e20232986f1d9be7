"""Pieces of text on pages -> lines in the order in which they are read, without what every page repeats.

Columns are found by recursive cuts along empty stripes (Nagy and Seth 1984): along an upright one where there is one
that is wide enough, else along the widest level one.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from semsearch.sources.documents.pdfium import PdfPage, TextRun

_GUTTER = 0.7
"""Of a line's height: an empty stripe of this width divides columns."""

_LEAST_COLUMN = 5.0
"""Of a line's height: what is narrower is a number or a bullet before its line."""

_MOST_DEPTH = 60
_EDGE = 0.12
"""Of a page's height: headers and footers stand so near to its edges."""

_REPEATED = 0.3
"""Of the pages must have a header, and two at least."""

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
    column: tuple[float, float]  # from where to where its column goes

    @property
    def size(self) -> float:
        """Its height."""
        return self.top - self.bottom


def lines_of(pages: Sequence[PdfPage | None]) -> list[LayoutLine]:
    """Return the lines of all pages in reading order, without headers, footers and page numbers."""
    read = [_page_lines(page, number) if page else [] for number, page in enumerate(pages, 1)]
    heights = [page.height if page else 0.0 for page in pages]
    edges = [[_edge(line, height) for line in lines] for lines, height in zip(read, heights, strict=True)]
    times = Counter(
        key
        for lines, sides in zip(read, edges, strict=True)
        for key in {(side, _shape(line)) for line, side in zip(lines, sides, strict=True) if side}
    )
    least = max(2, _REPEATED * len(pages))
    kept = [
        line
        for lines, sides in zip(read, edges, strict=True)
        for line, side in zip(lines, sides, strict=True)
        if not side or (times[side, _shape(line)] < least and not _PAGE_NUMBER.fullmatch(line.text))
    ]
    return _in_their_columns(kept)


def _in_their_columns(lines: Sequence[LayoutLine]) -> list[LayoutLine]:
    """Return lines with their columns as wide as what is left of them: a page number may have stood beside."""
    widths: dict[tuple[int, tuple[float, float]], tuple[float, float]] = {}
    for line in lines:
        left, right = widths.get((line.page, line.column), (line.left, line.right))
        widths[line.page, line.column] = (min(left, line.left), max(right, line.right))
    return [line._replace(column=widths[line.page, line.column]) for line in lines]


def _edge(line: LayoutLine, height: float) -> str:
    if line.bottom > (1 - _EDGE) * height:
        return "top"
    return "bottom" if line.top < _EDGE * height else ""


def _shape(line: LayoutLine) -> str:
    """Return what headers are compared by: words without numbers, and size, for a headline may run on as a header."""
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


def _cut(pieces: list[TextRun], size: float, depth: int) -> list[list[TextRun]]:
    """Return groups of pieces in reading order, each of which is one column."""
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
    """Return the middle of the widest empty stripe between intervals; None where all are narrower than `least`.

    Args:
        margin: what must lie on either side of it.
    """
    intervals = sorted(intervals)
    first, last = intervals[0][0], max(end for _, end in intervals)
    best, width = None, least
    reached = intervals[0][1]
    for begin, end in intervals[1:]:
        if begin - reached > width and reached - first >= margin and last - begin >= margin:
            best, width = (begin + reached) / 2, begin - reached
        reached = max(reached, end)
    return best


def _has_columns(pieces: list[TextRun], size: float) -> bool:
    """Tell whether any two pieces stand beside each other with a gutter between: else the group is one column."""
    rows = sorted(pieces, key=lambda piece: -piece.bottom)
    for at, piece in enumerate(rows):
        for other in rows[at + 1 : at + 12]:
            beside = min(piece.top, other.top) - max(piece.bottom, other.bottom) > 0.3 * min(piece.size, other.size)
            apart = max(piece.left, other.left) - min(piece.right, other.right) > _GUTTER * size
            if beside and apart:
                return True
    return False


def _rows(pieces: list[TextRun], number: int, column: tuple[float, float]) -> list[LayoutLine]:
    """Return a column's lines from top to bottom: the pieces of each, from left to right."""
    rows: list[list[TextRun]] = []
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
    """Lines that belong together, joined."""

    text: str
    starts: list[tuple[int, int]]  # (page, offset in the text) of each page that it has a part of
    size: float  # height of its lines


_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u00ad\u2010]$")
_SENTENCE_END = re.compile(r"[.!?…:;。！？]['\"”’»)\]」]*$")
_HYPHENATED = re.compile(r"(?<![^\W\d_])[^\W\d_]+-[^\W\d_]+")
_ITEM = re.compile(r"[•‣▪◦●■–—·*]\s?\S|[0-9]{1,2}[.)]\s\S")
_INDENT = 0.8
_LEADING = 1.45
_SHORT = 0.8
_OTHER_SIZE = 0.12


def paragraphs_of(lines: Sequence[LayoutLine]) -> list[Paragraph]:
    """Return lines joined to paragraphs, also from one column to the next, hyphens at their ends undone."""
    if not lines:
        return []
    compounds = {word.casefold() for line in lines for word in _HYPHENATED.findall(line.text)}
    leading = _usual_leading(lines)
    groups: list[list[LayoutLine]] = []
    for line in lines:
        if groups and _goes_on(groups[-1], line, leading):
            groups[-1].append(line)
        else:
            groups.append([line])
    return [_joined(group, compounds) for group in groups]


def _usual_leading(lines: Sequence[LayoutLine]) -> float:
    steps = [
        above.bottom - below.bottom
        for above, below in pairwise(lines)
        if above.page == below.page and above.column == below.column and above.bottom - below.bottom > 0.8 * below.size
    ]
    # The narrowest, but for some odd ones: where paragraphs are one line long most steps are between paragraphs.
    return sorted(steps)[len(steps) // 20] if steps else 0.0


def _goes_on(group: Sequence[LayoutLine], line: LayoutLine, leading: float) -> bool:
    """Tell whether a line goes on with a paragraph."""
    last = group[-1]
    if abs(last.size - line.size) > _OTHER_SIZE * max(last.size, line.size):
        return False
    indented = line.left - line.column[0] > _INDENT * line.size
    width = last.column[1] - last.column[0]
    short = last.right - last.column[0] < _SHORT * width
    ended = bool(_SENTENCE_END.search(last.text))
    if last.page == line.page and last.column == line.column:
        step = last.bottom - line.bottom
        if step > _LEADING * leading:
            return False
        if _ITEM.match(line.text) and (ended or short or _ITEM.match(group[0].text)):
            return False
        hanging = _ITEM.match(group[0].text) or (len(group) > 1 and last.left - line.column[0] > _INDENT * line.size)
        return not (indented and not hanging and line.left > last.left + 0.3 * line.size) and not (short and ended)
    return not (indented or ended or (short and not line.text[:1].islower()))


def _joined(group: Sequence[LayoutLine], compounds: set[str]) -> Paragraph:
    text = group[0].text
    starts = [(group[0].page, 0)]
    for line in group[1:]:
        text, glued = _glued(text, line.text, compounds)
        if line.page != starts[-1][0]:
            starts.append((line.page, len(text) - glued))
    return Paragraph(text, starts, median(line.size for line in group))


def _glued(above: str, below: str, compounds: set[str]) -> tuple[str, int]:
    """Return two lines as one, and how many characters of it are the second's."""
    if _HYPHEN.search(above) and below[:1].islower():
        word = above.rpartition(" ")[2][:-1]
        rest = re.match(r"[^\W\d_]*", below)
        whole = f"{word}-{rest[0] if rest else ''}".casefold()
        kept = above[:-1] + ("-" if whole in compounds else "")
        return kept + below, len(below)
    wide = "\u2e80" <= above[-1:] <= "\uffef" and "\u2e80" <= below[:1] <= "\uffef"
    return above + ("" if wide else " ") + below, len(below)
