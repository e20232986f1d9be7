"""Finds when a page's article was published and changed; a page's clock and future dates do not count."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

from semsearch.dates import parse_date
from semsearch.sources.facts import values
from semsearch.sources.web.claims import Claims
from semsearch.sources.web.clutter import is_label
from semsearch.sources.web.sentences import is_sentence
from semsearch.sources.web.times import LONGEST_LABEL, MarkedTime, Role, role_of
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
    r"|[^\W\d_]{3,10}\.?\s[0-9]{1,2},\s[0-9]{4}|[0-9]{1,2}\s[^\W\d_][^\s\d,]{1,14}\s[0-9]{4}"
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
        *_of_publication(claims.times),
    ]
    readable = [(date, text) for text in date_texts if (date := _read_date(text)) and credible(date)]
    if readable:
        day = readable[0][0].text[:10]
        # The same day may be written with its time zone elsewhere.
        return next((pair for pair in readable if _has_zone(pair[0]) and pair[0].text[:10] == day), readable[0])
    match = _DATE_IN_ADDRESS.search(address or "")
    in_address = "-".join(match.groups()) if match else ""
    for text in (
        *_of_publication(_dates_below_headline(head)),
        *_dates_in_titles(claims),
        in_address,
    ):
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


def _dates_below_headline(head: Sequence[str]) -> Iterator[MarkedTime]:
    """Yield the dates below the headline that are in no sentence."""
    for above, line in pairwise(["", *head]):
        if len(line) > _LONGEST_SHOWN or is_sentence(line):
            continue
        label = above if len(above) <= LONGEST_LABEL else ""
        for before, date in _with_words_before(line):
            if 3 * len(date) > len(line) or is_label(line, ()):
                yield MarkedTime(date, role_of(f"{label} {before}"))
            label = ""


def _with_words_before(line: str) -> Iterator[tuple[str, str]]:
    """Yield each date in a line, after the words between it and the one before."""
    end = 0
    for match in _SHOWN.finditer(line):
        yield line[end : match.start()], match[0]
        end = match.end()


def _of_publication(times: Iterable[MarkedTime]) -> Iterator[str]:
    """Yield the time of publication: the first that is said to be it, else the first of which nothing is said."""
    candidates = [time for time in times if time.role is not Role.UPDATED]
    said = [time for time in candidates if time.role is Role.PUBLISHED]
    yield from _of_one_day(said or candidates)


def _of_change(times: Iterable[MarkedTime]) -> Iterator[str]:
    yield from _of_one_day([time for time in times if time.role is Role.UPDATED])


def _of_one_day(times: Sequence[MarkedTime]) -> Iterator[str]:
    """Yield the first of some times that can be read where all of these are of one day."""
    readable = [(date, time) for time in times if (date := _read_date(time.text))]
    if len({date.text[:10] for date, _ in readable}) == 1:
        yield readable[0][1].text


def updated_date(claims: Claims, head: Sequence[str], published: Date | None, credible: Credible) -> Date | None:
    """Return the date of the last change, or None where it is not after publication."""
    for text in (
        *values.strings(claims.article.get("dateModified")),
        *claims.all_meta(*_UPDATED),
        *claims.properties.get("datemodified", ()),
        *_of_change(claims.times),
        *_of_change(_dates_below_headline(head)),
    ):
        date = _read_date(text)
        # The same time without its time zone, or only its day, is no change.
        unchanged = published is not None and date is not None and published.text.startswith(date.text[:16])
        if date and not unchanged and credible(date) and (published is None or date.latest > published.latest):
            return date
    return None
