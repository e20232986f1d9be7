"""What a user means by a date bound: "2024-05", "7d", "last week" -> UTC seconds."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from semsearch.errors import UsageError
from semsearch.types import Filters

_ISO = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?(Z|[+-]\d\d:?\d\d)?)?)?)?", re.ASCII | re.IGNORECASE
)
_AGO = re.compile(r"(\d{1,4})\s*(d|w|m|y|days?|weeks?|months?|years?)(?:\s+ago)?", re.ASCII | re.IGNORECASE)
_NAMED = re.compile(r"(last|this)\s+(week|month|year)", re.IGNORECASE)

_FARTHEST_ZONE = timedelta(hours=14)
_LAST_YEAR = 9999

Interval = tuple[datetime, datetime]
"""The first instant, and the first one after the end, in UTC."""


def resolve(filters: Filters, as_of: int) -> Filters:
    """Return the filters with both bounds in UTC seconds.

    `since` begins where its unit begins and `until` ends where its unit ends, so that both name what they include.

    Args:
        as_of: UTC seconds that relative bounds count back from.

    Raises:
        UsageError: a bound is not a date, or `until` ends before `since` begins.
    """
    since, until = filters.since, filters.until
    if isinstance(since, str):
        since = int(_interval(since, as_of)[0].timestamp())
    if isinstance(until, str):
        until = int(_interval(until, as_of)[1].timestamp())
    if since is not None and until is not None and until <= since:
        raise UsageError(f"until ({filters.until}) ends before since ({filters.since}) begins", "swap the two")
    return replace(filters, since=since, until=until)


def instant(text: str) -> int:
    """Return the first UTC second of what a date means, for `--as-of`."""
    return int(_interval(text, 0)[0].timestamp())


def _interval(text: str, as_of: int) -> Interval:
    wanted = text.strip()
    try:
        found = _iso(wanted) or _relative(wanted.casefold(), datetime.fromtimestamp(as_of, UTC))
    except (ValueError, OverflowError):
        found = None
    if found is None:
        raise UsageError(
            f"{text!r} is not a date", "write 2024, 2024-05, 2024-05-17, 2024-05-17T09:30Z, 7d, 3 weeks or last month"
        )
    return found


def _iso(text: str) -> Interval | None:
    match = _ISO.fullmatch(text)
    if not match:
        return None
    year, month, day, hour, minute, second, zone = match.groups()
    start = datetime(
        int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=UTC
    )
    if zone and zone.upper() != "Z":
        offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
        if offset > _FARTHEST_ZONE or int(zone[-2:]) > 59:
            return None
        start -= offset if zone[0] == "+" else -offset
    if start.year == _LAST_YEAR:
        return start, datetime.max.replace(microsecond=0, tzinfo=UTC)  # there is no later date to end at
    if second:
        return start, start + timedelta(seconds=1)
    if minute:
        return start, start + timedelta(minutes=1)
    if day:
        return start, start + timedelta(days=1)
    return start, _later(start, 1 if month else 12)


def _relative(text: str, now: datetime) -> Interval | None:
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if text in ("today", "now"):
        return today, today + timedelta(days=1)
    if text == "yesterday":
        return today - timedelta(days=1), today
    if match := _AGO.fullmatch(text):
        count, unit = int(match[1]), match[2][0].lower()
        days = {"d": 1, "w": 7}.get(unit)
        start = now - timedelta(days=count * days) if days else _later(now, -count * (1 if unit == "m" else 12))
        return start, start
    if match := _NAMED.fullmatch(text):
        starts = {
            "week": today - timedelta(days=today.weekday()),
            "month": today.replace(day=1),
            "year": today.replace(month=1, day=1),
        }
        start = starts[match[2]]
        step = -1 if match[1] == "last" else 0
        if match[2] == "week":
            return start + timedelta(days=7 * step), start + timedelta(days=7 * (step + 1))
        months = 1 if match[2] == "month" else 12
        return _later(start, step * months), _later(start, (step + 1) * months)
    return None


def _later(start: datetime, months: int) -> datetime:
    total = start.year * 12 + start.month - 1 + months
    year, month = divmod(total, 12)
    for day in range(start.day, 27, -1):  # 31 March less a month is the last of February
        try:
            return start.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return start.replace(year=year, month=month + 1)
