"""How long may an answer take? Whoever does work that grows with an index or a query asks in between."""

import math
import time

from semsearch.errors import QueryTimeoutError


class Deadline:
    """The time that one query has, from when this is made."""

    def __init__(self, seconds: float | None) -> None:
        """Begin to count.

        Args:
            seconds: more than 0; None for as long as it takes.
        """
        self._seconds = seconds
        self._end = math.inf if seconds is None else time.monotonic() + seconds

    def check(self) -> None:
        """Raise QueryTimeoutError once the time is over; a look at the clock, cheap enough for every step of a loop."""
        if time.monotonic() > self._end:
            raise QueryTimeoutError(
                f"the query took longer than {self._seconds:g} s and was given up, without an answer",
                "narrow it with a filter or a date, use rarer words and fewer phrases, ask for fewer hits, or give it "
                "more time: --timeout SECONDS",
            )
