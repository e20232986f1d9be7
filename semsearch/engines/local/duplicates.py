"""What articles of an index share: rows that an outlet repeats in many of them, and texts that may be copies."""

from collections.abc import Iterator, Sequence
from threading import Lock

import numpy as np

from semsearch.copies import BANDS, worth_comparing
from semsearch.engines.local.arrays import Mask
from semsearch.engines.local.corpus import Corpus
from semsearch.engines.local.runs import Ints, distinct, spread, value_counts
from semsearch.engines.local.sketches import Bands, Hashes, common_share

_MOST_PARAGRAPHS = 0.5
"""Share of the paragraphs of the article that has fewer; any other likeness shows in sketches."""

_SAME_BANDS = 0.7
"""Articles that share this many bands count once where a paragraph's articles are counted. Short articles share
fewer, even if they share a long paragraph."""


class Duplicates:
    """Looks up the paragraphs and sketches of all segments when a candidate is to be shown."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._repeated: dict[tuple[int, int], bool] = {}  # by paragraph and outlet
        self._alike: dict[int, list[int]] = {}  # by article, oldest entry first
        self._lock = Lock()

    def repeated(self, rows: Ints) -> Mask:
        """Mark the rows made up of paragraphs that their outlet repeats in many articles.

        If all passages of an article are such rows, none of them is marked.
        """
        mask = self._boilerplate(rows)
        for index in np.flatnonzero(mask).tolist():
            article = int(self._corpus.row_articles[rows[index]])
            mask[index] = not self._boilerplate(np.arange(*self._corpus.article_rows[[article, article + 1]])).all()
        return mask

    def _boilerplate(self, rows: Ints) -> Mask:
        """Mark the rows made up of paragraphs that their outlet repeats, whatever else their article has."""
        owner_parts, hash_parts = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.uint64)]
        numbers = np.searchsorted(self._corpus.first_rows, rows, side="right") - 1
        for number in distinct(numbers).tolist():
            repeats, in_segment = self._corpus.segments[number].repeats, np.flatnonzero(numbers == number)
            begins, ends = repeats.row_paragraphs[rows[in_segment] - self._corpus.first_rows[number]].T.astype(np.int64)
            hash_parts.append(repeats.paragraphs[spread(begins, ends - begins)])
            owner_parts.append(np.repeat(in_segment, ends - begins))
        owners, paragraphs = np.concatenate(owner_parts), np.concatenate(hash_parts)
        frequent = self._are_frequent(paragraphs)
        mask = np.ones(len(rows), dtype=np.bool_)
        mask[owners[~frequent]] = False
        for index in np.flatnonzero(frequent & mask[owners]).tolist():
            owner = owners[index]
            outlet = int(self._corpus.outlets[self._corpus.row_articles[rows[owner]]])
            mask[owner] &= self._repeats(int(paragraphs[index]), outlet)
        return mask

    def _are_frequent(self, hashes: Hashes) -> Mask:
        """Mark the hashes of paragraphs that enough articles may have for one to be repeated."""
        counts = np.zeros(len(hashes), dtype=np.int64)
        for segment in self._corpus.segments:
            counts += segment.repeats.counts(hashes)
        return np.asarray((counts >= self._corpus.thresholds.repeated_articles) & (hashes != 0))

    def _repeats(self, paragraph: int, outlet: int) -> bool:
        """Tell whether an outlet has a paragraph in many articles that are not copies of each other."""
        is_repeated = self._repeated.get((paragraph, outlet))
        if is_repeated is None:
            sketches = [np.zeros((0, BANDS), dtype=np.uint32)]
            for segment, base in zip(self._corpus.segments, self._corpus.first_articles.tolist(), strict=False):
                _, holders = segment.repeats.with_paragraphs(np.array([paragraph], dtype=np.uint64))
                holders = holders[segment.alive[holders] & (self._corpus.outlets[base + holders] == outlet)]
                sketches.append(segment.repeats.sketches[holders])
            is_repeated = self._repeated[(paragraph, outlet)] = _are_many(
                np.concatenate(sketches), self._corpus.thresholds.repeated_articles
            )
        return is_repeated

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
        frequent = self._are_frequent(paragraphs)
        is_counted = [
            not (is_often and self._repeats(int(paragraph), int(self._corpus.outlets[articles[owner]])))
            for owner, paragraph, is_often in zip(owners, paragraphs, frequent, strict=True)
        ]
        lengths = np.bincount(owners, minlength=len(articles))
        owners, paragraphs, frequent = owners[is_counted], paragraphs[is_counted], frequent[is_counted]
        indexes, holders = self._with_paragraphs(paragraphs)
        is_distinctive = ~self._are_repeated(paragraphs, frequent, indexes, holders)
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

    def _are_repeated(self, paragraphs: Hashes, frequent: Mask, indexes: Ints, holders: Ints) -> Mask:
        """Mark the pairs whose article's outlet repeats their paragraph.

        Args:
            frequent: (paragraphs,), which of them enough articles may have.
            indexes: the paragraph of each pair; there is a pair for every article that has it.
            holders: the article of each pair.
        """
        outlets, mask = self._corpus.outlets, np.zeros(len(indexes), dtype=np.bool_)
        pairs = np.flatnonzero(frequent[indexes])
        if pairs.size:
            size = int(outlets.max()) + 2  # with -1, for articles without an outlet
            theirs = indexes[pairs] * size + outlets[holders[pairs]] + 1
            keys, counts = value_counts(theirs, size * len(paragraphs))
            repeated = np.zeros(len(keys), dtype=np.bool_)
            for number in np.flatnonzero(counts >= self._corpus.thresholds.repeated_articles).tolist():
                paragraph, outlet = divmod(int(keys[number]), size)
                repeated[number] = self._repeats(int(paragraphs[paragraph]), outlet - 1)
            mask[pairs] = np.isin(theirs, keys[repeated])
        return mask

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


def _are_many(sketches: Bands, least: int) -> bool:
    """Tell whether these are at least `least`, where those that share as many bands as copies do count once."""
    different = sorted({sketch.tobytes() for sketch in sketches})  # whatever the order of additions
    remaining = np.frombuffer(b"".join(different), dtype=sketches.dtype).reshape(-1, BANDS)
    count = 0
    while len(remaining) and count < least:
        remaining = remaining[(remaining == remaining[0]).sum(axis=1) < _SAME_BANDS * BANDS]
        count += 1
    return count >= least
