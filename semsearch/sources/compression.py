"""Undoes gzip, bzip2, xz and zstd piece by piece, within limits. The only module that knows zstandard."""

import bz2
import lzma
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BufferedReader
from typing import Protocol

from semsearch.errors import SourceError
from semsearch.ports import Budget

PIECE_BYTES = 64 * 1024
"""Read, and handed on, at a time."""

MAGIC_BYTES = 10
"""Of a stream's beginning say how it is packed."""

ALWAYS_BYTES = 2**27
"""Unpacked bytes that a named file may have over all its layers, whatever its ratio: a bomb costs some seconds."""

MOST_RATIO = 200
"""Unpacked bytes for one byte of the named file beyond those. Records that repeat each other reach 50, empty space
1,000."""

_XZ_MEMORY = 2**28
"""Bytes. `xz -9` needs 65 MiB to be undone; a header may ask for 4 GiB."""

_ZSTD_WINDOW = 2**27
"""Bytes that zstd may look back: what its own command allows unless told otherwise."""

_ZSTD_FEED = 1_024
"""Packed bytes at a time: four of them can unpack to 128 KiB, and this decoder cannot be told to stop."""

_MOST_DAMAGES = 1_000
"""Places of one gzip file from which reading goes on."""

_GZIP_MEMBER = b"\x1f\x8b\x08"


class UnpackingBudget:
    """How much a named file may unpack to, over all files within it; what is not packed spends nothing."""

    def __init__(self, size_bytes: int = 0) -> None:
        """Begin with the size of the file, 0 where it has none and is counted as it is read."""
        self._size = size_bytes
        self._read = 0
        self._spent = 0

    def read(self, count: int) -> None:
        """Count further bytes of the file itself."""
        self._read += count

    def spend(self, count: int, what: str) -> None:
        """Count unpacked bytes; raises `SourceError` where they are too many. `what` is the layer that they are of."""
        self._spent += count
        if self._spent > ALWAYS_BYTES and self._spent > MOST_RATIO * max(self._size, self._read):
            raise SourceError(
                f"the {what} unpacks to more than {MOST_RATIO} times the size of the file that was named and "
                f"{ALWAYS_BYTES // 2**20:,} MiB; what came before was kept. Unpack it yourself if it is meant"
            )


class _Member(Protocol):
    """One packed stream of those that a file has one after the other."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def feed(self, packed: bytes) -> Iterator[bytes]:
        """Yield what the next bytes unpack to."""


@dataclass(frozen=True, slots=True)
class Packing:
    """One form of compression."""

    name: str
    magic: re.Pattern[bytes]
    begin: Callable[[], _Member]
    resumes: bool = False  # after damage at the next member


class _Gzip:
    def __init__(self) -> None:
        self._inner = zlib.decompressobj(16 + zlib.MAX_WBITS)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def feed(self, packed: bytes) -> Iterator[bytes]:
        while True:
            before = self._inner.copy()
            try:
                piece = self._inner.decompress(packed, PIECE_BYTES)
            except zlib.error:
                yield _until_damage(before, packed, 1_024)
                raise
            packed = self._inner.unconsumed_tail
            yield piece
            if self.eof or not (packed or len(piece) == PIECE_BYTES):
                return


def _until_damage(inner: "zlib._Decompress", packed: bytes, step: int) -> bytes:
    """Return what bytes unpack to before the one at which they are damaged; zlib keeps that to itself."""
    pieces: list[bytes] = []
    for at in range(0, len(packed), step):
        before = inner.copy()
        try:
            pieces.append(inner.decompress(packed[at : at + step]))
        except zlib.error:
            if step > 1:
                pieces.append(_until_damage(before, packed[at : at + step], step // 32))
            break
    return b"".join(pieces)


class _Bounded:
    """Bzip2 and xz, whose decoders have one face."""

    def __init__(self, inner: bz2.BZ2Decompressor | lzma.LZMADecompressor) -> None:
        self._inner = inner

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def feed(self, packed: bytes) -> Iterator[bytes]:
        while True:
            yield self._inner.decompress(packed, PIECE_BYTES)
            packed = b""
            if self.eof or self._inner.needs_input:
                return


class _Zstd:
    def __init__(self) -> None:
        import zstandard  # a tenth of a second that most runs do not need

        self._inner = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()
        self._error = zstandard.ZstdError
        self._after = b""  # of what was fed, beyond the end

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data + self._after

    def feed(self, packed: bytes) -> Iterator[bytes]:
        for at in range(0, len(packed), _ZSTD_FEED):
            try:
                yield self._inner.decompress(packed[at : at + _ZSTD_FEED])
            except self._error as error:
                raise ValueError(str(error)) from error
            if self.eof:
                self._after = packed[at + _ZSTD_FEED :]
                return


def _lzma() -> _Bounded:
    return _Bounded(lzma.LZMADecompressor(lzma.FORMAT_AUTO, memlimit=_XZ_MEMORY))


_PACKINGS = (
    Packing("gzip", re.compile(rb"\x1f\x8b"), _Gzip, resumes=True),
    Packing("bzip2", re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"), lambda: _Bounded(bz2.BZ2Decompressor())),
    Packing("xz", re.compile(rb"\xfd7zXZ\0"), _lzma),
    Packing("lzma", re.compile(rb"\]\0\0[\0-\xff]{2}(?:\xff|[\0-\xff]{3}\0)"), _lzma),
    Packing("zstd", re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"), _Zstd),
)


def packing_of(head: bytes) -> Packing | None:
    """Return how a stream is packed that begins so, or None."""
    return next((packing for packing in _PACKINGS if packing.magic.match(head)), None)


def unpacked(stream: BufferedReader, packing: Packing, budget: Budget) -> Iterator[bytes | SourceError]:
    """Yield a packed stream's bytes, of all its members.

    Where it is damaged, the error is yielded in its place. Whoever asks for more gets what a gzip file has from its
    next whole member on: crawls are written one record a member.

    Args:
        budget: of the named file, which it spends.
    """
    return _Unpacking(stream, packing, budget).pieces()


class _Unpacking:
    """One pass over a packed stream."""

    def __init__(self, stream: BufferedReader, packing: Packing, budget: Budget) -> None:
        self._stream = stream
        self._packing = packing
        self._budget = budget
        self._unpacked = 0  # bytes
        self._rest = b""  # packed bytes that were read and not yet used
        self._at_start = True  # of a member is where the rest begins

    def pieces(self) -> Iterator[bytes | SourceError]:
        damages = 0
        silent = False  # since damage nothing was unpacked
        while self._another(first=not self._unpacked and not damages):
            try:
                for piece in self._member():
                    silent = False
                    yield piece
            except (EOFError, ValueError, zlib.error, lzma.LZMAError, MemoryError) as error:
                if not silent:
                    yield self._damage(error)
                damages += 1
                silent = True
                if not self._packing.resumes or damages > _MOST_DAMAGES:
                    return
                self._find_member()

    def _another(self, *, first: bool) -> bool:
        """Say whether a further member is there; zeros may stand between them."""
        self._at_start = True
        while not (self._rest if first else self._rest.lstrip(b"\0")):
            self._rest = self._read()
            if not self._rest:
                return False
        if not first:
            self._rest = self._rest.lstrip(b"\0")
        return True

    def _member(self) -> Iterator[bytes]:
        member = self._packing.begin()
        while True:
            for piece in _feed(member, self._rest):
                self._unpacked += len(piece)
                self._budget.spend(len(piece), f"{self._packing.name} file")
                if piece:
                    yield piece
            if member.eof:
                self._rest = member.unused_data
                return
            self._at_start = False
            self._rest = self._read()
            if not self._rest:
                raise EOFError

    def _read(self) -> bytes:
        return self._stream.read1(PIECE_BYTES)

    def _find_member(self) -> None:
        """Leave what comes before the next beginning of a gzip member."""
        begin = 1 if self._at_start else 0
        while (at := self._rest.find(_GZIP_MEMBER, begin)) < 0:
            more = self._read()
            if not more:
                self._rest = b""
                return
            self._rest = self._rest[-2:] + more
            begin = 0
        self._rest = self._rest[at:]

    def _damage(self, error: Exception) -> SourceError:
        name = self._packing.name
        if isinstance(error, EOFError):
            return SourceError(f"the {name} file ends before its end; what came before was kept. Fetch it again")
        return SourceError(
            f"the {name} file is damaged ({error or type(error).__name__}); what was read before was kept, and the "
            "last of it may be wrong. Fetch it again"
        )


def _feed(member: _Member, packed: bytes) -> Iterator[bytes]:
    """Feed a member; bzip2's own error is one of the system otherwise."""
    try:
        yield from member.feed(packed)
    except OSError as error:
        raise ValueError(str(error)) from error
