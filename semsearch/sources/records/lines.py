"""Reads JSON: one article a line, where a broken line costs only itself; and lists and objects of any length."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from itertools import chain
from typing import BinaryIO

from semsearch.errors import SourceError
from semsearch.ports import Place
from semsearch.sources.records import chats, database
from semsearch.sources.records.day_parts import with_day
from semsearch.sources.records.envelopes import (
    LostRecords,
    completed,
    enclosed,
    held_articles,
    listed_records,
    lists_of_objects,
    may_hold_articles,
    said_of_all,
)
from semsearch.sources.records.frames import refuse_large, rows
from semsearch.sources.records.json_values import as_object, parse_object, parse_values
from semsearch.sources.records.own import own_article
from semsearch.sources.records.pages import article_from
from semsearch.sources.records.references import reference_record
from semsearch.sources.records.window import MOST_RECORD_BYTES, Broken, Window
from semsearch.types import Article, Skipped

MOST_LINE_BYTES = MOST_RECORD_BYTES

_BLOCK_BYTES = 2**20
_NOTHING = "neither headline nor text"
_MOST_NAMED = 8
_SPACE = b" \t\r\n\v\f\x1e"
_LIST_BEGINS = re.compile(rb"\s*\[\s*(?:[{\]]|$)")
_OPEN_END = (b"{", b"[", b",")
"""How a line inside an object of many lines ends; a line that is a whole object ends with }."""


def read_records(stream: BinaryIO, place: Place) -> Iterator[Article | Skipped]:
    """Read objects that stand one a line, in a list, in an object that holds them, or one after the other.

    Raises:
        SourceError: input that is not one object a line is broken, and the beginning of its next record is not found.
    """
    lines = _lines(stream)
    first_line = next(lines, None)
    if first_line is None:
        return
    if _is_spread(first_line[1]):
        yield from _read_spread(Window(stream, first_line[1], first_line[0]), place)
        return
    for number, line in chain([first_line], lines):
        origin = f"{place.origin}:{number}"
        if len(line) > MOST_LINE_BYTES:
            while line and not line.endswith(b"\n"):
                line = stream.readline(_BLOCK_BYTES)
            yield Skipped(origin, f"a line of more than {MOST_LINE_BYTES // 2**20} MiB")
        else:
            yield from _read_line(line, place, origin)


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield the number, from 1, and the bytes of each line that is not blank; only the beginning of one too long."""
    number = 0
    while line := stream.readline(MOST_LINE_BYTES + 1):
        number += 1
        if line.strip(_SPACE):
            yield number, line


def _is_spread(line: bytes) -> bool:
    """Tell from the first line whether records are spread over lines, or several stand in one."""
    if _LIST_BEGINS.match(line):
        return True
    bare = line.strip(_SPACE)
    if not bare.startswith(b"{"):
        return False
    if len(line) > MOST_LINE_BYTES or bare.endswith(_OPEN_END):
        return True
    try:
        return sum(1 for _ in parse_values(bare)) > 1
    except SourceError:
        return not line.endswith(b"\n")  # the only line, and cut: records in it may be complete


def _read_line(line: bytes, place: Place, origin: str) -> Iterator[Article | Skipped]:
    try:
        for count, (value, text) in enumerate(parse_values(line.strip(_SPACE)), 1):
            value_origin = origin if count == 1 else f"{origin}#{count}"
            yield from _articles(as_object(value), Window(BytesIO(), text.encode(), 1), place, value_origin)
    except SourceError as error:
        yield Skipped(origin, str(error))


def _read_spread(window: Window, place: Place) -> Iterator[Article | Skipped]:
    entry_count = 0
    is_only = True
    while first_byte := window.peek():
        if first_byte == b"[":
            for number, articles in _numbered(listed_records(window), place, place.origin, entry_count):
                entry_count = number
                yield from articles
        elif first_byte == b",":
            window.step()
        else:
            yield from _read_object(window, place, is_only)
        is_only = False


def _read_object(window: Window, place: Place, is_only: bool) -> Iterator[Article | Skipped]:
    """Yield what an object holds, broken or not, and step behind it or to the next one."""
    origin = f"{place.origin}:{window.line()}"
    try:
        raw = window.value()
        record = parse_object(raw)
    except (Broken, SourceError) as error:
        reason = str(error)
        refuse_large(window)
    else:
        yield from _articles(record, Window(BytesIO(), raw, 1), place, origin)
        window.position += len(raw)
        return
    any_read = False
    if window.peek() == b"{":
        try:
            for _, articles in _numbered(held_articles(window), place, origin):
                any_read = True
                yield from articles
        except Broken as broken:
            reason = str(broken) if any_read else reason
        else:
            return
    yield from _next_object(window, origin, reason, is_only and not any_read)


def _next_object(window: Window, origin: str, reason: str, is_only: bool) -> Iterator[Skipped]:
    if window.recover(lines=True):
        yield Skipped(origin, f"a line {reason}" if reason.startswith("of more than") else reason)
    elif is_only:
        raise SourceError(
            f"begins as one object over many lines, and is not: {reason}. Write one object a line: jq -c . OLD > NEW"
        )
    else:
        raise SourceError(f"the rest is broken ({reason}); what came before was kept")


def _articles(record: dict[str, object], raw: Window, place: Place, origin: str) -> Iterator[Article | Skipped]:
    """Yield what an object holds, in most cases one article; `raw` is its text."""
    if (known := _of_known_form(record, place, origin)) is not None:
        yield from known
        return
    if (table := rows(record, place.names.keys())) is not None:
        for _, articles in _numbered(table, place, origin):
            yield from articles
        return
    any_read = False
    if may_hold_articles(record):
        try:
            for _, articles in _numbered(_completed(held_articles(raw), said_of_all(record)), place, origin):
                any_read = True
                yield from articles
        except Broken:  # its inner objects are parts of an article
            pass
    if any_read:
        return
    if inner := _inner_records(record, place):
        yield from _inner_articles(inner, place, origin)
        return
    made = article_from(with_day(record), place, origin)
    if isinstance(made, Skipped) and made.reason == _NOTHING and (lists := lists_of_objects(record)):
        names = ", ".join(lists[:_MOST_NAMED])
        made = Skipped(origin, f"{_NOTHING}, and no known name of a list of articles: its lists are {names:.300}")
    yield made


def _of_known_form(record: Mapping[str, object], place: Place, origin: str) -> Iterator[Article | Skipped] | None:
    """Return the articles of an object in one of the forms that are known as a whole; None for any other object."""
    from semsearch.sources.wire.objects import unfold  # some news formats are JSON too

    if (article := _own_article(record, place, origin)) is not None:
        return iter([article])
    if (unfolded := unfold(record, place, origin)) is not None:
        return unfolded
    if reason := chats.refusal(record):
        return iter([Skipped(origin, reason)])
    if (named := reference_record(record) or chats.message(record)) is not None:
        return iter([article_from(named, place, origin)])
    return None


def _completed(
    records: Iterable[dict[str, object] | LostRecords], said: Mapping[str, str]
) -> Iterator[Mapping[str, object] | LostRecords]:
    return (completed(one, said) if said and isinstance(one, Mapping) else one for one in records)


def _inner_records(record: Mapping[str, object], place: Place) -> Sequence[Mapping[str, object]]:
    """Return the articles inside an object, unless the user says which of its own names stand for what."""
    return enclosed(record) if place.names.keys().isdisjoint(record) else []


def _inner_articles(inner: Sequence[Mapping[str, object]], place: Place, origin: str) -> Iterator[Article | Skipped]:
    for number, record in enumerate(inner, 1):
        inner_origin = f"{origin}#{number}" if len(inner) > 1 else origin
        known = _of_known_form(record, place, inner_origin)
        yield from [article_from(with_day(record), place, inner_origin)] if known is None else known


def _numbered(
    records: Iterable[Mapping[str, object] | LostRecords], place: Place, origin: str, before: int = 0
) -> Iterator[tuple[int, Iterator[Article | Skipped]]]:
    """Yield the number of each record of a list, counted from `before`, with its articles."""
    for number, record in enumerate(records, before + 1):
        yield number, _entry(record, place, f"{origin}#{number}")


def _entry(record: Mapping[str, object] | LostRecords, place: Place, origin: str) -> Iterator[Article | Skipped]:
    if isinstance(record, LostRecords):
        yield Skipped(
            origin, f"a record {record.reason}" if record.reason.startswith("of more than") else record.reason
        )
    elif (known := _of_known_form(record, place, origin)) is not None:
        yield from known
    elif reason := database.refusal(record):
        yield Skipped(origin, reason)
    elif inner := _inner_records(record, place):
        yield from _inner_articles(inner, place, origin)
    else:
        yield article_from(with_day(record), place, origin)


def _own_article(record: Mapping[str, object], place: Place, origin: str) -> Article | None:
    """Return an article of our own, unless a publisher or names of fields are given: then it is to be read anew."""
    return None if place.source or place.names else own_article(record, origin)
