"""What an engine answers to one query: everything that is allowed, ranked only as far as it is taken."""

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from semsearch.deadlines import Deadline
from semsearch.engines.local.arrays import Mask, damaged
from semsearch.engines.local.article_columns import article_columns
from semsearch.engines.local.boilerplate import Boilerplate
from semsearch.engines.local.candidates import Candidates
from semsearch.engines.local.corpus import Corpus
from semsearch.engines.local.cosines import Cosines
from semsearch.engines.local.duplicates import Duplicates
from semsearch.engines.local.filters import allow
from semsearch.engines.local.runs import Ints, highest, spread, without
from semsearch.engines.local.scoring import MARGIN, Ceilings, Scoring
from semsearch.engines.local.suggestions import nearest_living_word
from semsearch.engines.local.texts import TextComparisons
from semsearch.ports import ArticleColumns, Ask, Candidate, Floats, Found, Meant, Scored, Vector
from semsearch.ranking.constants import FEEDBACK_PASSAGES
from semsearch.types import Article, Passage

_FIRST_YIELDED, _MORE_YIELDED = 16, 4
"""Rows that are looked at before the first is yielded, and how many times as many next: most queries want few."""

_LOOKED_UP = 4
"""How many times as many rows have their words looked up as are to be put in order."""

_ROWS_AT_ONCE = 1 << 16
"""Rows looked at for repeated paragraphs between two checks of the deadline."""


def search(corpus: Corpus, duplicates: Duplicates, texts: TextComparisons, asks: Sequence[Ask]) -> Iterator[Found]:
    """Rank the allowed passages for each query (ports.Engine.search)."""
    # Unlike a generator, map goes on after an element that raises.
    return map(partial(Search, corpus, duplicates, texts), asks)


class Search:
    """One query to one generation."""

    def __init__(self, corpus: Corpus, duplicates: Duplicates, texts: TextComparisons, ask: Ask) -> None:
        self.deadline = Deadline(ask.timeout)
        self.comparisons = texts
        self._corpus, self._duplicates, self._texts, self._ask = corpus, duplicates, texts, ask
        self._boilerplate = duplicates.boilerplate
        cosines = None if ask.vector is None else Cosines(corpus, ask.vector)
        self._scoring = Scoring(corpus, ask, cosines, self.deadline)
        if cosines is not None and ask.mix.feedback:
            # Of all living rows, whatever their age, so that neither filters nor recency change what is near.
            best = islice(self._walk(Candidates(self._scoring, corpus.alive), few=True), FEEDBACK_PASSAGES)
            self._scoring.move_query([(row, vector) for row, _, vector in best])
        self._scoring.age()
        self._allowed = allow(corpus, ask, self.deadline)
        self._scoring.quote(self._allowed.quoted)
        self._candidates = Candidates(self._scoring, self._allowed.articles, self._allowed.rows)

    @property
    def total(self) -> int:
        """Articles that filters, phrases and exclusions allow."""
        return int(self._allowed.articles.sum())

    @property
    def relaxed(self) -> tuple[str, ...]:
        """Phrases that nothing has."""
        return self._allowed.relaxed

    @property
    def meant(self) -> list[Meant]:
        """The words that no article has, each with the nearest one that some article has (ports.Found)."""
        self.deadline.check()
        missing_words = self._scoring.article_terms.missing_words
        return [Meant(word, nearest_living_word(self._corpus, word)) for word in missing_words]

    @property
    def _is_judged(self) -> bool:
        """Whether only rows with enough confidence may be shown, so that each has to be judged."""
        return self._ask.least_confidence > 0 or self._ask.newest_first

    def _may_be_shown(self, rows: Ints) -> Mask:
        """Mark the rows, ascending and allowed, with enough confidence and, where only words count, with a word."""
        mask = np.ones(len(rows), dtype=np.bool_)
        if self._ask.vector is None:
            articles, counts = self._corpus.articles_of(rows)
            has_words = self._scoring.article_terms.scores(articles) > 0
            mask = (self._scoring.passage_terms.scores(rows) > 0) | np.repeat(has_words, counts)
        if self._is_judged:
            mask[mask] = self._scoring.sure(rows[mask])
        return mask

    def ranked(self) -> Iterator[Candidate]:
        """Yield everything that is allowed, in order (ports.Found)."""
        corpus, ask = self._corpus, self._ask
        seen: set[int] = set()
        ranked = self._walk(self._candidates, judged=self._is_judged, newest_first=ask.newest_first)
        for row, score, vector in ranked:
            self.deadline.check()
            article = int(corpus.row_articles[row])
            if article in seen and not ask.passages:
                continue
            seen.add(article)
            yield Candidate(corpus.article_id(article), row - int(corpus.article_rows[article]), score, vector)

    def nearest(self) -> "Search":
        """Return what is found without a least confidence (ports.Found)."""
        nearest = copy.copy(self)
        nearest._ask = replace(self._ask, least_confidence=0.0)
        return nearest

    def _walk(
        self, candidates: Candidates, *, judged: bool = False, newest_first: bool = False, few: bool = False
    ) -> Iterator[tuple[int, float, Vector]]:
        """Yield candidates with score and vector, best first, from larger and larger pools."""
        yielded: set[int] = set()
        sure = self._scoring.sure if judged else None
        depth = self._corpus.thresholds.first_depth
        depth = min(depth, _FIRST_YIELDED) if few else depth
        for rows, believed, ceilings in candidates.pools(judged=judged, newest_first=newest_first):
            if newest_first:
                ranked = by_date(self._scoring, self._boilerplate, rows, sure)
            else:
                ranked = in_order(self._scoring, self._boilerplate, rows, ceilings, depth, sure)
            for row, score, vector in islice(ranked, believed):
                if row not in yielded:
                    yielded.add(row)
                    yield row, score, vector

    def passages(self, article_ids: Sequence[str]) -> list[Sequence[Scored]]:
        """Return the passages of each article, best first (ports.Found)."""
        corpus = self._corpus
        articles = self._articles_of(article_ids)
        spans = [corpus.article_rows[[article, article + 1]].tolist() for article in articles if article is not None]
        rows = np.concatenate([np.zeros(0, dtype=np.int64), *(np.arange(first, last) for first, last in spans)])
        rows = self._candidates.allowed(np.sort(rows))
        rows = rows[self._may_be_shown(rows)]
        rows = rows[~self._boilerplate.repeated(rows)]
        by_article: dict[str, list[Scored]] = {article_id: [] for article_id in article_ids}
        for scored in self._scoring.scored(rows):
            by_article[scored.article_id].append(scored)
        return [sorted(group, key=lambda scored: (-scored.score, scored.ordinal)) for group in by_article.values()]

    def passage(self, article_id: str, ordinal: int) -> Scored:
        """Return one passage that was ranked."""
        return self._scoring.scored(np.array([self._row(article_id, ordinal)]))[0]

    def article(self, article_id: str) -> Article | None:
        """Return an article as it was when the query was asked (ports.Found)."""
        self.deadline.check()
        return self._texts.article(article_id)

    def article_passages(self, article_id: str) -> list[Passage]:
        """Return all passages of an article (ports.Found)."""
        self.deadline.check()
        article = self._corpus.find(article_id)
        if article is None:
            return []
        segment, position = self._corpus.of_article(article)
        return segment.passages(position)

    def alike(self, article_ids: Sequence[str]) -> list[Sequence[str]]:
        """Return for each article the allowed ones that may carry its text (ports.Found)."""
        self.deadline.check()
        return self._duplicates.named_alike(self._articles_of(article_ids), self._allowed.articles)

    def earlier(self, article_ids: Sequence[str]) -> list[Sequence[str]]:
        """Return for each article those indexed before that may carry its text (ports.Found)."""
        self.deadline.check()
        before = self._ask.filters.new_since
        if not isinstance(before, int):
            return [[] for _ in article_ids]
        return self._duplicates.named_alike(self._articles_of(article_ids), self._corpus.indexed_before(before))

    def _articles_of(self, article_ids: Sequence[str]) -> list[int | None]:
        return [self._corpus.find(article_id) for article_id in article_ids]

    def terms(self, article_id: str, ordinal: int) -> list[tuple[str, float]]:
        """Return the query's terms with what each adds to a passage's BM25 score, most first."""
        return self._scoring.passage_terms.parts(self._row(article_id, ordinal))

    def columns(self) -> ArticleColumns:
        """Return all articles as columns, those that `ranked` would yield marked as matching (ports.Found)."""
        self.deadline.check()
        matching = np.zeros(self._corpus.articles, dtype=np.bool_)
        every_row = self._candidates.every_row
        for begin in range(0, len(every_row), _ROWS_AT_ONCE):
            self.deadline.check()
            rows = every_row[begin : begin + _ROWS_AT_ONCE]
            rows = rows[self._scoring.sure(rows)] if self._is_judged else rows
            articles = self._corpus.row_articles[rows]
            is_first = np.append(True, articles[1:] != articles[:-1])[: len(rows)]  # most articles need no other row
            matching[articles[is_first][~self._boilerplate.repeated(rows[is_first])]] = True
            others = np.flatnonzero(~matching[articles])
            matching[articles[others[~self._boilerplate.repeated(rows[others])]]] = True
        return article_columns(self._corpus, self._corpus.allowed(self._ask.filters), matching)

    def _row(self, article_id: str, ordinal: int) -> int:
        article = self._corpus.find(article_id)
        if article is None:
            raise damaged(f"rows of articles, such as {article_id},")
        return int(self._corpus.article_rows[article]) + ordinal


Chosen = Callable[[Ints], Mask]
"""Marks which ascending rows may be shown."""


def in_order(
    scoring: Scoring,
    boilerplate: Boilerplate,
    rows: Ints,
    ceilings: Ceilings | None,
    depth: int,
    chosen: Chosen | None = None,
) -> Iterator[tuple[int, float, Vector]]:
    """Yield rows, best first, with score and vector, except those that an outlet repeats.

    Args:
        rows: ascending.
        ceilings: of their scores by words; None where these are to be looked up.
        depth: how many are put in order at first.
        chosen: says which rows may be shown, once they are looked at; None: all.
    """
    yielded = 0
    if chosen is not None:
        # Judging a row costs less than scoring it, and often few are sure. So only these are put in order, after a
        # first look at the best, which often suffice.
        if depth < len(rows):
            best, scores = _best_rows(scoring, rows, ceilings, depth)
            shown = np.flatnonzero(chosen(best))
            order = shown[np.lexsort(_keys(scoring, best[shown], scores[shown]))]
            yield from _with_vectors(scoring, boilerplate, best[order], scores[order])
            rows = without(rows, best)
        rows = rows[chosen(rows)]
    while yielded < len(rows):
        if depth >= len(rows):
            best, scores = rows, scoring.scores(rows)
        else:
            best, scores = _best_rows(scoring, rows, ceilings, depth)
        order = np.lexsort(_keys(scoring, best, scores))[yielded:]
        yielded += len(order)
        yield from _with_vectors(scoring, boilerplate, best[order], scores[order])
        depth *= scoring.corpus.thresholds.deeper


def by_date(
    scoring: Scoring, boilerplate: Boilerplate, rows: Ints, chosen: Chosen | None
) -> Iterator[tuple[int, float, Vector]]:
    """Yield chosen rows as `in_order` does, but with the newest articles first and undated ones last."""
    corpus = scoring.corpus
    articles, counts = corpus.articles_of(rows)
    newest_first = np.argsort(corpus.dates[articles], kind="stable")
    dates = np.repeat(corpus.dates[articles], counts)
    order = spread((np.cumsum(counts) - counts)[newest_first], counts[newest_first])
    begin, size = 0, corpus.thresholds.first_depth
    while begin < len(order):
        end = min(begin + size, len(order))
        end = int(np.searchsorted(dates, dates[order[end - 1]], side="right", sorter=order))  # all of one date
        part = np.sort(rows[order[begin:end]])
        part = part if chosen is None else part[chosen(part)]
        scores = scoring.scores(part)
        best = np.lexsort((*_keys(scoring, part, scores), corpus.dates[corpus.row_articles[part]]))
        yield from _with_vectors(scoring, boilerplate, part[best], scores[best])
        begin, size = end, size * corpus.thresholds.deeper


def _with_vectors(
    scoring: Scoring, boilerplate: Boilerplate, rows: Ints, scores: Floats
) -> Iterator[tuple[int, float, Vector]]:
    """Yield rows with score and vector, in this order, except those that an outlet repeats."""
    begin, size = 0, min(_FIRST_YIELDED, scoring.corpus.thresholds.batch)
    while begin < len(rows):
        scoring.deadline.check()
        part, part_scores = rows[begin : begin + size], scores[begin : begin + size]
        shown = ~boilerplate.repeated(part)
        yield from zip(
            part[shown].tolist(), part_scores[shown].tolist(), scoring.corpus.vectors(part[shown]), strict=True
        )
        begin, size = begin + size, min(_MORE_YIELDED * size, scoring.corpus.thresholds.batch)


def _best_rows(scoring: Scoring, rows: Ints, ceilings: Ceilings | None, depth: int) -> tuple[Ints, Floats]:
    """Return the best `depth` of more rows, with any that tie with the last, ascending, and their scores."""
    corpus, block = scoring.corpus, scoring.corpus.thresholds.block
    if rows is corpus.living_rows:  # bounds of articles rule out most of them
        articles, most = scoring.article_bounds(ceilings)
        likely = corpus.rows_of(articles[highest(most, depth, block)])
    elif ceilings is not None and depth * _LOOKED_UP < len(rows):  # bounds by words rule out most rows
        most = scoring.row_bounds(rows, ceilings)
        likely = rows[highest(most, depth * _LOOKED_UP, block)]
    else:
        likely = rows
    most_of_likely = scoring.row_bounds(likely)
    near = likely[highest(most_of_likely, depth, block)]
    if len(near) < depth:  # some bound was no bound, such as NaN
        raise damaged("words or vectors")
    scores = scoring.scores(near)
    least = scores.min() - MARGIN
    if likely is rows:
        contenders = rows[most_of_likely >= least]
    else:
        contenders = corpus.rows_of(articles[most >= least]) if rows is corpus.living_rows else rows[most >= least]
        contenders = contenders[scoring.row_bounds(contenders) >= least]
    contenders = without(contenders, near)
    near, scores = np.concatenate([near, contenders]), np.concatenate([scores, scoring.scores(contenders)])
    order = np.argsort(near)
    order = order[scores[order] >= np.partition(scores, len(scores) - depth)[len(scores) - depth]]
    return near[order], scores[order]


def _keys(scoring: Scoring, rows: Ints, scores: Floats) -> tuple[npt.NDArray[Any], ...]:
    """Return the keys that order rows, the main one last (`np.lexsort`): score downward, article id, ordinal."""
    return (rows, scoring.corpus.ids[scoring.corpus.row_articles[rows]], -scores)
