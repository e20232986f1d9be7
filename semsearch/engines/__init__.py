"""Who keeps the passages, and which are nearest? This module chooses the engine.

All other code sees an engine as `ports.Engine`; what only an index in a folder can do is in `folders`.
"""

from pathlib import Path

from semsearch.engines.local.engine import LocalEngine, begin_build
from semsearch.ports import Engine


def open_engine(location: Path) -> Engine:
    """Open the finished index at a location; raises a StoredIndexError where there is none."""
    return LocalEngine(location)


__all__ = ["begin_build", "open_engine"]
