"""What was counted last in one generation: facets, a timeline and tags of one question take one pass together."""

import threading
from collections import OrderedDict
from collections.abc import Callable

from semsearch.selection import MatchingArticles

KEPT = 16
"""A page asks about some few selections at a time; each keeps a few bytes an article."""


class RecentMatches:
    """The articles that match, of the questions that were asked last. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, MatchingArticles] = OrderedDict()

    def get(self, question: str, select: Callable[[], MatchingArticles]) -> MatchingArticles:
        """Return what matches a question, from before or by a new selection.

        Args:
            question: everything that the selection depends on.
            select: is called within a lock: it has to leave the work to the first count.
        """
        with self._lock:
            if question not in self._kept:
                self._kept[question] = select()
            self._kept.move_to_end(question)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return self._kept[question]
