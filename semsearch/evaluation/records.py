"""What files of topics and judgements are made of: lines, JSON objects, tables; errors name the line."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from semsearch.errors import NoSuchPathError, SourceError

Record = Mapping[str, object]
Line = tuple[int, str]
"""The number of a line, from 1, and its text."""


def read_text(path: Path) -> str:
    r"""Read a file of UTF-8, with or without a byte order mark; every line ends in `\n`.

    Raises:
        NoSuchPathError: there is no such file.
        SourceError: it is not UTF-8.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise NoSuchPathError(f"there is no file {path}", "check the path") from None
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror or error}", "give a file that can be read") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        refuse(path, content[: error.start].count(b"\n") + 1, "this is not UTF-8", "save the file as UTF-8")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def refuse(path: Path, number: int, trouble: str, expected: str) -> NoReturn:
    """Raise SourceError, which says what is wrong in which line and what was expected there."""
    raise SourceError(f"{path}:{number}: {trouble}", expected)


def lines(text: str) -> Iterator[Line]:
    """Yield the lines that are neither blank nor a comment, which begins with `#`."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, line


def objects(path: Path, numbered_lines: Iterator[Line], expected: str) -> Iterator[tuple[int, Record]]:
    """Yield the JSON object of each line."""
    for number, line in numbered_lines:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            refuse(path, number, "this line is not JSON", expected)
        if not isinstance(value, dict):
            refuse(path, number, "this line is not a JSON object", expected)
        yield number, value


def pick(record: Record, spellings: Sequence[str]) -> str | None:
    """Return the value under the first of several names that holds text or a whole number, on one line."""
    for name in spellings:
        value = record.get(name)
        if isinstance(value, str) and value.strip():
            return " ".join(value.split())
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
    return None


def columns(line: str, *spellings: Sequence[str]) -> list[str] | None:
    """Return the names of a table's columns if the line is its header: it has one of each group of spellings."""
    cells = [cell.strip().lower() for cell in line.split("\t")]
    return cells if all(set(kind) & set(cells) for kind in spellings) else None
