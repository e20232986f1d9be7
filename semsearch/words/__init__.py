"""Which words has a text, as which terms are they indexed, and in which ways may a word be written?

Floor: craft. Knows text and language; PyStemmer is known here alone.
"""

from semsearch.words.analysers import Analyser, analyser_of
from semsearch.words.asked import QueryWord, query_words
from semsearch.words.phrases import contains, occurrences, phrase, words
from semsearch.words.terms import VERSION, Terms, analyse, terms

__all__ = [
    "VERSION",
    "Analyser",
    "QueryWord",
    "Terms",
    "analyse",
    "analyser_of",
    "contains",
    "occurrences",
    "phrase",
    "query_words",
    "terms",
    "words",
]
