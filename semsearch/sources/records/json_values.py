"""JSON text -> values, and why some text is none."""

import json
import re
from collections.abc import Iterator

from semsearch.errors import SourceError
from semsearch.sources.utf8 import decode

_DECODER = json.JSONDecoder(parse_constant=lambda _: None)
"""NaN and Infinity, which JSON does not have and some tools write, say that there is no value. The last of two equal
names counts."""

_KINDS = {list: "a list", str: "a string", bool: "a truth value", int: "a number", float: "a number"}
_GAP = re.compile(r"[\s,\x1e]*")
"""Between values that follow each other; U+001E is what RFC 7464 puts before each."""


def parse_object(raw: bytes) -> dict[str, object]:
    """Return the one object that bytes are; raises `SourceError`."""
    text = decode(raw)
    value, end = _parse(text, _end_of_gap(text, 0))
    if (extra := _end_of_gap(text, end)) < len(text):
        raise SourceError(f"broken JSON: Extra data at {_place(text, extra)}")
    return as_object(value)


def parse_values(raw: bytes) -> Iterator[tuple[object, str]]:
    """Yield each value of bytes, with its text; nothing or a comma is between them. Raises `SourceError`."""
    text = decode(raw)
    at = _end_of_gap(text, 0)
    while at < len(text):
        value, end = _parse(text, at)
        yield value, text[at:end]
        at = _end_of_gap(text, end)


def as_object(value: object) -> dict[str, object]:
    """Return a value that is an object; raises `SourceError` for any other."""
    if isinstance(value, list) and value and isinstance(value[0], list):
        raise SourceError('JSON that has rows and no names (orient="values"). Write it with orient="records"')
    if not isinstance(value, dict):
        raise SourceError(f"JSON that is no object: {_KINDS.get(type(value), 'nothing')}")
    return value


def _parse(text: str, at: int) -> tuple[object, int]:
    try:
        return _DECODER.raw_decode(text, at)
    except json.JSONDecodeError as error:
        raise SourceError(f"broken JSON: {error.msg.removesuffix(' at')} at {_place(text, error.pos)}") from error
    except RecursionError as error:
        raise SourceError("JSON that is nested too deeply") from error
    except ValueError as error:
        raise SourceError("JSON with a number of too many digits") from error


def _end_of_gap(text: str, at: int) -> int:
    gap = _GAP.match(text, at)
    return gap.end() if gap else at


def _place(text: str, at: int) -> str:
    line = text.count("\n", 0, at) + 1
    column = at - text.rfind("\n", 0, at)
    return f"character {column}" + (f" of line {line}" if line > 1 else "")
