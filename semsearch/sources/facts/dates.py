"""Dates as sources write them -> what they can mean. Never guesses: what two people could read differently is None."""

import math
import re
from calendar import isleap, monthrange
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone

from semsearch.text import normalise_line, normalised
from semsearch.types import Date

_LONGEST = 100
"""Characters. JavaScript's own form, with the zone spelled out, has about 70."""

_DAY_SECONDS = 86_400
_UNSET = "1970-01-01"
"""What a program shows that has no date and counts seconds from here."""

_CLOCK_SECONDS = 5
"""Between a page's being made and its being fetched, at most: a page that shows the time shows this one."""

_YEARS = range(1000, 3000)
"""Outside lies what programs write for "unknown" (0001-01-01, 9999-12-31), and nothing that was printed."""

_MONTH_NAMES = """
    january jan januar janvier janv enero ene janeiro gennaio gen januari jänner ianuarie januára stycznia ledna
    leden января янв січня ocak január يناير

    february feb februar février fevrier févr febrero fevereiro fev febbraio februari februarie februára lutego
    února únor февраля фев лютого şubat február فبراير

    march mar märz maerz mars marzo março marco maart mrt marts maret martie marca března březen марта березня
    mart március مارس

    april apr avril avr abril abr aprile aprilie apríla kwietnia dubna duben апреля апр квітня nisan április
    أبريل

    may mai mayo maio maggio mag mei maj maja mája května květen мая травня mayıs mayis május مايو

    june jun juni juin junio junho giugno giu iunie júna czerwca června červen июня червня haziran június يونيو

    july jul juli juillet juil julio julho luglio lug iulie júla lipca července červenec июля липня temmuz
    július يوليو

    august aug août aout agosto ago augustus augusti agustus augusta sierpnia srpna srpen августа авг серпня
    ağustos agustos augusztus أغسطس

    september sept sep septembre septiembre setembro settembre set septembrie septembra września září сентября
    сен вересня eylül szeptember سبتمبر

    october oct oktober octobre octubre outubro out ottobre ott okt octombrie októbra października října říjen
    октября окт жовтня ekim október أكتوبر

    november nov novembre noviembre novembro noiembrie novembra listopadu ноября ноя листопада kasım kasim
    نوفمبر

    december dec dezember dez décembre decembre déc diciembre dic dezembro dicembre desember des decembrie
    decembra grudnia prosince prosinec декабря дек грудня aralık aralik ديسمبر
"""
_MONTHS = {name: month for month, names in enumerate(_MONTH_NAMES.split("\n\n"), 1) for name in names.split()}
"""As dates have them: English, German, French, Spanish, Portuguese, Italian, Dutch, Scandinavian, Indonesian, Romanian,
Slovak, Polish, Czech, Russian, Ukrainian, Turkish, Hungarian, Arabic. No name means two months: "listopada" is November
in Polish and October in Croatian, and so it is not here."""

_WEEKDAY_NAMES = """
    mon tue tues wed thu thur thurs fri sat sun monday tuesday wednesday thursday friday saturday sunday
    montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag
    lundi mardi mercredi jeudi vendredi samedi dimanche
    lunes martes miércoles jueves viernes sábado domingo
    lunedì martedì mercoledì giovedì venerdì sabato domenica
    maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
    måndag tisdag onsdag torsdag fredag lördag söndag mandag tirsdag lørdag søndag
    senin selasa rabu kamis jumat sabtu minggu
    poniedziałek wtorek środa czwartek piątek sobota niedziela pondělí úterý středa čtvrtek pátek neděle
    понедельник вторник среда четверг пятница суббота воскресенье
    понеділок вівторок середа четвер субота неділя
    الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد
"""
_WEEKDAYS = frozenset(_WEEKDAY_NAMES.split())
"""Any other word before a date may change what it means ("before 3 May 2024")."""

_ZONE_HOURS = {
    "Z": 0, "UT": 0, "UTC": 0, "GMT": 0,
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip
"""As RFC 2822, 4.3 defines them. Other names mean different zones in different places."""

_UNIVERSAL = frozenset(("Z", "UT", "UTC", "GMT"))
_TWELVE = range(1, 13)

_YEAR = r"(?P<year>[0-9]{4})"
_MONTH = r"(?P<month>[0-9]{1,2})"
_DAY = r"(?P<day>[0-9]{1,2})"
_DAY_ORDINAL = _DAY + r"(?:st|nd|rd|th|er|º|\.)?"
_MONTH_NAME = r"(?P<name>[^\W\d_]{3,12})\.?"
_WEEKDAY = r"(?:(?P<weekday>[^\W\d_]{3,12})\.?[,،]?\ )?"
_YEAR_WORD = r"(?:\ (?:г\.?|года|р\.?|року|r\.?|roku))?"
_AT = r"(?:,|\ at|\ -|\ um|,?\ kl\.?|,?\ (?:в|о|à|pukul|saat))?"
_SECOND = r"(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?"
_OFFSET = r"(?P<offset>[+-][0-9]{2}(?::?[0-9]{2})?)"
_ZONE = rf"(?:\ ?(?P<zone>UTC?|GMT|Z|[ECMP][SD]T)\b)?(?:\ ?{_OFFSET})?(?:\ ?[(\[][^)\]]*[)\]])?"
_CLOCK = rf"(?P<hour>[0-9]{{1,2}}):(?P<minute>[0-9]{{2}})(?::{_SECOND})?(?:\ ?(?P<half>[ap])(?:m\b|\.m\.))?{_ZONE}"
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
        rf"{_WEEKDAY}{_DAY_ORDINAL}(?P<separator>\ |-|\ de\ ){_MONTH_NAME}(?:(?P=separator)|,\ ){_YEAR}"
        rf"{_YEAR_WORD}(?:{_AT}\ {_CLOCK})?"
    ),
    "2024. május 3., 10:15": rf"{_YEAR}\.\ {_MONTH_NAME}\ {_DAY}\.(?:,?\ {_CLOCK})?",
    "26-FEB-1987 15:01:01.79F RM, with the categories of a news wire": (
        rf"{_DAY}-{_MONTH_NAME}-{_YEAR}\ (?P<hour>[0-9]{{2}}):(?P<minute>[0-9]{{2}}):(?P<second>[0-9]{{2}})"
        r"\.(?P<fraction>[0-9]{1,9})[A-Y]{1,2}(?:\ [A-Z]{1,2})*"
    ),
    "Friday, May 3rd, 2024 at 10:15 a.m. EDT, Fri May 03 2024 10:15:00 GMT+0200 (CEST)": (
        rf"{_WEEKDAY}{_MONTH_NAME}\ {_DAY_ORDINAL},?\ {_YEAR}(?:(?:,|\ at|\ -)?\ {_CLOCK})?"
    ),
    "Fri May 3 10:15:00 UTC 2024": rf"{_WEEKDAY}{_MONTH_NAME}\ {_DAY}\ {_CLOCK}\ {_YEAR}",
    "May 2024": rf"{_MONTH_NAME},?\ {_YEAR}",
    "25/12/2024 where it is readable in one way only, 3.4.2024": (
        rf"(?P<one>[0-9]{{1,2}})(?P<separator>[-/.])(?P<other>[0-9]{{1,2}})(?P=separator){_YEAR}(?:,?\ {_CLOCK})?"
    ),
}
"""What it reads -> how. The first that fits the whole text is taken."""

_PATTERNS = tuple(re.compile(form, re.IGNORECASE) for form in _FORMS.values())
_EPOCH_TEXT = re.compile(r"[0-9]{10}(?:\.[0-9]+)?|[0-9]{13}")
_EPOCH_DIVISORS = {9: 1, 10: 1, 12: 1_000, 13: 1_000, 16: 1_000_000, 19: 1_000_000_000}
"""Digits -> units a second. Fewer would lie in 1970, and between them lies nothing that was published."""

_COMPACT_DIGITS = frozenset((4, 8, 14))
"""Numbers of so many digits are a year, a day or a second written without marks."""


def parse_date(raw: str | float) -> Date | None:
    """Return what a date means at the precision in which it is written, or None where that is not certain.

    Takes ISO 8601 and its looser relatives, RFC 2822, dates with the month's name, Chinese, Japanese and Korean forms,
    and Unix time in seconds or smaller units. Day and month as numbers in unknown order ("03/04/2024"), two-digit
    years, relative dates and impossible ones ("2024-02-30") are None.
    """
    if isinstance(raw, int | float):
        return _from_number(raw)
    line = normalise_line(raw)
    if not line or len(line) > _LONGEST:
        return None
    if not line.isascii():
        line = normalised("NFKC", line)
    if _EPOCH_TEXT.fullmatch(line):
        return _from_epoch(float(line) if "." in line else int(line), len(line.partition(".")[0]))
    for pattern in _PATTERNS:
        if (match := pattern.fullmatch(line)) and (date := _from_parts(match.groupdict())):
            return date
    return None


def is_credible(date: Date, now: int, fetched: int | None = None) -> bool:
    """Whether something that is read now can have come out then: not in the future, and not as it was fetched.

    A day is allowed for zones that nobody wrote. What seems to have come out in the very seconds in which it was
    fetched is what the page's clock showed.

    Args:
        now: UTC second of the reading.
        fetched: UTC second in which it came from its address, where that is known.
    """
    known = now if fetched is None else min(now, fetched)
    return date.earliest <= known + _DAY_SECONDS and not (fetched is not None and is_clock(date, fetched))


def is_clock(date: Date, fetched: int) -> bool:
    """Whether a date is to the second the time at which it was fetched."""
    return date.earliest == date.latest and abs(date.earliest - fetched) <= _CLOCK_SECONDS


def _from_number(raw: float) -> Date | None:
    if isinstance(raw, bool) or not math.isfinite(raw) or abs(raw) >= 10**19:
        return None
    digits = len(str(abs(int(raw))))
    if digits in _COMPACT_DIGITS and raw > 0:
        return parse_date(str(int(raw)))
    return _from_epoch(raw, digits)


def _from_epoch(number: float, digits: int) -> Date | None:
    if digits not in _EPOCH_DIVISORS:
        return None
    seconds = math.floor(number / _EPOCH_DIVISORS[digits])
    text = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Date(text, seconds, seconds)


def _from_parts(parts: Mapping[str, str | None]) -> Date | None:
    try:
        year, month, day = _days(parts)
        clock = _clock(parts)
        offset_minutes = _offset_minutes(parts)
        hour, minute, second = [*clock, 0, 0, 0][:3]
        zone = timezone(timedelta(minutes=offset_minutes))
        start = datetime(year, month or 1, day or 1, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None
    text = "-".join([f"{year:04}", *(f"{part:02}" for part in (month, day) if part)])
    if clock:
        text += "T" + ":".join(f"{part:02}" for part in clock)
        seconds = 1 if len(clock) == 3 else 60
    else:
        seconds = _DAY_SECONDS * (1 if day else monthrange(year, month)[1] if month else 366 if isleap(year) else 365)
    if fraction := parts.get("fraction"):
        text += f".{fraction}"
    earliest = int(start.timestamp())
    if seconds <= _DAY_SECONDS and (earliest == 0 or text.startswith(_UNSET)):
        return None
    return Date(text + _written_zone(parts, offset_minutes), earliest, earliest + seconds - 1)


def _days(parts: Mapping[str, str | None]) -> tuple[int, int | None, int | None]:
    """Return year, month and day, the last two None where they are not said; `ValueError` for impossible ones."""
    year = _in_range(parts["year"], _YEARS)
    if (parts.get("weekday") or "mon").casefold() not in _WEEKDAYS:
        raise ValueError(parts["weekday"])
    if parts.get("one"):
        return year, *_month_and_day(int(parts["one"] or 0), int(parts["other"] or 0), parts["separator"])
    day = _in_range(parts["day"], range(1, 32)) if parts.get("day") else None
    if name := parts.get("name"):
        return year, _in_range(_MONTHS.get(name.casefold()), _TWELVE), day
    return year, _in_range(parts["month"], _TWELVE) if parts.get("month") else None, day


def _month_and_day(one: int, other: int, separator: str | None) -> tuple[int, int]:
    orders = ((one, other), (other, one))[
        separator == "." :
    ]  # with full stops the day comes first, wherever that is written
    readings = {(month, day) for month, day in orders if month in _TWELVE}
    if len(readings) != 1:
        raise ValueError(readings)
    return readings.pop()


def _clock(parts: Mapping[str, str | None]) -> tuple[int, ...]:
    """Return hour and minute, and second where it is said; nothing where no time is said."""
    if not parts.get("hour"):
        return ()
    hour = int(parts["hour"] or 0)
    if half := parts.get("half"):
        hour = _in_range(hour, range(1, 13)) % 12 + (12 if half in "pP" else 0)
    clock = (hour, int(parts["minute"] or 0))
    return (*clock, int(parts["second"] or 0)) if parts.get("second") else clock


def _offset_minutes(parts: Mapping[str, str | None]) -> int:
    """Return minutes east of Greenwich; 0 where no zone is said."""
    zone = (parts.get("zone") or "Z").upper()
    offset = parts.get("offset")
    if not offset:
        return _ZONE_HOURS[zone] * 60
    hours, minutes = int(offset[1:3]), int(offset[-2:]) if len(offset) > 3 else 0
    if zone not in _UNIVERSAL or hours > 14 or minutes > 59:
        raise ValueError(offset)
    return (hours * 60 + minutes) * (-1 if offset[0] == "-" else 1)


def _written_zone(parts: Mapping[str, str | None], minutes: int) -> str:
    if parts.get("offset") or (zone := (parts.get("zone") or "").upper()) not in ("", *_UNIVERSAL):
        return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    return "Z" if zone else ""


def _in_range(raw: str | int | None, allowed: range) -> int:
    number = -1 if raw is None else int(raw)
    if number not in allowed:
        raise ValueError(raw)
    return number
