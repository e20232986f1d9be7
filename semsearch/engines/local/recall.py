"""How much of an exact answer a large index finds by its proposals, measured with questions made of its own headlines.

Headlines are encoded as queries when an index is built, and are not passages, so that no answer is known in advance. A
full headline is too easy a question: it is long and names one article. So a question is a few of its words, with a
vector between those of one, two or three headlines: it is as short and as vague as what people ask, and about as hard
(docs/explanation/measurements.md). The answers that are compared come from both words and meaning.
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
"""Share of the articles of exact answers that has to be found."""

_DEPTH = 10
_QUERIES = 256
_MOST_WORDS, _MOST_BLENDED = 4, 3
"""Words of a headline, and headlines, that a question is made of."""

_LEAST_LENGTH = 1e-6

_MOST_DOUBLED = 4
"""How often the number of proposals is doubled at most, as long as they do not suffice."""

_CHANGED = 0.25
"""Share of passages that may come or go before recall is measured again."""


def measure_recall(
    segments: Sequence[Segment], thresholds: Thresholds, before: Approximation | None
) -> Approximation | None:
    """Return how a generation is to be approximated, and with what recall; None where it is small enough to be exact.

    Args:
        before: the last measurement, which stays valid while the index is about as large.
    """
    passages = _passages(segments)
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
    return Approximation(passages, proposed, len(shares), recall, len(segments))


def is_measured(segments: Sequence[Segment], approximation: Approximation | None) -> bool:
    """Tell whether a measurement is of a generation of as many segments and passages."""
    measured = approximation and (approximation.segments, approximation.passages)
    return measured == (len(segments), _passages(segments))


def _passages(segments: Sequence[Segment]) -> int:
    return sum(segment.entry.passages for segment in segments)


def _answer(corpus: Corpus, ask: Ask) -> set[str]:
    duplicates = Duplicates(corpus)
    (answer,) = search(corpus, duplicates, TextComparisons(corpus, duplicates), [ask])
    return {candidate.article_id for candidate in islice(answer.ranked(), _DEPTH)}


def _questions(corpus: Corpus) -> Iterator[Ask]:
    """Yield words and vectors of headlines of living articles, from all over the index, as queries."""
    per_segment, headlines = max(1, _QUERIES // max(1, len(corpus.segments))), list[tuple[str, Vector]]()
    for segment in corpus.segments:
        encoded = [(article, vector) for article, vector in segment.headlines.items() if segment.alive[article]]
        encoded = encoded[:: max(1, len(encoded) // per_segment)][:per_segment]
        titled = ((segment.read(article).metadata.title, vector) for article, vector in encoded)
        headlines += [(title, vector) for title, vector in titled if title]
    for number, (title, _) in enumerate(headlines):
        title_words, length = title.split(), 1 + number % _MOST_WORDS
        first = number % max(1, len(title_words) - length + 1)
        blended = sum(headlines[number - step][1] for step in range(1 + number % _MOST_BLENDED))
        vector = np.asarray(blended / max(float(np.linalg.norm(blended)), _LEAST_LENGTH), dtype=np.float32)
        text = " ".join(title_words[first : first + length])
        yield Ask(text, vector, mix_of(Mode.HYBRID), lambda evidence: np.zeros(len(evidence.strength)))
