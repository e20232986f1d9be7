"""Two encoders of one model: the compiled one for quick answers, the one on the graphics card for many texts."""

from collections.abc import Callable, Sequence
from functools import cached_property

from semsearch.ports import Contribution, Encoder, Matrix, Vector

MANY = 128
"""Passages. Fewer are encoded before the card's libraries are even loaded."""


class CardEncoder:
    """Gives each task to the encoder that finishes it first; their vectors agree."""

    def __init__(self, compiled: Encoder, load: Callable[[], Encoder]) -> None:
        """Wrap the compiled encoder; `load` loads the other one when it is first needed."""
        self._compiled = compiled
        self._load = load
        self.identity = compiled.identity
        self.max_tokens = compiled.max_tokens
        self.overhead_tokens = compiled.overhead_tokens
        self.cosines = compiled.cosines
        self.tokens_per_column, self.passage_tokens = compiled.tokens_per_column, compiled.passage_tokens
        self.languages = compiled.languages

    @cached_property
    def _card(self) -> Encoder:
        return self._load()

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count each text's tokens with the model's own tokenizer, nothing cut off."""
        return self._compiled.count_tokens(texts)

    def count_unread(self, texts: Sequence[str]) -> list[int]:
        """Count each text's characters that the tokenizer has no token for (ports.Encoder)."""
        return self._compiled.count_unread(texts)

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        """Return one unit vector for each text; text beyond `max_tokens` is not read."""
        encoder = self._card if len(texts) >= MANY else self._compiled
        return encoder.encode_passages(texts)

    def encode_queries(self, texts: Sequence[str]) -> Matrix:
        """Return one unit vector for each text, read to its end."""
        return self._compiled.encode_queries(texts)

    def contributions(self, text: str, vector: Vector) -> Sequence[Contribution] | None:
        """Take the cosine of a unit vector and a passage apart into the words that made it."""
        return self._compiled.contributions(text, vector)
