"""Choose the budget of a passage by measurement: how well today's ranking finds with it, and how much it costs.

    python scripts/bench_chunking.py CORPORA [--budgets 64 96 128] [--sets chunking digitalgov fundus lee]

Articles of `eval_sets.py` are indexed with each budget and asked in hybrid mode. Printed are, for each set, nDCG@10 of
articles; for `chunking` the share of the answering text among the first 2,000 characters that are read, so that budgets
are compared at equal reading, not at equal k. Values are those of the half of the topics to choose on, by a digest of
their text, and of the half to report; in brackets is by how much a budget differs from the first one, topic by topic,
and the standard error of that. Costs are of all sets together: passages, megabytes on disk, seconds of the processor to
build, and milliseconds of it a question.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import numpy as np
from eval_gate import DEPTH, ndcg
from eval_sets import EvalSet, Gains, Ranges, is_reported, sets

from semsearch.encoders import load_encoder
from semsearch.index import Index
from semsearch.ports import Encoder, Floats
from semsearch.types import Answer, GroupBy, Query

READ_CHARACTERS = 2_000
"""How much of an answer a person or a language model reads."""

READ_PASSAGES = 60


@dataclass
class Cost:
    """The costs of a budget, over all sets."""

    passages: int = 0
    megabytes: float = 0.0
    building: float = 0.0  # seconds of the processor
    asking: float = 0.0
    topics: int = 0


@dataclass
class Measured:
    """The costs and values of one budget."""

    cost: Cost = field(default_factory=Cost)
    values: dict[str, Floats] = field(default_factory=dict)  # by set, of each topic


def main() -> None:
    """Print a row for each budget and set, and the costs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--budgets", type=int, nargs="+", default=[64, 96, 128])
    parser.add_argument("--sets", nargs="+", default=["chunking", "digitalgov", "fundus", "lee"])
    arguments = parser.parse_args()
    encoder, readers = load_encoder(None), sets(arguments.corpora)
    measured = {budget: Measured() for budget in arguments.budgets}
    print(f"{'set':12} {'tokens':>6} {'topics':>6}  {'chosen on':>25}  {'reported':>25}")
    for name in arguments.sets:
        eval_set = readers[name]()
        reported = np.array([is_reported(topic) for topic in eval_set.topics])
        for budget, result in measured.items():
            result.values[name] = measure(eval_set, encoder, budget, result.cost)
            baseline = measured[arguments.budgets[0]].values[name]
            cells = "  ".join(cell(result.values[name][half], baseline[half]) for half in (~reported, reported))
            print(f"{name:12} {budget:6} {len(eval_set.topics):6}  {cells}", flush=True)
    print(f"\n{'tokens':>6} {'passages':>9} {'MB':>7} {'s to build':>11} {'ms a question':>14}")
    for budget, result in measured.items():
        cost = result.cost
        asking = 1000 * cost.asking / cost.topics
        print(f"{budget:6} {cost.passages:9,} {cost.megabytes:7.1f} {cost.building:11.0f} {asking:14.1f}")


def measure(eval_set: EvalSet, encoder: Encoder, budget: int, cost: Cost) -> Floats:
    """Return the value of each topic with passages of a budget, and add up the costs."""
    with tempfile.TemporaryDirectory() as folder:
        place, started = Path(folder) / "index", time.process_time()
        with Index.build(eval_set.articles, place, encoder=encoder, passage_tokens=budget) as index:
            built = time.process_time()
            values = [value_of(eval_set, index, number) for number in range(len(eval_set.topics))]
            cost.asking += time.process_time() - built
            cost.building += built - started
            cost.topics += len(eval_set.topics)
            cost.passages += index.stats().passages
        cost.megabytes += sum(path.stat().st_size for path in place.rglob("*") if path.is_file()) / 1e6
    return np.array(values)


def value_of(eval_set: EvalSet, index: Index, number: int) -> float:
    """Return the value of one topic: the share of the answer that is read, or nDCG."""
    if eval_set.name == "chunking":
        answer = index.search(Query(eval_set.topics[number], READ_PASSAGES, group_by=GroupBy.PASSAGE))
        return share_read(answer, cast(Ranges, eval_set.right[number]))
    right = cast(Gains, eval_set.right[number])
    depth = DEPTH if eval_set.judged is None else len(eval_set.articles)
    answer = index.search(Query(eval_set.topics[number], depth, group_by=GroupBy.COPIES))
    allowed = None if eval_set.judged is None else eval_set.judged & right.keys()
    ranking = [hit.article.article_id for hit in answer.hits if allowed is None or hit.article.article_id in allowed]
    return ndcg(ranking[:DEPTH], right)


def share_read(answer: Answer, right: Ranges) -> float:
    """Return which share of the answering text is among the first READ_CHARACTERS of an answer's passages."""
    article_id, ranges = right
    right_places = {place for start, end in ranges for place in range(start, end)}
    characters_left, places_read = READ_CHARACTERS, set[int]()
    for hit in answer.hits:
        passage = hit.passage
        if hit.article.article_id == article_id:
            places_read.update(range(passage.start, min(passage.end, passage.start + characters_left)))
        characters_left -= passage.end - passage.start
        if characters_left <= 0:
            break
    return len(right_places & places_read) / len(right_places)


def cell(values: Floats, baseline: Floats) -> str:
    """Write a mean, and its difference from another with the standard error."""
    difference: Sequence[float] = values - baseline
    error = float(np.std(difference)) / max(1, len(values)) ** 0.5
    return f"{values.mean():.4f} ({np.mean(difference):+.4f} ± {error:.4f})"


if __name__ == "__main__":
    sys.exit(main())
