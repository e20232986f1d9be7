"""Which articles have every word of a query that carries meaning, and how much these words stand out there."""

import numpy as np

from semsearch import words
from semsearch.engines.local.arrays import Mask
from semsearch.engines.local.bm25 import Sought
from semsearch.engines.local.corpus import Corpus
from semsearch.engines.local.runs import Ints, spread
from semsearch.ports import Floats
from semsearch.ranking.constants import MANY_WORDS, THROUGHOUT


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
        """Return of articles, ascending, whether each has every word; none where no word carries meaning."""
        return self._have_all(self._whole, articles)

    def comparable(self, articles: Ints) -> Mask:
        """Return of articles, ascending, False where a query is of short runs and one has parts of these alone."""
        mask = np.ones(len(articles), dtype=np.bool_)
        for code, told in self._telling.items():
            if told.is_of_short_runs:
                here = np.flatnonzero(self._whole.codes[articles] == code)
                mask[here] = False
                for word in told.words:
                    mask[here] |= _has(self._whole, code, word, articles[here])
        return mask

    def _have_all(self, sought: Sought, units: Ints) -> Mask:
        """Return of articles, or passages, ascending, whether each has a spelling of every word."""
        mask = np.zeros(len(units), dtype=np.bool_)
        codes = sought.codes[units]
        for code, told in self._telling.items():
            if told.needed:
                left = np.flatnonzero(codes == code)
                for word in told.needed:
                    left = left[_has(sought, code, word, units[left])]
                    if not left.size:
                        break
                mask[left] = True
        return mask

    def prominence(self, rows: Ints, articles: Ints, of_row: Ints, complete: Mask) -> Floats:
        """Return of rows how much the words stand out there, whatever they weigh; 0 where the article lacks one.

        It is the mean, over the words, of what BM25 makes of how often the passage and the article have each (0 to 1),
        times a power of their number, and something more where each of several passages has them all.

        Args:
            rows: ascending.
            articles: those of them that have every word, ascending.
            of_row: (rows,), which of these each row is of.
            complete: (rows,), of which rows that is so.
        """
        found = np.zeros(len(rows))
        if articles.size:
            found[complete] = self._prominence(rows[complete], articles, of_row[complete])
        return found

    def _prominence(self, rows: Ints, articles: Ints, of_row: Ints) -> Floats:
        """Return of rows, ascending, of complete articles, ascending, how much the words stand out.

        Args:
            of_row: (rows,), which of the articles each is of.
        """
        begins = self._corpus.article_rows[articles]
        passages = self._corpus.article_rows[articles + 1] - begins
        complete = self._have_all(self._own, spread(begins, passages))
        having = np.bincount(np.repeat(np.arange(len(articles)), passages), complete, len(articles))
        throughout = np.where(having == passages, THROUGHOUT * (1 - 1 / passages), 0)
        found = (self._saturation(self._own, rows) + self._saturation(self._whole, articles)[of_row]) / 2
        found += throughout[of_row]
        # One word stands in one passage; pairs of its characters in several are no word.
        single = [code for code, told in self._telling.items() if len(told.needed) == 1]
        found[(having[of_row] == 0) & np.isin(self._own.codes[rows], single)] = 0
        return found

    def _saturation(self, sought: Sought, units: Ints) -> Floats:
        """Return of ascending units the mean over the words, times the power of their number."""
        total = np.zeros(len(units))
        codes = sought.codes[units]
        for code, told in self._telling.items():
            here = np.flatnonzero(codes == code)
            if not here.size:
                continue
            own = units[here]
            for word in told.words:
                spelled = [
                    np.sum([sought.saturated(code, term, own) for term in terms], axis=0) / len(terms)
                    for terms in word.spellings
                ]
                total[here] += np.max(spelled, axis=0)
            total[here] *= len(told.words) ** (MANY_WORDS - 1)
        return total


def _has(sought: Sought, code: int, word: words.QueryWord, units: Ints) -> Mask:
    """Return of units, ascending and of one analyser, whether each has all terms of any spelling of a word."""
    mask = np.zeros(len(units), dtype=np.bool_)
    for spelling in word.spellings:
        mask |= np.logical_and.reduce([sought.counts(code, term, units) > 0 for term in spelling])
    return mask
