"""Splits WARC, WET and ARC into records, and finds the next record after a damaged one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader

from semsearch.errors import SourceError
from semsearch.sources.archives.messages import MOST_BODY, MOST_HEAD, read_fields
from semsearch.sources.streams import HEAD_BYTES

MOST_BLOCK = MOST_BODY + MOST_HEAD
"""Bytes of a record that are held; a longer record is passed over."""

_OVERRUN = 2**20
"""Bytes beyond the declared end of a record in which its real end is searched."""

_WARC = b"WARC/"
_WARC_LINE = re.compile(rb"WARC/\d\.\d{1,2}[ \t]{0,9}\r?\n")
_BLANK_LINE = re.compile(rb"\n\r?\n")
_SOMETHING = re.compile(rb"[^\r\n]")
_DIGITS = re.compile(r"\d{1,18}")
_ARC_DATE = re.compile(r"\d{12,18}")
_ARC_ADDRESS = re.compile(rb"[a-zA-Z][a-zA-Z0-9+.-]{1,15}:")
_ARC_FIELDS = 5, 10  # of a record's line in versions 1 and 2; the last is the length, the first may have spaces
_ARC_LINE = 16 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class CrawlRecord:
    """One record of a crawl, as its head describes it."""

    number: int  # from 1
    kind: str  # "response", "request", "conversion", …; "file" for an ARC's own description
    address: str  # as written; "" for none
    date: str  # of the fetch, as written
    content_type: str  # of the block
    block: bytes | None  # None: too long
    truncated: bool = False  # by the crawler
    segmented: bool = False  # only a part of it is here
    resized: bool = False  # ends elsewhere than its head says
    cut: bool = False  # the crawl ends, or is damaged, before the record's end


@dataclass(frozen=True, slots=True)
class LostBytes:
    """Damage, after which reading went on."""

    offset: int  # bytes from the beginning of the uncompressed crawl
    count: int  # bytes passed over; records cannot be counted in them
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _RecordHead:
    length: int  # bytes of the block
    size: int  # bytes of the head itself
    kind: str
    address: str
    date: str
    content_type: str
    truncated: bool = False
    segmented: bool = False


def records(stream: BufferedReader) -> Iterator[CrawlRecord | LostBytes]:
    """Yield the records of a crawl.

    Raises:
        SourceError: it ends inside a record, or is damaged and no record follows; all before that were yielded.
    """
    return _Crawl(stream).records()


class _Lookahead:
    """The next bytes of a stream, as many as are needed."""

    def __init__(self, stream: BufferedReader) -> None:
        self.held = bytearray()
        self.offset = 0  # of the first byte held
        self.damage: SourceError | None = None  # right behind the bytes held
        self._stream = stream

    def fill(self, count: int) -> bool:
        """Hold `count` bytes, or all before the end or the next damage; return whether there are so many."""
        while len(self.held) < count and self.damage is None:
            try:
                piece = self._stream.read1(HEAD_BYTES)
            except SourceError as error:
                self.damage = error
                return False
            if not piece:
                return False
            self.held += piece
        return len(self.held) >= count

    def drop(self, count: int) -> None:
        """Drop up to `count` of the bytes held."""
        count = min(count, len(self.held))
        del self.held[:count]
        self.offset += count

    def skip(self, count: int) -> bool:
        """Step over bytes, held or not; return False if there are fewer."""
        while count:
            self.fill(1)
            dropped = min(count, len(self.held))
            if not dropped:
                return False
            self.drop(dropped)
            count -= dropped
        return True


class _Crawl:
    """One pass over a crawl."""

    def __init__(self, stream: BufferedReader) -> None:
        self._window = _Lookahead(stream)
        self._number = 0
        self._searched = 0  # offset in the crawl up to which no blank line follows the current record's beginning
        self._window.fill(len(_WARC))
        self._is_warc = self._window.held.lstrip(b"\r\n").startswith(_WARC)

    def records(self) -> Iterator[CrawlRecord | LostBytes]:
        window = self._window
        while self._skip_blank_lines() or window.damage:
            if not window.held:
                yield self._resume()
                continue
            head = self._head()
            if isinstance(head, int):
                begin = window.offset
                if self._pass_over(head):
                    yield LostBytes(begin, window.offset - begin)
                continue
            self._number += 1
            window.drop(head.size)
            record = self._record(head)
            yield record
            if record.cut and not window.damage:  # damage is reported by itself
                raise SourceError("the crawl ends within a record; what came before was kept. Fetch it again")

    def _skip_blank_lines(self) -> bool:
        while self._window.fill(1):
            match = _SOMETHING.search(self._window.held)
            blank_bytes = match.start() if match else len(self._window.held)
            del match  # while it exists, the bytes cannot be resized
            self._window.drop(blank_bytes)
            if self._window.held:
                return True
        return False

    def _resume(self) -> LostBytes:
        """Go on after damage to the stream itself; raises the damage if nothing follows."""
        window = self._window
        damage, window.damage = window.damage, None
        assert damage is not None  # noqa: S101  for the type checker
        begin = window.offset
        if not window.fill(1) and not window.held:
            raise damage
        if not self._record_begins(0):
            self._pass_over(0)
        return LostBytes(begin, window.offset - begin, str(damage).partition(";")[0])

    def _pass_over(self, at_least: int) -> bool:
        """Step to the next record and return True, or to damage of the stream and return False."""
        window = self._window
        begin = window.offset
        while True:
            window.fill(at_least + HEAD_BYTES)
            next_record = self._find(at_least, len(window.held))
            if next_record is not None:
                window.drop(next_record)
                return True
            filled = len(window.held) >= at_least + HEAD_BYTES
            window.drop(max(0, len(window.held) - _ARC_LINE) if filled else len(window.held))
            at_least = 0
            if not filled:
                if window.damage:
                    return False
                raise SourceError(
                    f"damaged at byte {begin:,} of the uncompressed crawl, and no record follows; "
                    "what came before was kept. Fetch it again"
                )

    def _find(self, begin: int, end: int) -> int | None:
        """Return the position in the window, from `begin` and before `end`, at which a record begins."""
        held = self._window.held
        position = begin
        while position < end:
            if self._record_begins(position) and (position == 0 or held[position - 1] == ord("\n")):
                return position
            position = held.find(b"\n" + _WARC if self._is_warc else b"\n", position, end) + 1
            if not position:
                return None
        return None

    def _record_begins(self, position: int) -> bool:
        """Tell whether a record begins at a position of the window."""
        held = self._window.held
        if self._is_warc:
            return _WARC_LINE.match(held, position, position + 32) is not None
        return _ARC_ADDRESS.match(held, position, position + 20) is not None and self._arc_head(position) is not None

    def _head(self) -> _RecordHead | int:
        """Return the head at the beginning of the window, or how many bytes at least to pass over if there is none."""
        self._window.fill(MOST_HEAD)
        if not self._record_begins(0):
            return 1
        return self._warc_head() if self._is_warc else self._arc_head(0) or 1

    def _warc_head(self) -> _RecordHead | int:
        window = self._window
        match = _BLANK_LINE.search(window.held, max(0, self._searched - window.offset), MOST_HEAD)
        if not match:
            self._searched = window.offset + min(len(window.held), MOST_HEAD) - 2
            return 1
        self._searched, end = window.offset + match.start(), match.end()
        if (inner := window.held.rfind(b"\n" + _WARC, 0, end) + 1) and self._record_begins(inner):
            return inner  # a head that was cut short, followed by a complete one
        fields = read_fields(window.held[:end].partition(b"\n")[2])
        length = fields.get("content-length", "")
        if not _DIGITS.fullmatch(length):
            return 1
        return _RecordHead(
            length=int(length),
            size=end,
            kind=fields.get("warc-type", "").lower()[:40],
            address=fields.get("warc-target-uri", ""),
            date=fields.get("warc-date", ""),
            content_type=fields.get("content-type", ""),
            truncated="warc-truncated" in fields,
            segmented="warc-segment-number" in fields,
        )

    def _arc_head(self, begin: int) -> _RecordHead | None:
        held = self._window.held
        end = held.find(b"\n", begin, begin + _ARC_LINE)
        text = held[begin : max(begin, end)].decode("utf-8", "replace").rstrip("\r")
        for count in _ARC_FIELDS:
            parts = text.rsplit(" ", count - 1)
            if len(parts) == count and _ARC_DATE.fullmatch(parts[2]) and _DIGITS.fullmatch(parts[-1]):
                kind = "file" if parts[0].startswith("filedesc:") else "response"
                return _RecordHead(int(parts[-1]), end + 1 - begin, kind, parts[0], parts[2], parts[3])
        return None

    def _record(self, head: _RecordHead) -> CrawlRecord:
        """Return the record whose head was just read."""
        window = self._window
        if head.length > MOST_BLOCK:
            return self._crawl_record(head, None, cut=not window.skip(head.length))
        complete = window.fill(head.length)
        size = head.length if complete and self._ends_after(head.length) else self._real_end(head.length)
        resized = size is not None and size != head.length
        block = bytes(window.held[: head.length if size is None else size])
        window.drop(len(block))
        block = block.removesuffix(b"\r\n\r\n") if resized else block
        return self._crawl_record(head, block, resized=resized, cut=size is None and not complete)

    def _crawl_record(
        self, head: _RecordHead, block: bytes | None, *, resized: bool = False, cut: bool = False
    ) -> CrawlRecord:
        return CrawlRecord(
            self._number, head.kind, head.address, head.date, head.content_type, block,
            head.truncated, head.segmented, resized, cut,
        )  # fmt: skip

    def _ends_after(self, length: int) -> bool:
        """Tell whether a block of this length is followed by the next record, or by nothing."""
        self._window.fill(length + _ARC_LINE)
        match = _SOMETHING.search(self._window.held, length, length + _ARC_LINE)
        return match is None or self._record_begins(match.start())

    def _real_end(self, length: int) -> int | None:
        """Return where the next record begins, if that is near, for a record whose declared length is wrong."""
        self._window.fill(min(length + _OVERRUN, MOST_BLOCK))
        return self._find(1, min(length + _OVERRUN, len(self._window.held)))
