"""Fits a linear chain to sequences whose parts are known: finds the weights under which those parts are likeliest.

It is a conditional random field with a Gaussian prior: the likelihood by forward and backward sums, SciPy's L-BFGS.
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
_NUMBER = {part: number for number, part in enumerate(PARTS)}
_ALLOWED = np.zeros((_COUNT, _COUNT))
for _before, _after in MOVES:
    _ALLOWED[_NUMBER[_before], _NUMBER[_after]] = 1
_FREE = (LineRole.BEFORE, LineRole.END, LineRole.AFTER)  # outside an article; moves among these have no weight
_LEARNT = _ALLOWED.copy()
for _before in _FREE:
    for _after in _FREE:
        _LEARNT[_NUMBER[_before], _NUMBER[_after]] = 0
_START = np.array([float(part in STARTS) for part in PARTS])
_STOP = np.array([float(part in STOPS) for part in PARTS])
_COUNTS_FOR = np.zeros((_COUNT, _COUNT))  # one where what is learnt for the row's part counts for the column's
for _part in WEIGHED:
    _COUNTS_FOR[_NUMBER[_part], _NUMBER[_part]] = 1
_COUNTS_FOR[_NUMBER[LineRole.BODY], _NUMBER[LineRole.FIRST]] = 1  # the first line has the signs of the body, and more


@dataclass(frozen=True, slots=True)
class Sequences:
    """The lines of many pages, one after the other."""

    signs: scipy.sparse.csr_matrix  # (lines, signs), ones and zeros
    starts: Numbers  # (pages + 1,)
    parts: Numbers  # (lines,), places in PARTS
    weights: Floats  # (pages,)


def fit_chain(sequences: Sequences, prior: float, rounds: int) -> tuple[Floats, Floats]:
    """Return weights (signs, parts) and moves (parts, parts)."""
    signs = sequences.signs.shape[1]
    batches = _batches(sequences)
    transposed = sequences.signs.T.tocsr()

    def loss(theta: Floats) -> tuple[float, Floats]:
        weights, moves = theta[: signs * _COUNT].reshape(signs, _COUNT), theta[signs * _COUNT :].reshape(_COUNT, -1)
        lines = sequences.signs @ (weights @ _COUNTS_FOR)
        total, by_line, by_move = 0.0, np.zeros_like(lines), np.zeros((_COUNT, _COUNT))
        for batch in batches:
            total += batch.add(lines, moves * _LEARNT, by_line, by_move)
        slope = np.concatenate([((transposed @ by_line) @ _COUNTS_FOR.T).ravel(), (by_move * _LEARNT).ravel()])
        return total + 0.5 * prior * float(theta @ theta), slope + prior * theta

    solution = minimize(
        loss, np.zeros((signs + _COUNT) * _COUNT), jac=True, method="L-BFGS-B", options={"maxiter": rounds}
    ).x
    weights, moves = solution[: signs * _COUNT].reshape(signs, _COUNT), solution[signs * _COUNT :].reshape(_COUNT, -1)
    return weights @ _COUNTS_FOR, moves * _LEARNT


@dataclass(frozen=True, slots=True)
class _Batch:
    places: Numbers  # (longest, pages) of the lines
    parts: Numbers  # (longest, pages)
    mask: NDArray[np.bool_]  # (longest, pages): False beyond a page's end
    weights: Floats  # (pages,)

    def add(self, lines: Floats, moves: Floats, by_line: Floats, by_move: Floats) -> float:
        """Return the loss; add its derivatives to `by_line`, for the sums of each line, and `by_move`."""
        sums = lines[self.places]
        highest = sums.max(2)
        potentials, transitions = np.exp(sums - highest[:, :, None]), np.exp(moves) * _ALLOWED
        forward, scales = self._forward(potentials, transitions)
        stopping = (forward[-1] * _STOP).sum(1)
        backward = self._backward(potentials, transitions, scales, stopping)
        likelihood = (np.log(scales) + highest * self.mask).sum(0) + np.log(stopping)
        true_sums = np.take_along_axis(sums, self.parts[:, :, None], 2)[:, :, 0] * self.mask
        true_moves = moves[self.parts[:-1], self.parts[1:]] * self.mask[1:]
        steps = potentials[1:] * backward[1:] / scales[1:, :, None] * (self.mask[1:] * self.weights)[:, :, None]
        by_move += np.einsum("tbi,tbj->ij", forward[:-1], steps) * transitions
        np.add.at(by_move, (self.parts[:-1], self.parts[1:]), -(self.mask[1:] * self.weights))
        chances = forward * backward
        true_parts = self.parts[:, :, None]
        np.put_along_axis(chances, true_parts, np.take_along_axis(chances, true_parts, 2) - 1, 2)
        by_line[self.places[self.mask]] = (chances * self.weights[None, :, None])[self.mask]
        return float((self.weights * (likelihood - true_sums.sum(0) - true_moves.sum(0))).sum())

    def _forward(self, potentials: Floats, transitions: Floats) -> tuple[Floats, Floats]:
        forward, scales = np.empty_like(potentials), np.ones(potentials.shape[:2])
        for number, line in enumerate(potentials):
            sums = (forward[number - 1] @ transitions) * line if number else line * _START
            sums = np.where(self.mask[number][:, None], sums, forward[number - 1]) if number else sums
            scales[number] = sums.sum(1)
            forward[number] = sums / scales[number][:, None]
        return forward, scales

    def _backward(self, potentials: Floats, transitions: Floats, scales: Floats, stopping: Floats) -> Floats:
        backward = np.empty_like(potentials)
        backward[-1] = _STOP / stopping[:, None]
        for number in range(len(potentials) - 2, -1, -1):
            sums = ((potentials[number + 1] * backward[number + 1]) @ transitions.T) / scales[number + 1][:, None]
            backward[number] = np.where(self.mask[number + 1][:, None], sums, backward[number + 1])
        return backward


def _batches(sequences: Sequences) -> Sequence[_Batch]:
    """Put pages of similar length together."""
    lengths = np.diff(sequences.starts)
    order = np.argsort(lengths, kind="stable")
    batches = []
    for pages in np.array_split(order, max(1, len(order) // _BATCH)):
        shape = (int(lengths[pages].max()), len(pages))
        mask = np.arange(shape[0])[:, None] < lengths[pages][None]
        places = np.where(mask, sequences.starts[pages][None] + np.arange(shape[0])[:, None], 0)
        batches.append(_Batch(places, np.where(mask, sequences.parts[places], 0), mask, sequences.weights[pages]))
    return batches


def fit_choice(signs: scipy.sparse.csr_matrix, starts: Numbers, right: NDArray[np.bool_], prior: float) -> Floats:
    """Return the weights of signs under which the right one of each group of candidates is likeliest.

    Args:
        starts: (groups + 1,), where groups begin; each group has at least one right candidate.
    """
    group = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    transposed = signs.T.tocsr()

    def loss(weights: Floats) -> tuple[float, Floats]:
        sums = signs @ weights
        chances = np.exp(sums - np.maximum.reduceat(sums, starts[:-1])[group])
        totals, right_totals = np.add.reduceat(chances, starts[:-1]), np.add.reduceat(chances * right, starts[:-1])
        slope = transposed @ (chances / totals[group] - chances * right / right_totals[group])
        penalty = 0.5 * prior * float(weights @ weights)
        return float(np.log(totals / right_totals).sum()) + penalty, slope + prior * weights

    return minimize(loss, np.zeros(signs.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 200}).x
