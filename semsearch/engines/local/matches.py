"""Which articles have every word of a query that carries meaning, and how much these words stand out there."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from semsearch import words
from semsearch.engines.local.arrays import Mask
from semsearch.engines.local.bm25 import Sought
from semsearch.engines.local.corpus import Corpus, Ints
from semsearch.ports import Floats

MANY_WORDS = 1 / 8
"""Power of their number: how much more it says that an article has them all."""

THROUGHOUT = 0.3
"""What is added where each of very many passages has all words: those of a headline are words of every passage."""


class Literal:
    """What the postings of one query say of its words as they stand, however common each is."""

    def __init__(self, corpus: Corpus, text: str, own: Sought, whole: Sought) -> None:
        """Take the words of a query.

        Args:
            own: the same query among passages.
            whole: among articles.
        """
        self._corpus, self._own, self._whole = corpus, own, whole
        statistics = corpus.article_statistics
        self._telling = {
            code: words.telling_words(text, name)
            for code, name in enumerate(statistics.analysers)
            if statistics.counts[code]
        }

    def complete(self, articles: Ints) -> Mask:
        """Mark the articles that have every word; none where no word carries meaning."""
        return self._complete[articles]

    @cached_property
    def _complete(self) -> Mask:
        return self._having_all(self._whole)

    def comparable(self, articles: Ints) -> Mask:
        """Return of articles False where a query is of short runs of characters and one has parts of these alone."""
        return self._comparable[articles]

    @cached_property
    def _comparable(self) -> Mask:
        mask, marks = np.ones(self._corpus.articles, dtype=np.bool_), np.zeros(self._corpus.articles, dtype=np.bool_)
        for code, told in self._telling.items():
            if told.is_of_short_runs:
                mask[self._whole.codes == code] = False
                for word in told.words:
                    mask[_having_all(self._whole, code, [word], marks)] = True
        return mask

    def _having_all(self, sought: Sought) -> Mask:
        """Mark (units,) the articles, or passages, that have a spelling of every word."""
        mask, marks = np.zeros((2, sought.units), dtype=np.bool_)
        for code, told in self._telling.items():
            if told.needed:
                mask[_having_all(sought, code, told.needed, marks)] = True
        return mask

    @cached_property
    def _prominence(self) -> Floats:
        corpus, found = self._corpus, np.zeros(self._corpus.rows)
        if not self._complete.any():
            return found
        articles, rows = np.flatnonzero(self._complete), np.flatnonzero(self._complete[corpus.row_articles])
        of_rows = corpus.row_articles[rows]
        of_articles = np.zeros(corpus.articles)
        of_articles[articles] = self._saturation(self._whole, articles)
        passages = np.diff(corpus.article_rows)[of_rows]
        having = np.bincount(corpus.row_articles, self._having_all(self._own), corpus.articles)[of_rows]
        throughout = np.where(having == passages, THROUGHOUT * (1 - 1 / passages), 0)
        found[rows] = (self._saturation(self._own, rows) + of_articles[of_rows]) / 2 + throughout
        # One word stands in one passage; pairs of its characters in several are no word.
        single = [code for code, told in self._telling.items() if len(told.needed) == 1]
        found[rows[(having == 0) & np.isin(self._own.codes[rows], single)]] = 0
        return found

    def prominence(self, rows: Ints) -> Floats:
        """Return of rows how much the words stand out there, whatever they weigh; 0 where the article lacks one.

        It is the mean, over the words, of what BM25 makes of how often the passage and the article have each (0 to 1),
        times a power of their number, and something more where each of several passages has them all.
        """
        return self._prominence[rows]

    def _saturation(self, sought: Sought, units: Ints) -> Floats:
        """Return of ascending units the mean over the words, times the power of their number."""
        at = np.full(sought.units, -1, dtype=np.int64)
        at[units] = np.arange(len(units))
        total = np.zeros(len(units))
        codes = sought.codes[units]
        for code, told in self._telling.items():
            own = codes == code
            if not own.any():
                continue
            for word in told.words:
                spelled = [_mean([sought.saturated(code, term) for term in terms], at) for terms in word.spellings]
                total += np.max(spelled, axis=0)
            total[own] *= len(told.words) ** (MANY_WORDS - 1)
        return total


def _having_all(sought: Sought, code: int, needed: Sequence[words.QueryWord], marks: Mask) -> Ints:
    """Return the units that have a spelling of every word.

    Args:
        marks: (units,), False before and after.
    """
    having = [[[sought.postings(code, term)[0] for term in spelling] for spelling in word.spellings] for word in needed]
    # The rarest first: of a long query hardly any unit is left after two or three words.
    having.sort(key=lambda spellings: sum(min(map(len, terms)) for terms in spellings))
    left: Ints | None = None
    for spellings in having:
        found = [_in_all(terms if left is None else [left, *terms], marks) for terms in spellings]
        left = found[0] if len(found) == 1 else np.unique(np.concatenate(found))
        if not left.size:
            break
    return np.zeros(0, dtype=np.int64) if left is None else left


def _in_all(lists: Sequence[Ints], marks: Mask) -> Ints:
    """Return what is in every list of different places."""
    shortest, *others = sorted(lists, key=len)
    for places in others:
        marks[places] = True
        shortest = shortest[marks[shortest]]
        marks[places] = False
    return shortest


def _mean(terms: Sequence[tuple[Ints, Floats]], at: Ints) -> Floats:
    """Return the mean over terms of what each has at its places, of the units that are wanted."""
    total = np.zeros(int(at.max()) + 1)
    for places, values in terms:
        here = at[places]
        total[here[here >= 0]] += values[here >= 0]
    return total / len(terms)
