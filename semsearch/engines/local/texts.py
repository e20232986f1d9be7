"""The articles of one generation, read and compared: what was read or decided last is remembered."""

from functools import lru_cache, partial

from semsearch.copies import Words, is_copy, is_same_text
from semsearch.engines.local.corpus import Corpus
from semsearch.types import Article

_ARTICLES = 256
_COMPARED_TEXTS = 64
_PAIRS = 1 << 16
"""How many are remembered at most; what is needed again and not remembered is read, or decided, once more."""


class Texts:
    """Reads articles and decides which are copies (ports.Comparisons); threads may share it."""

    def __init__(self, corpus: Corpus) -> None:
        # No cache refers to this object, so that the files are closed as soon as nobody needs it.
        self._article = lru_cache(_ARTICLES)(partial(_article, corpus))
        words = lru_cache(_COMPARED_TEXTS)(partial(_words, corpus))
        self._is_copy = lru_cache(_PAIRS)(lambda one, other: is_copy(words(one), words(other)))
        self._is_same_text = lru_cache(_PAIRS)(lambda one, other: is_same_text(words(one), words(other)))

    def article(self, article_id: str) -> Article | None:
        """Return a living article, None where there is none."""
        return self._article(article_id)

    def is_copy(self, one: str, other: str) -> bool:
        """Tell whether one of two articles carries the other's text."""
        return self._is_copy(*sorted((one, other)))

    def is_same_text(self, one: str, other: str) -> bool:
        """Tell of two copies whether either could be shown for the other."""
        return self._is_same_text(*sorted((one, other)))


def _article(corpus: Corpus, article_id: str) -> Article | None:
    place = corpus.find(article_id)
    if place is None:
        return None
    segment, at = corpus.of_article(place)
    return segment.read(at)


def _words(corpus: Corpus, article_id: str) -> Words:
    place = corpus.find(article_id)
    if place is None:
        return Words("")
    segment, at = corpus.of_article(place)
    return Words(segment.read_text(at))
