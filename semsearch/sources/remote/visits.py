"""What lies at an address -> its articles; with those of the pages that it lists where these are followed."""

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
from semsearch.sources.faults import guarded, until_fault
from semsearch.sources.kinds import TEXT, WEB_PAGE, XML, Kind, kind_of, kind_of_media, sniff
from semsearch.sources.nested import articles
from semsearch.sources.remote import robots, sitemaps
from semsearch.sources.remote.client import MOST_BYTES, Client, Download, NotFetchedError
from semsearch.sources.remote.discovery import feeds_of
from semsearch.sources.remote.entries import FeedEntry, completed, digest_of, of_article, of_listed
from semsearch.sources.remote.robots import Robots
from semsearch.sources.remote.sitemaps import ListedSitemap
from semsearch.sources.streams import HEAD_BYTES, opened
from semsearch.text import normalise_line
from semsearch.types import Article, Fetch, Skipped, Unreadable

MOST_PAGES = 1_000
"""Of one feed, sitemap or list of sitemaps are fetched in one run; the next run goes on."""

MOST_SITEMAPS = 1_000
"""Of one list of sitemaps are asked for in one run; the next run goes on."""

MOST_SECONDS = 3_600.0
"""For all pages of one feed, sitemap or list of sitemaps in one run; the next run goes on."""

_NAMED = 3
"""Sitemaps that are named where a page is no article."""

_DEEPEST = 3
"""Lists of sitemaps within each other; their specification knows one."""

Reading = Article | Skipped | Unreadable

OnAddresses = Callable[[int, int], None]
"""Is told how many addresses were asked for, and of how many, as far as that is known."""

_logger = logging.getLogger("semsearch")


@dataclass(slots=True)
class _Limits:
    """How much of what one run may fetch was used for one address that a person gave."""

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
class _Listing:
    """What lies at one address, in one run: a feed, a sitemap, or a list of sitemaps."""

    address: str
    known: FetchedRecord
    limits: _Limits
    follow: bool
    depth: int = 0  # the lists of sitemaps that it is in
    pages: dict[str, PageRecord] = field(default_factory=dict)  # of what it lists: what need not be fetched again
    left: int = 0  # to the next run
    failed: int = 0
    settled: bool = True  # a change of what it lists is a change of itself, too
    damaged: bool = False  # some of what it lists may be missing


class Visits:
    """One run over any number of addresses."""

    def __init__(
        self, fetch: Fetch, memory: Memory, addresses: int = 1, on_addresses: OnAddresses = lambda _asked, _all: None
    ) -> None:
        """Begin a run over so many addresses."""
        self._fetch = fetch
        self._memory = memory
        self._client = Client(fetch)
        self._visited: dict[str, PageRecord | None] = {}  # pages of this run; None for one that could not be had
        self._asked = 0
        self._all = addresses  # with those that they list, as far as these are known
        self._on_addresses = on_addresses

    def read(self, address: str, given: Place, *, follow: bool) -> Iterator[Reading]:
        """Yield the articles at an address; `given` is what is known of them from outside.

        Args:
            follow: read the articles of a feed, a sitemap or a list of sitemaps on their own pages.
        """
        yield from self._visit(_Listing(address, self._recall(address, given, follow), _Limits(), follow), given)

    def _visit(self, listing: _Listing, given: Place) -> Generator[Reading, None, bool]:
        """Yield the articles at an address, and return whether the next run has no more of them to fetch."""
        origin = normalise_line(listing.address)
        lost = Skipped if listing.depth else Unreadable
        try:
            document = self._get(listing.address, listing.known.validators)
        except NotFetchedError as error:
            yield lost(origin, str(error))
            return error.for_good
        if document is None:
            _logger.log(logging.DEBUG if listing.depth else logging.INFO, "%s: nothing new", origin)
            return True
        whole = True
        try:
            for reading in until_fault(self._readings(document, given, listing)):
                whole = whole and not isinstance(reading, Unreadable)
                yield reading
        except (SourceError, OSError) as error:
            whole = False
            yield lost(origin, str(error))
        if listing.left:
            noun = "sitemaps" if _root(document) == sitemaps.LIST else "pages"
            yield Skipped(origin, f"{listing.left:,} of its {noun} are still to be fetched: run the same command again")
        complete = whole and not (listing.left or listing.failed)
        self._memory.keep(
            listing.address,
            replace(
                listing.known,
                followed=listing.follow,
                validators=document.validators if complete and listing.settled else UNKNOWN,
                pages=listing.pages if complete and not listing.damaged else {**listing.known.pages, **listing.pages},
            ),
        )
        return complete

    def _readings(self, document: Download, given: Place, listing: _Listing) -> Iterator[Reading]:
        """Yield what a document has, from the pages that it lists where these are followed."""
        root = _root(document)
        readings = _articles(document, _place(listing.address, document, given))
        if root and not listing.follow:
            raise SourceError("a sitemap lists addresses and holds no articles: fetch its pages with --follow")
        if root == sitemaps.LIST:
            yield from self._of_sitemaps(_listed_sitemaps(document), given, listing)
        elif root:
            yield from self._of_pages(map(of_listed, sitemaps.listed(_unpacked(document))), given, listing)
        elif listing.depth and _kind(document) is not XML:
            raise SourceError("a list of sitemaps names it, and it is neither a sitemap nor a feed")
        elif _kind(document) is WEB_PAGE:
            for reading in readings:
                yield reading if isinstance(reading, Article) else self._with_feeds(reading, document)
        elif listing.follow:
            yield from self._of_pages(map(_entry, readings), given, listing)
        else:
            for reading in readings:
                yield from _unless_followed(reading, listing)

    def _of_sitemaps(self, listed: list[ListedSitemap], given: Place, listing: _Listing) -> Iterator[Reading]:
        """Yield the articles of the sitemaps of a list; those that it says are as they were are not asked for."""
        if listing.depth == _DEEPEST:
            raise SourceError("too many lists of sitemaps within each other: give the address of the sitemap itself")
        now = now_seconds()
        due: list[tuple[ListedSitemap, PageRecord]] = []
        for sitemap in listed:
            settled = sitemap.is_settled(now)
            record = PageRecord(digest_of(sitemap) if settled else "")
            listing.settled = listing.settled and settled
            if settled and listing.known.pages.get(sitemap.address) == record:
                listing.pages[sitemap.address] = record
            elif sitemap.address not in listing.limits.sitemaps:
                due.append((sitemap, record))
        # Of those that do not say when they changed the ones that were never read come first, and of the others another
        # choice in each run: else none but the first ever are asked for.
        again = {each.address for each, _ in due if each.modified is None and each.address in listing.known.pages}
        due.sort(key=lambda each: _shuffled(now, each[0].address) if each[0].address in again else b"")
        self._all += min(len(due), MOST_SITEMAPS)
        for sitemap, record in due:
            if listing.limits.no_sitemaps:
                if sitemap.address in again:
                    listing.pages[sitemap.address] = listing.known.pages[sitemap.address]
                else:
                    listing.left += 1
                continue
            listing.limits.sitemaps.add(sitemap.address)
            known = self._recall(sitemap.address, given, follow=True)
            inner = _Listing(sitemap.address, known, listing.limits, follow=True, depth=listing.depth + 1)
            if (yield from self._visit(inner, given)):
                self._keep(sitemap.address, record, listing)
            else:
                listing.failed += 1

    def _of_pages(self, listed: Iterable[FeedEntry | Reading], given: Place, listing: _Listing) -> Iterator[Reading]:
        """Yield the articles of the pages that a feed or a sitemap lists, and what it has besides."""
        entries: list[FeedEntry | Reading] = []
        fault = None
        try:
            entries.extend(until_fault(iter(listed)))
        except (SourceError, OSError) as error:
            fault = error
        due = sum(isinstance(entry, FeedEntry) and self._is_due(entry, listing) for entry in entries)
        self._all += min(due, MOST_PAGES - listing.limits.pages)
        for entry in entries:
            if not isinstance(entry, FeedEntry):
                listing.damaged = listing.damaged or not isinstance(entry, Article)
                yield entry
            elif not self._is_due(entry, listing):
                self._pass(entry, listing)
            elif listing.limits.no_pages:
                listing.left += 1
            else:
                listing.limits.pages += 1
                yield from self._page(entry, given, listing)
        if fault:
            raise fault

    def _is_due(self, entry: FeedEntry, listing: _Listing) -> bool:
        """Tell whether the page of an entry is to be fetched: not where it was, for this entry or in this run."""
        known = listing.known.pages.get(entry.name)
        return not (known and known.entry == entry.digest) and entry.name not in self._visited

    def _pass(self, entry: FeedEntry, listing: _Listing) -> None:
        """Take note of an entry whose page is not due."""
        known = listing.known.pages.get(entry.name)
        if known and known.entry == entry.digest:
            listing.pages[entry.name] = known
        elif visited := self._visited[entry.name]:
            listing.pages[entry.name] = replace(visited, entry=entry.digest)
        else:
            listing.failed += 1

    def _page(self, entry: FeedEntry, given: Place, listing: _Listing) -> Iterator[Reading]:
        """Yield the article of an entry's page; what the feed has of it where the page cannot be had."""
        known = listing.known.pages.get(entry.name, PageRecord("", read=False))
        record = None
        try:
            document = self._get(entry.address, known.validators)
            if document is None:
                record = replace(known, entry=entry.digest)
            else:
                read = yield from self._of_page(document, entry, given)
                record = PageRecord(entry.digest, document.validators, read or known.read)
        except NotFetchedError as error:
            yield Skipped(normalise_line(entry.address), str(error))
            if error.for_good:
                record = PageRecord(entry.digest, read=known.read)
        if entry.article and not (record or known).read:
            yield entry.article
        self._visited[entry.name] = record
        if record:
            self._keep(entry.name, record, listing)
        else:
            listing.failed += 1

    def _of_page(self, document: Download, entry: FeedEntry, given: Place) -> Generator[Reading, None, bool]:
        """Yield the articles of a page, else why it has none; returns whether it has any that its feed has not."""
        place = _place(entry.address, document, given)
        has_any = False
        try:
            for reading in _articles(document, place):
                if isinstance(reading, Article):
                    article = completed(reading, entry)
                    if article is not entry.article:
                        has_any = True
                        yield article
                else:
                    yield Skipped(reading.origin, reading.reason)
        except SourceError as error:
            yield Skipped(place.origin, str(error))
        return has_any

    def _get(self, address: str, known: Validators) -> Download | None:
        """Ask for an address, and say so before and after."""
        self._memory.between_addresses()
        self._on_addresses(self._asked, self._all)
        try:
            return self._client.get(address, known)
        finally:
            self._asked += 1
            self._on_addresses(self._asked, max(self._asked, self._all))

    def _with_feeds(self, lost: Skipped | Unreadable, document: Download) -> Skipped | Unreadable:
        """Say of a page that is no article which feeds it names, else which sitemaps its site does."""
        feeds = guarded(lambda: feeds_of(document), lost.origin)
        if isinstance(feeds, list) and feeds:
            return replace(
                lost, reason=f"{lost.reason}; for its articles give the address of its feed: {', '.join(feeds)}"
            )
        if maps := self._client.sitemaps(document.address)[:_NAMED]:
            advice = f"for the articles of its site give, with --follow, the address of a sitemap: {', '.join(maps)}"
            return replace(lost, reason=f"{lost.reason}; {advice}")
        return lost

    def _keep(self, address: str, record: PageRecord, listing: _Listing) -> None:
        """Remember that something that is listed was read, at once: the run may be killed before its end."""
        listing.pages[address] = record
        so_far = {**listing.known.pages, **listing.pages}
        self._memory.keep(listing.address, replace(listing.known, followed=True, validators=UNKNOWN, pages=so_far))

    def _recall(self, address: str, given: Place, follow: bool) -> FetchedRecord:
        """Return what is known of an address; nothing where it was read in another way."""
        names = sorted(given.names.items())
        how = (self._fetch.allow_private, given.source, names, given.date_order)
        return self._memory.recall(address, hashlib.sha256(repr(how).encode()).hexdigest(), follow=follow)


def _entry(reading: Reading) -> FeedEntry | Reading:
    return (of_article(reading) if isinstance(reading, Article) else None) or reading


def _unless_followed(reading: Reading, listing: _Listing) -> Iterator[Reading]:
    """Yield what a feed has of an article, unless the article was read whole on its own page before."""
    listing.damaged = listing.damaged or not isinstance(reading, Article)
    entry = _entry(reading) if listing.known.pages else reading
    known = listing.known.pages.get(entry.name) if isinstance(entry, FeedEntry) else None
    if not isinstance(entry, FeedEntry) or not known:
        yield reading
        return
    listing.pages[entry.name] = known
    if not known.read:
        yield reading
    elif known.entry != entry.digest:
        reason = "was read on its own page, and its feed says something else of it now: read it again with --follow"
        yield Skipped(normalise_line(entry.address), reason)


def _place(address: str, document: Download, given: Place) -> Place:
    found = parts(document.address)
    origin = normalise_line(address)
    return replace(
        given,
        origin=origin,
        namespace=f"{found.hostname}{found.path}",
        address=document.address,
        charset=charset(document.content_type),
        fetched=now_seconds(),
        file=origin,
        budget=UnpackingBudget(len(document.body)),
    )


def _listed_sitemaps(document: Download) -> list[ListedSitemap]:
    """Return what a list of sitemaps names; raises SourceError where a robots.txt names none."""
    if not _is_robots(document):
        return sitemaps.listed_sitemaps(_unpacked(document))
    named = Robots(_unpacked(document)[: robots.MOST_BYTES].decode("utf-8", "replace")).sitemaps
    if not named:
        raise SourceError("it names no sitemaps: give the address of a feed or a sitemap of its site")
    return [ListedSitemap(address) for address in dict.fromkeys(named)]


def _is_robots(document: Download) -> bool:
    return parts(document.address).path == robots.PATH


def _root(document: Download) -> str:
    """Return what kind of sitemap a document is, which may be packed; "" for what is none."""
    if _is_robots(document):
        return sitemaps.LIST
    with opened(BytesIO(document.body)) as stream:
        return sitemaps.root_of(stream.peek(HEAD_BYTES))


def _unpacked(document: Download) -> bytes:
    with opened(BytesIO(document.body)) as stream:
        return stream.read(MOST_BYTES)


def _articles(document: Download, place: Place) -> Iterator[Reading]:
    if _kind(document) is TEXT:
        place = replace(place, address=None)  # a text as it was written, and not what a crawler made of a page
    with opened(BytesIO(document.body), budget=place.budget) as stream:
        yield from articles(stream, place, _promised(document))


def _kind(document: Download) -> Kind:
    return sniff(document.body[:HEAD_BYTES], _promised(document))


def _promised(document: Download) -> Kind | None:
    """Return the kind that a server, or else the address, says a document is; text is what servers say by default."""
    declared = kind_of_media(media_type(document.content_type))
    return kind_of(parts(document.address).path) or declared if declared in (None, TEXT) else declared


def _shuffled(now: int, address: str) -> bytes:
    """Return what puts addresses in another order at another time."""
    return hashlib.sha256(f"{now} {address}".encode("utf-8", "surrogatepass")).digest()
