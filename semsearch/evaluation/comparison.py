"""How good systems are over many topics, how sure that is, and by how much they differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from semsearch.evaluation.measures import Judgements, Measure, Run

FEWEST_TOPICS = 10
"""Fewest topics for an interval. Fewer say little about the next topic, and resampling them would hide that."""

RESAMPLES = 2_000
"""Enough for the ends of a 95 % interval to move by a few percent of its width from one seed to another."""

_SEED = 20_240_501
_PERCENTILES = (2.5, 97.5)

Values = npt.NDArray[np.float64]  # (topics, measures)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over the judged topics, and its 95 % bootstrap interval where there are enough topics."""

    mean: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class System:
    """What one way to rank is worth: a mode of an index, or a run."""

    name: str
    by_topic: Mapping[str, tuple[float, ...]]  # for every judged topic, one value for each measure
    means: tuple[Estimate, ...]  # one for each measure
    differences: tuple[Estimate, ...]  # from the first system, topic by topic; empty for the first one itself
    unanswered: tuple[str, ...]  # judged topics, not unknown ones, without a single id: each counts as 0
    query_ms: float | None = None  # median time of a query, where there were queries


@dataclass(frozen=True, slots=True)
class Missing:
    """Ids that two files do not share, or that an index does not know."""

    ids: tuple[str, ...] = ()
    of: int = 0  # how many there were to begin with; 0 if that is of no interest


MISSING = ("topics_unjudged", "topics_unknown", "topics_without_relevant", "ids_unmatched", "ids_ambiguous")
"""What can be amiss, in the order in which it is reported.

topics_unjudged: asked or answered, but not judged; left out. topics_unknown: judged, but neither in the topics file nor
in a run; they count as 0. topics_without_relevant: judged, but nothing is relevant; they count as 0. ids_unmatched: no
article has this name; not found. ids_ambiguous: several articles have this name; not found.
"""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Systems over the same judged topics."""

    measures: tuple[Measure, ...]
    relevant: Mapping[str, int]  # by judged topic, in the judgements' order: how many ids are relevant
    systems: tuple[System, ...]  # at least one; the others are compared with the first
    missing: Mapping[str, Missing]  # by a name of MISSING
    texts: Mapping[str, str] = field(default_factory=dict)  # what was asked, by topic


def evaluate(
    measures: Sequence[Measure],
    judgements: Judgements,
    runs: Mapping[str, Run],
    *,
    texts: Mapping[str, str] | None = None,
    missing: Mapping[str, Missing] | None = None,
    query_ms: Mapping[str, float] | None = None,
) -> Evaluation:
    """Measure runs, by their names, over every topic that has a judgement, as ir-measures does.

    A judged topic that a run does not answer counts as 0, and so does one without a relevant id; a topic that is not
    judged is left out.
    """
    queries = texts or {}
    known_topics = {topic for run in (*runs.values(), queries) for topic in run}
    unknown = dict.fromkeys(topic for topic in judgements if queries and topic not in known_topics)
    values = {name: _values(measures, judgements, run) for name, run in runs.items()}
    first_values = next(iter(values.values()))
    systems: list[System] = []
    for name, run in runs.items():
        by_topic = {topic: tuple(row.tolist()) for topic, row in zip(judgements, values[name], strict=True)}
        differences = _estimates(values[name] - first_values) if systems else ()
        unanswered = tuple(topic for topic in judgements if not run.get(topic) and topic not in unknown)
        time = (query_ms or {}).get(name)
        systems.append(System(name, by_topic, _estimates(values[name]), differences, unanswered, time))
    relevant = {topic: sum(grade > 0 for grade in grades.values()) for topic, grades in judgements.items()}
    missing_ids = {
        "topics_unjudged": Missing(tuple(sorted(known_topics - judgements.keys()))),
        "topics_unknown": Missing(tuple(unknown)),
        "topics_without_relevant": Missing(tuple(topic for topic, count in relevant.items() if not count)),
        **(missing or {}),
    }
    in_order = {name: missing_ids[name] for name in MISSING if name in missing_ids}
    return Evaluation(tuple(measures), relevant, tuple(systems), in_order, queries)


def _values(measures: Sequence[Measure], judgements: Judgements, run: Run) -> Values:
    rankings = {topic: [judged_id for judged_id, _ in run.get(topic, ())] for topic in judgements}
    rows = [[measure.value(rankings[topic], grades) for measure in measures] for topic, grades in judgements.items()]
    return np.array(rows, np.float64).reshape(len(judgements), len(measures))


def _estimates(values: Values) -> tuple[Estimate, ...]:
    """Return the means over the topics, with the intervals of the percentile bootstrap, which are always the same.

    The same topics are drawn for every system, so that intervals of differences are paired ones.
    """
    means = values.mean(axis=0).tolist()
    if len(values) < FEWEST_TOPICS:
        return tuple(Estimate(mean) for mean in means)
    chance = np.random.default_rng(_SEED)
    drawn_means = [values[chance.integers(0, len(values), len(values))].mean(axis=0) for _ in range(RESAMPLES)]
    low, high = np.percentile(np.stack(drawn_means), _PERCENTILES, axis=0).tolist()
    return tuple(map(Estimate, means, low, high))
