"""Owns the words of a query: each in every way in which a text may write it."""

from typing import NamedTuple

from semsearch.words.analysers import Analyser
from semsearch.words.stretches import stretches
from semsearch.words.terms import terms


class QueryWord(NamedTuple):
    """One word of a query."""

    written: str
    spellings: tuple[tuple[str, ...], ...]
    """A text has the word if it has every index term of one of these."""


def query_words(text: str, analyser: Analyser) -> list[QueryWord]:
    """Return the words of a query in order, each once. A run of an unspaced script is one word of several terms."""
    found: dict[tuple[tuple[str, ...], ...], QueryWord] = {}
    for stretch in stretches(text):
        if own := tuple(dict.fromkeys(terms(stretch, analyser))):
            found.setdefault((own,), QueryWord(stretch, (own,)))
    return list(found.values())
