"""Reads JSON Lines: one article a line, a broken line being a line's loss; also one object over many lines."""

import json
import re
from collections.abc import Iterator
from typing import BinaryIO

from semsearch.errors import SourceError
from semsearch.ports import Place
from semsearch.sources.decoding import decode, whole_text
from semsearch.sources.facts.assembly import article_from
from semsearch.types import Article, Skipped

MOST_LINE_BYTES = 64 * 2**20
"""Of a record. One that is longer is no article, and is never held in memory."""

_BLOCK_BYTES = 2**20
_LIST_BEGINS = re.compile(rb"\s*\[\s*(?:\{|$)")
_OPEN_END = (b"{", b"[", b",")
"""How a line ends within an object that is written over many lines; a line that is a whole object ends with }."""

_KINDS = {list: "a list", str: "a string", bool: "a truth value", int: "a number", float: "a number"}

_DECODER = json.JSONDecoder(parse_constant=lambda _: None)
"""NaN and Infinity, which JSON does not have and some tools write, say that there is no value."""


def read_records(stream: BinaryIO, place: Place) -> Iterator[Article | Skipped]:
    """Read objects, one a line; empty lines do not count.

    Raises:
        SourceError: the stream is one JSON list, or one object over many lines that is broken.
    """
    first = True
    for number, line in _lines(stream):
        origin = f"{place.origin}:{number}"
        if line is None:
            yield Skipped(origin, f"a line of more than {MOST_LINE_BYTES // 2**20} MiB")
            continue
        if first and _LIST_BEGINS.match(line):
            raise SourceError("one JSON list. Write it as one object a line: jq -c '.[]' OLD > NEW")
        if first and line.rstrip().endswith(_OPEN_END) and line.lstrip().startswith(b"{"):
            yield article_from(_spread_object(line, stream), place, origin)
            return
        first = False
        try:
            record = _object(decode(line.rstrip()))
        except SourceError as error:
            yield Skipped(origin, str(error))
        else:
            yield article_from(record, place, origin)


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Yield the number, from 1, and bytes of each line that is not empty; None for one that is too long."""
    number = 0
    while line := stream.readline(MOST_LINE_BYTES + 1):
        number += 1
        if len(line) > MOST_LINE_BYTES:
            while line and not line.endswith(b"\n"):
                line = stream.readline(_BLOCK_BYTES)
            yield number, None
        elif not line.isspace():
            yield number, line


def _spread_object(begin: bytes, stream: BinaryIO) -> dict[str, object]:
    try:
        return _object(decode(begin) + whole_text(stream))
    except SourceError as error:
        raise SourceError(
            f"begins as one object over many lines, and is not: {error}. Write one object a line: jq -c . OLD > NEW"
        ) from error


def _object(text: str) -> dict[str, object]:
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        at = f"character {error.colno}" + (f" of line {error.lineno}" if error.lineno > 1 else "")
        raise SourceError(f"broken JSON: {error.msg.removesuffix(' at')} at {at}") from error
    except RecursionError as error:
        raise SourceError("JSON that is nested too deeply") from error
    except ValueError as error:
        raise SourceError("JSON with a number of too many digits") from error
    if not isinstance(value, dict):
        raise SourceError(f"JSON that is no object: {_KINDS.get(type(value), 'nothing')}")
    return value
