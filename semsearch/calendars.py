"""Rewrites dates of other scripts, languages and calendars in English and the Gregorian calendar.

What is not certain stays as it is, and is not read as a date: a year such as 1403 without a month's name may belong to
a solar or a lunar calendar.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Literal

from semsearch.text import normalised

DateOrder = Literal["dmy", "mdy"]
"""Whether the day or the month comes first in dates such as 03/04/2024."""

ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WORD = re.compile(r"[^\x00-@\[-`{-\xbf\s\d،。、（）「」『』・·–—/]+")
"""Letters, with their marks in scripts of India, which `\\w` lacks."""

_BOTH = "mar"
"""March in some languages, Tuesday in others; the latter if another month is named."""

_SOLAR_NAMES = """
    فروردین حمل وری
    اردیبهشت ثور غویی
    خرداد جوزا غبرګولی
    تیر سرطان چنګاښ
    مرداد امرداد اسد زمری
    شهریور سنبله وږی
    مهر میزان تله
    آبان عقرب لړم
    آذر قوس لیندۍ
    دی جدی مرغومی
    بهمن دلو سلواغه
    اسفند حوت کب
"""
_SOLAR_DATE = re.compile(r"(?P<day>[0-9]{1,2}) (?P<name>[^\W\d_]+) (?P<year>[0-9]{4})")
_SOLAR_NUMBERS = re.compile(r"(?P<year>[0-9]{4})([/-])(?P<month>[0-9]{1,2})\2(?P<day>[0-9]{1,2})(?![0-9])")
_SOLAR_EPOCH = (1300, date(1921, 3, 21))
_SOLAR_YEARS = range(1300, 1473)
_SOLAR_LEAPS = frozenset((1, 5, 9, 13, 17, 22, 26, 30))
_PERSIAN_DIGITS = re.compile(r"[\u06f0-\u06f9]")

_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "明治": 1867, "民國": 1911, "民国": 1911}
"""By era of Japan and Taiwan: the year before its first."""

_ERA = re.compile(rf"(?:中華|中华)?({'|'.join(_ERAS)})\s?(元|[0-9]{{1,3}})\s?(?=年)")
_HAN_DIGITS = "〇一二三四五六七八九"
_HAN_NUMBER = re.compile(r"[〇零一二三四五六七八九十]{1,4}(?=\s?[年月日号號时時分])")
_CJK_WEEKDAY = re.compile(
    r"(?:星期|礼拜|禮拜|周|週)[一二三四五六日天]|[月火水木金土日]曜日?|[월화수목금토일]요일"
    r"|[(（][月火水木金土日一二三四五六월화수목금토](?:[・·]祝)?[)）]"
)
_CJK_HALF = re.compile(
    r"(?P<half>上午|午前|오전|下午|午後|午后|오후)\s?(?P<hour>[0-9]{1,2})\s?[:點点時时시]\s?(?P<minute>[0-9]{1,2})"
    r"(?:\s?[分분:]\s?(?P<second>[0-9]{1,2})(?!\s?[時时]))?\s?[分분秒초]?"
)
_MORNING = ("上午", "午前", "오전")
_BUDDHIST = re.compile(r"\b(2[45][0-9]{2})\b")
_BUDDHIST_AHEAD = 543
_THAI = re.compile(r"[\u0e01-\u0e3a]")
_THAI_MONTHS = "ม.ค. ก.พ. มี.ค. เม.ย. พ.ค. มิ.ย. ก.ค. ส.ค. ก.ย. ต.ค. พ.ย. ธ.ค."
_THAI_SHORT = dict(zip(_THAI_MONTHS.split(), ENGLISH, strict=True))
_THAI_ERA = re.compile(r"\s*(?:พ\.\s?ศ\.|พุทธศักราช|(?:วัน)?ที่)\s*")
_VIETNAMESE = re.compile(r"(?:ngay )?([0-9]{1,2}) thang ([0-9]{1,2})(?:,? nam|,)? ([0-9]{4})")
_YEAR_FIRST = re.compile(r"(?P<year>[0-9]{4})\.?(?: m\.)? (?P<month>[a-z]{3}) (?P<day>[0-9]{1,2})(?: d)?\.?")
_YEAR_AND_DAY_FIRST = re.compile(r"(?P<year>[0-9]{4})\. gada (?P<day>[0-9]{1,2})\. (?P<month>[a-z]{3})")
"""Forms of Hungarian and Lithuanian, and of Latvian."""
_PREFIXED = re.compile(r"(?<![^\W\d_])(?:ב|[dl]['’])(?=[^\W\d_]{2})")
"""Before the name of a month: "in" in Hebrew, "of" in Catalan."""

_EMPTY = re.compile(r"[(（]\s*[)）]")
_LOOSE = re.compile(r",\s*(?=,)|^[\s,.]+|[\s,]+$")


def folded(text: str) -> str:
    """Return text without case, accents and joiners, as names are compared."""
    letters = normalised("NFKD", text.casefold().replace("ı", "i"))
    base = "".join(char for char in letters if char not in "\u200c\u200e\u200f" and not "\u0300" <= char <= "\u036f")
    return normalised("NFKC", base)


@cache
def _names() -> Mapping[str, int]:
    """Return folded names of months in many languages, and of weekdays as 0."""
    lines = files("semsearch").joinpath("calendar_names.txt").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return {name: int(month) for name, month in rows}


@cache
def _compounds() -> re.Pattern[str]:
    """Return the expression that finds names of more than one word: "segunda-feira", "كانون الثاني"."""
    names = sorted((name for name in _names() if not _WORD.fullmatch(name)), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)")


@cache
def _solar_months() -> Mapping[str, int]:
    """Return folded names of months of the Solar Hijri calendar, in Iran and, in Dari and Pashto, in Afghanistan."""
    rows = enumerate(_SOLAR_NAMES.strip().split("\n"), 1)
    return {folded(name): month for month, names in rows for name in names.split()}


def in_english(line: str) -> str:
    """Return a date with digits, month and year as in English, folded and without its weekday.

    Any other words stay, so that "before 3 May" is as uncertain as it was.
    """
    if not line.isascii():
        has_persian_digits = bool(_PERSIAN_DIGITS.search(line))
        line = "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in folded(line))
        line = line.replace("،", ",").replace("ي", "ی") if has_persian_digits else line.replace("،", ",")
        if solar := _solar_in_iso(line, persian=has_persian_digits):
            return solar
        line = _PREFIXED.sub("", _vietnamese_in_english(_thai_in_english(_han_in_digits(line))))
    line = _with_english_months(line.casefold())
    line = " ".join(_LOOSE.sub("", _EMPTY.sub("", line)).split())
    match = _YEAR_FIRST.fullmatch(line) or _YEAR_AND_DAY_FIRST.fullmatch(line)
    return f"{match['day']} {match['month']} {match['year']}" if match else line


def _with_english_months(line: str) -> str:
    """Return a line with the names of months in English and without those of weekdays."""
    names = _names()
    line = _compounds().sub(lambda match: _english(names[match[0]]), line)
    words = _WORD.findall(line)
    months = {names.get(word, 0) for word in words if word != _BOTH} - {0}

    def english_name(match: re.Match[str]) -> str:
        month = names.get(match[0])
        if match[0] == _BOTH and months:
            return ""
        return match[0] if month is None else _english(month)

    line = _WORD.sub(english_name, line)
    # A month may have two names in one language: "20 أيار/مايو 2024".
    return re.sub(r"\b([a-z]{3})/\1\b", r"\1", line)


def _english(month: int) -> str:
    return ENGLISH[month - 1] if month else ""


def _han_in_digits(line: str) -> str:
    """Return a line with years of eras and numbers in Chinese characters as digits, and without the weekday."""
    line = _HAN_NUMBER.sub(_in_digits, _CJK_WEEKDAY.sub("", line))
    line = _CJK_HALF.sub(_in_24_hours, line)
    return _ERA.sub(lambda era: str(_ERAS[era[1]] + (1 if era[2] == "元" else int(era[2]))), line)


def _in_24_hours(match: re.Match[str]) -> str:
    """Return 下午3:04 as 15:04; a time with an hour beyond 12 stays as it is."""
    hour = int(match["hour"])
    if hour > 12:
        return match[0]
    hour = hour % 12 + (0 if match["half"] in _MORNING else 12)
    return " " + ":".join(f"{int(part):02}" for part in (hour, match["minute"], match["second"]) if part is not None)


def _in_digits(match: re.Match[str]) -> str:
    """Return in digits a number that is written digit by digit (二〇二四) or with tens (二十四)."""
    number = match[0].replace("零", "〇")
    tens, ten, ones = number.partition("十")
    if not ten:
        return "".join(str(_HAN_DIGITS.index(char)) for char in number)
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return match[0]
    return str((_HAN_DIGITS.index(tens) if tens else 1) * 10 + (_HAN_DIGITS.index(ones) if ones else 0))


def _thai_in_english(line: str) -> str:
    """Return a Thai date with English months and years of the common era; other lines stay."""
    if not _THAI.search(line):
        return line
    for name, english in _THAI_SHORT.items():
        line = line.replace(name, english)
    return _BUDDHIST.sub(lambda year: str(int(year[1]) - _BUDDHIST_AHEAD), _THAI_ERA.sub(" ", line))


def _vietnamese_in_english(line: str) -> str:
    def english_date(match: re.Match[str]) -> str:
        month = int(match[2])
        return f"{match[1]} {_english(month)} {match[3]}" if month in range(1, 13) else match[0]

    return _VIETNAMESE.sub(english_date, line)


def _solar_in_iso(line: str, *, persian: bool) -> str:
    """Return a date of the Solar Hijri calendar in ISO 8601, "" unless it certainly is one.

    Args:
        persian: it had Persian digits, in which numbers alone are a date of that calendar.
    """
    match = _SOLAR_DATE.search(line)
    month = _solar_months().get(match["name"], 0) if match else 0
    if not month and persian and (match := _SOLAR_NUMBERS.search(line)):
        month = int(match["month"])
    day = solar_day(int(match["year"]), month, int(match["day"])) if match else None
    if day is None or match is None or _with_english_months(line[: match.start()]).strip(" ,"):
        return ""
    return f"{day.isoformat()}{line[match.end() :].replace(' ساعت', '')}"


def solar_day(year: int, month: int, day: int) -> date | None:
    """Return the day of a date of the Solar Hijri calendar from 1300 to 1472 (1921 to 2094); None if there is none.

    It is computed by the cycle of 33 years with 8 leap years, which gives the actual calendar of these years.
    """
    days = (31,) * 6 + (30,) * 5 + (29 + _is_leap(year),)
    if year not in _SOLAR_YEARS or month not in range(1, 13) or day not in range(1, days[month - 1] + 1):
        return None
    epoch_year, epoch_day = _SOLAR_EPOCH
    past_years = sum(365 + _is_leap(past_year) for past_year in range(epoch_year, year))
    return epoch_day + timedelta(days=past_years + sum(days[: month - 1]) + day - 1)


def _is_leap(year: int) -> bool:
    return year % 33 in _SOLAR_LEAPS
