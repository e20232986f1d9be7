"""A sentence-transformers model, compiled for this processor: the same vectors without its libraries."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

import numpy as np

from semsearch.encoders.batches import batches, unit
from semsearch.encoders.geometry import Geometry
from semsearch.encoders.long_queries import encode_whole
from semsearch.encoders.model_files import ModelFolder
from semsearch.encoders.runtime import INPUTS, PARTS, VECTORS, WORDS, Batch, CompiledNetwork, can_compile
from semsearch.encoders.tensors import Rows
from semsearch.encoders.tokens import Tokens
from semsearch.ports import Contribution, Matrix, Vector
from semsearch.types import CosineScale, EncoderIdentity

BATCH_TOKENS = 1024
"""Padding included. More is no faster on two processors (scripts/bench_encode.py --sweep)."""

_TOGETHER = 16
"""Batches handed over at once; another thread, or a fork, waits for them."""


class CompiledEncoder:
    """Runs what `preparation` made. Safe between threads, and in a forked child."""

    def __init__(
        self,
        model: ModelFolder,
        load: Callable[[], Any],
        tokens: Tokens,
        facts: Mapping[str, Any],
        is_whole: Callable[[], bool],
        words: Rows | None = None,
        *,
        bfloat16: bool,
        threads: int,
    ) -> None:
        """Open a ready model, in a process that can compile; what is known of its vectors is told by `measured`.

        Args:
            load: makes the network (runtime.Network).
            is_whole: says whether the files are still what they were, when they are read again.
            words: the table of words, where the network takes its rows.
        """
        self._open = partial(CompiledNetwork, load, where=model.path, bfloat16=bfloat16, threads=threads)
        self._network = self._open(VECTORS)
        self._is_mean: bool = facts["is_mean"]
        self._is_whole, self._words = is_whole, words
        self._tokens = tokens
        self._padding: int = facts["padding"]
        self._query_prefix, self._passage_prefix = model.query_prefix, model.passage_prefix
        self.measured(Geometry(None, CosineScale()))
        self.languages = model.languages
        self.max_tokens: int = facts["max_tokens"]
        self._most_read: int | None = facts["most_read"]
        self.overhead_tokens: int = facts["overhead_tokens"]
        self.identity = EncoderIdentity(
            model.name, model.digest, facts["dimensions"], model.pooling, model.query_prefix, model.passage_prefix
        )

    def measured(self, geometry: Geometry) -> None:
        """Take what is known of the vectors."""
        self.geometry, self.cosines = geometry, geometry.cosines
        self.tokens_per_column, self.passage_tokens = geometry.tokens_per_column, geometry.passage_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count each text's tokens with the model's own tokenizer, nothing cut off."""
        return self._tokens.count(texts)

    def count_unread(self, texts: Sequence[str]) -> list[int]:
        """Count each text's characters that the tokenizer has no token for (ports.Encoder)."""
        return self._tokens.count_unread(texts)

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        """Return a unit vector a text; what is beyond `max_tokens` is not read."""
        return self._encode(texts, self._passage_prefix)

    def encode_queries(self, texts: Sequence[str]) -> Matrix:
        """Return a unit vector a text, read to its end."""
        return encode_whole(self, texts, lambda pieces: self._encode(pieces, self._query_prefix))

    def contributions(self, text: str, vector: Vector) -> list[Contribution] | None:
        """Take the cosine of a unit vector and a passage apart into the words that made it.

        The first time another network is compiled. None where the model is no mean over tokens, where the ready model's
        files have gone or changed, and in a child that was forked before anything was explained.
        """
        if self._parting is None:
            return None
        from semsearch.encoders.explanation import explained

        read = self._passage_prefix + text
        tokens = self._tokens.read([read], self._most_read)
        [[parts]] = self._parting.run([self._batch(tokens)])
        return explained(text, self._passage_prefix, self._tokens.locate(read, self._most_read), parts, vector)

    @cached_property
    def _parting(self) -> CompiledNetwork | None:
        if not self._is_mean or not can_compile():
            return None
        network = self._open(PARTS)
        return network if self._is_whole() else None  # compared while the network is being compiled

    def _encode(self, texts: Sequence[str], prefix: str) -> Matrix:
        vectors = np.zeros((len(texts), self.identity.dimensions), dtype=np.float32)
        if not texts:
            return vectors
        tokens = self._tokens.read([prefix + text for text in texts], self._most_read)
        rows_of = batches([len(one) for one in tokens], BATCH_TOKENS)
        for start in range(0, len(rows_of), _TOGETHER):
            run = rows_of[start : start + _TOGETHER]
            found = self._network.run([self._batch([tokens[row] for row in rows]) for rows in run])
            for rows, said in zip(run, found, strict=True):
                vectors[rows] = said
        return unit(vectors)

    def _batch(self, tokens: Sequence[Sequence[int]]) -> Batch:
        longest = max(1, len(tokens[0]))  # a model that averages words may meet none
        ids = np.full((len(tokens), longest), self._padding, dtype=np.int64)
        mask = np.zeros((len(tokens), longest), dtype=np.int64)
        for row, own in enumerate(tokens):
            ids[row, : len(own)] = own
            mask[row, : len(own)] = 1
        batch: Batch = dict(zip(INPUTS, (ids, mask), strict=False))
        return batch if self._words is None else batch | {WORDS: self._words.at(ids)}
