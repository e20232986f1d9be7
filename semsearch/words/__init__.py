"""Which words has a text, and as which terms are they indexed? For postings, phrases and exclusion.

Floor: craft. Knows text and language; PyStemmer is known here alone.
"""

from semsearch.words.analysers import Analyser, analyser_of
from semsearch.words.asked import QueryWord, query_words
from semsearch.words.function_words import Telling, telling_words
from semsearch.words.terms import VERSION, contains, phrase, terms, words

__all__ = [
    "VERSION",
    "Analyser",
    "QueryWord",
    "Telling",
    "analyser_of",
    "contains",
    "phrase",
    "query_words",
    "telling_words",
    "terms",
    "words",
]
