"""Which word of an index somebody may have meant by one that it has not."""

from collections import Counter
from itertools import islice

from semsearch import words
from semsearch.engines.local.corpus import Corpus

_FURTHER = 8
"""Code points that a word may be longer of which only the beginning was typed."""

_MOST_LOOKED_AT = 20
"""Words of which nothing is left but deleted articles are passed over, but not for ever."""


def nearest_there(corpus: Corpus, word: str) -> str | None:
    """Return the nearest word that a living article has, None where there is no near one or none is to be suggested."""
    sought = word.casefold()
    edits = words.reach(sought)
    if not edits:
        return None
    near: Counter[str] = Counter()
    for segment in corpus.segments:
        near.update(dict(segment.vocabulary.of_length(len(sought) - edits, len(sought) + _FURTHER)))
    found = words.nearest(sought, near.items())
    return next((one for one in islice(found, _MOST_LOOKED_AT) if _is_there(corpus, one)), None)


def _is_there(corpus: Corpus, word: str) -> bool:
    return any(
        (corpus.having(analyser, one.forms) & corpus.alive).any()
        for analyser in corpus.article_statistics.analysers
        for one in words.query_words(word, analyser)
    )
