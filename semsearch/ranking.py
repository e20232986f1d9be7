"""Which of the scored passages become hits: pure functions over candidates."""

from collections.abc import Sequence
from typing import NamedTuple

from semsearch.ports import Scored
from semsearch.types import GroupBy

MORE_LIMIT = 3
"""Other passages shown with a hit: enough to judge an article by, few enough to skim."""

MORE_SHARE = 0.75
"""Of the hit's own score: a passage below it is not another good one."""


class Group(NamedTuple):
    """One hit to be: its passage, and other good ones of the same article."""

    best: Scored
    more: Sequence[Scored]  # best first


def group(passages: Sequence[Scored], group_by: GroupBy, limit: int, offset: int = 0) -> list[Group]:
    """Return the groups from `offset` on, at most `limit`, best first.

    Args:
        passages: best first; when grouping by article, all passages of every article among them.
    """
    if group_by is GroupBy.PASSAGE:
        return [Group(scored, ()) for scored in passages[offset : offset + limit]]
    by_article: dict[str, list[Scored]] = {}
    for scored in passages:
        by_article.setdefault(scored.article_id, []).append(scored)
    return [
        Group(best, [scored for scored in others if scored.score >= MORE_SHARE * best.score][:MORE_LIMIT])
        for best, *others in list(by_article.values())[offset : offset + limit]
    ]
