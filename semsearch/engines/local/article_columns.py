"""All articles of a generation as columns, for counting (ports.ArticleColumns)."""

from collections.abc import Iterator, Mapping
from functools import partial

import numpy as np

from semsearch.engines.local.arrays import Mask
from semsearch.engines.local.corpus import Corpus
from semsearch.engines.local.facets import ORIGIN
from semsearch.engines.local.runs import Ints
from semsearch.ports import ArticleColumns

_TAG = "tag"


def article_columns(corpus: Corpus, allowed: Mask, matching: Mask) -> ArticleColumns:
    """Gather the columns of all segments; the values of a field are read only when they are asked for."""
    values = partial(_values, corpus)
    return ArticleColumns(
        corpus.ids, corpus.published, corpus.legibility, corpus.alive, allowed, allowed & matching, values
    )


def _values(corpus: Corpus, field: str) -> Mapping[str, Ints]:
    """Return the values of a field with the articles that have each."""
    parts: dict[str, list[Ints]] = {}
    for value, articles in _postings(corpus, field):
        parts.setdefault(value, []).append(articles)
    return {value: chunks[0] if len(chunks) == 1 else np.concatenate(chunks) for value, chunks in parts.items()}


def _postings(corpus: Corpus, field: str) -> Iterator[tuple[str, Ints]]:
    """Yield the values of a field with the articles that have each, segment by segment."""
    kind, _, key = field.partition(":")
    for segment, base in zip(corpus.segments, corpus.first_articles.tolist(), strict=False):
        if field == _TAG:
            for name, spans in segment.tags.values.items():
                if name != ORIGIN:
                    yield name, base + np.unique(segment.tags.articles[spans[0][1] : spans[-1][2]]).astype(np.int64)
            continue
        if field == "origin":
            postings, name = segment.tags, ORIGIN
        else:
            postings, name = (segment.tags, key) if kind == _TAG else (segment.facets, field)
        for value, start, end in postings.values.get(name, ()):
            yield value, base + postings.articles[start:end].astype(np.int64)
