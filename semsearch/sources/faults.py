"""Turns errors that a reader, or a library below it, raises unexpectedly into reasons for skipping a record.

A record that cannot be read never ends a run, nor does one that takes too long. An error of a kind that no reader
expects is a bug, in this program or in a library; the reason names its kind, so that the end of the run can say how to
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

Result = TypeVar("Result")

UNEXPECTED = "unexpected error"
"""Begins the reason for skipping a record where a bug is the cause."""

RECORD_SECONDS = 60.0
"""Processor time for one record; the longest pages and texts take some three. The limit holds in the main thread only,
and if the program has no alarm (SIGALRM) of its own: elsewhere nothing can interrupt a library."""

_LONGEST = 200
_OF_THE_DATA = {
    MemoryError: "needs more memory than there is",
    RecursionError: "nested too deeply",
}
"""Errors that the record causes, not a bug in the program."""


def reason_of(error: Exception) -> str:
    """Return the reason, for any error, why a record or a file could not be read."""
    if isinstance(error, SourceError):
        return str(error)
    for kind, reason in _OF_THE_DATA.items():
        if isinstance(error, kind):
            return reason
    error_text = normalise_line(str(error)[:_LONGEST])
    return f"{UNEXPECTED} ({type(error).__name__}{': ' if error_text else ''}{error_text})"


def attempt(make: Callable[[], Result], origin: str) -> Result | Skipped:
    """Return what `make` makes of one record, or a `Skipped` if it raises any error or takes too long."""
    try:
        with _in_time():
            return make()
    except _TimeIsOver:
        return Skipped(origin, f"takes more than {RECORD_SECONDS:.0f} seconds to read: save it in another form")
    except Exception as error:  # noqa: BLE001  the one place where every error of a record is caught
        return Skipped(origin, reason_of(error))


def until_fault(results: Iterator[Result]) -> Iterator[Result]:
    """Yield what a reader yields; any other error ends it as a `SourceError`, and what came before is kept.

    Raises:
        SourceError: the rest cannot be read.
        OSError: the file itself cannot be read.
    """
    try:
        yield from results
    except (SourceError, OSError):
        raise
    except Exception as error:
        raise SourceError(f"{reason_of(error)}; what came before was kept") from error


class _TimeIsOver(BaseException):
    """A record has used up its time."""


@contextmanager
def _in_time() -> Iterator[None]:
    """Raise `_TimeIsOver` inside the block once it has taken `RECORD_SECONDS`, if that is possible."""
    if (
        threading.current_thread() is not threading.main_thread()
        or not hasattr(signal, "setitimer")
        or signal.getsignal(signal.SIGALRM) is not signal.SIG_DFL  # the program's own, or that of a record around this
    ):
        yield
        return
    end = time.thread_time() + RECORD_SECONDS

    def check_time(_signal: int, _frame: object) -> None:
        seconds_left = end - time.thread_time()  # other threads and programs do not count
        if seconds_left <= 0:
            raise _TimeIsOver
        signal.setitimer(signal.ITIMER_REAL, seconds_left)

    signal.signal(signal.SIGALRM, check_time)
    signal.setitimer(signal.ITIMER_REAL, RECORD_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
