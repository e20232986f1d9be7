"""How many articles, passages and publishers a generation has, in which languages, and of which days."""

from collections.abc import Sequence

import numpy as np

from semsearch.engines.local.segment import Segment
from semsearch.engines.local.snapshot import Snapshot
from semsearch.types import Stats


def count(snapshot: Snapshot, manifest_bytes: int) -> Stats:
    """Count the articles and passages of a generation, and all else that `Stats` says of it."""
    manifest, segments = snapshot.manifest, snapshot.segments
    publishers: set[str] = set()
    languages: dict[str, int] = {}
    undated = stated = 0
    newest: list[tuple[int, int, int]] = []
    oldest: list[tuple[int, int, int]] = []
    for number, segment in enumerate(segments):
        publishers |= segment.facets.counts("publisher", segment.alive).keys()
        for language, count in segment.facets.counts("language", segment.alive).items():
            languages[language] = languages.get(language, 0) + count
            stated += count
        dated = segment.alive & (segment.published[:, 0] <= segment.published[:, 1])
        undated += int((segment.alive & ~dated).sum())
        if len(dated_articles := np.flatnonzero(dated)):
            first = dated_articles[np.argmin(segment.published[dated_articles, 0])]
            last = dated_articles[np.argmax(segment.published[dated_articles, 1])]
            oldest.append((int(segment.published[first, 0]), number, int(first)))
            newest.append((int(segment.published[last, 1]), number, int(last)))
    articles = sum(int(segment.alive.sum()) for segment in segments)
    if articles > stated:
        languages[""] = articles - stated
    return Stats(
        articles=articles,
        passages=sum(segment.living_passages for segment in segments),
        truncated=sum(entry.truncated for entry in manifest.segments),
        undated=undated,
        first=_published(segments, min(oldest, default=None)),
        last=_published(segments, max(newest, default=None)),
        publishers=len(publishers),
        languages=dict(sorted(languages.items(), key=lambda item: (-item[1], item[0]))),
        size_bytes=sum(seal.size_bytes for _, seal in manifest.seals()) + manifest_bytes,
        generation=manifest.generation,
        segments=len(segments),
        deleted=sum(entry.deleted.articles for entry in manifest.segments if entry.deleted),
        recipe=manifest.recipe,
        origin=manifest.origin,
        last_added=_last_added(segments),
        approximation=manifest.approximation,
    )


def _last_added(segments: Sequence[Segment]) -> str | None:
    indexed = np.concatenate([np.zeros(0, "M8[s]"), *(segment.indexed[segment.alive] for segment in segments)])
    dated = indexed[~np.isnat(indexed)]
    return f"{dated.max()}Z" if dated.size else None


def _published(segments: Sequence[Segment], location: tuple[int, int, int] | None) -> str | None:
    """Return when an article was published, by its instant, segment and position."""
    if location is None:
        return None
    published = segments[location[1]].read(location[2]).metadata.published
    return published.text if published else None
