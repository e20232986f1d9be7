"""What lies at an address -> its articles; with those of the pages of a feed or a sitemap where these are followed."""

import hashlib
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from io import BytesIO

from semsearch.addresses import parts
from semsearch.errors import SourceError
from semsearch.fetched import Memory, PageRecord, Record
from semsearch.files import now_seconds
from semsearch.network.validators import UNKNOWN
from semsearch.ports import Place
from semsearch.sources.archives.messages import charset, media_type
from semsearch.sources.faults import kept, until_fault
from semsearch.sources.kinds import TEXT, WEB_PAGE, Kind, kind_of, kind_of_media, sniff
from semsearch.sources.opening import HEAD_BYTES, opened
from semsearch.sources.reading import articles
from semsearch.sources.remote import sitemaps
from semsearch.sources.remote.client import MOST_BYTES, Client, Document, NotFetchedError
from semsearch.sources.remote.discovery import feeds_of
from semsearch.sources.remote.entries import Entry, completed, of_article, of_listed
from semsearch.sources.unpacking import UnpackingBudget
from semsearch.text import normalise_line
from semsearch.types import Article, Fetch, Skipped, Unreadable

MOST_PAGES = 1_000
"""Of one feed or sitemap are fetched in one run; the next run goes on."""

MOST_SECONDS = 3_600.0
"""For all pages of one feed or sitemap in one run; the next run goes on."""

Reading = Article | Skipped | Unreadable

_logger = logging.getLogger("semsearch")


@dataclass(slots=True)
class _Pages:
    """The pages of one feed or sitemap in one run."""

    known: Record
    records: dict[str, PageRecord] = field(default_factory=dict)  # of those that need not be fetched again
    fetched: int = 0
    left: int = 0  # to the next run
    failed: int = 0
    started: float = field(default_factory=time.monotonic)

    @property
    def is_full(self) -> bool:
        return self.fetched >= MOST_PAGES or time.monotonic() - self.started > MOST_SECONDS


class Visits:
    """One run over any number of addresses."""

    def __init__(self, fetch: Fetch, memory: Memory) -> None:
        self._fetch = fetch
        self._memory = memory
        self._client = Client(fetch)
        self._visited: dict[str, PageRecord | None] = {}  # pages of this run; None for one that could not be had

    def read(self, address: str, given: Place, *, follow: bool) -> Iterator[Reading]:
        """Yield the articles at an address; `given` is what is known of them from outside.

        Args:
            follow: read the articles of a feed or a sitemap on their own pages.
        """
        origin = normalise_line(address)
        known = self._memory.recall(address, self._how(given, follow=follow))
        pages = _Pages(known) if follow else None
        try:
            document = self._client.get(address, known.validators)
        except NotFetchedError as error:
            yield Unreadable(origin, str(error))
            return
        if document is None:
            _logger.info("%s: nothing new", origin)
            return
        whole = True
        try:
            place = _place(address, document, given)
            for reading in until_fault(self._readings(document, place, given, pages)):
                whole = whole and not isinstance(reading, Unreadable)
                yield reading
        except (SourceError, OSError) as error:
            whole = False
            yield Unreadable(origin, str(error))
        if pages and pages.left:
            yield Skipped(origin, f"{pages.left:,} of its pages are still to be fetched: run the same command again")
        complete = whole and not (pages and (pages.left or pages.failed))
        validators = document.validators if complete else UNKNOWN
        self._memory.keep(address, Record(known.asked, validators, pages.records if pages else {}))

    def _readings(self, document: Document, place: Place, given: Place, pages: _Pages | None) -> Iterator[Reading]:
        listed = _listed(document)
        if listed is None:
            is_page = _kind(document) is WEB_PAGE
            for reading in _articles(document, place):
                if is_page and not isinstance(reading, Article):
                    reading = _with_feeds(reading, document)
                entry = of_article(reading) if pages and not is_page and isinstance(reading, Article) else None
                if pages and entry:
                    yield from self._page(entry, given, pages)
                else:
                    yield reading
        elif pages:
            for one in listed:
                yield from self._page(of_listed(one), given, pages)
        else:
            raise SourceError("a sitemap lists addresses and holds no articles: fetch its pages with --follow")

    def _page(self, entry: Entry, given: Place, pages: _Pages) -> Iterator[Reading]:
        """Yield the article of an entry's page; what the feed has of it where the page cannot be had."""
        known = pages.known.pages.get(entry.name)
        if known and known.entry == entry.digest:
            pages.records[entry.name] = known
        elif entry.name in self._visited:
            if record := self._visited[entry.name]:
                pages.records[entry.name] = replace(record, entry=entry.digest)
            else:
                pages.failed += 1
        elif pages.is_full:
            pages.left += 1
        else:
            pages.fetched += 1
            record = None
            try:
                document = self._client.get(entry.address, known.validators if known else None)
                if document is None:
                    record = PageRecord(entry.digest, known.validators if known else UNKNOWN)
                else:
                    yield from self._of_page(document, entry, given, has_it=known is not None)
                    record = PageRecord(entry.digest, document.validators)
            except NotFetchedError as error:
                yield Skipped(normalise_line(entry.address), str(error))
                if entry.article and not known:
                    yield entry.article
                if error.for_good:
                    record = PageRecord(entry.digest)
            self._visited[entry.name] = record
            if record:
                pages.records[entry.name] = record
            else:
                pages.failed += 1

    def _of_page(self, document: Document, entry: Entry, given: Place, *, has_it: bool) -> Iterator[Reading]:
        """Yield the articles of a page, else why it has none, and what the feed has unless the page was read before."""
        place = _place(entry.address, document, given)
        none = True
        try:
            for reading in _articles(document, place):
                none = none and not isinstance(reading, Article)
                if isinstance(reading, Article):
                    yield completed(reading, entry)
                else:
                    yield Skipped(reading.origin, reading.reason)
        except SourceError as error:
            yield Skipped(place.origin, str(error))
        if none and entry.article and not has_it:
            yield entry.article

    def _how(self, given: Place, *, follow: bool) -> str:
        """Return a digest of how an address is read: read in another way, nothing of it is known."""
        names = sorted(given.names.items())
        how = (follow, self._fetch.allow_private, given.source, names, given.date_order)
        return hashlib.sha256(repr(how).encode()).hexdigest()


def _place(address: str, document: Document, given: Place) -> Place:
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


def _with_feeds(lost: Skipped | Unreadable, document: Document) -> Skipped | Unreadable:
    """Say of a page that is no article which feeds it names."""
    feeds = kept(lambda: feeds_of(document), lost.origin)
    if isinstance(feeds, Skipped) or not feeds:
        return lost
    return replace(lost, reason=f"{lost.reason}; for its articles give the address of its feed: {', '.join(feeds)}")


def _listed(document: Document) -> list[sitemaps.Listed] | None:
    """Return what a sitemap lists, which may be packed; None for what is no sitemap."""
    with opened(BytesIO(document.body)) as stream:
        is_sitemap = sitemaps.is_sitemap(stream.peek(HEAD_BYTES))
        return sitemaps.listed(stream.read(MOST_BYTES)) if is_sitemap else None


def _articles(document: Document, place: Place) -> Iterator[Reading]:
    if _kind(document) is TEXT:
        place = replace(place, address=None)  # a text as it was written, and not what a crawler made of a page
    with opened(BytesIO(document.body), budget=place.budget) as stream:
        yield from articles(stream, place, _promised(document))


def _kind(document: Document) -> Kind:
    return sniff(document.body[:HEAD_BYTES], _promised(document))


def _promised(document: Document) -> Kind | None:
    """Return the kind that a server, or else the address, says a document is; text is what servers say by default."""
    declared = kind_of_media(media_type(document.content_type))
    return kind_of(parts(document.address).path) or declared if declared in (None, TEXT) else declared
