"""Finds the lines of a page's article by rules alone: the run of lines in which prose most outweighs everything else.

Linear time for any page, where trafilatura may take minutes. After Pasternack and Roth, "Extracting article text from
the web with maximum subsequence segmentation", 2009, with rules instead of their classifier.
"""

from collections import Counter
from collections.abc import Sequence

from semsearch.sources.web.lines import PageLine, columns_of

_LONG = 60
"""Columns; a paragraph is longer, a link or a label is not."""

_COST = 45
"""Columns of prose that a line without prose outweighs: two teasers outweigh a short paragraph."""

MOST_ASIDE = 0.15
ALWAYS_MARKS = frozenset(("nav", "footer", "figcaption"))
_MOST_LINKED = 0.5
_HEADINGS = frozenset(("h2", "h3", "h4", "h5", "h6"))
_PROSE_TAGS = frozenset(("p", "blockquote", "pre", "li", "dd", "td", "div", "section", "article", "main", "body"))
_PARAGRAPHS = frozenset(("p", "blockquote"))


def main_run(lines: Sequence[PageLine]) -> list[int]:
    """Return the indexes of an article's lines, including headings."""
    marks = aside_marks([line for line in lines if line.tag in _PARAGRAPHS and line.linked < _MOST_LINKED])
    values = [_value(line, marks) for line in lines]
    best = total = 0.0
    best_start = start = end = 0
    for index, value in enumerate(values):
        total += value
        if total <= 0:
            total, start = 0.0, index + 1
        elif total > best:
            best, best_start, end = total, start, index + 1
    run = [
        index
        for index in range(best_start, end)
        if values[index] > 0 or (lines[index].tag in _HEADINGS and marks.isdisjoint(lines[index].asides))
    ]
    while run and lines[run[-1]].tag in _HEADINGS:
        run.pop()
    return run


def aside_marks(lines: Sequence[PageLine]) -> frozenset[str]:
    """Return the marks that mean "aside": those around only a small part of some lines.

    A mark around most lines is around the article, whatever it is called.
    """
    total = sum(len(line.key) for line in lines)
    marked = Counter[str]()
    for line in lines:
        for mark in line.asides:
            marked[mark] += len(line.key)
    return ALWAYS_MARKS | frozenset(mark for mark, letters in marked.items() if letters <= MOST_ASIDE * total)


def _value(line: PageLine, marks: frozenset[str]) -> float:
    """Return what a line adds to a run: its columns where it is prose, less than 0 where it is not."""
    columns = columns_of(line.text)
    if not marks.isdisjoint(line.asides) or line.linked > _MOST_LINKED or line.tag not in _PROSE_TAGS:
        return -_COST / 2 if line.tag in _HEADINGS else -_COST
    if columns >= _LONG:
        return columns * (1 - line.linked)
    return columns / 4 if line.tag in _PARAGRAPHS else -_COST / 3
