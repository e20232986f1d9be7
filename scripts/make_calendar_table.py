"""Write the table of the names of months and weekdays, from Unicode's CLDR as Babel has it.

    pip install babel
    python scripts/make_calendar_table.py

A name that means two months in different languages is left out: nobody can tell which is meant. So are names of one or
two Latin letters, which are words as well.
"""

from collections import defaultdict
from importlib.metadata import version
from pathlib import Path

from babel import Locale

from semsearch.calendars import folded

TABLE = Path(__file__).parent.parent / "semsearch" / "calendar_names.txt"
LOCALES = """
    af am ar ar_DZ ar_IQ ar_LB ar_MA ar_MR ar_SY ar_TN as az be bg bn bs bs_Cyrl ca cs cy da de de_AT el en es et eu fa
    fa_AF fi fil fr fr_CA ga gl gu ha he hi hr hu hy id is it ka kk km kn ky lo lt lv mk ml mn mr ms my nb ne nl nn or
    pa pl ps pt ro ru si sk sl so sq sr sr_Latn sv sw ta te th ti tk tr uk ur uz vi zu
"""

MONTHS = {"maerz": 3}
WEEKDAYS = ("tues", "thur", "thurs", "sonnabend")
"""Names that newspapers use and CLDR lacks."""

WORDS = frozenset(("cet", "die", "dum", "dus", "hen", "nen", "per", "pre", "pro", "son"))
"""Abbreviations that are words of other languages, or a time zone: "pro", "per 3 May", "12:00 CET"."""


def main() -> None:
    """Write the table."""
    months: dict[str, set[int]] = defaultdict(set)
    weekdays = set(WEEKDAYS)
    for name in LOCALES.split():
        numbers, days = _names(name)
        weekdays |= days
        for written, month in numbers.items():
            months[written].add(month)
    sure, english_days = _names("en")  # whatever they are elsewhere
    sure |= dict.fromkeys(english_days, 0) | MONTHS
    table = dict.fromkeys(weekdays - months.keys(), 0)
    table |= {name: numbers.pop() for name, numbers in months.items() if len(numbers) == 1}
    table |= sure
    rows = sorted(f"{name}\t{month}" for name, month in table.items() if _is_name(name))
    heading = f"# Months, and weekdays as 0, of CLDR by Babel {version('babel')} (Unicode License 3.0)"
    TABLE.write_text("\n".join((heading, *rows)) + "\n", encoding="utf-8")


def _names(name: str) -> tuple[dict[str, int], set[str]]:
    """Return the names that a locale has for months, and for weekdays."""
    locale = Locale.parse(name)
    months: dict[str, int] = {}
    weekdays: set[str] = set()
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            months |= {_bare(written): month for month, written in locale.months[context][width].items()}
            weekdays |= {_bare(written) for written in locale.days[context][width].values()}
    return months, weekdays


def _bare(name: str) -> str:
    return folded(name).replace(".", "").strip()


def _is_name(name: str) -> bool:
    short = len(name) <= (2 if name.isascii() else 1)
    return not short and name not in WORDS and not any(char.isdecimal() for char in name)


if __name__ == "__main__":
    main()
