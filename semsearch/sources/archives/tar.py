"""Splits a tar into its files as it streams by."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BufferedReader

from semsearch.errors import SourceError
from semsearch.sources.streams import HEAD_BYTES

_BLOCK = 512  # bytes; everything begins at a multiple of it
_MOST_EXTENSION = 2**20  # bytes of a record that describes the next file: its name or attributes
_FILES = b"0", b"\0", b"7"
_KINDS = {b"1": "link", b"2": "link", b"3": "device", b"4": "device", b"6": "pipe", b"S": "sparse file"}
FOLDER = "folder"
_LONG_NAME, _LONG_LINK = b"L", b"K"
_ATTRIBUTES, _SOLARIS_ATTRIBUTES, _SHARED_ATTRIBUTES = b"x", b"X", b"g"
_DIRECTORY = b"5"
_ATTRIBUTE_LENGTH = re.compile(rb"(\d{1,8}) ")


@dataclass(frozen=True, slots=True)
class TarEntry:
    """One file of a tar, or another kind of entry."""

    name: str  # as it is written there
    other_kind: str = ""  # what it is, if it is not a file


@dataclass(frozen=True, slots=True)
class Gap:
    """Damage, after which reading went on."""

    offset: int  # bytes from the tar's beginning
    lost: int  # bytes


@dataclass(frozen=True, slots=True)
class _Header:
    name: bytes
    size: int
    kind: bytes
    has_magic: bool  # the first versions of tar wrote none


@dataclass(slots=True)
class _Extension:
    """What the records before a file say about it."""

    name: bytes | None = None
    size: int | None = None
    sparse: bool = False


@dataclass(slots=True)
class Tar:
    """One pass over an uncompressed tar."""

    stream: BufferedReader
    _offset: int = 0  # of the next byte to read
    _bytes_left: int = 0  # of the current file
    _padding: int = 0
    _failed: SourceError | None = field(default=None)

    def entries(self) -> Iterator[TarEntry | Gap]:
        """Yield entries and gaps in order; until the next is taken, `contents` are those of the last entry.

        Raises:
            SourceError: the tar is cut short, or is damaged and nothing follows.
        """
        extension = _Extension()
        while block := self._exactly(_BLOCK):
            if not block.strip(b"\0") and len(block) == _BLOCK:
                return
            header = _header(block)
            if header is None:
                begin = self._offset - len(block)
                header = self._next_header(begin)
                yield Gap(begin, self._offset - _BLOCK - begin)
                extension = _Extension()
            if header.kind in (_LONG_NAME, _LONG_LINK, _ATTRIBUTES, _SOLARIS_ATTRIBUTES, _SHARED_ATTRIBUTES):
                self._extend(extension, header)
                continue
            yield self._begin_entry(header, extension)
            extension = _Extension()
            self._skip()
        raise SourceError("the tar has no end: it may be cut short. What came before was kept; fetch it again")

    def contents(self) -> Iterator[bytes]:
        """Yield the pieces of the current file."""
        while self._bytes_left:
            piece = self._read(min(self._bytes_left, HEAD_BYTES))
            self._bytes_left -= len(piece)
            if not piece:
                self._fail(SourceError("the tar ends before its end; what came before was kept. Fetch it again"))
            yield piece

    def _begin_entry(self, header: _Header, extension: _Extension) -> TarEntry:
        size = header.size if extension.size is None else extension.size
        if header.kind in (b"1", b"2", b"3", b"4", b"5", b"6"):
            size = 0  # no contents follow, whatever size it claims
        self._bytes_left, self._padding = size, -size % _BLOCK
        name = (header.name if extension.name is None else extension.name).decode("utf-8", "replace")
        if extension.sparse:
            return TarEntry(name, "sparse file")
        if header.kind == _DIRECTORY or name.endswith("/"):
            return TarEntry(name, FOLDER)
        return TarEntry(name, "" if header.kind in _FILES else _KINDS.get(header.kind, "file of unknown type"))

    def _extend(self, extension: _Extension, header: _Header) -> None:
        self._bytes_left, self._padding = header.size, -header.size % _BLOCK
        if header.size > _MOST_EXTENSION or header.kind in (_LONG_LINK, _SHARED_ATTRIBUTES):
            self._skip()
            return
        raw = b"".join(self.contents())
        self._skip()
        if header.kind == _LONG_NAME:
            extension.name = raw.partition(b"\0")[0]
        else:
            _read_attributes(raw, extension)

    def _next_header(self, begin: int) -> _Header:
        while len(block := self._exactly(_BLOCK)) == _BLOCK:
            header = _header(block)
            if header and header.has_magic:
                return header
        raise SourceError(
            f"the tar is damaged at byte {begin:,}, and nothing follows; what came before was kept. Fetch it again"
        )

    def _skip(self) -> None:
        for _ in self.contents():
            pass
        self._exactly(self._padding)
        self._padding = 0

    def _exactly(self, count: int) -> bytes:
        """Return `count` bytes, or fewer at the end."""
        pieces = bytearray()
        while len(pieces) < count and (piece := self._read(count - len(pieces))):
            pieces += piece
        return bytes(pieces)

    def _read(self, most_bytes: int) -> bytes:
        if self._failed:
            raise self._failed
        try:
            piece = self.stream.read1(most_bytes)
        except SourceError as error:
            self._fail(error)
        self._offset += len(piece)
        return piece

    def _fail(self, error: SourceError) -> None:
        self._failed = error
        raise error


def _header(block: bytes) -> _Header | None:
    """Return the header in a block; None if the block is not a header."""
    if len(block) < _BLOCK:
        return None
    checksum, size = _number(block[148:156]), _number(block[124:136])
    summed = sum(block) - sum(block[148:156]) + 8 * ord(" ")
    signed = summed - 256 * sum(byte > 127 for byte in block[:148] + block[156:])
    if size is None or checksum not in (summed, signed):
        return None
    name = block[:100].partition(b"\0")[0]
    has_magic = block[257:262] == b"ustar"
    prefix = block[345:500].partition(b"\0")[0] if block[257:263] == b"ustar\0" else b""
    return _Header(prefix + b"/" + name if prefix else name, size, block[156:157], has_magic)


def _number(raw: bytes) -> int | None:
    """Return a number that is written in octal digits, or as bytes behind a set bit if it is large."""
    if raw[0] == 0x80:
        return int.from_bytes(raw[1:])
    digits = raw.partition(b"\0")[0].strip()
    if not digits:
        return 0
    return int(digits, 8) if re.fullmatch(rb"[0-7]+", digits) else None


def _read_attributes(raw: bytes, extension: _Extension) -> None:
    """Read "LENGTH KEY=VALUE" lines, each as long as its LENGTH says."""
    offset = 0
    while (match := _ATTRIBUTE_LENGTH.match(raw, offset)) and int(match[1]) > len(match[0]):
        key, _, value = raw[match.end() : offset + int(match[1]) - 1].partition(b"=")
        offset += int(match[1])
        if key == b"path":
            extension.name = value
        elif key == b"size" and value.isdigit() and len(value) < 20:
            extension.size = int(value)
        elif key.startswith(b"GNU.sparse."):
            extension.sparse = True
