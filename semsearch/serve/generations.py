"""The generations of an index that are being served: the newest, and earlier ones that cursors point to."""

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
"""Earlier generations that stay open for cursors."""

KEPT_SECONDS = 900.0


@dataclass(frozen=True)
class Generation:
    """One open generation; its index is never refreshed, so that everything read from it is of one state."""

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
    """Opens a new generation beside the one that is served, and serves it when it is ready."""

    def __init__(self, index: Index) -> None:
        """Serve an index; before this returns, the encoder is loaded and a first search done."""
        _warm(index)
        self._watcher = index.reopened()
        self._lock = threading.Lock()
        self._open = [_generation(index)]  # the newest first
        self._warned = ""  # of what was wrong at the last look

    @property
    def newest(self) -> Generation:
        """The generation that answers new requests."""
        return self._open[0]

    @property
    def versions(self) -> list[str]:
        """The versions of the open generations."""
        return [generation.version for generation in self._open]

    def find(self, version: str) -> Generation | None:
        """Return the open generation of this version, or None."""
        return next((generation for generation in self._open if generation.version == version), None)

    def renew(self) -> bool:
        """Look for a newer generation and serve it; return whether there was one. Too slow for an event loop.

        If the newer one cannot be opened, a warning is logged and the earlier one still served.
        """
        with self._lock:
            try:
                if not self._watcher.refresh():
                    self._warned = ""
                    return False
                index = self._watcher.reopened()
                _warm(index)
                newer = _generation(index)
            except (SemsearchError, OSError) as error:
                if str(error) != self._warned:
                    _log.warning("the index cannot be opened, the earlier generation is served: %s", error)
                self._warned = str(error)
                return False
            self._warned = ""
            if newer.version == self.newest.version:
                return False
            now = time.monotonic()
            earlier = [generation for generation in self._open[1:] if now - generation.since < KEPT_SECONDS]
            self._open = [newer, *[self.newest, *earlier][:KEPT]]
            _log.info("generation %d: %d articles", newer.stats.generation, newer.stats.articles)
            return True


def _warm(index: Index) -> None:
    """Do a first search, so that no user waits for what it loads; raises EncoderError if there is no encoder."""
    index.prepare()
    with suppress(SemsearchError):  # a user's search will report it
        index.search(Query("a first search", 1, emphasise=True))
