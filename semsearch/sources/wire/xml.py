"""Reads XML by its root: feeds, NewsML, NITF; says what other XML is."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, BinaryIO

from semsearch.errors import SourceError
from semsearch.ports import Place
from semsearch.sources.faults import attempt
from semsearch.sources.wire.charset import characters
from semsearch.sources.wire.scan import Scan, ScannedRecord
from semsearch.types import Article, Skipped

if TYPE_CHECKING:
    from semsearch.sources.wire.tree import Element

Readings = Iterator[Article | Skipped]
Make = Callable[["Element", Scan, str], Readings]
"""Makes articles of one record of a stream; the last argument is its origin."""

_G2_ITEMS = ("newsItem", "packageItem", "conceptItem", "knowledgeItem", "catalogItem", "planningItem")
_RECORDS = {
    "rss": ("item",), "RDF": ("item",), "Channel": ("item",), "feed": ("entry",), "entry": ("entry",),
    "nitf": ("nitf",),     "newsMessage": _G2_ITEMS, "NewsML": ("NewsItem",), "NewsItem": ("NewsItem",),
    **{name: (name,) for name in _G2_ITEMS},
}  # fmt: skip
"""Root -> its records, both without their prefixes."""

_SINGLE_RECORDS = frozenset(("nitf", "entry", "NewsItem", *_G2_ITEMS))
"""Roots that are one record."""

_REFUSED = {
    **dict.fromkeys(
        ("urlset", "sitemapindex"),
        "a sitemap lists addresses and holds no articles: give its own address with --follow",
    ),
    "opml": "a list of feeds holds no articles: give the addresses of the feeds",
    "html": "a web page, named as XML: name it .html or .xhtml",
}


def read_xml(stream: BinaryIO, place: Place) -> Readings:
    """Read the records of a feed or of an agency's message, one at a time.

    Raises:
        SourceError: the stream is no XML, or of a form that holds no articles; or its rest cannot be read.
    """
    scan = Scan(characters(stream, place.charset))
    prefix, colon, root = scan.root.rpartition(":")
    if root.lower() in _REFUSED:
        raise SourceError(_REFUSED[root.lower()])
    if root not in _RECORDS:
        raise SourceError(
            f"XML of an unknown form (root <{scan.root[:100]}>): save it as RSS, Atom, NewsML-G2 or NITF, or write its "
            'articles as JSON Lines, {"title": …, "text": …, "date": …, "url": …} one a line'
        )
    names = {f"{'' if root == 'RDF' else prefix + colon}{name}" for name in _RECORDS[root]}
    make = _maker_for(root, place)
    number, cut = 0, False
    for number, record in enumerate(scan.parts(names | ({"rss:item"} if root == "RDF" else set())), 1):
        yield from _read_record(
            record, scan, place.origin if root in _SINGLE_RECORDS else f"{place.origin}#{number}", make
        )
        cut = bool(record.fault)
    if not number:
        if not scan.closed:
            raise SourceError("cut before its first record: fetch it again")
        yield Skipped(place.origin, "a message without items" if root == "newsMessage" else "a feed without entries")
    elif not scan.closed and not cut:
        yield Skipped(place.origin, "cut behind its last whole record: fetch it again")


def _read_record(record: ScannedRecord, scan: Scan, origin: str, make: Make) -> Readings:
    """Yield the articles of one record, and a note if something of it is lost."""
    from semsearch.sources.wire.tree import parse

    parsed = None
    if record.text:
        parsed = attempt(lambda: parse(record.text, record.opening, record.closing, record.line), origin)
    if isinstance(parsed, Skipped):
        yield parsed
        return
    if parsed is None:
        yield Skipped(origin, f"broken XML in line {record.line:,}: {record.fault or 'nothing of it can be read'}")
        return
    articles = attempt(lambda: list(make(parsed.element, scan, origin)), origin)
    yield from [articles] if isinstance(articles, Skipped) else articles
    if fault := parsed.fault or (f"line {record.line:,}: {record.fault}" if record.fault else ""):
        yield Skipped(origin, f"broken XML in {fault}; what can be read was kept")


def _maker_for(root: str, place: Place) -> Make:
    """Return the function that makes articles of the records below a root."""
    from semsearch.sources.facts.article import article
    from semsearch.sources.wire import feeds, newsml1, newsml2, nitf

    feed_heads: list[feeds.Feed] = []

    def entry(element: "Element", scan: Scan, origin: str) -> Readings:
        if not feed_heads:
            feed_heads.append(feeds.feed_of(scan.head, place))
        yield feeds.entry(element, feed_heads[0], place, origin)

    def newsml1_item(element: "Element", scan: Scan, origin: str) -> Readings:
        return newsml1.items(element, newsml1.provider_of(scan.head), place, origin)

    def newsml2_item(element: "Element", _: Scan, origin: str) -> Readings:
        yield newsml2.item(element, place, origin)

    def nitf_text(element: "Element", _: Scan, origin: str) -> Readings:
        reason = nitf.refusal(element)
        yield Skipped(origin, reason) if reason else article(nitf.facts_of(element), place, origin)

    if root in ("NewsML", "NewsItem"):
        return newsml1_item
    if root == "nitf":
        return nitf_text
    return newsml2_item if root == "newsMessage" or root in _G2_ITEMS else entry
