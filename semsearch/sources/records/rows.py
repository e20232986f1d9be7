"""Splits the text of a table into rows, and copes with quotation marks that are never closed."""

import csv
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from semsearch.errors import SourceError
from semsearch.sources.utf8 import decode

MOST_ROW_BYTES = 16 * 2**20
"""The size of a row with all its lines. A longer one has a quotation mark that is never closed."""

_MOST_RUNAWAYS = 16
"""Rows that go on for too long. Each is read again by lines, so that many would take for ever."""

_MOST_DOUBTS = 1_000
_DOUBT_BYTES = 2**16
"""How often, and how far, later lines are searched for the end of a quotation that begins in a line of a TSV."""

_END = "\x1e end of table"
_UNCLOSED = "a quotation mark that is never closed"
_BLOCK_BYTES = 2**20
_QUOTED = re.compile(r'"((?:[^"]|"")*+)"')

csv.field_size_limit(MOST_ROW_BYTES)


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row, or the reason why it is lost."""

    line: int  # on which it begins, from 1
    cells: list[str]
    lost: str = ""
    open: bool = False  # lost because a quotation mark is never closed: the next lines may be its text
    cut: bool = False  # the file ends in this row, without a line end


class _RunawayError(Exception):
    """A row goes on for too long."""


class _Lines:
    """Lines of a stream, which can be given back until their row is done."""

    def __init__(self, stream: BinaryIO, ahead: bytes, line: int) -> None:
        self.line = line  # of the row that is read
        self.row_lines: list[str] = []
        self.ended = False
        self.most_bytes = MOST_ROW_BYTES
        self.doubts = 0  # rows that were read twice
        self._stream = stream
        self._ahead = deque(_split(ahead))
        self._size = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        """Return the next line; after the last, once, a mark that is a row of its own unless a quotation is open."""
        if self._size > self.most_bytes:
            raise _RunawayError(_UNCLOSED)
        if not self._ahead and not self._read():
            if self.ended:
                raise StopIteration
            self.ended = True
            return _END
        line = self._ahead.popleft()
        self.row_lines.append(line)
        self._size += len(line)
        return line

    def _read(self) -> bool:
        raw = self._stream.readline(MOST_ROW_BYTES + 1)
        if len(raw) > MOST_ROW_BYTES and not raw.endswith(b"\n"):
            while raw and not raw.endswith(b"\n"):
                raw = self._stream.readline(_BLOCK_BYTES)
            self.row_lines.append("")
            raise _RunawayError(f"a line of more than {MOST_ROW_BYTES // 2**20} MiB")
        self._ahead.extend(_split(raw))
        return bool(raw)

    def next_row(self) -> None:
        """Forget the lines of the row, which is done."""
        self.line += len(self.row_lines)
        self.row_lines, self._size = [], 0

    def give_back(self, keep: int) -> None:
        """Give back all lines of the row but the first `keep`."""
        self._ahead.extendleft(reversed(self.row_lines[keep:]))
        self.row_lines, self._size, self.ended = self.row_lines[:keep], 0, False


def _split(raw: bytes) -> Iterator[str]:
    # Bytes that are not UTF-8 stay recognisable, so that only the row that has them is lost.
    return (part.decode(errors="surrogateescape") for part in raw.splitlines(keepends=True))


def rows(stream: BinaryIO, ahead: bytes, line: int, delimiter: str, columns: int) -> Iterator[Row]:
    """Yield the rows of a table; empty ones are left out.

    Args:
        ahead: whole lines that were read from the stream already.
        line: the number of the first of them, from 1.
        columns: the number of columns in the header. A TSV line with that many cells is a row, whatever its quotes.

    Raises:
        SourceError: too many rows have a quotation mark that is never closed.
    """
    lines = _Lines(stream, ahead, line)
    runaways = 0
    while True:
        try:
            row = _next_row(lines, delimiter, columns)
        except _RunawayError as runaway:
            runaways += 1
            yield Row(lines.line, [], str(runaway), open=str(runaway) == _UNCLOSED)
            if runaways > _MOST_RUNAWAYS:
                raise SourceError(
                    f"from line {lines.line} on its quotation marks cannot be told apart; what came before was kept. "
                    "Write a quotation mark within a cell twice, and the cell within quotation marks"
                ) from runaway
            lines.give_back(1)
            lines.next_row()
            continue
        if row is None:
            return
        if any(cell and not cell.isspace() for cell in row.cells) or row.lost:
            yield row
        lines.next_row()


def _next_row(lines: _Lines, delimiter: str, columns: int) -> Row | None:
    try:
        if delimiter == "\t":
            return _tsv_row(lines, columns)
        cells = next(csv.reader(lines, delimiter=delimiter), None)
    except csv.Error as error:
        return Row(lines.line, [], f"broken row: {error}")
    return _row(lines, cells)


def _row(lines: _Lines, cells: list[str] | None) -> Row | None:
    if cells is None or cells == [_END]:
        return None
    if cells and cells[-1].endswith(_END) and lines.ended:
        raise _RunawayError(_UNCLOSED)
    text = "".join(lines.row_lines)
    try:
        decode(text.encode(errors="surrogateescape"))
    except SourceError as error:
        return Row(lines.line, [], str(error))
    return Row(lines.line, cells, cut=not text.endswith(("\n", "\r")))


def _tsv_row(lines: _Lines, columns: int) -> Row | None:
    """Return the next row of a TSV, where a quotation mark may be part of the text, or stand around a cell."""
    line = next(lines, None)
    if line is None or line == _END:
        return None
    cells = line.rstrip("\r\n").split("\t")
    literal = len(cells) == columns
    opens_quotation = any(cell.startswith('"') and not _QUOTED.fullmatch(cell) for cell in cells)
    if '"' in line and not literal:
        lines.give_back(0)
        return _row(lines, next(csv.reader(lines, delimiter="\t"), None))
    if opens_quotation and lines.doubts < _MOST_DOUBTS and (quoted := _row_over_lines(lines, columns)):
        return quoted
    return _row(lines, [_unquoted(cell) for cell in cells])


def _row_over_lines(lines: _Lines, columns: int) -> Row | None:
    """Return a row over several lines that has the right width; None, with only its first line taken, for others."""
    lines.doubts += 1
    lines.give_back(0)
    lines.most_bytes = _DOUBT_BYTES
    try:
        row = _row(lines, next(csv.reader(lines, delimiter="\t"), None))
    except (csv.Error, _RunawayError):
        row = None
    lines.most_bytes = MOST_ROW_BYTES
    if row and len(lines.row_lines) > 1 and len(row.cells) == columns:
        return row
    lines.give_back(1)
    return None


def _unquoted(cell: str) -> str:
    quoted = _QUOTED.fullmatch(cell)
    return quoted[1].replace('""', '"') if quoted else cell
