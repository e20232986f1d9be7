"""Which word of an index somebody may have meant by a word that it does not have."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import reduce

from semsearch import words
from semsearch.engines.local.corpus import Corpus
from semsearch.engines.local.phrases import articles_with_terms
from semsearch.engines.local.runs import Ints, among
from semsearch.engines.local.terms import term_keys
from semsearch.engines.local.vocabulary import Counts, total_counts

_LONGER = 8
"""By how many code points a suggested word may be longer than the typed beginning of it."""

_MOST_LOOKED_AT = 20
"""Words that only deleted articles have are passed over; no more than this many words are looked at."""


def nearest_living_word(corpus: Corpus, word: str) -> str | None:
    """Return the nearest word that a living article has; None where there is none, or none is to be suggested."""
    sought = words.meant(word)
    edits = words.reach(sought)
    if not edits:
        return None
    candidates = _near(corpus, sought, edits) or _beginning_with(corpus, sought)
    return next((candidate for candidate in candidates[:_MOST_LOOKED_AT] if _is_living(corpus, candidate)), None)


def _near(corpus: Corpus, sought: str, edits: int) -> list[str]:
    """Return the words within this many edits: the nearest first, then those that begin alike, then the most frequent.

    Hardly anybody mistypes the first letter of a word.
    """
    counts = _containing(corpus, words.intact_parts(sought), len(sought) - edits, len(sought) + edits)
    distances = words.near(sought, list(counts))
    return sorted(distances, key=lambda word: (distances[word], word[0] != sought[0], -counts[word], word))


def _beginning_with(corpus: Corpus, sought: str) -> list[str]:
    """Return the words that begin with the sought one, the most frequent first."""
    counts = _containing(corpus, {sought}, len(sought) + 1, len(sought) + _LONGER)
    return sorted((word for word in counts if word.startswith(sought)), key=lambda word: (-counts[word], word))


def _containing(corpus: Corpus, parts: AbstractSet[str], shortest: int, longest: int) -> Counts:
    return total_counts(segment.vocabulary.containing(parts, shortest, longest) for segment in corpus.segments)


def _is_living(corpus: Corpus, word: str) -> bool:
    return any(
        corpus.alive[_with_all(corpus, [term_keys(analyser, term) for term in form])].any()
        for analyser in corpus.article_statistics.analysers
        for query_word in words.query_words(word, analyser)
        for form in query_word.forms
    )


def _with_all(corpus: Corpus, keys: Sequence[tuple[int, int]]) -> Ints:
    """Return the articles that have all terms, each given as its first and last key."""
    first, *others = (articles_with_terms(corpus, [key]) for key in keys)
    return reduce(lambda articles, more: articles[among(articles, more)], others, first)
