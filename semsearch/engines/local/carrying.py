"""What was derived of articles, taken over into a new segment: words are not looked for twice, nor texts hashed."""

import numpy as np
import numpy.typing as npt

from semsearch.engines.local import vocabulary
from semsearch.engines.local.postings import Terms, spread, together
from semsearch.engines.local.repeats import Texts
from semsearch.engines.local.selecting import Selection
from semsearch.engines.local.vocabulary import Counts

Ints = npt.NDArray[np.int64]


def terms_of(selection: Selection) -> Terms:
    """Return the terms of selected articles: what `postings.Collector` finds in their texts."""
    own = [np.flatnonzero(selection.numbers == number) for number in range(len(selection.segments))]
    parts = [
        segment.lexicon.terms(selection.articles[here], segment.first_rows)
        for segment, here in zip(selection.segments, own, strict=True)
    ]
    return together(parts, np.argsort(np.concatenate(own)))


def texts_of(selection: Selection) -> Texts:
    """Return the hashes of selected articles: what `repeats.texts_of` makes of their texts."""
    parts = [segment.repeats.texts(segment.first_rows) for segment in selection.segments]
    at = _bases(selection)
    counts = np.concatenate([part.counts for part in parts])
    begins = np.cumsum(counts) - counts
    return Texts(
        np.concatenate([part.paragraphs for part in parts])[spread(begins[at], counts[at])],
        counts[at],
        np.concatenate([part.row_paragraphs for part in parts])[_rows(selection)],
        np.concatenate([part.sketches for part in parts])[at],
    )


def words_of(selection: Selection) -> Counts:
    """Return the written words of selected articles: what `vocabulary.words_of` finds in their texts."""
    parts: list[Counts] = []
    for number, segment in enumerate(selection.segments):
        own = selection.articles[selection.numbers == number].tolist()
        whole = len(own) == segment.entry.articles  # else nobody knows which words are in what is left out
        parts.append(segment.vocabulary.counts() if whole else vocabulary.words_of(map(segment.read, own)))
    return vocabulary.added(parts)


def _bases(selection: Selection) -> Ints:
    """Return (n,): where each selected article is among those of all segments, one segment after the other."""
    sizes = np.array([segment.entry.articles for segment in selection.segments])
    return np.asarray((np.cumsum(sizes) - sizes)[selection.numbers] + selection.articles)


def _rows(selection: Selection) -> Ints:
    """Return (rows,): the same for their passages."""
    firsts = np.concatenate([segment.first_rows[:-1] for segment in selection.segments])
    sizes = np.array([segment.entry.passages for segment in selection.segments])
    begins = firsts[_bases(selection)] + (np.cumsum(sizes) - sizes)[selection.numbers]
    return spread(begins, selection.passages)
