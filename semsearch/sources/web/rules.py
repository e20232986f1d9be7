"""Lines of a page -> those of its article, by rules alone: the run in which prose outweighs what is none.

In linear time for any page, where another extractor may take minutes (Pasternack and Roth, "Extracting article text
from the web with maximum subsequence segmentation", 2009, with rules in the place of their classifier).
"""

from collections import Counter
from collections.abc import Sequence

from semsearch.sources.web.lines import PageLine, columns_of

_LONG = 60
"""Columns. A paragraph is longer, a link or a label is not."""

_COST = 45
"""Of a line that is no prose, in columns: two teasers outweigh a short paragraph."""

MOST_ASIDE = 0.15
ALWAYS_MARKS = frozenset(("nav", "footer", "figcaption"))
_MOST_LINKED = 0.5
_HEADINGS = frozenset(("h2", "h3", "h4", "h5", "h6"))
_PROSE = frozenset(("p", "blockquote", "pre", "li", "dd", "td", "div", "section", "article", "main", "body"))
_PARAGRAPHS = frozenset(("p", "blockquote"))


def main_run(lines: Sequence[PageLine]) -> list[int]:
    """Return the places of an article's lines, headings among them."""
    marks = aside_marks([line for line in lines if line.tag in _PARAGRAPHS and line.linked < _MOST_LINKED])
    values = [_value(line, marks) for line in lines]
    best = total = 0.0
    first = begin = end = 0
    for at, value in enumerate(values):
        total += value
        if total <= 0:
            total, begin = 0.0, at + 1
        elif total > best:
            best, first, end = total, begin, at + 1
    kept = [
        at
        for at in range(first, end)
        if values[at] > 0 or (lines[at].tag in _HEADINGS and marks.isdisjoint(lines[at].asides))
    ]
    while kept and lines[kept[-1]].tag in _HEADINGS:
        kept.pop()
    return kept


def aside_marks(lines: Sequence[PageLine]) -> frozenset[str]:
    """Return the marks that stand for what is aside: those around a small part of some lines.

    What is around most of them is around the article, whatever it is called.
    """
    total = sum(len(line.key) for line in lines)
    marked = Counter[str]()
    for line in lines:
        for mark in line.asides:
            marked[mark] += len(line.key)
    every = {mark for line in lines for mark in line.asides}
    return ALWAYS_MARKS | frozenset(mark for mark in every if marked[mark] <= MOST_ASIDE * total)


def _value(line: PageLine, marks: frozenset[str]) -> float:
    columns = columns_of(line.text)
    if not marks.isdisjoint(line.asides) or line.linked > _MOST_LINKED or line.tag not in _PROSE:
        return -_COST / 2 if line.tag in _HEADINGS else -_COST
    if columns >= _LONG:
        return columns * (1 - line.linked)
    return columns / 4 if line.tag in _PARAGRAPHS else -_COST / 3
