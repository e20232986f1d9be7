"""Which word of an index somebody may have meant by one that it has not."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import reduce

import numpy as np

from semsearch import words
from semsearch.engines.local.corpus import Corpus
from semsearch.engines.local.phrases import articles_with_terms
from semsearch.engines.local.runs import Ints
from semsearch.engines.local.terms import term_keys
from semsearch.engines.local.vocabulary import Counts, added

_LONGER = 8
"""Code points that a word may be longer than its beginning, which was typed."""

_MOST_LOOKED_AT = 20
"""Words of which nothing is left but deleted articles are passed over, but not for ever."""


def nearest_there(corpus: Corpus, word: str) -> str | None:
    """Return the nearest word that a living article has, None where there is no near one or none is to be suggested."""
    sought = words.meant(word)
    edits = words.reach(sought)
    if not edits:
        return None
    found = _near(corpus, sought, edits) or _beginning_with(corpus, sought)
    return next((one for one in found[:_MOST_LOOKED_AT] if _is_there(corpus, one)), None)


def _near(corpus: Corpus, sought: str, edits: int) -> list[str]:
    """Return the words within so many edits: the nearest first, then those that begin alike, then the most frequent.

    Hardly anybody mistypes the first letter of a word.
    """
    known = _containing(corpus, words.intact_parts(sought), len(sought) - edits, len(sought) + edits)
    away = words.near(sought, list(known))
    return sorted(away, key=lambda one: (away[one], one[0] != sought[0], -known[one], one))


def _beginning_with(corpus: Corpus, sought: str) -> list[str]:
    """Return the words of which this is the beginning: the most frequent first."""
    known = _containing(corpus, {sought}, len(sought) + 1, len(sought) + _LONGER)
    return sorted((one for one in known if one.startswith(sought)), key=lambda one: (-known[one], one))


def _containing(corpus: Corpus, parts: AbstractSet[str], shortest: int, longest: int) -> Counts:
    return added(one.vocabulary.containing(parts, shortest, longest) for one in corpus.segments)


def _is_there(corpus: Corpus, word: str) -> bool:
    return any(
        corpus.alive[_with_all(corpus, [term_keys(analyser, term) for term in form])].any()
        for analyser in corpus.article_statistics.analysers
        for one in words.query_words(word, analyser)
        for form in one.forms
    )


def _with_all(corpus: Corpus, keys: Sequence[tuple[int, int]]) -> Ints:
    """Return the articles that have all terms, each given as its first and last key."""
    return reduce(np.intersect1d, [articles_with_terms(corpus, [key]) for key in keys])
