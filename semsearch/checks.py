"""Checks values of untrusted JSON: each is what it must be, or a ValueError or TypeError shows it."""

import re

from semsearch import limits
from semsearch.text import DIRECTIONS, TAGS

_CONTROLS = re.compile(rf"[\x00-\x1f\x7f-\x9f\u2028\u2029{DIRECTIONS}{TAGS}]")


def count(value: object) -> int:
    """Return a whole number from 0 to below 2^53."""
    if type(value) is not int or not 0 <= value <= limits.COUNT:
        raise ValueError(f"{value!r:.80} is no count")
    return value


def text(value: object, most: int | None = None) -> str:
    """Return a text that can be written in UTF-8, of at most `most` characters."""
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.80} is no text")
    if most is not None and len(value) > most:
        raise ValueError(f"{value[:40]!r}… has {len(value):,} characters, and {most:,} is the most")
    value.encode()  # a lone surrogate cannot be written to a file or a terminal
    return value


def shown(value: object) -> str:
    """Return a value as an error shows it; Python cannot write numbers of more than 4,300 digits."""
    try:
        return f"{value!r:.80}"
    except ValueError:
        return "a number of thousands of digits"


def texts(value: object) -> tuple[str, ...]:
    """Return a list of texts."""
    if not isinstance(value, list):
        raise TypeError(f"{value!r:.80} is no list")
    return tuple(map(text, value))


def told(value: object) -> str:
    """Return a text that may be shown on a terminal, without control characters and changes of direction."""
    return _CONTROLS.sub(" ", text(value))


def told_or_none(value: object) -> str | None:
    """Return a text that may be shown, or None."""
    return None if value is None else told(value)


def formed(value: object, form: re.Pattern[str]) -> str:
    """Return a text that matches a form as a whole."""
    if not form.fullmatch(text(value)):
        raise ValueError(f"{value!r:.80} is not in the right form")
    return str(value)
