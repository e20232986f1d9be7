"""Text in terminal columns: style, wrapping, shortening, and what must never reach a terminal."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from itertools import groupby, pairwise
from pathlib import PurePath
from typing import NamedTuple
from urllib.parse import quote

from semsearch.text import Span, display_width, normalise_line

NARROWEST = 20
"""Columns. Below that an indent and one Chinese character no longer make a line worth reading."""

ELLIPSIS = "…"

_NO_BREAK = "\u00a0"

_SPACE_OR_WORD = re.compile(r"[^\S\u00a0]+|[\S\u00a0]+")

# Chinese, Japanese and Yi may break between any two characters; Korean is kept in words, as its readers are used to.
_UNSPACED = re.compile(r"[\u2e80-\ua4cf\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\U00020000-\U0003ffff]")
_NEVER_FIRST = frozenset("、。，．：；？！）」』】〉》〕］｝”’…‥ーゝゞ々ぁぃぅぇぉっゃゅょァィゥェォッャュョ")
_NEVER_LAST = frozenset("（「『【〈《〔［｛“‘")
_JOINER = "\u200d"


@dataclass(frozen=True, slots=True)
class Style:
    """What the place can do where text is shown, and by whose clock."""

    width: int = 80  # columns; fewer than NARROWEST count as that many
    colour: bool = False  # escape codes are understood and wanted
    full: bool = False  # nothing is shortened
    everything: bool = False  # hits of no match are listed below better ones, too
    links: bool = False  # OSC 8 hyperlinks are understood
    zone: tzinfo = UTC  # whose days and clock are shown

    @property
    def columns(self) -> int:
        """Columns to write in."""
        return max(self.width, NARROWEST)

    def bold(self, text: str) -> str:
        """Make text stand out."""
        return f"\x1b[1m{text}\x1b[0m" if self.colour and text else text

    def heading(self, text: str) -> str:
        """Make text stand out by more than weight, in a colour that is legible on black and on white."""
        return f"\x1b[1;36m{text}\x1b[0m" if self.colour and text else text

    def dim(self, text: str) -> str:
        """Make text stand back."""
        return f"\x1b[2m{text}\x1b[0m" if self.colour and text else text

    def link(self, text: str, url: str) -> str:
        """Lay a web address under text; any other address is not trusted with that."""
        if not self.links or not is_web(url):
            return text
        target = quote(url, safe="/:?#[]@!$&'()*+,;=-._~%")
        return f"\x1b]8;;{target}\x1b\\{text}\x1b]8;;\x1b\\"


PLAIN = Style()
"""A page of text: 80 columns, no codes."""


class Atom(NamedTuple):
    """A piece of text that is not broken while it fits on a line."""

    text: str  # not empty; no space in it but a no-break one, written as a plain one
    before: str  # what parts it from the piece before: "", " " or "\n"
    strong: bool  # belongs to what is emphasised


Line = Sequence[Atom]


def is_web(url: str) -> bool:
    """Say whether an address is one that a click may open."""
    return url.lower().startswith(("https://", "http://"))


def printable(text: str) -> str:
    """Return text without control characters, bidirectional overrides and lone surrogates; its lines stay.

    Readers do the same, so this changes nothing but what a foreign index holds.
    """
    return "\n".join(normalise_line(line) for line in text.splitlines())


def atoms(text: str, strong: Span = (0, 0)) -> Iterator[Atom]:
    """Take text apart into printable pieces; `strong` is a span of it, in code points."""
    before = ""
    for match in _SPACE_OR_WORD.finditer(text):
        start, end = match.span()
        if match.group().isspace():
            lines = len(f"{match.group()}.".splitlines())
            before = "\n" if lines > 1 or before == "\n" else " "
            continue
        cuts = sorted({start, end, *(cut for cut in strong if start < cut < end)})
        for begin, stop in pairwise(cuts):
            for piece in _unbroken(normalise_line(text[begin:stop])):
                yield Atom(piece, before, strong[0] <= begin < strong[1])
                before = ""


def wrap(pieces: Iterable[Atom], columns: int) -> Iterator[list[Atom]]:
    """Fill lines greedily; a piece that is wider than a line is broken between characters."""
    line: list[Atom] = []
    used = 0
    for atom in pieces:
        width = display_width(atom.text)
        if line and (atom.before == "\n" or used + len(atom.before) + width > columns):
            yield line
            line, used = [], 0
        *full, last = _cut(atom, columns) if width > columns else [atom]
        yield from ([piece] for piece in full)
        used += len(last.before) * bool(line) + display_width(last.text)
        line.append(last)
    if line:
        yield line


def wrapped(text: str, columns: int) -> Iterator[str]:
    """Wrap text that has nothing to emphasise."""
    return (joined(line) for line in wrap(atoms(text), columns))


def listed(facts: Iterable[str], columns: int, mark: str = " ·") -> Iterator[str]:
    """Wrap facts with a mark between them, each kept on one line with the mark after it where it fits on one."""
    parts = [normalise_line(fact) for fact in facts]
    marked = [part + mark for part in parts[:-1]] + parts[-1:]
    return wrapped(" ".join(_kept(part) if display_width(part) <= columns else part for part in marked), columns)


def _kept(part: str) -> str:
    return part.replace(" ", _NO_BREAK)


def joined(line: Line) -> str:
    """Return a line's text."""
    return "".join((atom.before if number else "") + atom.text for number, atom in enumerate(line))


def painted(line: Line, style: Style) -> str:
    """Return a line's text, its emphasised part in bold."""
    parts: list[str] = []
    for strong, group in groupby(line, key=lambda atom: atom.strong):
        run = list(group)
        gap = run[0].before if parts else ""
        parts.append(gap + (style.bold(joined(run)) if strong else joined(run)))
    return "".join(parts)


def shorten(text: str, columns: int) -> str:
    """Return as many of the first words as fit on one line, with an ellipsis where some are left out.

    Args:
        columns: at least 4.
    """
    beginning = text[: columns * 8]  # more than a line holds; a passage is not taken apart for its first words
    flat = [atom._replace(before=" ") if atom.before == "\n" else atom for atom in atoms(beginning)]
    line, *rest = list(wrap(flat, columns)) or [[]]
    if not rest and beginning == text:
        return joined(line)
    line, *rest = list(wrap(flat, columns - 2)) or [[]]
    return joined([*line, _ellipsis(line[-1:], " " if not rest else rest[0][0].before)])


def excerpt(pieces: Sequence[Atom], columns: int, limit: int) -> list[list[Atom]]:
    """Return at most `limit` lines around what is emphasised, with an ellipsis where text is left out.

    Args:
        columns: at least 8.
        limit: at least 1.
    """
    lines = list(wrap(pieces, columns))
    if len(lines) <= limit:
        return lines
    strong = [number for number, line in enumerate(lines) if any(atom.strong for atom in line)]
    spare = max(0, limit - len(strong))
    begin = max(0, min(strong[0] - spare // 2, len(lines) - limit)) if strong else 0
    kept = [atom for line in lines[begin : begin + limit] for atom in line]
    left_out = lines[begin + limit][0] if begin + limit < len(lines) else None
    while True:
        head = [Atom(ELLIPSIS, "", kept[0].strong)] if begin else []
        first = kept[0]._replace(before=" " if kept[0].before else "")
        tail = [_ellipsis(kept[-1:], left_out.before)] if left_out else []
        shown = list(wrap([*head, first, *kept[1:], *tail], columns))
        if len(shown) <= limit:
            return shown
        # The marks take room, which what surrounds the emphasised part makes before that itself does.
        if len(kept) == 1:  # one word as wide as the line
            kept, left_out = _cut(kept[0], columns - 4)[:1], kept[0]._replace(before="")
        elif begin and kept[-1].strong and not kept[0].strong:
            del kept[0]
        else:
            left_out = kept.pop()


def fields(rows: Iterable[tuple[str, str]], style: Style) -> Iterator[str]:
    """Lay out labels and values in two columns; rows without a value are left out. Addresses and paths stay whole."""
    kept = [(shorten(label, style.columns // 2), value) for label, value in rows if value]
    indent = max((display_width(label) for label, _ in kept), default=0) + 2
    for label, value in kept:
        first = style.dim(label) + " " * (indent - display_width(label))
        # A broken address can be neither clicked nor copied, and a broken path neither.
        whole = is_web(value) or PurePath(value).is_absolute()
        lines = [normalise_line(value)] if whole else wrapped(value, style.columns - indent)
        for number, line in enumerate(lines):
            yield f"{' ' * indent if number else first}{line}\n"


def _ellipsis(last: Line, parted: str) -> Atom:
    """Return the ellipsis that follows `last`, in the place of text that was parted from it by `parted`."""
    return Atom(ELLIPSIS, " " if parted else "", any(atom.strong for atom in last))


def _unbroken(word: str) -> Iterator[str]:
    start = 0
    if not word.isascii():
        for at in range(1, len(word)):
            if _may_break(word[at - 1], word[at]):
                yield word[start:at]
                start = at
    if word:
        yield word[start:]


def _may_break(left: str, right: str) -> bool:
    if not (_UNSPACED.match(left) or _UNSPACED.match(right)):
        return False
    return right not in _NEVER_FIRST and left not in _NEVER_LAST and not _clings(left, right)


def _clings(left: str, right: str) -> bool:
    """Say whether a character and the next one are drawn as one."""
    if left == _JOINER or right == _JOINER or "\U0001f3fb" <= right <= "\U0001f3ff":
        return True
    return unicodedata.category(right).startswith("M")


def _cut(atom: Atom, columns: int) -> list[Atom]:
    """Cut a piece that is wider than a line; what is drawn as one stays together where it fits."""
    clusters: list[str] = []
    for char in atom.text:
        if clusters and _clings(clusters[-1][-1], char) and display_width(clusters[-1] + char) <= columns:
            clusters[-1] += char
        else:
            clusters.append(char)
    pieces = [""]
    used = 0
    for cluster in clusters:
        width = display_width(cluster)
        if pieces[-1] and used + width > columns:
            pieces.append("")
            used = 0
        pieces[-1] += cluster
        used += width
    return [Atom(piece, "" if number else atom.before, atom.strong) for number, piece in enumerate(pieces)]
