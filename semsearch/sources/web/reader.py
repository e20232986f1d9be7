"""Reads web pages: one article a page."""

from collections.abc import Iterator
from typing import BinaryIO

from semsearch.errors import SourceError
from semsearch.ports import Place
from semsearch.sources.faults import attempt
from semsearch.types import Article, Skipped

MOST_BYTES = 64 * 2**20
"""Of one page. The largest news pages have three million."""


def read_web_page(stream: BinaryIO, place: Place) -> Iterator[Article | Skipped]:
    """Yield the one article of a page, or why it has none."""
    raw = stream.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise SourceError(
            f"more than {MOST_BYTES // 2**20} MiB for one page: no page of an article. Save it without images"
        )
    if raw.strip():
        # Slow to import, so only once there is a page.
        from semsearch.sources.web.page import page_article

        yield attempt(lambda: page_article(raw, place), place.origin)
