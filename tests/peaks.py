"""The most memory that a command takes."""

import subprocess
import sys
from collections.abc import Sequence
from os import devnull
from pathlib import Path

import pytest

needs_peaks = pytest.mark.skipif(sys.platform == "win32", reason="the system does not tell a child's memory")

_BETWEEN = """
import resource, subprocess, sys
with open(sys.argv[1], "wb") as out:
    status = subprocess.call(sys.argv[2:], stdout=out)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(status)
"""
"""A small process between: Linux counts the memory of the process that starts another one as that one's, too."""


def peak_memory(command: Sequence[object], out: Path = Path(devnull)) -> int:
    """Run a command and return its peak of resident memory, in bytes; `out` is for what it prints."""
    between = [sys.executable, "-c", _BETWEEN, out, *command]
    ran = subprocess.run([*map(str, between)], check=True, capture_output=True, text=True)
    return int(ran.stdout) * (1 if sys.platform == "darwin" else 1024)
