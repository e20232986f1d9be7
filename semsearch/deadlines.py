"""How long may an answer take? Work that grows with an index or a query checks its deadline now and then."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Event

from semsearch.errors import QueryTimeoutError

_given_up: ContextVar[Event | None] = ContextVar("given_up", default=None)


@contextmanager
def unless(given_up: Event) -> Iterator[None]:
    """End the deadlines that are made in this block as soon as an event is set, when nobody waits any more."""
    token = _given_up.set(given_up)
    try:
        yield
    finally:
        _given_up.reset(token)


class Deadline:
    """The time that one query has, from when this object is made."""

    def __init__(self, seconds: float | None) -> None:
        """Start the clock.

        Args:
            seconds: more than 0; None for as long as it takes.
        """
        self._seconds = seconds
        self._end = math.inf if seconds is None else time.monotonic() + seconds
        self._given_up = _given_up.get()

    def check(self) -> None:
        """Raise QueryTimeoutError once the time is over; cheap enough for every step of a loop."""
        if self._given_up is not None and self._given_up.is_set():
            raise QueryTimeoutError("the query was given up: the client is gone")
        if time.monotonic() > self._end:
            raise QueryTimeoutError(
                f"the query took longer than {self._seconds:g} s and was given up, without an answer",
                "narrow it with a filter or a date, use rarer words and fewer phrases, ask for fewer hits, or give it "
                "more time: --timeout SECONDS",
            )
