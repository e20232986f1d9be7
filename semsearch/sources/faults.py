"""What a reader, or a library below it, raises that nobody foresaw -> what is said of the record that it cost.

A record that cannot be read never ends a run. An error of a kind that no reader expects is a bug, in this program or in
a library: it is named by its kind, so that the end of the run can say how to report it.
"""

from collections.abc import Callable, Iterator
from typing import TypeVar

from semsearch.errors import SourceError
from semsearch.text import normalise_line
from semsearch.types import Skipped

Found = TypeVar("Found")

UNEXPECTED = "unexpected error"
"""Begins the reason of what a bug cost."""

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
    """Return what is made of one record; a `Skipped` for whatever error that raises."""
    try:
        return make()
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
