"""The articles of one generation, read and compared: what was read or decided last is remembered."""

from collections.abc import Callable, Sequence
from functools import lru_cache, partial

from semsearch.copies import Words, is_copy, is_same_text, letters, shared_letters
from semsearch.engines.local.corpus import Corpus
from semsearch.engines.local.duplicates import Duplicates
from semsearch.types import Article

_ARTICLES = 256
_COMPARED_TEXTS = 256
_LETTERS = 1_024
_SHARED = 1 << 14
_PAIRS = 1 << 16
"""How many are remembered at most; what is needed again and not remembered is read, or decided, once more."""


class TextComparisons:
    """Reads articles and decides which are copies (ports.Comparisons); threads may share it."""

    def __init__(self, corpus: Corpus, duplicates: Duplicates) -> None:
        # No cache refers to this object, so that the files are closed as soon as nobody needs it.
        self._article = lru_cache(_ARTICLES)(partial(_article, corpus))
        words = lru_cache(_COMPARED_TEXTS)(partial(_words, corpus))
        letters_of = lru_cache(_LETTERS)(partial(_letters, corpus))
        self._shared_letters = lru_cache(_SHARED)(partial(_shared_letters, letters_of))
        self._is_copy = lru_cache(_PAIRS)(partial(_are_copies, corpus, duplicates, words))
        self._is_same_text = lru_cache(_PAIRS)(partial(_are_same_text, corpus, words))

    def article(self, article_id: str) -> Article | None:
        """Return a living article, None where there is none."""
        return self._article(article_id)

    def is_copy(self, one: str, other: str) -> bool:
        """Tell whether one of two articles carries the other's text."""
        return self._is_copy(*sorted((one, other)))

    def shared_letters(self, one: str, others: Sequence[str]) -> Sequence[float]:
        """Return how likely others are copies of one: the share of letters in order."""
        return [self._shared_letters(*sorted((one, other))) for other in others]

    def is_same_text(self, one: str, other: str) -> bool:
        """Tell of two copies whether either could be shown for the other."""
        return self._is_same_text(*sorted((one, other)))


def _article(corpus: Corpus, article_id: str) -> Article | None:
    place = corpus.find(article_id)
    if place is None:
        return None
    segment, at = corpus.of_article(place)
    return segment.read(at)


def _words(corpus: Corpus, place: int) -> Words:
    segment, at = corpus.of_article(place)
    return Words(segment.read_text(at))


def _letters(corpus: Corpus, article_id: str) -> str:
    place = corpus.find(article_id)
    if place is None:
        return ""
    segment, at = corpus.of_article(place)
    return letters(segment.read_text(at))


def _shared_letters(letters_of: Callable[[str], str], one_id: str, other_id: str) -> float:
    return shared_letters(letters_of(one_id), letters_of(other_id))


def _are_copies(
    corpus: Corpus, duplicates: Duplicates, words: Callable[[int], Words], one_id: str, other_id: str
) -> bool:
    one, other = corpus.find(one_id), corpus.find(other_id)
    if one is None or other is None:
        return False
    return is_copy(words(one), words(other), partial(duplicates.common, one, other))


def _are_same_text(corpus: Corpus, words: Callable[[int], Words], one_id: str, other_id: str) -> bool:
    one, other = corpus.find(one_id), corpus.find(other_id)
    return one is not None and other is not None and is_same_text(words(one), words(other))
