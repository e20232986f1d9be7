"""Reads the articles at an address, and if links are followed, those of the pages that it lists."""

import hashlib
import logging
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field, replace
from io import BytesIO

from semsearch.addresses import parts
from semsearch.errors import SourceError
from semsearch.fetched import FetchedRecord, Memory, PageRecord
from semsearch.files import now_seconds
from semsearch.network.validators import UNKNOWN, Validators
from semsearch.ports import Place
from semsearch.sources.archives.messages import charset, media_type
from semsearch.sources.compression import UnpackingBudget
from semsearch.sources.faults import attempt, until_fault
from semsearch.sources.kinds import TEXT, WEB_PAGE, XML, Kind, kind_of, kind_of_media, sniff
from semsearch.sources.nested import articles
from semsearch.sources.remote import robots, sitemaps
from semsearch.sources.remote.client import MOST_BYTES, Client, Download, NotFetchedError
from semsearch.sources.remote.discovery import feeds_of
from semsearch.sources.remote.entries import FeedEntry, complete_article, digest_of, of_article, of_listed
from semsearch.sources.remote.robots import Robots
from semsearch.sources.remote.sitemaps import ListedSitemap
from semsearch.sources.streams import HEAD_BYTES, opened
from semsearch.text import normalise_line
from semsearch.types import Article, Fetch, Skipped, Unreadable

MOST_PAGES = 1_000
"""Pages of one feed, sitemap or list of sitemaps that are fetched in one run; the next run continues."""

MOST_SITEMAPS = 1_000
"""Sitemaps of one list of sitemaps that are fetched in one run; the next run continues."""

MOST_SECONDS = 3_600.0
"""Time for all pages of one feed, sitemap or list of sitemaps in one run; the next run continues."""

_MOST_NAMED = 3
"""Sitemaps that the message names if a page is not an article."""

_DEEPEST = 3
"""Levels of nested lists of sitemaps; their specification allows one."""

Reading = Article | Skipped | Unreadable

OnAddresses = Callable[[int, int], None]
"""Called with the number of addresses that were requested, and of all addresses known so far."""

_logger = logging.getLogger("semsearch")


@dataclass(slots=True)
class _Limits:
    """What one run has fetched so far for one address that the user gave, and whether it may fetch more."""

    pages: int = 0
    sitemaps: set[str] = field(default_factory=set)  # their addresses
    started: float = field(default_factory=time.monotonic)

    @property
    def no_pages(self) -> bool:
        """Whether no more pages may be fetched."""
        return self.pages >= MOST_PAGES or time.monotonic() - self.started > MOST_SECONDS

    @property
    def no_sitemaps(self) -> bool:
        """Whether no more sitemaps may be fetched."""
        return self.no_pages or len(self.sitemaps) >= MOST_SITEMAPS


@dataclass(slots=True)
class _PageListing:
    """One run over the document at an address: a feed, a sitemap, or a list of sitemaps."""

    address: str
    earlier: FetchedRecord
    limits: _Limits
    follow: bool
    depth: int = 0  # number of lists of sitemaps around it
    pages: dict[str, PageRecord] = field(default_factory=dict)  # listed pages that need not be fetched again
    unfetched: int = 0  # left for the next run
    failed: int = 0
    settled: bool = True  # if a listed sitemap changes, the list changes too
    damaged: bool = False  # some of its entries may be missing


class Visits:
    """One run over any number of addresses."""

    def __init__(
        self,
        fetch: Fetch,
        memory: Memory,
        addresses: int = 1,
        on_addresses: OnAddresses = lambda _requested, _all: None,
    ) -> None:
        """Begin a run over a number of addresses."""
        self._fetch = fetch
        self._memory = memory
        self._client = Client(fetch)
        self._visited: dict[str, PageRecord | None] = {}  # pages of this run; None for one that could not be fetched
        self._requested_count = 0
        self._expected_count = addresses  # with the addresses that they list, as far as known
        self._on_addresses = on_addresses

    def read(self, address: str, base: Place, *, follow: bool) -> Iterator[Reading]:
        """Yield the articles at an address.

        Args:
            base: what the user said about the articles; their places are made from it.
            follow: read the articles of a feed, a sitemap or a list of sitemaps on their own pages.
        """
        yield from self._visit(_PageListing(address, self._recall(address, base, follow), _Limits(), follow), base)

    def _visit(self, listing: _PageListing, base: Place) -> Generator[Reading, None, bool]:
        """Yield the articles at an address, and return whether nothing is left for the next run."""
        origin = normalise_line(listing.address)
        lost_type = Skipped if listing.depth else Unreadable
        try:
            document = self._get(listing.address, listing.earlier.validators)
        except NotFetchedError as error:
            yield lost_type(origin, str(error))
            return error.for_good
        if document is None:
            _logger.log(logging.DEBUG if listing.depth else logging.INFO, "%s: nothing new", origin)
            return True
        all_read = True
        try:
            for reading in until_fault(self._readings(document, base, listing)):
                all_read = all_read and not isinstance(reading, Unreadable)
                yield reading
        except (SourceError, OSError) as error:
            all_read = False
            yield lost_type(origin, str(error))
        if listing.unfetched:
            noun = "sitemaps" if _root(document) == sitemaps.LIST else "pages"
            yield Skipped(
                origin, f"{listing.unfetched:,} of its {noun} are still to be fetched: run the same command again"
            )
        complete = all_read and not (listing.unfetched or listing.failed)
        self._memory.keep(
            listing.address,
            replace(
                listing.earlier,
                followed=listing.follow,
                validators=document.validators if complete and listing.settled else UNKNOWN,
                pages=listing.pages if complete and not listing.damaged else {**listing.earlier.pages, **listing.pages},
            ),
        )
        return complete

    def _readings(self, document: Download, base: Place, listing: _PageListing) -> Iterator[Reading]:
        """Yield the articles of a document, or if links are followed, those of the pages that it lists."""
        root = _root(document)
        readings = _articles(document, _place(listing.address, document, base))
        if root and not listing.follow:
            raise SourceError("a sitemap lists addresses and holds no articles: fetch its pages with --follow")
        if root == sitemaps.LIST:
            yield from self._read_sitemaps(_listed_sitemaps(document), base, listing)
        elif root:
            yield from self._read_pages(map(of_listed, sitemaps.listed_pages(_unpacked(document))), base, listing)
        elif listing.depth and _kind(document) is not XML:
            raise SourceError("a list of sitemaps names it, and it is neither a sitemap nor a feed")
        elif _kind(document) is WEB_PAGE:
            for reading in readings:
                yield reading if isinstance(reading, Article) else self._with_feeds(reading, document)
        elif listing.follow:
            yield from self._read_pages(map(_entry, readings), base, listing)
        else:
            for reading in readings:
                yield from _unless_followed(reading, listing)

    def _read_sitemaps(self, entries: list[ListedSitemap], base: Place, listing: _PageListing) -> Iterator[Reading]:
        """Yield the articles of the sitemaps in a list, except of those that have not changed according to it."""
        if listing.depth == _DEEPEST:
            raise SourceError("too many lists of sitemaps within each other: give the address of the sitemap itself")
        now = now_seconds()
        due: list[tuple[ListedSitemap, PageRecord]] = []
        for sitemap in entries:
            settled = sitemap.is_settled(now)
            record = PageRecord(digest_of(sitemap) if settled else "")
            listing.settled = listing.settled and settled
            if settled and listing.earlier.pages.get(sitemap.address) == record:
                listing.pages[sitemap.address] = record
            elif sitemap.address not in listing.limits.sitemaps:
                due.append((sitemap, record))
        # Sitemaps without a date of change that were read before come last, in another order in each run: otherwise
        # only the first of them would ever be fetched.
        undated = {sitemap.address for sitemap, _ in due if sitemap.modified is None}
        reread = undated & listing.earlier.pages.keys()
        due.sort(key=lambda item: _shuffle_key(now, item[0].address) if item[0].address in reread else b"")
        self._expected_count += min(len(due), MOST_SITEMAPS)
        for sitemap, record in due:
            if listing.limits.no_sitemaps:
                if sitemap.address in reread:
                    listing.pages[sitemap.address] = listing.earlier.pages[sitemap.address]
                else:
                    listing.unfetched += 1
                continue
            listing.limits.sitemaps.add(sitemap.address)
            earlier = self._recall(sitemap.address, base, follow=True)
            nested = _PageListing(sitemap.address, earlier, listing.limits, follow=True, depth=listing.depth + 1)
            if (yield from self._visit(nested, base)):
                self._keep(sitemap.address, record, listing)
            else:
                listing.failed += 1

    def _read_pages(
        self, items: Iterable[FeedEntry | Reading], base: Place, listing: _PageListing
    ) -> Iterator[Reading]:
        """Yield the articles of the pages that a feed or a sitemap lists, and its articles without a page."""
        entries: list[FeedEntry | Reading] = []
        fault = None
        try:
            entries.extend(until_fault(iter(items)))
        except (SourceError, OSError) as error:
            fault = error
        due = sum(isinstance(entry, FeedEntry) and self._is_due(entry, listing) for entry in entries)
        self._expected_count += min(due, MOST_PAGES - listing.limits.pages)
        for entry in entries:
            if not isinstance(entry, FeedEntry):
                listing.damaged = listing.damaged or not isinstance(entry, Article)
                yield entry
            elif not self._is_due(entry, listing):
                self._skip_page(entry, listing)
            elif listing.limits.no_pages:
                listing.unfetched += 1
            else:
                listing.limits.pages += 1
                yield from self._visit_page(entry, base, listing)
        if fault:
            raise fault

    def _is_due(self, entry: FeedEntry, listing: _PageListing) -> bool:
        """Tell whether to fetch the page of an entry: it was not fetched for this entry before, nor in this run."""
        earlier = listing.earlier.pages.get(entry.name)
        return not (earlier and earlier.entry == entry.digest) and entry.name not in self._visited

    def _skip_page(self, entry: FeedEntry, listing: _PageListing) -> None:
        """Record an entry whose page is not due."""
        earlier = listing.earlier.pages.get(entry.name)
        if earlier and earlier.entry == entry.digest:
            listing.pages[entry.name] = earlier
        elif visited := self._visited[entry.name]:
            listing.pages[entry.name] = replace(visited, entry=entry.digest)
        else:
            listing.failed += 1

    def _visit_page(self, entry: FeedEntry, base: Place, listing: _PageListing) -> Iterator[Reading]:
        """Yield the article of an entry's page, or the entry's own article if the page cannot be fetched."""
        earlier = listing.earlier.pages.get(entry.name, PageRecord("", read=False))
        record = None
        try:
            document = self._get(entry.address, earlier.validators)
            if document is None:
                record = replace(earlier, entry=entry.digest)
            else:
                has_article = yield from self._read_page(document, entry, base)
                record = PageRecord(entry.digest, document.validators, has_article or earlier.read)
        except NotFetchedError as error:
            yield Skipped(normalise_line(entry.address), str(error))
            if error.for_good:
                record = PageRecord(entry.digest, read=earlier.read)
        if entry.article and not (record or earlier).read:
            yield entry.article
        self._visited[entry.name] = record
        if record:
            self._keep(entry.name, record, listing)
        else:
            listing.failed += 1

    def _read_page(self, document: Download, entry: FeedEntry, base: Place) -> Generator[Reading, None, bool]:
        """Yield the articles of a page, or why it has none; return whether there are any but the feed's own."""
        place = _place(entry.address, document, base)
        has_any = False
        try:
            for reading in _articles(document, place):
                if isinstance(reading, Article):
                    article = complete_article(reading, entry)
                    if article is not entry.article:
                        has_any = True
                        yield article
                else:
                    yield Skipped(reading.origin, reading.reason)
        except SourceError as error:
            yield Skipped(place.origin, str(error))
        return has_any

    def _get(self, address: str, validators: Validators) -> Download | None:
        """Fetch an address, and report progress before and after."""
        self._memory.between_addresses()
        self._on_addresses(self._requested_count, self._expected_count)
        try:
            return self._client.get(address, validators)
        finally:
            self._requested_count += 1
            self._on_addresses(self._requested_count, max(self._requested_count, self._expected_count))

    def _with_feeds(self, lost: Skipped | Unreadable, document: Download) -> Skipped | Unreadable:
        """Add to the reason why a page is not an article the feeds that it names, or else its site's sitemaps."""
        feeds = attempt(lambda: feeds_of(document), lost.origin)
        if isinstance(feeds, list) and feeds:
            return replace(
                lost, reason=f"{lost.reason}; for its articles give the address of its feed: {', '.join(feeds)}"
            )
        if maps := self._client.sitemaps(document.address)[:_MOST_NAMED]:
            advice = f"for the articles of its site give, with --follow, the address of a sitemap: {', '.join(maps)}"
            return replace(lost, reason=f"{lost.reason}; {advice}")
        return lost

    def _keep(self, address: str, record: PageRecord, listing: _PageListing) -> None:
        """Remember at once that a listed address was read, since the run may be killed before its end."""
        listing.pages[address] = record
        so_far = {**listing.earlier.pages, **listing.pages}
        self._memory.keep(listing.address, replace(listing.earlier, followed=True, validators=UNKNOWN, pages=so_far))

    def _recall(self, address: str, base: Place, follow: bool) -> FetchedRecord:
        """Return what is remembered of an address; nothing if it was read with other settings."""
        names = sorted(base.names.items())
        settings = (self._fetch.allow_private, base.source, names, base.date_order)
        return self._memory.recall(address, hashlib.sha256(repr(settings).encode()).hexdigest(), follow=follow)


def _entry(reading: Reading) -> FeedEntry | Reading:
    return (of_article(reading) if isinstance(reading, Article) else None) or reading


def _unless_followed(reading: Reading, listing: _PageListing) -> Iterator[Reading]:
    """Yield an article of a feed, unless it was read on its own page before."""
    listing.damaged = listing.damaged or not isinstance(reading, Article)
    entry = _entry(reading) if listing.earlier.pages else reading
    earlier = listing.earlier.pages.get(entry.name) if isinstance(entry, FeedEntry) else None
    if not isinstance(entry, FeedEntry) or not earlier:
        yield reading
        return
    listing.pages[entry.name] = earlier
    if not earlier.read:
        yield reading
    elif earlier.entry != entry.digest:
        reason = "was read on its own page, and its feed says something else of it now: read it again with --follow"
        yield Skipped(normalise_line(entry.address), reason)


def _place(address: str, document: Download, base: Place) -> Place:
    url = parts(document.address)
    origin = normalise_line(address)
    return replace(
        base,
        origin=origin,
        namespace=f"{url.hostname}{url.path}",
        address=document.address,
        charset=charset(document.content_type),
        fetched=now_seconds(),
        file=origin,
        budget=UnpackingBudget(len(document.body)),
    )


def _listed_sitemaps(document: Download) -> list[ListedSitemap]:
    """Return the sitemaps in a list; raises SourceError if a robots.txt names none."""
    if not _is_robots(document):
        return sitemaps.listed_sitemaps(_unpacked(document))
    addresses = Robots(_unpacked(document)[: robots.MOST_BYTES].decode("utf-8", "replace")).sitemaps
    if not addresses:
        raise SourceError("it names no sitemaps: give the address of a feed or a sitemap of its site")
    return [ListedSitemap(address) for address in dict.fromkeys(addresses)]


def _is_robots(document: Download) -> bool:
    return parts(document.address).path == robots.PATH


def _root(document: Download) -> str:
    """Return what kind of sitemap a document is, packed or not; "" if it is none."""
    if _is_robots(document):
        return sitemaps.LIST
    with opened(BytesIO(document.body)) as stream:
        return sitemaps.root_of(stream.peek(HEAD_BYTES))


def _unpacked(document: Download) -> bytes:
    with opened(BytesIO(document.body)) as stream:
        return stream.read(MOST_BYTES)


def _articles(document: Download, place: Place) -> Iterator[Reading]:
    if _kind(document) is TEXT:
        place = replace(place, address=None)  # a text as it was written, not a page that a crawler turned into text
    with opened(BytesIO(document.body), budget=place.budget) as stream:
        yield from articles(stream, place, _declared_kind(document))


def _kind(document: Download) -> Kind:
    return sniff(document.body[:HEAD_BYTES], _declared_kind(document))


def _declared_kind(document: Download) -> Kind | None:
    """Return the kind of a document according to the server, or to the address if the server says text or nothing."""
    declared = kind_of_media(media_type(document.content_type))
    if declared in (None, TEXT):
        return kind_of(parts(document.address).path) or declared
    return declared


def _shuffle_key(now: int, address: str) -> bytes:
    """Return a sorting key that puts addresses in another order at another time."""
    return hashlib.sha256(f"{now} {address}".encode("utf-8", "surrogatepass")).digest()
