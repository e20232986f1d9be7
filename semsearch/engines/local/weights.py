"""What words and vectors weigh in an article, for one query: its language and its legibility decide.

Each value is computed once for every kind of article, and picked for the articles that are looked at.
"""

from functools import cached_property

import numpy as np
import numpy.typing as npt

from semsearch.engines.local.bm25 import Sought
from semsearch.engines.local.corpus import Corpus
from semsearch.ports import Ask, Floats
from semsearch.ranking.languages import language_offsets, really_read, share_of_words


class Weights:
    """Of one query; each array is (kinds,)."""

    def __init__(self, corpus: Corpus, ask: Ask, own: Sought) -> None:
        """Take a query.

        Args:
            own: the same, among passages.
        """
        self._corpus, self._ask, self._own = corpus, ask, own
        self._codes = corpus.kinds.codes
        self.share_of_words = share_of_words(own.same_languages[self._codes], corpus.kinds.legibility)
        self.legibility = np.minimum(ask.legibility, corpus.kinds.legibility)
        # Of vectors, of words, and of numbers besides: they add up to 1 or less.
        self.dense, self.lexical, self.numbers = self._parts()

    def _parts(self) -> tuple[Floats, Floats, Floats]:
        mix, none = self._ask.mix, np.zeros(len(self._codes))
        if self._ask.vector is None or not mix.lexical:
            dense = none if self._ask.vector is None else np.full(len(self._codes), mix.dense)
            return dense, 1 - dense, none
        most = mix.dense * self.legibility
        dense = most / (1 + mix.lexical * self.root_of_terms)
        same = self.share_of_words
        # In another language vectors have what the words of one term would have besides, so that a score stays
        # comparable with those of articles in the query's own, of whose words what answers it has some. Numbers are
        # written alike in every language: they have what is left.
        vectors, own_words = np.minimum(dense * (1 + mix.lexical * (1 - same)), most), (1 - dense) * same
        return vectors, own_words, np.where(same < 1, 1 - vectors - own_words, 0.0) if self._own.has_numbers else none

    @cached_property
    def dense_article(self) -> Floats:
        """What share of the weight of vectors the article's own vector has: less in another language."""
        mix, is_mixed = self._ask.mix, self._ask.vector is not None and self._ask.mix.lexical
        foreign = (1 - mix.foreign_article) * (1 - self.share_of_words) if is_mixed else np.zeros(len(self._codes))
        return np.asarray(mix.dense_article * (1 - foreign))

    @cached_property
    def root_of_terms(self) -> Floats:
        """The root of how many terms of equal weight would be the query's."""
        return np.sqrt(self._own.effective_terms)[self._codes]

    @cached_property
    def certainty_of_words(self) -> Floats:
        """How much words that match say, 0 to 1: less where they are common, and in another language by accident."""
        return np.asarray(self.share_of_words * self._own.rarity[self._codes])

    @cached_property
    def offsets(self) -> Floats:
        """What is added to the cosines of an article and its passages, for its language alone.

        Nothing where the encoder does not really read the query, or articles in its language.
        """
        statistics, same = self._corpus.passage_statistics, self._own.same_languages
        if self._ask.vector is None or not self._ask.mix.lexical or np.count_nonzero(statistics.counts) < 2:
            return np.zeros(len(self._codes))
        of_language = same @ self._corpus.mean_legibility / same.sum() if same.any() else 1.0
        read = really_read(np.minimum(self._ask.legibility, of_language))
        offsets = read * language_offsets(same, self._language_cosines, statistics.counts.astype(np.float64))
        return np.asarray(offsets[self._codes] * (1 - self.share_of_words))

    @cached_property
    def _language_cosines(self) -> Floats:
        """(analysers,): the query's mean cosine with the passages that each has analysed."""
        return np.asarray(self._corpus.mean_vectors @ np.asarray(self._ask.vector, dtype=np.float64))

    def usual(self, kinds: npt.NDArray[np.int32]) -> tuple[Floats, Floats]:
        """Return of articles, by their kinds, the query's mean cosine with texts in their language, and their number.

        Where the query is in all of these languages, and the index has headlines to tell by, nothing is looked up.
        """
        is_told = self._corpus.background.settled == 1 and bool((self.share_of_words[kinds] == 1).all())
        if self._ask.vector is None or is_told:
            return np.zeros(len(kinds)), np.zeros(len(kinds))
        codes = self._codes[kinds]
        cosines = self._language_cosines[codes] + self.offsets[kinds]
        return cosines, self._corpus.passage_statistics.counts[codes].astype(np.float64)
