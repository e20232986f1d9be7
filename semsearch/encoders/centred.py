"""An encoder without the direction that all its vectors share (see geometry.py)."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from semsearch.encoders.geometry import Geometry, centre
from semsearch.ports import Contribution, Encoder, Matrix, Vector


def centred(encoder: Encoder, geometry: Geometry | None) -> Encoder:
    """Return an encoder without the direction that its geometry names, or the same one where there is none."""
    return encoder if geometry is None or geometry.direction is None else CentredEncoder(encoder, geometry)


class CentredEncoder:
    """Gives another encoder's vectors, centred. Safe between threads if the other encoder is."""

    def __init__(self, encoder: Encoder, geometry: Geometry) -> None:
        """Wrap an encoder, whose geometry has a direction."""
        self._encoder = encoder
        self._direction = np.array(geometry.direction, dtype=np.float64)
        self.cosines = geometry.cosines
        self.tokens_per_column, self.passage_tokens = geometry.tokens_per_column, geometry.passage_tokens
        self.identity = replace(encoder.identity, pooling=f"{encoder.identity.pooling}, centred")
        self.max_tokens = encoder.max_tokens
        self.overhead_tokens = encoder.overhead_tokens
        self.languages = encoder.languages

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count each text's tokens with the model's own tokenizer, nothing cut off."""
        return self._encoder.count_tokens(texts)

    def count_unread(self, texts: Sequence[str]) -> list[int]:
        """Count each text's characters that the tokenizer has no token for (ports.Encoder)."""
        return self._encoder.count_unread(texts)

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        """Return one unit vector for each text; text beyond `max_tokens` is not read."""
        return centre(self._encoder.encode_passages(texts), self._direction)

    def encode_queries(self, texts: Sequence[str]) -> Matrix:
        """Return one unit vector for each text, read to its end."""
        return centre(self._encoder.encode_queries(texts), self._direction)

    def contributions(self, text: str, vector: Vector) -> Sequence[Contribution] | None:
        """Take the cosine of a unit vector and a passage apart; the last entry is what the direction adds."""
        parts = self._encoder.contributions(text, vector)
        if not parts:
            return parts
        [passage_vector] = self._encoder.encode_passages([text])
        length = float(np.linalg.norm(passage_vector - self._direction))
        shared = float(self._direction @ vector)
        scaled_parts = [replace(part, value=part.value / length) for part in parts]
        return [*scaled_parts, Contribution(0, 0, -shared / length)]
