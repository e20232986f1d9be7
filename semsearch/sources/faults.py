"""What a reader, or a library below it, raises that nobody foresaw -> what is said of the record that it cost.

A record that cannot be read never ends a run, nor does one that takes too long. An error of a kind that no reader
expects is a bug, in this program or in a library: it is named by its kind, so that the end of the run can say how to
report it.
"""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from semsearch.errors import SourceError
from semsearch.text import normalise_line
from semsearch.types import Skipped

Found = TypeVar("Found")

UNEXPECTED = "unexpected error"
"""Begins the reason of what a bug cost."""

RECORD_SECONDS = 60.0
"""Of the processor's time for one record; the longest pages and texts take some three. The limit is kept in the main
thread, where the program has no alarm (SIGALRM) of its own: elsewhere nothing can interrupt a library."""

_LONGEST = 200
_OF_THE_DATA = {
    MemoryError: "needs more memory than there is",
    RecursionError: "nested too deeply",
}
"""Errors that say something of the record, and nothing of the program."""


def reason_of(error: Exception) -> str:
    """Return why a record or a file could not be read, for any error."""
    if isinstance(error, SourceError):
        return str(error)
    known = next((reason for kind, reason in _OF_THE_DATA.items() if isinstance(error, kind)), "")
    said = normalise_line(str(error)[:_LONGEST])
    return known or f"{UNEXPECTED} ({type(error).__name__}{': ' if said else ''}{said})"


def kept(make: Callable[[], Found], origin: str) -> Found | Skipped:
    """Return what is made of one record; a `Skipped` for whatever error that raises, and where it takes too long."""
    try:
        with _in_time():
            return make()
    except _TimeIsOver:
        return Skipped(origin, f"takes more than {RECORD_SECONDS:.0f} seconds to read: save it in another form")
    except Exception as error:  # noqa: BLE001  the one place where any error of a record ends
        return Skipped(origin, reason_of(error))


def until_fault(found: Iterator[Found]) -> Iterator[Found]:
    """Yield what a reader finds; whatever it raises ends it as a `SourceError`, and what came before stays.

    Raises:
        SourceError: the rest cannot be read.
        OSError: the file itself cannot.
    """
    try:
        yield from found
    except (SourceError, OSError):
        raise
    except Exception as error:
        raise SourceError(f"{reason_of(error)}; what came before was kept") from error


class _TimeIsOver(BaseException):
    """A record has used up its time."""


@contextmanager
def _in_time() -> Iterator[None]:
    """Raise `_TimeIsOver` within the block once it has taken `RECORD_SECONDS`, where that is possible."""
    if (
        threading.current_thread() is not threading.main_thread()
        or not hasattr(signal, "setitimer")
        or signal.getsignal(signal.SIGALRM) is not signal.SIG_DFL  # the program's own, or that of a record around this
    ):
        yield
        return
    end = time.thread_time() + RECORD_SECONDS

    def look(_signal: int, _frame: object) -> None:
        left = end - time.thread_time()  # other threads, and other programs, take none of it
        if left <= 0:
            raise _TimeIsOver
        signal.setitimer(signal.ITIMER_REAL, left)

    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, RECORD_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
