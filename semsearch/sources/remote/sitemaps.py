"""Sitemaps: the addresses that a site lists, with what a news sitemap says of each."""

from dataclasses import dataclass

from lxml import etree

from semsearch.addresses import LONGEST
from semsearch.dates import parse_date
from semsearch.sources.facts import values
from semsearch.text import normalise_line
from semsearch.types import Date

MOST_ENTRIES = 50_000
"""Of one sitemap, as its specification has it."""

_TITLE_CHARACTERS = 1_000

_HEAD_BYTES = 4 * 1024
"""In which the root stands."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One page that a sitemap lists."""

    address: str
    modified: str = ""  # as it is written
    title: str = ""
    published: Date | None = None
    publisher: str | None = None


def is_sitemap(head: bytes) -> bool:
    """Tell by the beginning of a document whether it is a sitemap."""
    parser = etree.XMLPullParser(events=("start",), resolve_entities=False, no_network=True, load_dtd=False)
    try:
        parser.feed(head[:_HEAD_BYTES])
    except etree.XMLSyntaxError:
        return False
    roots = [element for _, element in parser.read_events() if isinstance(element, etree._Element)]
    return bool(roots) and etree.QName(roots[0]).localname == "urlset"


def listed(document: bytes) -> list[Listed]:
    """Return the pages of a sitemap, those that can be read where it is damaged."""
    tree = _parsed(document)
    entries = [] if tree is None else [one for one in tree if isinstance(one.tag, str)][:MOST_ENTRIES]
    return [page for entry in entries if (page := _page(entry)) is not None]


def _page(entry: etree._Element) -> Listed | None:
    said: dict[str, str] = {}
    for one in entry.iter(etree.Element):
        said.setdefault(etree.QName(one).localname, normalise_line(one.text or ""))
    if not 0 < len(said.get("loc", "")) <= LONGEST:
        return None
    return Listed(
        said["loc"],
        said.get("lastmod", ""),
        said.get("title", "")[:_TITLE_CHARACTERS],
        parse_date(said.get("publication_date", "")[: values.MOST_CHARACTERS]),
        values.outlet(said.get("name")),
    )


def _parsed(document: bytes) -> etree._Element | None:
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    try:
        return etree.fromstring(document, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
