"""SHA-256 of large files, computed once and remembered for as long as the system says that a file is the same."""

import json
import os
import time
from contextlib import suppress
from pathlib import Path

from semsearch.files import canonical_json, linked_seal_of, replace
from semsearch.locations import home

_MEMORY = "digests.json"
_LARGE_BYTES = 1 << 22
_SETTLED_NS = 2 * 10**9
"""A file that was changed more recently may be changed again within the same tick of its clock."""


def digest_of(path: Path) -> str:
    """Return a file's SHA-256; that of a large file that has not changed is remembered.

    A file is the same if its path, size, inode, and the times when its content and anything else of it last changed are
    the same; no program can set the latter time.
    """
    state = _state_of(path.stat())
    if state[0] < _LARGE_BYTES:
        return linked_seal_of(path).sha256
    real_path = os.path.realpath(path)
    memory = _recall()
    if (entry := memory.get(real_path)) and entry[:-1] == state:
        return str(entry[-1])
    digest = linked_seal_of(path).sha256
    if _state_of(path.stat()) == state and time.time_ns() - max(state[1:3]) > _SETTLED_NS:
        existing = {name: entry for name, entry in memory.items() if os.path.exists(name)}  # noqa: PTH110  texts, not paths
        with suppress(OSError):  # it is hashed again next time
            home().mkdir(parents=True, exist_ok=True)
            replace(home() / _MEMORY, canonical_json(existing | {real_path: [*state, digest]}))
    return digest


def _state_of(stat: os.stat_result) -> list[int]:
    return [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino, stat.st_dev]


def _recall() -> dict[str, list[int | str]]:
    try:
        memory = json.loads((home() / _MEMORY).read_bytes())
        return {str(path): list(entry) for path, entry in memory.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}
