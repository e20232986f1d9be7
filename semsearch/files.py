"""Every change to the disk: files are written once and flushed, replaced atomically, sealed, removed.

Each step is one call of `os`, so that a test can make it fail, or forget what was not flushed.
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
"""Large, because a hashing thread has to wait for its turn after every block."""

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)  # with O_EXCL no link is followed
_MORE = os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
_PLAIN = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)

REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)
"""Errors of a system that does not let this account, or anyone, write."""

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

_LARGE = 1 << 26
_HOLLOW = 256
_BLOCK_UNIT = 512
"""A large file with less than one part in _HOLLOW on the disk was never written in full; none of ours is so sparse."""

_NOT_FLUSHED = (errno.EINVAL, errno.ENOTSUP, errno.EACCES, errno.EPERM, errno.EBADF)
"""Errors of a system that cannot open or flush a directory: Windows, which flushes renames with the file, and some
network file systems."""

_LAST_SECOND = 253_402_300_799
"""9999-12-31T23:59:59Z."""

_MOST_DIGITS = 1_000
"""Digits of a number that is read; Python reads no more than 4,300."""


@dataclass(frozen=True, slots=True)
class Seal:
    """The size and digest that a file must have to be trusted."""

    size_bytes: int
    sha256: str  # lower-case hexadecimal


class Writing:
    """A file that is being written, with the seal of what was written so far."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._digest = hashlib.sha256()
        self._size = 0

    def write(self, content: bytes | memoryview) -> None:
        """Write all of the content."""
        rest = memoryview(content).cast("B")
        self._digest.update(rest)
        self._size += len(rest)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]

    @property
    def seal(self) -> Seal:
        """The seal of the content so far."""
        return Seal(self._size, self._digest.hexdigest())


@contextmanager
def writing(path: Path) -> Iterator[Writing]:
    """Open a file that must not exist yet; it is flushed to disk if the block ends without an error."""
    descriptor = os.open(path, _NEW, 0o666)
    try:
        yield Writing(descriptor)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def appending(path: Path, most: int) -> Iterator[tuple[Writing, int]]:
    """Open a file to append to, and yield it with the number of bytes that it has already.

    A file with more than `most` bytes or another name, and anything but a plain file, is removed and replaced by a
    new file: a link that somebody else made would lead into another file. Nothing is flushed: compare it with a seal.
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
    """Replace the content of a file; at any moment it is wholly the old or wholly the new one."""
    temporary = new_name(path)
    remove(temporary)
    write_new(temporary, content)
    rename(temporary, path)


def new_name(path: Path) -> Path:
    """Return the name under which a replacement of a file is written; nobody needs what has this name."""
    return path.with_name(f"{path.name}.new")


def rename(source: Path, target: Path) -> None:
    """Rename a file or a folder, replacing any file of the new name, and flush that."""
    os.replace(source, target)  # noqa: PTH105  see above: one call at a time
    sync_directory(target.parent)
    if source.parent != target.parent:
        sync_directory(source.parent)


def make_directory(path: Path) -> None:
    """Make a folder and those above it, unless they exist, and flush that."""
    if path.is_dir():
        return
    make_directory(path.parent)
    try:
        os.mkdir(path)  # noqa: PTH102
    except FileExistsError:
        if not path.is_dir():  # else another process was faster
            raise
    sync_directory(path.parent)


def remove(path: Path) -> None:
    """Remove a file, a link, or a folder with its contents, if it exists."""
    try:
        if stat.S_ISDIR(os.lstat(path).st_mode):  # not a link to a folder
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
    """Flush a directory's entries to disk, if the system can."""
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
        ValueError: it is a link, a folder or a device, or a file that claims to be much larger than it is on the disk.
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

    It is not mapped by itself: what is mapped stays in memory with its neighbourhood, so that random reads of a large
    file would soon bring all of it into memory.
    """

    def __init__(self, path: Path) -> None:
        """Open it; raises what `open_plain` raises."""
        with open_plain(path) as stream:
            self.descriptor = os.dup(stream.fileno())
        self.path = path
        self.size = os.fstat(self.descriptor).st_size

    def read(self, begin: int, count: int) -> bytes:
        """Return `count` bytes from `begin` on; raises ValueError if there are fewer."""
        content = os.pread(self.descriptor, count, begin)
        if len(content) != count:
            raise ValueError(f"{self.path} is shorter than it was")
        return content

    def read_into(self, target: memoryview, begin: int) -> None:
        """Fill a buffer with the bytes from `begin` on; raises ValueError if there are fewer."""
        if os.preadv(self.descriptor, [target], begin) != len(target):
            raise ValueError(f"{self.path} is shorter than it was")

    def mapped(self) -> mmap.mmap:
        """Return the whole file, mapped into memory for as long as the mapping is used."""
        return mmap.mmap(self.descriptor, 0, access=mmap.ACCESS_READ)

    def __del__(self) -> None:
        if (descriptor := getattr(self, "descriptor", -1)) >= 0:
            with suppress(OSError):
                os.close(descriptor)


CAN_READ_PARTS = hasattr(os, "preadv")
"""Not on Windows."""


def _is_hollow(status: os.stat_result) -> bool:
    blocks = getattr(status, "st_blocks", 0)  # also 0 if a file system does not count them
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
    """Return the seal of a file that may be a link, as those of models are; raises OSError if it is not a file."""
    try:
        return seal_of(path.resolve())
    except ValueError as error:
        raise OSError(errno.EINVAL, str(error), str(path)) from error


def now_seconds() -> int:
    """Return the time in UTC seconds, or SOURCE_DATE_EPOCH if that is set, for reproducible builds."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch is None:
        return int(time.time())
    if not epoch.isascii() or not epoch.isdigit() or len(epoch) > _MOST_DIGITS or int(epoch) > _LAST_SECOND:
        raise UsageError(f"SOURCE_DATE_EPOCH is {epoch!r:.80}, not a count of seconds", "unset it, or set it to digits")
    return int(epoch)


def canonical_json(value: object) -> bytes:
    """Return a JSON value in the form that digests are computed from: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def free_bytes(directory: Path) -> int:
    """Return the free bytes of the file system that a folder is on, or will be."""
    while not directory.exists():
        directory = directory.absolute().parent
    return shutil.disk_usage(directory).free
