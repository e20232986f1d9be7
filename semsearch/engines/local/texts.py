"""The articles of one generation, read and compared; recent texts and decisions are remembered."""

from collections.abc import Callable, Sequence
from functools import lru_cache, partial

from semsearch.copies import Words, agreement, is_same_text, letters, shared_letters
from semsearch.engines.local.corpus import Corpus
from semsearch.engines.local.duplicates import Duplicates
from semsearch.engines.local.pairs import Compared
from semsearch.types import Article

_ARTICLES = 256
_COMPARED_TEXTS = 256
_LETTERS = 1_024
_SHARED = 1 << 14
_PAIRS = 1 << 16
"""How many of each are remembered at most; others are read, or decided, again when they are needed."""


class TextComparisons:
    """Reads articles and decides which are copies (ports.Comparisons); threads may share it."""

    def __init__(self, corpus: Corpus, duplicates: Duplicates) -> None:
        # No cache refers to this object, so that its files are closed as soon as nobody uses it.
        self._article = lru_cache(_ARTICLES)(partial(_article, corpus))
        words = lru_cache(_COMPARED_TEXTS)(partial(_words, corpus))
        letters_of = lru_cache(_LETTERS)(partial(_letters, corpus))
        self._shared_letters = lru_cache(_SHARED)(partial(_shared_letters, corpus, letters_of))
        self._is_copy = lru_cache(_PAIRS)(partial(_are_copies, corpus, duplicates, words))
        self._is_same_text = lru_cache(_PAIRS)(partial(_are_same_text, corpus, words))

    def article(self, article_id: str) -> Article | None:
        """Return a living article, or None where there is none."""
        return self._article(article_id)

    def is_copy(self, article_id: str, other_id: str) -> bool:
        """Tell whether one of two articles carries the other's text."""
        return self._is_copy(*sorted((article_id, other_id)))

    def shared_letters(self, article_id: str, other_ids: Sequence[str]) -> Sequence[float]:
        """Return the shares of letters in order: how likely each of the others is a copy of an article."""
        return [self._shared_letters(*sorted((article_id, other_id))) for other_id in other_ids]

    def is_same_text(self, article_id: str, other_id: str) -> bool:
        """Tell whether either of two copies could be shown for the other."""
        return self._is_same_text(*sorted((article_id, other_id)))


def _article(corpus: Corpus, article_id: str) -> Article | None:
    article = corpus.find(article_id)
    if article is None:
        return None
    segment, position = corpus.of_article(article)
    return segment.read(position)


def _words(corpus: Corpus, article: int) -> Words:
    segment, position = corpus.of_article(article)
    return Words(segment.read_text(position))


def _letters(corpus: Corpus, article_id: str) -> str:
    article = corpus.find(article_id)
    if article is None:
        return ""
    segment, position = corpus.of_article(article)
    return letters(segment.read_text(position))


def _kept(corpus: Corpus, left: int, right: int) -> Compared | None:
    """Return what comparing two articles showed when their segment was written; None if they were not compared."""
    segment, position = corpus.of_article(left)
    other_segment, other_position = corpus.of_article(right)
    return segment.repeats.pairs.of(position, other_position) if segment is other_segment else None


def _shared_letters(corpus: Corpus, letters_of: Callable[[str], str], left_id: str, right_id: str) -> float:
    left, right = corpus.find(left_id), corpus.find(right_id)
    if left is not None and right is not None and (kept := _kept(corpus, left, right)):
        return kept.letters
    return shared_letters(letters_of(left_id), letters_of(right_id))


def _are_copies(
    corpus: Corpus, duplicates: Duplicates, words: Callable[[int], Words], left_id: str, right_id: str
) -> bool:
    left, right = corpus.find(left_id), corpus.find(right_id)
    if left is None or right is None:
        return False
    kept = _kept(corpus, left, right)
    agreed = kept.agreement if kept else agreement(words(left), words(right))
    return agreed is not None and agreed.is_of_copies(partial(duplicates.common, left, right))


def _are_same_text(corpus: Corpus, words: Callable[[int], Words], left_id: str, right_id: str) -> bool:
    left, right = corpus.find(left_id), corpus.find(right_id)
    return left is not None and right is not None and is_same_text(words(left), words(right))
