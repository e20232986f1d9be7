"""Reads the SGML of the Reuters collections and of TREC's newspapers: one article a record."""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import BinaryIO

from semsearch.errors import SourceError
from semsearch.ports import Place
from semsearch.sources.facts import values
from semsearch.sources.facts.article import Facts, article
from semsearch.sources.faults import attempt
from semsearch.types import Article, Date, Skipped

MOST_RECORD_BYTES = 16 * 2**20

_BLOCK_BYTES = 2**18
_BEGIN = re.compile(rb"<(REUTERS|DOC)(?=[\s>])[^>]{0,4000}>", re.IGNORECASE)
_TAG_BYTES = 4_100
_ATTRIBUTE = re.compile(r'(?<!\w)([A-Z]\w*+)\s*+=\s*+"([^"]*)"', re.IGNORECASE)
_ELEMENT = re.compile(r"<(/?)([A-Z][A-Z0-9_-]*)(?:\s[^<>]*)?>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7};|(?:lt|gt|amp|quot|apos|nbsp|hyph|blank);)")
_TREC_ENTITIES = {"&hyph;": "-", "&blank;": " "}
"""Entities of TREC's Federal Register and Financial Times that HTML does not have."""

_ITEM_TAG = re.compile(r"</?(?:D|P)>", re.IGNORECASE)
_BRIEF = re.compile(r'<TEXT\s+TYPE="BRIEF"', re.IGNORECASE)
_PADDING = " \t\r\n\v\f\x03\xa0"
"""Characters at the end of a story; the control character ended a transmission."""

_SIGNED = re.compile(r"(?<!\w)REUTERS?$", re.IGNORECASE)
_SIGNED_WITHIN = 10
_TITLES = ("headline", "hl", "title", "head", "h3", "ti", "hedline", "tx_title")
_BODIES = ("lp", "leadpara", "text")
_DATES = ("date", "date_time", "date1", "pubdate", "docdate", "dd")
_PEOPLE = ("author", "byline", "by")
_TOPICS = ("topics", "subject")
_LISTS = ("places", "people", "orgs", "exchanges", "companies")
_IDS = ("docno", "docid")


def read_sgml(stream: BinaryIO, place: Place) -> Iterator[Article | Skipped]:
    """Read the records of a file, whose origins count from 1; a record without an end costs only itself.

    Raises:
        SourceError: the file has no record.
    """
    number = 0
    for number, (kind, raw) in enumerate(_records(stream), 1):
        origin = f"{place.origin}#{number}"
        if isinstance(raw, str):
            yield Skipped(origin, raw)
        else:
            yield attempt(partial(_record, kind, raw, place, origin), origin)
    if not number:
        raise SourceError("SGML without a record <REUTERS> or <DOC>. Save it as HTML or text")


def _record(kind: bytes, raw: bytes, place: Place, origin: str) -> Article | Skipped:
    text = _decoded_text(raw)
    return article(_of_reuters(text) if kind == b"reuters" else _of_trec(text), place, origin)


def _records(stream: BinaryIO) -> Iterator[tuple[bytes, bytes | str]]:
    """Yield the kind of each record, and its bytes or the reason why they are lost."""
    window = _RecordWindow(stream)
    while begin := window.search(_BEGIN):
        kind = begin[1].lower()
        edge = re.compile(rb"</" + kind + rb"\s{0,9}>|<" + kind + rb"(?=[\s>])", re.IGNORECASE)
        end = window.search(edge, begin.end() - begin.start())
        if end is None:
            too_long = window.more_than(MOST_RECORD_BYTES)
            yield (
                kind,
                f"a record of more than {MOST_RECORD_BYTES // 2**20} MiB" if too_long else "a record without end",
            )
            window.position += begin.end() - begin.start()
        elif end[0].startswith(b"</"):
            yield kind, window.held[window.position : end.start()]
            window.position = end.end()
        else:
            yield kind, "a record without end: another begins within it"
            window.position = end.start()


class _RecordWindow:
    """The bytes of a stream from `position` on, as far as a record may go."""

    def __init__(self, stream: BinaryIO) -> None:
        self.held = b""
        self.position = 0
        self._stream = stream

    def search(self, pattern: re.Pattern[bytes], passed: int | None = None) -> re.Match[bytes] | None:
        """Return the next match: behind the first `passed` bytes of a record, or else anywhere, and step to it."""
        in_record = passed is not None
        passed = passed or 0
        while True:
            if match := pattern.search(self.held, self.position + passed):
                if not in_record:
                    self.position = match.start()
                return match
            # Bytes that were searched are forgotten, but for those in which a match may begin.
            passed = max(passed, len(self.held) - self.position - _TAG_BYTES)
            if not in_record:
                self.position, passed = self.position + passed, 0
            if self.more_than(MOST_RECORD_BYTES) and in_record:
                return None
            rest = self.held[self.position :]
            block = self._stream.read(max(_BLOCK_BYTES, len(rest)))
            if not block:
                return None
            self.held, self.position = rest + block, 0

    def more_than(self, size: int) -> bool:
        return len(self.held) - self.position > size


def _decoded_text(raw: bytes) -> str:
    """Decode a record; these collections declare no encoding, and most are ASCII."""
    for encoding in ("utf-8", "windows-1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def _plain_text(markup: str) -> str:
    """Return text without tags; only entities of characters are replaced, and none is ever defined."""
    text = _ITEM_TAG.sub("\n\n", markup)
    text = _ELEMENT.sub(" ", text)
    return _ENTITY.sub(lambda entity: _TREC_ENTITIES.get(entity[0], html.unescape(entity[0])), text)


def _elements(markup: str) -> dict[str, str]:
    """Return the content of the first element of each name; an element without an end goes on to the next tag."""
    contents: dict[str, str] = {}
    open_at: dict[str, int] = {}
    for tag in _ELEMENT.finditer(markup):
        name = tag[2].lower()
        if not tag[1]:
            open_at.setdefault(name, tag.end())
        elif name in open_at:
            contents.setdefault(name, markup[open_at.pop(name) : tag.start()])
    for name, begin in open_at.items():
        following = _ELEMENT.search(markup, begin)
        contents.setdefault(name, markup[begin : following.start() if following else len(markup)])
    return contents


def _first_text(elements: dict[str, str], names: tuple[str, ...]) -> str:
    return next((text for name in names if (text := _plain_text(elements.get(name, "")).strip())), "")


def _of_reuters(markup: str) -> Facts:
    head, _, content = markup.partition(">")
    attributes = {name.lower(): value for name, value in _ATTRIBUTE.findall(head)}
    elements = _elements(content)
    body = elements.get("body", "")
    if _BRIEF.search(content):  # a headline with a filler
        body = ""
    elif not body and "title" not in elements:  # the text is one piece
        body = elements.get("text", "")
    tags = {"split": attributes.get("lewissplit"), "old_id": attributes.get("oldid")}
    # The element is named after the agency.
    return replace(
        _facts(elements, _without_signature(_plain_text(body)), attributes.get("newid"), tags), publisher="Reuters"
    )


def _without_signature(body: str) -> str:
    """Return a story without the agency's name that ended its transmission."""
    body = body.rstrip(_PADDING)
    signature = _SIGNED.search(body[-_SIGNED_WITHIN:])
    return body[: len(body) - len(signature[0])].rstrip(_PADDING) if signature else body


def _of_trec(markup: str) -> Facts:
    elements = _elements(markup)
    bodies = [text for name in _BODIES if (text := _plain_text(elements.get(name, "")).strip("\n"))]
    return _facts(elements, "\n\n".join(bodies), _first_text(elements, _IDS) or None)


def _facts(
    elements: dict[str, str], text: str, source_id: str | None, tags: Mapping[str, str | None] | None = None
) -> Facts:
    lists = {
        name: tuple(values.tag_values([_plain_text(item) for item in _ITEM_TAG.split(elements[name])]))
        for name in (*_TOPICS, *_LISTS)
        if name in elements
    }
    published, date_text = _published_date(elements)
    single = {**(tags or {}), "dateline": values.line(_first_text(elements, ("dateline",)))}
    return Facts(
        title=_first_text(elements, _TITLES),
        text=text,
        source_id=source_id,
        authors=tuple(values.people(_first_text(elements, _PEOPLE))),
        published=published,
        written=date_text,
        section=values.section(_first_text(elements, ("section",)).partition(";")[0]),
        topics=next((lists[name] for name in _TOPICS if lists.get(name)), ()),
        tags={
            **{name: (value,) for name, value in single.items() if value},
            **{name: lists[name] for name in _LISTS if lists.get(name)},
        },
    )


def _published_date(elements: dict[str, str]) -> tuple[Date | None, str]:
    """Return the date, and the date as written; in the Los Angeles Times weekday and edition follow it."""
    date_text = values.line(_first_text(elements, _DATES)) or ""
    return values.date(date_text) or values.date(",".join(date_text.split(",")[:2])), date_text
