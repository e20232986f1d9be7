"""Options of fetching from the web."""

import math
from dataclasses import dataclass

from semsearch.errors import UsageError

_MOST_SECONDS = 3_600.0


@dataclass(frozen=True, slots=True)
class Fetch:
    """How addresses are fetched: `index.add("https://news.example.org/feed.xml", fetch=Fetch(follow=True))`.

    Raises:
        UsageError: a number of seconds is not a number, or is out of its range.
    """

    follow: bool = False  # fetch the pages of a feed's entries, too, and read the articles there
    allow_private: bool = False  # addresses of this machine and of private networks
    pause: float = 1.0  # seconds between two requests to one host, 0 to 3,600; more where its robots.txt asks for more
    timeout: float = 30.0  # seconds without an answer, and half of what one address may keep a run waiting; above 0

    def __post_init__(self) -> None:
        for name, seconds, minimum in (("pause", self.pause, 0.0), ("timeout", self.timeout, 0.001)):
            if not isinstance(seconds, int | float) or not minimum <= seconds <= _MOST_SECONDS or math.isnan(seconds):
                raise UsageError(f"{name} is {seconds!r:.80}", f"give seconds, up to {_MOST_SECONDS:,.0f}")
