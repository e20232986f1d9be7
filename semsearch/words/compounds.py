"""Words that are written together or apart: Wi-Fi and wifi, L'Oréal and loreal, F-35 and F35, 1 500 000 and 1500000."""

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
"""A number after another one; matching starts at the space, which is found fast."""

_ELIDED_NAME = re.compile(r"(?<![\w'.-])(?:[CDJLMNT]|Sant|Dell)'[A-ZÀ-ÖØ-Þ][^\W\d_]+(?![\w'-]|\.\w)")
"""Names that begin with an elided word, which many type as one: L'Oréal, D'Angelo, N'Golo."""

_BETWEEN = re.compile(r"[ .]+")


class Compound(NamedTuple):
    """Several words that may as well be written as one."""

    span: Span
    parts: tuple[str, ...]
    whole: str | None  # all parts as one word; None where nobody writes them so
    partial: tuple[tuple[int, str], ...]  # two of several parts that make a word: number of the first, and the word
    is_tight: bool  # the parts by themselves mean something else: F-35, 1 500 000, U. N.

    @property
    def joints(self) -> list[Span]:
        """The spans of the text that may be one word, the longest first: the whole compound, then parts of it."""
        starts = list(accumulate((len(part) + 1 for part in self.parts), initial=self.span[0]))
        wholes = [self.span] if self.whole else []
        return [*wholes, *((starts[number], starts[number + 2] - 1) for number, _ in self.partial)]


def compounds(text: str) -> list[Compound]:
    """Return the compounds of a text, in order.

    Args:
        text: with typographic marks as ASCII (`typed`).
    """
    matches = [*_hyphenated_words(text), *_elided_names(text), *_grouped_numbers(text), *_abbreviations(text)]
    return [_compound(match.group(), match.span()) for match in sorted(matches, key=re.Match.start)]


def words_of_compounds(text: str, *, grouped: bool, abbreviated: bool) -> Iterator[str]:
    """Yield the words that the compounds of a text make, in any order.

    Args:
        grouped: whether there may be groups of digits.
        abbreviated: whether there may be abbreviations.
    """
    for match in (*_hyphenated_words(text), *_elided_names(text)):
        yield from _words_of(match.group())
    for match in (*(_grouped_numbers(text) if grouped else ()), *(_abbreviations(text) if abbreviated else ())):
        yield from _words_of(match.group())


def _hyphenated_words(text: str) -> Iterator[re.Match[str]]:
    # A search for the whole expression would look at every word.
    pattern, searched_to = compound_pattern(text.isascii()), 0
    for hyphen in _HYPHEN.finditer(text):
        if (start := hyphen.start()) >= searched_to:
            earliest = max(searched_to, start - _LONGEST)
            space_before, space_after = text.rfind(" ", earliest, start), text.find(" ", start)
            searched_to = space_after if space_after >= 0 else len(text)
            yield from pattern.finditer(text, space_before + 1 if space_before >= 0 else earliest, searched_to)


def _elided_names(text: str) -> Iterator[re.Match[str]]:
    return _ELIDED_NAME.finditer(text) if "'" in text else iter(())


def _grouped_numbers(text: str) -> Iterator[re.Match[str]]:
    pattern, searched_to = groups_pattern(text.isascii()), 0
    for number in _NUMBER_AFTER.finditer(text):
        if (start := number.start()) >= searched_to:
            earliest = max(searched_to, start - 3)
            while start > earliest and text[start - 1].isalnum():
                start -= 1
            if match := pattern.match(text, start):
                searched_to = match.end()
                yield match


def _abbreviations(text: str) -> Iterator[re.Match[str]]:
    for match in abbreviation_pattern(text.isascii()).finditer(text):
        if "." in match.group() or match.group().isupper():  # not the words "y a"
            yield match


@lru_cache(10_000)
def _words_of(written: str) -> tuple[str, ...]:
    compound = _compound(written, (0, 0))
    return (*((compound.whole,) if compound.whole else ()), *(word for _, word in compound.partial))


def _compound(written: str, span: Span) -> Compound:
    if "'" in written:
        parts = tuple(written.split("'"))
        return Compound(span, parts, "".join(parts), (), is_tight=False)
    if "-" not in written:  # numbers and abbreviations: their parts mean something else
        parts = tuple(written.split(" ") if written[0].isdecimal() else _BETWEEN.split(written.removesuffix(".")))
        return Compound(span, parts, "".join(parts), (), is_tight=True)
    parts = tuple(written.split("-", _MOST_PARTS))
    pairs = list(pairwise(parts)) if len(parts) <= _MOST_PARTS and len(written) <= _LONGEST else []
    partial = []
    for number, pair in enumerate(pairs if len(pairs) > 1 else ()):
        has_short_part = any(len(part) <= _SHORT or part.isdecimal() for part in pair)
        if has_short_part and _makes_a_word(*pair):
            partial.append((number, "".join(pair)))
    whole = "".join(parts) if pairs and all(_makes_a_word(*pair) for pair in pairs) else None
    return Compound(span, parts, whole, tuple(partial), is_tight=bool(_LETTER_AND_NUMBER.fullmatch(written)))


def _makes_a_word(left: str, right: str) -> bool:
    """Tell whether two parts are ever written as one word: no two numbers (3-2), no number before a long word."""
    return not left.isdecimal() or (not right.isdecimal() and len(right) <= _SHORT)
