"""Which line of a page is the title of its article."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from semsearch.sources.dumps.lines import DumpLine, PageDump
from semsearch.sources.dumps.looks import Look
from semsearch.sources.dumps.shapes import bucket, end_of, words_of
from semsearch.text import Span

_REACH = 100
"""Lines above an article, among which its title is looked for; a heading is looked for on the whole page above."""

_PARTED = 8
"""Lines between two lines of an article that part them: what stands so far above the rest is hardly its beginning."""

_INSIDE = 3
"""Lines of an article that its title may stand behind: a standfirst, a picture's line."""

_BODY_CHARACTERS = 20_000
"""As much of an article as its title is compared with."""

_MOST_COLUMNS = 260
_LETTERS = 200
"""Characters of a line that are compared with other lines."""

_SIZES = (8, 15, 25, 35, 50, 70, 100, 140, 180)
_LINES = (0, 1, 2, 4, 7, 12, 20, 40)
_SHARES = (0.01, 0.2, 0.35, 0.5, 0.65, 0.8, 1)
_TRAIL = re.compile(r"\s[>›»/|]\s")
_NEVER = frozenset((Look.DATED, Look.CLOSING))


class TitleCandidate(NamedTuple):
    """A line that may be the title, and all that speaks for or against it, by name."""

    place: int
    signs: Sequence[str]


def title_place(page: PageDump, span: Span, weights: Mapping[str, float]) -> int | None:
    """Return the place of the line that is most likely the title of the article in `span`, or None."""
    best: tuple[float, int] | None = None
    for place, signs in candidates(page, span):
        points = sum(weights.get(sign, 0.0) for sign in signs)
        if best is None or points >= best[0]:
            best = points, place
    return best[1] if best else None


def candidates(page: PageDump, span: Span) -> Iterator[TitleCandidate]:
    """Yield the lines above an article, and its first, that can be its title; `span` is where the article stands."""
    start, end = span
    body = words_of(" ".join(line.text for line in page.lines[start:end])[:_BODY_CHARACTERS])
    inside = {line.text for line in page.lines[start + _INSIDE : end]}  # an article's separators begin above it
    places = [
        at
        for at, line in enumerate(page.lines[: min(start + _INSIDE, end)])
        if line.look not in _NEVER
        and line.text not in inside
        and line.columns <= _MOST_COLUMNS
        and (at >= start - _REACH or 0 < line.level < 3)
    ][-3 * _REACH :]
    levels = [page.lines[at].level for at in places if page.lines[at].level]
    highest = min(levels, default=0)
    last = max((at for at in places if at < start and 0 < page.lines[at].level == highest), default=-1)
    near = [(at, letters_of(page.lines[at].text)) for at in places]
    prose = [at for at in range(max(0, start - _REACH), start) if page.lines[at].look is Look.PROSE]
    for at in places:
        line = page.lines[at]
        words = words_of(line.text)
        shared = words & body
        own = letters_of(line.text)
        kin = sum(1 for other, letters in near if other != at and _akin(own, letters))
        between = sum(1 for place in prose if at < place)
        signs = [
            f"level {min(line.level, 4)}",
            f"size {bucket(line.columns, _SIZES)}",
            f"look {line.look.name.lower()}",
            f"end {end_of(line)}",
            f"count {bucket(page.counts[line.text], (1, 2, 3, 5))}",
            f"away {bucket(start - at, _LINES) if at < start else 'inside'}",
            f"shares {bucket(len(shared) / len(words), _SHARES) if words else 'nothing'}",
            f"words {bucket(len(shared), (1, 2, 3, 4, 6))}",
            f"kin {bucket(kin, (1, 2))}",
            f"prose between {bucket(between, (1, 2, 4))}",
            f"below {_beside(page.lines, at + 1, start)}",
            f"above {_beside(page.lines, at - 1, start)}",
        ]
        for name, true in (
            ("linked", line.linked),
            ("item", line.item),
            ("foreign", not page.native[at]),
            ("trail", bool(_TRAIL.search(line.text))),
            ("first line", at == 0),
            ("page title", at > 0 and begins(letters_of(page.lines[0].text), own)),
            ("last of the highest", at == last),
            ("highest", 0 < line.level == highest),
            ("only heading", len(levels) == 1 and line.level > 0),
        ):
            if true:
                signs.append(name)
        yield TitleCandidate(at, signs)


def main_stretch(lines: Sequence[DumpLine], places: Sequence[int]) -> Span:
    """Return where most of an article stands together, from its first sentence on; its lines stand at `places`."""
    stretches: list[list[int]] = []
    for at in places:
        if not stretches or at - stretches[-1][-1] > _PARTED:
            stretches.append([])
        stretches[-1].append(at)
    longest = max(stretches, key=lambda stretch: sum(lines[at].columns for at in stretch))
    sentences = (at for at in longest if lines[at].look is Look.PROSE and lines[at].level == 0)
    return next(sentences, longest[0]), longest[-1] + 1


def letters_of(text: str) -> str:
    """Return the letters and digits of the beginning of a text, folded."""
    return "".join(filter(str.isalnum, text[:_LETTERS].casefold()))


def begins(whole: str, part: str) -> bool:
    """Tell whether a text of enough letters begins another."""
    return len(part) >= 10 and whole.startswith(part)


def _akin(one: str, other: str) -> bool:
    return begins(one, other) or begins(other, one)


def _beside(lines: Sequence[DumpLine], at: int, start: int) -> str:
    if not 0 <= at < len(lines):
        return "nothing"
    if at >= start:
        return "article"
    line = lines[at]
    return f"{line.look.name.lower()}{' heading' if line.level else ''}{' short' if line.columns < 25 else ''}"
