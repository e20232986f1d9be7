"""What cosines of a model mean: measured when it is made ready, with pairs of lines in several languages.

Vectors of some models all point nearly the same way, so that cosines of unrelated texts are .8 and say little. Such a
common direction, their mean, is then taken off every vector, which is scaled to unit length again (Mu, Viswanath,
"All-but-the-Top", 2018). A model that cannot even tell in one language which line answers which has nothing to say
about meaning, and is not trusted.
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

    direction: tuple[float, ...] | None  # what is taken off each of them; None for nothing
    cosines: CosineScale  # after that
    tokens_per_column: float = TOKENS_PER_COLUMN  # of texts that it reads, at most (legibility.py)
    passage_tokens: int = PASSAGE_TOKENS  # as many as hold a passage's worth of text

    def to_dict(self) -> dict[str, Any]:
        """Return it as it is kept with a model."""
        return asdict(self)

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> "Geometry":
        """Read what `to_dict` gave; raises KeyError or TypeError where it is something else."""
        direction = kept["direction"]
        direction = None if direction is None else tuple(direction)
        cosines, passage_tokens = CosineScale(**kept["cosines"]), int(kept["passage_tokens"])
        return cls(direction, cosines, float(kept["tokens_per_column"]), passage_tokens)


_KNOWN = {"15505d240e4f9ea8dd317b8a74f34993e120e14152a34044eb5337d5b16883be": Geometry(None, CosineScale())}
"""By the digest of a model: the default one was measured on news. The pairs give it .062 and .059."""

_COMMON = 0.3
"""A mean cosine of unrelated texts from which on there is a common direction. The default model has .06, E5 .8."""

_CHANCE, _CERTAIN = 0.4, 0.7
"""Shares of questions for which the right line of twelve is the nearest, in the language that a model reads best. One
that reads none finds up to .25 by accident; good ones find .9 and more."""

_SPARE = 1.2
"""Texts of one language are not alike: so many times the tokens of the pairs still say nothing against a text."""

_PASSAGE_COLUMNS = 392
"""Without spaces: what PASSAGE_TOKENS of the default model hold of the English pairs."""

_PASSAGE_STEP = 16
"""The pairs are too few to tell a budget more exactly."""

_LEAST_GROWTH = 1e-3
"""Of a model that gives all texts the same vector."""

_DIGITS = 7


def geometry_of(model: ModelFolder, encoder: Encoder) -> Geometry:
    """Return what is known of a published model's vectors, else what is measured."""
    return _KNOWN.get(model.digest) or measure(encoder)


def measure(encoder: Encoder) -> Geometry:
    """Measure a model by an encoder that takes nothing off yet."""
    vectors = {
        language: (encoder.encode_queries(questions), encoder.encode_passages(answers))
        for language, (questions, answers) in _pairs().items()
    }
    unrelated = _unrelated(vectors)
    readable = [language for language, own in vectors.items() if _found(*own) >= _CERTAIN]
    rates = [_tokens_per_column(encoder, language) for language in readable]
    most = round(max(TOKENS_PER_COLUMN, *(_SPARE * rate for rate in rates)), _DIGITS) if rates else TOKENS_PER_COLUMN
    budget = _passage_tokens(rates)
    if not unrelated.trust or unrelated.means.mean() < _COMMON:
        return Geometry(None, unrelated.cosines, most, budget)
    # Questions and answers count alike, and so do all languages that the model reads about as well as its best.
    means = [matrix.mean(axis=0, dtype=np.float64) for language in readable for matrix in vectors[language]]
    direction: Floats = np.stack(means).mean(axis=0).round(_DIGITS)
    centred = {language: (centre(own[0], direction), centre(own[1], direction)) for language, own in vectors.items()}
    cosines = _unrelated(centred)._replace(trust=unrelated.trust).cosines
    return Geometry(tuple(direction.tolist()), cosines, most, budget)


def _tokens_per_column(encoder: Encoder, language: str) -> float:
    """Return how many tokens the pairs in a language have for each column."""
    texts = [line for lines in _pairs()[language] for line in lines]
    return (sum(encoder.count_tokens(texts)) + unread(texts, encoder)) / columns_of(texts)


def _passage_tokens(rates: Sequence[float]) -> int:
    """Return how many tokens hold as much text as a passage of the default model, given languages' tokens per column.

    The language that needs the fewest counts: with the mean, Chinese passages of the multilingual model were too long.
    """
    tokens = _PASSAGE_COLUMNS * min(rates, default=0.0)
    return max(PASSAGE_TOKENS, _PASSAGE_STEP * round(tokens / _PASSAGE_STEP))


def centre(vectors: Matrix, direction: Floats) -> Matrix:
    """Take a direction off vectors, (n, dimensions), and scale them to unit length."""
    return unit((vectors - direction).astype(np.float32))


class _Unrelated(NamedTuple):
    """How near questions are to other questions' answers, in the languages that a model reads."""

    means: Floats  # (languages,), mean cosines
    margins: Floats  # (questions,), how far the best one is above the mean
    others: int  # answers that each question was compared with
    trust: float

    @property
    def cosines(self) -> CosineScale:
        """What they tell of cosines; they are few, and in some languages, and so leave a doubt."""
        growth = max(float(self.margins.mean()) / math.log(self.others), _LEAST_GROWTH)
        doubt = float(self.means.std() + self.margins.std())
        return CosineScale(*(round(value, _DIGITS) for value in (float(self.means.mean()), growth, doubt, self.trust)))


def _unrelated(vectors: Mapping[str, tuple[Matrix, Matrix]]) -> _Unrelated:
    """Measure the languages that a model reads, or the one that it reads best."""
    found = {language: _found(*own) for language, own in vectors.items()}
    best = max(found.values())
    others = [_others(*vectors[language]) for language, share in found.items() if share >= min(_CERTAIN, best)]
    means = np.array([cosines.mean() for cosines in others])
    margins = np.concatenate([cosines.max(axis=1) - cosines.mean(axis=1) for cosines in others])
    trust = min(max((best - _CHANCE) / (_CERTAIN - _CHANCE), 0.0), 1.0)
    return _Unrelated(means, margins, others[0].shape[1], trust)


def _found(questions: Matrix, answers: Matrix) -> float:
    """Return the share of questions whose own answer is the nearest."""
    return float(((questions @ answers.T).argmax(axis=1) == np.arange(len(answers))).mean())


def _others(questions: Matrix, answers: Matrix) -> Floats:
    """Return (questions, answers - 1), the cosines of each question with the answers of the others."""
    cosines = (questions @ answers.T).astype(np.float64)
    return cosines[~np.eye(len(cosines), dtype=np.bool_)].reshape(len(cosines), -1)


@cache
def _pairs() -> dict[str, tuple[list[str], list[str]]]:
    """Return questions and their answers, in that order, by language."""
    text = resources.files("semsearch.encoders").joinpath("pairs.txt").read_text("utf-8")
    lines: dict[str, list[str]] = {}
    for block in text.split("\n\n")[1:]:
        language, *own = block.strip().split("\n")
        lines[language] = own
    return {language: (own[::2], own[1::2]) for language, own in lines.items()}
