"""How much words and vectors weigh for one query in an article, depending on its language and legibility.

Each value is computed once per profile, and picked for the articles that are looked at.
"""

from functools import cached_property

import numpy as np
import numpy.typing as npt

from semsearch.engines.local.bm25 import QueryTerms
from semsearch.engines.local.corpus import Corpus
from semsearch.ports import Ask, Floats
from semsearch.ranking.languages import language_offsets, really_read, share_of_words


class Weights:
    """The weights of one query; each array is (profiles,)."""

    def __init__(self, corpus: Corpus, ask: Ask, passage_terms: QueryTerms) -> None:
        """Take a query, with its terms among passages."""
        self._corpus, self._ask, self._passage_terms = corpus, ask, passage_terms
        self._codes = corpus.profiles.codes
        self.share_of_words = share_of_words(passage_terms.same_languages[self._codes], corpus.profiles.legibility)
        self.legibility = np.minimum(ask.legibility, corpus.profiles.legibility)
        # The weights of vectors, of words, and of numbers in addition; together they are 1 or less.
        self.dense, self.lexical, self.numbers = self._dense_lexical_numbers()

    def _dense_lexical_numbers(self) -> tuple[Floats, Floats, Floats]:
        mix, zeros = self._ask.mix, np.zeros(len(self._codes))
        if self._ask.vector is None or not mix.lexical:
            dense = zeros if self._ask.vector is None else np.full(len(self._codes), mix.dense)
            return dense, 1 - dense, zeros
        most_dense = mix.dense * self.legibility
        dense = most_dense / (1 + mix.lexical * self.root_of_terms)
        share = self.share_of_words
        # In another language vectors also get the weight of one term's words, so that scores stay comparable with
        # those of articles in the query's own language, which have some of its words if they answer it. Numbers are
        # written alike in every language and get the remaining weight.
        vectors, own_words = np.minimum(dense * (1 + mix.lexical * (1 - share)), most_dense), (1 - dense) * share
        has_numbers = self._passage_terms.has_numbers
        return vectors, own_words, np.where(share < 1, 1 - vectors - own_words, 0.0) if has_numbers else zeros

    @cached_property
    def dense_article(self) -> Floats:
        """The article vector's share of the weight of vectors: less in another language."""
        mix, is_mixed = self._ask.mix, self._ask.vector is not None and self._ask.mix.lexical
        foreign = (1 - mix.foreign_article) * (1 - self.share_of_words) if is_mixed else np.zeros(len(self._codes))
        return np.asarray(mix.dense_article * (1 - foreign))

    @cached_property
    def root_of_terms(self) -> Floats:
        """The square root of the query's `effective_terms`."""
        return np.sqrt(self._passage_terms.effective_terms)[self._codes]

    @cached_property
    def certainty_of_words(self) -> Floats:
        """How much it means that words match, 0 to 1: less for common words, or for chance matches across languages."""
        return np.asarray(self.share_of_words * self._passage_terms.rarity[self._codes])

    @cached_property
    def offsets(self) -> Floats:
        """What is added to the cosines of an article and its passages because of its language.

        Zero where the encoder cannot really read the query, or articles in its language.
        """
        statistics, same_languages = self._corpus.passage_statistics, self._passage_terms.same_languages
        if self._ask.vector is None or not self._ask.mix.lexical or np.count_nonzero(statistics.counts) < 2:
            return np.zeros(len(self._codes))
        of_language = (
            same_languages @ self._corpus.mean_legibility / same_languages.sum() if same_languages.any() else 1.0
        )
        readable = really_read(np.minimum(self._ask.legibility, of_language))
        offsets = readable * language_offsets(
            same_languages, self._language_cosines, statistics.counts.astype(np.float64)
        )
        return np.asarray(offsets[self._codes] * (1 - self.share_of_words))

    @cached_property
    def _language_cosines(self) -> Floats:
        """(analysers,): the query's mean cosine with the passages of each analyser."""
        return np.asarray(self._corpus.mean_vectors @ np.asarray(self._ask.vector, dtype=np.float64))

    def usual(self, profiles: npt.NDArray[np.int32]) -> tuple[Floats, Floats]:
        """Return for articles of these profiles the query's mean cosine with texts in their language, and their number.

        Zeros where the query is in all of these languages and the background is settled: nothing is looked up then.
        """
        is_settled = self._corpus.background.settled == 1 and bool((self.share_of_words[profiles] == 1).all())
        if self._ask.vector is None or is_settled:
            return np.zeros(len(profiles)), np.zeros(len(profiles))
        codes = self._codes[profiles]
        cosines = self._language_cosines[codes] + self.offsets[profiles]
        return cosines, self._corpus.passage_statistics.counts[codes].astype(np.float64)
