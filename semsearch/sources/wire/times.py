"""Finds out when an article was published and updated, from the times that a sender gives."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from semsearch.dates import parse_date
from semsearch.types import Date

_SHORT_YEAR = re.compile(r"^((?:[A-Za-z]{3},? )?[0-9]{1,2} [A-Za-z]{3} )([0-9]{2})(?= [0-9]{2}:)")


@dataclass(frozen=True, slots=True)
class Times:
    """When an article was published and updated."""

    published: Date | None
    written: str  # the date as the source wrote it, read or not
    updated: Date | None
    only_updated: bool  # the source gives no other time; the article was published by then


def times(published: Iterable[object], updated: Iterable[object]) -> Times:
    """Return the first date of each kind that can be read; in both, the surest come first."""
    published_text, published_date = _first_readable(published)
    updated_text, updated_date = _first_readable(updated)
    if not published_text and updated_date:
        return Times(updated_date, updated_text, updated_date, only_updated=True)
    return Times(published_date, published_text, updated_date, only_updated=False)


def _first_readable(times: Iterable[object]) -> tuple[str, Date | None]:
    """Return the first time that can be read, with its text; else the text of the first, if there is any.

    Of times on one day, the first with a clock counts.
    """
    texts = [text for time in times if time and (text := str(time).strip())]
    readable = [(text, date) for text in texts if (date := parse_date(_SHORT_YEAR.sub(_with_century, text)))]
    if not readable:
        return texts[0] if texts else "", None
    day = readable[0][1].text[:10]
    return next((one for one in readable if one[1].text.startswith(f"{day}T")), readable[0])


def _with_century(match: re.Match[str]) -> str:
    """Return a year of two digits, which RSS allows, with its century as in RFC 2822 (4.3)."""
    return f"{match[1]}{'20' if match[2] < '50' else '19'}{match[2]}"
