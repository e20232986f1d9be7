"""Characters of XML -> its root and the elements in it that are records, one at a time, each a text of its own.

Cutting comes before parsing: what is broken in one record is that record's loss, and memory holds one.
"""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from semsearch.errors import SourceError

MOST_CHARACTERS = 16 * 2**20
"""Of one record. The longest novels have a quarter of it."""

_MOST_HEAD = 2**20
"""Characters that stand before the first record, and say what a feed is."""

_MOST_LEVELS = 50
"""Of elements around a record."""

_LOOKED_AHEAD = 64
_NAME = r"[A-Za-z_:\u0080-\U0010ffff][^\s/<>\"'=]*+"
_TAG = re.compile(rf"""<(/?)({_NAME})(?:(?:[^<>"']|"[^"<]*"|'[^'<]*')*+|[^<>]*)>""")
"""Every attempt ends at the next `<`, so that time is linear."""

_APART = {"<!--": "-->", "<![CDATA[": "]]>", "<?": "?>"}
_SUBSET_ENDS = re.compile(r"\]\s*>")


@dataclass(frozen=True, slots=True)
class ScannedRecord:
    """One record."""

    text: str  # its element as it is written; "" where too little of it is there to be read
    line: int  # at which it begins, from 1
    opening: str = ""  # tags of the elements around it
    closing: str = ""
    fault: str = ""  # what is wrong with it


@dataclass(frozen=True, slots=True)
class _Tag:
    name: str  # with its prefix
    begin: int
    end: int
    closes: bool
    empty: bool


class ScanWindow:
    """Characters by their places from 0, read as they are asked for; what is let go of is forgotten."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self._text = ""
        self._base = 0  # place of the first character that is held
        self._counted, self._line = 0, 1  # lines are counted to this place
        self._found: dict[str, tuple[int, int, bool]] = {}  # mark -> looked for from, to, and whether it is there
        self.ended = False

    def find(self, mark: str, begin: int) -> int:
        """Return the place of the next mark; -1 where there is none within `MOST_CHARACTERS`."""
        since, place, there = self._found.get(mark, (0, 0, False))
        if there and since <= begin <= place:
            return place if place - begin <= MOST_CHARACTERS else -1
        at = begin if there or begin < since else max(begin, place - len(mark) + 1)
        while (found := self._text.find(mark, at - self._base)) < 0:
            at = max(begin, self.end - len(mark) + 1)
            if self.end - begin > MOST_CHARACTERS or not self._more():
                self._found[mark] = (begin, self.end, False)
                return -1
        place = found + self._base
        self._found[mark] = (begin, place, True)
        return place if place - begin <= MOST_CHARACTERS else -1

    def ahead(self, begin: int, count: int) -> str:
        """Return up to so many characters from a place on."""
        while self.end < begin + count and self._more():
            pass
        return self._text[begin - self._base : begin - self._base + count]

    def between(self, begin: int, end: int) -> str:
        """Return characters that are held."""
        return self._text[begin - self._base : end - self._base]

    def line(self, place: int) -> int:
        """Return the number of the line, from 1, in which a place lies; asked for one place after the other."""
        if place > self._counted:
            self._line += self._text.count("\n", self._counted - self._base, place - self._base)
            self._counted = place
        return self._line

    def let_go(self, before: int) -> None:
        """Forget what is before a place, as soon as that is worth the copying."""
        if before - self._base > max(2**18, len(self._text) // 2):
            self.line(before)
            self._text = self._text[before - self._base :]
            self._base = before

    @property
    def end(self) -> int:
        """The place behind all that is read."""
        return self._base + len(self._text)

    def _more(self) -> bool:
        piece = next(self._pieces, None)
        self._text += piece or ""
        self.ended = piece is None
        return not self.ended


class Scan:
    """One pass over a stream of XML: first its root, then its records."""

    def __init__(self, pieces: Iterator[str]) -> None:
        """Read to the root; raises `SourceError` where there is none."""
        self._window = ScanWindow(pieces)
        self._tags = self._all_tags()
        self._root = next((tag for tag in self._tags if not tag.closes), None)
        if self._root is None:
            raise SourceError("no XML: it has no element")
        self.root: str = self._root.name
        self.head: str = ""
        """What stands before the first record, its elements closed; known when that record is."""
        self.closed = True
        """Whether the root is closed before the end; known there."""

    def parts(self, names: AbstractSet[str]) -> Iterator[ScannedRecord]:
        """Yield the elements of these names, as they are written with their prefix; one within another ends that."""
        around: list[tuple[str, str]] = []  # name and tag of each element that is open
        inside: _Tag | None = None
        head_begins: int | None = self._root.begin if self._root else 0
        for tag in self._with_root():
            if inside and tag.begin - inside.begin > MOST_CHARACTERS:
                yield self._lost(inside, f"a record of more than {MOST_CHARACTERS // 2**20} MiB")
                inside = None
            if inside is None:
                if tag.name in names and not tag.closes:
                    head_begins = self._keep_head(head_begins, tag.begin, around, last=True)
                    inside = None if tag.empty else tag
                    if tag.empty:
                        yield self._part(tag, tag.end, around)
                else:
                    head_begins = self._keep_head(head_begins, tag.end, around)
                    _step(around, tag, self._window.between(tag.begin, tag.end))
                    self.closed = not around
            elif tag.name in names and not tag.empty:
                whole = tag.closes and tag.name == inside.name
                end = tag.end if whole else tag.begin
                yield self._part(inside, end, around) if whole else self._never_closed(inside, end, around)
                inside = None if tag.closes else tag
            self._window.let_go(self._needed(inside, head_begins, tag.end))
        self._keep_head(head_begins, self._window.end, around, last=True)
        if inside:
            yield self._lost(inside, "the file ends within it")

    def _with_root(self) -> Iterator[_Tag]:
        if self._root:
            yield self._root
        yield from self._tags

    def _needed(self, inside: _Tag | None, head_begins: int | None, at: int) -> int:
        if inside:
            return inside.begin
        return at if head_begins is None else head_begins

    def _keep_head(
        self, begin: int | None, end: int, around: list[tuple[str, str]], *, last: bool = False
    ) -> int | None:
        if begin is None or (not last and end - begin < _MOST_HEAD):
            return begin
        self.head = self._window.between(begin, end) + _closing(around)
        return None

    def _part(self, tag: _Tag, end: int, around: list[tuple[str, str]]) -> ScannedRecord:
        opening = "".join(written for _, written in around)
        return ScannedRecord(
            self._window.between(tag.begin, end), self._window.line(tag.begin), opening, _closing(around)
        )

    def _never_closed(self, tag: _Tag, end: int, around: list[tuple[str, str]]) -> ScannedRecord:
        part = self._part(tag, end, around)
        return replace(part, text=f"{part.text}</{tag.name}>", fault=f"its <{tag.name}> is never closed")

    def _lost(self, tag: _Tag, fault: str) -> ScannedRecord:
        return ScannedRecord("", self._window.line(tag.begin), fault=fault)

    def _all_tags(self) -> Iterator[_Tag]:
        """Yield every tag that is none within a comment, a CDATA section or an instruction, nor the document's type."""
        window = self._window
        after = 0
        while (at := self._next_mark(after)) >= 0:
            ahead = window.ahead(at, _LOOKED_AHEAD)
            apart = next((mark for mark in _APART if ahead.startswith(mark)), "")
            if apart:
                end = window.find(_APART[apart], at + len(apart))
                after = end + len(_APART[apart]) if end >= 0 else at + len(apart)
            elif ahead[:9].upper() == "<!DOCTYPE":
                after = self._after_type(at)
            else:
                following = window.find("<", at + 1)
                tag = _TAG.match(window.between(at, following) if following >= 0 else window.ahead(at, 2**20))
                after = at + (tag.end() if tag else 1)
                if tag:
                    closes = bool(tag[1])
                    yield _Tag(tag[2], at, after, closes, not closes and tag[0].endswith("/>"))

    def _next_mark(self, begin: int) -> int:
        """Return the place of the next `<`, or -1 where there is none."""
        at = self._window.find("<", begin)
        if at < 0 and not self._window.ended:
            raise SourceError(
                f"from line {self._window.line(begin):,} on {MOST_CHARACTERS // 2**20} MiB without a tag: no XML; "
                "what came before was kept"
            )
        return at

    def _after_type(self, at: int) -> int:
        """Return where a document's type ends: nothing that it declares is read."""
        closes = self._window.find(">", at)
        subset = self._window.find("[", at)
        if closes >= 0 and not 0 <= subset < closes:
            return closes + 1
        end = subset
        while end >= 0 and (end := self._window.find("]", end + 1)) >= 0:
            if ends := _SUBSET_ENDS.match(self._window.ahead(end, 1_000)):
                return end + ends.end()
        return at + 1


def _step(around: list[tuple[str, str]], tag: _Tag, written: str) -> None:
    """Keep account of the elements that are open."""
    if tag.closes:
        names = [name for name, _ in around]
        if tag.name in names:
            del around[len(names) - 1 - names[::-1].index(tag.name) :]
    elif not tag.empty and len(around) < _MOST_LEVELS:
        around.append((tag.name, written))


def _closing(around: list[tuple[str, str]]) -> str:
    return "".join(f"</{name}>" for name, _ in reversed(around))
