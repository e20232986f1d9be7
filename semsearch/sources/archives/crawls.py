"""Opens WARC, WET and ARC, and finds the pages of a crawl."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from io import BufferedReader, BytesIO
from typing import BinaryIO

from semsearch.errors import SourceError
from semsearch.ports import Member, Place
from semsearch.sources.archives.crawl_records import CrawlRecord, LostBytes, records
from semsearch.sources.archives.messages import (
    MOST_BODY,
    ArchivedResponse,
    PackedError,
    charset,
    media_type,
    read_response,
)
from semsearch.sources.streams import HEAD_BYTES, streamed
from semsearch.text import normalise_line
from semsearch.types import Skipped

_PAGES = ("text/html", "application/xhtml+xml")
_SAYS_NOTHING = ("", "unknown", "unknown/unknown", "no-type", "application/octet-stream", "application/http")
_PAGE_BEGINS = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<!--(?>.{0,2000}?-->)\s*)*<(?:!doctype html|html|head)\b", re.IGNORECASE | re.DOTALL
)
_COMPLETE_STATUSES = (200, 203)
_SILENT = ("warcinfo", "file")  # describe the crawl itself
_OTHER_KINDS = ("request", "revisit", "metadata", "continuation")
_DATE = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)[T ]?(\d\d):?(\d\d):?(\d\d)")
_LISTED = 20


def open_crawl(stream: BinaryIO, place: Place) -> Iterator[Member | Skipped]:
    """Yield the pages that were fetched completely, and the texts of pages (WET); other records are counted at the end.

    Digests are not checked: tools take them over different bytes, and a damaged page shows when it is read.
    """
    buffered = stream if isinstance(stream, BufferedReader) else streamed(iter(lambda: stream.read(HEAD_BYTES), b""))
    pages = _Pages(place)
    try:
        for record in records(buffered):
            if isinstance(record, LostBytes):
                position = f"damaged at byte {record.offset:,} of the uncompressed crawl"
                reason = f" ({record.reason})" if record.reason else ""
                loss = f"lost {record.count:,} bytes, then " if record.count else ""
                yield Skipped(place.origin, f"{position}{reason}: {loss}went on with the next record")
            elif member := pages.member(record):
                yield member
    except SourceError:
        yield from pages.left_out()
        raise
    yield from pages.left_out()


class _Pages:
    """Tells the pages of a crawl from other records, and counts these."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._left_out = Counter[str]()  # by kind
        self._cut = 0  # by the crawler
        self._resized = 0

    def member(self, record: CrawlRecord) -> Member | None:
        """Return the page of a record; None if it has none."""
        address = _address(record.address)
        if record.kind in _SILENT:
            return None
        if left_out := self._why_no_page(record, address):
            self._left_out[left_out] += 1
            return None
        try:
            page = self._page(record)
        except PackedError as error:
            page = str(error)
        if isinstance(page, str):
            self._left_out[page] += 1
            return None
        body, declared, kind = page
        self._cut += record.truncated
        self._resized += record.resized
        name = f"{record.number}.{'txt' if kind == 'text/plain' else 'html'}"
        page_place = replace(
            self._place,
            origin=f"{self._place.origin}:{record.number}",
            within=f"record {record.number}",
            address=address,
            charset="utf-8" if kind == "text/plain" else charset(declared),
            fetched=_fetch_second(record.date) or self._place.fetched,
        )
        return Member(name, BytesIO(body), page_place, kind)

    def left_out(self) -> Iterator[Skipped]:
        """Yield one line on all records that were no page."""
        most_common = self._left_out.most_common(_LISTED)
        parts = [f"{count:,} {kind}" for kind, count in most_common]
        if more := self._left_out.total() - sum(count for _, count in most_common):
            parts.append(f"{more:,} others")
        notes = [f"left out: {', '.join(parts)}"] if parts else []
        notes += [f"read, but cut short by the crawler: {self._cut:,}"] if self._cut else []
        notes += [f"read, but of a wrong length: {self._resized:,}"] if self._resized else []
        if notes:
            yield Skipped(self._place.origin, "; ".join(notes))

    def _why_no_page(self, record: CrawlRecord, address: str) -> str:
        """Return why the head of a record shows that it is not a page; "" if it may be one."""
        if record.kind in _OTHER_KINDS:
            return f"of type {record.kind}"
        if record.kind not in ("response", "resource", "conversion"):
            return f"of type {normalise_line(record.kind) or 'unknown'}"
        if not address.lower().startswith(("http://", "https://")):
            return "not from the web"
        if record.segmented:
            return "in segments"
        return f"above {MOST_BODY // 2**20} MiB" if record.block is None else ""

    def _page(self, record: CrawlRecord) -> tuple[bytes, str, str] | str:
        """Return a page's body with its Content-Type and media type, or why the record is not a page."""
        block = record.block or b""
        if record.kind == "conversion":
            kind = media_type(record.content_type)
            if record.cut:
                return "cut off"
            return (block, record.content_type, kind) if kind == "text/plain" else _type_name(kind)
        response = read_response(block) if record.kind == "response" else ArchivedResponse(block)
        if record.cut and not response.complete:
            return "cut off"
        if response.status is not None and response.status not in _COMPLETE_STATUSES:
            return f"with status {response.status}"
        declared = record.content_type if response.status is None else response.fields.get("content-type", "")
        kind = media_type(declared)
        if kind in _SAYS_NOTHING and _PAGE_BEGINS.match(response.body):
            kind = _PAGES[0]
        if kind not in _PAGES:
            return _type_name(kind)
        return (response.body, declared, kind) if response.body.strip() else "without a body"


def _type_name(kind: str) -> str:
    return normalise_line(kind)[:60] or "without a type"


def _address(raw: str) -> str:
    """Return an address as it was meant: some tools write it in angle brackets, or with spaces."""
    address = normalise_line(raw)
    if address.startswith("<") and address.endswith(">"):
        address = address[1:-1].strip()
    return address.replace(" ", "%20")


def _fetch_second(date: str) -> int | None:
    """Return the UTC second of a fetch at "2024-05-03T09:15:00Z" or "20240503091500"; None for other dates."""
    match = _DATE.match(date)
    if not match:
        return None
    try:
        return int(datetime(*map(int, match.groups()), tzinfo=UTC).timestamp())  # type: ignore[arg-type, misc]
    except ValueError:
        return None
