"""JSON of the news trade: ninjs and JSON Feed."""

from collections.abc import Iterator, Mapping

from semsearch.ports import Place
from semsearch.types import Article, Skipped


def unfold(record: Mapping[str, object], place: Place, origin: str) -> Iterator[Article | Skipped] | None:
    """Return the articles of an object in one of the trade's own forms, or None for any other object."""
    return None
