"""Owns pairs of short words that may as well be one: Wi Fi and wifi, e mail and email, MH 370 and MH370, 5 bn and 5bn.

A text has the word that a pair makes beside its own words, as it has those of compounds; of a query each of the two
may as well be that word. A function word of the text's language is in no pair.
"""

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

from semsearch.text import Span
from semsearch.words.analysers import Analyser
from semsearch.words.function_word_lists import function_words
from semsearch.words.spelling import fold
from semsearch.words.stretches import is_run, pair_pattern

_SHORT: Final = 3
_LONGEST_NUMBER: Final = 4
"""Letters of each of two words, and digits of a number behind a word."""

_LISTED_UNITS: Final = (
    "am bn cc cl cm db ft gb ghz gw gwh ha hp hz kb kg khz kj km kmh kn kv kw kwh lb lbs mb mg mhz mio ml mln mm mn "
    "mph mrd mw mwh nd nm oz pb pc pm pt px rd rpm st tb th tn tv twh yd"
)
_UNITS: Final = frozenset(_LISTED_UNITS.split())
"""What is written onto numbers of any length, beside single letters."""


class Pair(NamedTuple):
    """Two words with nothing but a space, or a stop and a space, between them."""

    span: Span
    second: int  # where the second one begins
    word: str  # both as one


def pairs(text: str, analyser: Analyser) -> list[Pair]:
    """Return the pairs of a text that may be one word, in order; one may begin with the second word of another.

    Args:
        text: with typographic marks as ASCII (`typed`).
    """
    matches = pair_pattern(text.isascii()).finditer(text)
    return [found for match in matches if (found := _pair(match, analyser))]


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
    word = fold(stretch)
    if stretch[0].isdecimal():
        return "n" if len(word) <= _LONGEST_NUMBER and word.isdecimal() else "N"
    if not stretch[0].isalpha() or is_run(stretch):
        return "x"
    is_small = word in function_words(analyser)
    if len(word) == 1:
        return "a" if is_small else "l"
    if is_small:
        return "U" if word in _UNITS else "f"
    return "u" if word in _UNITS else {2: "s", 3: "s", 4: "v"}.get(len(word), "w")


NEIGHBOURS = re.compile("(?=l[lsuvw]|[su][lsu]|[lsuvw]n|[nN][luU])")
"""Where pairs may begin, by their kinds."""


def _pair(match: re.Match[str], analyser: Analyser) -> Pair | None:
    between, stop = match[2], match[4]
    one, other = fold(match[1]), fold(match[3])
    if len(between) > 1 and not (stop and len(one) <= _SHORT and len(other) == 1):  # but Ph. D.
        return None
    if len(one) == len(other) == 1 and match[1].isupper() and match[3].isupper():  # an abbreviation, or a part of one
        return None
    if not _make_a_word(one, other, function_words(analyser)):
        return None
    word = match[1] + match[3].replace(".", "")  # p.m.
    return Pair((match.start(), match.end(3)), match.start(3), word)


def _make_a_word(one: str, other: str, small: AbstractSet[str]) -> bool:
    """Say whether two words are written as one by somebody.

    Args:
        one: folded, as the other.
        small: the function words of their language.
    """
    if one[0].isdecimal():
        return not other[0].isdecimal() and (other in _UNITS or (len(other) == 1 and other not in small))
    if one in small:
        return False
    if other[0].isdecimal():
        return len(other) <= _LONGEST_NUMBER
    is_short = len(one) == 1 or max(len(one), len(other)) <= _SHORT
    return bool(small) and is_short and other not in small
