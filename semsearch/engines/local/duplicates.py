"""Which articles of an index may be copies of each other, by what they share."""

from collections.abc import Iterator, Sequence
from threading import Lock

import numpy as np

from semsearch.copies import BANDS, worth_comparing
from semsearch.engines.local.arrays import Mask
from semsearch.engines.local.boilerplate import Boilerplate
from semsearch.engines.local.corpus import Corpus
from semsearch.engines.local.runs import Ints, distinct, value_counts
from semsearch.engines.local.sketches import Bands, Hashes, common_share

_MOST_PARAGRAPHS = 0.5
"""Share of the paragraphs of the article that has fewer; any other likeness shows in sketches."""


class Duplicates:
    """Looks up the paragraphs and sketches of all segments when a candidate is to be shown."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self.boilerplate = Boilerplate(corpus)
        self._alike: dict[int, list[int]] = {}  # by article, oldest entry first
        self._lock = Lock()

    def named_alike(self, articles: Sequence[int | None], among: Mask) -> list[Sequence[str]]:
        """Return for each article the ids of those that may be copies of it.

        Args:
            articles: None stands for one that is not in the index.
            among: (articles,), which of them count.
        """
        present = [article for article in articles if article is not None] if among.any() else []
        alike = dict(zip(present, self.alike(np.array(present, dtype=np.int64)), strict=True)) if present else {}
        allowed = {article: [copy for copy in copies if among[copy]] for article, copies in alike.items()}
        return [self._corpus.article_ids(allowed[article]) if article in allowed else [] for article in articles]

    def alike(self, articles: Ints) -> list[list[int]]:
        """Return for each article those that may be copies: by their sketches, or by sharing most paragraphs of one.

        Those that share most bands come first; sharing paragraphs counts as all bands. A paragraph that the outlet of
        either article repeats does not count.
        """
        remembered = {article: self._alike.get(article) for article in articles.tolist()}
        by_article = {article: likely for article, likely in remembered.items() if likely is not None}
        if lacking := [article for article in remembered if article not in by_article]:
            looked_up = dict(zip(lacking, self._look_up_alike(np.array(lacking, dtype=np.int64)), strict=True))
            by_article |= looked_up
            with self._lock:
                self._alike |= looked_up
                while len(self._alike) > self._corpus.thresholds.remembered_articles:
                    del self._alike[next(iter(self._alike))]
        return [by_article[article] for article in articles.tolist()]

    def _look_up_alike(self, articles: Ints) -> list[list[int]]:
        corpus = self._corpus
        sketches = np.concatenate([np.zeros((0, BANDS), dtype=np.uint32), *map(self._sketch, articles.tolist())])
        shared_bands: list[dict[int, int]] = [{} for _ in range(len(articles))]  # by candidate, for each article
        for segment, base in zip(corpus.segments, corpus.first_articles.tolist(), strict=False):
            numbers, candidates, bands = segment.repeats.sharing(sketches)
            lengths = corpus.article_lengths[articles[numbers]]
            close = worth_comparing(bands, lengths, corpus.article_lengths[base + candidates])
            pairs = (numbers[close].tolist(), (base + candidates[close]).tolist(), bands[close].tolist())
            for number, candidate, count in zip(*pairs, strict=True):
                shared_bands[number][candidate] = count
        for number, candidate in self._sharing_paragraphs(articles):
            shared_bands[number].setdefault(candidate, BANDS)
        for counts, article in zip(shared_bands, articles.tolist(), strict=True):
            counts.pop(article, None)
        return [sorted(counts, key=lambda candidate: (-counts[candidate], candidate)) for counts in shared_bands]

    def _sharing_paragraphs(self, articles: Ints) -> Iterator[tuple[int, int]]:
        """Yield pairs that share most paragraphs of either: the number of one of the articles, and another article."""
        owners, paragraphs = self._paragraphs_of(articles)
        # What an article's own outlet repeats does not count: very many articles may have it.
        frequent, outlets = self.boilerplate.are_frequent(paragraphs), self._corpus.outlets
        is_counted = ~frequent
        is_counted[frequent] = ~self.boilerplate.are_repeated(paragraphs[frequent], outlets[articles[owners[frequent]]])
        lengths = np.bincount(owners, minlength=len(articles))
        owners, paragraphs, frequent = owners[is_counted], paragraphs[is_counted], frequent[is_counted]
        indexes, holders = self._with_paragraphs(paragraphs)
        is_distinctive = ~frequent[indexes]
        others = np.flatnonzero(frequent[indexes])
        are_repeated = self.boilerplate.are_repeated(paragraphs[indexes[others]], outlets[holders[others]])
        is_distinctive[others[~are_repeated]] = True
        size = self._corpus.articles
        pairs = owners[indexes[is_distinctive]] * size + holders[is_distinctive]
        pairs, shared = value_counts(pairs, len(articles) * size)
        numbers, candidates = np.divmod(pairs, max(1, size))
        least = _MOST_PARAGRAPHS * lengths[numbers]
        for number, candidate, count, needed in zip(
            numbers.tolist(), candidates.tolist(), shared.tolist(), least.tolist(), strict=True
        ):
            if count >= needed or count >= _MOST_PARAGRAPHS * self._paragraph_count(candidate):
                yield number, candidate

    def _with_paragraphs(self, paragraphs: Hashes) -> tuple[Ints, Ints]:
        """Return pairs, each once: the index of a paragraph, and an article that has it."""
        parts = [np.zeros(0, dtype=np.int64)]
        for segment, base in zip(self._corpus.segments, self._corpus.first_articles.tolist(), strict=False):
            indexes, holders = segment.repeats.with_paragraphs(paragraphs)
            parts.append(indexes * self._corpus.articles + base + holders)
        indexes, holders = np.divmod(distinct(np.concatenate(parts)), max(1, self._corpus.articles))
        return indexes, holders

    def common(self, left: int, right: int) -> float:
        """Return how much of all that two articles say is said by both and by many other articles, 0 to 1."""
        parts = [segment.repeats for segment in self._corpus.segments]
        return common_share(parts, self._sketch(left)[0], self._sketch(right)[0])

    def _paragraph_count(self, article: int) -> int:
        return len(set(self._hashes(article).tolist()) - {0})

    def _sketch(self, article: int) -> Bands:
        segment, position = self._corpus.of_article(article)
        return segment.repeats.sketches[position : position + 1]

    def _paragraphs_of(self, articles: Ints) -> tuple[Ints, Hashes]:
        """Return the different paragraphs of articles that are long enough to count: owners, by number, and hashes."""
        parts = [np.zeros(0, dtype=np.uint64)]
        parts += [different[different != 0] for different in map(distinct, map(self._hashes, articles.tolist()))]
        return np.repeat(np.arange(len(articles)), [len(part) for part in parts[1:]]), np.concatenate(parts)

    def _hashes(self, article: int) -> Hashes:
        """Return the hashes of an article's paragraphs, in order; 0 for one that is too short to count."""
        segment, position = self._corpus.of_article(article)
        first, last = segment.first_rows[position : position + 2].tolist()
        rows = segment.repeats.row_paragraphs
        return segment.repeats.paragraphs[int(rows[first, 0]) : int(rows[last - 1, 1])]
