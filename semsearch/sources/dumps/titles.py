"""Finds the line of a page that is the title of its article."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from semsearch.sources.dumps.lines import DumpLine, PageDump
from semsearch.sources.dumps.looks import Look
from semsearch.sources.dumps.shapes import bucket, end_of, words_of
from semsearch.text import Span

_REACH = 100
"""Lines above an article in which its title is looked for; headings are looked for everywhere above it."""

_PARTED = 8
"""Two lines of an article that are further apart than this are separate: the upper one is hardly its beginning."""

_INSIDE = 3
"""Lines of an article that may precede its title: a standfirst, a picture's caption."""

_BODY_CHARACTERS = 20_000
"""Beginning of an article with which its title is compared."""

_MOST_COLUMNS = 260
_LETTERS = 200
"""Characters of a line that are compared with other lines."""

_SIZES = (8, 15, 25, 35, 50, 70, 100, 140, 180)
_LINES = (0, 1, 2, 4, 7, 12, 20, 40)
_SHARES = (0.01, 0.2, 0.35, 0.5, 0.65, 0.8, 1)
_TRAIL = re.compile(r"\s[>›»/|]\s")
_NEVER = frozenset((Look.DATED, Look.CLOSING))


class TitleCandidate(NamedTuple):
    """A line that may be the title, and the names of all signs for and against it."""

    line_index: int
    signs: Sequence[str]


def title_index(page: PageDump, span: Span, weights: Mapping[str, float]) -> int | None:
    """Return the index of the line that is most likely the title of the article in `span`, or None."""
    best: tuple[float, int] | None = None
    for index, signs in candidates(page, span):
        points = sum(weights.get(sign, 0.0) for sign in signs)
        if best is None or points >= best[0]:
            best = points, index
    return best[1] if best else None


def candidates(page: PageDump, span: Span) -> Iterator[TitleCandidate]:
    """Yield the lines above an article, and its first ones, that may be its title; `span` is where the article is."""
    start, end = span
    body = words_of(" ".join(line.text for line in page.lines[start:end])[:_BODY_CHARACTERS])
    inside = {line.text for line in page.lines[start + _INSIDE : end]}  # separators may also be above the article
    indexes = [
        index
        for index, line in enumerate(page.lines[: min(start + _INSIDE, end)])
        if line.look not in _NEVER
        and line.text not in inside
        and line.columns <= _MOST_COLUMNS
        and (index >= start - _REACH or 0 < line.level < 3)
    ][-3 * _REACH :]
    levels = [page.lines[index].level for index in indexes if page.lines[index].level]
    highest = min(levels, default=0)
    highest_above = (index for index in indexes if index < start and 0 < page.lines[index].level == highest)
    last_highest = max(highest_above, default=-1)
    letters = {index: letters_of(page.lines[index].text) for index in indexes}
    prose = [index for index in range(max(0, start - _REACH), start) if page.lines[index].look is Look.PROSE]
    for index in indexes:
        line = page.lines[index]
        words = words_of(line.text)
        shared = words & body
        own_letters = letters[index]
        kin = sum(_are_akin(own_letters, letters[sibling]) for sibling in indexes if sibling != index)
        prose_between = sum(1 for prose_index in prose if index < prose_index)
        signs = [
            f"level {min(line.level, 4)}",
            f"size {bucket(line.columns, _SIZES)}",
            f"look {line.look.name.lower()}",
            f"end {end_of(line)}",
            f"count {bucket(page.counts[line.text], (1, 2, 3, 5))}",
            f"away {bucket(start - index, _LINES) if index < start else 'inside'}",
            f"shares {bucket(len(shared) / len(words), _SHARES) if words else 'nothing'}",
            f"words {bucket(len(shared), (1, 2, 3, 4, 6))}",
            f"kin {bucket(kin, (1, 2))}",
            f"prose between {bucket(prose_between, (1, 2, 4))}",
            f"below {_look_beside(page.lines, index + 1, start)}",
            f"above {_look_beside(page.lines, index - 1, start)}",
        ]
        for name, is_true in (
            ("linked", line.linked),
            ("item", line.item),
            ("foreign", not page.native[index]),
            ("trail", bool(_TRAIL.search(line.text))),
            ("first line", index == 0),
            ("page title", index > 0 and begins(letters_of(page.lines[0].text), own_letters)),
            ("last of the highest", index == last_highest),
            ("highest", 0 < line.level == highest),
            ("only heading", len(levels) == 1 and line.level > 0),
        ):
            if is_true:
                signs.append(name)
        yield TitleCandidate(index, signs)


def main_stretch(lines: Sequence[DumpLine], indexes: Sequence[int]) -> Span:
    """Return the largest part of an article's lines, at `indexes`, without wide gaps, from its first sentence on."""
    stretches: list[list[int]] = []
    for index in indexes:
        if not stretches or index - stretches[-1][-1] > _PARTED:
            stretches.append([])
        stretches[-1].append(index)
    longest = max(stretches, key=lambda stretch: sum(lines[index].columns for index in stretch))
    sentences = (index for index in longest if lines[index].look is Look.PROSE and lines[index].level == 0)
    return next(sentences, longest[0]), longest[-1] + 1


def letters_of(text: str) -> str:
    """Return the letters and digits at the beginning of a text, folded."""
    return "".join(filter(str.isalnum, text[:_LETTERS].casefold()))


def begins(text: str, beginning: str) -> bool:
    """Tell whether a text begins with another one of at least 10 letters."""
    return len(beginning) >= 10 and text.startswith(beginning)


def _are_akin(text: str, other_text: str) -> bool:
    return begins(text, other_text) or begins(other_text, text)


def _look_beside(lines: Sequence[DumpLine], index: int, start: int) -> str:
    """Return the look of a line above or below a candidate; `start` is where the article begins."""
    if not 0 <= index < len(lines):
        return "nothing"
    if index >= start:
        return "article"
    line = lines[index]
    return f"{line.look.name.lower()}{' heading' if line.level else ''}{' short' if line.columns < 25 else ''}"
