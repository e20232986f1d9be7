"""Which word of an index somebody may have meant by one that it has not."""

from collections import Counter

from semsearch import words
from semsearch.engines.local.corpus import Corpus

_LONGER = 8
"""Code points that a word may be longer than its beginning, which was typed."""

_MOST_LOOKED_AT = 20
"""Words of which nothing is left but deleted articles are passed over, but not for ever."""


def nearest_there(corpus: Corpus, word: str) -> str | None:
    """Return the nearest word that a living article has, None where there is no near one or none is to be suggested."""
    sought = word.casefold()
    edits = words.reach(sought)
    if not edits:
        return None
    found = _near(corpus, sought, edits) or _beginning_with(corpus, sought)
    return next((one for one in found[:_MOST_LOOKED_AT] if _is_there(corpus, one)), None)


def _near(corpus: Corpus, sought: str, edits: int) -> list[str]:
    """Return the words within so many edits: the nearest first, of these the most frequent."""
    counts: Counter[str] = Counter()
    away: dict[str, int] = {}
    for segment in corpus.segments:
        known, articles = segment.vocabulary.of_length(len(sought) - edits, len(sought) + edits)
        for place, distance in words.near(sought, known):
            counts[known[place]] += int(articles[place])
            away[known[place]] = distance
    return sorted(away, key=lambda one: (away[one], -counts[one], one))


def _beginning_with(corpus: Corpus, sought: str) -> list[str]:
    """Return the words of which this is the beginning: the most frequent first."""
    counts: Counter[str] = Counter()
    for segment in corpus.segments:
        known, articles = segment.vocabulary.of_length(len(sought) + 1, len(sought) + _LONGER)
        for place, one in enumerate(known):
            if one.startswith(sought):
                counts[one] += int(articles[place])
    return sorted(counts, key=lambda one: (-counts[one], one))


def _is_there(corpus: Corpus, word: str) -> bool:
    return any(
        (corpus.having(analyser, one.forms) & corpus.alive).any()
        for analyser in corpus.article_statistics.analysers
        for one in words.query_words(word, analyser)
    )
