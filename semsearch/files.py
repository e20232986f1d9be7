"""Files that survive a crash: written once and flushed, replaced atomically, sealed, locked."""

import hashlib
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from semsearch.errors import IndexLockedError, UsageError

_BLOCK_BYTES = 1 << 24
"""Large, because a thread that hashes has to wait for its turn after every block."""

_LAST_SECOND = 253_402_300_799
"""9999-12-31T23:59:59Z."""


@dataclass(frozen=True, slots=True)
class Seal:
    """What a file must be to be believed."""

    size_bytes: int
    sha256: str  # lower-case hexadecimal


def write_new(path: Path, content: bytes | memoryview) -> Seal:
    """Write a file that must not exist yet, flush it to disk and return its seal."""
    with path.open("xb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    return Seal(len(content), hashlib.sha256(content).hexdigest())


def replace(path: Path, content: bytes) -> None:
    """Put new content in the place of a file: afterwards it is wholly the old or wholly the new one."""
    temporary = path.with_name(f"{path.name}.new")
    temporary.unlink(missing_ok=True)
    write_new(temporary, content)
    temporary.replace(path)
    sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Flush a directory's entries to disk, where the system can."""
    with suppress(OSError):  # Windows cannot open a directory; its renames are flushed with the file
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def seal_of(path: Path) -> Seal:
    """Read a file and return its seal."""
    digest = hashlib.sha256()
    size = 0
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK_BYTES):
            digest.update(block)
            size += len(block)
    return Seal(size, digest.hexdigest())


@contextmanager
def write_lock(directory: Path) -> Iterator[None]:
    """Hold the directory's one write lock; raises IndexLockedError at once where another process holds it.

    The system lets go of the lock when its holder dies, so a lock is never stale.
    """
    from filelock import FileLock, Timeout  # reading needs none

    path = directory / ".lock"
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise IndexLockedError(
            f"{directory} is being written to by another process", "wait until it has finished, then try again"
        ) from None
    try:
        yield
    finally:
        lock.release()


def now_seconds() -> int:
    """Return the time in UTC seconds, or SOURCE_DATE_EPOCH where that is set, for builds that repeat."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch is None:
        return int(time.time())
    if not epoch.isascii() or not epoch.isdigit() or int(epoch) > _LAST_SECOND:
        raise UsageError(f"SOURCE_DATE_EPOCH is {epoch!r}, not a count of seconds", "unset it, or set it to digits")
    return int(epoch)


def canonical_json(value: object) -> bytes:
    """Write a JSON value in the one form that digests are taken of: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
