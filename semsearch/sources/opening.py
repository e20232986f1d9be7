"""A file or standard input -> its uncompressed bytes in UTF-8, read as they are asked for."""

import codecs
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from semsearch.errors import SourceError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

HEAD_BYTES = 64 * 1024
"""May be looked at before reading begins."""

_GZIP_MAGIC = b"\x1f\x8b"
_WIDE_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32",  # before UTF-16: its mark begins theirs
    codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16",
}  # fmt: skip
"""Byte order marks. A redirection in Windows PowerShell writes UTF-16."""


@contextmanager
def opened(source: Path | BinaryIO, on_bytes: Callable[[int], None] | None = None) -> Iterator[io.BufferedReader]:
    """Open a file, or take a stream that stays open, for one pass; `peek` sees its first `HEAD_BYTES`.

    Gzip is known by its first bytes, UTF-16 and UTF-32 by their marks; a mark is not passed on. Reading raises
    `SourceError` where gzip or UTF-16 is damaged, after all that comes before.

    Args:
        on_bytes: is told how many more bytes of the file itself, still compressed, were read.
    """
    if isinstance(source, Path):
        with source.open("rb", buffering=0) as file, _unpacked(file, on_bytes) as stream:
            yield stream
    else:
        with _unpacked(source, on_bytes) as stream:
            yield stream


def _unpacked(file: io.RawIOBase | BinaryIO, on_bytes: Callable[[int], None] | None) -> io.BufferedReader:
    stream = _buffered(_counted(file, on_bytes))
    if stream.peek(2).startswith(_GZIP_MAGIC):
        stream = _buffered(_gunzipped(stream))
    head = stream.peek(4)
    if head.startswith(codecs.BOM_UTF8):
        stream.read(len(codecs.BOM_UTF8))
        return stream
    for mark, encoding in _WIDE_MARKS.items():
        if head.startswith(mark):
            return _buffered(_transcoded(stream, encoding))
    return stream


def _counted(file: io.RawIOBase | BinaryIO, on_bytes: Callable[[int], None] | None) -> Iterator[bytes]:
    while piece := file.read(HEAD_BYTES):
        if on_bytes:
            on_bytes(len(piece))
        yield piece


def _gunzipped(stream: BinaryIO) -> Iterator[bytes]:
    try:
        with gzip.GzipFile(fileobj=stream) as packed:
            while piece := packed.read1(HEAD_BYTES):
                yield piece
    except EOFError as error:
        raise SourceError("the gzip file ends before its end; what came before was kept. Fetch it again") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise SourceError(
            f"the gzip file is damaged ({error}); what was read before was kept, and the last of it may be wrong. "
            "Fetch it again"
        ) from error


def _transcoded(stream: BinaryIO, encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while piece := stream.read(HEAD_BYTES):
            yield decoder.decode(piece).encode()
        yield decoder.decode(b"", final=True).encode()
    except UnicodeError as error:
        raise SourceError(
            f"begins as {encoding.upper()} and then is none ({error}); what came before was kept"
        ) from error


def _buffered(pieces: Iterator[bytes]) -> io.BufferedReader:
    return io.BufferedReader(_Pieces(pieces), HEAD_BYTES)


class _Pieces(io.RawIOBase):
    """A stream over pieces that fills what it is given, so that one look at it sees enough, also of a pipe."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""
        self._error: Exception | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        filled = 0
        while filled < len(view) and (self._rest or self._advance()):
            count = min(len(view) - filled, len(self._rest))
            view[filled : filled + count] = self._rest[:count]
            self._rest = self._rest[count:]
            filled += count
        if self._error and not filled:
            raise self._error
        return filled

    def _advance(self) -> bool:
        """Take the next piece that is not empty. An error waits until what came before it was handed on."""
        try:
            self._rest = next(filter(None, self._pieces), b"")
        except (SourceError, OSError) as error:
            self._error = error
        return bool(self._rest)
