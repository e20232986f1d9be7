"""How many threads may a computation use? One answer for every library that has its own pool."""

import os
from pathlib import Path

VARIABLE = "OMP_NUM_THREADS"
"""FAISS and torch read it themselves; the compiled encoder is told."""

_TOKENIZERS = "RAYON_NUM_THREADS"
_IDLE_BLAS = "OPENBLAS_THREAD_TIMEOUT"
"""How long NumPy's threads spin before they sleep, in powers of two of processor cycles: 26 unless it is set, which
costs a cold query 50 ms before anything is multiplied."""

_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def threads() -> int:
    """Return how many processors this process may use, at most $OMP_NUM_THREADS where that is set; at least 1."""
    asked = os.environ.get(VARIABLE, "").partition(",")[0].strip()
    wanted = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 0
    return min(wanted, _processors()) if wanted else _processors()


def use_threads(count: int) -> None:
    """Hold every library that this process has not loaded yet to so many threads; more than processors are no use."""
    os.environ[VARIABLE] = os.environ[_TOKENIZERS] = str(min(count, _processors()))
    os.environ.setdefault(_IDLE_BLAS, "4")


def _processors() -> int:
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(allowed, _quota() or allowed))


def _quota() -> int | None:
    """Return what a container is given of the machine, as cgroup v2 says: microseconds of each period, rounded up."""
    try:
        given, period = map(int, _QUOTA.read_text().split())
    except (OSError, ValueError):  # no such system, or "max"
        return None
    return -(-given // period) if given > 0 and period > 0 else None
