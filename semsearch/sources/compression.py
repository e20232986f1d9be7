"""Unpacks gzip, bzip2, xz and zstd piece by piece, within limits."""

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
"""Bytes that are read, and handed on, at a time."""

MAGIC_BYTES = 10
"""Bytes at the beginning of a stream that show how it is packed."""

ALWAYS_BYTES = 2**27
"""Unpacked bytes that a named file may always have over all its layers: a bomb costs some seconds."""

MOST_RATIO = 200
"""Further unpacked bytes for one byte of the named file. Records that repeat each other reach 50, empty space 1,000."""

_XZ_MEMORY = 2**28
"""Bytes of memory. `xz -9` needs 65 MiB to be unpacked; a header may ask for 4 GiB."""

_ZSTD_WINDOW = 2**27
"""Bytes that zstd may look back, as many as its own command allows by default."""

_ZSTD_FEED = 1_024
"""Packed bytes at a time: four of them can unpack to 128 KiB, and this decoder cannot be told to stop."""

_MOST_DAMAGES = 1_000
"""Damages of one gzip file after which reading goes on."""

_GZIP_MEMBER = b"\x1f\x8b\x08"


class UnpackingBudget:
    """How much a named file may unpack to, over all files inside it; a file that is not packed spends nothing."""

    def __init__(self, size_bytes: int = 0) -> None:
        """Begin with the size of the file; 0 if it is unknown and counted while the file is read."""
        self._size = size_bytes
        self._read = 0
        self._spent = 0

    def read(self, count: int) -> None:
        """Count further bytes of the file itself."""
        self._read += count

    def spend(self, count: int, layer: str) -> None:
        """Count unpacked bytes of a layer, such as "zip"; raises `SourceError` if they are too many."""
        self._spent += count
        if self._spent > ALWAYS_BYTES and self._spent > MOST_RATIO * max(self._size, self._read):
            raise SourceError(
                f"the {layer} unpacks to more than {MOST_RATIO} times the size of the file that was named and "
                f"{ALWAYS_BYTES // 2**20:,} MiB; what came before was kept. Unpack it yourself if it is meant"
            )


class _Member(Protocol):
    """One packed stream; a file may have several, one after the other."""

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
    resumes: bool = False  # reading can go on at the next member after damage


class _Gzip:
    def __init__(self) -> None:
        self._decoder = zlib.decompressobj(16 + zlib.MAX_WBITS)

    @property
    def eof(self) -> bool:
        return self._decoder.eof

    @property
    def unused_data(self) -> bytes:
        return self._decoder.unused_data

    def feed(self, packed: bytes) -> Iterator[bytes]:
        while True:
            state_before = self._decoder.copy()
            try:
                piece = self._decoder.decompress(packed, PIECE_BYTES)
            except zlib.error:
                yield _until_damage(state_before, packed, 1_024)
                raise
            packed = self._decoder.unconsumed_tail
            yield piece
            if self.eof or not (packed or len(piece) == PIECE_BYTES):
                return


def _until_damage(decoder: "zlib._Decompress", packed: bytes, step: int) -> bytes:
    """Return what bytes unpack to before the damaged one; zlib does not return that with its error."""
    pieces: list[bytes] = []
    for offset in range(0, len(packed), step):
        state_before = decoder.copy()
        try:
            pieces.append(decoder.decompress(packed[offset : offset + step]))
        except zlib.error:
            if step > 1:
                pieces.append(_until_damage(state_before, packed[offset : offset + step], step // 32))
            break
    return b"".join(pieces)


class _Bounded:
    """Bzip2 and xz, whose decoders have the same interface."""

    def __init__(self, decoder: bz2.BZ2Decompressor | lzma.LZMADecompressor) -> None:
        self._decoder = decoder

    @property
    def eof(self) -> bool:
        return self._decoder.eof

    @property
    def unused_data(self) -> bytes:
        return self._decoder.unused_data

    def feed(self, packed: bytes) -> Iterator[bytes]:
        while True:
            yield self._decoder.decompress(packed, PIECE_BYTES)
            packed = b""
            if self.eof or self._decoder.needs_input:
                return


class _Zstd:
    def __init__(self) -> None:
        import zstandard  # takes a tenth of a second; most runs do not need it

        self._decoder = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()
        self._error = zstandard.ZstdError
        self._after = b""  # bytes that were fed beyond the end

    @property
    def eof(self) -> bool:
        return self._decoder.eof

    @property
    def unused_data(self) -> bytes:
        return self._decoder.unused_data + self._after

    def feed(self, packed: bytes) -> Iterator[bytes]:
        for offset in range(0, len(packed), _ZSTD_FEED):
            try:
                yield self._decoder.decompress(packed[offset : offset + _ZSTD_FEED])
            except self._error as error:
                raise ValueError(str(error)) from error
            if self.eof:
                self._after = packed[offset + _ZSTD_FEED :]
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
    """Return the packing of a stream with this beginning; None if it is not packed."""
    return next((packing for packing in _PACKINGS if packing.magic.match(head)), None)


def unpack(stream: BufferedReader, packing: Packing, budget: Budget) -> Iterator[bytes | SourceError]:
    """Yield a packed stream's bytes, of all its members.

    Damage is yielded as an error in its place. After it, a gzip file goes on with its next intact member, for crawls
    are written with one record a member.

    Args:
        budget: that of the named file, which is spent.
    """
    return _Unpacking(stream, packing, budget).pieces()


class _Unpacking:
    """One pass over a packed stream."""

    def __init__(self, stream: BufferedReader, packing: Packing, budget: Budget) -> None:
        self._stream = stream
        self._packing = packing
        self._budget = budget
        self._unpacked = 0  # bytes
        self._packed = b""  # packed bytes that were read and not yet used
        self._at_start = True  # `_packed` begins with a member

    def pieces(self) -> Iterator[bytes | SourceError]:
        damages = 0
        silent = False  # nothing was unpacked since the last damage
        while self._has_member(first=not self._unpacked and not damages):
            try:
                for piece in self._unpack_member():
                    silent = False
                    yield piece
            except (EOFError, ValueError, zlib.error, lzma.LZMAError, MemoryError) as error:
                if not silent:
                    yield self._damage_error(error)
                damages += 1
                silent = True
                if not self._packing.resumes or damages > _MOST_DAMAGES:
                    return
                self._find_member()

    def _has_member(self, *, first: bool) -> bool:
        """Tell whether there is another member; zeros may stand between members."""
        self._at_start = True
        while not (self._packed if first else self._packed.lstrip(b"\0")):
            self._packed = self._read()
            if not self._packed:
                return False
        if not first:
            self._packed = self._packed.lstrip(b"\0")
        return True

    def _unpack_member(self) -> Iterator[bytes]:
        member = self._packing.begin()
        while True:
            for piece in _feed(member, self._packed):
                self._unpacked += len(piece)
                self._budget.spend(len(piece), f"{self._packing.name} file")
                if piece:
                    yield piece
            if member.eof:
                self._packed = member.unused_data
                return
            self._at_start = False
            self._packed = self._read()
            if not self._packed:
                raise EOFError

    def _read(self) -> bytes:
        return self._stream.read1(PIECE_BYTES)

    def _find_member(self) -> None:
        """Step to the next beginning of a gzip member."""
        begin = 1 if self._at_start else 0
        while (index := self._packed.find(_GZIP_MEMBER, begin)) < 0:
            block = self._read()
            if not block:
                self._packed = b""
                return
            self._packed = self._packed[-2:] + block
            begin = 0
        self._packed = self._packed[index:]

    def _damage_error(self, error: Exception) -> SourceError:
        name = self._packing.name
        if isinstance(error, EOFError):
            return SourceError(f"the {name} file ends before its end; what came before was kept. Fetch it again")
        return SourceError(
            f"the {name} file is damaged ({error or type(error).__name__}); what was read before was kept, and the "
            "last of it may be wrong. Fetch it again"
        )


def _feed(member: _Member, packed: bytes) -> Iterator[bytes]:
    """Feed a member; turns bzip2's error, an OSError like those of the system, into a ValueError."""
    try:
        yield from member.feed(packed)
    except OSError as error:
        raise ValueError(str(error)) from error
