"""Owns what is written together or apart: Wi-Fi and wifi, F-35 and F35, 1 500 000 and 1500000, Ph.D. and PhD."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

from semsearch.text import Span
from semsearch.words.stretches import abbreviation_pattern, compound_pattern, groups_pattern

_MOST_PARTS: Final = 4
_LONGEST: Final = 40
"""Code points. Longer ones are addresses and file names."""

_SHORT: Final = 2
_LETTER_AND_NUMBER = re.compile(r"[^\W\d_]-\d+|\d+-[^\W\d_]")
_HYPHEN = re.compile(r"-\w")
_NUMBER_AFTER = re.compile(r"(?<=\d) \d")
"""A number after another: the space first, which is found fast."""

_BETWEEN = re.compile(r"[ .]+")


class Compound(NamedTuple):
    """Several words that may as well be written as one."""

    span: Span
    parts: tuple[str, ...]
    whole: str | None  # all parts as one word; None where nobody writes them so
    partial: tuple[tuple[int, str], ...]  # two parts within more that make a word: number of the first, and the word
    is_tight: bool  # the parts by themselves say something else: F-35, 1 500 000, U. N.

    @property
    def joints(self) -> list[Span]:
        """Where in the text it may be one word, or a part of it: the longest first."""
        begins = list(accumulate((len(part) + 1 for part in self.parts), initial=self.span[0]))
        wholes = [self.span] if self.whole else []
        return [*wholes, *((begins[number], begins[number + 2] - 1) for number, _ in self.partial)]


def compounds(text: str) -> list[Compound]:
    """Return the compounds of a text, in order.

    Args:
        text: with typographic marks as ASCII (`typed`).
    """
    found = [*_hyphenated(text), *_grouped(text), *_abbreviated(text)]
    return [_compound(one.group(), one.span()) for one in sorted(found, key=re.Match.start)]


def words_of_compounds(text: str, *, grouped: bool, abbreviated: bool) -> Iterator[str]:
    """Yield the words that the compounds of a text make, in any order.

    Args:
        grouped: whether there may be groups of digits.
        abbreviated: whether there may be abbreviations.
    """
    for one in _hyphenated(text):
        yield from _words_of(one.group())
    for one in (*(_grouped(text) if grouped else ()), *(_abbreviated(text) if abbreviated else ())):
        yield from _words_of(one.group())


def _hyphenated(text: str) -> Iterator[re.Match[str]]:
    # A search for the whole expression would look at every word.
    pattern, done = compound_pattern(text.isascii()), 0
    for hyphen in _HYPHEN.finditer(text):
        if (at := hyphen.start()) >= done:
            least = max(done, at - _LONGEST)
            before, after = text.rfind(" ", least, at), text.find(" ", at)
            done = after if after >= 0 else len(text)
            yield from pattern.finditer(text, before + 1 if before >= 0 else least, done)


def _grouped(text: str) -> Iterator[re.Match[str]]:
    pattern, done = groups_pattern(text.isascii()), 0
    for number in _NUMBER_AFTER.finditer(text):
        if (start := number.start()) >= done:
            least = max(done, start - 3)
            while start > least and text[start - 1].isalnum():
                start -= 1
            if one := pattern.match(text, start):
                done = one.end()
                yield one


def _abbreviated(text: str) -> Iterator[re.Match[str]]:
    for one in abbreviation_pattern(text.isascii()).finditer(text):
        if "." in one.group() or one.group().isupper():  # not the words "y a"
            yield one


@lru_cache(10_000)
def _words_of(written: str) -> tuple[str, ...]:
    one = _compound(written, (0, 0))
    return (*((one.whole,) if one.whole else ()), *(word for _, word in one.partial))


def _compound(written: str, span: Span) -> Compound:
    if "-" not in written:  # numbers and abbreviations: their parts mean something else
        parts = tuple(written.split(" ") if written[0].isdecimal() else _BETWEEN.split(written.removesuffix(".")))
        return Compound(span, parts, "".join(parts), (), is_tight=True)
    parts = tuple(written.split("-", _MOST_PARTS))
    pairs = list(pairwise(parts)) if len(parts) <= _MOST_PARTS and len(written) <= _LONGEST else []
    partial = [
        (number, "".join(pair))
        for number, pair in enumerate(pairs if len(pairs) > 1 else ())
        if _makes_a_word(*pair) and any(len(part) <= _SHORT or part.isdecimal() for part in pair)
    ]
    whole = "".join(parts) if pairs and all(_makes_a_word(*pair) for pair in pairs) else None
    return Compound(span, parts, whole, tuple(partial), is_tight=bool(_LETTER_AND_NUMBER.fullmatch(written)))


def _makes_a_word(one: str, other: str) -> bool:
    """Say whether two parts are written as one word by somebody: no numbers (3-2), and no number before a long word."""
    return not one.isdecimal() or (not other.isdecimal() and len(other) <= _SHORT)
