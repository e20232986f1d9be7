"""Queries that are longer than an encoder reads at once: a pasted article is read to its end."""

from collections.abc import Callable, Sequence
from itertools import chain

import numpy as np

from semsearch.encoders.batches import unit
from semsearch.ports import Encoder, Matrix
from semsearch.text import Span, halves, sentence_spans


def encode_whole(encoder: Encoder, texts: Sequence[str], encode: Callable[[Sequence[str]], Matrix]) -> Matrix:
    """Encode queries of any length: one that does not fit is the mean of its pieces, each by its number of tokens.

    A text is cut at the sentence end nearest its middle, else at a space, until all of it fits.

    Args:
        encode: reads queries that fit, the query prefix included by itself.
    """
    pieces, weights = _pieces(encoder, texts)
    vectors = encode(list(chain.from_iterable(pieces)))
    if len(vectors) == len(texts):
        return vectors
    found = np.empty((len(texts), vectors.shape[1]), dtype=np.float32)
    first = 0
    for row, own in enumerate(weights):
        read = vectors[first : first + len(own)]
        found[row] = read[0] if len(own) == 1 else unit(np.average(read, axis=0, weights=own)[np.newaxis])[0]
        first += len(own)
    return found


def _pieces(encoder: Encoder, texts: Sequence[str]) -> tuple[list[list[str]], list[list[int]]]:
    """Return each text's pieces, all of which fit, and how many tokens each has."""
    prefix, of_passages = encoder.identity.query_prefix, encoder.identity.passage_prefix
    room = encoder.max_tokens - encoder.overhead_tokens
    if of_passages:
        room += encoder.count_tokens([of_passages])[0]
    pieces, weights = [], []
    for text, tokens in zip(texts, encoder.count_tokens([prefix + text for text in texts]), strict=True):
        spans = {(0, len(text)): tokens}
        while too_long := [span for span, count in spans.items() if count > room and span[1] - span[0] > 1]:
            for span in too_long:
                del spans[span]
            parts = list(chain.from_iterable(_halves(text, *span) for span in too_long))
            counted = encoder.count_tokens([prefix + text[start:end] for start, end in parts])
            spans |= zip(parts, counted, strict=True)
        in_order = sorted(spans)
        pieces.append([text[start:end] for start, end in in_order])
        weights.append([max(1, spans[span]) for span in in_order])
    return pieces, weights


def _halves(text: str, start: int, end: int) -> tuple[Span, Span]:
    sentences = sentence_spans(text, start, end)
    if len(sentences) < 2:
        return halves(text, start, end)
    middle = (start + end) / 2
    cut = min((span[0] for span in sentences[1:]), key=lambda at: abs(at - middle))
    return (start, cut), (cut, end)
