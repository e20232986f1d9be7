"""Decodes the bytes of XML by the declared charset and by what they look like; loses nothing that can be read."""

import codecs
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from semsearch.sources.charsets import ESCAPING, codec

_BLOCK_BYTES = 256 * 1024

_DECLARATION = re.compile(rb"""\s*<\?xml[^<>]{0,200}?\sencoding\s*=\s*["']([\w:.-]{2,40})["']""")
_ESCAPED = re.compile("[\udc80-\udcff]")
_WINDOWS = {0xDC00 + byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0x100)}
"""Bytes that are not UTF-8 are read as Windows-1252: such texts are pasted into feeds."""


def characters(stream: BinaryIO, declared: str | None = None) -> Iterator[str]:
    """Yield a stream's characters in pieces.

    Valid UTF-8 beyond ASCII is read as UTF-8, whatever is declared: text in another charset is never so by chance.

    Args:
        declared: the charset that the sender of the stream named; it comes before the one that the XML declares.
    """
    decoder: codecs.IncrementalDecoder | None = None
    name = codec(declared)
    for number, block in enumerate(_blocks(stream)):
        if number == 0 and name is None and (declaration := _DECLARATION.match(block)):
            name = codec(declaration[1].decode("ascii", "replace"))
        if decoder is None:
            if block.isascii() and b"\x1b" not in block:
                yield block.decode("ascii")
                continue
            decoder = _decoder(block, name)
        yield _mended(decoder.decode(block))
    if decoder:
        yield _mended(decoder.decode(b"", final=True))


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    # `read` of a buffered stream would lose what comes before an error.
    read = stream.read1 if isinstance(stream, io.BufferedReader) else stream.read
    while block := read(_BLOCK_BYTES):
        yield block


def _decoder(block: bytes, name: str | None) -> codecs.IncrementalDecoder:
    if name in (None, "utf-8") or (name != ESCAPING and _is_utf8(block)):
        return codecs.getincrementaldecoder("utf-8")("surrogateescape")
    return codecs.getincrementaldecoder(name or "utf-8")("replace")


def _is_utf8(block: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(block)
    except UnicodeDecodeError:
        return False
    return True


def _mended(text: str) -> str:
    return text.translate(_WINDOWS) if _ESCAPED.search(text) else text
