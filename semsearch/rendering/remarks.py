"""Remarks on a whole answer: how the query was understood, how good the answer is, why it is empty."""

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
    """Say before the hits that they are weak, no match, or that there are none; "" if they are good."""
    if not answer.hits:
        return nothing_found(answer)
    if answer.verdict is Verdict.NONE:
        if answer.matches and len(answer) == answer.query.k and not answer.query.offset:  # the best may not be surest
            verb = "matches" if answer.matches == 1 else "match"
            first = "the first hit" if len(answer) == 1 else f"the first {len(answer):,} hits"
            return f"No good match in {first}; {answer.matches:,} further down {verb}: ask for more, -k."
        return "No good match. The closest passages found:"
    return "Weak matches." if answer.verdict is Verdict.WEAK else ""


def listed_hits(answer: Answer, *, everything: bool) -> Sequence[Hit]:
    """Return the hits to show to a person: those that are no match only if there are no others, or if asked for."""
    if everything or answer.verdict is Verdict.NONE:
        return answer.hits
    return [hit for hit in answer.hits if hit.verdict is not Verdict.NONE]


def left_out(answer: Answer, listed: Sequence[Hit]) -> str:
    """Say how many hits are not listed, and how to see them; "" if all are."""
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
        sentence = "No good match" if query.sort is Sort.DATE else "Nothing found"
        return f"{sentence} among {counted(answer.total, 'article')}."
    if query.filters.to_dict() or query.phrases or query.excluded:
        return "Nothing found: no article meets the conditions."
    return "Nothing found: the index is empty."


def header_text(answer: Answer, index: str = "", *, everything: bool = False) -> str:
    """Say which index was searched, how many articles match, how many hits are shown, how good they are, how fast.

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
    """Write a query as it was understood: in the query language or, where that has no operator, as options.

    Dates are written in the time zone of the filters. Returns "" for a query of plain words.
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
        since=None if filters.since is None else _first_included(filters.since, zone),
        until=None if filters.until is None else _last_included(filters.until, zone),
    )
    return normalise_line(f"{unparse(typed)} {options}")


def _options(filters: Filters, zone: tzinfo) -> Iterator[str]:
    for by_name in NAME_FILTERS:
        if not by_name.operators:
            yield from (f"--{by_name.singular} {quote(name)}" for name in sorted(getattr(filters, by_name.field)))
    if filters.undated is not None:
        yield f"--undated {filters.to_dict()['undated']}"
    if filters.new_since is not None:
        yield f"--new-since {_first_included(filters.new_since, zone)}"
    if filters.republished:
        yield "--republished include"


def _first_included(bound: Bound, zone: tzinfo) -> str:
    """Write the first second of a period, as a day if it is midnight."""
    if not isinstance(bound, int):
        return str(bound)
    return _day_beginning(bound, zone) or _second_text(bound, zone)


def _last_included(bound: Bound, zone: tzinfo) -> str:
    """Write an exclusive end as the last second before it, or as the day before if it is midnight."""
    if not isinstance(bound, int):
        return str(bound)
    if _day_beginning(bound, zone):
        return local(bound - 1, zone).date().isoformat()
    return _second_text(bound - 1, zone)


def _day_beginning(seconds: int, zone: tzinfo) -> str:
    """Write the day that begins at this second; "" if none does."""
    moment = local(seconds, zone)
    return moment.date().isoformat() if moment.time() == time.min else ""


def _second_text(seconds: int, zone: tzinfo) -> str:
    return iso_seconds(seconds) if zone is UTC else local(seconds, zone).isoformat()
