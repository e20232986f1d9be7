"""Writes facts as people do: dates, sizes, durations, places and names."""

from dataclasses import replace
from datetime import UTC, tzinfo

from semsearch.addresses import host
from semsearch.bounds import local
from semsearch.dates import Written, read_time
from semsearch.rendering.layout import is_web, printable, shorten
from semsearch.text import Span, counted, normalise_line
from semsearch.types import Date, Hit, Metadata

SHORT_ID_DIGITS = 10
"""Digits of an article id that are enough to type: of 10^7 articles one in 10^5 shares them with another."""

HEADING_COLUMNS = 60
"""Columns of a passage that are shown instead of a missing title."""

UNTITLED = "(no title)"

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UNITS = ("kB", "MB", "GB", "TB")
_HALF_A_DAY = 43_200


def day(date: Date | str | None, zone: tzinfo = UTC) -> str:
    """Write a date as people do, as precise as it is known but no finer than a day: "3 May 2024", "May 2024".

    A search for this day in this zone finds the article. An instant becomes the day that it falls on in the zone; a
    date that names no zone is written as it is.
    """
    in_zone = _in_zone(date, zone)
    return _day(in_zone) if isinstance(in_zone, Written) else in_zone


def iso_day(date: Date | str | None, zone: tzinfo = UTC) -> str:
    """Write the same as "2024-05-03", "2024-05"."""
    in_zone = _in_zone(date, zone)
    return _without_clock(in_zone).text if isinstance(in_zone, Written) else in_zone


def moment(date: Date | str | None, zone: tzinfo = UTC) -> str:
    """Write a date, with the minute if it is known, and in parentheses as its source has it if that is another zone.

    "3 May 2024, 07:15 UTC (09:15 UTC+02:00)"
    """
    in_zone, written = _in_zone(date, zone), read_time(_date_text(date))
    if not isinstance(in_zone, Written) or written is None or not written.clock:
        return day(date, zone)
    if written.offset is None and zone is UTC:
        return f"{_day(written)}, {_clock(written)}"
    local_text = f"{_day(in_zone)}, {_clock(in_zone)}"
    if written.offset == in_zone.offset:
        return local_text
    return (
        f"{local_text} ({_clock(written)})"
        if _day(written) == _day(in_zone)
        else f"{local_text} ({_day(written)}, {_clock(written)})"
    )


def _date_text(date: Date | str | None) -> str:
    return normalise_line(date.text if isinstance(date, Date) else date or "")


def _in_zone(date: Date | str | None, zone: tzinfo) -> Written | str:
    """Return a date by the clock or calendar of a zone; a text that cannot be read as a date, as it is."""
    text = _date_text(date)
    written = read_time(text)
    if written is None:
        return text
    if not written.clock and not written.offset:  # a date of UTC or of no zone, the same in every zone
        return written
    earliest, _ = written.interval()
    if not written.clock:  # a day of another zone: shown as the day that its middle falls on
        zoned = local(earliest + _HALF_A_DAY, zone)
        return Written(zoned.year, zoned.month, zoned.day)
    zoned = local(earliest, zone)
    offset_text = zoned.isoformat()[len("2024-05-03T09:15:00") :]
    zone_text = "Z" if zone is UTC else offset_text
    return Written(zoned.year, zoned.month, zoned.day, (zoned.hour, zoned.minute), "", zoned.utcoffset(), zone_text)


def _without_clock(written: Written) -> Written:
    return replace(written, clock=(), fraction="", offset=None, zone="")


def _day(written: Written) -> str:
    parts = [str(written.day)] if written.day else []
    parts += [_MONTHS[written.month - 1]] if written.month else []
    return " ".join([*parts, f"{written.year:04}"])


def _clock(written: Written) -> str:
    zone = {"": "", "Z": " UTC", "+00:00": " UTC"}.get(written.zone, f" UTC{written.zone}")
    return f"{written.clock[0]:02}:{written.clock[1]:02}{zone}"


def size(size_bytes: int) -> str:
    """Write a number of bytes in decimal units: "812 bytes", "12.4 MB"."""
    if size_bytes < 1000:
        return counted(size_bytes, "byte")
    power = min((len(str(size_bytes)) - 1) // 3, len(_UNITS))
    if round(size_bytes / 1000**power, 1) >= 1000 and power < len(_UNITS):
        power += 1  # 999,960 bytes are 1.0 MB, not 1000.0 kB
    return f"{size_bytes / 1000**power:.1f} {_UNITS[power - 1]}"


def duration(milliseconds: float) -> str:
    """Write how long something took: "3 ms", "1.2 s"."""
    if milliseconds < 1:
        return "under 1 ms"
    return f"{milliseconds:.0f} ms" if milliseconds < 999.5 else f"{milliseconds / 1000:,.1f} s"


def whereabouts(article: Metadata, place: str | None) -> str:
    """Say in which file something is, and where in it: "report.pdf, page 3"; "" if that is not known."""
    return normalise_line(", ".join(part for part in (article.origin, place) if part))


def short_id(article: Metadata) -> str:
    """Return the beginning of an article's id."""
    return normalise_line(article.article_id)[:SHORT_ID_DIGITS]


def bearer(article: Metadata, zone: tzinfo) -> str:
    """Name an article by its outlet, else its domain or id, and its day: "Hill Herald 4 May 2024"."""
    domain = host(article.url) if article.url and is_web(article.url) else None
    outlet = normalise_line(article.publisher or domain or short_id(article))
    return f"{outlet} {day(article.published, zone)}".rstrip()


def marks(hit: Hit, zone: tzinfo) -> list[str]:
    """Say that an article was updated, and what it republishes: "updated 5 May 2024"."""
    updated = f"updated {day(hit.article.updated, zone)}".rstrip()
    republished = f"republished from {bearer(hit.republishes, zone)}" if hit.republishes else ""
    return [remark for remark in (updated if hit.article.earlier_versions else "", republished) if remark]


def heading(hit: Hit) -> str:
    """Return the title of a hit's article or, if it has none, the first words of the passage."""
    return normalise_line(hit.article.title) or shorten(hit.text, HEADING_COLUMNS) or UNTITLED


def quotation(hit: Hit) -> tuple[str, Span]:
    """Return the passage without control characters, and the span of its best sentence in it.

    The span is empty if there is no best sentence, or if it is the whole passage.
    """
    text = printable(hit.text)
    if hit.sentence is None:
        return text, (0, 0)
    # An offset moves to the end of the text before it, once that is made printable in the same way.
    parts_before = (hit.text[: max(offset - hit.passage.start, 0)] for offset in hit.sentence)
    start, end = (min(len(printable(f"{part}.")) - 1, len(text)) for part in parts_before)
    alone = not (text[:start].strip() or text[end:].strip())
    return text, (0, 0) if alone or start >= end else (start, end)
