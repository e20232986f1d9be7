"""Facts in words that people use: dates, counts, sizes, places and names."""

import re
from urllib.parse import urlsplit

from semsearch.rendering.layout import is_web, printable, shorten
from semsearch.text import Span, normalise_line
from semsearch.types import Date, Hit, Metadata

SHORT_ID_DIGITS = 10
"""Of an article id, enough to type: among 10^7 articles one in 10^5 shares them with another."""

HEADING_COLUMNS = 60
"""Of a passage, in the place of a title that the source did not give."""

UNTITLED = "(no title)"

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UNITS = ("kB", "MB", "GB", "TB")
_DATE = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>0[1-9]|1[0-2])(?:-(?P<day>\d\d)"
    r"(?:T(?P<time>\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(?P<zone>Z|[+-]\d\d:?\d\d)?)?)?)?"
)


def day(date: Date | str | None) -> str:
    """Write a date as people do, as precise as it is known but no finer than a day: "3 May 2024", "May 2024"."""
    text = normalise_line(date.text if isinstance(date, Date) else date or "")
    parts = _DATE.fullmatch(text)
    if not parts:
        return text
    named = [str(int(parts["day"]))] if parts["day"] else []
    named += [_MONTHS[int(parts["month"]) - 1]] if parts["month"] else []
    return " ".join([*named, parts["year"]])


def moment(date: Date | str | None) -> str:
    """Write a date with the minute and the zone where they are known: "3 May 2024, 09:15 UTC-04:00"."""
    text = normalise_line(date.text if isinstance(date, Date) else date or "")
    parts = _DATE.fullmatch(text)
    if not parts or not parts["time"]:
        return day(text)
    zone = {None: "", "Z": " UTC", "+00:00": " UTC"}.get(parts["zone"], f" UTC{parts['zone']}")
    return f"{day(text)}, {parts['time']}{zone}"


def counted(number: int, singular: str, plural: str = "") -> str:
    """Write a number with its noun: "1 article", "2,077 articles"."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def size(size_bytes: int) -> str:
    """Write a number of bytes in decimal units: "812 bytes", "12.4 MB"."""
    if size_bytes < 1000:
        return counted(size_bytes, "byte")
    power = min((len(str(size_bytes)) - 1) // 3, len(_UNITS))
    if round(size_bytes / 1000**power, 1) >= 1000 and power < len(_UNITS):
        power += 1  # 999,960 bytes are 1.0 MB, not 1000.0 kB
    return f"{size_bytes / 1000**power:.1f} {_UNITS[power - 1]}"


def duration(milliseconds: float) -> str:
    """Write a time that somebody waited: "3 ms", "1.2 s"."""
    if milliseconds < 1:
        return "under 1 ms"
    return f"{milliseconds:.0f} ms" if milliseconds < 999.5 else f"{milliseconds / 1000:,.1f} s"


def short_id(article: Metadata) -> str:
    """Return the beginning of an article's id."""
    return normalise_line(article.article_id)[:SHORT_ID_DIGITS]


def bearer(article: Metadata) -> str:
    """Name an article by its outlet, else its address or id, and its day: "Hill Herald 4 May 2024"."""
    host = urlsplit(article.url).hostname if article.url and is_web(article.url) else None
    outlet = normalise_line(article.publisher or host or short_id(article))
    return f"{outlet} {day(article.published)}".rstrip()


def marks(hit: Hit) -> list[str]:
    """Say that an article was updated, and what it republishes: "updated 5 May 2024"."""
    updated = f"updated {day(hit.article.updated)}".rstrip()
    republished = f"republished from {bearer(hit.republishes)}" if hit.republishes else ""
    return [said for said in (updated if hit.article.earlier_versions else "", republished) if said]


def heading(hit: Hit) -> str:
    """Return the title of a hit's article, or the first words of its passage where it has none."""
    return normalise_line(hit.article.title) or shorten(hit.text, HEADING_COLUMNS) or UNTITLED


def quotation(hit: Hit) -> tuple[str, Span]:
    """Return the passage as it may be shown, and the span of its best sentence in that.

    The span is empty where there is no such sentence, or nothing beside it.
    """
    text = printable(hit.text)
    if hit.sentence is None:
        return text, (0, 0)
    # What stands before an offset, made printable in the same way, tells where the offset has moved to.
    before = (hit.text[: max(at - hit.passage.start, 0)] for at in hit.sentence)
    start, end = (min(len(printable(f"{part}.")) - 1, len(text)) for part in before)
    alone = not (text[:start].strip() or text[end:].strip())
    return text, (0, 0) if alone or start >= end else (start, end)
