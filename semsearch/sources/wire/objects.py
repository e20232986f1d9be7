"""Recognises JSON formats of the news trade: ninjs and JSON Feed."""

from collections.abc import Iterator, Mapping

from semsearch.ports import Place
from semsearch.sources.wire import jsonfeed, ninjs
from semsearch.types import Article, Skipped


def unfold(record: Mapping[str, object], place: Place, origin: str) -> Iterator[Article | Skipped] | None:
    """Return the articles of an object in one of these formats; None for any other object."""
    if jsonfeed.is_feed(record):
        return jsonfeed.entries(record, place, origin)
    if ninjs.is_item(record):
        return ninjs.items(record, place, origin)
    return None
