"""When a page's article was published and changed. Never by a page's clock, and nothing that has not been yet."""

import re
from collections.abc import Callable, Iterator, Sequence

from semsearch.dates import parse_date
from semsearch.sources.facts import values
from semsearch.sources.web.clutter import is_label
from semsearch.sources.web.said import Said
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
_ZONES = {"CEST": "+0200", "MESZ": "+0200", "CET": "+0100", "MEZ": "+0100", "JST": "+0900"}
"""Of one part of the world only."""

_ZONE = re.compile(rf"\b(?:{'|'.join(_ZONES)})\b")
_SHOWN = re.compile(
    r"[0-9]{1,2}\.\s?(?:[0-9]{1,2}\.|[^\W\d_]{3,10}\s)\s?[0-9]{4}|[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}"
    r"|[^\W\d_]{3,10}\.?\s[0-9]{1,2},\s[0-9]{4}|[0-9]{1,2}\s[^\W\d_]{3,10}\s[0-9]{4}"
    r"|[0-9]{4}年\s?[0-9]{1,2}月\s?[0-9]{1,2}日"
)
"""Without the time of day, which is shown for readers of one zone."""

_DOTTED = re.compile(r"^([0-9]{1,2})\.\s?([0-9]{1,2})\.\s?([0-9]{4})$")
"""With full stops, the day comes first wherever that is written."""

_IN_TITLE = re.compile(rf"[|–—-]\s*({_SHOWN.pattern})\s*$")
_LONGEST_SHOWN = 120


def published(said: Said, head: Sequence[str], address: str | None, credible: Credible) -> tuple[Date | None, str]:
    """Return the date of publication, and what is written in its place.

    Args:
        head: the lines that the page shows between headline and body.
        credible: tells of a date whether the article can have come out then.
    """
    written = [
        *values.strings(said.article.get("datePublished")),
        *said.all(*_PUBLISHED),
        *said.properties.get("datepublished", ()),
        *values.strings(said.page.get("datePublished")),
        *values.strings(said.article.get("dateCreated")),
        *_own_times(said),
    ]
    read = [(date, one) for one in written if (date := _read(one)) and credible(date)]
    if read:
        first = read[0]
        # The same day may be written with its zone elsewhere.
        zoned = (other for other in read if _has_zone(other[0]) and other[0].text[:10] == first[0].text[:10])
        return first if _has_zone(first[0]) else next(zoned, first)
    in_address = _DATE_IN_ADDRESS.search(address or "")
    for one in (*_shown(head), *_dated_titles(said), "-".join(in_address.groups()) if in_address else ""):
        date = _read(one)
        if date and credible(date):
            return date, one
    return None, normalise_line(written[0])[: values.MOST_CHARACTERS] if written else ""


def _read(written: str) -> Date | None:
    written = _DOTTED.sub(r"\3-\2-\1", written)
    return parse_date(_ZONE.sub(lambda zone: _ZONES[zone[0]], written))


def _has_zone(date: Date) -> bool:
    return bool(re.search(r"(?:Z|[+-][0-9]{2}:[0-9]{2})$", date.text)) or "T" not in date.text


def _dated_titles(said: Said) -> Iterator[str]:
    """Yield the date that a window's title ends with, after the outlet's name."""
    for title in (said.first("og:title"), said.title):
        if found := _IN_TITLE.search(title):
            yield found[1]


def _shown(head: Sequence[str]) -> Iterator[str]:
    """Yield the date that stands below the headline, where all that stand there are of one day."""
    found = [
        one[0]
        for line in head
        if len(line) <= _LONGEST_SHOWN
        for one in _SHOWN.finditer(line)
        if 3 * len(one[0]) > len(line) or is_label(line, ())
    ]
    days = {date.text[:10] for one in found if (date := _read(one))}
    if len(days) == 1:
        yield found[0]


def updated(said: Said, first: Date | None, credible: Credible) -> Date | None:
    """Return the date of the last change, where that is after publication."""
    for one in (
        *values.strings(said.article.get("dateModified")),
        *said.all(*_UPDATED),
        *said.properties.get("datemodified", ()),
    ):
        date = _read(one)
        # The same time, with its zone here and without it there, is no change.
        same = first is not None and date is not None and date.text[:16] == first.text[:16]
        if date and not same and credible(date) and (first is None or date.latest > first.latest):
            return date
    return None


def _own_times(said: Said) -> Iterator[str]:
    """Yield the time that the page shows for its article, where it shows one day alone."""
    days = {date.text[:10] for one in said.times if (date := parse_date(one))}
    if len(days) == 1:
        yield said.times[0]
