"""Compare with other ways to search the same articles by the same model: txtai, Chroma, LanceDB, FAISS by hand.

    python scripts/bench_peers.py CORPORA [--set multihoprag] [--articles 600] [--topics 200] [--rounds 3] [--only NAME]

Each system works in processes of its own (`peers.py`), and all take turns: they index the same articles, answer a first
question in a new process, and then every question in turn. Peers get passages of paragraphs, up to a thousand
characters with the headline before them, and an article counts by its best passage; semsearch cuts articles itself.

Peers are no dependency of semsearch. Install them where its environment is seen, without another torch:

    python -m venv peers && peers/bin/pip install -c constraints.txt txtai chromadb lancedb

What is lacking is left out and named. Printed are: articles indexed a second, encoder included and loaded before;
seconds of a cold start, from the start of a process to its first answer; milliseconds of a warm question; megabytes
resident after all questions, and on disk; nDCG@10. What is in brackets is so many times semsearch's.
"""

import argparse
import importlib.metadata
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from eval_sets import EvalSet, sets
from peers import SYSTEMS, Text, named_passages

from semsearch.evaluation import evaluate, parse_measure

K = 10
WARMING = 8
"""Articles that are indexed in another folder first, to load the models, and questions that are asked first."""

OWN = "semsearch"


@dataclass
class Measured:
    """The measurements of one system."""

    articles_per_second: float = 0.0
    cold_starts: list[float] = field(default_factory=list)  # seconds
    times: list[float] = field(default_factory=list)  # seconds a question
    memory: int = 0  # bytes
    disk: int = 0
    run: dict[str, list[tuple[str, float]]] = field(default_factory=dict)  # what was found, by topic
    ndcg: float = 0.0


class Worker:
    """A process that runs one system."""

    def __init__(self, name: str) -> None:
        self._name = name
        quiet = {"HF_HUB_OFFLINE": "1", "ANONYMIZED_TELEMETRY": "False", "TOKENIZERS_PARALLELISM": "false"}
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("peers.py")), name],
            env=os.environ | quiet,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def do(self, **command: object) -> dict[str, Any]:
        """Give a command and wait for the reply (peers.py)."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the process has no pipes")
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._name} ended: run peers.py by hand to see why")
        reply: dict[str, Any] = json.loads(line)
        return reply

    def index(self, folder: Path, file: Path) -> float:
        """Index articles and return how many seconds that took."""
        return float(self.do(**{"in": str(folder), "index": str(file)})["seconds"])

    def ask(self, folder: Path, question: str) -> tuple[list[str], float]:
        """Return the ids of the best articles, and how many seconds that took."""
        reply = self.do(**{"in": str(folder), "ask": question, "k": K})
        return reply["articles"], reply["seconds"]

    def close(self) -> None:
        """Let the process end."""
        self._process.communicate()


def lacking(name: str) -> list[str]:
    """Return the distributions that a system needs and that are not installed."""
    modules = SYSTEMS[name].modules
    return [modules[module] for module in modules if importlib.util.find_spec(module) is None]


def chosen(eval_set: EvalSet, articles: int, topics: int) -> EvalSet:
    """Return the first topics, and as many articles as asked for, the right ones of these topics among them."""
    right = [dict(gains) if isinstance(gains, Mapping) else {gains[0]: 1.0} for gains in eval_set.right][:topics]
    wanted = set(chain.from_iterable(right))
    other_articles = [article for article in eval_set.articles if article.metadata.article_id not in wanted]
    right_articles = [article for article in eval_set.articles if article.metadata.article_id in wanted]
    chosen_articles = [*right_articles, *other_articles[: max(0, articles - len(right_articles))]]
    return EvalSet(eval_set.name, chosen_articles, eval_set.topics[:topics], right)


def measure(eval_set: EvalSet, names: Sequence[str], folder: Path, rounds: int) -> dict[str, Measured]:
    """Let all systems take turns."""
    texts = texts_of(eval_set)
    files = {"warming": folder / "warming.jsonl", "articles": folder / "articles.jsonl"}
    for file, file_texts in zip(files.values(), (texts[:WARMING], texts), strict=True):
        file.write_text("\n".join(json.dumps(text._asdict()) for text in file_texts), encoding="utf-8")
    results = {name: Measured() for name in names}
    places = {name: folder / name / "articles" for name in names}
    for name, measured in results.items():
        worker = Worker(name)
        for turn, file in files.items():
            place = folder / name / turn
            place.mkdir(parents=True)
            measured.articles_per_second = len(texts) / worker.index(place, file)  # the second turn's stays
        worker.close()
        tell(f"{name}: {measured.articles_per_second:.1f} articles/s")
        measured.disk = sum(path.stat().st_size for path in places[name].rglob("*") if path.is_file())
    workers: dict[str, Worker] = {}
    for _ in range(rounds):
        for name, measured in results.items():
            if name in workers:
                workers[name].close()
            started = time.perf_counter()
            workers[name] = Worker(name)
            workers[name].ask(places[name], eval_set.topics[0])
            measured.cold_starts.append(time.perf_counter() - started)
            tell(f"{name}: cold start {measured.cold_starts[-1]:.2f} s")
    for _ in range(rounds):
        for name, measured in results.items():
            for topic in eval_set.topics[:WARMING]:
                workers[name].ask(places[name], topic)
            for number, topic in enumerate(eval_set.topics):
                ids, seconds = workers[name].ask(places[name], topic)
                measured.times.append(seconds)
                measured.run[str(number)] = [(article_id, -float(rank)) for rank, article_id in enumerate(ids)]
            tell(f"{name}: {1000 * statistics.median(measured.times):.1f} ms")
    judgements = {str(number): {str(name): 1 for name in gains} for number, gains in enumerate(eval_set.right)}
    for name, measured in results.items():
        measured.memory = workers[name].do(memory=True)["bytes"]
        workers[name].close()
        (system,) = evaluate([parse_measure(f"nDCG@{K}")], judgements, {name: measured.run}).systems
        measured.ndcg = system.means[0].mean
    return results


def tell(line: str) -> None:
    """Print progress on standard error."""
    print(line, file=sys.stderr, flush=True)


def texts_of(eval_set: EvalSet) -> list[Text]:
    """Return the articles of a set as systems take them."""
    return [Text(article.metadata.article_id, article.metadata.title, article.text) for article in eval_set.articles]


def report(eval_set: EvalSet, results: Mapping[str, Measured]) -> None:
    """Print a table in Markdown."""
    texts = texts_of(eval_set)
    print(
        f"\n{eval_set.name}: {len(texts):,} articles, {len(named_passages(texts)):,} passages for peers, "
        f"{len(eval_set.topics):,} questions\n"
    )
    print("| | articles/s | cold start, s | warm p50, ms | p99, ms | memory, MB | disk, MB | nDCG@10 |")
    print("|---|---|---|---|---|---|---|---|")
    base = results.get(OWN)
    for name, measured in results.items():
        cells = [
            f"{value:,.{digits}f}" + (f" ({value / first:.2f})" if first and name != OWN else "")
            for (value, digits), (first, _) in zip(figures(measured), figures(base or Measured()), strict=True)
        ]
        print(f"| {name} | {' | '.join(cells)} | {measured.ndcg:.3f} |")


def figures(measured: Measured) -> list[tuple[float, int]]:
    """Return the figures to compare, each with its number of decimals."""
    times = [1000 * seconds for seconds in measured.times] or [0.0, 0.0]
    late = statistics.quantiles(times, n=100, method="inclusive")[-1]
    cold = statistics.median(measured.cold_starts or [0.0])
    return [
        (measured.articles_per_second, 1),
        (cold, 2),
        (statistics.median(times), 1),
        (late, 1),
        (measured.memory / 1e6, 0),
        (measured.disk / 1e6, 2),
    ]


def main() -> int:
    """Choose, measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--set", dest="names", action="append", help="multihoprag unless given")
    parser.add_argument("--articles", type=int, default=600)
    parser.add_argument("--topics", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=SYSTEMS, default=list(SYSTEMS))
    arguments = parser.parse_args()
    ready = []
    for name in arguments.only:
        if needed := lacking(name):
            print(f"{name} is left out; install it with: pip install {' '.join(needed)}", file=sys.stderr)
        else:
            ready.append(name)
    needed = [*sorted({package for name in ready for package in SYSTEMS[name].modules.values()}), "torch"]
    versions = ", ".join(f"{package} {importlib.metadata.version(package)}" for package in needed)
    print(f"{versions}; Python {platform.python_version()}, {os.cpu_count()} processors")
    for name in arguments.names or ["multihoprag"]:
        eval_set = chosen(sets(arguments.corpora)[name](), arguments.articles, arguments.topics)
        load_before = os.getloadavg()[0]
        with tempfile.TemporaryDirectory() as folder:
            report(eval_set, measure(eval_set, ready, Path(folder), arguments.rounds))
        print(f"\nload average {load_before:.1f} before, {os.getloadavg()[0]:.1f} after")
    return 0


if __name__ == "__main__":
    sys.exit(main())
