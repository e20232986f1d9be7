"""Runs: what a system found for each topic, in TREC's six columns, which every tool reads."""

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from semsearch.errors import SourceError, UsageError
from semsearch.evaluation.measures import Run
from semsearch.evaluation.records import lines, read_text, refuse

EXPECTED = "expected TOPIC Q0 ID RANK SCORE TAG"


def read_run(path: Path) -> dict[str, list[tuple[str, float]]]:
    """Read a run, each topic ordered as trec_eval orders it, whatever the written ranks and the order of lines.

    That is by the score as a 32-bit number, and where scores are equal by id, descending.

    Raises:
        NoSuchPathError: there is no such file.
        SourceError: a line cannot be understood or names an id again, or there is none.
    """
    scores_by_topic: dict[str, dict[str, float]] = {}
    for number, line in lines(read_text(path)):
        cells = line.split()
        if len(cells) != 6:
            refuse(path, number, f"{len(cells)} columns where there should be 6", EXPECTED)
        topic, _, judged_id, _, score_text, _ = cells
        try:
            score = float(score_text)
        except ValueError:
            score = math.nan
        if math.isnan(score):
            refuse(path, number, f"the score is {score_text!r}, not a number", EXPECTED)
        if judged_id in scores_by_topic.setdefault(topic, {}):
            refuse(path, number, f"{judged_id!r} was there before for topic {topic!r}", "keep the better of the two")
        scores_by_topic[topic][judged_id] = score
    if not scores_by_topic:
        raise SourceError(f"{path} holds no ranking", EXPECTED)
    return {topic: _by_score(scores) for topic, scores in scores_by_topic.items()}


def _by_score(scores: dict[str, float]) -> list[tuple[str, float]]:
    with np.errstate(over="ignore"):
        rounded = dict(zip(scores, np.array(list(scores.values())).astype(np.float32).tolist(), strict=True))
    return [(name, scores[name]) for name in sorted(scores, key=lambda name: (rounded[name], name), reverse=True)]


def run_lines(run: Run, tag: str) -> Iterator[str]:
    """Yield the lines of a run file; no two scores of a topic are equal, so that every tool reads the same order.

    Raises:
        UsageError: an id has a space in it, which the format cannot hold.
    """
    for topic, ranking in run.items():
        previous_score = np.float32(np.inf)
        for rank, (name, exact) in enumerate(ranking, start=1):
            for column in (topic, name):
                if len(column.split()) != 1:
                    raise UsageError(f"a run file cannot hold the id {column!r}", "give it an id without spaces")
            score = min(np.float32(exact), np.nextafter(previous_score, np.float32(-np.inf)))
            yield f"{topic} Q0 {name} {rank} {score:.9g} {tag}\n"
            previous_score = score
