"""The generations of an index that are being served: the newest, and those that somebody still pages through."""

import hashlib
import logging
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field

from semsearch.errors import SemsearchError
from semsearch.index import Index
from semsearch.rendering import json_text, stats_dict
from semsearch.serve.recent_matches import RecentMatches
from semsearch.types import Query, Stats

_log = logging.getLogger("semsearch.serve")

KEPT = 3
"""Earlier generations that cursors can go on in."""

KEPT_SECONDS = 900.0


@dataclass(frozen=True)
class Generation:
    """One generation, open; its index is never refreshed, so that everything read from it is of one state."""

    index: Index
    stats: Stats
    version: str  # differs between any two states of an index
    since: float  # monotonic seconds when it became the newest
    recent: RecentMatches = field(default_factory=RecentMatches)


def _generation(index: Index) -> Generation:
    stats = index.stats()
    digest = hashlib.sha256(json_text(stats_dict(stats), pretty=False).encode()).hexdigest()
    return Generation(index, stats, f"{stats.generation}-{digest[:12]}", time.monotonic())


class Generations:
    """Opens a new generation beside the one that is served, and puts it in its place when it is ready."""

    def __init__(self, index: Index) -> None:
        """Serve an index; its encoder is loaded, and its first search done, before this returns."""
        _warm(index)
        self._watcher = index.reopened()
        self._lock = threading.Lock()
        self._held = [_generation(index)]  # the newest first

    @property
    def newest(self) -> Generation:
        """The generation that new questions are put to."""
        return self._held[0]

    def find(self, version: str) -> Generation | None:
        """Return a generation that is still open."""
        return next((one for one in self._held if one.version == version), None)

    def renew(self) -> bool:
        """Look for a newer generation and serve it; returns whether there was one. Takes time: not for an event loop.

        An index that cannot be opened changes nothing but the log.
        """
        with self._lock:
            try:
                if not self._watcher.refresh():
                    return False
                index = self._watcher.reopened()
                _warm(index)
                newer = _generation(index)
            except (SemsearchError, OSError) as error:
                _log.warning("the index cannot be opened, the earlier generation is served: %s", error)
                return False
            if newer.version == self.newest.version:
                return False
            now = time.monotonic()
            recent = [one for one in self._held if now - one.since < KEPT_SECONDS or one is self.newest]
            self._held = [newer, *recent[:KEPT]]
            _log.info("generation %d: %d articles", newer.stats.generation, newer.stats.articles)
            return True


def _warm(index: Index) -> None:
    """Read what the first search reads, so that nobody waits for it; raises EncoderError where there is no encoder."""
    index.prepare()
    with suppress(SemsearchError):  # which whoever asks is told
        index.search(Query("a first search", 1, emphasise=True))
