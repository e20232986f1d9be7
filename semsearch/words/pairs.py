"""Pairs of short words that may as well be one: Wi Fi and wifi, e mail and email, MH 370 and MH370, 5 bn and 5bn.

Of a text, the word that a pair makes is indexed beside its own words, as those of compounds are; in a query, either
word of a pair may stand for it. A function word of the text's language is in no pair.
"""

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

from semsearch.text import Span
from semsearch.words.analysers import Analyser
from semsearch.words.function_word_lists import function_words
from semsearch.words.normal_form import fold
from semsearch.words.stretches import is_run, pair_pattern

_SHORT: Final = 3
_LONGEST_NUMBER: Final = 4
"""At most this many letters in each of two words, and digits in a number after a word."""

_LISTED_UNITS: Final = (
    "am bbl bn bps cal cc cl cm db ft gb gbps ghz gw gwh ha hp hr hrs hz kb kbps kcal kg khz kj km kmh kmph kn kpa kv "
    "kw kwh lb lbs mb mbar mbit mbps mcg mg mhz min mins mio ml mln mm mn mpa mpg mph mrd mw mwh nd nm oz pb pc pm ppb "
    "ppm psi pt px qm rd rpm sec secs sqft sqm st tb th tn trn tv twh ug yd yr yrs "
    "вт га гб гвт грн квт кг км мб мвт мин мл млн млрд мм руб сек см тб трлн тыс чел"
)
_UNITS: Final = frozenset(_LISTED_UNITS.split())
"""Units that are written onto numbers of any length, as single letters are."""


_SERVANT: Final = "عبد"
_THE: Final = "ال"
"""What many Arabic names begin with, and the article of their second word: عبد الله and عبدالله."""


class Pair(NamedTuple):
    """Two words with only a space, or a full stop and a space, between them."""

    span: Span
    second: int  # where the second one begins
    word: str  # both as one


def pairs(text: str, analyser: Analyser) -> list[Pair]:
    """Return the pairs of a text that may be one word, in order; a pair may begin with the second word of another.

    Args:
        text: with typographic marks as ASCII (`typed`).
    """
    matches = pair_pattern(text.isascii()).finditer(text)
    return [pair for match in matches if (pair := _pair(match, analyser))]


def words_of_pairs(text: str, neighbours: Iterable[tuple[str, str]], analyser: Analyser) -> Iterator[str]:
    """Yield the words that pairs of a text make, in any order.

    Args:
        neighbours: the words that may be pairs, as they are written, each two once.
    """
    pattern = pair_pattern(text.isascii())
    for first, second in neighbours:
        for between in (" ", ". "):
            start = text.find(f"{first}{between}{second}")
            while start >= 0:
                match = pattern.match(text, start)
                if match and match[3] == second and (pair := _pair(match, analyser)):
                    yield pair.word
                start = text.find(f"{first}{between}{second}", start + 1)


def kind_of(stretch: str, analyser: Analyser) -> str:
    """Return a letter for what a stretch of a text may be in a pair, in an abbreviation, or in groups of digits.

    n a short number, N another one; l a letter, a a letter that is a function word; s a short word, p one that names
    begin with, u a unit; f a function word, U a function word that is a unit; v a word of four letters, w a longer one;
    x none of these.
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
    if word == _SERVANT:
        return "p"
    return "u" if word in _UNITS else {2: "s", 3: "s", 4: "v"}.get(len(word), "w")


NEIGHBOURS = re.compile("(?=l[lspuvw]|[spu][lspu]|p[vw]|[lspuvw]n|[nN][luU])")
"""Where pairs may begin, by their kinds."""


def _pair(match: re.Match[str], analyser: Analyser) -> Pair | None:
    between, stop = match[2], match[4]
    first, second = fold(match[1]), fold(match[3])
    if len(between) > 1 and not (stop and len(first) <= _SHORT and len(second) == 1):  # but Ph. D.
        return None
    if len(first) == len(second) == 1 and match[1].isupper() and match[3].isupper():  # of an abbreviation
        return None
    if not _make_a_word(first, second, function_words(analyser)):
        return None
    word = match[1] + match[3].replace(".", "")  # p.m.
    return Pair((match.start(), match.end(3)), match.start(3), word)


def _make_a_word(first: str, second: str, small_words: AbstractSet[str]) -> bool:
    """Tell whether two words are ever written as one.

    Args:
        first: folded, as is the second.
        small: the function words of their language.
    """
    if first[0].isdecimal():
        return not second[0].isdecimal() and (second in _UNITS or (len(second) == 1 and second not in small_words))
    if first in small_words:
        return False
    if second[0].isdecimal():
        return len(second) <= _LONGEST_NUMBER
    if first == _SERVANT and second.startswith(_THE):
        return True
    is_short = len(first) == 1 or max(len(first), len(second)) <= _SHORT
    return bool(small_words) and is_short and second not in small_words
