"""A sentence-transformers model compiled for this processor: the same vectors without its libraries."""

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
"""Batches run together; another thread, or a fork, waits until they are done."""


class CompiledEncoder:
    """Runs a model that `preparation` made ready. Safe between threads, and in a forked child."""

    def __init__(
        self,
        model: ModelFolder,
        load: Callable[[], Any],
        tokens: Tokens,
        facts: Mapping[str, Any],
        is_whole: Callable[[], bool],
        word_rows: Rows | None = None,
        *,
        bfloat16: bool,
        threads: int,
    ) -> None:
        """Open a ready model in a process that can compile; `set_geometry` follows.

        Args:
            load: makes the network, an openvino.Model.
            is_whole: tells whether the files, when they are read again, are still what they were.
            word_rows: the word table, if the network takes its rows.
        """
        self._open = partial(CompiledNetwork, load, folder=model.path, bfloat16=bfloat16, threads=threads)
        self._network = self._open(VECTORS)
        self._is_mean: bool = facts["is_mean"]
        self._is_whole, self._word_rows = is_whole, word_rows
        self._tokens = tokens
        self._padding: int = facts["padding"]
        self._query_prefix, self._passage_prefix = model.query_prefix, model.passage_prefix
        self.set_geometry(Geometry(None, CosineScale()))
        self.languages = model.languages
        self.max_tokens: int = facts["max_tokens"]
        self._most_read: int | None = facts["most_read"]
        self.overhead_tokens: int = facts["overhead_tokens"]
        self.identity = EncoderIdentity(
            model.name, model.digest, facts["dimensions"], model.pooling, model.query_prefix, model.passage_prefix
        )

    def set_geometry(self, geometry: Geometry) -> None:
        """Set what is known of the vectors."""
        self.geometry, self.cosines = geometry, geometry.cosines
        self.tokens_per_column, self.passage_tokens = geometry.tokens_per_column, geometry.passage_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count each text's tokens with the model's own tokenizer, nothing cut off."""
        return self._tokens.count(texts)

    def count_unread(self, texts: Sequence[str]) -> list[int]:
        """Count each text's characters that the tokenizer has no token for (ports.Encoder)."""
        return self._tokens.count_unread(texts)

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        """Return one unit vector for each text; text beyond `max_tokens` is not read."""
        return self._encode(texts, self._passage_prefix)

    def encode_queries(self, texts: Sequence[str]) -> Matrix:
        """Return one unit vector for each text, read to its end."""
        return encode_whole(self, texts, lambda pieces: self._encode(pieces, self._query_prefix))

    def contributions(self, text: str, vector: Vector) -> list[Contribution] | None:
        """Take the cosine of a unit vector and a passage apart into the words that made it.

        The first call compiles another network. None if the model is not a mean over tokens, if the ready model's files
        are gone or changed, or in a child that was forked before the first call.
        """
        if self._parts_network is None:
            return None
        from semsearch.encoders.explanation import explained

        passage = self._passage_prefix + text
        tokens = self._tokens.read([passage], self._most_read)
        [[parts]] = self._parts_network.run([self._batch(tokens)])
        return explained(text, self._passage_prefix, self._tokens.locate(passage, self._most_read), parts, vector)

    @cached_property
    def _parts_network(self) -> CompiledNetwork | None:
        if not self._is_mean or not can_compile():
            return None
        network = self._open(PARTS)
        return network if self._is_whole() else None  # compared while the network is being compiled

    def _encode(self, texts: Sequence[str], prefix: str) -> Matrix:
        vectors = np.zeros((len(texts), self.identity.dimensions), dtype=np.float32)
        if not texts:
            return vectors
        tokens = self._tokens.read([prefix + text for text in texts], self._most_read)
        row_batches = batches([len(text_tokens) for text_tokens in tokens], BATCH_TOKENS)
        for start in range(0, len(row_batches), _TOGETHER):
            group = row_batches[start : start + _TOGETHER]
            outputs = self._network.run([self._batch([tokens[row] for row in rows]) for rows in group])
            for rows, output in zip(group, outputs, strict=True):
                vectors[rows] = output
        return unit(vectors)

    def _batch(self, tokens: Sequence[Sequence[int]]) -> Batch:
        longest = max(1, len(tokens[0]))  # a model that averages words may meet none
        ids = np.full((len(tokens), longest), self._padding, dtype=np.int64)
        mask = np.zeros((len(tokens), longest), dtype=np.int64)
        for row, text_tokens in enumerate(tokens):
            ids[row, : len(text_tokens)] = text_tokens
            mask[row, : len(text_tokens)] = 1
        batch: Batch = dict(zip(INPUTS, (ids, mask), strict=False))
        return batch if self._word_rows is None else batch | {WORDS: self._word_rows.at(ids)}
