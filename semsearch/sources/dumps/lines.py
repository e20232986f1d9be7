"""Cuts a page dumped as text into lines without the dump's own marks, and rejoins lines that the dump broke."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from semsearch.sources.dumps.looks import MEASURED, SENTENCES, Look, look_of
from semsearch.text import display_width, normalise_line

_LONGEST = 8_000
"""Characters; nothing is joined to a longer line, so that the time for junk stays linear."""

_WRAP_COLUMNS = (60, 100)
"""Least and greatest width of the lines of a dump that was wrapped for a terminal."""


class DumpLine(NamedTuple):
    """One line as a reader sees it."""

    text: str  # normalised, never empty
    columns: int  # of a terminal, counted up to MEASURED characters
    look: Look
    stopped: bool  # ends as a sentence does
    level: int  # 1 to 6 where the dump marked a heading, else 0
    item: bool  # the dump marked a list item
    linked: bool  # the dump marked all of it as links


@dataclass(frozen=True, slots=True)
class PageDump:
    """A page's lines, and facts about them that only show on the whole page."""

    lines: Sequence[DumpLine]
    counts: Mapping[str, int]  # how often a line's text is on the page
    native: Sequence[bool]  # for each line, whether it is in the script of most of the page's sentences


_SCRIPTS = (
    (2, re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")),  # one character is worth two letters
    (1, re.compile(r"[\u0400-\u04ff]")),
    (1, re.compile(r"[\u0600-\u06ff]")),
)
_BREAK = re.compile(r"\r\n?|\n|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_TARGET = r"\((?:[^()\\]|\\.|\([^()]{0,200}\)){0,20000}+\)"
_IMAGE = re.compile(r"!\[(?:[^\[\]\\]|\\.){0,1000}+\]" + _TARGET)
_LINK = re.compile(r"(?<!\\)\[((?:[^\[\]\\]|\\.){0,1000}+)\]" + _TARGET)
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!-])")
_TARGET_TORN = re.compile(r"\]\([^()\s]{0,300}-$")
_REFERENCE = re.compile(r"^[ \t]*\d{1,4}\. (?:https?|file|mailto|javascript):\S*[ \t]*$", re.MULTILINE)
_REFERENCE_MARK = re.compile(r"\[\d{1,4}\]")
_PREFIX = re.compile(r"(?:>\s?)*\s*(?:([*+•·▪▸◦○●■□-])\s+)?(?:\d{1,3}\.\s+(?=#))?(?:(#{1,6})\s+(?:#\s+)?)?")
_MARKDOWN = re.compile(r"^[ \t]*(?:#{1,6}|\*) \S", re.MULTILINE)
_EMPHASIS = re.compile(r"(?<!\w)(\*\*|__|_)(?=\S)([^*_]{1,1000})(?<=\S)\1(?!\w)")
_NO_WORD = re.compile(r"[\W_]*")
_STOPPED = re.compile(r"[.!?…。！？؟۔।｡]['\"”’»›)\]」』）】*_]*$")
_OPEN_END = re.compile(r"[^.!?…。！？؟۔।｡:：;\"”»’)」』]$")
_WIDE = re.compile(r"[\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]")
_CLOSING_MARKS = frozenset(",;:)]”’»、，。；：）」』.!?…")
_OPENING_MARKS = frozenset("([„“«（「『")
_AFTER_A_HYPHEN = frozenset(("und", "oder", "bis", "and", "or", "to"))
_BYLINE_WORDS = frozenset(("by", "von", "par", "por"))


def cut_lines(text: str) -> list[DumpLine]:
    """Return the lines of a dump in order, without empty ones; wrapped and torn lines are rejoined."""
    if len(_REFERENCE.findall(text[-200_000:])) > 2:  # lynx lists the links' addresses below the page
        text = _REFERENCE_MARK.sub("", _REFERENCE.sub("", text))
    raw_lines = _unwrap(_BREAK.split(text))
    if "](" in text:
        raw_lines = _LINK.sub(_mark_link, _IMAGE.sub("", "\n".join(raw_lines))).split("\n")
    if "\\" in text and ("](" in text or _MARKDOWN.search(text)):
        raw_lines = [_ESCAPE.sub(r"\1", line) for line in raw_lines]
    return [line for line in map(_read_line, _rejoin_sentences(raw_lines)) if line is not None]


def read_page(lines: Sequence[DumpLine]) -> PageDump:
    """Return the page of some lines, with counts and main script."""
    scripts = [_script(line.text) for line in lines]
    columns = Counter[int]()
    for line, script in zip(lines, scripts, strict=True):
        columns[script] += line.columns if line.look in SENTENCES else 0
    main_script = max(columns, key=lambda script: (columns[script], -script), default=0)
    return PageDump(lines, Counter(line.text for line in lines), [script == main_script for script in scripts])


def _script(text: str) -> int:
    """Return the number of a line's script in _SCRIPTS, from 1; 0 is Latin or any other script."""
    sample = text[:200]
    if sample.isascii():
        return 0
    least_weight = max(1, sum(map(str.isalpha, sample)) / 2)
    for number, (weight, letters) in enumerate(_SCRIPTS, 1):
        if weight * len(letters.findall(sample)) >= least_weight:
            return number
    return 0


def _mark_link(link: re.Match[str]) -> str:
    # Control characters, which normalisation removes later, mark where links were.
    return "\n".join(f"\x02{line}\x03" if line.strip() else line for line in link[1].split("\n"))


def _read_line(raw: str) -> DumpLine | None:
    """Return a line freed from the dump's marks, or None where it has no word."""
    raw = raw.lstrip()
    prefix = _PREFIX.match(raw)
    body = raw[prefix.end() :] if prefix else raw
    text = normalise_line(body)
    if _NO_WORD.fullmatch(text):
        return None
    if "*" in text or "_" in text:
        text = normalise_line(_EMPHASIS.sub(r"\2", text))
    linked = "\x02" in body and len(re.findall(r"\w", re.sub(r"\x02[^\x03]*\x03", "", body))) < 0.2 * len(text)
    columns, stopped = display_width(text[:MEASURED]), bool(_STOPPED.search(text[-12:]))
    look = Look.PHRASE if linked else look_of(text, columns, stopped)
    level = len(prefix[2] or "") if prefix else 0
    item = bool(prefix and prefix[1])
    return DumpLine(text, columns, look, stopped, level, item, linked)


def _unwrap(raw_lines: list[str]) -> list[str]:
    """Return lines rejoined where a dump wrapped them: only where the next word would not have fitted."""
    width = _margin(raw_lines)
    if not width:
        return raw_lines
    unwrapped: list[str] = []
    columns = 0
    for line in raw_lines:
        stripped = line.strip()
        fitting = columns + 1 + _first_word_columns(stripped)
        if columns and stripped and fitting > width and not _begins_block(stripped) and len(unwrapped[-1]) < _LONGEST:
            unwrapped[-1] = _join(unwrapped[-1], stripped)
        else:
            unwrapped.append(line)
        columns = display_width(line.rstrip()[:MEASURED]) if stripped else 0
    return unwrapped


def _margin(raw_lines: list[str]) -> int:
    """Return the column at which a dump was wrapped, 0 if it was not."""
    continued = [
        (display_width(line.rstrip()[:MEASURED]), _first_word_columns(following.strip()))
        for line, following in pairwise(raw_lines)
        if following.strip() and "](" not in line and "://" not in line and not _begins_block(following.strip())
    ]
    widths = sorted(columns for columns, _ in continued if columns >= 40)
    margin = widths[int(len(widths) * 0.9)] if len(widths) >= 4 else 0
    if not _WRAP_COLUMNS[0] <= margin <= _WRAP_COLUMNS[1]:
        return 0
    full = [columns + 1 + word > margin for columns, word in continued if columns >= 40]
    return margin - 1 if sum(full) >= 0.6 * len(full) else 0


def _first_word_columns(stripped: str) -> int:
    return 2 if _WIDE.match(stripped) else display_width(stripped[:MEASURED].partition(" ")[0])


def _begins_block(stripped: str) -> bool:
    prefix = _PREFIX.match(stripped)
    return bool(prefix and (prefix[1] or prefix[2]))


def _rejoin_sentences(raw_lines: list[str]) -> Iterator[str]:
    """Yield lines, rejoining sentences that a dump tore into several lines at their links."""
    index = 0
    while index < len(raw_lines):
        text = last = raw_lines[index]
        index += 1
        while index < len(raw_lines) and len(text) < _LONGEST:
            following = raw_lines[index : index + 2]
            pieces = _count_continuing(last, len(text), following[0], following[1] if len(following) > 1 else "")
            if not pieces:
                break
            for last in raw_lines[index : index + pieces]:
                text = _join(text, last.strip())
            index += pieces
        yield text


def _count_continuing(last: str, length: int, piece: str, following: str) -> int:
    """Return how many of the next two lines, 0 to 2, continue a line that ends with `last`."""
    stripped = piece.strip()
    if stripped[:1] in (",", ";", ":"):
        return 1
    if not stripped or _begins_block(stripped) or stripped.casefold() in _BYLINE_WORDS:
        return 0
    if not _OPEN_END.search(last.rstrip()[-1:]):
        return 0
    if length >= 60 and stripped[0] == "-" and stripped[1:2].isalpha():
        return 1
    if _resumes(piece) and (length >= 40 or len(stripped) >= 40 or not stripped[0].isalpha()):
        return 1
    open_end = last.endswith(" ") and not last.endswith("  ")
    may_be_link = len(stripped) <= 80 and _OPEN_END.search(stripped[-1:]) and (length >= 60 or open_end)
    if may_be_link and _resumes(following) and not _begins_block(following.strip()):
        return 2
    return int(open_end and length >= 100)


def _resumes(piece: str) -> bool:
    """Tell whether a line begins in the middle of a sentence."""
    first = piece.lstrip()[:1]
    return bool(first) and (
        first.islower() or first in _CLOSING_MARKS or first == "-" or (piece[0] == " " and piece[1] != " ")
    )


def _join(left: str, right: str) -> str:
    """Return two pieces as one line, with a space between them only where it belongs."""
    left = left.rstrip()
    last, first = left[-1:], right[:1]
    is_hyphenated = last == "-" and (
        _TARGET_TORN.search(left[-310:])
        or (left[-2:-1].isalpha() and first.islower() and right.split(None, 1)[0] not in _AFTER_A_HYPHEN)
    )
    has_mark = first in _CLOSING_MARKS or last in _OPENING_MARKS or (first == "-" and right[1:2].isalpha())
    is_wide = _WIDE.match(last) and _WIDE.match(first)
    return left + ("" if is_hyphenated or has_mark or is_wide else " ") + right
