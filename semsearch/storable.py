"""Can an article be stored? One answer for all code that takes, writes or reads it."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from semsearch import limits
from semsearch.checks import count, formed, text, texts
from semsearch.errors import LimitError, UsageError
from semsearch.identity import ID_DIGITS
from semsearch.types import Article, Date, Metadata

_ID = re.compile(rf"[0-9a-f]{{{ID_DIGITS}}}", re.ASCII)
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", re.ASCII)
_OPTIONAL = ("url", "publisher", "indexed", "language", "section")
_NAMED_BY = 80
"""Characters of a title in an error that names an article by it."""

_OWN_ID = (
    "article_id is made by semsearch.identity.article_id(…); keep an id of your own as tags={'source_id': ('…',)}: "
    "get, delete and similar take it, too"
)


def read_metadata(raw: Mapping[str, Any], instants: Mapping[str, Any]) -> Metadata:
    """Return metadata from what `Metadata.to_dict` wrote.

    Args:
        instants: the first and the last second that `published` and `updated` can mean, by these names.

    Raises:
        ValueError, TypeError, KeyError, AttributeError: it is not metadata, or beyond a limit.
    """
    if raw["indexed"] is not None:
        datetime.fromisoformat(formed(raw["indexed"], _INSTANT))
    if len(raw["tags"]) > limits.TAGS:
        raise ValueError(f"it has {len(raw['tags']):,} tags, and {limits.TAGS:,} is the most")
    return Metadata(
        formed(raw["article_id"], _ID),
        _line(raw["title"]),
        **{name: None if raw[name] is None else _line(raw[name]) for name in _OPTIONAL},
        authors=_lines(raw["authors"]),
        published=_date(raw["published"], instants.get("published")),
        updated=_date(raw["updated"], instants.get("updated")),
        sha256=_line(raw["sha256"]),
        tags={_line(key): _lines(values) for key, values in raw["tags"].items()},
        **{name: None if raw.get(name) is None else _line(raw[name]) for name in ("origin", "place")},
        pages=_pages(raw.get("pages", [])),
    )


def read_text(value: object) -> str:
    """Return an article's text; raises ValueError or TypeError if it is not a text, or too long."""
    return text(value, limits.TEXT_CHARACTERS)


def why_not(article: Article) -> str:
    """Return why an article cannot be stored; "" if it can."""
    metadata = article.metadata
    try:
        if not isinstance(metadata.article_id, str) or not _ID.fullmatch(metadata.article_id):
            return f"article_id {metadata.article_id!r:.80} is not {ID_DIGITS} hexadecimal digits in lower case"
        for name in ("published", "updated"):
            if not isinstance(date := getattr(metadata, name), Date | None):
                return f"{name} is {date!r:.80}, which is no Date"
        for name, values in (("authors", metadata.authors), *metadata.tags.items()):
            if isinstance(values, str):
                return f"{name!s:.80} is the text {values!r:.80}, not a tuple of texts"
        dates = {"published": metadata.published, "updated": metadata.updated}
        instants = {name: (date.earliest, date.latest) for name, date in dates.items() if date}
        read_metadata(metadata.to_dict(), instants)
        read_text(article.text)
        text(article.origin, limits.LINE_CHARACTERS)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        return str(error)
    return ""


def check_article(article: Article) -> None:
    """Refuse an article that cannot be stored.

    Raises:
        UsageError: the message names the article and the reason.
    """
    if reason := why_not(article):
        title = article.metadata.title if isinstance(article.metadata.title, str) else ""
        name = article.origin or title[:_NAMED_BY] or "an article without a title"
        hint = _OWN_ID if reason.startswith("article_id") else "correct it and add it again"
        raise UsageError(f"{name}: {reason}", hint)


def check_passages(article: Article, count: int) -> None:
    """Refuse an article with more passages than a segment can have.

    Raises:
        LimitError: it has more.
    """
    if count > limits.SEGMENT_PASSAGES:
        name = article.origin or article.metadata.title[:_NAMED_BY]
        raise LimitError(
            f"{name}: it has {count:,} passages, and {limits.SEGMENT_PASSAGES:,} is the most of one article",
            "cut it into several articles, or make passages longer: --passage-tokens",
        )


def _line(value: object) -> str:
    return text(value, limits.LINE_CHARACTERS)


def _lines(values: object) -> tuple[str, ...]:
    lines = texts(values)
    if len(lines) > limits.VALUES:
        raise ValueError(f"a list of {len(lines):,} texts is too long: {limits.VALUES:,} is the most")
    return tuple(map(_line, lines))


def _pages(values: object) -> tuple[int, ...]:
    """Return where pages begin, as offsets in a text, in ascending order."""
    if not isinstance(values, list) or len(values) > limits.VALUES:
        raise ValueError(f"{values!r:.80} is no list of pages")
    pages = tuple(map(count, values))
    if list(pages) != sorted(pages):
        raise ValueError("a page begins before the one before it")
    return pages


def _date(written: object, instants: Any) -> Date | None:
    if written is None:
        return None
    earliest, latest = instants
    return Date(_line(written), _second(earliest), _second(latest))


def _second(value: object) -> int:
    if type(value) is not int or not -limits.SECONDS < value < limits.SECONDS:
        raise TypeError(f"{value!r:.40} is no second")
    return value
