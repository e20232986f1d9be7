"""Measure warm queries, encoder included, in every mode.

    python scripts/bench_query.py FILES… [--passages 100000] [--queries 60] [--rounds 3]

Builds an index of the articles in FILES until it has so many passages, repeating them under other names where they are
not enough, asks headlines of these articles in every mode, and prints medians and 95th percentiles. `bench_peers.py`
compares with others.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from semsearch.encoders import load_encoder
from semsearch.identity import seal
from semsearch.index import Index
from semsearch.sources import read
from semsearch.types import Article, GroupBy, Mode, Query

K = 10
WARMING = 5


def articles(files: Sequence[str]) -> Iterator[Article]:
    """Yield the articles again and again, each time with other ids."""
    originals = [article for file in files for article in read(file) if isinstance(article, Article)]
    for turn in range(1_000_000):
        for article in originals:
            metadata = article.metadata
            renamed = metadata.article_id if not turn else f"{int(metadata.article_id, 16) + turn:020x}"[-20:]
            yield article if not turn else seal(replace(metadata, article_id=renamed), article.text)


def add_articles(index: Index, source: Iterator[Article], passages: int) -> list[str]:
    """Add articles until there are enough passages, and return their headlines."""
    headlines: list[str] = []
    while index.stats().passages < passages:
        batch = [article for article, _ in zip(source, range(500), strict=False)]
        index.add(batch)
        headlines += [article.metadata.title for article in batch if article.metadata.title]
    index.compact()
    return headlines


def main() -> None:
    """Build or open an index, and measure queries."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*")
    parser.add_argument("--index", help="an index that is there already, in the place of FILES")
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if arguments.index:
            index = Index.open(arguments.index)
            headlines = [article.title for article in index.articles() if article.title]
        else:
            index = Index.create(Path(folder) / "index", encoder=load_encoder(None))
            headlines = add_articles(index, articles(arguments.files), arguments.passages)
        step = max(1, len(headlines) // arguments.queries)
        queries = headlines[::step][: arguments.queries]
        stats = index.stats()
        counts = f"{stats.passages:,} passages of {stats.articles:,} articles"
        print(f"{counts}, {len(queries)} headlines as queries, k = {K}\n")
        systems: dict[str, Callable[[str], Any]] = {
            "hybrid": lambda text: index.search(Query(text, K)),
            "hybrid, copies not folded": lambda text: index.search(Query(text, K, group_by=GroupBy.COPIES)),
            "dense": lambda text: index.search(Query(text, K, mode=Mode.DENSE)),
            "lexical": lambda text: index.search(Query(text, K, mode=Mode.LEXICAL)),
            "encoder alone": lambda text: index._ready_encoder().encode_queries([text]),
        }
        report(systems, queries, arguments.rounds)


def report(systems: dict[str, Callable[[str], Any]], queries: Sequence[str], rounds: int) -> None:
    """Ask each system each query in turn, and print the times."""
    taken_by: dict[str, list[float]] = {name: [] for name in systems}
    for ask in systems.values():
        for text in queries[:WARMING]:
            ask(text)
    for _ in range(rounds):
        for name, ask in systems.items():
            for text in queries:
                started = time.perf_counter()
                ask(text)
                taken_by[name].append(1000 * (time.perf_counter() - started))
    base = statistics.median(taken_by["hybrid"])
    print(f"{'':28}{'p50 ms':>8}{'p95 ms':>8}{'p50 / hybrid':>14}")
    for name, times in taken_by.items():
        middle, late = statistics.median(times), statistics.quantiles(times, n=20)[-1]
        print(f"{name:28}{middle:>8.2f}{late:>8.2f}{middle / base:>14.2f}")


if __name__ == "__main__":
    sys.exit(main())
