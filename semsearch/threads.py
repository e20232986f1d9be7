"""How many threads may a computation use? One answer for every library that has its own pool."""

import os
from pathlib import Path

VARIABLE = "OMP_NUM_THREADS"
"""FAISS and torch read it themselves; the compiled encoder gets the number from here."""

_TOKENIZERS = "RAYON_NUM_THREADS"
_IDLE_BLAS = "OPENBLAS_THREAD_TIMEOUT"
"""How long NumPy's threads spin before they sleep, as a power of two of processor cycles. The default is 26, which
costs a cold query 50 ms before anything is multiplied."""

_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def threads() -> int:
    """Return how many processors this process may use, at most $OMP_NUM_THREADS if that is set; at least 1."""
    setting = os.environ.get(VARIABLE, "").partition(",")[0].strip()
    wanted = int(setting) if setting.isascii() and setting.isdigit() and len(setting) < 10 else 0
    return min(wanted, _processors()) if wanted else _processors()


def use_threads(count: int) -> None:
    """Limit every library that this process has not loaded yet to `count` threads, and to the number of processors."""
    os.environ[VARIABLE] = os.environ[_TOKENIZERS] = str(min(count, _processors()))
    os.environ.setdefault(_IDLE_BLAS, "4")


def _processors() -> int:
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(allowed, _container_processors() or allowed))


def _container_processors() -> int | None:
    """Return the processors that a container may use, by its microseconds in each period (cgroup v2), rounded up."""
    try:
        granted, period = map(int, _QUOTA.read_text().split())
    except (OSError, ValueError):  # no such system, or "max"
        return None
    return -(-granted // period) if granted > 0 and period > 0 else None
