"""Ranking, measured and held: hybrid against dense, BM25 and reciprocal rank fusion on real sets, with floors.

    python scripts/eval_gate.py CORPORA [--sets "xquad en" lee …] [--no-floors] [--verdicts]

nDCG@10 of articles, an article ranking by its best passage; for `chunking` the share of an answer's characters that
the ten best passages hold. Constants were chosen on one half of each set's topics, by a digest of their text; the
last column is hybrid on the other half. Exits with 1 where a floor is not held, or where hybrid is not at least as
good as the better of its halves, less 0.005. With --verdicts it says instead how well confidence tells questions that
have an answer from those that have none: shares of each verdict of the best hit, and the area under the ROC curve
with its 95 % bootstrap interval.
"""

import argparse
import math
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from eval_sets import EvalSet, Gains, Ranges, is_reported, multihoprag, sets, xquad

from semsearch.encoders import load_encoder
from semsearch.index import Index
from semsearch.ports import Encoder, Floats
from semsearch.types import Answer, GroupBy, Hit, Mode, Query, Verdict

DEPTH = 10
FUSED_DEPTH = 100
RANK_CONSTANT = 60  # Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion", 2009
TOLERANCE = 0.005
BATCH = 100
RESAMPLES = 2_000

FLOORS = {
    "xquad en": 0.978,
    "xquad de": 0.945,
    "xquad es": 0.955,
    "xquad zh": 0.955,
    "xquad ru": 0.950,
    "xquad ar": 0.930,
    "multihoprag": 0.655,
    "chunking": 0.84,
    "lee": 0.82,
    "fundus": 0.98,
    "digitalgov": 0.81,
}


def main() -> int:
    """Measure the sets that were asked for, print the table, and say whether all floors hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--sets", nargs="+", choices=list(FLOORS), default=list(FLOORS))
    parser.add_argument("--no-floors", action="store_true", help="only measure")
    parser.add_argument("--verdicts", action="store_true", help="measure confidence, and no ranking")
    given = parser.parse_args()
    if given.verdicts:
        return verdicts(given.corpora)
    encoder = load_encoder(None)
    readers = sets(given.corpora)
    print(f"{'set':12} {'topics':>6} {'dense':>7} {'BM25':>7} {'RRF':>7} {'hybrid':>7} {'other half':>10}  floor")
    failed = []
    for name in given.sets:
        values = measured(readers[name](), encoder)
        means = {system: float(np.mean(own)) for system, own in values.items() if system != "other half"}
        half = float(np.mean(values["other half"]))
        held = means["hybrid"] >= FLOORS[name] and means["hybrid"] >= max(means["dense"], means["BM25"]) - TOLERANCE
        if not held:
            failed.append(name)
        cells = " ".join(f"{means[system]:7.4f}" for system in ("dense", "BM25", "RRF", "hybrid"))
        print(
            f"{name:12} {len(values['dense']):6} {cells} {half:10.4f}  {FLOORS[name]:.3f}{'' if held else '  NOT HELD'}"
        )
        sys.stdout.flush()
    return int(bool(failed) and not given.no_floors)


def measured(one: EvalSet, encoder: Encoder) -> dict[str, Sequence[float]]:
    """Return each system's value for every topic, and hybrid's for those of the reported half."""
    started = time.time()
    with (
        tempfile.TemporaryDirectory() as folder,
        Index.build(one.articles, Path(folder) / "index", encoder=encoder) as index,
    ):
        if one.name == "chunking":
            return _by_passage(one, index)
        values: dict[str, list[float]] = {name: [] for name in ("dense", "BM25", "RRF", "hybrid", "other half")}
        for topic, right, rankings in zip(one.topics, one.right, _rankings(one, index), strict=True):
            dense, lexical, hybrid = rankings
            fused = _fused(dense, lexical)
            for name, ranking in (("dense", dense), ("BM25", lexical), ("RRF", fused), ("hybrid", hybrid)):
                values[name].append(ndcg(ranking[:DEPTH], right))
            if is_reported(topic):
                values["other half"].append(values["hybrid"][-1])
    print(f"{one.name}: {time.time() - started:.0f} s", file=sys.stderr)
    return values


def _rankings(one: EvalSet, index: Index) -> list[list[list[str]]]:
    """Return for each topic what dense, lexical and hybrid search rank, of what was judged, a topic itself left out."""
    found = []
    for mode in (Mode.DENSE, Mode.LEXICAL, Mode.HYBRID):
        answers: list[Answer] = []
        for first in range(0, len(one.topics), BATCH):
            batch = one.topics[first : first + BATCH]
            depth = FUSED_DEPTH if one.judged is None else len(one.articles)
            answers += index.search_many([Query(topic, depth, mode=mode, group_by=GroupBy.COPIES) for topic in batch])
        found.append([[hit.article.article_id for hit in answer.hits] for answer in answers])
    rankings = []
    for right, *own in zip(one.right, *found, strict=True):
        allowed = None if one.judged is None else one.judged & right.keys()
        rankings.append([[one for one in ranking if allowed is None or one in allowed] for ranking in own])
    return rankings


def _by_passage(one: EvalSet, index: Index) -> dict[str, Sequence[float]]:
    values: dict[str, list[float]] = {name: [] for name in ("dense", "BM25", "RRF", "hybrid", "other half")}
    for topic, right in zip(one.topics, one.right, strict=True):
        answers = {
            mode: index.search(Query(topic, FUSED_DEPTH, mode=mode, group_by=GroupBy.PASSAGE))
            for mode in (Mode.DENSE, Mode.LEXICAL, Mode.HYBRID)
        }
        spans = {
            hit.passage.passage_id: (hit.article.article_id, hit.passage.start, hit.passage.end)
            for answer in answers.values()
            for hit in answer.hits
        }
        dense, lexical, hybrid = ([hit.passage.passage_id for hit in answer.hits] for answer in answers.values())
        fused = _fused(dense, lexical)
        for name, ranking in (("dense", dense), ("BM25", lexical), ("RRF", fused), ("hybrid", hybrid)):
            values[name].append(held([spans[passage] for passage in ranking[:DEPTH]], right))
        if is_reported(topic):
            values["other half"].append(values["hybrid"][-1])
    return values


def verdicts(corpora: Path) -> int:
    """Print how confident answers are, on the reported half, for questions of each kind."""
    news, facts = multihoprag(corpora), xquad(corpora, "en")
    words = sorted({word for article in news.articles for word in article.text.split() if word.isalpha()})
    draw = random.Random(1)  # noqa: S311  the same nonsense in every run
    salad = [" ".join(draw.sample(words, 8)) for _ in range(100)]
    mash = ["".join(draw.choices("asdfghjklqwertyuiopzxcvbnm", k=24)) for _ in range(100)]
    kinds = {
        "the 71 without an answer": news.unanswerable,
        "questions of another set": facts.topics,
        "words drawn at random": salad,
        "keys hit at random": mash,
    }
    print(f"{'':8} {'':26} {'n':>5} {'none':>6} {'weak':>6} {'fair':>6} {'strong':>6} {'AUC':>6}  95 % of it")
    with tempfile.TemporaryDirectory() as folder, Index.build(news.articles, Path(folder) / "index") as index:
        for mode in Mode:
            right = _best_hits(index, mode, [topic for topic in news.topics if is_reported(topic)])
            gains = dict(zip(news.topics, news.right, strict=True))
            found = [hit for topic, hit in right if hit and hit.article.article_id in gains[topic]]
            _print_verdicts(mode, "right article on top", found, None)
            for kind, topics in kinds.items():
                hits = [hit for _, hit in _best_hits(index, mode, [topic for topic in topics if is_reported(topic)])]
                _print_verdicts(mode, kind, hits, found)
    return 0


def _best_hits(index: Index, mode: Mode, topics: Sequence[str]) -> list[tuple[str, Hit | None]]:
    answers = index.search_many([Query(topic, 1, mode=mode) for topic in topics])
    return [(topic, answer.hits[0] if answer.hits else None) for topic, answer in zip(topics, answers, strict=True)]


def _print_verdicts(mode: Mode, kind: str, hits: Sequence[Hit | None], right: Sequence[Hit | None] | None) -> None:
    said = [hit.verdict if hit else Verdict.NONE for hit in hits]
    shares = " ".join(f"{said.count(verdict) / len(said):6.3f}" for verdict in reversed(Verdict))
    area = "" if right is None else "{:6.3f}  {:.3f} to {:.3f}".format(*_area_with_interval(right, hits))
    print(f"{mode:8} {kind:26} {len(said):5} {shares} {area}")


def _area_with_interval(right: Sequence[Hit | None], wrong: Sequence[Hit | None]) -> tuple[float, float, float]:
    """Return the area, and the bounds of its 95 % interval by bootstrap over both kinds of questions."""
    high, low = (np.array([hit.confidence if hit else 0.0 for hit in hits]) for hits in (right, wrong))
    draw = np.random.default_rng(1)
    again = [roc_area(draw.choice(high, len(high)), draw.choice(low, len(low))) for _ in range(RESAMPLES)]
    lower, upper = np.quantile(again, [0.025, 0.975])
    return roc_area(high, low), float(lower), float(upper)


def roc_area(high: Floats, low: Floats) -> float:
    """Return the probability that a right hit is surer than a wrong one, ties counted half."""
    return float(((high[:, None] > low).mean() + (high[:, None] >= low).mean()) / 2)


def _fused(one: Sequence[str], other: Sequence[str]) -> list[str]:
    scores: dict[str, float] = {}
    for ranking in (one[:FUSED_DEPTH], other[:FUSED_DEPTH]):
        for rank, name in enumerate(ranking, start=1):
            scores[name] = scores.get(name, 0.0) + 1 / (RANK_CONSTANT + rank)
    return sorted(scores, key=lambda name: (-scores[name], name))


def ndcg(ranking: Sequence[str], gains: Gains) -> float:
    """Return nDCG of a ranking that ends at the depth (Järvelin and Kekäläinen, 2002)."""
    ideal = sorted(gains.values(), reverse=True)[:DEPTH]
    return _discounted([gains.get(name, 0.0) for name in ranking]) / _discounted(ideal)


def _discounted(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))


def held(passages: Sequence[tuple[str, int, int]], right: Ranges) -> float:
    """Return which share of the answer's characters some passages hold."""
    article_id, ranges = right
    wanted = {at for start, end in ranges for at in range(start, end)}
    found = {at for name, start, end in passages if name == article_id for at in range(start, end)}
    return len(wanted & found) / len(wanted)


if __name__ == "__main__":
    sys.exit(main())
