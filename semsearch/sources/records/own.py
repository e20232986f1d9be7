"""Reads back our own articles, as `semsearch read --json` and `doctor --repair` write them, unchanged and with ids."""

import re
from collections.abc import Mapping
from typing import Any

from semsearch.checks import count, formed, text, texts
from semsearch.dates import parse_date
from semsearch.identity import ID_DIGITS, text_digest
from semsearch.storable import why_not
from semsearch.text import normalise_line, normalise_text
from semsearch.types import Article, Date, Metadata

_ID = re.compile(rf"[0-9a-f]{{{ID_DIGITS}}}", re.ASCII)
_RECORD = frozenset(("origin", "article", "text"))
_LATER = frozenset(("origin", "place", "pages"))
"""Entries that earlier versions did not write."""
_ARTICLE = Metadata("", "").to_dict().keys() - _LATER
_OPTIONAL = ("url", "publisher", "indexed", "language", "section")


def own_article(record: Mapping[str, object], origin: str) -> Article | None:
    """Return the article that a record of our own holds; None if it is no such record, or was changed since.

    A digest that matches the text shows that a reader made the record. Such a record is not read as a foreign one: the
    fields that its id and its date were made from may no longer be in it.

    Args:
        origin: where the record stands; the article keeps its first origin, if the record has it.
    """
    metadata = record.get("article")
    if not {"article", "text"} <= record.keys() <= _RECORD or not isinstance(metadata, Mapping):
        return None
    if metadata.keys() - _LATER != _ARTICLE:
        return None
    try:
        article_origin = normalise_line(text(record.get("origin") or origin))
        article = Article(_metadata(metadata), text(record["text"]), article_origin)
    except (ValueError, TypeError, AttributeError):
        return None
    unchanged = text_digest(article.text) == article.metadata.sha256 and normalise_text(article.text) == article.text
    return article if unchanged and not why_not(article) else None


def _metadata(raw: Mapping[str, Any]) -> Metadata:
    return Metadata(
        formed(raw["article_id"], _ID),
        _line(raw["title"]),
        **{name: None if raw[name] is None else _line(raw[name]) for name in _OPTIONAL},
        authors=tuple(map(_line, texts(raw["authors"]))),
        published=_date(raw["published"]),
        updated=_date(raw["updated"]),
        sha256=text(raw["sha256"]),
        tags={_line(key): tuple(map(_line, texts(values))) for key, values in raw["tags"].items()},
        **{name: None if raw.get(name) is None else _line(raw[name]) for name in ("origin", "place")},
        pages=tuple(map(count, raw.get("pages", []))),
    )


def _line(value: object) -> str:
    if normalise_line(text(value)) != value:
        raise ValueError(f"{value!r:.80} is not one normalised line")
    return str(value)


def _date(value: object) -> Date | None:
    if value is None:
        return None
    date = parse_date(text(value))
    if date is None or date.text != value:
        raise ValueError(f"{value!r:.80} is not a date as it is kept")
    return date
