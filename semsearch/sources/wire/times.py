"""The times that a sender gives -> when the article was published and updated."""

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
    only_updated: bool  # the source says nothing else; it was published by then


def times(published: Iterable[object], updated: Iterable[object]) -> Times:
    """Return the first of each that can be read; both come surest first."""
    wrote = [str(raw).strip() for raw in published if raw and str(raw).strip()]
    read = ((raw, known) for raw in wrote if (known := _read(raw)))
    raw, date = next(read, (wrote[0] if wrote else "", None))
    changes = [str(other).strip() for other in updated if other and str(other).strip()]
    later_raw, later = next(((other, known) for other in changes if (known := _read(other))), ("", None))
    if not wrote and later:
        return Times(later, later_raw, later, only_updated=True)
    return Times(date, raw, later, only_updated=False)


def _read(raw: str) -> Date | None:
    return parse_date(_SHORT_YEAR.sub(_with_century, raw))


def _with_century(match: re.Match[str]) -> str:
    """Write a year of two digits, which RSS allows, as RFC 2822 reads it (4.3)."""
    return f"{match[1]}{'20' if match[2] < '50' else '19'}{match[2]}"
