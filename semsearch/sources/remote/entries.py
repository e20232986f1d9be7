"""What a feed or a sitemap says of a page, and the page's article completed with it."""

import hashlib
from dataclasses import dataclass, replace

from semsearch.identity import canonical_url, fingerprint
from semsearch.revisions import is_part
from semsearch.sources.remote.sitemaps import Listed, ListedSitemap
from semsearch.text import normalise_line
from semsearch.types import Article, Date

_DIGITS = 32


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """What is said of one page."""

    address: str
    digest: str  # changes when what is said does
    title: str = ""
    published: Date | None = None
    publisher: str | None = None
    authors: tuple[str, ...] = ()
    article: Article | None = None  # as the feed itself has it

    @property
    def name(self) -> str:
        """The one spelling of the address."""
        return canonical_url(self.address) or self.address


def of_article(article: Article) -> FeedEntry | None:
    """Return an entry of a feed; None where it names no page."""
    said = article.metadata
    if not said.url:
        return None
    return FeedEntry(
        said.url,
        fingerprint(article).hex()[:_DIGITS],
        said.title,
        said.published,
        said.publisher,
        said.authors,
        article,
    )


def of_listed(page: Listed) -> FeedEntry:
    """Return an entry of a sitemap."""
    return FeedEntry(page.address, digest_of(page), page.title, page.published, page.publisher)


def digest_of(listed: Listed | ListedSitemap) -> str:
    """Return a digest of what a sitemap, or a list of them, says of an address."""
    return hashlib.sha256(repr(listed).encode()).hexdigest()[:_DIGITS]


def completed(page: Article, entry: FeedEntry) -> Article:
    """Return the article of a page with what only its entry says; the entry's own article where the page hides more."""
    said, own = page.metadata, entry.article
    if own and is_part(said) and len(own.text) > len(page.text):
        return own
    tags = dict(said.tags)
    if said.published is None and entry.published:
        tags["date_from"] = ("feed",)
        tags.pop("unparsed_date", None)
    is_domain = said.publisher is not None and (said.publisher,) == said.tags.get("domain")
    return replace(
        page,
        metadata=replace(
            said,
            url=said.url or normalise_line(entry.address),
            title=said.title or entry.title,
            publisher=(entry.publisher if is_domain else said.publisher) or entry.publisher or said.publisher,
            authors=said.authors or entry.authors,
            published=said.published or entry.published,
            tags=tags,
        ),
    )
