"""Owns what is written together or apart: Wi-Fi and wifi, F-35, F 35 and F35, 1 500 000 and 1500000."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from semsearch.text import Span
from semsearch.words.stretches import apart_pattern, compound_pattern

_MOST_PARTS: Final = 4
_LONGEST: Final = 40
"""Code points. Longer ones are addresses and file names."""

_SHORT: Final = 2
_LETTER_AND_NUMBER = re.compile(r"[^\W\d_]-\d+|\d+-[^\W\d_]")
_GROUPS = re.compile(r"\d+(?: \d{3}){2,}")


class Compound(NamedTuple):
    """Several words that may as well be written as one."""

    span: Span
    parts: tuple[str, ...]
    whole: str | None  # all parts as one word; None where nobody writes them so
    partial: tuple[tuple[int, str], ...]  # two parts within more that make a word: number of the first, and the word
    is_tight: bool  # the parts by themselves say something else: F-35, 1 500 000


def compounds(text: str) -> Iterator[Compound]:
    """Yield the compounds of a text, in order.

    Args:
        text: with typographic marks as ASCII (`typed`).
    """
    only_ascii = text.isascii()
    found = [*_hyphenated(text, only_ascii), *apart_pattern(only_ascii).finditer(text)]
    for one in sorted(found, key=re.Match.start):
        yield _compound(one.group(), one.span())


def joined(text: str) -> list[str]:
    """Return the words that the compounds of a text make, in any order."""
    only_ascii = text.isascii()
    found = []
    if "-" in text:
        pattern = compound_pattern(only_ascii)
        for chunk in text.split():
            if "-" in chunk:
                for written in pattern.findall(chunk):
                    one = _compound(written, (0, 0))
                    found += [one.whole] if one.whole else []
                    found += [word for _, word in one.partial]
    return found + [written.replace(" ", "") for written in apart_pattern(only_ascii).findall(text)]


def _hyphenated(text: str, only_ascii: bool) -> Iterator[re.Match[str]]:
    return compound_pattern(only_ascii).finditer(text) if "-" in text else iter(())


def _compound(written: str, span: Span) -> Compound:
    if "-" not in written:
        return Compound(span, tuple(written.split(" ")), written.replace(" ", ""), (), bool(_GROUPS.match(written)))
    parts = tuple(written.split("-"))
    pairs = list(pairwise(parts))
    joinable = len(parts) <= _MOST_PARTS and len(written) <= _LONGEST and all(_makes_a_word(*pair) for pair in pairs)
    partial = [
        (number, "".join(pair))
        for number, pair in enumerate(pairs if 2 < len(parts) <= _MOST_PARTS else ())
        if _makes_a_word(*pair) and any(len(part) <= _SHORT or part.isdecimal() for part in pair)
    ]
    is_tight = _LETTER_AND_NUMBER.fullmatch(written) is not None
    return Compound(span, parts, "".join(parts) if joinable else None, tuple(partial), is_tight)


def _makes_a_word(one: str, other: str) -> bool:
    """Say whether two parts are written as one word by somebody: no numbers (3-2), and no number before a long word."""
    return not one.isdecimal() or (not other.isdecimal() and len(other) <= _SHORT)
