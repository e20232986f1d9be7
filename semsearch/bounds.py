"""UTC seconds for what a user means by a date bound: "2024-05", "7d", "last monday", "may 3"."""

import math
import operator
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from semsearch.checks import shown
from semsearch.dates import read_time, two_readings
from semsearch.errors import UsageError
from semsearch.types import Bound, Filters

_OFFSET = re.compile(r"(?:UTC)?([+-])(\d\d)(?::?(\d\d))?", re.ASCII)
_ISO_WEEK = re.compile(r"(\d{4})-?w(\d\d)(?:-?([1-7]))?", re.ASCII)
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
"""The first and the last second that can be written as a date."""

_EXAMPLES = "write 2024, 2024-05, 2024-05-17, 2024-05-17T09:30Z, may 3, 7d, yesterday, last monday or last month"
_FIXED_EXAMPLES = "write 2024, 2024-05, 2024-05-17 or 2024-05-17T09:30Z"
_KINDS = "write a text such as 2024-05-17, a date, a datetime, or whole UTC seconds"

Interval = tuple[int, int]
"""The first UTC second, and the first second after the end."""


def resolve(filters: Filters, as_of: int) -> Filters:
    """Return the filters with a time zone in place of its name, and with all bounds in UTC seconds.

    `since` is the beginning of its unit and `until` the end of its unit, so that both include what they name;
    `new_since` is read like `since`. The unit of a `date` is its day, that of a `datetime` its second. A bound that
    names no zone is in the filters' zone.

    Args:
        as_of: UTC seconds that relative bounds count back from, and that dates without a year come before.

    Raises:
        UsageError: a bound is not a date, `until` ends before `since` begins, or there is no such zone.
    """
    zone = zone_of(filters)

    def seconds_of(name: str, end: int = 0) -> int | None:
        bound = getattr(filters, name)
        return None if bound is None else _interval(bound, as_of, zone, name)[end]

    since, until, new_since = seconds_of("since"), seconds_of("until", 1), seconds_of("new_since")
    if since is not None and until is not None and until <= since and since not in (_EARLIEST, _LATEST):
        raise UsageError(f"until ({filters.until}) ends before since ({filters.since}) begins", "swap the two")
    return replace(filters, since=since, until=until, new_since=new_since, timezone=zone)


def instant(bound: Bound, zone: tzinfo = UTC, name: str = "as_of") -> int:
    """Return the first UTC second of a date, for `--as-of`.

    Raises:
        UsageError: it is not a date, or a relative one.
    """
    return _interval(bound, None, zone, name)[0]


def local(seconds: int, zone: tzinfo) -> datetime:
    """Return an instant on the clock of a zone; at the ends of the calendar, where that may be impossible, in UTC."""
    seconds = min(max(seconds, _EARLIEST), _LATEST)
    try:
        return datetime.fromtimestamp(seconds, zone)
    except (ValueError, OverflowError):
        return datetime.fromtimestamp(seconds, UTC)


def span(filters: Filters, *, whole_days: bool = False) -> tuple[int | None, int | None]:
    """Return `since` and `until` of resolved filters in the form that articles' dates are compared with.

    Days, months and years without a zone are taken to be in the zone of whoever asks. They are stored as whole days of
    UTC, and therefore compared with what the clock of the filters' zone shows at the bounds.

    Args:
        whole_days: for dates that begin and end with days of UTC; otherwise for all others.
    """
    since, until = _resolved_seconds(filters.since), _resolved_seconds(filters.until)
    zone = zone_of(filters)
    if not whole_days or zone is UTC:
        return since, until
    return (
        None if since is None else _clock_seconds(since, zone),
        None if until is None else _clock_seconds(until - 1, zone) + 1,  # the last second, and one more
    )


def _clock_seconds(seconds: int, zone: tzinfo) -> int:
    return int(local(seconds, zone).replace(tzinfo=UTC).timestamp())


def _resolved_seconds(bound: Bound | None) -> int | None:
    if bound is None or isinstance(bound, int):
        return bound
    raise TypeError("an engine takes bounds in seconds: conditions.resolved")


def zone_of(filters: Filters) -> tzinfo:
    """Return the time zone of filters.

    Raises:
        UsageError: there is no such zone.
    """
    zone = filters.timezone
    if isinstance(zone, str):
        return zone_named(zone)
    if isinstance(zone, tzinfo):
        return zone
    raise UsageError(f"timezone is {_kind(zone)}, not a time zone", "write a name: Europe/Berlin, UTC or +02:00")


def zone_named(name: str) -> tzinfo:
    """Return a time zone: `Europe/Berlin` and the like, `UTC`, or an offset such as `+02:00`.

    Raises:
        UsageError: there is no such zone, or this machine has no list of them.
    """
    if name.upper() in ("UTC", "Z"):
        return UTC
    if (match := _OFFSET.fullmatch(name)) and (offset := _offset(match)) is not None:
        return timezone(offset)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        if available_timezones():
            hint = "write a name such as Europe/Berlin or America/New_York, UTC, or an offset such as +02:00"
        else:
            hint = "this machine has no list of time zones (Windows has none): pip install tzdata, or write +02:00"
        raise UsageError(f"{name!r} is not a time zone", hint) from error


def _interval(bound: Bound, as_of: int | None, zone: tzinfo, name: str) -> Interval:
    """Read a bound; seconds are an interval that begins and ends with them."""
    if isinstance(bound, str):
        begins, ends = _read_bound(bound, as_of, zone)
    elif isinstance(bound, date) or type(bound).__name__ == "datetime64":  # NumPy's type, which writes ISO 8601, too
        begins, ends = _read_bound(bound.isoformat() if isinstance(bound, date) else str(bound), None, zone)
    elif type(bound).__name__ == "Period":  # of pandas
        begins, ends = _interval_of_period(bound, zone, name)
    else:
        begins = ends = _seconds(bound, name)
        if begins > _LATEST:
            raise UsageError(f"{name} is {shown(bound)}, beyond the year 9999", "give seconds since 1970, or a date")
    return min(max(begins, _EARLIEST), _LATEST), min(max(ends, _EARLIEST), _LATEST)


def _interval_of_period(period: Any, zone: tzinfo, name: str) -> Interval:
    begins, _ = _interval(period.start_time, None, zone, name)
    _, ends = _interval(period.end_time.floor("s"), None, zone, name)
    return begins, ends


def _seconds(bound: object, name: str) -> int:
    """Return a number as whole UTC seconds."""
    try:
        if isinstance(bound, float) and math.isfinite(bound):
            return math.floor(bound)
        if not isinstance(bound, bool):
            return operator.index(bound)  # type: ignore[arg-type]  # NumPy's numbers, too
    except TypeError:
        pass
    raise UsageError(f"{name} is {_kind(bound)}, not a date", _KINDS)


def _kind(value: object) -> str:
    return f"{value!r:.40} ({type(value).__name__})"


def _read_bound(text: str, as_of: int | None, zone: tzinfo) -> Interval:
    folded = " ".join(text.casefold().split())
    try:
        interval = _week(folded, zone)
        if interval is None and (written := read_time(text)):
            interval = written.interval(zone)
        if interval is None and as_of is not None:
            interval = _relative(folded, datetime.fromtimestamp(as_of, zone))
    except (ValueError, OverflowError):
        interval = None
    if interval is not None:
        return interval
    if readings := two_readings(text):
        message = f"{text!r:.80} is not a date that can be read in one way only: it may be {' or '.join(readings)}"
        raise UsageError(message, "write the year first: 2024-05-17")
    raise UsageError(f"{text!r:.80} is not a date", _EXAMPLES if as_of is not None else _FIXED_EXAMPLES)


def _week(text: str, zone: tzinfo) -> Interval | None:
    """Read a week of ISO 8601, or a day of one: 2024-W18, 2024-W18-5."""
    match = _ISO_WEEK.fullmatch(text)
    if match is None:
        return None
    start = datetime.fromisocalendar(int(match[1]), int(match[2]), int(match[3] or 1)).replace(tzinfo=zone)
    return _days(start, 1 if match[3] else 7)


def _offset(match: re.Match[str]) -> timedelta | None:
    hours, minutes = int(match[2]), int(match[3] or 0)
    offset = timedelta(hours=hours, minutes=minutes)
    if offset > _FARTHEST_OFFSET or minutes > 59:
        return None
    return offset if match[1] == "+" else -offset


def _relative(text: str, now: datetime) -> Interval | None:
    today = now.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if text in ("today", "now"):
        return _days(today, 1)
    if text == "yesterday":
        return _days(today - timedelta(days=1), 1)
    if match := _AGO.fullmatch(text):
        start = _counted_back(now, int(match[1]), match[2])
        return start, start
    if match := _PAST.fullmatch(text):
        return _counted_back(now, int(match[1]), match[2]), int(now.timestamp())
    if match := _PAST_ONE.fullmatch(text):
        return _counted_back(now, 1, match[1]), int(now.timestamp())
    if match := _NAMED.fullmatch(text):
        return _calendar_unit(today, match[2], -1 if match[1] == "last" else 0)
    return _weekday(text, today) or _month_or_day(text, today)


def _counted_back(now: datetime, count: int, unit: str) -> int:
    """Return the second `count` units ago: on the clock of the zone, except for hours, so that days keep the time."""
    if unit[0] == "h":
        return int(now.timestamp()) - count * 3600
    if unit[0] in "dw":
        return int((now - timedelta(days=count * (7 if unit[0] == "w" else 1))).timestamp())
    return int(_months_later(now, -count * (12 if unit[0] == "y" else 1)).timestamp())


def _calendar_unit(today: datetime, unit: str, step: int) -> Interval:
    if unit == "week":
        return _days(today + timedelta(days=7 * step - today.weekday()), 7)
    if unit == "month":
        return _months(_months_later(today.replace(day=1), step), 1)
    return _months(_months_later(today.replace(month=1, day=1), 12 * step), 12)


def _weekday(text: str, today: datetime) -> Interval | None:
    """Return the latest day of that name, which may be today unless it is written "last monday"."""
    match = _WEEKDAY.fullmatch(text)
    weekday = _WEEKDAY_OF.get(match[2]) if match else None
    if match is None or weekday is None:
        return None
    back = (today.weekday() - weekday) % 7
    return _days(today - timedelta(days=7 if match[1] and not back else back), 1)


def _month_or_day(text: str, today: datetime) -> Interval | None:
    """Return the named month or day; without a year the latest one that has begun."""
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
    for candidate_year in years:
        try:
            start = datetime(candidate_year, month, int(day or 1), tzinfo=today.tzinfo)
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
    return int(start.timestamp()), int(_months_later(start, count).timestamp())


def _months_later(start: datetime, months: int) -> datetime:
    total = start.year * 12 + start.month - 1 + months
    year, month = divmod(total, 12)
    for day in range(start.day, 27, -1):  # 31 March less a month is the last of February
        try:
            return start.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return start.replace(year=year, month=month + 1)
