"""Lays out text in terminal columns: styles, wrapping, shortening, and removing control characters."""

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
"""Columns. On a narrower line an indent and a Chinese character leave nothing worth reading."""

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
    """What the terminal or page can show, how much of it is wanted, and in which time zone."""

    width: int = 80  # columns; fewer than NARROWEST count as that many
    colour: bool = False  # escape codes are understood and wanted
    full: bool = False  # nothing is shortened
    everything: bool = False  # hits that are no match are listed, too
    links: bool = False  # OSC 8 hyperlinks are understood
    zone: tzinfo = UTC  # of the days and times that are shown

    @property
    def columns(self) -> int:
        """Number of columns to write in."""
        return max(self.width, NARROWEST)

    def bold(self, text: str) -> str:
        """Make text stand out."""
        return f"\x1b[1m{text}\x1b[0m" if self.colour and text else text

    def heading(self, text: str) -> str:
        """Make text stand out in bold and in a colour that is legible on black and on white."""
        return f"\x1b[1;36m{text}\x1b[0m" if self.colour and text else text

    def dim(self, text: str) -> str:
        """Make text less prominent."""
        return f"\x1b[2m{text}\x1b[0m" if self.colour and text else text

    def link(self, text: str, url: str) -> str:
        """Link text to a web address; with any other address, return it as it is."""
        if not self.links or not is_web(url):
            return text
        target = quote(url, safe="/:?#[]@!$&'()*+,;=-._~%")
        return f"\x1b]8;;{target}\x1b\\{text}\x1b]8;;\x1b\\"


PLAIN = Style()
"""A page of text: 80 columns, no codes."""


class Atom(NamedTuple):
    """A piece of text that is not broken if it fits on a line."""

    text: str  # not empty; a space in it was a no-break space
    before: str  # what separates it from the piece before: "", " " or "\n"
    strong: bool  # is part of the emphasised span


Line = Sequence[Atom]


def is_web(url: str) -> bool:
    """Tell whether an address is one that a click may open."""
    return url.lower().startswith(("https://", "http://"))


def printable(text: str) -> str:
    """Return text without control characters, bidirectional overrides and lone surrogates; line breaks stay.

    Readers of articles do the same, so this only changes text from an index that somebody else made.
    """
    return "\n".join(normalise_line(line) for line in text.splitlines())


def atoms(text: str, strong: Span = (0, 0)) -> Iterator[Atom]:
    """Split text into printable pieces; `strong` is the emphasised span of it, in code points."""
    separator = ""
    for match in _SPACE_OR_WORD.finditer(text):
        start, end = match.span()
        if match.group().isspace():
            lines = len(f"{match.group()}.".splitlines())
            separator = "\n" if lines > 1 or separator == "\n" else " "
            continue
        cuts = sorted({start, end, *(cut for cut in strong if start < cut < end)})
        for begin, stop in pairwise(cuts):
            for piece in _unbroken_pieces(normalise_line(text[begin:stop])):
                yield Atom(piece, separator, strong[0] <= begin < strong[1])
                separator = ""


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
    """Wrap text without emphasis."""
    return (joined(line) for line in wrap(atoms(text), columns))


def listed(facts: Iterable[str], columns: int, mark: str = " ·") -> Iterator[str]:
    """Wrap facts with a mark between them; a fact and its mark stay on one line if they fit."""
    parts = [normalise_line(fact) for fact in facts]
    marked = [part + mark for part in parts[:-1]] + parts[-1:]
    fitted = (part.replace(" ", _NO_BREAK) if display_width(part) <= columns else part for part in marked)
    return wrapped(" ".join(fitted), columns)


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
    beginning = text[: columns * 8]  # more than a line holds; splitting all of a long passage would be wasted
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
    shown_atoms = [atom for line in lines[begin : begin + limit] for atom in line]
    left_out = lines[begin + limit][0] if begin + limit < len(lines) else None
    while True:
        head = [Atom(ELLIPSIS, "", shown_atoms[0].strong)] if begin else []
        first = shown_atoms[0]._replace(before=" " if shown_atoms[0].before else "")
        tail = [_ellipsis(shown_atoms[-1:], left_out.before)] if left_out else []
        shown_lines = list(wrap([*head, first, *shown_atoms[1:], *tail], columns))
        if len(shown_lines) <= limit:
            return shown_lines
        # The ellipses take room: first the surroundings of the emphasised part give way, then that part itself.
        if len(shown_atoms) == 1:  # one word as wide as the line
            shown_atoms, left_out = _cut(shown_atoms[0], columns - 4)[:1], shown_atoms[0]._replace(before="")
        elif begin and shown_atoms[-1].strong and not shown_atoms[0].strong:
            del shown_atoms[0]
        else:
            left_out = shown_atoms.pop()


def fields(rows: Iterable[tuple[str, str]], style: Style) -> Iterator[str]:
    """Lay out labels and values in two columns, without rows that have no value. Addresses and paths are not broken."""
    shown_rows = [(shorten(label, style.columns // 2), value) for label, value in rows if value]
    indent = max((display_width(label) for label, _ in shown_rows), default=0) + 2
    for label, value in shown_rows:
        styled_label = style.dim(label) + " " * (indent - display_width(label))
        # A broken address or path can be neither clicked nor copied.
        is_unbreakable = is_web(value) or PurePath(value).is_absolute()
        lines = [normalise_line(value)] if is_unbreakable else wrapped(value, style.columns - indent)
        for number, line in enumerate(lines):
            yield f"{' ' * indent if number else styled_label}{line}\n"


def _ellipsis(last: Line, separator: str) -> Atom:
    """Return the ellipsis that follows `last`, for left-out text that was separated from it by `separator`."""
    return Atom(ELLIPSIS, " " if separator else "", any(atom.strong for atom in last))


def _unbroken_pieces(word: str) -> Iterator[str]:
    start = 0
    if not word.isascii():
        for position in range(1, len(word)):
            if _may_break(word[position - 1], word[position]):
                yield word[start:position]
                start = position
    if word:
        yield word[start:]


def _may_break(left: str, right: str) -> bool:
    if not (_UNSPACED.match(left) or _UNSPACED.match(right)):
        return False
    return right not in _NEVER_FIRST and left not in _NEVER_LAST and not _clings(left, right)


def _clings(left: str, right: str) -> bool:
    """Tell whether a character and the next one are drawn as one."""
    if left == _JOINER or right == _JOINER or "\U0001f3fb" <= right <= "\U0001f3ff":
        return True
    return unicodedata.category(right).startswith("M")


def _cut(atom: Atom, columns: int) -> list[Atom]:
    """Cut a piece that is wider than a line; characters that are drawn as one stay together if they fit."""
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
