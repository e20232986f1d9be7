"""Which passages of all segments are nearest to a vector: exact, however deep it has to look."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from semsearch.engines.local import columns
from semsearch.engines.local.columns import Mask, Rows
from semsearch.engines.local.segment import Segment
from semsearch.ports import Found, Scored, Vector
from semsearch.types import Filters, GroupBy

_SCORE_DIGITS = 6
"""Encoders agree to about 1e-6: further digits would order equal texts by accident."""

_MARGIN = 1e-5
"""Above the difference between FAISS's float32 scores and the exact ones, rounding included."""

SCANNED_ROWS = 8192
"""Of a segment that is scored whole: that takes a millisecond or two, and FAISS much longer to be loaded."""

_LOWEST = -2.0
"""Below any cosine; a search that has returned all its rows has its ceiling below this."""


def nearest(segments: Sequence[Segment], vector: Vector, filters: Filters, limit: int, group_by: GroupBy) -> Found:
    """Rank the allowed passages by cosine similarity, exactly (ports.Engine.nearest)."""
    searches = [_Search(segment, filters, vector) for segment in segments]
    total = sum(search.total for search in searches)
    searches = [search for search in searches if search.total]
    depth = limit if group_by is GroupBy.PASSAGE else 4 * limit
    for search in searches:
        search.deepen(depth)
    while True:
        wanted = _best(searches, limit, group_by)
        # A row that FAISS has not returned yet scores at most the last one that it has.
        bar = wanted[-1].score - _MARGIN if len(wanted) == limit else -np.inf
        unproved = [search for search in searches if search.ceiling >= max(bar, _LOWEST)]
        if not unproved:
            break
        depth *= 4
        for search in unproved:
            search.deepen(depth)
    if group_by is GroupBy.ARTICLE:
        best = {scored.article_id for scored in wanted}
        whole = [scored for search in searches for scored in search.whole(best)]
        return Found(sorted(whole, key=_order), total)
    return Found(wanted, total)


def allowed_articles(segment: Segment, filters: Filters) -> Mask:
    """Mark the articles of a segment that are alive and that the filters allow."""
    return columns.allowed_articles(filters, segment.alive, segment.published, segment.facets, lambda: segment.tags)


class _Search:
    """One segment's side of a search: FAISS or a scan proposes rows, exact arithmetic scores them."""

    def __init__(self, segment: Segment, filters: Filters, vector: Vector) -> None:
        self._segment = segment
        self._vector = vector
        articles = allowed_articles(segment, filters)
        self.total = int(articles.sum())
        self._allowed: Mask | None = None if self.total == articles.size else articles[segment.row_articles]
        self.scored: list[Scored] = []
        self.ceiling = np.inf  # no allowed row outside `scored` scores more; -inf when all are in

    def deepen(self, depth: int) -> None:
        rows, scores = self._propose(depth)
        self.scored = self._score(rows)
        self.ceiling = float(scores[-1]) if len(rows) == depth else -np.inf

    def _propose(self, depth: int) -> tuple[Rows, npt.NDArray[np.float32]]:
        if self._segment.entry.passages > SCANNED_ROWS:
            from semsearch.engines.local import dense

            return dense.nearest_rows(self._segment.faiss, self._vector, self._allowed, depth)
        rows = np.arange(self._segment.entry.passages) if self._allowed is None else np.flatnonzero(self._allowed)
        scores = self._segment.vectors[rows] @ self._vector
        best = np.argsort(-scores, kind="stable")[:depth]
        return rows[best], scores[best]

    def whole(self, articles: set[str]) -> list[Scored]:
        """Score every passage of the given articles."""
        places = sorted(at for article in articles if (at := self._segment.find(article)) is not None)
        rows = [np.arange(*self._segment.first_rows[[at, at + 1]]) for at in places]
        return self._score(np.concatenate(rows)) if rows else []

    def _score(self, rows: Rows) -> list[Scored]:
        segment = self._segment
        cosines = (segment.vectors[rows].astype(np.float64) * self._vector.astype(np.float64)).sum(axis=1)
        articles = segment.row_articles[rows]
        ordinals = rows - segment.first_rows[articles]
        spans = segment.spans[rows]
        return [
            Scored(segment.article_id(article), int(ordinal), int(start), int(end), round(float(cosine), _SCORE_DIGITS))
            for article, ordinal, (start, end), cosine in zip(articles, ordinals, spans, cosines, strict=True)
        ]


def _order(scored: Scored) -> tuple[float, str, int]:
    return (-scored.score, scored.article_id, scored.ordinal)


def _best(searches: list[_Search], limit: int, group_by: GroupBy) -> list[Scored]:
    ranked = sorted((scored for search in searches for scored in search.scored), key=_order)
    if group_by is GroupBy.ARTICLE:
        best_of: dict[str, Scored] = {}
        for scored in ranked:
            best_of.setdefault(scored.article_id, scored)
        ranked = list(best_of.values())
    return ranked[:limit]
