"""Reads CSV and TSV: one article a row."""

import codecs
import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from io import BufferedReader
from typing import BinaryIO

from semsearch.errors import SourceError
from semsearch.ports import Place
from semsearch.sources.charsets import detected, mostly_utf8
from semsearch.sources.facts.fields import FIELDS, fold
from semsearch.sources.records.day_parts import with_day
from semsearch.sources.records.flattened import with_objects
from semsearch.sources.records.json_values import parse_object
from semsearch.sources.records.pages import article_from
from semsearch.sources.records.references import reference_record
from semsearch.sources.records.rows import Row, rows
from semsearch.sources.streams import HEAD_BYTES, streamed
from semsearch.sources.utf8 import decode
from semsearch.types import Article, Skipped

_DELIMITERS = ",;\t|"
_HEADER_BYTES = 2**20
_KNOWN = frozenset(name for names in FIELDS.values() for name in names)
_NEEDED = frozenset(
    name for noun in ("title", "text", "html", "markdown", "standfirst", "summary") for name in FIELDS[noun]
)
_EMPTY_CELLS = frozenset(("", "nan", "NaN", "NaT", "<NA>", "NULL", "null", "None", "\\N", "N/A"))
"""What other tools write into a cell that has no value."""

_MIND = ("news_id", "category", "subcategory", "title", "abstract", "url", "title_entities", "abstract_entities")
_MIND_ID = re.compile(r"N\d+")
_NUMERIC = re.compile(r"[A-Z]?[0-9][0-9.:/TZ+ -]{0,40}")
_ADDRESS = re.compile(r"https?://\S+$")
_SEPARATOR_LINE = re.compile(rb"sep=([,;|\t])")
"""A first line that names the delimiter, as Excel reads and writes it."""

_LONGEST_PREAMBLE = 20
"""Lines above the header that say what an export of a monitoring service is about."""

_MOST_IN_PREAMBLE = 2
_LEAST_IN_HEADER = 3
"""Cells with something in them: a line with more is no part of a preamble, and one with fewer no header below it."""

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "", "b": "", "Z": "", "\\": "\\", "'": "'", '"': '"'}
_ESCAPED_END = re.compile(r"(?:[.!?…。！？][\"'”’»)\]]?|>)(?:\\r)?\\n")
"""The end of a line as `mysql --batch` and PostgreSQL's COPY write it, where it is none of a path or a formula."""

_SEEN = "seendate"
_SEEN_BY_GDELT = frozenset(("url", "mobileurl", "date", "title"))
"""The columns of GDELT's exports, where the date is when the article was seen."""


def read_table(stream: BinaryIO, place: Place) -> Iterator[Article | Skipped]:
    """Read a table whose first row names its columns; cells are separated by a comma, semicolon, tab or bar.

    Raises:
        SourceError: no name of a column stands for a headline or a text.
    """
    stream = _in_utf8(stream)
    number, head = _first_line(stream)
    if not head:
        return
    names = {fold(name) for name in place.names}
    delimiter = max(_DELIMITERS, key=lambda candidate: _header_likeness(head, candidate, names))
    if separator := _SEPARATOR_LINE.fullmatch(head.strip()):
        delimiter = separator[1].decode()
        number, head = number + 1, stream.readline(_HEADER_BYTES + 1)
    first_cells = _cells(head, delimiter)
    ahead = head
    if not _is_header(first_cells, names) and not _is_mind(first_cells):
        skipped, ahead, delimiter = _without_preamble(stream, head, delimiter, names)
        number += skipped
        first_cells = _cells(ahead.partition(b"\n")[0], delimiter)
    table_rows = rows(stream, ahead, number, delimiter, len(first_cells))
    header = _MIND if _is_mind(first_cells) else _header(next(table_rows, None), names)
    pattern = _Pattern(len(header))
    in_lost_row = False
    for row in table_rows:
        in_lost_row = row.open or (in_lost_row and not pattern.fits(row.cells))
        if in_lost_row and not row.lost:
            yield Skipped(f"{place.origin}:{row.line}", "what seems to be the text of a row that is broken")
            continue
        pattern.learn(row.cells)
        yield _article(_unescaped(row) if delimiter == "\t" else row, header, place)


def _without_preamble(stream: BinaryIO, head: bytes, delimiter: str, names: AbstractSet[str]) -> tuple[int, bytes, str]:
    """Return the count of lines above the header, the lines read from there on, and the delimiter; 0 if none is found.

    Args:
        head: the first line.
        delimiter: that of the first line.
    """
    lines = [head]
    while len(lines) < _LONGEST_PREAMBLE and max(map(_filled_cells, lines)) <= _MOST_IN_PREAMBLE:
        line = stream.readline(_HEADER_BYTES + 1)
        if not line.endswith(b"\n"):
            return 0, b"".join([*lines, line]), delimiter
        lines.append(line)
        found = max(_DELIMITERS, key=lambda candidate: _header_likeness(line, candidate, names))
        cells = _cells(line, found)
        if _header_likeness(line, found, names)[0] >= 2 and len(cells) >= _LEAST_IN_HEADER and _is_header(cells, names):
            return len(lines) - 1, line, found
    return 0, b"".join(lines), delimiter


def _filled_cells(line: bytes) -> int:
    return max(sum(map(bool, _cells(line.strip(), delimiter))) for delimiter in _DELIMITERS)


def _unescaped(row: Row) -> Row:
    r"""Return a row with the line ends and tabs that a database has written as \n and \t."""
    if not any("\\n" in cell for cell in row.cells):
        return row
    return replace(row, cells=[_without_escapes(cell) for cell in row.cells])


def _without_escapes(cell: str) -> str:
    escapes = {match[1] for match in _ESCAPED.finditer(cell)}
    if not _ESCAPED_END.search(cell) or not escapes <= _ESCAPES.keys():
        return cell
    return _ESCAPED.sub(lambda match: _ESCAPES[match[1]], cell)


def names_columns(head: bytes) -> bool:
    """Tell whether a stream of unknown kind begins with the header of a table that can be read."""
    first_line = head.lstrip().partition(b"\n")[0]
    for delimiter in _DELIMITERS:
        names = [fold(cell) for cell in _cells(first_line.decode(errors="replace").encode(), delimiter)]
        if sum(name in _KNOWN for name in names) >= 2 and not _NEEDED.isdisjoint(names):
            return True
    return False


def _in_utf8(stream: BinaryIO) -> BinaryIO:
    """Return a table as UTF-8: spreadsheets write in the charset of their system, without declaring it."""
    if not isinstance(stream, BufferedReader):
        return stream
    head = stream.peek(HEAD_BYTES)
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(head)
    replaced = text.count("\ufffd")
    if mostly_utf8(text, replaced):
        return stream
    return streamed(_decoded(stream, codecs.getincrementaldecoder(detected(head))("replace")))


def _decoded(stream: BinaryIO, decoder: codecs.IncrementalDecoder) -> Iterator[bytes]:
    while piece := stream.read(HEAD_BYTES):
        yield decoder.decode(piece).encode()
    yield decoder.decode(b"", final=True).encode()


class _Pattern:
    """What all rows have in common: the columns that hold numbers and dates, or addresses."""

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._kinds: dict[int, str] | None = None
        self._rows_to_learn = 100  # are enough

    def learn(self, cells: Sequence[str]) -> None:
        if self._rows_to_learn and len(cells) == self._columns:
            self._rows_to_learn -= 1
            kinds = {column: kind for column, cell in enumerate(cells) if (kind := _kind(cell))}
            self._kinds = kinds if self._kinds is None else dict(self._kinds.items() & kinds.items())

    def fits(self, cells: Sequence[str]) -> bool:
        """Tell whether cells look like a row, not like a line of text with commas."""
        kinds = self._kinds or {}
        return len(cells) == self._columns and all(_kind(cells[column]) == kind for column, kind in kinds.items())


def _kind(cell: str) -> str:
    if _NUMERIC.fullmatch(cell):
        return "number"
    return "address" if _ADDRESS.match(cell) else ""


def _first_line(stream: BinaryIO) -> tuple[int, bytes]:
    """Return the number and bytes of the first line that is not empty; b"" if there is none."""
    number = 0
    while line := stream.readline(_HEADER_BYTES + 1):
        number += 1
        if len(line) > _HEADER_BYTES:
            raise SourceError(f"its first line, which should name the columns, has more than {_HEADER_BYTES:,} bytes")
        if not line.isspace():
            return number, line
    return number, b""


def _cells(head: bytes, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([decode(head)], delimiter=delimiter), [])
    except csv.Error:
        return []


def _header_likeness(head: bytes, delimiter: str, names: AbstractSet[str]) -> tuple[int, int]:
    """Return how many names of columns a delimiter finds in a first line, and how many cells."""
    cells = _cells(head, delimiter)
    return sum(fold(cell) in _KNOWN or fold(cell) in names for cell in cells), len(cells)


def _is_mind(cells: Sequence[str]) -> bool:
    """Tell whether the first row is from MIND's `news.tsv`, which has no header."""
    entities = all(cell.startswith("[") or not cell for cell in cells[6:])
    return len(cells) == len(_MIND) and _MIND_ID.fullmatch(cells[0]) is not None and entities


def _is_header(cells: Sequence[str], names: AbstractSet[str]) -> bool:
    """Tell whether cells name a column that has a headline or a text."""
    folded = {fold(name) for name in (*cells, *with_objects(dict.fromkeys(cells, "")))}
    return not folded.isdisjoint(_NEEDED | names)


def _header(row: Row | None, names: AbstractSet[str]) -> Sequence[str]:
    if row is None or row.lost:
        raise SourceError(f"its first row, which should name the columns, cannot be read: {row.lost if row else 'cut'}")
    folded = {fold(cell) for cell in row.cells}
    if not _is_header(row.cells, names):
        cells = ", ".join(cell.strip()[:30] for cell in row.cells[:8])
        raise SourceError(
            f"no column is named that has a headline or a text; its first row is: {cells}. Give it a header such as "
            "title,text,date,url, or say which column is what: --map title=NAME"
        )
    if folded == _SEEN_BY_GDELT:
        return [_SEEN if fold(cell) == "date" else cell for cell in row.cells]
    return row.cells


def _article(row: Row, header: Sequence[str], place: Place) -> Article | Skipped:
    origin = f"{place.origin}:{row.line}"
    if row.lost:
        return Skipped(origin, row.lost)
    cells = row.cells
    if any(cells[len(header) :]):
        return Skipped(origin, f"{len(cells)} cells, where the header names {len(header)} columns")
    missing = {fold(name) for name in header[len(cells) :]}
    if missing and (row.cut or missing & _NEEDED):
        return Skipped(
            origin, f"{len(cells)} cells, where the header names {len(header)} columns: cut, or broken in two"
        )
    record: dict[str, object] = {}
    for name, cell in zip(header, cells, strict=False):
        if record.get(name) is None:  # of two columns with one name, the first that has a value counts
            record[name] = None if cell.strip() in _EMPTY_CELLS else cell
    if header is _MIND:
        record.update({name: _labels(record.get(name)) for name in _MIND[6:]})
    return article_from(reference_record(record) or with_day(with_objects(record)), place, origin)


def _labels(entities: object) -> list[object]:
    """Return the names of the entities that MIND lists for a text."""
    try:
        entries = parse_object(f'{{"entities": {entities or "[]"}}}'.encode())["entities"]
    except SourceError:
        return []
    return [entry.get("Label") for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, list) else []
