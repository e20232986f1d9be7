"""Measure how many articles carry the same text, how many of these the sketches propose, and what it costs.

    python scripts/bench_copies.py FILE... [--body body] [--articles N] [--show]

FILE is JSON Lines, or the same compressed by gzip, with an id and a body; records without a body are left out. Every
pair that shares enough bands is compared; a band that more than 500 articles share proposes nothing, and is counted.
No text is printed; `--show` prints the ids of the pairs.
"""

import argparse
import gzip
import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations, islice
from pathlib import Path

import numpy as np

from semsearch.copies import BANDS, LEAST_BANDS, Shingles, is_copy, likeness, shingles, sketch
from semsearch.text import normalise_text

CROWD = 500
Pair = tuple[int, int]


def articles(path: Path, body: str) -> Iterator[tuple[str, str]]:
    """Yield ids and normalised texts."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
        for at, line in enumerate(lines):
            record = json.loads(line)
            text = normalise_text(record.get(body) or "")
            if text:
                yield str(record.get("id", at)), text


def candidates(sketches: Sequence[Shingles]) -> tuple[list[Pair], int]:
    """Return the pairs that share LEAST_BANDS, and how many bands are too common to propose anything."""
    found: Counter[Pair] = Counter()
    crowded = 0
    for band in range(BANDS):
        sharing: defaultdict[int, list[int]] = defaultdict(list)
        for at, one in enumerate(sketches):
            sharing[int(one[band])].append(at)
        for group in sharing.values():
            if len(group) > CROWD:
                crowded += 1
            else:
                found.update(combinations(group, 2))
    return [pair for pair, shared in found.items() if shared >= LEAST_BANDS], crowded


def same(texts: Sequence[str]) -> set[Pair]:
    """Return the pairs of articles with the very same text."""
    where: defaultdict[str, list[int]] = defaultdict(list)
    for at, text in enumerate(texts):
        where[text].append(at)
    return {pair for group in where.values() for pair in combinations(group, 2)}


def measure(path: Path, body: str, count: int | None, *, show: bool) -> None:
    """Print the figures of one file."""
    ids, texts = zip(*islice(articles(path, body), count), strict=True)
    started = time.process_time()
    found = [shingles(text) for text in texts]
    middle = time.process_time()
    sketches = [sketch(text) for text in texts]
    ended = time.process_time()
    proposed, crowded = candidates(sketches)
    compared = time.process_time()
    likenesses = [(pair, likeness(found[pair[0]], found[pair[1]])) for pair in proposed]
    folded = {pair: like for pair, like in likenesses if is_copy(like)}
    seconds = time.process_time() - compared
    exact = same(texts)
    print(f"{path.name}: {len(texts):,} articles")
    each = [1e6 * spent / len(texts) for spent in (middle - started, ended - middle)]
    print(f"  shingles {each[0]:,.0f} µs an article, sketch {each[1]:,.0f} µs")
    print(f"  pairs proposed by {LEAST_BANDS} of {BANDS} bands: {len(proposed):,}; bands too common: {crowded:,}")
    print(f"  compared in {seconds / max(1, len(proposed)) * 1e6:,.0f} µs each; folded: {len(folded):,}")
    shares = np.histogram([like.containment for like in folded.values()], [0, 0.6, 0.7, 0.8, 0.9, 0.99, 1.01])[0]
    print(f"  by containment below .6, .7, .8, .9, .99, and up: {', '.join(f'{share:,}' for share in shares)}")
    print(f"  exact duplicates folded: {len(exact & folded.keys()):,} of {len(exact):,}")
    if show:
        for (one, other), like in sorted(folded.items()):
            print(f"  {ids[one]} {ids[other]} {like.containment:.3f}")


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--body", default="body", help="the field that has the text")
    parser.add_argument("--articles", type=int, help="read no more than so many of each file")
    parser.add_argument("--show", action="store_true", help="print the ids of the pairs that are folded")
    given = parser.parse_args()
    for path in given.paths:
        measure(path, given.body, given.articles, show=given.show)


if __name__ == "__main__":
    main()
