"""Draws random samples of articles, the same on every machine."""

import hashlib
import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable

from semsearch.checks import shown
from semsearch.conditions import whole_number
from semsearch.errors import UsageError
from semsearch.types import Metadata, iso_seconds

GROUPS: dict[str, Callable[[Metadata], str]] = {
    "publisher": lambda article: article.publisher or "",
    "language": lambda article: article.language or "",
    "section": lambda article: article.section or "",
    "year": lambda article: iso_seconds(article.published.earliest)[:4] if article.published else "",
    "month": lambda article: iso_seconds(article.published.earliest)[:7] if article.published else "",
}
"""What a sample may be drawn by -> an article's group; "" if the article does not say."""


def sampled(articles: Callable[[], Iterable[Metadata]], n: int, seed: int, by: str | None) -> list[Metadata]:
    """Draw n articles, or n of each group. An article's lot depends on nothing but the seed and its id.

    Args:
        articles: reads those that may be drawn; called after the other arguments are checked.
        by: one of `GROUPS`.

    Raises:
        UsageError: n is not 1 or more, or there is no such group.
    """
    n = whole_number("n", n)
    if n < 1:
        raise UsageError(f"n is {shown(n)}", "give a whole number from 1")
    if by is not None and by not in GROUPS:
        raise UsageError(f"there is no group {by!r}", f"by is one of {', '.join(GROUPS)}")
    group_of = GROUPS[by] if by else lambda _: ""
    groups: defaultdict[str, list[Metadata]] = defaultdict(list)
    for article in articles():
        groups[group_of(article)].append(article)

    def lot(article: Metadata) -> bytes:
        return hashlib.sha256(f"{seed}:{article.article_id}".encode()).digest()

    return [article for name in sorted(groups) for article in heapq.nsmallest(n, groups[name], lot)]
