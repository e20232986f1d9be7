"""Sitemaps: the addresses that a site lists, with what a news sitemap says of each, and lists of sitemaps.

Their forms are those of sitemaps.org: XML, plain text with one address a line, and the lines of a robots.txt.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from semsearch.addresses import LONGEST
from semsearch.dates import parse_date
from semsearch.sources.facts import values
from semsearch.text import normalise_line
from semsearch.types import Date

MOST_ENTRIES = 50_000
"""Of one sitemap, or of one list of sitemaps, as their specification has it."""

_TITLE_CHARACTERS = 1_000

_HEAD_BYTES = 4 * 1024
"""In which the root stands."""


_DAY_SECONDS = 86_400

LIST = "sitemapindex"
"""The root of a list of sitemaps."""

PLAIN = "addresses"
"""What a sitemap in plain text has in the place of a root."""

_ROOTS = ("urlset", LIST)
_WEB = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class Listed:
    """One page that a sitemap lists."""

    address: str
    modified: str = ""  # as it is written
    title: str = ""
    published: Date | None = None
    publisher: str | None = None


@dataclass(frozen=True, slots=True)
class ListedSitemap:
    """One sitemap of a list of sitemaps."""

    address: str
    modified: Date | None = None

    def is_settled(self, now: int) -> bool:
        """Tell whether a change after this UTC second shows in `modified`; one on the same day need not."""
        return self.modified is not None and self.modified.latest + _DAY_SECONDS < now


def root_of(head: bytes) -> str:
    """Return what the beginning of a document is of: "urlset", "sitemapindex", "addresses", or "" for no sitemap."""
    if _is_plain(head):
        return PLAIN
    parser = etree.XMLPullParser(events=("start",), resolve_entities=False, no_network=True, load_dtd=False)
    try:
        parser.feed(head[:_HEAD_BYTES])
    except etree.XMLSyntaxError:
        return ""
    roots = [element for _, element in parser.read_events() if isinstance(element, etree._Element)]
    name = etree.QName(roots[0]).localname if roots else ""
    return name if name in _ROOTS else ""


def listed(document: bytes) -> list[Listed]:
    """Return the pages of a sitemap, those that can be read where it is damaged."""
    if _is_plain(document):
        return [Listed(line) for line in _lines(document) if is_web_address(line)][:MOST_ENTRIES]
    return [
        Listed(
            said["loc"],
            said.get("lastmod", ""),
            said.get("title", "")[:_TITLE_CHARACTERS],
            parse_date(said.get("publication_date", "")[: values.MOST_CHARACTERS]),
            values.outlet(said.get("name")),
        )
        for said in _entries(document)
    ]


def listed_sitemaps(document: bytes) -> list[ListedSitemap]:
    """Return what a list of sitemaps names, the last modified first, then those of which it does not say when."""
    sitemaps = {
        said["loc"]: ListedSitemap(said["loc"], parse_date(said.get("lastmod", "")[: values.MOST_CHARACTERS]))
        for said in _entries(document)
    }
    return sorted(sitemaps.values(), key=lambda sitemap: -sitemap.modified.latest if sitemap.modified else 0)


def is_web_address(line: str) -> bool:
    """Tell whether a line is one address of the web and nothing else."""
    return line.lower().startswith(_WEB) and len(line) <= LONGEST and not any(map(str.isspace, line))


def _is_plain(document: bytes) -> bool:
    """Tell whether a document begins as a list of addresses, one a line."""
    lines = list(_lines(document[:_HEAD_BYTES]))
    whole = lines[:-1] if len(document) > _HEAD_BYTES else lines
    return bool(whole) and all(map(is_web_address, whole))


def _lines(document: bytes) -> Iterator[str]:
    """Yield the lines of a plain text that are not empty."""
    lines = map(str.strip, document.decode("utf-8-sig", "replace").splitlines())
    return (line for line in lines if line)


def _entries(document: bytes) -> Iterator[dict[str, str]]:
    """Yield what is said of each address, by the names of the elements."""
    tree = _parsed(document)
    for entry in [] if tree is None else [node for node in tree if isinstance(node.tag, str)][:MOST_ENTRIES]:
        said: dict[str, str] = {}
        for node in entry.iter(etree.Element):
            said.setdefault(etree.QName(node).localname, normalise_line(node.text or ""))
        if 0 < len(said.get("loc", "")) <= LONGEST:
            yield said


def _parsed(document: bytes) -> etree._Element | None:
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    try:
        return etree.fromstring(document, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
