"""Queries that are longer than an encoder reads at once, such as a pasted article, are read to their end."""

from collections.abc import Callable, Sequence
from itertools import chain

import numpy as np

from semsearch.encoders.batches import unit
from semsearch.ports import Encoder, Matrix
from semsearch.text import Span, halves, sentence_spans


def encode_whole(encoder: Encoder, texts: Sequence[str], encode: Callable[[Sequence[str]], Matrix]) -> Matrix:
    """Encode queries of any length; the vector of a long one is the mean of its pieces', weighted by their tokens.

    A text is cut at the sentence end nearest its middle, else at a space, until all of it fits.

    Args:
        encode: reads queries that fit, and adds the query prefix itself.
    """
    pieces, all_token_counts = _pieces(encoder, texts)
    vectors = encode(list(chain.from_iterable(pieces)))
    if len(vectors) == len(texts):
        return vectors
    query_vectors = np.empty((len(texts), vectors.shape[1]), dtype=np.float32)
    start = 0
    for row, counts in enumerate(all_token_counts):
        mean = vectors[start : start + len(counts)]
        if len(counts) > 1:
            mean = unit(np.average(mean, axis=0, weights=counts)[np.newaxis])
        query_vectors[row] = mean[0]
        start += len(counts)
    return query_vectors


def _pieces(encoder: Encoder, texts: Sequence[str]) -> tuple[list[list[str]], list[list[int]]]:
    """Return each text's pieces, which all fit, and the number of tokens of each."""
    prefix, of_passages = encoder.identity.query_prefix, encoder.identity.passage_prefix
    room = encoder.max_tokens - encoder.overhead_tokens
    if of_passages:
        room += encoder.count_tokens([of_passages])[0]
    pieces, token_counts = [], []
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
        token_counts.append([max(1, spans[span]) for span in in_order])
    return pieces, token_counts


def _halves(text: str, start: int, end: int) -> tuple[Span, Span]:
    sentences = sentence_spans(text, start, end)
    if len(sentences) < 2:
        return halves(text, start, end)
    middle = (start + end) / 2
    cut = min((span[0] for span in sentences[1:]), key=lambda offset: abs(offset - middle))
    return (start, cut), (cut, end)
