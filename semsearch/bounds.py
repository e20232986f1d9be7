"""What a user means by a date bound: "2024-05", "7d", "last monday", "may 3" -> UTC seconds."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from semsearch.errors import UsageError
from semsearch.types import Filters

_OFFSET = r"Z|[+-]\d\d:?\d\d"
_ISO = re.compile(
    rf"(\d{{4}})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?({_OFFSET})?)?)?)?", re.ASCII | re.IGNORECASE
)
_UNIT = r"(h|d|w|m|y|hours?|days?|weeks?|months?|years?)"
_AGO = re.compile(rf"(\d{{1,4}})\s*{_UNIT}(?:\s+ago)?", re.ASCII)
_PAST = re.compile(rf"(?:last|past)\s+(\d{{1,4}})\s*{_UNIT}", re.ASCII)
_PAST_ONE = re.compile(r"past\s+(hour|day|week|month|year)", re.ASCII)
_NAMED = re.compile(r"(last|this)\s+(week|month|year)", re.ASCII)
_WEEKDAY = re.compile(r"(last\s+)?([a-z]+)", re.ASCII)

_DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
_MONTH = r"([a-z]{3,9})\.?"
_YEAR = r"(?:,?\s+(\d{4}))?"
_DAY_FIRST = re.compile(rf"(?:{_DAY}\s+)?{_MONTH}{_YEAR}", re.ASCII)  # march, march 2024, 3 may, 3 may 2024
_MONTH_FIRST = re.compile(rf"{_MONTH}\s+{_DAY}{_YEAR}", re.ASCII)  # may 3, may 3, 2024

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_ORDINAL_OF = {short: month for month, name in enumerate(_MONTHS, 1) for short in (name, name[:3])} | {"sept": 9}
_WEEKDAY_OF = {short: day for day, name in enumerate(_WEEKDAYS) for short in (name, name[:3])}

_FARTHEST_OFFSET = timedelta(hours=14)
_LONGEST_LEAP_GAP = 8
"""Years from one 29 February to the next: 1896 to 1904, 2096 to 2104."""

_EARLIEST = int(datetime(1, 1, 1, tzinfo=UTC).timestamp())
_LATEST = int(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp())
"""Nothing later can be written as a date."""

_EXAMPLES = "write 2024, 2024-05, 2024-05-17, 2024-05-17T09:30Z, may 3, 7d, yesterday, last monday or last month"

Interval = tuple[int, int]
"""The first UTC second, and the first one after the end."""


def resolve(filters: Filters, as_of: int, zone: tzinfo = UTC) -> Filters:
    """Return the filters with all bounds in UTC seconds.

    `since` begins where its unit begins and `until` ends where its unit ends, so that both name what they include;
    `new_since` is read as `since` is.

    Args:
        as_of: UTC seconds that relative bounds count back from, and that dates without a year come before.
        zone: whose days, months and years are meant, and whose clock a time without an offset is read from.

    Raises:
        UsageError: a bound is not a date, or `until` ends before `since` begins.
    """
    since, until, new_since = filters.since, filters.until, filters.new_since
    if isinstance(since, str):
        since = _interval(since, as_of, zone)[0]
    if isinstance(until, str):
        until = _interval(until, as_of, zone)[1]
    if isinstance(new_since, str):
        new_since = _interval(new_since, as_of, zone)[0]
    if since is not None and until is not None and until <= since:
        raise UsageError(f"until ({filters.until}) ends before since ({filters.since}) begins", "swap the two")
    return replace(filters, since=since, until=until, new_since=new_since)


def instant(text: str, zone: tzinfo = UTC) -> int:
    """Return the first UTC second of what a date means, for `--as-of`.

    Raises:
        UsageError: it is not a date, or one that counts from another.
    """
    return _interval(text, None, zone)[0]


def zone_named(name: str) -> tzinfo:
    """Return a time zone: `Europe/Berlin` and the like, `UTC`, or an offset such as `+02:00`.

    Raises:
        UsageError: there is no such zone, or this machine has no list of them.
    """
    if name.upper() in ("UTC", "Z"):
        return UTC
    if re.fullmatch(_OFFSET, name, re.ASCII) and (offset := _offset(name)) is not None:
        return timezone(offset)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        if available_timezones():
            hint = "write a name such as Europe/Berlin or America/New_York, UTC, or an offset such as +02:00"
        else:
            hint = "this machine has no list of time zones (Windows has none): pip install tzdata, or write +02:00"
        raise UsageError(f"{name!r} is not a time zone", hint) from error


def _interval(text: str, as_of: int | None, zone: tzinfo) -> Interval:
    wanted = " ".join(text.casefold().split())
    try:
        found = _iso(wanted, zone)
        if found is None and as_of is not None:
            found = _relative(wanted, datetime.fromtimestamp(as_of, zone))
    except (ValueError, OverflowError):
        found = None
    if found is None:
        examples = _EXAMPLES if as_of is not None else "write 2024, 2024-05, 2024-05-17 or 2024-05-17T09:30Z"
        raise UsageError(f"{text!r} is not a date", examples)
    begins, ends = found
    return max(begins, _EARLIEST), min(ends, _LATEST)


def _iso(text: str, zone: tzinfo) -> Interval | None:
    match = _ISO.fullmatch(text)
    if not match:
        return None
    year, month, day, hour, minute, second, written = match.groups()
    if written:
        offset = _offset(written)
        if offset is None:
            return None
        zone = timezone(offset)
    start = datetime(
        int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=zone
    )
    if hour:
        # Where a clock is set back, a time comes twice, and either may be meant.
        times = [int(start.replace(fold=fold).timestamp()) for fold in (0, 1)]
        return min(times), max(times) + (1 if second else 60)
    return _days(start, 1) if day else _months(start, 1 if month else 12)


def _offset(text: str) -> timedelta | None:
    if text.upper() == "Z":
        return timedelta()
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    if offset > _FARTHEST_OFFSET or int(text[-2:]) > 59:
        return None
    return offset if text[0] == "+" else -offset


def _relative(text: str, now: datetime) -> Interval | None:
    today = now.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if text in ("today", "now"):
        return _days(today, 1)
    if text == "yesterday":
        return _days(today - timedelta(days=1), 1)
    if match := _AGO.fullmatch(text):
        start = _back(now, int(match[1]), match[2])
        return start, start
    if match := _PAST.fullmatch(text):
        return _back(now, int(match[1]), match[2]), int(now.timestamp())
    if match := _PAST_ONE.fullmatch(text):
        return _back(now, 1, match[1]), int(now.timestamp())
    if match := _NAMED.fullmatch(text):
        return _calendar(today, match[2], -1 if match[1] == "last" else 0)
    return _weekday(text, today) or _month_or_day(text, today)


def _back(now: datetime, count: int, unit: str) -> int:
    """Count back on the clock of the zone, so that seven days ago is the same time of day; hours are true hours."""
    if unit[0] == "h":
        return int(now.timestamp()) - count * 3600
    if unit[0] in "dw":
        return int((now - timedelta(days=count * (7 if unit[0] == "w" else 1))).timestamp())
    return int(_later(now, -count * (12 if unit[0] == "y" else 1)).timestamp())


def _calendar(today: datetime, unit: str, step: int) -> Interval:
    if unit == "week":
        return _days(today + timedelta(days=7 * step - today.weekday()), 7)
    if unit == "month":
        return _months(_later(today.replace(day=1), step), 1)
    return _months(_later(today.replace(month=1, day=1), 12 * step), 12)


def _weekday(text: str, today: datetime) -> Interval | None:
    """Return the latest such day, today included unless it is asked for as the last one."""
    match = _WEEKDAY.fullmatch(text)
    weekday = _WEEKDAY_OF.get(match[2]) if match else None
    if match is None or weekday is None:
        return None
    back = (today.weekday() - weekday) % 7
    return _days(today - timedelta(days=7 if match[1] and not back else back), 1)


def _month_or_day(text: str, today: datetime) -> Interval | None:
    """Return the month or day named; without a year the latest that has begun."""
    if match := _DAY_FIRST.fullmatch(text):
        day, name, year = match.groups()
    elif match := _MONTH_FIRST.fullmatch(text):
        name, day, year = match.groups()
    else:
        return None
    month = _ORDINAL_OF.get(name)
    if month is None:
        return None
    years = [int(year)] if year else range(today.year, today.year - _LONGEST_LEAP_GAP - 1, -1)
    for candidate in years:
        try:
            start = datetime(candidate, month, int(day or 1), tzinfo=today.tzinfo)
        except ValueError:
            continue  # 29 February of another year
        if year or start <= today:
            return _days(start, 1) if day else _months(start, 1)
    return None


def _days(start: datetime, count: int) -> Interval:
    if start.toordinal() + count > datetime.max.toordinal():
        return int(start.timestamp()), _LATEST
    return int(start.timestamp()), int((start + timedelta(days=count)).timestamp())


def _months(start: datetime, count: int) -> Interval:
    if start.year == datetime.max.year and start.month + count > 12:
        return int(start.timestamp()), _LATEST
    return int(start.timestamp()), int(_later(start, count).timestamp())


def _later(start: datetime, months: int) -> datetime:
    total = start.year * 12 + start.month - 1 + months
    year, month = divmod(total, 12)
    for day in range(start.day, 27, -1):  # 31 March less a month is the last of February
        try:
            return start.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return start.replace(year=year, month=month + 1)
