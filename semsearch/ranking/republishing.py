"""Republications: new articles that only carry a text again which was indexed before."""

from collections.abc import Callable, Sequence

from semsearch.copies import Words, is_copy
from semsearch.ranking.folding import copies_among
from semsearch.types import Article, Metadata


class Republications:
    """What one answer finds out about its articles."""

    def __init__(
        self, earlier: Callable[[Sequence[str]], Sequence[Sequence[str]]], read: Callable[[str], Article | None]
    ) -> None:
        """Begin with nothing known.

        Args:
            earlier: names for each article those indexed before that may carry its text.
            read: returns an article, None where there is none.
        """
        self._earlier, self._read = earlier, read
        self._known: dict[str, Metadata | None] = {}

    def of(self, article_id: str) -> Metadata | None:
        """Return the first indexed of those that were there before and carry an article's text, None if none does."""
        if article_id not in self._known:
            self._known[article_id] = self._first(article_id)
        return self._known[article_id]

    def _first(self, article_id: str) -> Metadata | None:
        others = self._earlier([article_id])[0]
        article = self._read(article_id) if others else None
        if article is None:
            return None
        own = Words(article.text)
        read: dict[str, Article] = {}

        def is_copy_of_it(other: str) -> bool:
            found = self._read(other)
            if found is None or not is_copy(own, Words(found.text)):
                return False
            read[other] = found
            return True

        copies = [read[other].metadata for other in copies_among(others, is_copy_of_it)]
        return min(copies, key=lambda one: (one.indexed or "", one.article_id), default=None)
