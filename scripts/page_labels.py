"""Labels the lines of a dump by the truth about its page, for a model of lines to learn from."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from page_truth import words

from semsearch.sources.dumps.lines import DumpLine
from semsearch.sources.dumps.looks import Look
from semsearch.sources.dumps.model import LineRole

_LEAST_SHARE = 0.75
"""Share of a line's words that a paragraph has at least if both are the same text."""

_LEAST_COLUMNS = 30
"""Width of a line that can count as part of a paragraph; a few words may be in any."""

_STRAY = 20
"""Lines. A single line that is farther than this from the rest of an article does not belong to it."""

_NEAR = 60
"""Lines. If two parts of an article are farther apart than this, one is probably only a teaser."""


def article_lines(lines: Sequence[DumpLine], paragraphs: Sequence[str]) -> list[int]:
    """Return the places of the lines with the paragraphs; if a text occurs twice, by the order of the paragraphs."""
    truth = [_Paragraph.of(paragraph) for paragraph in paragraphs]
    places = _places_of(truth)
    matches = [(place, match) for place, line in enumerate(lines) if (match := _matching(line, truth, places))]
    best: list[tuple[float, int]] = []  # weight of the best chain that ends with a match, and the match before
    for number, (place, match) in enumerate(matches):
        best_before = (0.0, -1)
        for earlier_number in range(max(0, number - 200), number):
            earlier_place, earlier_match = matches[earlier_number]
            is_other_line = lines[place].text != lines[earlier_place].text
            if match[0] > earlier_match[0] or (match[0] == earlier_match[0] and is_other_line):
                distance = min(1.0, (place - earlier_place) / _NEAR)
                best_before = max(best_before, (best[earlier_number][0] - distance, earlier_number))
        best.append((best_before[0] + match[1], best_before[1]))
    number = max(range(len(best)), key=lambda number: best[number][0], default=-1)
    chain = []
    while number >= 0:
        chain.append(matches[number][0])
        number = best[number][1]
    return _without_strays(chain[::-1])


def _without_strays(places: Sequence[int]) -> list[int]:
    """Return the places without single ones at either end that are far from the rest: those only look alike."""
    result = list(places)
    while len(result) > 2 and result[1] - result[0] > _STRAY:
        del result[0]
    while len(result) > 2 and result[-1] - result[-2] > _STRAY:
        del result[-1]
    return result


def _is_heading(line: DumpLine) -> bool:
    """Tell whether a line of an article looks like a heading between its paragraphs."""
    return line.look not in (Look.PROSE, Look.QUIP, Look.NOTICE) and line.columns < 100


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """The words of a text, in two forms to compare it by."""

    counts: Counter[str]
    letters: str

    @classmethod
    def of(cls, text: str) -> Self:
        text_words = words(text)
        return cls(Counter(text_words), " ".join(text_words))


def _places_of(truth: Sequence[_Paragraph]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for number, paragraph in enumerate(truth):
        for word in paragraph.counts:
            places.setdefault(word, []).append(number)
    return places


def _matching(line: DumpLine, truth: Sequence[_Paragraph], places: dict[str, list[int]]) -> tuple[int, float] | None:
    """Return the paragraph that a line contains or is part of, and a weight that grows with the shared words."""
    line_text = _Paragraph.of(line.text)
    count = line_text.counts.total()
    near = Counter(number for word in line_text.counts for number in places.get(word, ()))
    best: tuple[float, int] | None = None
    for number, _ in near.most_common(5):
        paragraph = truth[number]
        shared = (line_text.counts & paragraph.counts).total()
        is_whole = shared >= 0.6 * paragraph.counts.total() and (count > 3 or line_text.counts == paragraph.counts)
        is_part = line.columns >= _LEAST_COLUMNS and line_text.letters in paragraph.letters
        if shared >= _LEAST_SHARE * count and (is_whole or is_part):
            best = max(best or (0.0, 0), (shared**0.7, -number))
    return (-best[1], best[0]) if best else None


def parts_of(lines: Sequence[DumpLine], places: Sequence[int]) -> list[LineRole]:
    """Return the role of each line of a page whose article is at some places."""
    if not places:
        return [LineRole.BEFORE] * len(lines)
    first, last, article_places = places[0], places[-1], set(places)
    parts = [LineRole.BEFORE] * first + [LineRole.AFTER] * (len(lines) - first)
    for place in range(first, last + 1):
        heading = place in article_places and place not in (first, last) and _is_heading(lines[place])
        parts[place] = LineRole.HEADING if heading else LineRole.BODY if place in article_places else LineRole.GAP
    parts[first] = LineRole.FIRST
    if last + 1 < len(lines):
        parts[last + 1] = LineRole.END
    return parts
