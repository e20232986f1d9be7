"""Which articles have every meaningful word of a query, and how much these words stand out there."""

import numpy as np

from semsearch import words
from semsearch.engines.local.arrays import Mask
from semsearch.engines.local.bm25 import QueryTerms
from semsearch.engines.local.corpus import Corpus
from semsearch.engines.local.runs import Ints, spread
from semsearch.ports import Floats
from semsearch.ranking.constants import MANY_WORDS, THROUGHOUT


class LiteralWords:
    """The words of one query, taken literally, however common each is."""

    def __init__(self, corpus: Corpus, text: str, passage_terms: QueryTerms, article_terms: QueryTerms) -> None:
        """Take the words of a query.

        Args:
            passage_terms: its terms among passages.
            article_terms: its terms among articles.
        """
        self._corpus, self._passage_terms, self._article_terms = corpus, passage_terms, article_terms
        statistics = corpus.article_statistics
        self._telling_words = {
            code: words.telling_words(text, analyser)
            for code, analyser in enumerate(statistics.analysers)
            if statistics.counts[code]
        }

    def complete(self, articles: Ints) -> Mask:
        """Mark the articles, ascending, that have every meaningful word; none if the query has no such word."""
        return self._have_all(self._article_terms, articles)

    def comparable(self, articles: Ints) -> Mask:
        """Mark the articles, ascending, except those that have only parts of a query that is all short runs."""
        mask = np.ones(len(articles), dtype=np.bool_)
        for code, telling in self._telling_words.items():
            if telling.is_of_short_runs:
                of_analyser = np.flatnonzero(self._article_terms.codes[articles] == code)
                mask[of_analyser] = False
                for word in telling.words:
                    mask[of_analyser] |= _has(self._article_terms, code, word, articles[of_analyser])
        return mask

    def _have_all(self, query_terms: QueryTerms, units: Ints) -> Mask:
        """Mark the articles, or passages, ascending, that have a spelling of every word."""
        mask = np.zeros(len(units), dtype=np.bool_)
        codes = query_terms.codes[units]
        for code, telling in self._telling_words.items():
            if telling.needed:
                remaining = np.flatnonzero(codes == code)
                for word in telling.needed:
                    remaining = remaining[_has(query_terms, code, word, units[remaining])]
                    if not remaining.size:
                        break
                mask[remaining] = True
        return mask

    def prominence(self, rows: Ints, articles: Ints, of_row: Ints, complete: Mask) -> Floats:
        """Return how much the words stand out in each row, whatever they weigh; 0 where its article lacks one.

        It is the mean, over the words, of BM25's saturated frequencies in the passage and in the article (0 to 1),
        times a power of the number of words, with an addition where each of several passages has them all.

        Args:
            rows: ascending.
            articles: the articles of rows that have every word, ascending.
            of_row: (rows,), the index in `articles` of each row's article, if it is there.
            complete: (rows,), whether it is there.
        """
        values = np.zeros(len(rows))
        if articles.size:
            values[complete] = self._prominence(rows[complete], articles, of_row[complete])
        return values

    def _prominence(self, rows: Ints, articles: Ints, of_row: Ints) -> Floats:
        """Return how much the words stand out in rows, ascending, of complete articles, ascending.

        Args:
            of_row: (rows,), the index in `articles` of each row's article.
        """
        begins = self._corpus.article_rows[articles]
        passages = self._corpus.article_rows[articles + 1] - begins
        complete = self._have_all(self._passage_terms, spread(begins, passages))
        complete_passages = np.bincount(np.repeat(np.arange(len(articles)), passages), complete, len(articles))
        throughout = np.where(complete_passages == passages, THROUGHOUT * (1 - 1 / passages), 0)
        values = (
            self._saturation(self._passage_terms, rows) + self._saturation(self._article_terms, articles)[of_row]
        ) / 2
        values += throughout[of_row]
        # A single word stands within one passage: pairs of its characters in several passages are no word.
        single = [code for code, telling in self._telling_words.items() if len(telling.needed) == 1]
        values[(complete_passages[of_row] == 0) & np.isin(self._passage_terms.codes[rows], single)] = 0
        return values

    def _saturation(self, query_terms: QueryTerms, units: Ints) -> Floats:
        """Return for ascending units the mean saturated frequency of the words, times the power of their number."""
        total = np.zeros(len(units))
        codes = query_terms.codes[units]
        for code, telling in self._telling_words.items():
            of_analyser = np.flatnonzero(codes == code)
            if not of_analyser.size:
                continue
            analyser_units = units[of_analyser]
            for word in telling.words:
                spelled = [
                    np.sum([query_terms.saturated(code, term, analyser_units) for term in terms], axis=0) / len(terms)
                    for terms in word.spellings
                ]
                total[of_analyser] += np.max(spelled, axis=0)
            total[of_analyser] *= len(telling.words) ** (MANY_WORDS - 1)
        return total


def _has(query_terms: QueryTerms, code: int, word: words.QueryWord, units: Ints) -> Mask:
    """Mark the units, ascending and of one analyser, that have all terms of any spelling of a word."""
    mask = np.zeros(len(units), dtype=np.bool_)
    for spelling in word.spellings:
        mask |= np.logical_and.reduce([query_terms.counts(code, term, units) > 0 for term in spelling])
    return mask
