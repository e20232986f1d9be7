"""Which rows are looked at for one query: all allowed ones, or the likely ones if there are very many."""

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

import numpy as np

from semsearch.engines.local.arrays import Mask
from semsearch.engines.local.bm25 import Top
from semsearch.engines.local.runs import Ints, distinct, union
from semsearch.engines.local.scoring import Ceilings, Proposed, Scoring

_BELIEVED = 4
"""One in this many proposed rows is trusted to be ranked rightly; the others are there to compare sums with."""

_DEEPER = 4
"""How many times as many rows are proposed next."""

_NEARLY_ALL = 0.9
"""Where filters allow at least this share of the living rows, what was proposed among all of these is filtered."""

_LEAST_KEPT = 0.75
"""At least this share of such proposals has to remain; what is excluded may be just what the query is about."""


class Pool(NamedTuple):
    """Rows to choose from."""

    rows: Ints  # ascending
    believed: int  # how many of their best are trusted to be the best of all allowed rows
    ceilings: Ceilings | None  # bounds of their scores by words; None where these are to be looked up


class Candidates:
    """The rows that filters, phrases and deletions allow."""

    def __init__(self, scoring: Scoring, articles: Mask, rows: Mask | None = None) -> None:
        """Allow articles, (articles,), and of these some rows, (rows,), or all."""
        self._scoring, self._corpus = scoring, scoring.corpus
        self._articles, self._mask = articles, rows
        self._all_alive = rows is None and np.array_equal(articles, self._corpus.alive)

    @cached_property
    def count(self) -> int:
        """How many rows are allowed."""
        if self._all_alive:
            return len(self._corpus.living_rows)
        if self._mask is None:
            return int(np.diff(self._corpus.article_rows)[self._articles].sum())
        return int(np.count_nonzero(self._row_mask))

    def allowed(self, rows: Ints) -> Ints:
        """Return the allowed ones of some rows."""
        return rows[self._are_allowed(rows)]

    def _are_allowed(self, rows: Ints) -> Mask:
        mask = self._articles[self._corpus.row_articles[rows]]
        return mask if self._mask is None else mask & self._mask[rows]

    def pools(self, *, judged: bool, newest_first: bool = False) -> Iterator[Pool]:
        """Yield larger and larger pools of rows, the last of which has all allowed rows.

        Args:
            judged: most rows may be left out once they are looked at, so one large pool is followed by that of all.
            newest_first: rows are ordered by date, which vectors and words cannot propose by: the only pool has all.
        """
        thresholds, scoring = self._corpus.thresholds, self._scoring
        count = thresholds.judged_rows if judged else thresholds.proposed_rows
        if not (scoring.ask.exact or newest_first) and self._corpus.rows > thresholds.exact_rows:
            while max(2 * count, thresholds.gathered_rows) < self.count:
                proposed = self._propose(count)
                rows = self._rows_of(proposed, count)
                yield Pool(rows, len(rows) if judged else max(1, count // _BELIEVED), proposed.ceilings)
                if judged:
                    break
                count *= _DEEPER
        is_bounded = scoring.has_words and self.count > thresholds.known_rows and not scoring.knows_words
        yield Pool(self.every_row, self.count, scoring.ceilings(thresholds.word_rows) if is_bounded else None)

    @cached_property
    def every_row(self) -> Ints:
        """The allowed rows, ascending; where only words count, those that have one or whose article has one."""
        scoring = self._scoring
        if scoring.cosines is None:
            rows_of_articles = self._corpus.rows_of(scoring.article_terms.matching_units())
            return self.allowed(union(scoring.passage_terms.matching_units(), rows_of_articles))
        return self._corpus.living_rows if self._all_alive else np.flatnonzero(self._row_mask)

    @cached_property
    def _row_mask(self) -> Mask:
        mask = self._articles[self._corpus.row_articles]
        return mask if self._mask is None else mask & self._mask

    def _rows_of(self, proposed: Proposed, count: int) -> Ints:
        """Return the allowed rows of the articles that are best by any one signal, `count` of each signal.

        All rows of an article are returned, so that it is ranked by its best.
        """
        scoring, of_row = self._scoring, self._corpus.row_articles
        articles = [of_row[proposed.rows[:count]]]
        if proposed.ceilings is not None:
            articles += [of_row[_most(proposed.ceilings.passages, count)], _most(proposed.ceilings.articles, count)]
        if scoring.cosines is not None and scoring.article_vector is not None and scoring.ask.mix.dense_article:
            articles.append(scoring.cosines.nearest_articles(scoring.article_vector, count, self._share))
        return self.allowed(self._corpus.rows_of(distinct(np.concatenate(articles))))

    def _propose(self, count: int) -> Proposed:
        """Return the proposals that stay the same when the query is moved."""
        if self.count >= _NEARLY_ALL * len(self._corpus.living_rows):
            among_living = self._proposed_among_living(count)
            allowed = among_living if self._all_alive else self._allowed_of(among_living)
            if allowed is not None:
                return allowed
        return self._proposed_among(count, self._row_mask, self._articles)

    def _proposed_among_living(self, count: int) -> Proposed:
        """Return the proposals among all living rows, which are made once for a query."""
        proposed, alive = self._scoring.proposed, self._corpus.alive
        if count not in proposed:
            rows, articles = (None, None) if alive.all() else (alive[self._corpus.row_articles], alive)
            proposed[count] = self._proposed_among(count, rows, articles)
        return proposed[count]

    def _proposed_among(self, count: int, rows: Mask | None, articles: Mask | None) -> Proposed:
        """Return the proposals among some rows and articles; None: all."""
        scoring, near = self._scoring, np.zeros(0, dtype=np.int64)
        if scoring.cosines is not None:
            near = scoring.cosines.nearest(count, self._share)
            near = near if rows is None else near[rows[near]]
        return Proposed(near, scoring.ceilings(count, rows, articles) if scoring.has_words else None)

    def _allowed_of(self, proposed: Proposed) -> Proposed | None:
        """Return the allowed ones of what was proposed among all living rows; None where too few remain."""
        kept, (rows, ceilings) = self.allowed(proposed.rows), proposed
        if ceilings is None:
            return Proposed(kept, None) if _are_enough(kept, rows) else None
        passages = _only(ceilings.passages, self._are_allowed(ceilings.passages.units))
        articles = _only(ceilings.articles, self._articles[ceilings.articles.units])
        are_enough = (
            _are_enough(kept, rows)
            and _are_enough(passages.units, ceilings.passages.units)
            and _are_enough(articles.units, ceilings.articles.units)
        )
        return Proposed(kept, Ceilings(passages, articles)) if are_enough else None

    @property
    def _share(self) -> float:
        return self.count / self._corpus.rows


def _only(top: Top, mask: Mask) -> Top:
    return Top(top.units[mask], top.bar, top.shares[mask])


def _are_enough(kept: Ints, proposed: Ints) -> bool:
    """Tell whether enough remain to stand in for proposals that are made among the allowed rows."""
    return len(kept) >= _LEAST_KEPT * len(proposed)


def _most(top: Top, count: int) -> Ints:
    """Return the units of the greatest shares, `count` or fewer."""
    if len(top.units) <= count:
        return top.units
    return top.units[np.argpartition(-top.shares, count)[:count]]
