"""A file or standard input -> its uncompressed bytes in UTF-8, read as they are asked for."""

import codecs
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from semsearch.errors import SourceError
from semsearch.ports import Budget
from semsearch.sources.compression import MAGIC_BYTES, UnpackingBudget, packing_of, unpacked

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

HEAD_BYTES = 64 * 1024
"""May be looked at before reading begins."""

MOST_HELD_BYTES = 512 * 2**20
"""Of a stream that is read from its end, and is no file on disk, are held in memory."""

_WIDE_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32",  # before UTF-16: its mark begins theirs
    codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16",
}  # fmt: skip
"""Byte order marks. A redirection in Windows PowerShell writes UTF-16."""


@contextmanager
def opened(
    source: Path | BinaryIO,
    on_bytes: Callable[[int], None] | None = None,
    budget: Budget | None = None,
) -> Iterator[io.BufferedReader]:
    """Open a file, or take a stream that stays open, for one pass; `peek` sees its first `HEAD_BYTES`.

    Gzip, bzip2, xz and zstd are known by their first bytes, UTF-16 and UTF-32 by their marks; a mark is not passed on.
    Reading raises `SourceError` where one of them is damaged, after all that comes before (`read1` loses nothing of
    it). Of a gzip file in many members, whoever reads on gets the next that is whole.

    Args:
        on_bytes: is told how many more bytes of the file itself, still compressed, were read; never more than it has.
        budget: of the file that was named, where this one lies within that; else it is the file itself.
    """
    if isinstance(source, Path):
        with source.open("rb", buffering=0) as file:
            on_disk = _OnDisk(file, on_bytes) if file.seekable() else None
            own = UnpackingBudget(os.fstat(file.fileno()).st_size)
            pieces = _counted(on_disk or file, None if on_disk else on_bytes, own)
            yield _prepared(streamed(pieces, on_disk), budget or own)
    else:
        own = UnpackingBudget()
        yield _prepared(streamed(_counted(source, on_bytes, own)), budget or own)


def streamed(pieces: Iterator[bytes | SourceError], file: "_OnDisk | None" = None) -> io.BufferedReader:
    """Return a stream over pieces; `read1` and `peek` lose nothing of what comes before an error among them.

    Args:
        file: that has exactly these bytes.
    """
    return io.BufferedReader(_Pieces(pieces, file), HEAD_BYTES)


def random_access(stream: BinaryIO) -> BinaryIO:
    """Return what an opened stream has, from its first byte on, to be read in any order; the stream is used up.

    A file on disk is read where it lies, anything else into memory.

    Raises:
        SourceError: it is too long for memory, or damaged.
    """
    raw = stream.raw if isinstance(stream, io.BufferedReader) else None
    if isinstance(raw, _Pieces) and raw.file is not None:
        raw.file.seek(0)
        return io.BufferedReader(raw.file)
    held = io.BytesIO()
    while piece := stream.read(HEAD_BYTES):
        held.write(piece)
        if held.tell() > MOST_HELD_BYTES:
            raise SourceError(
                f"of a packed stream more than {MOST_HELD_BYTES // 2**20} MiB must be held at once: "
                "unpack what it is within, and name the file itself"
            )
    held.seek(0)
    return held


def _prepared(stream: io.BufferedReader, budget: Budget) -> io.BufferedReader:
    """Return a stream without its packing and its mark."""
    if packing := packing_of(stream.peek(MAGIC_BYTES)):
        stream = streamed(unpacked(stream, packing, budget))
        if twice := packing_of(stream.peek(MAGIC_BYTES)):
            raise SourceError(f"packed twice, with {packing.name} over {twice.name}: unpack it once")
    head = stream.peek(4)
    if head.startswith(codecs.BOM_UTF8):
        stream.read(len(codecs.BOM_UTF8))
        return stream
    for mark, encoding in _WIDE_MARKS.items():
        if head.startswith(mark):
            return streamed(_transcoded(stream, encoding))
    return stream


def _counted(
    file: io.RawIOBase | BinaryIO, on_bytes: Callable[[int], None] | None, budget: UnpackingBudget
) -> Iterator[bytes]:
    read = file.read1 if isinstance(file, io.BufferedReader) else file.read  # which would lose what is before an error
    while piece := read(HEAD_BYTES):
        if on_bytes:
            on_bytes(len(piece))
        budget.read(len(piece))
        yield piece


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


class _Pieces(io.RawIOBase):
    """A stream over pieces that fills what it is given, so that one look at it sees enough, also of a pipe.

    An error among the pieces is raised once, in its place, and what follows can be read; one that ends them is raised
    for ever.
    """

    def __init__(self, pieces: Iterator[bytes | SourceError], file: "_OnDisk | None" = None) -> None:
        self.file = file  # that has exactly these bytes
        self._pieces = pieces
        self._rest = memoryview(b"")
        self._damage: SourceError | None = None
        self._end: Exception | None = None

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
        if not filled and (error := self._damage or self._end):
            self._damage = None
            raise error
        return filled

    def _advance(self) -> bool:
        """Take the next piece that is not empty. An error waits until what came before it was handed on."""
        if self._damage:
            return False
        try:
            piece = next((piece for piece in self._pieces if piece), b"")
        except (SourceError, OSError) as error:
            self._end = error
            return False
        if isinstance(piece, SourceError):
            self._damage = piece
            return False
        self._rest = memoryview(piece)
        return bool(piece)


class _OnDisk(io.RawIOBase):
    """A file on disk that somebody else closes, and that tells how much of it was read."""

    def __init__(self, file: io.FileIO, on_bytes: Callable[[int], None] | None) -> None:
        self._file = file
        self._on_bytes = on_bytes
        self._untold = os.fstat(file.fileno()).st_size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        count = self._file.readinto(buffer)
        told = min(count, self._untold)  # what is read again was told
        self._untold -= told
        if self._on_bytes and told:
            self._on_bytes(told)
        return count

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()
