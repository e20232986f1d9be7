"""What is said about a whole answer: what was understood, how good it is, why it is empty."""

from collections.abc import Iterator, Sequence
from datetime import UTC, time, tzinfo
from shlex import quote

from semsearch.bounds import local, zone_of
from semsearch.rendering.phrases import duration
from semsearch.text import counted, normalise_line
from semsearch.types import NAME_FILTERS, Answer, Bound, Filters, GroupBy, Hit, Sort, Verdict, iso_seconds
from semsearch.types.grammar import Typed, unparse

WORDS = {
    Verdict.STRONG: "strong match",
    Verdict.FAIR: "fair match",
    Verdict.WEAK: "weak match",
    Verdict.NONE: "no match",
}
"""What a person reads for each verdict."""


def opening(answer: Answer) -> str:
    """Say what has to be known before the hits are read; "" where they are good."""
    if not answer.hits:
        return nothing_found(answer)
    if answer.verdict is Verdict.NONE:
        return "No good match. The closest passages found:"
    return "Weak matches." if answer.verdict is Verdict.WEAK else ""


def listed_hits(answer: Answer, *, everything: bool) -> Sequence[Hit]:
    """Return the hits that a person is shown: those of no match only where there are no others, or where asked for."""
    if everything or answer.verdict is Verdict.NONE:
        return answer.hits
    return [hit for hit in answer.hits if hit.verdict is not Verdict.NONE]


def left_out(answer: Answer, listed: Sequence[Hit]) -> str:
    """Say how many hits are not listed, and how to see them; "" where all are."""
    number = len(answer.hits) - len(listed)
    more = "more " if listed else ""
    if number == 1:
        return f"1 {more}hit is no match; list it with --all."
    return f"{number:,} {more}hits are no match; list them with --all." if number else ""


def nothing_found(answer: Answer) -> str:
    """Say that there are no hits, and why."""
    query = answer.query
    if answer.total and query.offset:
        return f"Nothing after the first {counted(query.offset, 'hit')}."
    if answer.total and query.min_confidence:
        return f"No match of confidence {query.min_confidence:g} or more among {counted(answer.total, 'article')}."
    if answer.total:
        found = "No good match" if query.sort is Sort.DATE else "Nothing found"
        return f"{found} among {counted(answer.total, 'article')}."
    if query.filters.to_dict() or query.phrases or query.excluded:
        return "Nothing found: no article meets the conditions."
    return "Nothing found: the index is empty."


def header_text(answer: Answer, index: str = "", *, everything: bool = False) -> str:
    """Say which index was asked, how many articles match, how many hits are shown, how good they are, and how fast.

    "news.idx · 412 articles searched · 37 match · 10 shown · strong match · 3 ms"

    Args:
        index: as a user would name it.
    """
    query = answer.query
    limited = bool(query.filters.to_dict() or query.phrases or query.excluded)
    number = len(listed_hits(answer, everything=everything))
    listed = counted(number, "passage") if query.group_by is GroupBy.PASSAGE else f"{number:,}"
    verb = "meets" if answer.total == 1 else "meet"
    facts = [
        index,
        f"{counted(answer.total, 'article')} {f'{verb} the conditions' if limited else 'searched'}",
        "" if answer.matches is None else f"{answer.matches:,} {'matches' if answer.matches == 1 else 'match'}",
        f"{listed} shown",
        WORDS[answer.verdict] if answer.hits else "",
        duration(answer.took_ms),
    ]
    return " · ".join(fact for fact in facts if fact) + "\n"


def understood_text(answer: Answer) -> str:
    """Write a query as it was answered, in the query language and, where that has no word, as options.

    Bounds are written by the clock of the zone by which the filters count. Returns "" where nothing but plain words was
    asked for.
    """
    query = answer.query
    filters = query.filters
    zone = zone_of(filters)
    options = " ".join(_options(filters, zone))
    if not (query.phrases or query.excluded or filters.to_dict()):
        return ""
    typed = Typed(
        query.text,
        phrases=query.phrases,
        excluded=query.excluded,
        names={
            by_name.field: tuple(sorted(getattr(filters, by_name.field)))
            for by_name in NAME_FILTERS
            if by_name.operators
        },
        tags=tuple(sorted(filters.tags)),
        since=None if filters.since is None else _begins(filters.since, zone),
        until=None if filters.until is None else _ends(filters.until, zone),
    )
    return normalise_line(f"{unparse(typed)} {options}")


def _options(filters: Filters, zone: tzinfo) -> Iterator[str]:
    for by_name in NAME_FILTERS:
        if not by_name.operators:
            yield from (f"--{by_name.singular} {quote(name)}" for name in sorted(getattr(filters, by_name.field)))
    if filters.undated is not None:
        yield f"--undated {filters.to_dict()['undated']}"
    if filters.new_since is not None:
        yield f"--new-since {_begins(filters.new_since, zone)}"
    if filters.republished:
        yield "--republished include"


def _begins(bound: Bound, zone: tzinfo) -> str:
    """Write the first second of what was asked for: a day where it is midnight."""
    if not isinstance(bound, int):
        return str(bound)
    return _day(bound, zone) or _second(bound, zone)


def _ends(bound: Bound, zone: tzinfo) -> str:
    """Write an exclusive end as what it includes: the day before where it is midnight."""
    if not isinstance(bound, int):
        return str(bound)
    if _day(bound, zone):
        return local(bound - 1, zone).date().isoformat()
    return _second(bound - 1, zone)


def _day(seconds: int, zone: tzinfo) -> str:
    """Write the day that begins then, or "" where none does."""
    at = local(seconds, zone)
    return at.date().isoformat() if at.time() == time.min else ""


def _second(seconds: int, zone: tzinfo) -> str:
    return iso_seconds(seconds) if zone is UTC else local(seconds, zone).isoformat()
