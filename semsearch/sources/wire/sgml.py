"""Reads SGML as the Reuters collections and TREC's newspapers write it: one article a record."""

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
from semsearch.sources.faults import guarded
from semsearch.types import Article, Date, Skipped

MOST_RECORD_BYTES = 16 * 2**20

_BLOCK_BYTES = 2**18
_BEGIN = re.compile(rb"<(REUTERS|DOC)(?=[\s>])[^>]{0,4000}>", re.IGNORECASE)
_TAG_BYTES = 4_100
_ATTRIBUTE = re.compile(r'(?<!\w)([A-Z]\w*+)\s*+=\s*+"([^"]*)"', re.IGNORECASE)
_ELEMENT = re.compile(r"<(/?)([A-Z][A-Z0-9_-]*)(?:\s[^<>]*)?>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7};|(?:lt|gt|amp|quot|apos|nbsp|hyph|blank);)")
_OTHERS = {"&hyph;": "-", "&blank;": " "}
"""Entities of TREC's Federal Register and Financial Times that HTML does not have."""

_SPLIT = re.compile(r"</?(?:D|P)>", re.IGNORECASE)
_BRIEF = re.compile(r'<TEXT\s+TYPE="BRIEF"', re.IGNORECASE)
_PADDING = " \t\r\n\v\f\x03\xa0"
"""Behind a story; the control character ended a transmission."""

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
    """Read the records of a file, whose origins count from 1; one that has no end is a record's loss.

    Raises:
        SourceError: it has no record.
    """
    number = 0
    for number, (kind, raw) in enumerate(_records(stream), 1):
        origin = f"{place.origin}#{number}"
        if isinstance(raw, str):
            yield Skipped(origin, raw)
        else:
            yield guarded(partial(_record, kind, raw, place, origin), origin)
    if not number:
        raise SourceError("SGML without a record <REUTERS> or <DOC>. Save it as HTML or text")


def _record(kind: bytes, raw: bytes, place: Place, origin: str) -> Article | Skipped:
    text = _decoded(raw)
    return article(_of_reuters(text) if kind == b"reuters" else _of_trec(text), place, origin)


def _records(stream: BinaryIO) -> Iterator[tuple[bytes, bytes | str]]:
    """Yield the kind of each record, and its bytes or why it has none."""
    window = _Window(stream)
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
            window.at += begin.end() - begin.start()
        elif end[0].startswith(b"</"):
            yield kind, window.held[window.at : end.start()]
            window.at = end.end()
        else:
            yield kind, "a record without end: another begins within it"
            window.at = end.start()


class _Window:
    """The bytes of a stream from a place on, as far as a record may go."""

    def __init__(self, stream: BinaryIO) -> None:
        self.held = b""
        self.at = 0
        self._stream = stream

    def search(self, pattern: re.Pattern[bytes], passed: int | None = None) -> re.Match[bytes] | None:
        """Find a mark: behind the first `passed` bytes of a record, else anywhere, which steps to it."""
        held = passed is not None
        passed = passed or 0
        while True:
            if found := pattern.search(self.held, self.at + passed):
                if not held:
                    self.at = found.start()
                return found
            # What has been looked through is let go of, but for the beginning of a mark.
            passed = max(passed, len(self.held) - self.at - _TAG_BYTES)
            if not held:
                self.at, passed = self.at + passed, 0
            if self.more_than(MOST_RECORD_BYTES) and held:
                return None
            rest = self.held[self.at :]
            block = self._stream.read(max(_BLOCK_BYTES, len(rest)))
            if not block:
                return None
            self.held, self.at = rest + block, 0

    def more_than(self, size: int) -> bool:
        return len(self.held) - self.at > size


def _decoded(raw: bytes) -> str:
    """Return text in the encoding that it is in: of these collections nobody declares one, and most are ASCII."""
    for encoding in ("utf-8", "windows-1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def _plain(markup: str) -> str:
    """Return text without tags; only the entities of characters are known, and none is ever defined."""
    text = _SPLIT.sub("\n\n", markup)
    text = _ELEMENT.sub(" ", text)
    return _ENTITY.sub(lambda entity: _OTHERS.get(entity[0], html.unescape(entity[0])), text)


def _elements(markup: str) -> dict[str, str]:
    """Return what each element has within, the first of each name; one that has no end goes on to the next."""
    found: dict[str, str] = {}
    open_at: dict[str, int] = {}
    for tag in _ELEMENT.finditer(markup):
        name = tag[2].lower()
        if not tag[1]:
            open_at.setdefault(name, tag.end())
        elif name in open_at:
            found.setdefault(name, markup[open_at.pop(name) : tag.start()])
    for name, begin in open_at.items():
        following = _ELEMENT.search(markup, begin)
        found.setdefault(name, markup[begin : following.start() if following else len(markup)])
    return found


def _first(found: dict[str, str], names: tuple[str, ...]) -> str:
    return next((text for name in names if (text := _plain(found.get(name, "")).strip())), "")


def _of_reuters(markup: str) -> Facts:
    head, _, rest = markup.partition(">")
    said = {name.lower(): value for name, value in _ATTRIBUTE.findall(head)}
    found = _elements(rest)
    # A brief is a headline with a filler; a story that was not taken apart stands in the text itself.
    body = "" if _BRIEF.search(rest) else found.get("body") or ("" if "title" in found else found.get("text", ""))
    tags = {"split": said.get("lewissplit"), "old_id": said.get("oldid")}
    # The name of the element is that of the agency.
    return replace(_facts(found, _without_end(_plain(body)), said.get("newid"), tags), publisher="Reuters")


def _without_end(body: str) -> str:
    """Return a story without the word that ended its transmission."""
    body = body.rstrip(_PADDING)
    signed = _SIGNED.search(body[-_SIGNED_WITHIN:])
    return body[: len(body) - len(signed[0])].rstrip(_PADDING) if signed else body


def _of_trec(markup: str) -> Facts:
    found = _elements(markup)
    bodies = [text for name in _BODIES if (text := _plain(found.get(name, "")).strip("\n"))]
    return _facts(found, "\n\n".join(bodies), _first(found, _IDS) or None)


def _facts(
    found: dict[str, str], text: str, source_id: str | None, tags: Mapping[str, str | None] | None = None
) -> Facts:
    lists = {
        name: tuple(values.tag_values([_plain(item) for item in _SPLIT.split(found[name])]))
        for name in (*_TOPICS, *_LISTS)
        if name in found
    }
    published, written = _published(found)
    single = {**(tags or {}), "dateline": values.line(_first(found, ("dateline",)))}
    return Facts(
        title=_first(found, _TITLES),
        text=text,
        source_id=source_id,
        authors=tuple(values.people(_first(found, _PEOPLE))),
        published=published,
        written=written,
        section=values.section(_first(found, ("section",)).partition(";")[0]),
        topics=next((lists[name] for name in _TOPICS if lists.get(name)), ()),
        tags={
            **{name: (value,) for name, value in single.items() if value},
            **{name: lists[name] for name in _LISTS if lists.get(name)},
        },
    )


def _published(found: dict[str, str]) -> tuple[Date | None, str]:
    """Return the date, and the date as written: that of the Los Angeles Times goes on with weekday and edition."""
    written = values.line(_first(found, _DATES)) or ""
    return values.date(written) or values.date(",".join(written.split(",")[:2])), written
