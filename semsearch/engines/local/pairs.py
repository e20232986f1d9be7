"""Pairs of a segment's articles that may be copies, compared once, when the segment is written.

Most likely copies are none. To see that, both texts are read and laid side by side, which would take up to half of a
query's time. The outcome depends on these two texts alone, so it is kept. A pair that is not kept is compared when a
query needs it.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from semsearch.copies import Agreement, Words, agreement, letters, shared_letters
from semsearch.engines.local.runs import Ints
from semsearch.ports import Floats

_WORDS = 1_024
_LETTERS = 4_096
"""How many texts are remembered while pairs are compared."""


class Compared(NamedTuple):
    """What the comparison of two articles showed."""

    letters: float  # the share of letters in order (copies.shared_letters)
    agreement: Agreement | None


class Pairs(NamedTuple):
    """The compared pairs of a segment."""

    firsts: Ints  # (articles + 1,): the pairs of article i with later ones are [i] to [i + 1]
    others: npt.NDArray[np.int32]  # (pairs,): the later article, ascending for each article
    letters: Floats  # (pairs,)
    agreements: npt.NDArray[np.int32]  # (pairs, 3): `copies.Agreement`; zeros where the texts do not agree

    @property
    def articles(self) -> Ints:
        """(pairs,): the earlier article of each."""
        return np.repeat(np.arange(len(self.firsts) - 1), np.diff(self.firsts))

    def of(self, left: int, right: int) -> Compared | None:
        """Return what the comparison of two articles showed; None where it is not kept."""
        earlier, later = sorted((left, right))
        begin, end = self.firsts[[earlier, earlier + 1]].tolist()
        place = begin + int(np.searchsorted(self.others[begin:end], later))
        if place == end or self.others[place] != later:
            return None
        agreed = Agreement(*self.agreements[place].tolist())
        return Compared(float(self.letters[place]), agreed if agreed.covered else None)

    def validated(self) -> Self:
        """Return these pairs; raises ValueError where these cannot be the pairs of articles."""
        sizes = {len(self.others), len(self.letters), len(self.agreements), int(self.firsts[-1])}
        if len(sizes) > 1 or self.firsts[0] != 0 or (np.diff(self.firsts) < 0).any():
            raise ValueError("it has other pairs than articles")
        return self


def pairs_of(articles: int, left: Ints, right: Ints, shares: Floats, agreements: npt.NDArray[np.int32]) -> Pairs:
    """Return pairs, each once and in any order, of which `left` is the earlier article.

    Args:
        articles: how many articles there are.
        shares: (pairs,), `Compared.letters`.
        agreements: (pairs, 3).
    """
    order = np.lexsort((right, left))
    firsts = np.searchsorted(left[order], np.arange(articles + 1))
    return Pairs(firsts.astype(np.int64), right[order].astype(np.int32), shares[order], agreements[order])


def no_pairs(articles: int) -> Pairs:
    """Return no pair of so many articles."""
    none = np.zeros(0, dtype=np.int64)
    return pairs_of(articles, none, none, np.zeros(0), np.zeros((0, 3), dtype=np.int32))


def compared(left: Ints, right: Ints, known: Pairs, read_text: Callable[[int], str]) -> Pairs:
    """Compare pairs of articles, each once, except those that are known.

    Args:
        left: (pairs,), the earlier article of each.
        right: (pairs,), the later one.
        known: of the same articles.
    """
    words = lru_cache(_WORDS)(lambda article: Words(read_text(article)))
    letters_of = lru_cache(_LETTERS)(lambda article: letters(read_text(article)))
    shares, agreements = np.zeros(len(left)), np.zeros((len(left), 3), dtype=np.int32)
    for number, (earlier, later) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
        outcome = known.of(earlier, later)
        if outcome is None:
            share = shared_letters(letters_of(earlier), letters_of(later))
            outcome = Compared(share, agreement(words(earlier), words(later)))
        shares[number], agreements[number] = outcome.letters, outcome.agreement or (0, 0, 0)
    return pairs_of(len(known.firsts) - 1, left, right, shares, agreements)
