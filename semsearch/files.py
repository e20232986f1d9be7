"""Every change to the disk: files written once and flushed, one replaced atomically, sealed, removed.

Each step goes through `os`, one call at a time, so that a test can fail it, or forget what was not flushed.
"""

import errno
import hashlib
import json
import mmap
import os
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from semsearch.errors import IndexDamagedError, UsageError

_BLOCK_BYTES = 1 << 24
"""Large, because a thread that hashes has to wait for its turn after every block."""

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)  # with O_EXCL no link is followed
_MORE = os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
_PLAIN = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)

REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)
"""Of a system that does not let this account write, or nobody."""

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

_LARGE = 1 << 26
_HOLLOW = 256
_BLOCK_UNIT = 512
"""A large file of which less than such a part lies on the disk claims what nobody wrote: no file of ours packs so."""

_NOT_FLUSHED = (errno.EINVAL, errno.ENOTSUP, errno.EACCES, errno.EPERM, errno.EBADF)
"""Of a system that cannot open or flush a directory: Windows, whose renames are flushed with the file, and some that
are reached over a network."""

_LAST_SECOND = 253_402_300_799
"""9999-12-31T23:59:59Z."""

_MOST_DIGITS = 1_000
"""Of a number that is read: Python reads none of more than 4,300."""


@dataclass(frozen=True, slots=True)
class Seal:
    """What a file must be to be believed."""

    size_bytes: int
    sha256: str  # lower-case hexadecimal


class Writing:
    """A new file while it is written, with the seal of what is there so far."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._digest = hashlib.sha256()
        self._size = 0

    def write(self, content: bytes | memoryview) -> None:
        """Write all of it."""
        left = memoryview(content).cast("B")
        self._digest.update(left)
        self._size += len(left)
        while left:
            left = left[os.write(self._descriptor, left) :]

    @property
    def seal(self) -> Seal:
        """The seal of what was written so far."""
        return Seal(self._size, self._digest.hexdigest())


@contextmanager
def writing(path: Path) -> Iterator[Writing]:
    """Open a file that must not exist yet; it is flushed to disk where the block ends well."""
    descriptor = os.open(path, _NEW, 0o666)
    try:
        yield Writing(descriptor)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def appending(path: Path, most: int) -> Iterator[tuple[Writing, int]]:
    """Open a file to go on with, and say how many bytes it has already.

    What is no plain file of this name alone, or has more than `most` bytes, is removed, and a new file takes its place:
    a link that somebody else made there would lead into another file. Nothing is flushed: compare it with a seal.
    """
    try:
        status = os.lstat(path)
        goes_on = stat.S_ISREG(status.st_mode) and status.st_nlink == 1 and status.st_size <= most
    except FileNotFoundError:
        goes_on = False
    if not goes_on:
        remove(path)
    descriptor = os.open(path, _MORE if goes_on else _NEW, 0o666)
    try:
        yield Writing(descriptor), os.fstat(descriptor).st_size
    except BaseException:
        if not os.fstat(descriptor).st_size:
            remove(path)
        raise
    finally:
        os.close(descriptor)


def write_new(path: Path, content: bytes | memoryview) -> Seal:
    """Write a file that must not exist yet, flush it to disk and return its seal."""
    with writing(path) as stream:
        stream.write(content)
    return stream.seal


def replace(path: Path, content: bytes) -> None:
    """Put new content in the place of a file: afterwards it is wholly the old or wholly the new one."""
    temporary = new_name(path)
    remove(temporary)
    write_new(temporary, content)
    rename(temporary, path)


def new_name(path: Path) -> Path:
    """Return under which name a file is written that is to replace another: what is there is of nobody's use."""
    return path.with_name(f"{path.name}.new")


def rename(source: Path, target: Path) -> None:
    """Give a file or a folder its name, in the place of a file that had it, and flush that."""
    os.replace(source, target)  # noqa: PTH105  see above: one call at a time
    sync_directory(target.parent)
    if source.parent != target.parent:
        sync_directory(source.parent)


def make_directory(path: Path) -> None:
    """Make a folder with those above it, unless they are there, and flush that they are."""
    if path.is_dir():
        return
    make_directory(path.parent)
    try:
        os.mkdir(path)  # noqa: PTH102
    except FileExistsError:
        if not path.is_dir():  # else somebody else was sooner
            raise
    sync_directory(path.parent)


def remove(path: Path) -> None:
    """Remove a file, a link, or a folder with all that is in it, if it is there."""
    try:
        if stat.S_ISDIR(os.lstat(path).st_mode):  # and no link to one
            for name in sorted(os.listdir(path)):  # noqa: PTH208
                remove(path / name)
            os.rmdir(path)  # noqa: PTH106
        else:
            os.unlink(path)  # noqa: PTH108
    except (FileNotFoundError, NotADirectoryError):
        return
    except RecursionError as error:
        raise IndexDamagedError(f"{path} has folders within folders, too many to be removed", "remove it") from error


def sync_directory(directory: Path) -> None:
    """Flush a directory's entries to disk, where the system can."""
    descriptor = -1
    try:
        descriptor = os.open(directory, os.O_RDONLY)
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NOT_FLUSHED:
            raise
    finally:
        if descriptor >= 0:
            os.close(descriptor)


def open_plain(path: Path) -> BinaryIO:
    """Open a file to be read.

    Raises:
        ValueError: the name is a link's, a folder's or a device's, or that of a file that claims to be much larger than
            what lies on the disk.
    """
    try:
        descriptor = os.open(path, _PLAIN)
    except OSError as error:
        if error.errno == errno.ENOTDIR:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path)) from error
        if error.errno in (errno.ELOOP, errno.ENXIO, errno.EISDIR):
            raise ValueError(f"{path} is not a plain file") from error
        raise
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or _is_hollow(status):
        os.close(descriptor)
        raise ValueError(f"{path} is not a plain file")
    return os.fdopen(descriptor, "rb")


class OpenFile:
    """A plain file that stays open until it is forgotten; parts of it are read when they are asked for.

    What is mapped into memory stays there with all that lies near it: of a large file of which little is read at random
    it would soon be the whole.
    """

    def __init__(self, path: Path) -> None:
        """Open it; raises what `open_plain` raises."""
        with open_plain(path) as stream:
            self.descriptor = os.dup(stream.fileno())
        self.path = path
        self.size = os.fstat(self.descriptor).st_size

    def read(self, begin: int, count: int) -> bytes:
        """Return so many bytes from a place on; raises ValueError where there are fewer."""
        content = os.pread(self.descriptor, count, begin)
        if len(content) != count:
            raise ValueError(f"{self.path} is shorter than it was")
        return content

    def read_into(self, target: memoryview, begin: int) -> None:
        """Fill bytes with what stands at a place; raises ValueError where there is less."""
        if os.preadv(self.descriptor, [target], begin) != len(target):
            raise ValueError(f"{self.path} is shorter than it was")

    def mapped(self) -> mmap.mmap:
        """Return all of it, mapped into memory, for as long as somebody has that."""
        return mmap.mmap(self.descriptor, 0, access=mmap.ACCESS_READ)

    def __del__(self) -> None:
        if (descriptor := getattr(self, "descriptor", -1)) >= 0:
            with suppress(OSError):
                os.close(descriptor)


CAN_READ_PARTS = hasattr(os, "preadv")
"""Not on Windows."""


def _is_hollow(status: os.stat_result) -> bool:
    blocks = getattr(status, "st_blocks", 0)  # 0, too, where a file system does not count them
    return status.st_size > _LARGE and 0 < blocks * _BLOCK_UNIT < status.st_size // _HOLLOW


def seal_of(path: Path) -> Seal:
    """Read a file and return its seal."""
    digest = hashlib.sha256()
    size = 0
    with open_plain(path) as stream:
        while block := stream.read(_BLOCK_BYTES):
            digest.update(block)
            size += len(block)
    return Seal(size, digest.hexdigest())


def linked_seal_of(path: Path) -> Seal:
    """Return the seal of a file that may be a link, as those of models are; raises OSError where it is no file."""
    try:
        return seal_of(path.resolve())
    except ValueError as error:
        raise OSError(errno.EINVAL, str(error), str(path)) from error


def now_seconds() -> int:
    """Return the time in UTC seconds, or SOURCE_DATE_EPOCH where that is set, for builds that repeat."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch is None:
        return int(time.time())
    if not epoch.isascii() or not epoch.isdigit() or len(epoch) > _MOST_DIGITS or int(epoch) > _LAST_SECOND:
        raise UsageError(f"SOURCE_DATE_EPOCH is {epoch!r:.80}, not a count of seconds", "unset it, or set it to digits")
    return int(epoch)


def canonical_json(value: object) -> bytes:
    """Write a JSON value in the one form that digests are taken of: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def free_bytes(directory: Path) -> int:
    """Return how much room is left where a folder is, or will be."""
    while not directory.exists():
        directory = directory.absolute().parent
    return shutil.disk_usage(directory).free
