"""Words: which ones a text has, the terms that they are indexed as, and the ways in which each may be written.

Pure functions of texts and languages. No other package imports PyStemmer.
"""

from semsearch.words.analysers import Analyser, analyser_of, may_be_written_in
from semsearch.words.function_words import Telling, shows_language, surely_tells, telling_words
from semsearch.words.nearest import LONGEST_WRITTEN, intact_parts, meant, near, reach, written
from semsearch.words.occurrences import contains, occurrences
from semsearch.words.phrases import Reading, phrase, readings, without_and, words
from semsearch.words.queries import QueryWord, query_words
from semsearch.words.terms import VERSION, Numbers, Read, Terms, Token, analyse, terms

__all__ = [
    "LONGEST_WRITTEN",
    "VERSION",
    "Analyser",
    "Numbers",
    "QueryWord",
    "Read",
    "Reading",
    "Telling",
    "Terms",
    "Token",
    "analyse",
    "analyser_of",
    "contains",
    "intact_parts",
    "may_be_written_in",
    "meant",
    "near",
    "occurrences",
    "phrase",
    "query_words",
    "reach",
    "readings",
    "shows_language",
    "surely_tells",
    "telling_words",
    "terms",
    "without_and",
    "words",
    "written",
]
