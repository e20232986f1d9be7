"""A linear-chain model of a page's lines: which of them begin, continue and end its article.

Lines outside an article have no weights, so that a long page cannot outvote a short article. Lafferty, McCallum and
Pereira, "Conditional random fields", ICML 2001; Viterbi, IEEE Transactions on Information Theory, 1967.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from semsearch.sources.dumps.shapes import Values

_WEIGHTS = "weights.json"


class LineRole(StrEnum):
    """The part of a page that a line is, relative to the article."""

    BEFORE = "before"
    FIRST = "first"  # of the article
    BODY = "body"
    HEADING = "heading"
    GAP = "gap"  # a box or a button between the article's lines
    END = "end"  # the first line after the article
    AFTER = "after"


KEPT = frozenset((LineRole.FIRST, LineRole.BODY, LineRole.HEADING))
PARTS = tuple(LineRole)
WEIGHED = (LineRole.FIRST, LineRole.BODY, LineRole.HEADING, LineRole.GAP, LineRole.END)
"""Parts that a line's values have weights for."""

_INNER = (LineRole.FIRST, LineRole.BODY, LineRole.HEADING, LineRole.GAP)
MOVES = (
    (LineRole.BEFORE, LineRole.BEFORE),
    (LineRole.BEFORE, LineRole.FIRST),
    *((before, after) for before in _INNER for after in (LineRole.BODY, LineRole.HEADING, LineRole.GAP)),
    (LineRole.FIRST, LineRole.END),
    (LineRole.BODY, LineRole.END),
    (LineRole.END, LineRole.AFTER),
    (LineRole.AFTER, LineRole.AFTER),
)
"""Parts that may follow each other: an article is one stretch of a page, and does not end with a heading or gap."""

STARTS = (LineRole.BEFORE, LineRole.FIRST)
STOPS = (LineRole.BEFORE, LineRole.FIRST, LineRole.BODY, LineRole.END, LineRole.AFTER)

REACHES: Mapping[str, Sequence[int]] = {
    "kind": (-2, -1, 0, 1, 2),
    **dict.fromkeys(("size", "mark", "end", "count", "theme"), (-1, 0, 1)),
    "begin": (0, 1),
}
"""Offsets of the lines whose values count for a line; for names that are not here, only the line's own."""

_Table = npt.NDArray[np.float64]  # (values + 1, weighed parts); the last row is for values without weights


@dataclass(frozen=True, slots=True)
class Model:
    """Weights of values, of moves and of a title's signs."""

    values: Mapping[str, Mapping[int, tuple[Mapping[str, int], _Table]]]  # name -> offset -> row of each value, table
    moves: Mapping[tuple[LineRole, LineRole], float]
    title: Mapping[str, float]

    def parts(self, values: Values, count: int) -> list[LineRole]:
        """Return the most likely parts of a page's `count` lines."""
        return _best_path(self._weigh(values, count).tolist(), self.moves) if count else []

    def _weigh(self, values: Values, count: int) -> _Table:
        """Return the sums of weights, (lines, weighed parts)."""
        sums = np.zeros((count, len(WEIGHED)))
        for name, tables in self.values.items():
            for reach, (rows, table) in tables.items():
                line_values = values[name][max(0, reach) : count + min(0, reach)]
                numbers = np.fromiter((rows.get(value, -1) for value in line_values), np.int32, len(line_values))
                sums[max(0, -reach) : max(0, -reach) + len(line_values)] += table[numbers]
        return sums


@lru_cache(maxsize=1)
def load_model() -> Model:
    """Return the model that comes with the package; read once."""
    weights = json.loads(resources.files(__package__).joinpath(_WEIGHTS).read_text(encoding="utf-8"))
    return model_of(weights)


def model_of(weights: Mapping[str, Any]) -> Model:
    """Return the model of weights in their JSON form: {"lines": {"kind -1": {value: weights}}, "moves", "title"}."""
    values: dict[str, dict[int, tuple[Mapping[str, int], _Table]]] = {}
    for key, by_value in weights["lines"].items():
        name, _, reach = key.rpartition(" ")
        rows = {value: row for row, value in enumerate(by_value)}
        table: _Table = np.array([*by_value.values(), [0.0] * len(WEIGHED)], dtype=np.float64)
        values.setdefault(name, {})[int(reach)] = rows, table
    moves = {(before, after): float(weights["moves"].get(f"{before} > {after}", 0.0)) for before, after in MOVES}
    return Model(values, moves, weights["title"])


def _best_path(sums: Sequence[Sequence[float]], moves: Mapping[tuple[LineRole, LineRole], float]) -> list[LineRole]:
    """Return the parts with the greatest sum, in one pass; a line's sums are in the order of WEIGHED."""
    numbers = {part: number for number, part in enumerate(PARTS)}
    moves_to = [[(numbers[before], moves[before, part]) for before, after in MOVES if after is part] for part in PARTS]
    columns = [WEIGHED.index(part) if part in WEIGHED else -1 for part in PARTS]
    best = [float("-inf")] * len(PARTS)
    for part in STARTS:
        column = columns[numbers[part]]
        best[numbers[part]] = sums[0][column] if column >= 0 else 0.0
    previous = bytearray(len(PARTS))  # for each line and part, the part of the line before
    for line_sums in sums[1:]:
        reached = []
        for sources, column in zip(moves_to, columns, strict=True):
            points, source = max((best[before] + move, before) for before, move in sources)
            previous.append(source)
            reached.append(points + line_sums[column] if column >= 0 else points)
        best = reached
    number = max((numbers[part] for part in STOPS), key=lambda number: best[number])
    path = [PARTS[number]]
    for line in range(len(sums) - 1, 0, -1):
        number = previous[line * len(PARTS) + number]
        path.append(PARTS[number])
    return path[::-1]
