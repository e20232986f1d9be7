"""Reads sitemaps, which list a site's pages and may say more about news, and lists of sitemaps.

The formats are those of sitemaps.org: XML, plain text with one address a line, and the lines of a robots.txt.
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
"""Entries of one sitemap, or of one list of sitemaps, as in their specification."""

_TITLE_CHARACTERS = 1_000

_HEAD_BYTES = 4 * 1024
"""Bytes at the beginning of a document that contain its root."""

_DAY_SECONDS = 86_400

LIST = "sitemapindex"
"""The root of a list of sitemaps."""

PLAIN = "addresses"
"""Stands for the root of a sitemap in plain text."""

_ROOTS = ("urlset", LIST)
_WEB = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class ListedPage:
    """One page that a sitemap lists."""

    address: str
    modified: str = ""  # as written
    title: str = ""
    published: Date | None = None
    publisher: str | None = None


@dataclass(frozen=True, slots=True)
class ListedSitemap:
    """One sitemap of a list of sitemaps."""

    address: str
    modified: Date | None = None

    def is_settled(self, now: int) -> bool:
        """Tell whether a change after this UTC second shows in `modified`; a change on the same day may not."""
        return self.modified is not None and self.modified.latest + _DAY_SECONDS < now


def root_of(head: bytes) -> str:
    """Return the kind of sitemap that begins so: "urlset", "sitemapindex", "addresses", or "" for no sitemap."""
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


def listed_pages(document: bytes) -> list[ListedPage]:
    """Return the pages of a sitemap; of a damaged one those that can be read."""
    if _is_plain(document):
        return [ListedPage(line) for line in _lines(document) if is_web_address(line)][:MOST_ENTRIES]
    return [
        ListedPage(
            fields["loc"],
            fields.get("lastmod", ""),
            fields.get("title", "")[:_TITLE_CHARACTERS],
            parse_date(fields.get("publication_date", "")[: values.MOST_CHARACTERS]),
            values.outlet(fields.get("name")),
        )
        for fields in _entries(document)
    ]


def listed_sitemaps(document: bytes) -> list[ListedSitemap]:
    """Return the sitemaps in a list, the last modified first, and those without a date last."""
    sitemaps = {
        fields["loc"]: ListedSitemap(fields["loc"], parse_date(fields.get("lastmod", "")[: values.MOST_CHARACTERS]))
        for fields in _entries(document)
    }
    return sorted(sitemaps.values(), key=lambda sitemap: -sitemap.modified.latest if sitemap.modified else 0)


def is_web_address(line: str) -> bool:
    """Tell whether a line is one web address and nothing else."""
    return line.lower().startswith(_WEB) and len(line) <= LONGEST and not any(map(str.isspace, line))


def _is_plain(document: bytes) -> bool:
    """Tell whether a document begins as a list of addresses, one a line."""
    lines = list(_lines(document[:_HEAD_BYTES]))
    full_lines = lines[:-1] if len(document) > _HEAD_BYTES else lines
    return bool(full_lines) and all(map(is_web_address, full_lines))


def _lines(document: bytes) -> Iterator[str]:
    """Yield the lines of a plain text that are not blank."""
    lines = map(str.strip, document.decode("utf-8-sig", "replace").splitlines())
    return (line for line in lines if line)


def _entries(document: bytes) -> Iterator[dict[str, str]]:
    """Yield the fields of each address by the names of their elements."""
    tree = _parse(document)
    for entry in [] if tree is None else [node for node in tree if isinstance(node.tag, str)][:MOST_ENTRIES]:
        fields: dict[str, str] = {}
        for node in entry.iter(etree.Element):
            fields.setdefault(etree.QName(node).localname, normalise_line(node.text or ""))
        if 0 < len(fields.get("loc", "")) <= LONGEST:
            yield fields


def _parse(document: bytes) -> etree._Element | None:
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    try:
        return etree.fromstring(document, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
