"""Which article a judged id means, and which judged id an article is named by."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from semsearch.identity import canonical_url
from semsearch.types import Metadata

_KINDS = ("article_id", "url", "source_id")
"""The kinds of names of an article; a name that is found among one kind is not looked for among the next."""


@dataclass(frozen=True, slots=True)
class Names:
    """Judged ids and the articles that they mean."""

    by_article: Mapping[str, tuple[str, ...]]  # by article id: the judged ids that mean it, sorted
    unmatched: tuple[str, ...]  # judged ids that name no article
    ambiguous: tuple[str, ...]  # judged ids that name several articles, and so mean none of them
    judged: frozenset[str]
    kind: str = "article_id"  # of `_KINDS`, the one that most judged ids are of


def match(judged: Collection[str], articles: Iterable[Metadata]) -> Names:
    """Find the article that each judged id means: by its article id, else its URL, else the source's own id for it."""
    urls: defaultdict[str, list[str]] = defaultdict(list)
    for judged_id in judged:
        if canonical := canonical_url(judged_id):
            urls[canonical].append(judged_id)
    meanings: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    wanted = frozenset(judged)
    for article in articles:
        for kind, name in _wanted_names(article, wanted, urls):
            meanings[name][kind].add(article.article_id)
    by_article: defaultdict[str, list[str]] = defaultdict(list)
    kinds: Counter[str] = Counter()
    ambiguous = []
    for judged_id in sorted(meanings):
        kind = next(kind for kind in _KINDS if kind in meanings[judged_id])
        kinds[kind] += 1
        if len(meanings[judged_id][kind]) > 1:
            ambiguous.append(judged_id)
        else:
            by_article[meanings[judged_id][kind].pop()].append(judged_id)
    return Names(
        {article_id: tuple(names) for article_id, names in by_article.items()},
        tuple(judged_id for judged_id in dict.fromkeys(judged) if judged_id not in meanings),
        tuple(ambiguous),
        wanted,
        kinds.most_common(1)[0][0] if kinds else "article_id",
    )


def _wanted_names(
    article: Metadata, wanted: frozenset[str], urls: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, str]]:
    """Yield the wanted names of an article, each with its kind."""
    if article.article_id in wanted:
        yield "article_id", article.article_id
    if article.url and article.url in wanted:
        yield "url", article.url
    if urls and article.url and (canonical := canonical_url(article.url)):
        for name in urls.get(canonical, ()):
            yield "url", name
    for name in article.tags.get("source_id", ()):
        if name in wanted:
            yield "source_id", name


def ranked(
    articles: Iterable[tuple[Metadata, float]], judged: Collection[str], names: Names
) -> list[tuple[str, float]]:
    """Return one topic's articles, best first, by the names that the judgements use, so that any tool can measure them.

    An article that several of the topic's judged ids mean takes a rank for each, as in an index that holds every
    copy. One that is not judged is named by the kind of name that most judged articles have, else by its article id.
    """
    ranking: dict[str, float] = {}
    for article, score in articles:
        all_names = names.by_article.get(article.article_id, ())
        topic_names = [name for name in all_names if name in judged] or all_names[:1]
        for name in topic_names or [_plain_name(article, names, ranking)]:
            ranking.setdefault(name, score)
    return list(ranking.items())


def _plain_name(article: Metadata, names: Names, used_names: Collection[str]) -> str:
    """Return a name for an article that no judgement names, one that cannot be taken for another article's."""
    source_ids = article.tags.get("source_id", ())
    name = {"url": article.url, "source_id": source_ids[0] if source_ids else None}.get(names.kind)
    if not name or name in names.judged or name in used_names or len(name.split()) != 1:
        return article.article_id
    return name
