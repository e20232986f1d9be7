"""The latest selections of articles in one generation, so that facets, timeline and tags of a query share one pass."""

import threading
from collections import OrderedDict
from collections.abc import Callable

from semsearch.selection import MatchingArticles

KEPT = 16
"""A page counts in a few selections at a time; each takes a few bytes an article."""


class RecentMatches:
    """Keeps the matching articles of the latest questions. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._recent: OrderedDict[str, MatchingArticles] = OrderedDict()

    def get(self, question: str, select: Callable[[], MatchingArticles]) -> MatchingArticles:
        """Return the articles that match a question, kept or newly selected.

        Args:
            question: everything that the selection depends on.
            select: selects them; it is called under a lock, so it has to leave the work to the first count.
        """
        with self._lock:
            if question not in self._recent:
                self._recent[question] = select()
            self._recent.move_to_end(question)
            if len(self._recent) > KEPT:
                self._recent.popitem(last=False)
            return self._recent[question]
