"""Reads times as people and programs write them; None for one that two people could read differently."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from functools import cache

from semsearch.calendars import ENGLISH, DateOrder, in_english
from semsearch.text import normalise_line
from semsearch.types import Date

_LONGEST = 100
"""Characters. JavaScript's own form, with the zone spelled out, has about 70."""

_DAY_SECONDS = 86_400
_UNSET = "1970-01-01"
"""Shown by programs that have no date and count seconds from here."""

_CLOCK_SECONDS = 5
"""Longest time between the making of a page and its fetching; a page that shows the clock shows a time within it."""

_YEARS = range(1600, 3000)
"""Other years are what programs write for "unknown" (0001-01-01, 9999-12-31); the first newspaper is of 1605. Years
from 1300 to 1500 belong to the calendars of Iran and of Islam."""

_MONTHS = {name: month for month, name in enumerate(ENGLISH, 1)}

_ZONE_HOURS = {
    "Z": 0, "UT": 0, "UTC": 0, "GMT": 0,
    "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip
"""As defined by RFC 2822, 4.3, but for CST, which is China's time too."""

_OFFSETS = {
    "WEST": "+0100", "CET": "+0100", "MEZ": "+0100", "CEST": "+0200", "MESZ": "+0200", "EET": "+0200", "EEST": "+0300",
    "SAST": "+0200", "EAT": "+0300", "PKT": "+0500", "WIB": "+0700", "WITA": "+0800", "WIT": "+0900", "SGT": "+0800",
    "HKT": "+0800", "JST": "+0900", "KST": "+0900", "AWST": "+0800", "ACST": "+0930", "ACDT": "+1030", "AEST": "+1000",
    "AEDT": "+1100", "NZST": "+1200", "NZDT": "+1300", "AKST": "-0900", "AKDT": "-0800",
}  # fmt: skip
"""Other names of zones that only one part of the world uses -> offset from UTC."""

_CENTRAL_TIME = re.compile(r"\A([A-Z][a-z]{2}, .{10,30} )CST\Z")
"""In the form of RFC 2822, which says that CST is America's; it is China's, too."""

_UNSURE = ("AST", "BST", "CST", "GST", "IST", "MSK", "WST")
"""Names of several zones, or of one whose offset has changed."""

_ANY_OFFSET = r"[+-][0-9]{2}:?[0-9]{2}"
_ZONE_NAME = re.compile(rf"\ (?P<name>{'|'.join(_OFFSETS)})\b")
_UNSURE_ZONE = re.compile(rf"\ (?:{'|'.join(_UNSURE)}|[A-Z][a-z]{{2,20}}/[A-Z][A-Za-z_]{{1,30}})\b")
_NAMED_OFFSET = re.compile(
    rf"(?<=\ )(?P<before>{_ANY_OFFSET})\ [A-Z]{{3,5}}\b"
    rf"|\ (?:{'|'.join((*_OFFSETS, *_UNSURE))})\ ?(?P<behind>{_ANY_OFFSET})"
)
"""A zone by its offset and, as Go writes it too, by its name."""

_UNIVERSAL = frozenset(("Z", "UT", "UTC", "GMT"))
_MONTH_NUMBERS = range(1, 13)

_YEAR = r"(?P<year>[0-9]{4})"
_MONTH = r"(?P<month>[0-9]{1,2})"
_DAY = r"(?P<day>[0-9]{1,2})"
_DAY_ORDINAL = _DAY + r"(?:st|nd|rd|th|er|[o°]|\.)?"
_MONTH_NAME = rf"(?P<name>{'|'.join(_MONTHS)})\.?"
_THE = r"(?:(?:le|el|il|am|den|on|the)\ )?"
_GAP = r"(?:,?\ |-|\ (?:del?|of)\ )"
_YEAR_WORD = r"(?:\.|\ (?:г\.?|года|р\.?|року|r\.?|roku|ж\.?|жылы))?"
_AT = r"(?:,|\ at|\ -|\ um|,?\ klo?\.?|,?\ (?:в|о|a|om|alle|ore|pukul|saat))?"
_SECOND = r"(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]+))?"
_OFFSET = r"(?P<offset>[+-][0-9]{2}(?::?[0-9]{2}(?::[0-9]{2})?)?)"
_ZONE = rf"(?:\ ?(?P<zone>UTC?|GMT|Z|[EMP][SD]T|CDT)\b)?(?:\ ?{_OFFSET})?(?:\ ?[(\[][^)\]]*[)\]])?"
_HALF = r"(?:\ ?(?P<half>[ap])(?:m\b|\.m\.)|\ uhr)?"
_CLOCK = rf"(?P<hour>[0-9]{{1,2}})(?:[:.]|\ ?h\ ?)(?P<minute>[0-9]{{2}})(?::{_SECOND})?{_HALF}{_ZONE}"
_CLOCK_CJK = r"(?P<hour>[0-9]{1,2})[时時시]\ ?(?P<minute>[0-9]{1,2})[分분](?:\ ?(?P<second>[0-9]{1,2})[秒초])?"

_FORMS = {
    "2024, 2024-05, 2024/5/3, 2024-05-03 9:15:00 -0400, 2024-05-03T10:15:00.5Z": (
        rf"{_YEAR}(?:(?P<separator>[-/.]){_MONTH}(?:(?P=separator){_DAY}(?:(?:T|,?\ ){_CLOCK})?)?)?"
    ),
    "2024-05-03+02:00": rf"{_YEAR}-{_MONTH}-{_DAY}(?:(?P<zone>Z)|(?P<offset>[+-][0-9]{{2}}:[0-9]{{2}}))",
    "20240503, 20240503T101500Z, 202405031015": (
        r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"
        rf"(?:[T\ ]?(?P<hour>[0-9]{{2}})(?P<minute>[0-9]{{2}})(?:{_SECOND})?{_ZONE})?"
    ),
    "2024年, 2024年5月, 2024年5月3日 10:15": (
        rf"{_YEAR}\ ?[年년](?:\ ?{_MONTH}\ ?[月월](?:\ ?{_DAY}\ ?[日일](?:\ ?{_CLOCK})?)?)?"
    ),
    "2024年5月3日10时15分, 2024년 5월 3일 10시 15분": (
        rf"{_YEAR}\ ?[年년]\ ?{_MONTH}\ ?[月월]\ ?{_DAY}\ ?[日일]\ ?{_CLOCK_CJK}"
    ),
    "Fri, 3 May 2024 10:15:00 +0200, 3. Mai 2024, 3 de mayo de 2024, 3 мая 2024 г., 26-FEB-1987 15:01:01.79": (
        rf"{_THE}{_DAY_ORDINAL}{_GAP}{_MONTH_NAME}{_GAP}{_YEAR}"
        rf"{_YEAR_WORD}(?:{_AT}\ {_CLOCK})?"
    ),
    "2024. 5. 3., 2024.05.03. 10:15": rf"{_YEAR}\.\ ?{_MONTH}\.\ ?{_DAY}\.?(?:,?\ {_CLOCK})?",
    "2024. május 3., 10:15": rf"{_YEAR}\.\ {_MONTH_NAME}\ {_DAY}\.(?:,?\ {_CLOCK})?",
    "26-FEB-1987 15:01:01.79F RM, with the categories of a news wire": (
        rf"{_DAY}-{_MONTH_NAME}-{_YEAR}\ (?P<hour>[0-9]{{2}}):(?P<minute>[0-9]{{2}}):(?P<second>[0-9]{{2}})"
        r"\.(?P<fraction>[0-9]+)[A-Y]{1,2}(?:\ [A-Z]{1,2})*"
    ),
    "Friday, May 3rd, 2024 at 10:15 a.m. EDT, Fri May 03 2024 10:15:00 GMT+0200 (CEST)": (
        rf"{_MONTH_NAME}\ {_DAY_ORDINAL},?\ {_YEAR}(?:(?:,|\ at|\ -)?\ {_CLOCK})?"
    ),
    "Fri May 3 10:15:00 UTC 2024": rf"{_MONTH_NAME}\ {_DAY}\ {_CLOCK}\ {_YEAR}",
    "May 2024": rf"{_MONTH_NAME},?\ {_YEAR}",
    "25/12/2024 where it is readable in one way only, 3.4.2024": (
        rf"(?P<left>[0-9]{{1,2}})(?P<separator>[-/.]|\.\ )(?P<right>[0-9]{{1,2}})(?P=separator){_YEAR}(?:,?\ {_CLOCK})?"
    ),
}
"""By examples: the expressions of dates. The first that fits the whole text is taken."""


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    """Return the compiled forms; compiling takes some milliseconds, and is done for the first date that is read."""
    return tuple(re.compile(form, re.IGNORECASE) for form in _FORMS.values())


_LETTERS = re.compile(r"[a-z]{3}", re.IGNORECASE)
_EPOCH_TEXT = re.compile(
    r"(1[0-9]{9})(?:\.[0-9]+)?|(1(?:[0-9]{12}|[0-9]{15}|[0-9]{18}))|/Date\((-?[0-9]{10,13})(?:[+-][0-9]{4})?\)/"
)
"""Seconds; smaller units; the form of Microsoft's JSON. What begins with a 2 may be a day and an hour."""
_EPOCH_DIVISORS = {9: 1, 10: 1, 12: 1_000, 13: 1_000, 16: 1_000_000, 19: 1_000_000_000}
"""By number of digits: units in a second. Fewer digits mean 1970, other numbers nothing that was published."""

_UNORDERED = re.compile(r"(?P<left>[0-9]{1,2})([-/])(?P<right>[0-9]{1,2})\2(?P<year>[0-9]{4})(?![0-9])", re.ASCII)

_FARTHEST_OFFSET = timedelta(hours=14)

_COMPACT_DIGITS = frozenset((4, 8, 14))
"""Numbers of this many digits are a year, a day or a second written without marks."""


@dataclass(frozen=True, slots=True)
class Written:
    """A time as it is written, no more precise than that."""

    year: int  # 1 to 9999
    month: int | None = None
    day: int | None = None
    clock: tuple[int, ...] = ()  # hour and minute, and second if it is written
    fraction: str = ""  # digits, of the second
    offset: timedelta | None = None  # from UTC; None if no zone is written
    zone: str = ""  # as in ISO 8601

    @property
    def text(self) -> str:
        """The time in ISO 8601."""
        day = "-".join([f"{self.year:04}", *(f"{part:02}" for part in (self.month, self.day) if part)])
        clock = "T" + ":".join(f"{part:02}" for part in self.clock) if self.clock else ""
        return day + clock + (f".{self.fraction}" if self.fraction else "") + self.zone

    def interval(self, zone: tzinfo = UTC) -> tuple[int, int]:
        """Return the UTC seconds that it can mean: the first, and the first one after the last.

        A fraction counts as its whole second.

        Args:
            zone: of its clock or calendar, if it names none.
        """
        if self.offset is not None:
            zone = timezone(self.offset)
        hour, minute, second = [*self.clock, 0, 0, 0][:3]
        start = datetime(self.year, self.month or 1, self.day or 1, hour, minute, second, tzinfo=zone)
        if self.clock:
            # When a clock is set back, a time comes twice, and either may be meant.
            times = [int(start.replace(fold=fold).timestamp()) for fold in (0, 1)]
            return min(times), max(times) + (1 if len(self.clock) == 3 else 60)
        return int(start.timestamp()), self._end(start)

    def _end(self, start: datetime) -> int:
        try:
            if self.day:
                return int((start + timedelta(days=1)).timestamp())
            months = start.year * 12 + start.month - 1 + (1 if self.month else 12)
            return int(start.replace(year=months // 12, month=months % 12 + 1).timestamp())
        except (OverflowError, ValueError):  # the calendar ends there
            return int(start.replace(month=12, day=31).timestamp()) + _DAY_SECONDS


def read_time(raw: str, order: DateOrder | None = None) -> Written | None:
    """Return the time that a text gives, or None if it is uncertain or impossible.

    Takes ISO 8601 and its looser relatives, RFC 2822, dates with the month's name in many languages, Chinese, Japanese
    and Korean forms, years of named eras, and Unix time in seconds or smaller units. Years of two digits are uncertain,
    and so are day and month as numbers ("03/04/2024") unless their order is known.

    Args:
        order: of day and month, if the source says or shows it.
    """
    line = normalise_line(raw)
    if not line or len(line) > _LONGEST:
        return None
    if epoch := _EPOCH_TEXT.fullmatch(line):
        return _from_epoch_text(epoch)
    if not line.isascii() or _LETTERS.search(line):
        line = _CENTRAL_TIME.sub(r"\1-0600", line)
        line = _NAMED_OFFSET.sub(lambda match: f" {match['before'] or match['behind']}", line)
        line = _ZONE_NAME.sub(lambda match: f" {_OFFSETS[match['name']]}", line)
        line = in_english(line.replace("\u2212", "-"))  # the minus that ISO 8601 asks for
    for pattern in _patterns():
        if (match := pattern.fullmatch(line)) and (written := _from_parts(match.groupdict(), order)):
            return written
    return None


def _from_epoch_text(epoch: re.Match[str]) -> Written | None:
    seconds, small, thousandths = epoch.groups()
    if thousandths:
        return _from_epoch(int(thousandths), 13)
    return _from_epoch(int(seconds or small), len(seconds or small))


def two_readings(raw: str) -> tuple[str, str] | None:
    """Return, in ISO 8601, both days that a date may mean whose day and month are numbers in unknown order."""
    match = _UNORDERED.match(normalise_line(raw))
    readings = [(int(match["year"]), *order) for order in _possible_orders(match)] if match else []
    possible = {reading for reading in readings if reading[1] in _MONTH_NUMBERS and 0 < reading[2] < 32}
    days = sorted(f"{year:04}-{month:02}-{day:02}" for year, month, day in possible)
    return (days[0], days[1]) if len(days) == 2 else None


def parse_date(raw: str | float, order: DateOrder | None = None) -> Date | None:
    """Return a source's date at the precision in which it is written, or None if it is uncertain.

    Takes what `read_time` takes, and numbers, but no year in which nothing was printed. A date without a zone is taken
    to be in UTC; of a time in a zone whose name is unsure the day is kept.
    """
    if isinstance(raw, int | float):
        written = _from_number(raw)
    else:
        written = read_time(raw, order) or _day_in_unsure_zone(raw, order)
    if written is None or written.year not in _YEARS:
        return None
    earliest, end = written.interval()
    if written.day and (earliest == 0 or written.text.startswith(_UNSET)):
        return None
    return Date(written.text, earliest, end - 1)


def _day_in_unsure_zone(raw: str, order: DateOrder | None) -> Written | None:
    line, count = _UNSURE_ZONE.subn("", normalise_line(raw))
    written = read_time(line, order) if count == 1 else None
    return replace(written, clock=(), fraction="") if written and written.clock and not written.zone else None


def is_credible(date: Date, now: int, fetched: int | None = None) -> bool:
    """Tell whether a date of publication is possible: neither in the future nor the moment of fetching.

    A day is allowed for zones that are not written. A page that seems to have come out in the very seconds in which it
    was fetched only shows the clock.

    Args:
        now: UTC second of the reading.
        fetched: UTC second in which it came from its address, if that is known.
    """
    latest = now if fetched is None else min(now, fetched)
    return date.earliest <= latest + _DAY_SECONDS and not (fetched is not None and is_clock(date, fetched))


def is_clock(date: Date, fetched: int) -> bool:
    """Tell whether a date is, to the second, the time of fetching."""
    return date.earliest == date.latest and abs(date.earliest - fetched) <= _CLOCK_SECONDS


def _from_number(raw: float) -> Written | None:
    if isinstance(raw, bool) or not -(10**19) < raw < 10**19:  # False for infinity and NaN, too
        return None
    digits = len(str(abs(int(raw))))
    if digits in _COMPACT_DIGITS and raw > 0:
        return read_time(str(int(raw)))
    return _from_epoch(raw, digits)


def _from_epoch(number: float, digits: int) -> Written | None:
    if digits not in _EPOCH_DIVISORS:
        return None
    seconds = math.floor(number / _EPOCH_DIVISORS[digits])
    instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    year, month, day, *clock = instant.timetuple()[:6]
    return Written(year, month, day, tuple(clock), "", timedelta(), "Z")


def _from_parts(parts: Mapping[str, str | None], order: DateOrder | None) -> Written | None:
    try:
        year, month, day = _day_parts(parts, order)
        clock = _clock(parts)
        offset = _offset(parts)
        start = datetime(year, month or 1, day or 1)
        if clock[:1] == (24,) and not any(clock[1:]) and not (parts.get("fraction") or "").strip("0"):
            start += timedelta(days=1)  # the midnight at which the day ends
            year, month, day, clock = start.year, start.month, start.day, (0, *clock[1:])
        hour, minute, second = [*clock, 0, 0, 0][:3]
        time(hour, minute, second)
    except (ValueError, OverflowError):
        return None
    zone = _written_zone(parts, offset)
    return Written(year, month, day, clock, parts.get("fraction") or "", offset if zone else None, zone)


def _day_parts(parts: Mapping[str, str | None], order: DateOrder | None) -> tuple[int, int | None, int | None]:
    """Return year, month and day, the last two None if they are not written; ValueError if they are impossible."""
    year = int(parts["year"] or 0)
    if parts.get("left"):
        dotted = (parts["separator"] or "").startswith(".")
        # With full stops the day comes first everywhere.
        return year, *_month_and_day(int(parts["left"] or 0), int(parts["right"] or 0), "dmy" if dotted else order)
    day = _in_range(parts["day"], range(1, 32)) if parts.get("day") else None
    if name := parts.get("name"):
        return year, _in_range(_MONTHS.get(name.casefold()), _MONTH_NUMBERS), day
    return year, _in_range(parts["month"], _MONTH_NUMBERS) if parts.get("month") else None, day


def _month_and_day(left: int, right: int, order: DateOrder | None) -> tuple[int, int]:
    """Return month and day; if the order is unknown or gives no month, the one possible reading, else ValueError."""
    orders = {"mdy": (left, right), "dmy": (right, left)}
    if order and orders[order][0] in _MONTH_NUMBERS:
        return orders[order]
    readings = {(month, day) for month, day in orders.values() if month in _MONTH_NUMBERS}
    if len(readings) != 1:
        raise ValueError(readings)
    return readings.pop()


def _possible_orders(match: re.Match[str]) -> tuple[tuple[int, int], tuple[int, int]]:
    left, right = int(match["left"]), int(match["right"])
    return (left, right), (right, left)


def _clock(parts: Mapping[str, str | None]) -> tuple[int, ...]:
    """Return hour and minute, and second if it is written; () if no time is written.

    A leap second, 23:59:60, is taken for the one before.
    """
    if not parts.get("hour"):
        return ()
    hour = int(parts["hour"] or 0)
    if half := parts.get("half"):
        hour = _in_range(hour, range(1, 13)) % 12 + (12 if half in "pP" else 0)
    clock = (hour, int(parts["minute"] or 0))
    if not (second := parts.get("second")):
        return clock
    return (*clock, 59 if second == "60" else int(second))


def _offset(parts: Mapping[str, str | None]) -> timedelta:
    """Return how far the zone is ahead of UTC; 0 if no zone is written."""
    zone = (parts.get("zone") or "Z").upper()
    offset_text = parts.get("offset")
    if not offset_text:
        return timedelta(hours=_ZONE_HOURS[zone])
    digits = offset_text[1:].replace(":", "")
    hours, minutes, seconds = (int(digits[start : start + 2] or 0) for start in (0, 2, 4))
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if zone not in _UNIVERSAL or offset > _FARTHEST_OFFSET or minutes > 59 or seconds > 59:
        raise ValueError(offset_text)
    return -offset if offset_text[0] == "-" else offset


def _written_zone(parts: Mapping[str, str | None], offset: timedelta) -> str:
    zone = (parts.get("zone") or "").upper()
    if not parts.get("offset") and zone in ("", *_UNIVERSAL):
        return "Z" if zone else ""
    seconds = abs(int(offset.total_seconds()))
    seconds_part = f":{seconds % 60:02}" if seconds % 60 else ""
    return f"{'-' if offset < timedelta() else '+'}{seconds // 3600:02}:{seconds // 60 % 60:02}{seconds_part}"


def _in_range(raw: str | int | None, allowed: range) -> int:
    number = -1 if raw is None else int(raw)
    if number not in allowed:
        raise ValueError(raw)
    return number
