"""Republications: new articles that only repeat a text that was indexed before."""

from collections.abc import Callable, Sequence
from functools import partial

from semsearch.ports import Comparisons
from semsearch.ranking.families import copies_among, of_one_story
from semsearch.types import Article, Metadata


class Republications:
    """The earlier articles whose texts the articles of one answer repeat, as far as they were asked for."""

    def __init__(
        self,
        earlier: Callable[[Sequence[str]], Sequence[Sequence[str]]],
        comparisons: Comparisons,
        read: Callable[[str], Article | None],
    ) -> None:
        """Begin with nothing known.

        Args:
            earlier: returns, for each article, those indexed before it that may carry its text.
            comparisons: tells which of them do.
            read: returns an article, None if there is none.
        """
        self._earlier, self._comparisons, self._read = earlier, comparisons, read
        self._first_by_id: dict[str, Metadata | None] = {}

    def of(self, article_id: str) -> Metadata | None:
        """Return the first indexed of the articles before one that carry its text; None if none does."""
        if article_id not in self._first_by_id:
            self._first_by_id[article_id] = self._first_indexed(article_id)
        return self._first_by_id[article_id]

    def _first_indexed(self, article_id: str) -> Metadata | None:
        likely = self._earlier([article_id])[0]
        is_copy, shared_letters = self._comparisons.is_copy, self._comparisons.shared_letters
        copies = list(copies_among(likely, partial(is_copy, article_id), partial(shared_letters, article_id)))
        copies = of_one_story(article_id, copies, is_copy, shared_letters, self._length, likely=len(likely))
        articles = [article for article in map(self._read, copies) if article is not None]
        all_metadata = (article.metadata for article in articles)
        return min(all_metadata, key=lambda metadata: (metadata.indexed or "", metadata.article_id), default=None)

    def _length(self, article_id: str) -> int:
        article = self._read(article_id)
        return len(article.text) if article else 0
