"""Who may write and who reads: the lock of the one writer, and readers' holds on files that must not be removed."""

import json
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from semsearch.errors import IndexDamagedError, IndexLockedError, NotPermittedError
from semsearch.files import REFUSED, OpenFile, open_plain, remove
from semsearch.locations import refuse_shipped
from semsearch.types import iso_seconds

try:
    import fcntl
except ImportError:  # Windows, which does not remove files that are open
    fcntl = None  # type: ignore[assignment]

LOCK = ".lock"
HOLDER = ".lock.json"
"""Says who holds the lock. The file of a killed process stays, and means nothing while the lock is free."""

_PATIENCE = 0.1
"""Seconds: longer than another process needs to see whether the lock is held."""

_POLL_SECONDS = 0.25
"""Time between two looks at the lock while waiting for it."""

Begun = TypeVar("Begun")


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a write lock, as written by the holder on getting it."""

    process: int
    host: str
    command: str
    since: str  # ISO 8601, UTC

    def __str__(self) -> str:
        place = "" if self.host == socket.gethostname() else f" on {self.host}"
        return f"process {self.process}{place} ({self.command}) since {self.since}"


@contextmanager
def write_lock(directory: Path) -> Iterator[None]:
    """Hold the directory's one write lock.

    The system releases the lock when its holder dies. On a file system without locks a file that names the holder takes
    their place, and is taken over if the holder is dead.

    Raises:
        IndexLockedError: another process holds it.
        NotPermittedError: this account, or no account, may write there.
        UsageError: the folder belongs to the installed package.
    """
    from filelock import FileLock, Timeout  # reading needs none

    refuse_shipped(directory)
    if os.path.lexists(directory / LOCK) and ((directory / LOCK).is_symlink() or not (directory / LOCK).is_file()):
        raise IndexDamagedError(f"{directory / LOCK} is not a regular file and cannot be used as a lock", "remove it")
    lock = FileLock(directory / LOCK)
    try:
        lock.acquire(timeout=_PATIENCE, poll_interval=_PATIENCE / 4)
    except Timeout:
        who = holder(directory)
        raise IndexLockedError(
            f"{directory} is being written to by {who or 'another process'}",
            "wait until it has finished, or let the command wait: --wait SECONDS",
        ) from None
    except OSError as error:
        if error.errno not in REFUSED:
            raise
        raise NotPermittedError(
            f"{directory} cannot be written to: {error.strerror}",
            "it can be read; to change it, copy it to a folder of your own, and name that with -i",
        ) from error
    try:
        with suppress(OSError):  # a full disk must not prevent deleting
            _write_holder(directory)
        yield
    finally:
        with suppress(OSError):
            remove(directory / HOLDER)
        lock.release()


def patiently(begin: Callable[[], Begun], seconds: float) -> Begun:
    """Begin what only one process can do at a time, and wait if another one is doing it.

    Args:
        begin: raises IndexLockedError while another process is doing it.
        seconds: to wait, at least 0.

    Raises:
        IndexLockedError: the other process has not finished in this time.
    """
    end = time.monotonic() + seconds
    while True:
        try:
            return begin()
        except IndexLockedError:
            remaining = end - time.monotonic()
            if remaining <= 0:
                raise
            time.sleep(min(_POLL_SECONDS, remaining))


def _write_holder(directory: Path) -> None:
    introduction = Holder(os.getpid(), socket.gethostname(), _command(), iso_seconds(int(time.time())))
    remove(directory / HOLDER)  # a link that somebody else made would lead into another file
    with (directory / HOLDER).open("x", encoding="utf-8") as stream:
        json.dump(asdict(introduction), stream)


def _command() -> str:
    """Return the command that this process was started by, without arguments, which may be private."""
    program = Path(sys.argv[0] or "python")
    name = program.parent.name if program.name == "__main__.py" else program.name
    verb = next((argument for argument in sys.argv[1:2] if argument.isalpha()), "")
    return f"{name} {verb}".strip()


def holder(directory: Path) -> Holder | None:
    """Return the last holder of the lock, whether or not it still holds the lock (`is_locked`)."""
    try:
        with open_plain(directory / HOLDER) as stream:
            content = json.loads(stream.read(10_000))
        return Holder(int(content["process"]), str(content["host"]), str(content["command"]), str(content["since"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def is_locked(directory: Path) -> bool:
    """Tell whether another process writes there, without waiting and without making a file."""
    from filelock import FileLock, Timeout

    if (directory / LOCK).is_symlink() or not (directory / LOCK).is_file():
        return False
    try:
        if fcntl:  # needs no permission to write
            return not _is_free(directory / LOCK)
        lock = FileLock(directory / LOCK)
        lock.acquire(timeout=0)
    except (Timeout, OSError):
        return True
    lock.release()
    return False


def _is_free(lock: Path) -> bool:
    descriptor = os.open(lock, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


class Hold:
    """Keeps every process from removing what belongs to a file, until the file is closed or this object is forgotten.

    Windows does not need it, as mapped files cannot be removed there. On a file system without locks, removed files
    stay readable to processes that have them open, as on every local file system.
    """

    def __init__(self, path: Path) -> None:
        """Raise FileNotFoundError if the file is gone or being removed, ValueError if it is not a plain file."""
        self.file = OpenFile(path)
        if fcntl:
            try:
                fcntl.flock(self.file.descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                raise FileNotFoundError(2, "it is being removed", str(path)) from None
            except OSError:
                pass


@contextmanager
def nobody_holds(path: Path) -> Iterator[bool]:
    """Tell whether no process holds a file, and prevent all from holding it inside the block."""
    descriptor = _open_descriptor(path) if fcntl else -1
    if descriptor < 0:  # partly gone, or nothing that a reader could hold
        yield True
        return
    try:
        yield _is_only_holder(descriptor)
    finally:
        os.close(descriptor)


def _open_descriptor(path: Path) -> int:
    for mode in (os.O_RDWR, os.O_RDONLY):  # network file systems lock only files that are open for writing
        with suppress(OSError):
            return os.open(path, mode | os.O_NOFOLLOW | os.O_NONBLOCK)
    return -1


def _is_only_holder(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks
    return True
