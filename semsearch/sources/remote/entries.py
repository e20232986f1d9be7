"""Keeps what a feed or a sitemap says about a page, and completes the page's article with it."""

import hashlib
from dataclasses import dataclass, replace

from semsearch.identity import canonical_url, fingerprint
from semsearch.revisions import is_part
from semsearch.sources.remote.sitemaps import ListedPage, ListedSitemap
from semsearch.text import normalise_line
from semsearch.types import Article, Date

_DIGITS = 32


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """What a feed or a sitemap says about one page."""

    address: str
    digest: str  # of all that is said
    title: str = ""
    published: Date | None = None
    publisher: str | None = None
    authors: tuple[str, ...] = ()
    article: Article | None = None  # as it stands in the feed

    @property
    def name(self) -> str:
        """The canonical spelling of the address."""
        return canonical_url(self.address) or self.address


def of_article(article: Article) -> FeedEntry | None:
    """Return the entry that an article in a feed is; None if it names no page."""
    metadata = article.metadata
    if not metadata.url:
        return None
    return FeedEntry(
        metadata.url,
        fingerprint(article).hex()[:_DIGITS],
        metadata.title,
        metadata.published,
        metadata.publisher,
        metadata.authors,
        article,
    )


def of_listed(page: ListedPage) -> FeedEntry:
    """Return the entry for a page of a sitemap."""
    return FeedEntry(page.address, digest_of(page), page.title, page.published, page.publisher)


def digest_of(listing_entry: ListedPage | ListedSitemap) -> str:
    """Return a digest of what a sitemap, or a list of sitemaps, says about an address."""
    return hashlib.sha256(repr(listing_entry).encode()).hexdigest()[:_DIGITS]


def complete_article(page: Article, entry: FeedEntry) -> Article:
    """Return the article of a page, completed from its entry; the entry's article if the page shows only part of it."""
    metadata, feed_article = page.metadata, entry.article
    if feed_article and is_part(metadata) and len(feed_article.text) > len(page.text):
        return feed_article
    tags = dict(metadata.tags)
    if metadata.published is None and entry.published:
        tags["date_from"] = ("feed",)
        tags.pop("unparsed_date", None)
    is_domain = metadata.publisher is not None and (metadata.publisher,) == metadata.tags.get("domain")
    return replace(
        page,
        metadata=replace(
            metadata,
            url=metadata.url or normalise_line(entry.address),
            title=metadata.title or entry.title,
            publisher=(entry.publisher if is_domain else metadata.publisher) or entry.publisher or metadata.publisher,
            authors=metadata.authors or entry.authors,
            published=metadata.published or entry.published,
            tags=tags,
        ),
    )
