"""Takes out of a page what a site puts between paragraphs, so that an article's lines stand together.

A short line that is on the page again and again is a separator whatever it says ("Article content", a share button,
a mark of advertisements), and none of it is ever an article's text.
"""

from collections.abc import Sequence

from semsearch.sources.dumps.lines import PageDump

_REPEATED = 3
"""So often a separator stands on a page; a headline may stand twice."""

_SEPARATOR_COLUMNS = 100


def telling(page: PageDump) -> Sequence[int]:
    """Return the places of the lines that are no separators, in order."""
    return [
        at
        for at, line in enumerate(page.lines)
        if page.counts[line.text] < _REPEATED or line.columns > _SEPARATOR_COLUMNS
    ]


def part_of(page: PageDump, places: Sequence[int]) -> PageDump:
    """Return a page of some lines of a page; what was said of each stays."""
    return PageDump([page.lines[at] for at in places], page.counts, [page.native[at] for at in places])
