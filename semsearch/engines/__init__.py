"""Who keeps the passages, and which are nearest? The chooser of engines."""

from pathlib import Path

from semsearch.engines.local.engine import LocalEngine, begin_build
from semsearch.engines.local.verification import verify


def open_engine(location: Path) -> LocalEngine:
    """Open the finished index at a location; raises a StoredIndexError where there is none."""
    return LocalEngine(location)


__all__ = ["begin_build", "open_engine", "verify"]
