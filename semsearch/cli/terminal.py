"""What standard output can show."""

import os
import shutil
import sys

WIDEST_COLUMNS = 100
"""Longer lines are hard to read, however wide the terminal is."""


def shows_colour() -> bool:
    """Tell whether to use colours: on a terminal, unless NO_COLOR says otherwise."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width() -> int:
    """Return how many columns to write in; 80 without a terminal and $COLUMNS."""
    is_known = sys.stdout.isatty() or "COLUMNS" in os.environ
    return min(shutil.get_terminal_size().columns if is_known else 80, WIDEST_COLUMNS)


def height() -> int:
    """Return how many lines a screen has."""
    return shutil.get_terminal_size().lines
