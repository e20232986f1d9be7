"""Splits a web server's response, as a crawl keeps it, into status, fields and body."""

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module

MOST_HEAD = 64 * 1024
"""Bytes of fields before a body."""

MOST_BODY = 32 * 2**20
"""Bytes. The longest articles have a hundredth of it."""

_STATUS = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+(\d{3})\b")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_CHUNK_LINE = 1_024
_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\n]*)?\r?\n")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:+-]{1,40})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ArchivedResponse:
    """What a server sent; its body may still be packed in a format that shows in its first bytes."""

    body: bytes
    complete: bool = False  # is as long as its length field says; False without one
    status: int | None = None  # None: the crawl did not keep it
    fields: Mapping[str, str] = field(default_factory=dict)  # by names in lower case


class PackedError(ValueError):
    """A body is packed in a format that cannot be unpacked; the message names it."""


def read_fields(raw: bytes | bytearray) -> dict[str, str]:
    """Return "Name: value" lines by name in lower case, the first of each; an indented line continues the last."""
    fields: dict[str, str] = {}
    current = ""
    for line in bytes(raw).decode("utf-8", "replace").split("\n"):
        if line[:1] in (" ", "\t") and current:
            fields[current] = f"{fields[current]} {line.strip()}"[:MOST_HEAD]
            continue
        name, colon, value = line.partition(":")
        current = name.strip().lower() if colon else ""
        if current in fields:
            current = ""
        elif current:
            fields[current] = value.strip()
    return fields


def read_response(block: bytes) -> ArchivedResponse:
    """Return the response in a block; a block without a status line is all body.

    Raises:
        PackedError: the body cannot be unpacked.
    """
    status = _STATUS.match(block)
    if not status:
        return ArchivedResponse(block)
    end = _HEAD_END.search(block, 0, MOST_HEAD)
    fields = read_fields(block[: end.start() if end else len(block)].partition(b"\n")[2])
    body = block[end.end() :] if end else b""
    length = fields.get("content-length", "")
    complete = length.isdecimal() and len(length) < 19 and len(body) >= int(length) > 0
    if "chunked" in fields.get("transfer-encoding", "").lower():
        body = _without_chunks(body)
    return ArchivedResponse(
        _decompressed(body, fields.get("content-encoding", "").lower()), complete, int(status[1]), fields
    )


def media_type(declared: str) -> str:
    """Return the media type of a Content-Type field: in lower case, without parameters."""
    return declared.partition(";")[0].strip().lower()[:100]


def charset(declared: str) -> str | None:
    """Return the charset of a Content-Type field."""
    match = _CHARSET.search(declared)
    return match[1] if match else None


def _without_chunks(body: bytes) -> bytes:
    """Return a body with its chunks joined; the part that is not in chunks, though declared so, stays as it is."""
    pieces: list[bytes] = []
    offset = 0
    while match := _CHUNK_SIZE.match(body[offset : offset + _CHUNK_LINE]):
        size = int(match[1], 16)
        begin = offset + match.end()
        if size == 0:
            return b"".join(pieces)
        end = begin + size
        pieces.append(body[begin:end])
        if end >= len(body):
            return b"".join(pieces)
        offset = end
        if body.startswith((b"\r\n", b"\n"), end):
            offset += 2 if body.startswith(b"\r\n", end) else 1
    return b"".join([*pieces, body[offset:]])


def _decompressed(body: bytes, encoding: str) -> bytes:
    """Undo packings that do not show in the first bytes; many are declared but undone before the body was kept."""
    if "deflate" in encoding:
        for form in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
            try:
                return zlib.decompressobj(form).decompress(body, MOST_BODY)
            except zlib.error:
                continue
    if "br" in encoding.replace(",", " ").split() and body.lstrip()[:1] != b"<":
        return _from_brotli(body)
    return body


def _from_brotli(body: bytes) -> bytes:
    try:
        brotli = import_module("brotli")  # an optional package: most crawls keep bodies unpacked
    except ImportError:
        raise PackedError("packed with brotli (to read them: pip install brotli)") from None
    try:
        return bytes(brotli.Decompressor().process(body, output_buffer_limit=MOST_BODY)[:MOST_BODY])
    except TypeError:
        raise PackedError("packed with brotli (to read them: pip install -U brotli)") from None
    except brotli.error:
        raise PackedError("packed with brotli, and damaged") from None
