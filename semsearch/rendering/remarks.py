"""What is said about a whole answer: what was understood, how good it is, why it is empty."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, tzinfo

from semsearch.rendering.phrases import counted, duration
from semsearch.text import normalise_line
from semsearch.types import Answer, Filters, GroupBy, Hit, Sort, Verdict, iso_seconds
from semsearch.types.grammar import Typed, unparse

WORDS = {
    Verdict.STRONG: "strong",
    Verdict.FAIR: "fair",
    Verdict.WEAK: "weak",
    Verdict.NONE: "no match",
}
"""What a person reads for each verdict."""


def opening(answer: Answer) -> str:
    """Say what has to be known before the hits are read; "" where they are good."""
    if not answer.hits:
        return nothing_found(answer)
    if answer.verdict is Verdict.NONE:
        return "No good match. The nearest there is:"
    return "Weak matches." if answer.verdict is Verdict.WEAK else ""


def doubt(hit: Hit, answer: Answer) -> str:
    """Say how doubtful a hit is, "" where it is good or where the opening has said so already."""
    doubtful = hit.verdict in (Verdict.WEAK, Verdict.NONE) and hit.verdict is not answer.verdict
    return WORDS[hit.verdict] if doubtful else ""


def nothing_found(answer: Answer) -> str:
    """Say that there are no hits, and why."""
    query = answer.query
    if answer.total and query.offset:
        return f"Nothing after the first {counted(query.offset, 'hit')}."
    if answer.total and query.min_score:
        return f"Nothing as sure as {query.min_score:g} among {counted(answer.total, 'article')}."
    if answer.total:
        found = "No good match" if query.sort is Sort.DATE else "Nothing found"
        return f"{found} among {counted(answer.total, 'article')}."
    if query.filters.to_dict() or query.phrases or query.excluded:
        return "Nothing found: no article meets the conditions."
    return "Nothing found: the index is empty."


def closing_text(answer: Answer) -> str:
    """Say how much was shown, of how much, how good, how fast: "10 of 412 articles · strong · 3 ms"."""
    shown = f"{len(answer.hits):,}"
    if answer.query.group_by is GroupBy.PASSAGE:
        shown = counted(len(answer.hits), "passage")
    verdict = [WORDS[answer.verdict]] if answer.hits else []
    return " · ".join([f"{shown} of {counted(answer.total, 'article')}", *verdict, duration(answer.took_ms)]) + "\n"


def understood_text(answer: Answer, zone: tzinfo = UTC) -> str:
    """Write a query as it was answered, in the query language and, where that has no word, as options.

    Returns "" where nothing but plain words was asked for.

    Args:
        zone: whose days and clock the bounds are written in.
    """
    query = answer.query
    filters = query.filters
    options = " ".join(_options(filters, zone))
    if not (query.phrases or query.excluded or filters.to_dict()):
        return ""
    typed = Typed(
        query.text,
        phrases=query.phrases,
        excluded=query.excluded,
        publishers=tuple(sorted(filters.publishers)),
        authors=tuple(sorted(filters.authors)),
        sections=tuple(sorted(filters.sections)),
        languages=tuple(sorted(filters.languages)),
        tags=tuple(sorted(filters.tags)),
        since=None if filters.since is None else _begins(filters.since, zone),
        until=None if filters.until is None else _ends(filters.until, zone),
    )
    return normalise_line(f"{unparse(typed)} {options}")


def _options(filters: Filters, zone: tzinfo) -> Iterator[str]:
    if filters.undated is not None:
        yield f"--undated {'include' if filters.undated else 'exclude'}"
    if filters.new_since is not None:
        yield f"--new-since {_begins(filters.new_since, zone)}"
    if filters.republished:
        yield "--republished include"


def _begins(bound: str | int, zone: tzinfo) -> str:
    """Write the first second of what was asked for: a day where it is midnight."""
    if isinstance(bound, str):
        return bound
    return _day(bound, zone) or _second(bound, zone)


def _ends(bound: str | int, zone: tzinfo) -> str:
    """Write an exclusive end as what it includes: the day before where it is midnight."""
    if isinstance(bound, str):
        return bound
    if _day(bound, zone):
        return _local(bound - 1, zone).date().isoformat()
    return _second(bound - 1, zone)


def _day(seconds: int, zone: tzinfo) -> str:
    """Write the day that begins then, or "" where none does."""
    local = _local(seconds, zone)
    return local.date().isoformat() if local.time() == time.min else ""


def _second(seconds: int, zone: tzinfo) -> str:
    return iso_seconds(seconds) if zone is UTC else _local(seconds, zone).isoformat()


def _local(seconds: int, zone: tzinfo) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, zone)
    except (ValueError, OverflowError):  # at the ends of the calendar there may be no such hour
        return datetime.fromtimestamp(seconds, UTC)
