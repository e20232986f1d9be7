"""Facts in words that people use: dates, counts, sizes, places and names."""

from dataclasses import replace
from datetime import UTC, tzinfo

from semsearch.addresses import host
from semsearch.bounds import local
from semsearch.dates import Written, read_time
from semsearch.rendering.layout import is_web, printable, shorten
from semsearch.text import Span, counted, normalise_line
from semsearch.types import Date, Hit, Metadata

SHORT_ID_DIGITS = 10
"""Of an article id, enough to type: among 10^7 articles one in 10^5 shares them with another."""

HEADING_COLUMNS = 60
"""Of a passage, in the place of a title that the source did not give."""

UNTITLED = "(no title)"

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UNITS = ("kB", "MB", "GB", "TB")
_HALF_A_DAY = 43_200


def day(date: Date | str | None, zone: tzinfo = UTC) -> str:
    """Write a date as people do, as precise as it is known but no finer than a day: "3 May 2024", "May 2024".

    It is a day that finds the article when it is asked for in this zone: of an instant the day that it is there. A date
    that names no zone is a day of whoever reads it, and written as it is.
    """
    shown = _in_zone(date, zone)
    return _day(shown) if isinstance(shown, Written) else shown


def iso_day(date: Date | str | None, zone: tzinfo = UTC) -> str:
    """Write the same as "2024-05-03", "2024-05"."""
    shown = _in_zone(date, zone)
    return _without_clock(shown).text if isinstance(shown, Written) else shown


def moment(date: Date | str | None, zone: tzinfo = UTC) -> str:
    """Write a date with the minute where it is known, and after it as its source has it where that is another zone's.

    "3 May 2024, 07:15 UTC (09:15 UTC+02:00)"
    """
    shown, own = _in_zone(date, zone), read_time(_text(date))
    if not isinstance(shown, Written) or own is None or not own.clock:
        return day(date, zone)
    if own.offset is None and zone is UTC:
        return f"{_day(own)}, {_clock(own)}"
    here = f"{_day(shown)}, {_clock(shown)}"
    if own.offset == shown.offset:
        return here
    return f"{here} ({_clock(own)})" if _day(own) == _day(shown) else f"{here} ({_day(own)}, {_clock(own)})"


def _text(date: Date | str | None) -> str:
    return normalise_line(date.text if isinstance(date, Date) else date or "")


def _in_zone(date: Date | str | None, zone: tzinfo) -> Written | str:
    """Return a date as the clock or the calendar of a zone has it; the text of one that is none."""
    text = _text(date)
    own = read_time(text)
    if own is None:
        return text
    if not own.clock and not own.offset:  # whole days of UTC, which count as such in every zone
        return own
    earliest, _ = own.interval()
    if not own.clock:  # a day that names its zone: it is shown by its middle, which it surely has
        at = local(earliest + _HALF_A_DAY, zone)
        return Written(at.year, at.month, at.day)
    at = local(earliest, zone)
    said = at.isoformat()[len("2024-05-03T09:15:00") :]
    zone_said = "Z" if zone is UTC else said
    return Written(at.year, at.month, at.day, (at.hour, at.minute), "", at.utcoffset(), zone_said)


def _without_clock(written: Written) -> Written:
    return replace(written, clock=(), fraction="", offset=None, zone="")


def _day(written: Written) -> str:
    named = [str(written.day)] if written.day else []
    named += [_MONTHS[written.month - 1]] if written.month else []
    return " ".join([*named, f"{written.year:04}"])


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
    """Write a time that somebody waited: "3 ms", "1.2 s"."""
    if milliseconds < 1:
        return "under 1 ms"
    return f"{milliseconds:.0f} ms" if milliseconds < 999.5 else f"{milliseconds / 1000:,.1f} s"


def whereabouts(article: Metadata, place: str | None) -> str:
    """Say in which file something stands, and where in it: "report.pdf, page 3"; "" where that is not known."""
    return normalise_line(", ".join(part for part in (article.origin, place) if part))


def short_id(article: Metadata) -> str:
    """Return the beginning of an article's id."""
    return normalise_line(article.article_id)[:SHORT_ID_DIGITS]


def bearer(article: Metadata, zone: tzinfo) -> str:
    """Name an article by its outlet, else its address or id, and its day: "Hill Herald 4 May 2024"."""
    named = host(article.url) if article.url and is_web(article.url) else None
    outlet = normalise_line(article.publisher or named or short_id(article))
    return f"{outlet} {day(article.published, zone)}".rstrip()


def marks(hit: Hit, zone: tzinfo) -> list[str]:
    """Say that an article was updated, and what it republishes: "updated 5 May 2024"."""
    updated = f"updated {day(hit.article.updated, zone)}".rstrip()
    republished = f"republished from {bearer(hit.republishes, zone)}" if hit.republishes else ""
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
