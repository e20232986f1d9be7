"""Finds when a page's article was published and changed; a page's clock and future dates do not count."""

import re
from collections.abc import Callable, Iterator, Sequence

from semsearch.dates import parse_date
from semsearch.sources.facts import values
from semsearch.sources.web.claims import Claims
from semsearch.sources.web.clutter import is_label
from semsearch.text import normalise_line
from semsearch.types import Date

Credible = Callable[[Date], bool]

_PUBLISHED = (
    "article:published_time", "og:article:published_time", "article:published", "datepublished", "rnews:datepublished",
    "og:published_time", "og:pubdate", "parsely-pub-date", "sailthru.date", "pubdate", "publishdate", "publish_date",
    "publish-date", "publication_date", "date", "dc.date", "dc.date.issued", "dc.date.created", "dcterms.created",
    "dcterms.issued", "dcterms.date", "citation_publication_date", "cxenseparse:recs:publishtime", "article.published",
    "created", "timestamp",
)  # fmt: skip
_UPDATED = (
    "article:modified_time", "og:article:modified_time", "og:updated_time", "article:modified", "datemodified",
    "rnews:datemodified", "dc.date.modified", "dcterms.modified", "last-modified", "lastmod", "article.updated",
)  # fmt: skip
_DATE_IN_ADDRESS = re.compile(r"/((?:19|20)[0-9]{2})[/-]([01][0-9])[/-]([0-3][0-9])(?=[/-]|$)")
_SHOWN = re.compile(
    r"[0-9]{1,2}\.\s?(?:[0-9]{1,2}\.|[^\W\d_]{3,10}\s)\s?[0-9]{4}|[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}"
    r"|[^\W\d_]{3,10}\.?\s[0-9]{1,2},\s[0-9]{4}|[0-9]{1,2}\s[^\W\d_]{3,10}\s[0-9]{4}"
    r"|[0-9]{4}年\s?[0-9]{1,2}月\s?[0-9]{1,2}日"
)
"""Dates without the time of day, which is shown for readers in one time zone."""

_DOTTED = re.compile(r"^([0-9]{1,2})\.\s?([0-9]{1,2})\.\s?([0-9]{4})$")
"""A date with full stops always has the day first."""

_IN_TITLE = re.compile(rf"[|–—-]\s*({_SHOWN.pattern})\s*$")
_LONGEST_SHOWN = 120


def published_date(
    claims: Claims, head: Sequence[str], address: str | None, credible: Credible
) -> tuple[Date | None, str]:
    """Return the date of publication, or None, and the text that it was or should have been read from.

    Args:
        head: the lines that the page shows between headline and body.
        credible: tells whether the article can have been published on a date.
    """
    date_texts = [
        *values.strings(claims.article.get("datePublished")),
        *claims.all_meta(*_PUBLISHED),
        *claims.properties.get("datepublished", ()),
        *values.strings(claims.page.get("datePublished")),
        *values.strings(claims.article.get("dateCreated")),
        *_marked_times(claims),
    ]
    readable = [(date, text) for text in date_texts if (date := _read_date(text)) and credible(date)]
    if readable:
        day = readable[0][0].text[:10]
        # The same day may be written with its time zone elsewhere.
        return next((pair for pair in readable if _has_zone(pair[0]) and pair[0].text[:10] == day), readable[0])
    match = _DATE_IN_ADDRESS.search(address or "")
    in_address = "-".join(match.groups()) if match else ""
    for text in (*_dates_below_headline(head), *_dates_in_titles(claims), in_address):
        date = _read_date(text)
        if date and credible(date):
            return date, text
    return None, normalise_line(date_texts[0])[: values.MOST_CHARACTERS] if date_texts else ""


def _read_date(text: str) -> Date | None:
    return parse_date(_DOTTED.sub(r"\3-\2-\1", text))


def _has_zone(date: Date) -> bool:
    return bool(re.search(r"(?:Z|[+-][0-9]{2}:[0-9]{2})$", date.text)) or "T" not in date.text


def _dates_in_titles(claims: Claims) -> Iterator[str]:
    """Yield the dates at the end of the titles, after the outlet's name."""
    for title in (claims.first_meta("og:title"), claims.title):
        if match := _IN_TITLE.search(title):
            yield match[1]


def _dates_below_headline(head: Sequence[str]) -> Iterator[str]:
    """Yield the date below the headline, where all dates there are of one day."""
    dates = [
        match[0]
        for line in head
        if len(line) <= _LONGEST_SHOWN
        for match in _SHOWN.finditer(line)
        if 3 * len(match[0]) > len(line) or is_label(line, ())
    ]
    days = {date.text[:10] for text in dates if (date := _read_date(text))}
    if len(days) == 1:
        yield dates[0]


def updated_date(claims: Claims, published: Date | None, credible: Credible) -> Date | None:
    """Return the date of the last change, or None where it is not after publication."""
    for text in (
        *values.strings(claims.article.get("dateModified")),
        *claims.all_meta(*_UPDATED),
        *claims.properties.get("datemodified", ()),
    ):
        date = _read_date(text)
        # The same time, once with its time zone and once without, is no change.
        unchanged = published is not None and date is not None and date.text[:16] == published.text[:16]
        if date and not unchanged and credible(date) and (published is None or date.latest > published.latest):
            return date
    return None


def _marked_times(claims: Claims) -> Iterator[str]:
    """Yield the first time that the page marks as its article's, where all are of one day."""
    days = {date.text[:10] for time in claims.times if (date := parse_date(time))}
    if len(days) == 1:
        yield claims.times[0]
