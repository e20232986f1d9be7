"""A linear-chain model of a page's lines: which begin, carry on and end its article.

Lines outside an article weigh nothing, so that a long page cannot outvote a short article. Lafferty, McCallum and
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
    """What a line is to the article of its page."""

    BEFORE = "before"
    FIRST = "first"  # of the article
    BODY = "body"
    HEADING = "heading"
    GAP = "gap"  # a box or a button between the article's lines
    END = "end"  # the first line that is no more the article's
    AFTER = "after"


KEPT = frozenset((LineRole.FIRST, LineRole.BODY, LineRole.HEADING))
PARTS = tuple(LineRole)
WEIGHED = (LineRole.FIRST, LineRole.BODY, LineRole.HEADING, LineRole.GAP, LineRole.END)
"""Parts that a line speaks for or against."""

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
"""All that may follow upon one another: an article is one stretch of a page, and has no heading or gap at its end."""

STARTS = (LineRole.BEFORE, LineRole.FIRST)
STOPS = (LineRole.BEFORE, LineRole.FIRST, LineRole.BODY, LineRole.END, LineRole.AFTER)

REACHES: Mapping[str, Sequence[int]] = {
    "kind": (-2, -1, 0, 1, 2),
    **dict.fromkeys(("size", "mark", "end", "count", "theme"), (-1, 0, 1)),
    "begin": (0, 1),
}
"""How far away the lines are whose values count for a line; of a name that is not here, only its own."""

_Table = npt.NDArray[np.float64]  # (values + 1, weighed parts); the last row is that of values without weights


@dataclass(frozen=True, slots=True)
class Model:
    """Weights of values, of moves and of a title's signs."""

    values: Mapping[str, Mapping[int, tuple[Mapping[str, int], _Table]]]  # name -> reach -> rows by value, and these
    moves: Mapping[tuple[LineRole, LineRole], float]
    title: Mapping[str, float]

    def parts(self, values: Values, count: int) -> list[LineRole]:
        """Return the likeliest parts of a page's `count` lines."""
        return _best_path(self._weigh(values, count).tolist(), self.moves) if count else []

    def _weigh(self, values: Values, count: int) -> _Table:
        sums = np.zeros((count, len(WEIGHED)))
        for name, tables in self.values.items():
            for reach, (rows, table) in tables.items():
                said = values[name][max(0, reach) : count + min(0, reach)]
                numbers = np.fromiter((rows.get(value, -1) for value in said), np.int32, len(said))
                sums[max(0, -reach) : max(0, -reach) + len(said)] += table[numbers]
        return sums


@lru_cache(maxsize=1)
def trained() -> Model:
    """Return the model that travels with the package; read once."""
    said = json.loads(resources.files(__package__).joinpath(_WEIGHTS).read_text(encoding="utf-8"))
    return model_of(said)


def model_of(said: Mapping[str, Any]) -> Model:
    """Return a model of its weights as JSON has them: {"lines": {"kind -1": {value: weights}}, "moves", "title"}."""
    values: dict[str, dict[int, tuple[Mapping[str, int], _Table]]] = {}
    for key, by_value in said["lines"].items():
        name, _, reach = key.rpartition(" ")
        rows = {value: row for row, value in enumerate(by_value)}
        table: _Table = np.array([*by_value.values(), [0.0] * len(WEIGHED)], dtype=np.float64)
        values.setdefault(name, {})[int(reach)] = rows, table
    moves = {(before, after): float(said["moves"].get(f"{before} > {after}", 0.0)) for before, after in MOVES}
    return Model(values, moves, said["title"])


def _best_path(sums: Sequence[Sequence[float]], moves: Mapping[tuple[LineRole, LineRole], float]) -> list[LineRole]:
    """Return the parts with the greatest sum, in one pass; a line's sums are in the order of WEIGHED."""
    place = {part: number for number, part in enumerate(PARTS)}
    into = [[(place[before], moves[before, part]) for before, after in MOVES if after is part] for part in PARTS]
    weighed = [WEIGHED.index(part) if part in WEIGHED else -1 for part in PARTS]
    never = float("-inf")
    best = [
        (sums[0][weighed[at]] if weighed[at] >= 0 else 0.0) if part in STARTS else never
        for at, part in enumerate(PARTS)
    ]
    came = bytearray(len(PARTS))  # for each line and part, which part came before
    for own in sums[1:]:
        reached = []
        for sources, weight in zip(into, weighed, strict=True):
            points, source = max((best[before] + move, before) for before, move in sources)
            came.append(source)
            reached.append(points + own[weight] if weight >= 0 else points)
        best = reached
    at = max((place[part] for part in STOPS), key=lambda number: best[number])
    path = [PARTS[at]]
    for line in range(len(sums) - 1, 0, -1):
        at = came[line * len(PARTS) + at]
        path.append(PARTS[at])
    return path[::-1]
