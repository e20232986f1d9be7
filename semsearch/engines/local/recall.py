"""How much of an exact answer a large index finds by its proposals: measured with questions made of its own headlines.

Headlines are encoded as queries when an index is built, and are no passages, so that none of them was seen before. A
whole headline is too easy a question: it is long and names one article. So a question is a few of its words, and its
vector lies between those of one, two or three headlines: it is as short and as vague as what people ask, and about as
hard (docs/explanation/measurements.md). What is compared is the whole answer of words and meaning.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

import numpy as np

from semsearch.engines.local.corpus import Corpus
from semsearch.engines.local.duplicates import Duplicates
from semsearch.engines.local.search import search
from semsearch.engines.local.segment import Segment
from semsearch.engines.local.texts import TextComparisons
from semsearch.engines.local.thresholds import Thresholds
from semsearch.ports import Ask, Vector
from semsearch.ranking.mix import mix_of
from semsearch.types import Approximation, Mode

ENOUGH = 0.99
"""Of the articles of exact answers."""

_DEPTH = 10
_QUERIES = 64
_MOST_WORDS, _MOST_BLENDED = 4, 3
"""Words of a headline, and headlines, that a question is made of."""

_LEAST_LENGTH = 1e-6

_MOST_DOUBLED = 4
"""So often the number of proposals is doubled, if that many do not suffice."""

_CHANGED = 0.25
"""Share of passages that may come or go before it is measured again."""


def measured(segments: Sequence[Segment], thresholds: Thresholds, before: Approximation | None) -> Approximation | None:
    """Return how a generation is to be approximated, and how well that does; None where it is small enough for none.

    Args:
        before: what was measured last, which serves on while the index is about as large.
    """
    passages = sum(segment.entry.passages for segment in segments)
    if passages <= thresholds.exact_rows or not all(segment.is_current for segment in segments):
        return None
    if before and abs(passages - before.passages) <= _CHANGED * before.passages:
        return before
    corpus = Corpus(segments, thresholds)
    asks = list(_questions(corpus))
    exact = [_answer(corpus, replace(ask, exact=True)) for ask in asks]
    for doubled in range(_MOST_DOUBLED + 1):
        proposed = thresholds.proposed_rows << doubled
        corpus.thresholds = replace(thresholds, proposed_rows=proposed)
        shares = [
            len(wanted & _answer(corpus, ask)) / len(wanted) for ask, wanted in zip(asks, exact, strict=True) if wanted
        ]
        recall = float(np.mean(shares)) if shares else None
        if recall is None or recall >= ENOUGH:
            break
    return Approximation(passages, proposed, len(shares), recall)


def _answer(corpus: Corpus, ask: Ask) -> set[str]:
    duplicates = Duplicates(corpus)
    (found,) = search(corpus, duplicates, TextComparisons(corpus, duplicates), [ask])
    return {one.article_id for one in islice(found.ranked(), _DEPTH)}


def _questions(corpus: Corpus) -> Iterator[Ask]:
    """Yield words and vectors of headlines of living articles, from all over the index, as queries."""
    each, headlines = max(1, _QUERIES // max(1, len(corpus.segments))), list[tuple[str, Vector]]()
    for segment in corpus.segments:
        own = [(at, vector) for at, vector in segment.headlines.items() if segment.alive[at]]
        own = own[:: max(1, len(own) // each)][:each]
        titled = ((segment.read(at).metadata.title, vector) for at, vector in own)
        headlines += [(title, vector) for title, vector in titled if title]
    for number, (title, _) in enumerate(headlines):
        written, length = title.split(), 1 + number % _MOST_WORDS
        first = number % max(1, len(written) - length + 1)
        blended = sum(headlines[number - other][1] for other in range(1 + number % _MOST_BLENDED))
        vector = np.asarray(blended / max(float(np.linalg.norm(blended)), _LEAST_LENGTH), dtype=np.float32)
        text = " ".join(written[first : first + length])
        yield Ask(text, vector, mix_of(Mode.HYBRID), lambda evidence: np.zeros(len(evidence.strength)))
