"""Who may write, who reads: the one writer's lock, and readers' holds on what is not to be removed."""

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
except ImportError:  # Windows, which removes no file that somebody has open
    fcntl = None  # type: ignore[assignment]

LOCK = ".lock"
HOLDER = ".lock.json"
"""Says who holds the lock; of somebody who was killed it stays, and means nothing while the lock is free."""

_PATIENCE = 0.1
"""Seconds: longer than somebody takes who only asks whether it is held."""


_POLL_SECONDS = 0.25
"""How often somebody who waits looks whether the lock is free."""

Begun = TypeVar("Begun")


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a write lock, as they said when they got it."""

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

    The system lets go of the lock when its holder dies. Where a file system has no such locks, a file that names its
    holder takes their place, and one whose holder is dead is taken over.

    Raises:
        IndexLockedError: somebody else holds it.
        NotPermittedError: this account may not write there, or nobody may.
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
        with suppress(OSError):  # a full disk does not keep anybody from deleting
            _introduce(directory)
        yield
    finally:
        with suppress(OSError):
            remove(directory / HOLDER)
        lock.release()


def patiently(begin: Callable[[], Begun], seconds: float) -> Begun:
    """Begin what only one process can do at a time, waiting for another one to finish.

    Args:
        begin: raises IndexLockedError while another process is at it.
        seconds: to wait, at least 0.

    Raises:
        IndexLockedError: it is still at it.
    """
    last = time.monotonic() + seconds
    while True:
        try:
            return begin()
        except IndexLockedError:
            left = last - time.monotonic()
            if left <= 0:
                raise
            time.sleep(min(_POLL_SECONDS, left))


def _introduce(directory: Path) -> None:
    said = Holder(os.getpid(), socket.gethostname(), _command(), iso_seconds(int(time.time())))
    remove(directory / HOLDER)  # through a link that somebody else made there another file would be written
    with (directory / HOLDER).open("x", encoding="utf-8") as stream:
        json.dump(asdict(said), stream)


def _command() -> str:
    """Return by what name a person started this process: no more, for arguments may be nobody else's business."""
    program = Path(sys.argv[0] or "python")
    name = program.parent.name if program.name == "__main__.py" else program.name
    verb = next((argument for argument in sys.argv[1:2] if argument.isalpha()), "")
    return f"{name} {verb}".strip()


def holder(directory: Path) -> Holder | None:
    """Return who said last to hold the lock; whether they still do is another question (`is_locked`)."""
    try:
        with open_plain(directory / HOLDER) as stream:
            said = json.loads(stream.read(10_000))
        return Holder(int(said["process"]), str(said["host"]), str(said["command"]), str(said["since"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def is_locked(directory: Path) -> bool:
    """Say whether somebody writes there, without waiting and without making a file."""
    from filelock import FileLock, Timeout

    if (directory / LOCK).is_symlink() or not (directory / LOCK).is_file():
        return False
    try:
        if fcntl:  # an index may be readable alone
            return not _free(directory / LOCK)
        lock = FileLock(directory / LOCK)
        lock.acquire(timeout=0)
    except (Timeout, OSError):
        return True
    lock.release()
    return False


def _free(lock: Path) -> bool:
    descriptor = os.open(lock, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


class Hold:
    """Keeps what belongs to a file from being swept, in whatever process, until it is let go of or forgotten.

    Windows needs none: there a file that is mapped cannot be removed. Where a file system knows no locks, what was
    removed stays readable to whoever has it open, as on every local one.
    """

    def __init__(self, path: Path) -> None:
        """Raise FileNotFoundError where it is gone or going, ValueError where it is no plain file."""
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
    """Say whether nobody holds a file, and keep others from holding it inside the block."""
    descriptor = _opened(path) if fcntl else -1
    if descriptor < 0:  # gone in part, or nothing that a reader could hold
        yield True
        return
    try:
        yield _alone(descriptor)
    finally:
        os.close(descriptor)


def _opened(path: Path) -> int:
    for mode in (os.O_RDWR, os.O_RDONLY):  # over a network one has to be able to write what one locks
        with suppress(OSError):
            return os.open(path, mode | os.O_NOFOLLOW | os.O_NONBLOCK)
    return -1


def _alone(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks
    return True
