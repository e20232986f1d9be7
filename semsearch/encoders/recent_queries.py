"""An encoder that remembers the last queries, so that hits, counts and sentences of one query encode it once."""

from collections.abc import Sequence
from functools import lru_cache

from semsearch.ports import Contribution, Encoder, Matrix, Vector

KEPT = 64
"""Queries. The page needs one at a time, and each of its readers another one."""


class RecentQueries:
    """Gives another encoder's vectors. Safe between threads if the other encoder is."""

    def __init__(self, encoder: Encoder) -> None:
        """Wrap an encoder; no query is remembered yet."""
        self._encoder = encoder
        self._matrix_of = lru_cache(KEPT)(lambda text: _read_only(encoder.encode_queries([text])))
        self.identity = encoder.identity
        self.max_tokens = encoder.max_tokens
        self.languages = encoder.languages
        self.cosines = encoder.cosines
        self.tokens_per_column, self.passage_tokens = encoder.tokens_per_column, encoder.passage_tokens
        self.overhead_tokens = encoder.overhead_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count each text's tokens (ports.Encoder)."""
        return self._encoder.count_tokens(texts)

    def count_unread(self, texts: Sequence[str]) -> list[int]:
        """Count each text's characters that the tokenizer has no token for (ports.Encoder)."""
        return self._encoder.count_unread(texts)

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        """Return one unit vector for each text (ports.Encoder)."""
        return self._encoder.encode_passages(texts)

    def encode_queries(self, texts: Sequence[str]) -> Matrix:
        """Return one unit vector for each text (ports.Encoder).

        A single query is remembered, and its vector is read-only; several are encoded together, which may give each a
        slightly different vector.
        """
        return self._matrix_of(texts[0]) if len(texts) == 1 else self._encoder.encode_queries(texts)

    def contributions(self, text: str, vector: Vector) -> Sequence[Contribution] | None:
        """Take the cosine of a unit vector and a passage apart (ports.Encoder)."""
        return self._encoder.contributions(text, vector)


def _read_only(matrix: Matrix) -> Matrix:
    matrix.flags.writeable = False
    return matrix
