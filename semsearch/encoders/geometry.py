"""What cosines of a model mean, measured when it is made ready, with pairs of lines in several languages.

The vectors of some models all point nearly the same way, so that unrelated texts have a cosine of .8, which says
little. Such a common direction, their mean, is then subtracted from every vector, which is scaled to unit length again
(Mu, Viswanath, "All-but-the-Top", 2018). A model that cannot tell in any language which line answers which says
nothing about meaning, and is not trusted.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import numpy as np

from semsearch.chunking import PASSAGE_TOKENS
from semsearch.encoders.batches import unit
from semsearch.encoders.model_files import ModelFolder
from semsearch.legibility import TOKENS_PER_COLUMN, columns_of, unread
from semsearch.ports import Encoder, Floats, Matrix
from semsearch.types import CosineScale


@dataclass(frozen=True, slots=True)
class Geometry:
    """What is known of a model's vectors."""

    direction: tuple[float, ...] | None  # what is subtracted from each of them; None for nothing
    cosines: CosineScale  # after that
    tokens_per_column: float = TOKENS_PER_COLUMN  # of texts that it reads, at most (legibility.py)
    passage_tokens: int = PASSAGE_TOKENS  # the budget of a passage

    def to_dict(self) -> dict[str, Any]:
        """Return the form in which it is kept with a model."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Geometry":
        """Read what `to_dict` gave; raises KeyError or TypeError if it is something else."""
        direction = stored["direction"]
        direction = None if direction is None else tuple(direction)
        cosines, passage_tokens = CosineScale(**stored["cosines"]), int(stored["passage_tokens"])
        return cls(direction, cosines, float(stored["tokens_per_column"]), passage_tokens)


_KNOWN = {"15505d240e4f9ea8dd317b8a74f34993e120e14152a34044eb5337d5b16883be": Geometry(None, CosineScale())}
"""By the digest of a model. The default model was measured on news; the pairs give it .062 and .059."""

_COMMON = 0.3
"""If unrelated texts have this mean cosine or more, there is a common direction. The default model has .06, E5 .8."""

_CHANCE, _CERTAIN = 0.4, 0.7
"""Shares of questions for which the right line of twelve is the nearest, in the language that a model reads best, from
which trust begins and is full. A model that reads none finds up to .25 by accident; good ones find .9 and more."""

_SPARE = 1.2
"""Texts of one language differ: a text may have this many times the tokens of the pairs and still be legible."""

_PASSAGE_COLUMNS = 360
"""Width of a passage without its spaces, for models that need more tokens for it than the default model. Chosen with
the multilingual model on half of each set, among 96 to 128 of its tokens (docs/explanation/measurements.md)."""

_BUDGET_STEP = 8
"""Tokens. The pairs are too few to tell a budget more exactly."""

_LEAST_GROWTH = 1e-3
"""Growth of the cosines of a model that gives all texts the same vector."""

_DIGITS = 7


def geometry_of(model: ModelFolder, encoder: Encoder) -> Geometry:
    """Return what is known of a model's vectors, or else what is measured."""
    return _KNOWN.get(model.digest) or measure(encoder)


def measure(encoder: Encoder) -> Geometry:
    """Measure a model with an encoder that does not centre its vectors yet."""
    vectors = {
        language: (encoder.encode_queries(questions), encoder.encode_passages(answers))
        for language, (questions, answers) in _pairs().items()
    }
    unrelated = _measure_unrelated(vectors)
    readable = [language for language, matrices in vectors.items() if _share_answered(*matrices) >= _CERTAIN]
    rates = [_tokens_per_column(encoder, language) for language in readable]
    tokens_per_column = round(max(TOKENS_PER_COLUMN, *(_SPARE * rate for rate in [0.0, *rates])), _DIGITS)
    budget = _passage_tokens(rates)
    if not unrelated.trust or unrelated.means.mean() < _COMMON:
        return Geometry(None, unrelated.cosines, tokens_per_column, budget)
    # Questions and answers count alike, and so do all languages that the model reads about as well as its best.
    means = [matrix.mean(axis=0, dtype=np.float64) for language in readable for matrix in vectors[language]]
    direction: Floats = np.stack(means).mean(axis=0).round(_DIGITS)
    centred = {
        language: (centre(questions, direction), centre(answers, direction))
        for language, (questions, answers) in vectors.items()
    }
    cosines = _measure_unrelated(centred)._replace(trust=unrelated.trust).cosines
    return Geometry(tuple(direction.tolist()), cosines, tokens_per_column, budget)


def _tokens_per_column(encoder: Encoder, language: str) -> float:
    """Return how many tokens the pairs in a language have per column."""
    texts = [line for lines in _pairs()[language] for line in lines]
    return (sum(encoder.count_tokens(texts)) + unread(texts, encoder)) / columns_of(texts)


def _passage_tokens(rates: Sequence[float]) -> int:
    """Return the budget of a passage, given the tokens per column of each language that the model reads.

    The language that needs the fewest tokens decides; it is never below the default model's.
    """
    tokens = _PASSAGE_COLUMNS * min(rates, default=0.0)
    return max(PASSAGE_TOKENS, _BUDGET_STEP * round(tokens / _BUDGET_STEP))


def centre(vectors: Matrix, direction: Floats) -> Matrix:
    """Return vectors, (n, dimensions), without a direction and scaled to unit length."""
    return unit((vectors - direction).astype(np.float32))


class _Unrelated(NamedTuple):
    """How near questions are to other questions' answers, in the languages that a model reads."""

    means: Floats  # (languages,), mean cosines
    margins: Floats  # (questions,), how far the best one is above the mean
    answers: int  # answers that each question was compared with
    trust: float

    @property
    def cosines(self) -> CosineScale:
        """The scale of cosines; a doubt remains, since the questions are few, and in few languages."""
        growth = max(float(self.margins.mean()) / math.log(self.answers), _LEAST_GROWTH)
        doubt = float(self.means.std() + self.margins.std())
        return CosineScale(*(round(value, _DIGITS) for value in (float(self.means.mean()), growth, doubt, self.trust)))


def _measure_unrelated(vectors: Mapping[str, tuple[Matrix, Matrix]]) -> _Unrelated:
    """Measure the languages that a model reads, or the one that it reads best."""
    shares = {language: _share_answered(*matrices) for language, matrices in vectors.items()}
    best = max(shares.values())
    readable = [language for language, share in shares.items() if share >= min(_CERTAIN, best)]
    other_cosines = [_cosines_with_others(*vectors[language]) for language in readable]
    means = np.array([cosines.mean() for cosines in other_cosines])
    margins = np.concatenate([cosines.max(axis=1) - cosines.mean(axis=1) for cosines in other_cosines])
    trust = min(max((best - _CHANCE) / (_CERTAIN - _CHANCE), 0.0), 1.0)
    return _Unrelated(means, margins, other_cosines[0].shape[1], trust)


def _share_answered(questions: Matrix, answers: Matrix) -> float:
    """Return the share of questions whose own answer is the nearest."""
    return float(((questions @ answers.T).argmax(axis=1) == np.arange(len(answers))).mean())


def _cosines_with_others(questions: Matrix, answers: Matrix) -> Floats:
    """Return the cosines of each question with the answers to the others, (questions, answers - 1)."""
    cosines = (questions @ answers.T).astype(np.float64)
    return cosines[~np.eye(len(cosines), dtype=np.bool_)].reshape(len(cosines), -1)


@cache
def _pairs() -> dict[str, tuple[list[str], list[str]]]:
    """Return, by language, questions and their answers."""
    text = resources.files("semsearch.encoders").joinpath("pairs.txt").read_text("utf-8")
    lines: dict[str, list[str]] = {}
    for block in text.split("\n\n")[1:]:
        language, *block_lines = block.strip().split("\n")
        lines[language] = block_lines
    return {language: (block_lines[::2], block_lines[1::2]) for language, block_lines in lines.items()}
