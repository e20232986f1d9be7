"""Objects that hold articles, as the answers of programming interfaces and files of objects by name do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from semsearch.errors import SourceError
from semsearch.sources.facts.fields import FIELDS, Entries, fold
from semsearch.sources.facts.values import address
from semsearch.sources.records.json_values import parse_object, parse_values
from semsearch.sources.records.window import Broken, Window

_LIST_NAMES = """
    articles data results items item stories hits docs documents response news entries entry records posts rows value
    article list feed rss channel edges nodes objects publications collection texts newsitems content_items archive
    hydra_member member db payload result
"""
_LISTS = frozenset(fold(name) for name in _LIST_NAMES.split())
"""Folded names under which lists of articles stand, or an object that has one: of NewsAPI, Event Registry, the
Guardian, the New York Times, Elasticsearch, Solr, Webz.io, Mediastack, Bing, the viewer of
Hugging Face, GraphQL, Hydra, Superdesk, Ghost, and of feeds that were made JSON."""

_DEEPEST = 4
_BODIES = ("text", "html", "markdown")
_OWN = frozenset(name for noun in _BODIES for name in FIELDS[noun])
_TELLING = _OWN.union(*(FIELDS[noun] for noun in ("title", "summary", "standfirst"))) - {"name"}
_KEY = "key"


@dataclass(frozen=True, slots=True)
class LostRecords:
    """A record of a list that cannot be read."""

    reason: str


def holds_others(record: Mapping[str, object]) -> bool:
    """Tell whether an object may hold articles, and is none itself."""
    names = Entries(record).found
    if names & _OWN:
        return False
    return not names & _TELLING or any(fold(name) in _LISTS and _filled(value) for name, value in record.items())


def _filled(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)


def listed(window: Window) -> Iterator[dict[str, object] | LostRecords]:
    """Yield the objects of the list that begins here, and step behind it.

    Raises:
        SourceError: its rest cannot be read.
    """
    window.step()
    while (first := window.peek()) != b"]":
        if first == b",":
            window.step()
            continue
        if not first:
            raise SourceError("the list of records is cut; those before were kept. Fetch it again")
        try:
            raw = window.value()
        except Broken as broken:
            if not window.recover():
                raise SourceError(f"the rest of the list is broken ({broken}); what came before was kept") from broken
            yield LostRecords(str(broken))
            continue
        try:
            record = parse_object(raw)
        except SourceError as error:
            window.leave(raw)
            yield LostRecords(str(error))
        else:
            window.at += len(raw)
            yield record
    window.step()


def held(window: Window, depth: int = 0) -> Iterator[dict[str, object] | LostRecords]:
    """Yield the articles that the object which begins here holds, and step behind it; none where it is one itself.

    Raises:
        Broken: something in it that is no record of a list is broken.
        SourceError: the rest of a list cannot be read.
    """
    window.step()
    by_name = True  # nothing but articles so far, each under a name of its own
    place = 0
    while (first := window.peek()) != b"}":
        if first == b",":
            window.step()
            continue
        name = _name(window)
        inner = window.peek()
        if fold(name) in _LISTS and depth < _DEEPEST and inner == b"[" and window.begins_with_object():
            yield from listed(window)
        elif fold(name) in _LISTS and depth < _DEEPEST and inner == b"{":
            yield from held(window, depth + 1)
        else:
            raw = window.value()
            window.at += len(raw)
            if fold(name) in _OWN:
                raise Broken("an article")
            record = _named(name, raw, place) if by_name and inner == b"{" else None
            place += 1
            by_name = record is not None
            if record is not None:
                yield record
    window.step()


def _name(window: Window) -> str:
    raw = window.value() if window.peek() == b'"' else b""
    window.at += len(raw)
    if not raw or window.peek() != b":":
        raise Broken("broken JSON: Expecting a name")
    window.step()
    try:
        return str(next(parse_values(raw))[0])
    except SourceError as error:
        raise Broken(str(error)) from error


def _named(name: str, raw: bytes, place: int) -> dict[str, object] | LostRecords | None:
    """Return an article that stands under a name; None where it is no article."""
    try:
        record = parse_object(raw)
    except SourceError as error:
        return LostRecords(str(error))
    return labelled(name, record, place) if tells(record) else None


def tells(record: Mapping[str, object]) -> bool:
    """Tell whether a record has what only articles have: a title, a text, or something in its place."""
    return bool(Entries(record).found & _TELLING)


def labelled(name: str, record: dict[str, object], place: int) -> dict[str, object]:
    """Return a record with the name that it stands under, which may be its address; its number, from 0, is none."""
    if name == str(place):
        return record
    return {("url" if address(name) and "url" not in Entries(record).found else _KEY): name, **record}
