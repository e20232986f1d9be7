"""Decodes UTF-8. Another encoding is read where a text shows it beyond doubt, and refused with advice otherwise."""

import os
from contextlib import suppress
from typing import BinaryIO

from semsearch.errors import SourceError
from semsearch.sources.charsets import surely_detected

MOST_BYTES = 16 * 2**20
"""The size of a file that is one article. The longest novels have a quarter of it."""


def decode(raw: bytes) -> str:
    """Return UTF-8 as text; raises `SourceError`, with the offset from 0, for anything else."""
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise SourceError(
            f"not UTF-8: byte 0x{raw[error.start]:02x} at offset {error.start}. Convert it from the encoding it has, "
            "for example: iconv -f windows-1252 -t utf-8 OLD > NEW"
        ) from error


def whole_text(stream: BinaryIO) -> str:
    """Return the text of a stream that is one article, or an export of several.

    Raises:
        SourceError: it is too long, or neither in UTF-8 nor in an encoding that shows.
    """
    raw = stream.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise SourceError(
            f"more than {MOST_BYTES // 2**20} MiB for one article. Split it, one file an article, "
            "or write it as JSON Lines, one article a line"
        )
    try:
        return raw.decode()
    except UnicodeDecodeError:
        codec_name = surely_detected(raw)
    with suppress(UnicodeDecodeError):  # a few bytes may be none of that encoding
        return raw.decode(codec_name or "utf-8")
    return decode(raw)


def printable(path: str) -> str:
    """Return a path as printable text, whatever bytes its name has."""
    return os.fsencode(path).decode("utf-8", "replace")
