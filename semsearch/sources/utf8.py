"""Decodes UTF-8 and nothing else: another encoding is not guessed, but refused with advice."""

import os
from typing import BinaryIO

from semsearch.errors import SourceError

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
    """Return the text of a stream that is one article; raises `SourceError` if it is too long or not UTF-8."""
    raw = stream.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise SourceError(
            f"more than {MOST_BYTES // 2**20} MiB for one article. Split it, one file an article, "
            "or write it as JSON Lines, one article a line"
        )
    return decode(raw)


def printable(path: str) -> str:
    """Return a path as printable text, whatever bytes its name has."""
    return os.fsencode(path).decode("utf-8", "replace")
