"""Fits a linear chain to sequences whose parts are known: the weights under which those parts are likeliest.

The likelihood of a conditional random field with a Gaussian prior, by forward and backward sums; SciPy's L-BFGS.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse
from numpy.typing import NDArray
from scipy.optimize import minimize

from semsearch.sources.dumps.model import MOVES, PARTS, STARTS, STOPS, WEIGHED, LineRole

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

_BATCH = 50
_COUNT = len(PARTS)
_AT = {part: number for number, part in enumerate(PARTS)}
_ALLOWED = np.zeros((_COUNT, _COUNT))
for _before, _after in MOVES:
    _ALLOWED[_AT[_before], _AT[_after]] = 1
_FREE = (LineRole.BEFORE, LineRole.END, LineRole.AFTER)  # outside an article nothing is weighed, nor is staying there
_LEARNT = _ALLOWED.copy()
for _one in _FREE:
    for _other in _FREE:
        _LEARNT[_AT[_one], _AT[_other]] = 0
_START = np.array([float(part in STARTS) for part in PARTS])
_STOP = np.array([float(part in STOPS) for part in PARTS])
_OWN = np.zeros((_COUNT, _COUNT))  # what is learnt for one part counts for another
for _part in WEIGHED:
    _OWN[_AT[_part], _AT[_part]] = 1
_OWN[_AT[LineRole.BODY], _AT[LineRole.FIRST]] = 1  # the first line is one of the body, and more


@dataclass(frozen=True, slots=True)
class Sequences:
    """Lines of many pages, one after the other."""

    signs: scipy.sparse.csr_matrix  # (lines, signs), ones and zeros
    starts: Numbers  # (pages + 1,)
    parts: Numbers  # (lines,), places in PARTS
    weights: Floats  # (pages,)


def fit_chain(given: Sequences, prior: float, rounds: int) -> tuple[Floats, Floats]:
    """Return weights (signs, parts) and moves (parts, parts)."""
    signs = given.signs.shape[1]
    batches = _batches(given)
    transposed = given.signs.T.tocsr()

    def loss(theta: Floats) -> tuple[float, Floats]:
        weights, moves = theta[: signs * _COUNT].reshape(signs, _COUNT), theta[signs * _COUNT :].reshape(_COUNT, -1)
        lines = given.signs @ (weights @ _OWN)
        total, by_line, by_move = 0.0, np.zeros_like(lines), np.zeros((_COUNT, _COUNT))
        for batch in batches:
            total += batch.add(lines, moves * _LEARNT, by_line, by_move)
        slope = np.concatenate([((transposed @ by_line) @ _OWN.T).ravel(), (by_move * _LEARNT).ravel()])
        return total + 0.5 * prior * float(theta @ theta), slope + prior * theta

    found = minimize(
        loss, np.zeros((signs + _COUNT) * _COUNT), jac=True, method="L-BFGS-B", options={"maxiter": rounds}
    ).x
    return found[: signs * _COUNT].reshape(signs, _COUNT) @ _OWN, found[signs * _COUNT :].reshape(_COUNT, -1) * _LEARNT


@dataclass(frozen=True, slots=True)
class _Batch:
    places: Numbers  # (longest, pages) of the lines
    parts: Numbers  # (longest, pages)
    there: NDArray[np.bool_]  # (longest, pages): not beyond a page's end
    weights: Floats  # (pages,)

    def add(self, lines: Floats, moves: Floats, by_line: Floats, by_move: Floats) -> float:
        """Return the loss, and add its slope by each line's sum and by each move."""
        sums = lines[self.places]
        most = sums.max(2)
        own, into = np.exp(sums - most[:, :, None]), np.exp(moves) * _ALLOWED
        ahead, scales = self._ahead(own, into)
        stopping = (ahead[-1] * _STOP).sum(1)
        behind = self._behind(own, into, scales, stopping)
        likelihood = (np.log(scales) + most * self.there).sum(0) + np.log(stopping)
        known = np.take_along_axis(sums, self.parts[:, :, None], 2)[:, :, 0] * self.there
        moved = moves[self.parts[:-1], self.parts[1:]] * self.there[1:]
        steps = own[1:] * behind[1:] / scales[1:, :, None] * (self.there[1:] * self.weights)[:, :, None]
        by_move += np.einsum("tbi,tbj->ij", ahead[:-1], steps) * into
        np.add.at(by_move, (self.parts[:-1], self.parts[1:]), -(self.there[1:] * self.weights))
        chances = ahead * behind
        at = self.parts[:, :, None]
        np.put_along_axis(chances, at, np.take_along_axis(chances, at, 2) - 1, 2)
        by_line[self.places[self.there]] = (chances * self.weights[None, :, None])[self.there]
        return float((self.weights * (likelihood - known.sum(0) - moved.sum(0))).sum())

    def _ahead(self, own: Floats, into: Floats) -> tuple[Floats, Floats]:
        ahead, scales = np.empty_like(own), np.ones(own.shape[:2])
        for at, line in enumerate(own):
            now = (ahead[at - 1] @ into) * line if at else line * _START
            now = np.where(self.there[at][:, None], now, ahead[at - 1]) if at else now
            scales[at] = now.sum(1)
            ahead[at] = now / scales[at][:, None]
        return ahead, scales

    def _behind(self, own: Floats, into: Floats, scales: Floats, stopping: Floats) -> Floats:
        behind = np.empty_like(own)
        behind[-1] = _STOP / stopping[:, None]
        for at in range(len(own) - 2, -1, -1):
            now = ((own[at + 1] * behind[at + 1]) @ into.T) / scales[at + 1][:, None]
            behind[at] = np.where(self.there[at + 1][:, None], now, behind[at + 1])
        return behind


def _batches(given: Sequences) -> Sequence[_Batch]:
    """Put pages of like length together."""
    lengths = np.diff(given.starts)
    order = np.argsort(lengths, kind="stable")
    batches = []
    for pages in np.array_split(order, max(1, len(order) // _BATCH)):
        shape = (int(lengths[pages].max()), len(pages))
        there = np.arange(shape[0])[:, None] < lengths[pages][None]
        places = np.where(there, given.starts[pages][None] + np.arange(shape[0])[:, None], 0)
        batches.append(_Batch(places, np.where(there, given.parts[places], 0), there, given.weights[pages]))
    return batches


def fit_choice(signs: scipy.sparse.csr_matrix, starts: Numbers, right: NDArray[np.bool_], prior: float) -> Floats:
    """Return the weights of signs under which the right one of each group of candidates is likeliest.

    Args:
        starts: (groups + 1,), where groups begin; each has one that is right at least.
    """
    group = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    transposed = signs.T.tocsr()

    def loss(weights: Floats) -> tuple[float, Floats]:
        sums = signs @ weights
        chances = np.exp(sums - np.maximum.reduceat(sums, starts[:-1])[group])
        whole, good = np.add.reduceat(chances, starts[:-1]), np.add.reduceat(chances * right, starts[:-1])
        slope = transposed @ (chances / whole[group] - chances * right / good[group])
        return float(np.log(whole / good).sum()) + 0.5 * prior * float(weights @ weights), slope + prior * weights

    return minimize(loss, np.zeros(signs.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 200}).x
