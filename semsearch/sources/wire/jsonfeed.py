"""Makes articles of the entries of a JSON Feed."""

import re
from collections.abc import Iterator, Mapping
from functools import partial

from semsearch.addresses import joined
from semsearch.ports import Place
from semsearch.sources.facts import values
from semsearch.sources.facts.article import Facts, article
from semsearch.sources.faults import attempt
from semsearch.sources.wire.bodies import from_html
from semsearch.sources.wire.bylines import names
from semsearch.sources.wire.times import times
from semsearch.types import Article, Skipped

_VERSION = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/")


def is_feed(record: Mapping[str, object]) -> bool:
    """Tell whether an object is a JSON Feed."""
    version = record.get("version")
    return isinstance(version, str) and bool(_VERSION.match(version)) and isinstance(record.get("items"), list)


def entries(feed: Mapping[str, object], place: Place, origin: str) -> Iterator[Article | Skipped]:
    """Make an article of each entry of a feed."""
    items = feed.get("items")
    for number, entry in enumerate(items if isinstance(items, list) else [], 1):
        entry_origin = f"{origin}#{number}"
        yield (
            attempt(partial(_entry, entry, feed, place, entry_origin), entry_origin)
            if isinstance(entry, Mapping)
            else Skipped(entry_origin, "an entry that is no object")
        )


def _entry(record: Mapping[str, object], feed: Mapping[str, object], place: Place, origin: str) -> Article | Skipped:
    body = from_html(_string(record, "content_html")) or _string(record, "content_text")
    summary = "" if body.strip() else _string(record, "summary")
    publisher = values.outlet(feed.get("title"))
    dates = times([_string(record, "date_published")], [_string(record, "date_modified")])
    # The address of a page elsewhere is that of another article, which this one points to.
    elsewhere = values.address(record.get("external_url"))
    tags = {
        "external_url": (elsewhere,) if elsewhere else (),
        "date_from": ("updated",) if dates.only_updated else (),
    }
    return article(
        Facts(
            values.line(record.get("title")) or "",
            body if body.strip() else summary,
            "summary" if summary else "",
            values.address(_joined(_base(feed, place), _string(record, "url"))) or values.address(record.get("id")),
            values.single(record.get("id")),
            publisher=publisher,
            authors=_authors(record, publisher) or _authors(feed, publisher),
            published=dates.published,
            written=dates.written,
            updated=None if dates.only_updated else dates.updated,
            language=values.language([record.get("language"), feed.get("language")]),
            topics=tuple(values.topics(record.get("tags"))),
            tags={name: texts for name, texts in tags.items() if texts},
        ),
        place,
        origin,
    )


def _authors(record: Mapping[str, object], publisher: str | None) -> tuple[str, ...]:
    """Return the names of authors; version 1.0 has one author, 1.1 a list."""
    authors = record.get("authors")
    people = [*(authors if isinstance(authors, list) else []), record.get("author")]
    return names((_string(person, "name") for person in people if isinstance(person, Mapping)), publisher)


def _base(feed: Mapping[str, object], place: Place) -> str:
    return _string(feed, "home_page_url") or _string(feed, "feed_url") or place.address or ""


def _joined(base: str, raw: str) -> str:
    try:
        return joined(base, raw) if raw else ""
    except ValueError:
        return raw


def _string(record: Mapping[str, object], name: str) -> str:
    value = record.get(name)
    return value if isinstance(value, str) else ""
