"""Pure functions on text: normalisation, lines, paragraphs, sentences. Imports nothing of ours."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from statistics import median
from typing import Literal

VERSION = 1
"""Version of the normalisation. Offsets identify evidence, so every change here raises it."""

Span = tuple[int, int]
"""Start and exclusive end, in code points."""

CONTROLS = r"\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"
"""Control characters, for the inside of a character class, except spaces and line breaks."""

DIRECTIONS = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
"""Characters that change the direction in which text is shown."""

TAGS = r"\U000e0000-\U000e007f"
"""A second, invisible ASCII, in which the flags of some countries are spelled."""

JOINERS = r"\u200c\u200d"
"""ZERO WIDTH (NON-)JOINER: a text keeps them, since Persian, Hindi and emoji need them."""

INVISIBLE = rf"\u00ad\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb\U0001d173-\U0001d17a{DIRECTIONS}{TAGS}"
"""The only list of invisible characters that carry no text, for the inside of a character class."""

_FLAG = r"\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f"
"""The flags of England and the like (UTS #51): a black flag, the code, an end mark. A text keeps them."""

_UNSEEN = re.compile(rf"[{CONTROLS}{INVISIBLE}\ud800-\udfff]")
_UNSEEN_OR_FLAG = re.compile(f"({_FLAG})|{_UNSEEN.pattern}")

MOST_MARKS = 30
"""Combining marks in a row. No writing stacks more, and sorting them takes time that grows with the square of their
number, so that more are left out. The Stream-Safe Text Format of UAX #15 has the same bound."""

_DECOMPOSED_TO_MARKS = frozenset("\u0f73\u0f75\u0f81\uff9e\uff9f")
"""Not combining marks themselves (their class is 0), but they decompose to such marks."""

_RARE_SCRIPTS = "\U00010000-\U0001efff"
"""Their marks are tested one by one: character classes with ranges beyond U+FFFF are slow to search."""

Form = Literal["NFC", "NFKC", "NFKD"]
_LINE_BREAK = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n\s*\n")
_PARAGRAPH_GAP = "\n\n"

_WRAP_COLUMNS = (40, 100)
"""Columns. The typical line of hard-wrapped prose is in this range; shorter is a list, longer is a paragraph."""

_STOPS = ".!?…。！？｡؟۔।॥։።။។៕"
_CLOSING = "\"'”’»«“)\\]」』）》〉】"
_ENDS_SENTENCE = re.compile(f"[{_STOPS}][{_CLOSING}]*\\Z")
_FEWEST_SENTENCES = 3
"""Lines of which each ends a sentence are paragraphs, from this number on; of fewer it may be chance."""

_WIDE = re.compile(r"[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60]")

_BEHIND_A_BEGINNING = re.compile(
    r"(?:and|or|nor|to|und|oder|bzw|sowie|bis|et|ou|y|e|o|u|og|eller|och|en|of|ja|tai|i|oraz|lub|a|nebo|и|или|та|або)\b"
)
"""Words behind a hyphen that stands for the end of a later word: pre- and post-war, Ein- und Ausfuhr."""

_UNSPACED = r"[\u2e80-\u312f\u3190-\ua4cf\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60]"
_BREAK_WITHIN_WORDS = re.compile(rf"(?<={_UNSPACED})[^\S\n]*+\n\s*+(?={_UNSPACED})")

_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[\"'“‘])(?:(?:[A-Za-z]\.)+|(?:Mr|Mrs|Ms|Dr|Prof|Rev|Hon|Gen|Gov|Sen|Rep|Sgt|Capt|Lt|Col|Maj|St|Mt|Ft|Jr|Sr|"
    r"vs|etc|al|approx|No|Nos|Vol|Fig|pp?|ed|Inc|Corp|Ltd|Co|Bros|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|"
    r"Mon|Tue|Wed|Thu|Fri|Sat|Sun|a\.m|p\.m|i\.e|e\.g|Ph\.D|z\.B|d\.h|bzw|ca|Nr|Str|M|Mme|Mlle|Sra?|Dra?)\.)$"
)
_SENTENCE_END = re.compile(
    r"""
    (?:(?<![.!?…])[.!?…]++|[؟۔।॥։።])["'”’»)\]]*+(?=\s) |  # spaced scripts: a stop, closing marks, then a space
    [。！？｡။។៕]+["'”’」』）》〉】\]]*     |  # Chinese, Japanese, Burmese, Khmer: no space follows
    \n                                       # a line of a list or a poem
    """,
    re.VERBOSE,
)

_CLAUSE_END = re.compile(r"[，、；：][”’」』]*")
"""Chinese and Japanese marks within a sentence, which no space follows."""


def normalised(form: Form, raw: str) -> str:
    """Return text in a form of Unicode, in time linear in its length; everything that is normalised goes through here.

    Of combining marks in a row the first MOST_MARKS are kept. Normalising twice changes nothing.
    """
    if raw.isascii():
        return raw
    # Decomposed text may have more marks than before.
    return _with_few_marks(unicodedata.normalize(form, _with_few_marks(raw)))


def has_many_marks(text: str) -> bool:
    """Tell whether more than MOST_MARKS combining marks follow each other."""
    return not text.isascii() and _with_few_marks(text) != text


def _with_few_marks(text: str) -> str:
    return text if len(text) <= MOST_MARKS else _many_marks().sub(_first_marks, text)


@cache
def _many_marks() -> re.Pattern[str]:
    """Return the expression that finds places with perhaps too many marks in a row."""
    codes = (*range(0x300, 0x3100), *range(0xA66F, 0xAC00), *range(0xFB1E, 0x10000))  # neither Chinese nor Korean
    marks = "".join(char for char in map(chr, codes) if _is_mark(char))
    return re.compile(f"[{marks}{_RARE_SCRIPTS}]{{{MOST_MARKS + 1},}}")


def _first_marks(run: re.Match[str]) -> str:
    chars = []
    marks = 0
    for char in run[0]:
        marks = marks + 1 if _is_mark(char) else 0
        if marks <= MOST_MARKS:
            chars.append(char)
    return "".join(chars)


def _is_mark(char: str) -> bool:
    return unicodedata.combining(char) > 0 or char in _DECOMPOSED_TO_MARKS


def without_invisible(text: str) -> str:
    """Return text without control characters, lone surrogates and invisible characters; flags stay."""
    return _UNSEEN_OR_FLAG.sub(r"\1", text) if _UNSEEN.search(text) else text


def normalise_line(raw: str) -> str:
    """Return text on one line: NFC, no control characters or lone surrogates, single spaces, trimmed."""
    line = " ".join(without_invisible(normalised("NFC", _LINE_BREAK.sub("\n", raw))).split())
    # An invisible character may have separated a base and a combining mark, so NFC is applied to the result.
    return normalised("NFC", line)


def normalise_text(raw: str) -> str:
    r"""Return text in the one form that is stored and that offsets count in.

    NFC, no control characters or lone surrogates, `\n` line ends, single spaces, no space at line ends, paragraphs
    separated by exactly one blank line. Hard-wrapped lines are joined, an indented line begins a paragraph, and long
    lines are paragraphs each. Normalising twice changes nothing.
    """
    text = without_invisible(normalised("NFC", _LINE_BREAK.sub("\n", raw)))
    blocks = (block for block in _BLANK_LINES.split(text.expandtabs(4)) if block.strip())
    paragraphs = [paragraph for block in blocks for paragraph in _paragraphs(block)]
    # Joining may bring a base and a combining mark together, so NFC is applied to the result.
    return normalised("NFC", _PARAGRAPH_GAP.join(paragraphs))


def _paragraphs(block: str) -> Iterator[str]:
    lines = [line.rstrip() for line in block.split("\n") if line.strip()]
    groups: list[list[str]] = []
    for line in lines:
        if not groups or line.startswith("  "):
            groups.append([])
        groups[-1].append(_SPACES.sub(" ", line.strip()))
    for group in groups:
        yield from _join_lines(group)


def _join_lines(lines: list[str]) -> Iterator[str]:
    columns = [display_width(line) for line in lines[:-1]]
    typical = median(columns) if columns else 0
    if typical > _WRAP_COLUMNS[1]:
        yield from lines
    elif typical >= _WRAP_COLUMNS[0] and max(columns) <= _WRAP_COLUMNS[1]:
        if len(lines) >= _FEWEST_SENTENCES and all(map(ends_sentence, lines)):
            yield from lines
        else:
            yield _unwrap(lines)
    else:
        yield "\n".join(lines)


def _unwrap(lines: list[str]) -> str:
    joined = lines[0]
    for line in lines[1:]:
        tight = (_WIDE.match(joined[-1:]) and _WIDE.match(line[:1])) or _is_divided(joined, line)
        joined += line if tight else f" {line}"
    return joined


def _is_divided(above: str, below: str) -> bool:
    """Tell whether a word is divided between two lines. Its hyphen stays: it may be the word's own, as in long-term."""
    if not (above.endswith(("-", "\u2010")) and above[-2:-1].isalpha() and below[:1].islower()):
        return False
    return _BEHIND_A_BEGINNING.match(below) is None


_TITLES = re.compile(r"(?:(?:dr|prof|professor|mr|mrs|ms|mx|sir|dame)\.? )+(?=\S+ \S)")

_ONE_MARK = str.maketrans({
    **dict.fromkeys("‘’‛ʹʻʼʽ`´", "'"), **dict.fromkeys("“”„‟«»", '"'), **dict.fromkeys("‐‑‒–—−", "-"),
})  # fmt: skip


def name_key(name: str) -> str:
    """Return the key that a name is compared by, however it is encoded and typed.

    Names are equal whatever the case, width and composition of characters, the kind of apostrophes, quotation marks and
    hyphens, and the white space. Accents make a difference.
    """
    if name.isascii():  # most are, and there may be very many
        plain = name.lower().replace("`", "'")
    else:
        plain = normalised("NFKC", normalised("NFKC", name.translate(_ONE_MARK)).casefold())
    return " ".join(without_invisible(plain).split())


def author_key(name: str) -> str:
    """Return the key that an author's name is compared by: as `name_key`, without titles before a whole name.

    A family name and a comma before the given names (Ash, Ann) are put behind them.
    """
    key = name_key(name)
    if key.count(", ") == 1:
        key = " ".join(reversed(key.split(", "))).strip()
    titles = _TITLES.match(key)
    return key[titles.end() :] if titles else key


def collapsed(raw: str) -> str:
    """Return text on one line as a browser shows it: without a space for a line break within Chinese or Japanese.

    The rule is that of CSS Text 3, 4.1.3. Korean has spaces, so a line break between its syllables is one.
    """
    return " ".join((_BREAK_WITHIN_WORDS.sub("", raw) if "\n" in raw and not raw.isascii() else raw).split())


def display_width(text: str) -> int:
    """Return the number of terminal columns: two for a wide character, none for a combining mark."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def paragraph_spans(text: str) -> list[Span]:
    """Return the paragraphs of a normalised text, in order; with the gaps between them they make the whole text."""
    spans = []
    start = 0
    while start < len(text):
        end = text.find(_PARAGRAPH_GAP, start)
        end = len(text) if end < 0 else end
        spans.append((start, end))
        start = end + len(_PARAGRAPH_GAP)
    return spans


def ends_sentence(text: str) -> bool:
    """Tell whether a stop, perhaps with closing marks behind it, is the last of a text."""
    return _ENDS_SENTENCE.search(text) is not None


def sentence_spans(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """Return the sentences within `text[start:end]`, without the space between them.

    A stop ends a sentence if a space follows, then no lower-case letter, and if no common abbreviation or initial
    precedes. Chinese, Japanese, Burmese and Khmer stops, and line breaks, always end one.
    """
    end = len(text) if end is None else end
    spans: list[Span] = []
    begin = start
    for stop in _SENTENCE_END.finditer(text, start, end):
        if text[stop.end() : stop.end() + 2].strip()[:1].islower():
            continue  # “Really?” she said.
        if stop.group() == "." and _ABBREVIATION.search(text, max(begin, stop.start() - 12), stop.start() + 1):
            continue
        _append_trimmed(spans, text, begin, stop.end())
        begin = stop.end()
    _append_trimmed(spans, text, begin, end)
    return spans


def _append_trimmed(spans: list[Span], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    if start < end:
        spans.append((start, end))


def halves(text: str, start: int, end: int) -> tuple[Span, Span]:
    """Return two halves of a span without a sentence end near its middle, cut at the nearest space.

    In scripts without spaces the cut is after a comma or the like, so that no word is cut; if there is neither, it is
    between two characters.
    """
    middle = (start + end) // 2
    cuts = [space for space in (text.rfind(" ", start + 1, middle), text.find(" ", middle, end - 1)) if space > 0]
    quarter = (end - start) // 4  # a cut elsewhere would leave next to nothing on one side
    cuts += (mark.end() for mark in _CLAUSE_END.finditer(text, start + quarter, end - max(1, quarter)))
    if cuts:
        nearest = min(cuts, key=lambda cut: abs(cut - middle))
        return (start, nearest), (nearest + 1 if text[nearest] == " " else nearest, end)
    while middle < end - 1 and unicodedata.combining(text[middle]):
        middle += 1
    return (start, middle), (middle, end)


def counted(number: int, singular: str, plural: str = "") -> str:
    """Return a number with its noun: "1 article", "2,077 articles"."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"
