"""Finds the articles inside JSON objects, such as answers of web APIs and files that list objects by name."""

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
    hydra_member member db payload result messages ordered_items
"""
_LISTS = frozenset(fold(name) for name in _LIST_NAMES.split())
"""Folded names of lists of articles, or of objects that hold such a list, in NewsAPI, Event Registry, the Guardian, the
New York Times, Elasticsearch, Solr, Webz.io, Mediastack, Bing, the viewer of Hugging Face, GraphQL, Hydra, Superdesk,
Ghost, Telegram, Discord, Mastodon, and feeds converted to JSON."""

_WHOLE_NAMES = "item object content article story document post entry node record doc"
_WHOLES = frozenset(_WHOLE_NAMES.split())
"""Folded names of an object that is the article, in one that says something about it, as AP and Mastodon have them."""

_ISSUE = frozenset(("issue", "issuenumber", "edition", "volume"))
_PUBLISHERS = frozenset(("publisher", "newspaper", "publication", "outlet"))
_DATES = frozenset(("date", "issuedate", "published", "publicationdate", "publishdate"))

_DEEPEST = 4
_BODIES = ("text", "html", "markdown")
_OWN = frozenset(name for noun in _BODIES for name in FIELDS[noun])
_TELLING = _OWN.union(*(FIELDS[noun] for noun in ("title", "summary", "standfirst"))) - {"name"}
_TITLES = frozenset(FIELDS["title"]) - {"name"}
_KEY = "key"


@dataclass(frozen=True, slots=True)
class LostRecords:
    """A record of a list that cannot be read."""

    reason: str


def may_hold_articles(record: Mapping[str, object]) -> bool:
    """Tell whether an object may hold articles, and is not an article itself."""
    names = Entries(record).folded_names
    if names & _OWN:
        return False
    return not names & _TELLING or any(fold(name) in _LISTS and _has_objects(value) for name, value in record.items())


def _has_objects(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)


def listed_records(window: Window) -> Iterator[dict[str, object] | LostRecords]:
    """Yield the objects of the list that begins here, and step behind it.

    Raises:
        SourceError: the rest of the list cannot be read.
    """
    window.step()
    while (mark := window.peek()) != b"]":
        if mark == b",":
            window.step()
            continue
        if not mark:
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
            window.position += len(raw)
            yield record
    window.step()


def held_articles(window: Window, depth: int = 0) -> Iterator[dict[str, object] | LostRecords]:
    """Yield the articles inside the object that begins here, and step behind it.

    Raises:
        Broken: the object is an article itself, or something in it that is not a record of a list is broken.
        SourceError: the rest of a list cannot be read.
    """
    window.step()
    by_name = True  # so far all values are articles, each under a name of its own
    position = 0
    while (mark := window.peek()) != b"}":
        if mark == b",":
            window.step()
            continue
        name = _name(window)
        value_mark = window.peek()
        if fold(name) in _LISTS and depth < _DEEPEST and value_mark == b"[" and window.begins_with_object():
            yield from listed_records(window)
        elif fold(name) in _LISTS and depth < _DEEPEST and value_mark == b"{":
            yield from held_articles(window, depth + 1)
        else:
            raw = window.value()
            window.position += len(raw)
            if fold(name) in _OWN:
                raise Broken("an article")
            record = _named_article(name, raw, position) if by_name and value_mark == b"{" else None
            position += 1
            by_name = record is not None
            if record is not None:
                yield record
    window.step()


def _name(window: Window) -> str:
    raw = window.value() if window.peek() == b'"' else b""
    window.position += len(raw)
    if not raw or window.peek() != b":":
        raise Broken("broken JSON: Expecting a name")
    window.step()
    try:
        return str(next(parse_values(raw))[0])
    except SourceError as error:
        raise Broken(str(error)) from error


def _named_article(name: str, raw: bytes, position: int) -> dict[str, object] | LostRecords | None:
    """Return the article that stands under a name; None if the object is not an article."""
    try:
        record = parse_object(raw)
    except SourceError as error:
        return LostRecords(str(error))
    return labelled(name, record, position) if looks_like_article(record) else None


def enclosed(record: Mapping[str, object], depth: int = 0) -> list[Mapping[str, object]]:
    """Return the articles that an object holds which is none itself, with what it says about a single one."""
    inner = {name: value for name, value in record.items() if _may_be_within(fold(name), value)}
    if not inner or depth >= _DEEPEST:
        return []
    telling = Entries(record).folded_names & _TELLING
    if telling - {fold(name) for name, value in inner.items() if isinstance(value, Mapping)}:
        return []
    found: list[Mapping[str, object]] = []
    for name, value in inner.items():
        if isinstance(value, list):
            found += [one for one in value if isinstance(one, Mapping)]
        elif isinstance(value, Mapping) and fold(name) in _WHOLES and looks_like_article(value):
            outside = {other: said for other, said in record.items() if other != name}
            found.append({**outside, **value})
        elif isinstance(value, Mapping):
            found += enclosed(value, depth + 1)
    return found


def _may_be_within(name: str, value: object) -> bool:
    if not isinstance(value, Mapping):
        return name in _LISTS and _has_objects(value)
    if name in _OWN:  # in most cases it is a text in several forms
        return name in _WHOLES and not Entries(value).folded_names.isdisjoint(_TITLES)
    return name in _WHOLES or name in _LISTS


def lists_of_objects(record: Mapping[str, object]) -> list[str]:
    """Return the names of the lists of objects in an object, and in the objects within it."""
    inner = {name: value for name, value in record.items() if isinstance(value, Mapping)}
    return [
        *(name for name, value in record.items() if _has_objects(value)),
        *(f"{outer}.{name}" for outer, value in inner.items() for name in value if _has_objects(value[name])),
    ]


def said_of_all(record: Mapping[str, object]) -> dict[str, str]:
    """Return the publisher of all the articles that an object holds, and the date if it is an issue, as it says them.

    Any other date may be that of an answer.
    """
    texts = {fold(name): value for name, value in record.items() if isinstance(value, str)}
    publisher = next((value for name, value in texts.items() if name in _PUBLISHERS), "")
    is_issue = not _ISSUE.isdisjoint(map(fold, record))
    date = next((value for name, value in texts.items() if name in _DATES), "") if is_issue else ""
    return {name: value for name, value in (("publisher", publisher), ("date", date)) if value}


def completed(record: Mapping[str, object], said: Mapping[str, str]) -> Mapping[str, object]:
    """Return a record with what was said of all, as far as it does not say so itself."""
    names = Entries(record).folded_names
    itself = {"publisher": {*FIELDS["publisher"], *FIELDS["domain"]}, "date": FIELDS["published"]}
    return {**{name: value for name, value in said.items() if names.isdisjoint(itself[name])}, **record}


def looks_like_article(record: Mapping[str, object]) -> bool:
    """Tell whether a record has what only articles have: a title, a text, or a summary."""
    return bool(Entries(record).folded_names & _TELLING)


def labelled(name: str, record: dict[str, object], position: int) -> dict[str, object]:
    """Return a record with the name it stands under, as its address or key; a mere position, from 0, is left out."""
    if name == str(position):
        return record
    return {("url" if address(name) and "url" not in Entries(record).folded_names else _KEY): name, **record}
