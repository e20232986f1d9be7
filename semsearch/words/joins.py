"""Finds the words that neighbours in a text make, compounds and pairs, fast enough for all texts of an index."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

from semsearch.words.analysers import Analyser
from semsearch.words.compounds import words_of_compounds
from semsearch.words.pairs import NEIGHBOURS, kind_of, words_of_pairs

_GROUPS = re.compile("[nN][nN]")
_LETTERS = re.compile("[la][la]")
_LETTER_AND_MORE = re.compile("(?=[la][spufUv]|[spufUv][la])")
_MOST_KEPT: Final = 50_000


def joined_words(text: str, stretches: Sequence[str], analyser: Analyser) -> list[str]:
    """Return the words that the compounds and pairs of a text make, in any order.

    Args:
        text: with typographic marks as ASCII (`typed`).
        stretches: of the text. Their kinds show at once that most texts have few compounds and pairs.
    """
    kinds = "".join(map(_kinds(analyser).__getitem__, stretches))

    def neighbours(pattern: re.Pattern[str]) -> set[tuple[str, str]]:
        return {(stretches[match.start()], stretches[match.start() + 1]) for match in pattern.finditer(kinds)}

    abbreviated = bool(_LETTERS.search(kinds)) or any(".".join(pair) in text for pair in neighbours(_LETTER_AND_MORE))
    compounds = words_of_compounds(text, grouped=bool(_GROUPS.search(kinds)), abbreviated=abbreviated)
    return [*compounds, *words_of_pairs(text, neighbours(NEIGHBOURS), analyser)]


class _Kinds(dict[str, str]):
    """The kind of each stretch of text met so far (`kind_of`)."""

    def __init__(self, analyser: Analyser) -> None:
        self._analyser = analyser

    def __missing__(self, stretch: str) -> str:
        if len(self) >= _MOST_KEPT:
            self.clear()
        kind = self[stretch] = kind_of(stretch, self._analyser)
        return kind


@cache
def _kinds(analyser: Analyser) -> _Kinds:
    return _Kinds(analyser)
