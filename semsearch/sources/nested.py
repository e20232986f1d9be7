"""One stream -> its articles, and those of the files that it holds."""

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
"""Of files within each other: pages in a tar in a zip are news, more is a trap."""


def articles(
    stream: BufferedReader, place: Place, promised: Kind | None = None, level: int = 0
) -> Iterator[Article | Skipped | Unreadable]:
    """Yield what an uncompressed stream holds.

    Args:
        promised: the kind that the file's name, or whoever sent it, says it is.
        level: how many files this one is within.

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
    found = None
    for found in until_fault(_found(kind, stream, place, level)):
        yield found
    if found is None:
        # A list of nothing, a table's header alone, an archive of hidden files.
        yield Skipped(place.origin, "no article in it" if head.strip() else "empty file")


def _found(kind: Kind, stream: BufferedReader, place: Place, level: int) -> Iterator[Article | Skipped | Unreadable]:
    return kind.reader(stream, place) if kind.reader else _members(kind, stream, place, level + 1)


def _members(kind: Kind, stream: BufferedReader, place: Place, level: int) -> Iterator[Article | Skipped | Unreadable]:
    others = Counter[str]()
    for member in kind.opener(stream, place) if kind.opener else ():
        if isinstance(member, Article | Skipped):
            yield member
        elif promised := kind_of_media(member.media_type) if member.media_type else kind_of(member.name):
            yield from _member(member, promised, level)
        elif advice := refusal(member.name):
            yield Skipped(member.place.origin, advice)
        else:
            others[member.media_type or ending(member.name)[:20] or "without an ending"] += 1
    if others:
        total = others.total()
        named = ", ".join(f"{count:,} {name}" for name, count in others.most_common(8))
        yield Skipped(place.origin, f"{total:,} {'part' if total == 1 else 'parts'} of other kinds ({named}) left out")


def _member(member: Member, promised: Kind, level: int) -> Iterator[Article | Skipped | Unreadable]:
    """Yield what one member holds; its failure is its own."""
    try:
        with opened(member.stream, budget=member.place.budget) as stream:
            yield from articles(stream, member.place, promised, level)
    except SourceError as error:
        # One record of a crawl is one of many; a file that somebody packed was meant to be read.
        lost = Skipped if member.media_type else Unreadable
        yield lost(member.place.origin, str(error))
