"""Owns pairs of short words that may as well be one: Wi Fi and wifi, e mail and email, MH 370 and MH370, 5 bn and 5bn.

A text has the word that a pair makes beside its own, as it has those of compounds. Of a query that asks for two words
each may as well be the word that both make, so that such pairs cost an index little: only short ones are looked for in
texts. A function word of the text's language is in no pair.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from semsearch.text import Span
from semsearch.words.analysers import Analyser
from semsearch.words.folding import fold
from semsearch.words.function_word_lists import function_words
from semsearch.words.stretches import is_run, pair_pattern

_SHORT: Final = 3
_LONGEST_NUMBER: Final = 4
"""Letters of a word, and digits of a number behind one, that are joined in texts. Of longer ones too many would be."""

_LISTED_UNITS: Final = (
    "am bn cc cl cm db ft gb ghz gw gwh ha hp hz kb kg khz kj km kmh kn kv kw kwh lb lbs mb mg mhz ml mm mn mph mw mwh "
    "nd nm oz pb pc pm pt px rd rpm st tb th tn tv twh yd"
)
_UNITS: Final = frozenset(_LISTED_UNITS.split())
"""What is written onto numbers of any length, beside single letters."""

_NUMBER_BEHIND = re.compile(r"([^\W\d_]{4,})(\d{1,4})")
"""Behind shorter words numbers are joined in texts."""


class Pair(NamedTuple):
    """Two words with nothing but a space, or a stop and a space, between them."""

    span: Span
    second: int  # where the second one begins
    word: str  # both as one


def pairs(text: str, analyser: Analyser, *, loosely: bool = False) -> list[Pair]:
    """Return the pairs of a text that may be one word, in order; one may begin with the second word of another.

    Args:
        text: with typographic marks as ASCII (`typed`).
        loosely: take longer words beside numbers, too: of a query one can look for all of them.
    """
    matches = pair_pattern(text.isascii()).finditer(text)
    return [found for match in matches if (found := _pair(match, analyser, loosely=loosely))]


def words_of_pairs(text: str, neighbours: Iterable[tuple[str, str]], analyser: Analyser) -> Iterator[str]:
    """Yield the words that pairs of a text make, in any order.

    Args:
        neighbours: all that may be pairs, different ones, as they stand.
    """
    pattern = pair_pattern(text.isascii())
    for one, other in neighbours:
        for between in (" ", ". "):
            at = text.find(f"{one}{between}{other}")
            while at >= 0:
                match = pattern.match(text, at)
                if match and match[3] == other and (pair := _pair(match, analyser)):
                    yield pair.word
                at = text.find(f"{one}{between}{other}", at + 1)


def kind_of(stretch: str, analyser: Analyser) -> str:
    """Return a letter for what a stretch of a text may be in a pair, in an abbreviation, or in groups of digits.

    n a short number, N another; l a letter, a one that is a function word; s a short word, u a unit; f a function word,
    U one that is a unit; v a word of four letters, w a longer one; x nothing of all this.
    """
    if stretch[0].isdecimal():
        return "n" if len(stretch) <= _LONGEST_NUMBER and stretch.isdecimal() else "N"
    if not stretch.isalpha() or is_run(stretch):
        return "x"
    is_small = fold(stretch) in function_words(analyser)
    is_unit = stretch.lower() in _UNITS
    if len(stretch) == 1:
        return "a" if is_small else "l"
    if is_small:
        return "U" if is_unit else "f"
    return "u" if is_unit else {2: "s", 3: "s", 4: "v"}.get(len(stretch), "w")


NEIGHBOURS = re.compile("(?=l[lsuvw]|[su][lsu]|[lsu]n|[nN][luU])")
"""Where pairs may begin, by their kinds."""


def _pair(match: re.Match[str], analyser: Analyser, *, loosely: bool = False) -> Pair | None:
    one, between, other, stop = match.groups()
    if len(between) > 1 and not (stop and len(one) <= _SHORT and len(other) == 1):  # but Ph. D.
        return None
    if len(one) == len(other) == 1 and one.isupper() and other.isupper():  # an abbreviation, or a part of one
        return None
    if not _make_a_word(one, other, analyser, loosely=loosely):
        return None
    return Pair((match.start(), match.end() + len(other)), match.end(), one + other)


def parted(word: str) -> tuple[str, ...]:
    """Return a word that is not so short and the number written behind it, or the word: covid and 19 of covid19."""
    match = _NUMBER_BEHIND.fullmatch(word)
    return match.groups() if match else (word,)


def _make_a_word(one: str, other: str, analyser: Analyser, *, loosely: bool = False) -> bool:
    """Say whether two words are written as one by somebody."""
    small = function_words(analyser)
    if one[0].isdecimal():
        if other[0].isdecimal():
            return False
        own = other.lower()
        return own in _UNITS or ((len(other) == 1 or loosely) and fold(other) not in small)
    if fold(one) in small:
        return False
    if other[0].isdecimal():
        return len(other) <= _LONGEST_NUMBER and (len(one) <= _SHORT or loosely)
    is_short = len(one) == 1 or max(len(one), len(other)) <= _SHORT
    return bool(small) and is_short and fold(other) not in small
