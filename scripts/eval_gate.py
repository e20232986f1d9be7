"""Ranking, measured and held: hybrid against dense, BM25 and reciprocal rank fusion on real sets, with floors.

    python scripts/eval_gate.py CORPORA [--sets "xquad en" lee …] [--no-floors] [--verdicts]

nDCG@10 of articles, an article ranking by its best passage; for `chunking` the share of an answer's characters that
the ten best passages hold. Constants were chosen on one half of each set's topics, by a digest of their text; the
last column is hybrid on the other half. Exits with 1 where a floor is not held, or where hybrid is not at least as
good as the better of its halves, less 0.005. With --verdicts it says instead how well confidence tells questions that
have an answer from those that have none: shares of each verdict of the best hit, and the area under the ROC curve
with its 95 % bootstrap interval; then the same beside bulletins of four patterns, which are most of the index.
"""

import argparse
import math
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
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
    arguments = parser.parse_args()
    if arguments.verdicts:
        return verdicts(arguments.corpora)
    encoder = load_encoder(None)
    readers = sets(arguments.corpora)
    print(f"{'set':12} {'topics':>6} {'dense':>7} {'BM25':>7} {'RRF':>7} {'hybrid':>7} {'other half':>10}  floor")
    failed = []
    for name in arguments.sets:
        values = measured(readers[name](), encoder)
        means = {system: float(np.mean(column)) for system, column in values.items() if system != "other half"}
        half = float(np.mean(values["other half"]))
        holds = means["hybrid"] >= FLOORS[name] and means["hybrid"] >= max(means["dense"], means["BM25"]) - TOLERANCE
        if not holds:
            failed.append(name)
        cells = " ".join(f"{means[system]:7.4f}" for system in ("dense", "BM25", "RRF", "hybrid"))
        note = "" if holds else "  NOT HELD"
        print(f"{name:12} {len(values['dense']):6} {cells} {half:10.4f}  {FLOORS[name]:.3f}{note}")
        sys.stdout.flush()
    return int(bool(failed) and not arguments.no_floors)


def measured(eval_set: EvalSet, encoder: Encoder) -> dict[str, Sequence[float]]:
    """Return each system's value for every topic, and hybrid's for those of the reported half."""
    started = time.time()
    with (
        tempfile.TemporaryDirectory() as folder,
        Index.build(eval_set.articles, Path(folder) / "index", encoder=encoder) as index,
    ):
        if eval_set.name == "chunking":
            return _by_passage(eval_set, index)
        values: dict[str, list[float]] = {name: [] for name in ("dense", "BM25", "RRF", "hybrid", "other half")}
        for topic, right, rankings in zip(eval_set.topics, eval_set.right, _rankings(eval_set, index), strict=True):
            dense, lexical, hybrid = rankings
            fused = _fused(dense, lexical)
            for name, ranking in (("dense", dense), ("BM25", lexical), ("RRF", fused), ("hybrid", hybrid)):
                values[name].append(ndcg(ranking[:DEPTH], right))
            if is_reported(topic):
                values["other half"].append(values["hybrid"][-1])
    print(f"{eval_set.name}: {time.time() - started:.0f} s", file=sys.stderr)
    return values


def _rankings(eval_set: EvalSet, index: Index) -> list[list[list[str]]]:
    """Return the dense, lexical and hybrid rankings of each topic: of judged articles, without the topic itself."""
    by_mode = []
    for mode in (Mode.DENSE, Mode.LEXICAL, Mode.HYBRID):
        answers: list[Answer] = []
        for first in range(0, len(eval_set.topics), BATCH):
            batch = eval_set.topics[first : first + BATCH]
            depth = FUSED_DEPTH if eval_set.judged is None else len(eval_set.articles)
            answers += index.search_many([Query(topic, depth, mode=mode, group_by=GroupBy.COPIES) for topic in batch])
        by_mode.append([[hit.article.article_id for hit in answer.hits] for answer in answers])
    rankings = []
    for right, *of_topic in zip(eval_set.right, *by_mode, strict=True):
        allowed = None if eval_set.judged is None else eval_set.judged & right.keys()
        rankings.append([[name for name in ranking if allowed is None or name in allowed] for ranking in of_topic])
    return rankings


def _by_passage(eval_set: EvalSet, index: Index) -> dict[str, Sequence[float]]:
    values: dict[str, list[float]] = {name: [] for name in ("dense", "BM25", "RRF", "hybrid", "other half")}
    for topic, right in zip(eval_set.topics, eval_set.right, strict=True):
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
    for bulletins in (0, 3_000):
        print(f"{news.name} beside {bulletins:,} bulletins" if bulletins else news.name)
        print(f"{'':8} {'':26} {'n':>5} {'none':>6} {'weak':>6} {'fair':>6} {'strong':>6} {'AUC':>6}  95 % of it")
        articles = [*news.articles, *_bulletins(bulletins)]
        with tempfile.TemporaryDirectory() as folder, Index.build(articles, Path(folder) / "index") as index:
            for mode in Mode if not bulletins else (Mode.HYBRID,):
                right = _best_hits(index, mode, [topic for topic in news.topics if is_reported(topic)])
                gains = dict(zip(news.topics, news.right, strict=True))
                right_hits = [hit for topic, hit in right if hit and hit.article.article_id in gains[topic]]
                _print_verdicts(mode, "right article on top", right_hits, None)
                for kind, topics in kinds.items():
                    hits = [
                        hit for _, hit in _best_hits(index, mode, [topic for topic in topics if is_reported(topic)])
                    ]
                    _print_verdicts(mode, kind, hits, right_hits)
    return 0


def _bulletins(count: int) -> Iterator[dict[str, str]]:
    """Yield reports of four patterns, such as agencies send all day: weather, results, shares, police."""
    draw = random.Random(3)  # noqa: S311  the same ones in every run
    towns = ["Kolmar", "Brinmouth", "Tarnholm", "Alder", "Norwick", "Sestri", "Lundby", "Calder", "Hulst", "Garm"]
    for number in range(count):
        (town, other), (few, many) = draw.sample(towns, 2), (draw.randint(1, 9), draw.randint(10, 900))
        sky, direction = draw.choice(["rain", "sun", "wind", "fog"]), draw.choice(["up", "down"])
        title, text = (
            (f"Weather in {town}: {few} degrees and {sky}", f"{town} can expect {sky} with a high of {few} degrees."),
            (
                f"{town} {few}, {other} {many % 6}",
                f"{town} met {other} in front of {many} spectators. They meet again on Saturday.",
            ),
            (
                f"{town} Holdings shares close {direction} {few} per cent",
                f"Shares of {town} Holdings closed at {many} crowns.",
            ),
            (
                f"Police blotter {town}: {few} arrests",
                f"Police in {town} arrested {few} people for theft. Call station {many}.",
            ),
        )[number % 4]
        yield {"id": f"bulletin-{number}", "title": title, "text": text}


def _best_hits(index: Index, mode: Mode, topics: Sequence[str]) -> list[tuple[str, Hit | None]]:
    answers = index.search_many([Query(topic, 1, mode=mode) for topic in topics])
    return [(topic, answer.hits[0] if answer.hits else None) for topic, answer in zip(topics, answers, strict=True)]


def _print_verdicts(mode: Mode, kind: str, hits: Sequence[Hit | None], right: Sequence[Hit | None] | None) -> None:
    verdicts = [hit.verdict if hit else Verdict.NONE for hit in hits]
    shares = " ".join(f"{verdicts.count(verdict) / len(verdicts):6.3f}" for verdict in reversed(Verdict))
    area = "" if right is None else "{:6.3f}  {:.3f} to {:.3f}".format(*_area_with_interval(right, hits))
    print(f"{mode:8} {kind:26} {len(verdicts):5} {shares} {area}")


def _area_with_interval(right: Sequence[Hit | None], wrong: Sequence[Hit | None]) -> tuple[float, float, float]:
    """Return the area, and the bounds of its 95 % interval by bootstrap over both kinds of questions."""
    high, low = (np.array([hit.confidence if hit else 0.0 for hit in hits]) for hits in (right, wrong))
    draw = np.random.default_rng(1)
    resampled = [roc_area(draw.choice(high, len(high)), draw.choice(low, len(low))) for _ in range(RESAMPLES)]
    lower, upper = np.quantile(resampled, [0.025, 0.975])
    return roc_area(high, low), float(lower), float(upper)


def roc_area(high: Floats, low: Floats) -> float:
    """Return the probability that a right hit is surer than a wrong one, ties counted half."""
    return float(((high[:, None] > low).mean() + (high[:, None] >= low).mean()) / 2)


def _fused(left: Sequence[str], right: Sequence[str]) -> list[str]:
    scores: dict[str, float] = {}
    for ranking in (left[:FUSED_DEPTH], right[:FUSED_DEPTH]):
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
    right_places = {place for start, end in ranges for place in range(start, end)}
    held_places = {place for name, start, end in passages if name == article_id for place in range(start, end)}
    return len(right_places & held_places) / len(right_places)


if __name__ == "__main__":
    sys.exit(main())
