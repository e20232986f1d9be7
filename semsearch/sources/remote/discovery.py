"""Finds the feeds that a page names, for users who give the address of a site's front page."""

from semsearch.addresses import joined
from semsearch.errors import FetchError
from semsearch.network.connections import sendable
from semsearch.sources.archives.messages import charset
from semsearch.sources.remote.client import Download
from semsearch.sources.web.charset import decode_page
from semsearch.sources.web.tree import bounded, parse

_FEEDS = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
_MOST = 3


def feeds_of(document: Download) -> list[str]:
    """Return the addresses of the first feeds that a page names in its head (`rel="alternate"`)."""
    root = parse(bounded(decode_page(document.body, charset(document.content_type)).text)[0])
    feeds: dict[str, None] = {}
    for link in () if root is None else root.iter("link"):
        is_feed = (link.get("type") or "").strip().lower() in _FEEDS
        if is_feed and "alternate" in (link.get("rel") or "").lower().split() and len(feeds) < _MOST:
            try:
                feeds.setdefault(sendable(joined(document.address, link.get("href") or "")))
            except (ValueError, FetchError):
                continue
    return list(feeds)
