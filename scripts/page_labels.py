"""Which line of a dump is what, by the truth about its page: what a model of lines learns from."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from page_truth import words

from semsearch.sources.dumps.lines import DumpLine
from semsearch.sources.dumps.looks import Look
from semsearch.sources.dumps.model import LineRole

_LEAST_SHARE = 0.75
"""Of a line's words that a paragraph has, or of a paragraph's that a line has, where they are the same text."""

_LEAST_COLUMNS = 30
"""Of a line that is part of a paragraph; a few words stand in any."""

_STRAY = 20
"""Lines. A single line that is so far from the rest of an article is none of it."""

_NEAR = 60
"""Lines. Two parts of an article that are further apart are hardly both its own: one is a teaser of it."""


def article_lines(lines: Sequence[DumpLine], paragraphs: Sequence[str]) -> list[int]:
    """Return the places of the lines that hold the paragraphs, in the paragraphs' order where a text stands twice."""
    truth = [_Paragraph.of(paragraph) for paragraph in paragraphs]
    places = _places_of(truth)
    matches = [(at, best) for at, line in enumerate(lines) if (best := _matching(line, truth, places))]
    best: list[tuple[float, int]] = []  # weight of the best chain that ends here, and the match before
    for number, (at, found) in enumerate(matches):
        before = (0.0, -1)
        for other in range(max(0, number - 200), number):
            there, earlier = matches[other]
            follows = found[0] > earlier[0] or (found[0] == earlier[0] and lines[at].text != lines[there].text)
            if follows:
                before = max(before, (best[other][0] - min(1.0, (at - there) / _NEAR), other))
        best.append((before[0] + found[1], before[1]))
    at = max(range(len(best)), key=lambda number: best[number][0], default=-1)
    chain = []
    while at >= 0:
        chain.append(matches[at][0])
        at = best[at][1]
    return _without_strays(chain[::-1])


def _without_strays(places: Sequence[int]) -> list[int]:
    """Return the places without single ones at either end that stand far from the rest: those only look alike."""
    kept = list(places)
    while len(kept) > 2 and kept[1] - kept[0] > _STRAY:
        del kept[0]
    while len(kept) > 2 and kept[-1] - kept[-2] > _STRAY:
        del kept[-1]
    return kept


def _is_heading(line: DumpLine) -> bool:
    """Tell whether a line of an article looks like a heading between its paragraphs."""
    return line.look not in (Look.PROSE, Look.QUIP, Look.NOTICE) and line.columns < 100


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """A text, as what it is compared by."""

    counts: Counter[str]
    letters: str

    @classmethod
    def of(cls, text: str) -> Self:
        found = words(text)
        return cls(Counter(found), " ".join(found))


def _places_of(truth: Sequence[_Paragraph]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for number, paragraph in enumerate(truth):
        for word in paragraph.counts:
            places.setdefault(word, []).append(number)
    return places


def _matching(line: DumpLine, truth: Sequence[_Paragraph], places: dict[str, list[int]]) -> tuple[int, float] | None:
    """Return which paragraph a line holds, or is part of, and how many words they share, dampened."""
    own = _Paragraph.of(line.text)
    count = own.counts.total()
    near = Counter(number for word in own.counts for number in places.get(word, ()))
    best: tuple[float, int] | None = None
    for number, _ in near.most_common(5):
        paragraph = truth[number]
        shared = (own.counts & paragraph.counts).total()
        whole = shared >= 0.6 * paragraph.counts.total() and (count > 3 or own.counts == paragraph.counts)
        part = line.columns >= _LEAST_COLUMNS and own.letters in paragraph.letters
        if shared >= _LEAST_SHARE * count and (whole or part):
            best = max(best or (0.0, 0), (shared**0.7, -number))
    return (-best[1], best[0]) if best else None


def parts_of(lines: Sequence[DumpLine], places: Sequence[int]) -> list[LineRole]:
    """Return the part of each line of a page whose article stands at some places."""
    if not places:
        return [LineRole.BEFORE] * len(lines)
    first, last, own = places[0], places[-1], set(places)
    parts = [LineRole.BEFORE] * first + [LineRole.AFTER] * (len(lines) - first)
    for at in range(first, last + 1):
        heading = at in own and at not in (first, last) and _is_heading(lines[at])
        parts[at] = LineRole.HEADING if heading else LineRole.BODY if at in own else LineRole.GAP
    parts[first] = LineRole.FIRST
    if last + 1 < len(lines):
        parts[last + 1] = LineRole.END
    return parts
