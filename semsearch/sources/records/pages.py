"""Records of crawlers, which hold a whole web page: what the page says, and what the record says of it."""

import re
from collections.abc import Mapping
from dataclasses import replace

from semsearch.ports import Place
from semsearch.sources.facts.assembly import article_from as article_of_fields
from semsearch.sources.facts.assembly import facts_of
from semsearch.sources.faults import attempt
from semsearch.types import Article, Skipped

_PAGE = re.compile(r"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!doctype\s+html|<html[\s>])", re.IGNORECASE)

_FOUND_AGAIN = ("domain", "language_from")
"""Tags that say how an article was read, and are told again of the record."""


def article_from(record: Mapping[str, object], place: Place, origin: str) -> Article | Skipped:
    """Make an article of a record; if its text is a whole page, of that page, with what else the record says."""
    name, page = next(((name, value) for name, value in record.items() if _is_page(value)), ("", ""))
    if not page or name in place.names:
        return article_of_fields(record, place, origin)
    others = {other: value for other, value in record.items() if other != name}
    known = facts_of(others, place.names)
    if known.text and not known.text_from:
        return article_of_fields(record, place, origin)
    # Slow to import, so only once there is a page.
    from semsearch.sources.web.page import page_article

    own_place = replace(place, address=place.address or known.url, charset="utf-8")
    read = attempt(lambda: page_article(str(page).encode("utf-8", "replace"), own_place), origin)
    if isinstance(read, Article):
        return article_of_fields({**_fields_of(read), **others}, place, origin)
    return article_of_fields(others, place, origin) if known.text else replace(read, origin=origin)


def _is_page(value: object) -> bool:
    return isinstance(value, str) and _PAGE.match(value) is not None


def _fields_of(article: Article) -> dict[str, object]:
    """Return what a page says as fields of a record, without those that it does not know."""
    metadata = article.metadata
    fields: dict[str, object] = {
        "title": metadata.title,
        "text": article.text,
        "authors": list(metadata.authors),
        "date_published": metadata.published and metadata.published.text,
        "date_modified": metadata.updated and metadata.updated.text,
        "publisher": metadata.publisher,
        "url": metadata.url,
        "language": metadata.language,
        "section": metadata.section,
        **{name: list(values) for name, values in metadata.tags.items() if name not in _FOUND_AGAIN},
    }
    return {name: value for name, value in fields.items() if value}
