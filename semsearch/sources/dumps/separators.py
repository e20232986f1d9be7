"""Removes from a page what a site puts between paragraphs, so that an article's lines are next to each other.

A short line that is repeated on a page is a separator whatever it says ("Article content", a share button, a mark of
advertisements), and never an article's text.
"""

from collections.abc import Sequence

from semsearch.sources.dumps.lines import PageDump

_REPEATED = 3
"""Least number of times that a separator is on a page; a headline may be there twice."""

_SEPARATOR_COLUMNS = 100


def telling(page: PageDump) -> Sequence[int]:
    """Return the indexes of the lines that are not separators, in order."""
    return [
        index
        for index, line in enumerate(page.lines)
        if page.counts[line.text] < _REPEATED or line.columns > _SEPARATOR_COLUMNS
    ]


def part_of(page: PageDump, indexes: Sequence[int]) -> PageDump:
    """Return a page of some lines of a page; counts and scripts stay those of the whole page."""
    return PageDump([page.lines[index] for index in indexes], page.counts, [page.native[index] for index in indexes])
