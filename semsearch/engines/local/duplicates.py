"""What articles of an index have in common: rows that an outlet repeats everywhere, and articles that may be copies."""

from collections.abc import Iterator, Sequence
from threading import Lock

import numpy as np

from semsearch.copies import BANDS, worth_comparing
from semsearch.engines.local.arrays import Mask
from semsearch.engines.local.corpus import Corpus
from semsearch.engines.local.runs import Ints, counted, distinct
from semsearch.engines.local.sketches import Bands, Hashes, common_share

_MOST_PARAGRAPHS = 0.5
"""Of the article that has fewer; what else two articles have in common their sketches say."""

_SAME_BANDS = 0.7
"""Share of bands of two articles that count as one where a paragraph's articles are counted: short articles have less
in common than that, though they share a long paragraph."""


class Duplicates:
    """The paragraphs and sketches of all segments, looked up when a candidate is to be shown."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._repeated: dict[tuple[int, int], bool] = {}  # by paragraph and outlet
        self._alike: dict[int, list[int]] = {}  # by article, the longest remembered first
        self._lock = Lock()

    def repeated(self, rows: Ints) -> Mask:
        """Mark the rows that are nothing but paragraphs which their outlet repeats in many articles.

        The passages of an article that has no other ones are not marked.
        """
        mask = self._boilerplate(rows)
        for at in np.flatnonzero(mask).tolist():
            article = int(self._corpus.row_articles[rows[at]])
            mask[at] = not self._boilerplate(np.arange(*self._corpus.article_rows[[article, article + 1]])).all()
        return mask

    def _boilerplate(self, rows: Ints) -> Mask:
        owners, hashes = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.uint64)]
        numbers = np.searchsorted(self._corpus.first_rows, rows, side="right") - 1
        for number in distinct(numbers).tolist():
            repeats, here = self._corpus.segments[number].repeats, np.flatnonzero(numbers == number)
            firsts, ends = repeats.row_paragraphs[rows[here] - self._corpus.first_rows[number]].T.astype(np.int64)
            lengths = ends - firsts
            places = np.arange(lengths.sum()) + np.repeat(firsts - np.cumsum(lengths) + lengths, lengths)
            hashes.append(repeats.paragraphs[places])
            owners.append(np.repeat(here, lengths))
        owner, paragraphs = np.concatenate(owners), np.concatenate(hashes)
        often = self._often(paragraphs)
        mask = np.ones(len(rows), dtype=np.bool_)
        mask[owner[~often]] = False
        for at in np.flatnonzero(often & mask[owner]).tolist():
            outlet = int(self._corpus.outlets[self._corpus.row_articles[rows[owner[at]]]])
            mask[owner[at]] &= self._repeats(int(paragraphs[at]), outlet)
        return mask

    def _often(self, hashes: Hashes) -> Mask:
        """Mark the hashes that enough articles may have."""
        counts = np.zeros(len(hashes), dtype=np.int64)
        for segment in self._corpus.segments:
            counts += segment.repeats.counts(hashes)
        return np.asarray((counts >= self._corpus.thresholds.repeated_articles) & (hashes != 0))

    def _repeats(self, paragraph: int, outlet: int) -> bool:
        """Say whether an outlet has a paragraph in many articles that are not copies of each other."""
        known = self._repeated.get((paragraph, outlet))
        if known is None:
            sketches = [np.zeros((0, BANDS), dtype=np.uint32)]
            for segment, base in zip(self._corpus.segments, self._corpus.first_articles.tolist(), strict=False):
                _, having = segment.repeats.with_paragraphs(np.array([paragraph], dtype=np.uint64))
                having = having[segment.alive[having] & (self._corpus.outlets[base + having] == outlet)]
                sketches.append(segment.repeats.sketches[having])
            known = self._repeated[(paragraph, outlet)] = _are_many(
                np.concatenate(sketches), self._corpus.thresholds.repeated_articles
            )
        return known

    def named_alike(self, places: Sequence[int | None], among: Mask) -> list[Sequence[str]]:
        """Return for each article the ids of those that may be copies.

        Args:
            places: None stands for an article that is not there.
            among: (articles,), which of them count.
        """
        there = [at for at in places if at is not None] if among.any() else []
        found = dict(zip(there, self.alike(np.array(there, dtype=np.int64)), strict=True)) if there else {}
        return [
            self._corpus.article_ids([one for one in found.get(at, ()) if among[one]]) if at is not None else []
            for at in places
        ]

    def alike(self, articles: Ints) -> list[list[int]]:
        """Return for each article those that may be copies: by their sketches, or by most of the paragraphs of one.

        Those come first that share most bands, or paragraphs. A paragraph that either's outlet repeats does not count.
        """
        found = {article: self._alike.get(article) for article in articles.tolist()}
        lacking = [article for article, likely in found.items() if likely is None]
        looked_up = (
            dict(zip(lacking, self._looked_up(np.array(lacking, dtype=np.int64)), strict=True)) if lacking else {}
        )
        with self._lock:
            self._alike |= looked_up
            while len(self._alike) > self._corpus.thresholds.remembered_articles:
                del self._alike[next(iter(self._alike))]
        known = {article: likely for article, likely in found.items() if likely is not None} | looked_up
        return [known[article] for article in articles.tolist()]

    def _looked_up(self, articles: Ints) -> list[list[int]]:
        corpus = self._corpus
        sketches = np.concatenate([np.zeros((0, BANDS), dtype=np.uint32), *map(self._sketch, articles.tolist())])
        found: list[dict[int, int]] = [{} for _ in range(len(articles))]  # with the bands that each shares
        for segment, base in zip(corpus.segments, corpus.first_articles.tolist(), strict=False):
            numbers, others, bands = segment.repeats.sharing(sketches)
            lengths = corpus.article_lengths[articles[numbers]]
            close = worth_comparing(bands, lengths, corpus.article_lengths[base + others])
            pairs = (numbers[close].tolist(), (base + others[close]).tolist(), bands[close].tolist())
            for number, other, count in zip(*pairs, strict=True):
                found[number][other] = count
        for number, other in self._sharing_paragraphs(articles):
            found[number].setdefault(other, BANDS)
        for likely, article in zip(found, articles.tolist(), strict=True):
            likely.pop(article, None)
        return [sorted(likely, key=lambda other: (-likely[other], other)) for likely in found]

    def _sharing_paragraphs(self, articles: Ints) -> Iterator[tuple[int, int]]:
        """Yield which of the articles, and another one, where they share most paragraphs of one of the two."""
        owners, paragraphs = self._paragraphs_of(articles)
        # What an article's own outlet repeats does not count: it may be in all of very many articles.
        often = self._often(paragraphs)
        kept = [
            not (is_often and self._repeats(int(paragraph), int(self._corpus.outlets[articles[owner]])))
            for owner, paragraph, is_often in zip(owners, paragraphs, often, strict=True)
        ]
        lengths = np.bincount(owners, minlength=len(articles))
        owners, paragraphs, often = owners[kept], paragraphs[kept], often[kept]
        which, others = self._with_paragraphs(paragraphs)
        counting = ~self._are_repeated(paragraphs, often, which, others)
        pairs, shared = counted(
            owners[which[counting]] * self._corpus.articles + others[counting], len(articles) * self._corpus.articles
        )
        numbers, others = np.divmod(pairs, max(1, self._corpus.articles))
        least = _MOST_PARAGRAPHS * lengths[numbers]
        for number, other, count, own in zip(
            numbers.tolist(), others.tolist(), shared.tolist(), least.tolist(), strict=True
        ):
            if count >= own or count >= _MOST_PARAGRAPHS * self._paragraph_count(other):
                yield number, other

    def _with_paragraphs(self, paragraphs: Hashes) -> tuple[Ints, Ints]:
        """Return pairs, each once: which of some paragraphs, and an article that has it."""
        parts = [np.zeros(0, dtype=np.int64)]
        for segment, base in zip(self._corpus.segments, self._corpus.first_articles.tolist(), strict=False):
            which, others = segment.repeats.with_paragraphs(paragraphs)
            parts.append(which * self._corpus.articles + base + others)
        which, others = np.divmod(distinct(np.concatenate(parts)), max(1, self._corpus.articles))
        return which, others

    def _are_repeated(self, paragraphs: Hashes, often: Mask, which: Ints, others: Ints) -> Mask:
        """Mark the pairs whose article's outlet repeats their paragraph.

        Args:
            often: (paragraphs,), which of them enough articles may have.
            which: of each pair the paragraph; all articles that have one are there.
            others: of each pair the article.
        """
        outlets, mask = self._corpus.outlets, np.zeros(len(which), dtype=np.bool_)
        pairs = np.flatnonzero(often[which])
        if pairs.size:
            size = int(outlets.max()) + 2  # with that of nobody
            theirs = which[pairs] * size + outlets[others[pairs]] + 1
            keys, counts = counted(theirs, size * len(paragraphs))
            repeated = np.zeros(len(keys), dtype=np.bool_)
            for at in np.flatnonzero(counts >= self._corpus.thresholds.repeated_articles).tolist():
                paragraph, outlet = divmod(int(keys[at]), size)
                repeated[at] = self._repeats(int(paragraphs[paragraph]), outlet - 1)
            mask[pairs] = np.isin(theirs, keys[repeated])
        return mask

    def common(self, one: int, other: int) -> float:
        """Return how much of all that two articles say both say and many other articles, too: 0 to 1."""
        parts = [segment.repeats for segment in self._corpus.segments]
        return common_share(parts, self._sketch(one)[0], self._sketch(other)[0])

    def _paragraph_count(self, article: int) -> int:
        return len(set(self._hashes(article).tolist()) - {0})

    def _sketch(self, article: int) -> Bands:
        segment, at = self._corpus.of_article(article)
        return segment.repeats.sketches[at : at + 1]

    def _paragraphs_of(self, articles: Ints) -> tuple[Ints, Hashes]:
        """Return the different paragraphs of articles that are long enough to mean anything, and whose each is."""
        found = [np.zeros(0, dtype=np.uint64)]
        found += [different[different != 0] for different in map(distinct, map(self._hashes, articles.tolist()))]
        return np.repeat(np.arange(len(articles)), [len(own) for own in found[1:]]), np.concatenate(found)

    def _hashes(self, article: int) -> Hashes:
        """Return those of an article's paragraphs, in order; 0 of what is too short to mean anything."""
        segment, at = self._corpus.of_article(article)
        first, last = segment.first_rows[at : at + 2].tolist()
        rows = segment.repeats.row_paragraphs
        return segment.repeats.paragraphs[int(rows[first, 0]) : int(rows[last - 1, 1])]


def _are_many(sketches: Bands, least: int) -> bool:
    """Say whether these are `least` or more, those counted once that share so many bands as copies do."""
    different = sorted({sketch.tobytes() for sketch in sketches})  # so that the order of additions does not matter
    left = np.frombuffer(b"".join(different), dtype=sketches.dtype).reshape(-1, BANDS)
    count = 0
    while len(left) and count < least:
        left = left[(left == left[0]).sum(axis=1) < _SAME_BANDS * BANDS]
        count += 1
    return count >= least
