"""Opens zip and tar, member by member, in memory; nothing is written to disk."""

import lzma
import re
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from io import SEEK_END, BufferedReader
from typing import BinaryIO, cast

from semsearch.errors import SourceError
from semsearch.ports import Budget, Member, Place
from semsearch.sources.archives.tar import FOLDER, Gap, Tar
from semsearch.sources.compression import UnpackingBudget
from semsearch.sources.streams import HEAD_BYTES, random_access, streamed
from semsearch.text import normalise_line
from semsearch.types import Skipped

_MOST_LISTING = 2**27
"""Bytes of a zip's list of files, enough for some million files."""

_MOST_NAME = 240
"""Characters of a member's name that are kept, from its end, which shows the kind of file."""

BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, ValueError, RuntimeError,
    MemoryError, OverflowError, LookupError,
)  # fmt: skip
"""All that zipfile may raise for damaged bytes."""

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
_UTF8_NAME, _ENCRYPTED = 0x800, 0x1  # flags of a member
_LOCKED = "encrypted file"
_DRIVE = re.compile(r"[A-Za-z]:")


def open_zip(stream: BinaryIO, place: Place) -> Iterator[Member | Skipped]:
    """Yield the files of a zip; hidden ones are left out, as in a folder."""
    file = random_access(stream)
    size = file.seek(0, SEEK_END)
    file.seek(0)
    budget = place.budget or UnpackingBudget(size)
    left_out = Counter[str]()
    try:
        archive = zipfile.ZipFile(Guarded(file))
    except SourceError:
        raise
    except BROKEN as error:
        raise SourceError(
            f"the zip is damaged or cut short ({_message(error)}): its list of files cannot be read. Fetch it again"
        ) from error
    with archive:
        for entry in archive.infolist():
            name = _safe_name(_decoded_name(entry))
            if entry.filename.endswith("/") or name is None:
                continue
            member_place = _member_place(place, name)
            if kind := _unreadable_kind(entry):
                left_out[kind] += 1
            elif entry.compress_type not in _METHODS:
                yield Skipped(
                    member_place.origin, f"packed within the zip by method {entry.compress_type}: unpack it first"
                )
            else:
                yield Member(name, streamed(_unzipped(archive, entry, budget)), member_place)
    yield from _note_on(left_out, place)


def open_tar(stream: BinaryIO, place: Place) -> Iterator[Member | Skipped]:
    """Yield the files of a tar as they stream by; hidden ones are left out, as in a folder."""
    tar = Tar(stream if isinstance(stream, BufferedReader) else streamed(iter(lambda: stream.read(HEAD_BYTES), b"")))
    left_out = Counter[str]()
    for entry in tar.entries():
        if isinstance(entry, Gap):
            yield Skipped(place.origin, f"damaged at byte {entry.offset:,}: lost {entry.lost:,} bytes, then went on")
        elif entry.other_kind:
            left_out[entry.other_kind] += entry.other_kind != FOLDER
        elif (name := _safe_name(entry.name)) is not None:
            yield Member(name, streamed(tar.contents()), _member_place(place, name))
    yield from _note_on(left_out, place)


def _note_on(left_out: Counter[str], place: Place) -> Iterator[Skipped]:
    kinds = ", ".join(f"{count:,} {kind}{'s' * (count > 1)}" for kind, count in left_out.most_common() if count)
    advice = ". Unpack it with its password" if left_out[_LOCKED] else ""
    if kinds:
        yield Skipped(place.origin, f"left out: {kinds}{advice}")


def _safe_name(raw: str) -> str | None:
    """Return a member's name, printable and without parts that lead out of the archive; None for a hidden member."""
    printable = raw.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    parts = [normalise_line(part) for part in re.split(r"[/\\]", printable)]
    parts = [part for part in parts if part not in ("", ".", "..") and not _DRIVE.fullmatch(part)]
    if any(part.startswith(".") or part == "__MACOSX" for part in parts):
        return None
    name = "/".join(parts) or "unnamed"
    return name if len(name) <= _MOST_NAME else "…" + name[-_MOST_NAME:]


def _member_place(place: Place, name: str) -> Place:
    """Return the place of a member; the address and charset of the archive itself do not apply to it."""
    return replace(
        place,
        origin=f"{place.origin}/{name}",
        namespace=f"{place.namespace}/{name}",
        address=None,
        charset=None,
        file=f"{place.file or place.origin}/{name}",
        within="",
    )


def _decoded_name(entry: zipfile.ZipInfo) -> str:
    """Return a name as it was meant: many programs write UTF-8 without declaring it."""
    if entry.flag_bits & _UTF8_NAME:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode()
    except UnicodeError:
        return entry.filename


def _unreadable_kind(entry: zipfile.ZipInfo) -> str:
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "link"
    return _LOCKED if entry.flag_bits & _ENCRYPTED else ""


def _unzipped(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: Budget) -> Iterator[bytes]:
    try:
        with cast(zipfile.ZipExtFile, archive.open(entry)) as part:
            while piece := part.read1(HEAD_BYTES):
                budget.spend(len(piece), "zip")
                yield piece
    except SourceError:
        raise
    except BROKEN as error:
        raise SourceError(
            f"damaged within the zip ({_message(error)}); what was read before was kept, and the last of it may be "
            "wrong. Fetch it again"
        ) from error


def _message(error: BaseException) -> str:
    return normalise_line(str(error))[:200] or type(error).__name__


class Guarded(BufferedReader):
    """A file that refuses to read too much at once, since zipfile reads the list of files in one piece."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)  # type: ignore[arg-type]  # whatever can be read and sought

    def read(self, size: int | None = -1, /) -> bytes:
        """Read `size` bytes; raises SourceError if they are more than any list has."""
        if size is None or size > _MOST_LISTING:
            raise SourceError(
                f"the zip's list of files is longer than {_MOST_LISTING // 2**20} MiB: unpack it, and name the folder"
            )
        return super().read(size)
