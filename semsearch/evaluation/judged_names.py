"""Which article a judged id means, and which id an article goes by."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from semsearch.identity import canonical_url
from semsearch.types import Metadata

_KINDS = ("article_id", "url", "source_id")
"""What an article is called by; a name that is one of these is not looked for among those after it."""


@dataclass(frozen=True, slots=True)
class Names:
    """Judged ids and the articles that they mean."""

    by_article: Mapping[str, tuple[str, ...]]  # by article id: the judged ids that mean it, sorted
    unmatched: tuple[str, ...]  # no article is called so
    ambiguous: tuple[str, ...]  # several articles are called so, so that it means none of them
    judged: frozenset[str]
    kind: str = "article_id"  # by which of `_KINDS` most judged ids name their articles


def match(judged: Collection[str], articles: Iterable[Metadata]) -> Names:
    """Find the article that each judged id means: by its article id, else its URL, else the source's own id for it."""
    urls: defaultdict[str, list[str]] = defaultdict(list)
    for judged_id in judged:
        if canonical := canonical_url(judged_id):
            urls[canonical].append(judged_id)
    meant: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    wanted = frozenset(judged)
    for article in articles:
        for kind, name in _called(article, wanted, urls):
            meant[name][kind].add(article.article_id)
    by_article: defaultdict[str, list[str]] = defaultdict(list)
    kinds: Counter[str] = Counter()
    ambiguous = []
    for judged_id in sorted(meant):
        kind = next(kind for kind in _KINDS if kind in meant[judged_id])
        kinds[kind] += 1
        if len(meant[judged_id][kind]) > 1:
            ambiguous.append(judged_id)
        else:
            by_article[meant[judged_id][kind].pop()].append(judged_id)
    return Names(
        {article_id: tuple(names) for article_id, names in by_article.items()},
        tuple(judged_id for judged_id in dict.fromkeys(judged) if judged_id not in meant),
        tuple(ambiguous),
        wanted,
        kinds.most_common(1)[0][0] if kinds else "article_id",
    )


def _called(article: Metadata, wanted: frozenset[str], urls: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
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


def ranked(found: Iterable[tuple[Metadata, float]], judged: Collection[str], names: Names) -> list[tuple[str, float]]:
    """Name one topic's articles as the judgements do, best first, so that any tool can measure the list.

    An article that several of the topic's judged ids mean takes a rank for each, as in an index that holds every
    copy. One that is not judged is called what most judged articles are called by, else by its article id.
    """
    ranking: dict[str, float] = {}
    for article, score in found:
        known = names.by_article.get(article.article_id, ())
        own = [name for name in known if name in judged] or known[:1] or [_plain_name(article, names, ranking)]
        for name in own:
            ranking.setdefault(name, score)
    return list(ranking.items())


def _plain_name(article: Metadata, names: Names, taken: Collection[str]) -> str:
    """Name an article that no judgement names, by nothing that could be taken for another."""
    source_ids = article.tags.get("source_id", ())
    name = {"url": article.url, "source_id": source_ids[0] if source_ids else None}.get(names.kind)
    if not name or name in names.judged or name in taken or len(name.split()) != 1:
        return article.article_id
    return name
