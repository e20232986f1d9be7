"""Cuts the characters of XML into its records, one at a time, and finds its root.

Records are cut before they are parsed, so that a fault costs only the record it is in, and memory holds one record.
"""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from semsearch.errors import SourceError

MOST_CHARACTERS = 16 * 2**20
"""The length of one record. The longest novels have a quarter of it."""

_MOST_HEAD = 2**20
"""Characters before the first record, which describe the feed."""

_MOST_LEVELS = 50
"""Levels of elements around a record."""

_LOOKED_AHEAD = 64
_NAME = r"[A-Za-z_:\u0080-\U0010ffff][^\s/<>\"'=]*+"
_TAG = re.compile(rf"""<(/?)({_NAME})(?:(?:[^<>"']|"[^"<]*"|'[^'<]*')*+|[^<>]*)>""")
"""Every attempt to match ends at the next `<`, so that time is linear."""

_APART = {"<!--": "-->", "<![CDATA[": "]]>", "<?": "?>"}
_SUBSET_ENDS = re.compile(r"\]\s*>")


@dataclass(frozen=True, slots=True)
class ScannedRecord:
    """One record."""

    text: str  # its element as it is written; "" if too little of it is there to be read
    line: int  # on which it begins, from 1
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
    """Characters by position, from 0; they are read when they are needed, and forgotten when they are let go."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self._text = ""
        self._base = 0  # position of the first character that is held
        self._counted, self._line = 0, 1  # lines are counted up to this position
        self._searches: dict[str, tuple[int, int, bool]] = {}  # mark -> searched from, searched to, found there
        self.ended = False

    def find(self, mark: str, begin: int) -> int:
        """Return the position of the next mark; -1 if there is none within `MOST_CHARACTERS`."""
        begin_searched, position, present = self._searches.get(mark, (0, 0, False))
        if present and begin_searched <= begin <= position:
            return position if position - begin <= MOST_CHARACTERS else -1
        start = begin if present or begin < begin_searched else max(begin, position - len(mark) + 1)
        while (index := self._text.find(mark, start - self._base)) < 0:
            start = max(begin, self.end - len(mark) + 1)
            if self.end - begin > MOST_CHARACTERS or not self._read_on():
                self._searches[mark] = (begin, self.end, False)
                return -1
        position = index + self._base
        self._searches[mark] = (begin, position, True)
        return position if position - begin <= MOST_CHARACTERS else -1

    def ahead(self, begin: int, count: int) -> str:
        """Return up to `count` characters from a position on."""
        while self.end < begin + count and self._read_on():
            pass
        return self._text[begin - self._base : begin - self._base + count]

    def between(self, begin: int, end: int) -> str:
        """Return the characters from `begin` to `end`, which must be held."""
        return self._text[begin - self._base : end - self._base]

    def line(self, position: int) -> int:
        """Return the number of the line of a position, from 1; positions must not decrease from call to call."""
        if position > self._counted:
            self._line += self._text.count("\n", self._counted - self._base, position - self._base)
            self._counted = position
        return self._line

    def let_go(self, before: int) -> None:
        """Forget the characters before a position, as soon as there are enough of them to be worth the copying."""
        if before - self._base > max(2**18, len(self._text) // 2):
            self.line(before)
            self._text = self._text[before - self._base :]
            self._base = before

    @property
    def end(self) -> int:
        """The position behind the last character that was read."""
        return self._base + len(self._text)

    def _read_on(self) -> bool:
        piece = next(self._pieces, None)
        self._text += piece or ""
        self.ended = piece is None
        return not self.ended


class Scan:
    """One pass over a stream of XML: first its root, then its records."""

    def __init__(self, pieces: Iterator[str]) -> None:
        """Read to the root; raises `SourceError` if there is none."""
        self._window = ScanWindow(pieces)
        self._tags = self._all_tags()
        self._root = next((tag for tag in self._tags if not tag.closes), None)
        if self._root is None:
            raise SourceError("no XML: it has no element")
        self.root: str = self._root.name
        self.head: str = ""
        """What stands before the first record, with its elements closed; set once that record is yielded."""
        self.closed = True
        """Whether the root is closed before the end; final once all records are yielded."""

    def parts(self, names: AbstractSet[str]) -> Iterator[ScannedRecord]:
        """Yield the elements with these names, prefix included; one that begins inside another ends the outer one."""
        open_tags: list[tuple[str, str]] = []  # name and tag of each element that is open
        record: _Tag | None = None
        head_begins: int | None = self._root.begin if self._root else 0
        for tag in self._with_root():
            if record and tag.begin - record.begin > MOST_CHARACTERS:
                yield self._lost_record(record, f"a record of more than {MOST_CHARACTERS // 2**20} MiB")
                record = None
            if record is None:
                if tag.name in names and not tag.closes:
                    head_begins = self._keep_head(head_begins, tag.begin, open_tags, complete=True)
                    record = None if tag.empty else tag
                    if tag.empty:
                        yield self._record(tag, tag.end, open_tags)
                else:
                    head_begins = self._keep_head(head_begins, tag.end, open_tags)
                    _track(open_tags, tag, self._window.between(tag.begin, tag.end))
                    self.closed = not open_tags
            elif tag.name in names and not tag.empty:
                closed = tag.closes and tag.name == record.name
                end = tag.end if closed else tag.begin
                yield self._record(record, end, open_tags) if closed else self._never_closed(record, end, open_tags)
                record = None if tag.closes else tag
            self._window.let_go(self._needed_from(record, head_begins, tag.end))
        self._keep_head(head_begins, self._window.end, open_tags, complete=True)
        if record:
            yield self._lost_record(record, "the file ends within it")

    def _with_root(self) -> Iterator[_Tag]:
        if self._root:
            yield self._root
        yield from self._tags

    def _needed_from(self, record: _Tag | None, head_begins: int | None, end: int) -> int:
        if record:
            return record.begin
        return end if head_begins is None else head_begins

    def _keep_head(
        self, begin: int | None, end: int, open_tags: list[tuple[str, str]], *, complete: bool = False
    ) -> int | None:
        if begin is None or (not complete and end - begin < _MOST_HEAD):
            return begin
        self.head = self._window.between(begin, end) + _closing(open_tags)
        return None

    def _record(self, tag: _Tag, end: int, open_tags: list[tuple[str, str]]) -> ScannedRecord:
        opening = "".join(tag_text for _, tag_text in open_tags)
        return ScannedRecord(
            self._window.between(tag.begin, end), self._window.line(tag.begin), opening, _closing(open_tags)
        )

    def _never_closed(self, tag: _Tag, end: int, open_tags: list[tuple[str, str]]) -> ScannedRecord:
        record = self._record(tag, end, open_tags)
        return replace(record, text=f"{record.text}</{tag.name}>", fault=f"its <{tag.name}> is never closed")

    def _lost_record(self, tag: _Tag, fault: str) -> ScannedRecord:
        return ScannedRecord("", self._window.line(tag.begin), fault=fault)

    def _all_tags(self) -> Iterator[_Tag]:
        """Yield every tag outside of comments, CDATA sections, processing instructions and the document type."""
        window = self._window
        position = 0
        while (begin := self._next_mark(position)) >= 0:
            ahead = window.ahead(begin, _LOOKED_AHEAD)
            opening = next((mark for mark in _APART if ahead.startswith(mark)), "")
            if opening:
                section_end = window.find(_APART[opening], begin + len(opening))
                position = section_end + len(_APART[opening]) if section_end >= 0 else begin + len(opening)
            elif ahead[:9].upper() == "<!DOCTYPE":
                position = self._after_type(begin)
            else:
                following = window.find("<", begin + 1)
                tag = _TAG.match(window.between(begin, following) if following >= 0 else window.ahead(begin, 2**20))
                position = begin + (tag.end() if tag else 1)
                if tag:
                    closes = bool(tag[1])
                    yield _Tag(tag[2], begin, position, closes, not closes and tag[0].endswith("/>"))

    def _next_mark(self, begin: int) -> int:
        """Return the position of the next `<`; -1 if there is none."""
        position = self._window.find("<", begin)
        if position < 0 and not self._window.ended:
            raise SourceError(
                f"from line {self._window.line(begin):,} on {MOST_CHARACTERS // 2**20} MiB without a tag: no XML; "
                "what came before was kept"
            )
        return position

    def _after_type(self, begin: int) -> int:
        """Return where the document type ends; nothing that it declares is read."""
        closes = self._window.find(">", begin)
        subset = self._window.find("[", begin)
        if closes >= 0 and not 0 <= subset < closes:
            return closes + 1
        end = subset
        while end >= 0 and (end := self._window.find("]", end + 1)) >= 0:
            if ends := _SUBSET_ENDS.match(self._window.ahead(end, 1_000)):
                return end + ends.end()
        return begin + 1


def _track(open_tags: list[tuple[str, str]], tag: _Tag, tag_text: str) -> None:
    """Update the list of open elements with a tag."""
    if tag.closes:
        names = [name for name, _ in open_tags]
        if tag.name in names:
            del open_tags[len(names) - 1 - names[::-1].index(tag.name) :]
    elif not tag.empty and len(open_tags) < _MOST_LEVELS:
        open_tags.append((tag.name, tag_text))


def _closing(open_tags: list[tuple[str, str]]) -> str:
    return "".join(f"</{name}>" for name, _ in reversed(open_tags))
