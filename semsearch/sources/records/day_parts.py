"""Joins the year, month and day that some tables have in columns of their own."""

from collections.abc import Mapping

from semsearch.dates import parse_date
from semsearch.sources.facts.fields import FIELDS, Entries, fold

_PARTS = ("year", "month", "day")


def with_day(record: Mapping[str, object]) -> Mapping[str, object]:
    """Return a record with its date in one piece if it has it in parts, and no other date."""
    names = {fold(name): name for name in record}
    if not names.keys() >= set(_PARTS) or not Entries(record).folded_names.isdisjoint(FIELDS["published"]):
        return record
    year, month, day = (_bare(record[names[part]]) for part in _PARTS)
    date = f"{year}-{month.zfill(2)}-{day.zfill(2)}" if month.isdecimal() else f"{day} {month} {year}"
    if not (year.isdecimal() and day.isdecimal() and parse_date(date)):
        return record
    rest = {name: value for name, value in record.items() if fold(name) not in _PARTS}
    return {**rest, "date": date}


def _bare(part: object) -> str:
    """Return a part as text; a column of a table that has gaps holds 5 as 5.0."""
    if isinstance(part, bool) or not isinstance(part, str | int | float):
        return ""
    return str(part).strip().removesuffix(".0")
