"""Republications: new articles that only carry a text again which was indexed before."""

from collections.abc import Callable, Sequence
from functools import partial

from semsearch.ports import Comparisons
from semsearch.ranking.families import copies_among, of_one_story
from semsearch.types import Article, Metadata


class Republications:
    """What one answer finds out about its articles."""

    def __init__(
        self,
        earlier: Callable[[Sequence[str]], Sequence[Sequence[str]]],
        comparisons: Comparisons,
        read: Callable[[str], Article | None],
    ) -> None:
        """Begin with nothing known.

        Args:
            earlier: names for each article those indexed before that may carry its text.
            comparisons: tells which of them do.
            read: returns an article, None where there is none.
        """
        self._earlier, self._comparisons, self._read = earlier, comparisons, read
        self._known: dict[str, Metadata | None] = {}

    def of(self, article_id: str) -> Metadata | None:
        """Return the first indexed of those that were there before and carry an article's text, None if none does."""
        if article_id not in self._known:
            self._known[article_id] = self._first(article_id)
        return self._known[article_id]

    def _first(self, article_id: str) -> Metadata | None:
        likely = self._earlier([article_id])[0]
        is_copy, shared_letters = self._comparisons.is_copy, self._comparisons.shared_letters
        found = list(copies_among(likely, partial(is_copy, article_id), partial(shared_letters, article_id)))
        copies = of_one_story(article_id, found, is_copy, shared_letters, self._length, likely=len(likely))
        articles = [article for other in copies if (article := self._read(other)) is not None]
        known = (article.metadata for article in articles)
        return min(known, key=lambda one: (one.indexed or "", one.article_id), default=None)

    def _length(self, article_id: str) -> int:
        article = self._read(article_id)
        return len(article.text) if article else 0
