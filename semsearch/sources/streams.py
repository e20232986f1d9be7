"""Opens a file or standard input as uncompressed bytes in UTF-8, which are read when they are needed."""

import codecs
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from semsearch.errors import SourceError
from semsearch.ports import Budget
from semsearch.sources.compression import MAGIC_BYTES, UnpackingBudget, packing_of, unpack

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

HEAD_BYTES = 64 * 1024
"""Bytes that `peek` shows before reading begins."""

MOST_HELD_BYTES = 512 * 2**20
"""Bytes held in memory of a stream that is read in any order and is not a file on disk."""

_WIDE_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32",  # before UTF-16: its mark begins theirs
    codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16",
}  # fmt: skip
"""Byte order marks -> encodings. A redirection in Windows PowerShell writes UTF-16."""


@contextmanager
def opened(
    source: Path | BinaryIO,
    on_bytes: Callable[[int], None] | None = None,
    budget: Budget | None = None,
) -> Iterator[io.BufferedReader]:
    """Open a file, or take a stream that stays open, for one pass; `peek` sees its first `HEAD_BYTES`.

    Gzip, bzip2, xz and zstd are recognised by their first bytes, UTF-16 and UTF-32 by their marks, which are left out.
    Reading raises `SourceError` at damage, after all bytes before it (`read1` loses none of them). In a gzip file of
    many members, reading can go on with the next intact one.

    Args:
        on_bytes: called with the number of further bytes read of the file itself, still compressed; in total at most
            its size.
        budget: that of the named file, if this one is inside it; None if this is the named file.
    """
    if isinstance(source, Path):
        with source.open("rb", buffering=0) as file:
            on_disk = _OnDisk(file, on_bytes) if file.seekable() else None
            own_budget = UnpackingBudget(os.fstat(file.fileno()).st_size)
            pieces = _counted(on_disk or file, None if on_disk else on_bytes, own_budget)
            yield _plain_stream(streamed(pieces, on_disk), budget or own_budget)
    else:
        own_budget = UnpackingBudget()
        yield _plain_stream(streamed(_counted(source, on_bytes, own_budget)), budget or own_budget)


def streamed(pieces: Iterator[bytes | SourceError], file: "_OnDisk | None" = None) -> io.BufferedReader:
    """Return a stream over pieces; `read1` and `peek` lose no bytes before an error among them.

    Args:
        file: a file with exactly these bytes.
    """
    return io.BufferedReader(_Pieces(pieces, file), HEAD_BYTES)


def random_access(stream: BinaryIO) -> BinaryIO:
    """Return the content of an opened stream as a file that can be read in any order; the stream is used up.

    A file on disk is used itself, anything else is read into memory.

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


def _plain_stream(stream: io.BufferedReader, budget: Budget) -> io.BufferedReader:
    """Return a stream without packing and byte order mark, in UTF-8."""
    if packing := packing_of(stream.peek(MAGIC_BYTES)):
        stream = streamed(unpack(stream, packing, budget))
        if inner_packing := packing_of(stream.peek(MAGIC_BYTES)):
            raise SourceError(f"packed twice, with {packing.name} over {inner_packing.name}: unpack it once")
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
    # `read` of a buffered reader would lose what comes before an error.
    read = file.read1 if isinstance(file, io.BufferedReader) else file.read
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
    """A stream over pieces that always fills the buffer, so that one `peek` sees enough, even of a pipe.

    An error among the pieces is raised once, in its place, and reading can go on; an error that ends the pieces is
    raised at every further read.
    """

    def __init__(self, pieces: Iterator[bytes | SourceError], file: "_OnDisk | None" = None) -> None:
        self.file = file  # with exactly these bytes
        self._pieces = pieces
        self._unread = memoryview(b"")
        self._damage: SourceError | None = None
        self._end: Exception | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        filled = 0
        while filled < len(view) and (self._unread or self._advance()):
            count = min(len(view) - filled, len(self._unread))
            view[filled : filled + count] = self._unread[:count]
            self._unread = self._unread[count:]
            filled += count
        if not filled and (error := self._damage or self._end):
            self._damage = None
            raise error
        return filled

    def _advance(self) -> bool:
        """Take the next piece that is not empty. An error waits until all before it was handed on."""
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
        self._unread = memoryview(piece)
        return bool(piece)


class _OnDisk(io.RawIOBase):
    """A file on disk that reports how much of it was read, and is closed by its owner."""

    def __init__(self, file: io.FileIO, on_bytes: Callable[[int], None] | None) -> None:
        self._file = file
        self._on_bytes = on_bytes
        self._unreported = os.fstat(file.fileno()).st_size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        count = self._file.readinto(buffer)
        reported = min(count, self._unreported)  # bytes that are read again were reported before
        self._unreported -= reported
        if self._on_bytes and reported:
            self._on_bytes(reported)
        return count

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()
