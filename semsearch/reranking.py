"""A second look at the best hits: a model that reads query and passage together orders them anew."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from semsearch.answering import Outcome
from semsearch.checks import shown
from semsearch.errors import UsageError
from semsearch.ports import Reranker
from semsearch.types import Answer, Query, Sort

FIRST = 10
"""Hits that are reranked: each costs as much as encoding a passage and a query."""

SIGNAL = "rerank"
"""The name of a reranker's own score among a hit's scores."""

Search = Callable[[Sequence[Query]], Iterator[Outcome]]
"""Answers queries one after another, as `Index.search_each` does."""


def reranking(search: Search, reranker: Reranker) -> Search:
    """Return a search whose answers have their first hits reranked."""

    def search_and_rerank(queries: Sequence[Query]) -> Iterator[Outcome]:
        for query, outcome in zip(queries, search([widened(query) for query in queries]), strict=True):
            yield reranked(outcome, query, reranker) if isinstance(outcome, Answer) else outcome

    return search_and_rerank


def widened(query: Query) -> Query:
    """Return a query that finds all hits to be reranked, whichever part of them is shown.

    Raises:
        UsageError: the query is not sorted by relevance.
    """
    if Sort(query.sort) is not Sort.RELEVANCE:
        raise UsageError(
            f"hits that are sorted by {shown(query.sort)} cannot be reranked", "leave out --sort or --rerank"
        )
    return replace(query, k=max(FIRST, query.offset + query.k), offset=0)


def reranked(answer: Answer, query: Query, reranker: Reranker) -> Answer:
    """Return the part of an answer that a query asks for, with its first hits in the order of a reranker.

    The scores of the first hits are dealt out again, the highest to the best, so that they still order the answer; the
    reranker's own are in `scores`. Confidences and verdicts stay with their hits. The time that it takes is part of
    `took_ms`, and told in a notice.

    Args:
        answer: to `widened(query)`.
    """
    started = time.perf_counter()
    best, rest = answer.hits[:FIRST], answer.hits[FIRST:]
    values = reranker.scores(answer.query.text, [f"{hit.article.title or ''}\n{hit.text}".strip() for hit in best])
    order = sorted(range(len(best)), key=lambda index: -values[index])
    reordered = [
        replace(
            best[index], rank=rank, score=best[rank - 1].score, scores={**best[index].scores, SIGNAL: values[index]}
        )
        for rank, index in enumerate(order, 1)
    ]
    took_ms = 1000 * (time.perf_counter() - started)
    notice = f"the first {len(best)} hits were reranked by {reranker.name} in {took_ms:.0f} ms"
    end = query.offset + query.k
    return replace(
        answer,
        query=replace(answer.query, k=query.k, offset=query.offset),
        hits=(*reordered, *rest)[query.offset : end],
        took_ms=answer.took_ms + took_ms,
        notices=(*answer.notices, notice) if best else answer.notices,
        before=answer.verdict,  # a sure hit may have gone to another page
    )
