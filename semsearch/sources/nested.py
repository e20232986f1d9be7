"""Reads the articles of a stream, and those of the files inside it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from io import BufferedReader

from semsearch.errors import SourceError
from semsearch.ports import Member, Place
from semsearch.sources.compression import UnpackingBudget
from semsearch.sources.faults import until_fault
from semsearch.sources.kinds import RECORDS, TABLE, Kind, ending, kind_of, kind_of_media, refusal, sniff
from semsearch.sources.records.date_order import shown_order
from semsearch.sources.streams import HEAD_BYTES, opened
from semsearch.types import Article, Skipped, Unreadable

MOST_LEVELS = 3
"""Levels of files inside files: pages in a tar in a zip are news, more is a trap."""


def articles(
    stream: BufferedReader, place: Place, promised: Kind | None = None, level: int = 0
) -> Iterator[Article | Skipped | Unreadable]:
    """Yield the articles of an uncompressed stream.

    Args:
        promised: the kind according to the file's name, or to its sender.
        level: number of files around this one.

    Raises:
        SourceError: the stream, or the rest of it, cannot be read.
    """
    if place.budget is None:
        place = replace(place, budget=UnpackingBudget())
    head = stream.peek(HEAD_BYTES)
    kind = sniff(head, promised)
    if kind in (RECORDS, TABLE) and place.date_order is None:
        place = replace(place, date_order=shown_order(head))
    if kind.opener and level == MOST_LEVELS:
        raise SourceError(f"more than {MOST_LEVELS} files within each other: unpack it first")
    reading = None
    for reading in until_fault(_readings(kind, stream, place, level)):
        yield reading
    if reading is None:
        # An empty list, a table with nothing but a header, an archive of hidden files.
        yield Skipped(place.origin, "no article in it" if head.strip() else "empty file")


def _readings(kind: Kind, stream: BufferedReader, place: Place, level: int) -> Iterator[Article | Skipped | Unreadable]:
    return kind.reader(stream, place) if kind.reader else _members(kind, stream, place, level + 1)


def _members(kind: Kind, stream: BufferedReader, place: Place, level: int) -> Iterator[Article | Skipped | Unreadable]:
    other_kinds = Counter[str]()
    for member in kind.opener(stream, place) if kind.opener else ():
        if isinstance(member, Article | Skipped):
            yield member
        elif promised := kind_of_media(member.media_type) if member.media_type else kind_of(member.name):
            yield from _member(member, promised, level)
        elif advice := refusal(member.name):
            yield Skipped(member.place.origin, advice)
        else:
            other_kinds[member.media_type or ending(member.name)[:20] or "without an ending"] += 1
    if other_kinds:
        total = other_kinds.total()
        kinds = ", ".join(f"{count:,} {name}" for name, count in other_kinds.most_common(8))
        yield Skipped(place.origin, f"{total:,} {'part' if total == 1 else 'parts'} of other kinds ({kinds}) left out")


def _member(member: Member, promised: Kind, level: int) -> Iterator[Article | Skipped | Unreadable]:
    """Yield the articles of one member; a failure costs only this member."""
    try:
        with opened(member.stream, budget=member.place.budget) as stream:
            yield from articles(stream, member.place, promised, level)
    except SourceError as error:
        # A record of a crawl is one of many, while a file in an archive was meant to be read.
        lost_type = Skipped if member.media_type else Unreadable
        yield lost_type(member.place.origin, str(error))
