"""Where words begin and end: stretches of text, found by one expression, and the pieces of each stretch."""

import re
import sys
import unicodedata
from functools import cache
from itertools import pairwise

from semsearch.text import Span
from semsearch.words.normal_form import (
    APOSTROPHES,
    GROUPED_NUMBER,
    INVISIBLE,
    LETTER_APOSTROPHES,
    ONE_SPELLING,
    SEPARATORS,
)

_TYPED_MARKS = (
    *(("’", "'"), ("‘", "'"), ("“", '"'), ("”", '"'), ("—", " "), ("…", " ")),
    *((hyphen, "-") for hyphen in "‐‑–"),  # "COVID–19" is typed by those who take a dash for a hyphen
    *((space, " ") for space in "\u00a0\u2007\u2009\u202f"),
)
_PERSIAN_JOINER = re.compile("(?<=[\u0620-\u06d5])\u200c(?=[\u0620-\u06d5])")
_HEBREW_ABBREVIATION = re.compile('["״](?<=[א-ת].)(?=[א-ת](?![א-ת]))')
_NUMBER_SIGNS = "¼-¾⅐-⅟↉⑴-⒛\U0001f100-\U0001f10a"  # fractions, and digits with brackets or stops of their own
_SMALL_DIGITS = "²³¹⁰⁴-⁹₀-₉①-⓿❶-➓Ⅰ-ↈ"  # which are no letters, though no digits to an expression either
_RUNS = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f"
    "\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9d"
    "\U0001b000-\U0001b16f\U00020000-\U000323af"  # up to here Han, kana, bopomofo
    "\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46\u0e81-\u0eb0\u0eb2\u0eb3\u0ebd\u0ec0-\u0ec6\u0edc-\u0edf"  # Thai, Lao
    "\u1000-\u102a\u103f\u1050-\u1055\u1780-\u17b3\u17d7\u17dc"  # Burmese, Khmer
    # Hangul: particles are written onto words and no stemmer takes them off; pairs find a noun with any of them.
    "\u1100-\u115f\u3131-\u318e\ua960-\ua97c\uac00-\ud7a3"
)
_RUN_GOES_ON = "\u1160-\u11ff\ud7b0-\ud7fb\uff9e\uff9f"
"""Vowels and finals of decomposed Hangul, voicing of half-width kana: part of the character before them."""

_STRETCH = r"""
    [A-Za-z]{{3,}}+(?![{apostrophe}·\w{mark}])                           |  # most words, at a third of the time
    {run}[{run_char}{mark}]*+                                        |  # unspaced scripts and Hangul
    {letter}(?!{char})(?:\.{letter}(?!{char}))++ (?:\.?{possessive})?+ |  # U.S.
    (?:{char}{marks}){{1,2}}+&(?:{char}{marks}){{1,2}}+(?!{char}) {possessive}?+ |  # AT&T, R&D
    [A-Za-z](?:\+\+|\#)(?!\w)                                           |  # C++
    {word}(?:(?:[{apostrophe}]|(?<=\d)[{separator}](?=\d)|(?<=[lL])·(?=[lL])){word})*+  # any word, O'Brien, 1,200.50
"""


_COMPOUND = r"(?<![\w.,]){word}(?:-{word})++(?![.,]\d)"
_GROUPS = r"(?<![\w.,'-])[1-9]\d{{0,2}}(?:\ \d{{3}}){{1,6}}+(?:[.,]\d{{1,2}})?+(?!\w|\ ?\d|[.,-]\w)"
_ABBREVIATION = r"""
    (?<![\w{mark}.,'&-])(?:
        {letter}\.(?:\ {letter}\.){{1,4}}+                                       |  # U. N.
        {letter}(?:\ {letter}(?!{char})){{1,4}}+                                   |  # F B I
        (?:(?:{letter}){{2,4}}\.{letter}|{letter}\.(?:{letter}){{2,4}})\.?        # Ph.D., M.Sc.
    )(?!\w|\ ?[.,'&-]\w|\+\+|\#)
"""
_PAIR = r"""
    (?<![\w{mark}.,'&-])((?:{letter})++|\d++(?:[.,]\d++)*+)(\.?\ )
    (?=((?:{letter})++|\d++|(?<=\d\ )[ap]\.m)(?![\w{mark}]|[.,'&-]\w|\+\+|\#)(\.?))
"""


@cache
def stretch_pattern(only_ascii: bool) -> re.Pattern[str]:
    """Return the expression that finds stretches; the one for ASCII finds the same in ASCII, faster."""
    return re.compile(_STRETCH.format(**_fields(only_ascii)), re.VERBOSE | (re.ASCII if only_ascii else 0))


@cache
def compound_pattern(only_ascii: bool) -> re.Pattern[str]:
    """Return the expression that finds words joined by hyphens: Wi-Fi, COVID-19."""
    return re.compile(_COMPOUND.format(**_fields(only_ascii)), re.ASCII if only_ascii else 0)


@cache
def groups_pattern(only_ascii: bool) -> re.Pattern[str]:
    """Return the expression that finds numbers in groups of digits: 1 500 000."""
    return re.compile(_GROUPS.format(**_fields(only_ascii)), re.ASCII if only_ascii else 0)


@cache
def abbreviation_pattern(only_ascii: bool) -> re.Pattern[str]:
    """Return the expression that finds abbreviations in pieces: U. N., F B I, Ph.D."""
    return re.compile(_ABBREVIATION.format(**_fields(only_ascii)), re.VERBOSE | (re.ASCII if only_ascii else 0))


@cache
def pair_pattern(only_ascii: bool) -> re.Pattern[str]:
    """Return the expression that finds two words or numbers in a row, neither of them joined to anything.

    Groups: the first, what is between them, the second, a stop after it. The second may be the first of the next pair.
    """
    return re.compile(_PAIR.format(**_fields(only_ascii)), re.VERBOSE | (re.ASCII if only_ascii else 0))


def _fields(only_ascii: bool) -> dict[str, str]:
    run = "(?!)" if only_ascii else f"[{_RUNS}]"
    outside = "" if only_ascii else _RUNS + _RUN_GOES_ON + _NUMBER_SIGNS + LETTER_APOSTROPHES
    char = f"[^\\W_{outside}]"
    mark = "" if only_ascii else INVISIBLE + _marks()
    marks = f"[{mark}]*+" if mark else ""
    apostrophe = "'`" if only_ascii else APOSTROPHES
    return {
        "run": run,
        "run_char": "x" if only_ascii else _RUNS + _RUN_GOES_ON,
        "mark": mark,
        "marks": marks,
        "char": char,
        "letter": f"[^\\W\\d_{outside}{'' if only_ascii else _SMALL_DIGITS}]{marks}",
        "word": f"{char}++(?:[{mark}]++{char}*+)*+" if mark else f"{char}++",
        "possessive": f"(?:[{apostrophe}][sS](?!{char}))",
        "apostrophe": apostrophe,
        "separator": "".join(sorted(SEPARATORS)),
    }


def stretches(text: str) -> list[str]:
    """Return the stretches of a text in order: runs of an unspaced script, or a word with what may be joined to it.

    Args:
        text: with typographic marks as ASCII (`typed`).
    """
    return stretch_pattern(text.isascii()).findall(text)


def typed(text: str) -> str:
    """Return a text, as long as before, with typographic marks as ASCII: English is then scanned in half the time.

    A joiner between the parts of a Persian word, which as many people write as a space, is a hyphen, and the mark of a
    Hebrew abbreviation an apostrophe.
    """
    if not text.isascii():
        for mark, plain in _TYPED_MARKS:
            text = text.replace(mark, plain)
        if "\u200c" in text:
            text = _PERSIAN_JOINER.sub("-", text)
        if "״" in text or '"' in text:
            text = _HEBREW_ABBREVIATION.sub("'", text)
    return text


@cache
def _marks() -> str:
    """Return the combining marks of all scripts, as the inside of a character class (`re` has no name for them)."""
    blocks = (
        (0x300, 0x3100),
        (0xA66F, 0xAC00),
        (0xFB1E, 0xFB1F),
        (0xFE00, 0xFE30),
        (0x10A00, 0x12000),
        (0x1E000, 0x1E950),
    )
    marks = [code for block in blocks for code in range(*block) if unicodedata.category(chr(code))[0] == "M"]
    starts = [code for previous, code in pairwise([-1, *marks]) if code != previous + 1]
    ends = [code for code, following in pairwise([*marks, sys.maxunicode]) if following != code + 1]
    ranges = (f"{chr(start)}-{chr(end)}" for start, end in zip(starts, ends, strict=True))
    return "".join(ranges) + "\U000e0100-\U000e01ef"


@cache
def unit_pattern() -> re.Pattern[str]:
    """Return the expression that finds the characters of a run, with what belongs to each."""
    return re.compile(f"[{_RUNS}][{_RUN_GOES_ON}{INVISIBLE}{_marks()}]*+")


_RUN_BEGINS = re.compile(f"[{_RUNS}]")


def is_run(stretch: str) -> bool:
    """Tell whether a stretch is of an unspaced script or Hangul."""
    return not stretch.isascii() and _RUN_BEGINS.match(stretch) is not None


_TAIL = r"(?:s|ll|re|ve|d|m)"
_ELISION = re.compile(
    r"(?:[cdjlmnst]|(?:jus|lors|puis|quoi|quel)?qu|presqu|un|gl|(?:a|da|de|ne|su|co|que|be)ll|quest|sant|dov|com)'"
    rf"(?!{_TAIL}(?:'{_TAIL})*+\Z)(?=.)",
    re.IGNORECASE,
)
_TAILS = re.compile(rf"(?:'{_TAIL})+\Z", re.IGNORECASE)
_LONGEST_TAILS = 12
_DECIMAL = re.compile(r"\d++[.,]\d++(?![.,])")
_SEPARATED = re.compile(r"\d[.,]")
_ONE_PART = re.compile(r"[^.,]++")
_BEFORE_NUMBER = re.compile(r"[^\W\d_]{1,5}(?=\d)")  # Rs1,200, PM2.5


def pieces(stretch: str) -> list[Span]:
    """Return the words inside a stretch that is not a run, as spans within it.

    French, Italian and Catalan elisions are words of their own in every language, so that a query need not know the
    article's. What follows an apostrophe in English ('s, 'll, 're, 've, 'd, 'm) is left out: "she'll" is not "shell".
    """
    stretch = stretch.translate(ONE_SPELLING)
    if _SEPARATED.search(stretch) and not _is_one_number(stretch):
        if (letters := _BEFORE_NUMBER.match(stretch)) and _is_one_number(stretch[letters.end() :]):
            return [letters.span(), (letters.end(), len(stretch))]
        return [part.span() for part in _ONE_PART.finditer(stretch)]  # a date, a version, an address
    if "'" not in stretch:
        return [(0, len(stretch))]
    spans = []
    start = 0
    while elision := _ELISION.match(stretch, start):
        spans.append((start, elision.end() - 1))
        start = elision.end()
    tails = _TAILS.search(stretch, max(start + 1, len(stretch) - _LONGEST_TAILS))
    spans.append((start, tails.start() if tails else len(stretch)))
    return spans


def _is_one_number(stretch: str) -> bool:
    return _DECIMAL.match(stretch) is not None or GROUPED_NUMBER.fullmatch(stretch) is not None
