"""Finds the date in a line that says when something was published, and the other words of the line."""

import re
from functools import lru_cache
from typing import NamedTuple

from semsearch.dates import parse_date
from semsearch.text import normalise_line

_LONGEST = 160
"""Characters; a longer line is a sentence with a date in it."""

_MONTH = r"[^\W\d_]{3,12}\.?"
_YEAR = r"(?:1[5-9]|20)[0-9]{2}"
_DATE = re.compile(
    rf"""
    (?<!\w)(?:
        {_MONTH}\ [0-9]{{1,2}},?\ {_YEAR}                                   # May 20, 2024
      | [0-9]{{1,2}}(?:\.|er|[º°]|st|nd|rd|th)?(?:\ de)?\ {_MONTH}(?:\ del?)?,?\ {_YEAR}  # 20. Mai 2024
      | {_YEAR}-[0-9]{{2}}-[0-9]{{2}} | {_YEAR}\.[0-9]{{1,2}}\.[0-9]{{1,2}} | {_YEAR}/[0-9]{{1,2}}/[0-9]{{1,2}}
      | [0-9]{{1,2}}\.[0-9]{{1,2}}\.{_YEAR} | [0-9]{{1,2}}/[0-9]{{1,2}}/{_YEAR}
      | {_YEAR}\ ?年\ ?[0-9]{{1,2}}\ ?月\ ?[0-9]{{1,2}}\ ?日
    )(?![0-9])
    """,
    re.VERBOSE,
)
_MONTH_ALONE = re.compile(rf"{_MONTH},?\ {_YEAR}")
_SEASON = re.compile(
    rf"""(?:
        (?:(?:early|late|mid)[ -])?(?:
            spring|summer|autumn|fall|winter|frühjahr|frühling|sommer|herbst|printemps|été|automne|hiver|primavera|
            verano|otoño|invierno|verão|outono|inverno|estate|autunno
        )(?:\ ?[/–-]\ ?[^\W\d_]{{3,12}})?
      | {_MONTH}\ ?[/–-]\ ?{_MONTH} | {_MONTH}\ [0-9]{{1,2}}\ ?[–-]\ ?[0-9]{{1,2}}
      | q[1-4]|[1-4](?:st|nd|rd|th)\ quarter|[1-4]\.\ quartal
    ),?\ {_YEAR}(?:\ ?[/–-]\ ?[0-9]{{2,4}})?""",
    re.IGNORECASE | re.VERBOSE,
)
_CLOCK = re.compile(
    r"\b[0-9]{1,2}[:.h][0-9]{2}(?::[0-9]{2})?(?:\s*[ap]\.?m\.?)?(?:\s*(?:GMT|UTC|EST|EDT|CET|CEST|BST|PST|PDT|MSK|MEZ|MESZ|Uhr))*"
    r"(?:\s*[+-][0-9]{1,2}(?::?[0-9]{2})?(?![0-9]))?|\bг\.|年",
    re.IGNORECASE,
)


_MORE_WEEKDAYS = frozenset(
    (*(f"{day}-feira" for day in ("segunda", "terça", "quarta", "quinta", "sexta")),
     *(f"{day}{ending}" for day in "月火水木金土日" for ending in ("", "曜", "曜日")))
)  # fmt: skip
"""Weekdays that `parse_date` does not read."""


class DateLine(NamedTuple):
    """A line with a date."""

    date: str  # as `parse_date` reads it
    rest: str  # of the line, without weekdays and times


def date_in(line: str) -> DateLine | None:
    """Return the first readable date of a short line, or None."""
    line = normalise_line(line[: _LONGEST + 1])
    if len(line) > _LONGEST:
        return None
    for match in _DATE.finditer(line):
        if parse_date(match[0]):
            rest = _CLOCK.sub(" ", f"{line[: match.start()]} {line[match.end() :]}")
            words = (word for word in rest.split() if not _is_weekday(word.strip(",.;()（）")))
            return DateLine(match[0], " ".join(words).strip(" ,;-–()（）"))
    if _MONTH_ALONE.fullmatch(line) and parse_date(line):
        return DateLine(line, "")
    return None


def is_issue(line: str) -> bool:
    """Tell whether a line names a season, a quarter or several months, as issues have them instead of a date."""
    return len(line) <= _LONGEST and _SEASON.fullmatch(normalise_line(line)) is not None


def is_date(line: str) -> bool:
    """Tell whether a line is nothing but a date, perhaps with weekday and time."""
    date_line = date_in(line)
    return date_line is not None and not date_line.rest


@lru_cache(maxsize=512)
def _is_weekday(word: str) -> bool:
    if not word or word.casefold() in _MORE_WEEKDAYS:
        return True
    return 3 <= len(word) <= 12 and parse_date(f"{word}, 3 May 2024") is not None
