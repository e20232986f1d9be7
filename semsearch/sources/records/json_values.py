"""Parses JSON text into values, and says what is wrong with text that is not JSON."""

import json
import re
from collections.abc import Iterator

from semsearch.errors import SourceError
from semsearch.sources.utf8 import decode

_DECODER = json.JSONDecoder(parse_constant=lambda _: None)
"""Reads NaN and Infinity, which some tools write though JSON does not have them, as no value. Of two equal names the
last counts."""

_KINDS = {list: "a list", str: "a string", bool: "a truth value", int: "a number", float: "a number"}
_GAP = re.compile(r"[\s,\x1e]*")
"""What may stand between two values; RFC 7464 puts U+001E before each."""


def parse_object(raw: bytes) -> dict[str, object]:
    """Parse bytes that are one object; raises `SourceError`."""
    text = decode(raw)
    value, end = _parse(text, _end_of_gap(text, 0))
    extra = _end_of_gap(text, end)
    if extra < len(text):
        raise SourceError(f"broken JSON: Extra data at {_line_and_column(text, extra)}")
    return as_object(value)


def parse_values(raw: bytes) -> Iterator[tuple[object, str]]:
    """Yield each value with its text; values may be separated by space or commas. Raises `SourceError`."""
    text = decode(raw)
    offset = _end_of_gap(text, 0)
    while offset < len(text):
        value, end = _parse(text, offset)
        yield value, text[offset:end]
        offset = _end_of_gap(text, end)


def as_object(value: object) -> dict[str, object]:
    """Return the value if it is an object; raises `SourceError` for any other."""
    if isinstance(value, list) and value and isinstance(value[0], list):
        raise SourceError('JSON that has rows and no names (orient="values"). Write it with orient="records"')
    if not isinstance(value, dict):
        raise SourceError(f"JSON that is no object: {_KINDS.get(type(value), 'nothing')}")
    return value


def _parse(text: str, offset: int) -> tuple[object, int]:
    try:
        return _DECODER.raw_decode(text, offset)
    except json.JSONDecodeError as error:
        raise SourceError(
            f"broken JSON: {error.msg.removesuffix(' at')} at {_line_and_column(text, error.pos)}"
        ) from error
    except RecursionError as error:
        raise SourceError("JSON that is nested too deeply") from error
    except ValueError as error:
        raise SourceError("JSON with a number of too many digits") from error


def _end_of_gap(text: str, offset: int) -> int:
    gap = _GAP.match(text, offset)
    return gap.end() if gap else offset


def _line_and_column(text: str, offset: int) -> str:
    line = text.count("\n", 0, offset) + 1
    column = offset - text.rfind("\n", 0, offset)
    return f"character {column}" + (f" of line {line}" if line > 1 else "")
