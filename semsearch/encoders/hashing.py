"""A deterministic encoder without a model: texts that share words are near. For tests and for trying things out."""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice

import numpy as np
import numpy.typing as npt

from semsearch.chunking import PASSAGE_TOKENS
from semsearch.encoders.long_queries import encode_whole
from semsearch.errors import EncoderError
from semsearch.legibility import TOKENS_PER_COLUMN
from semsearch.ports import Contribution, Matrix, Vector
from semsearch.types import CosineScale, EncoderIdentity

VERSION = 1
"""Version of the rules in this module. A change that moves a vector raises it, which changes the digest."""

DEFAULT_DIMENSIONS = 256
_DIMENSIONS = re.compile(r"[1-9][0-9]{0,3}")

_WIDE = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff"
_WORD = re.compile(rf"[{_WIDE}]|[^\W{_WIDE}]+")
"""A Chinese, Japanese or Korean character is a word; otherwise letters and digits together are one."""

_SHORT_LETTERS = 3
_SHORT_WEIGHT, _LONG_WEIGHT = 1, 4  # "the", "of", "and" say little
_MOST_COUNTED = 3  # occurrences of one word


class HashingEncoder:
    """Adds up one pseudo-random vector of signs per word.

    All sums are of whole numbers, so equal texts have equal vectors to the last bit on every machine.
    """

    max_tokens = 256
    overhead_tokens = 2  # as many as a BERT-like model adds, so that tests meet the case
    languages = None
    cosines = CosineScale()
    tokens_per_column = TOKENS_PER_COLUMN
    passage_tokens = PASSAGE_TOKENS

    def __init__(self, dimensions: int = DEFAULT_DIMENSIONS) -> None:
        name = "hashing" if dimensions == DEFAULT_DIMENSIONS else f"hashing:{dimensions}"
        digest = hashlib.sha256(f"semsearch hashing encoder {VERSION}, {dimensions} dimensions".encode()).hexdigest()
        self.identity = EncoderIdentity(name, digest, dimensions, "sum")

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count each text's words."""
        return [len(_WORD.findall(text)) for text in texts]

    def count_unread(self, texts: Sequence[str]) -> list[int]:
        """Return zeros: any word has its vector."""
        return [0] * len(texts)

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        """Return one unit vector for each text; words beyond `max_tokens` are not read."""
        vectors = np.zeros((len(texts), self.identity.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            vectors[row] = self._vector(text)
        return vectors

    def encode_queries(self, texts: Sequence[str]) -> Matrix:
        """Return one unit vector for each text, as for passages, read to its end."""
        return encode_whole(self, texts, self.encode_passages)

    def contributions(self, text: str, vector: Vector) -> list[Contribution]:
        """Take the cosine of a unit vector and a passage apart into the words that made it."""
        counts: Counter[str] = Counter()
        shares, total = [], np.zeros(self.identity.dimensions, dtype=np.int64)
        for match in islice(_WORD.finditer(text), self.max_tokens - self.overhead_tokens):
            word = match[0].casefold()
            counts[word] += 1
            if counts[word] <= _MOST_COUNTED:
                share = _weight(word) * _signs(word, self.identity.dimensions).astype(np.int64)
                total += share
                shares.append((*match.span(), float(share @ vector)))
        length = float(np.sqrt(total @ total))
        if not length:  # whatever cancels itself out says nothing
            return [Contribution(0, 0, float(vector[0]))]
        return [*(Contribution(start, end, value / length) for start, end, value in shares), Contribution(0, 0, 0.0)]

    def _vector(self, text: str) -> Vector:
        words = _WORD.findall(text)[: self.max_tokens - self.overhead_tokens]
        total = np.zeros(self.identity.dimensions, dtype=np.int64)
        for word, count in Counter(word.casefold() for word in words).items():
            total += min(count, _MOST_COUNTED) * _weight(word) * _signs(word, self.identity.dimensions)
        if not total.any():  # no words, or words that cancel each other out
            total[0] = 1
        unit: Vector = (total / np.sqrt(total @ total)).astype(np.float32)
        return unit


def _weight(word: str) -> int:
    return _SHORT_WEIGHT if len(word) <= _SHORT_LETTERS and word.isascii() else _LONG_WEIGHT


@lru_cache(maxsize=1 << 14)
def _signs(word: str, dimensions: int) -> npt.NDArray[np.int8]:
    octets = hashlib.shake_256(word.encode()).digest(-(-dimensions // 8))
    bits = np.unpackbits(np.frombuffer(octets, dtype=np.uint8), count=dimensions)
    return np.where(bits, 1, -1).astype(np.int8)


def hashing_encoder(dimensions: str = "") -> HashingEncoder:
    """Make the encoder named `hashing:DIMENSIONS`; "" stands for the default."""
    if not dimensions:
        return HashingEncoder()
    if not _DIMENSIONS.fullmatch(dimensions):
        raise EncoderError(
            f"hashing:{dimensions} is not an encoder: {dimensions!r} is not a number of dimensions",
            "give a number of at most four digits, as in hashing:64",
        )
    return HashingEncoder(int(dimensions))
