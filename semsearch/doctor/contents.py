"""Findings about the contents of an index: articles, dates, copies, and the soundness of vectors."""

from collections.abc import Iterator, Sequence

from semsearch.doctor.commands import Remedies
from semsearch.engines.folders import MOST_DELETED, Inside
from semsearch.rendering.phrases import SHORT_ID_DIGITS
from semsearch.text import counted
from semsearch.types import Finding, State, Stats

MOST_UNDATED = 0.2
"""A share. Feeds and archives that are read well leave a few articles in a hundred without a date; one in five means
that a column or a field was not recognised, and a search by date misses these articles."""

MOST_HEADLINES = 0.2
"""A share. Above it, a source most likely has its texts under a name that was not recognised."""

_SHOWN = 3
"""Ids of copies, or segments, that a message names."""


def findings(inside: Inside, commands: Remedies) -> Iterator[Finding]:
    """Yield the findings about what is in the segments."""
    yield _soundness(inside, commands)
    stats = inside.stats
    yield _segments(stats, commands)
    yield _truncation(stats, commands)
    yield _share("dates", stats.undated, stats, MOST_UNDATED, ("without a date", "published"), commands)
    yield _share("texts", inside.headline_only, stats, MOST_HEADLINES, ("with a headline only", "text"), commands)
    yield _copies(inside.copies, commands)


def _soundness(inside: Inside, commands: Remedies) -> Finding:
    if inside.unsound:
        message = f"{counted(len(inside.unsound), 'segment')} not valid: {'; '.join(inside.unsound[:_SHOWN])}"
        origin = inside.stats.origin
        return Finding("contents", State.PROBLEM, message, commands.pull(origin) if origin else commands.rebuild)
    counts = f"{counted(inside.stats.articles, 'article')}, {counted(inside.stats.passages, 'passage')}"
    return Finding("contents", State.WELL, f"{counts}, all readable; every vector is finite and of unit length")


def _segments(stats: Stats, commands: Remedies) -> Finding:
    stored = stats.articles + stats.deleted
    message = f"{counted(stats.segments, 'segment')}, {counted(stats.deleted, 'deleted article')} still on disk"
    if stats.deleted > MOST_DELETED * stored:
        message = f"{message}, {stats.deleted / stored:.0%} of all"
        return Finding("segments", State.NOTICE, message, commands.writing("compact"))
    return Finding("segments", State.WELL, message)


def _truncation(stats: Stats, commands: Remedies) -> Finding:
    if stats.truncated:
        message = f"{counted(stats.truncated, 'passage')} longer than the encoder can read: their ends are not searched"
        return Finding("truncation", State.NOTICE, message, commands.rebuild)
    return Finding("truncation", State.WELL, "every passage was read to its end")


def _share(check: str, count: int, stats: Stats, limit: float, words: tuple[str, str], commands: Remedies) -> Finding:
    description, noun = words
    share = count / max(1, stats.articles)
    message = f"{counted(count, 'article')} {description} ({share:.1%})"
    if share <= limit:
        return Finding(check, State.WELL, message)
    mend = commands.writing("add", "PATH…", "--map", f"{noun}=NAME")
    return Finding(check, State.NOTICE, f"{message}: perhaps the source has it under another name", mend)


def _copies(copies: Sequence[tuple[str, ...]], commands: Remedies) -> Finding:
    if not copies:
        return Finding("copies", State.WELL, "no two articles have the same text")
    group = copies[0]
    ids = ", ".join(name[:SHORT_ID_DIGITS] for name in group[:_SHOWN]) + (", …" if len(group) > _SHOWN else "")
    message = (
        f"{counted(sum(map(len, copies)), 'article')} share {counted(len(copies), 'text')} under different ids, as "
        f"news does; answers fold them; one text occurs {len(group):,} times: {ids}"
    )
    return Finding("copies", State.NOTICE, message, commands.reading("get", group[0][:SHORT_ID_DIGITS]))
