"""Measure what the upkeep of an index costs: adding to a large one and to an empty one, opening, deleting, compacting.

    python scripts/bench_upkeep.py FOLDER [--articles 100000] [--rounds 20] [--batch 1000] [--replaced 0.05]
    python scripts/bench_upkeep.py FOLDER --deletes         python scripts/bench_upkeep.py FOLDER --profile

FOLDER gets the large index, which is used again when it is there; what is done to it is done to a copy beside it. No
encoder runs: articles are invented of made-up words, and vectors are random. Each round opens both indexes anew, as
each `semsearch add` does, and gives each the same batch in one transaction, with the look-ups that an addition makes
beforehand; the two take turns at being first. A share of a batch replaces articles that are there, all but the last
paragraph unchanged: of the large index those that it was built with too, of the other those of earlier rounds. Files
count as written that are there after a commit and were not before, so not a segment that the same transaction merged.
"""

import argparse
import cProfile
import os
import pstats
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from hashlib import blake2b
from itertools import islice
from pathlib import Path

import numpy as np

from semsearch import identity, text
from semsearch.engines import begin_build, open_engine
from semsearch.ports import Ask, Engine, Entry, Evidence, Floats, Matrix, Mix
from semsearch.types import Date, EncoderIdentity, Metadata, Passage, Recipe

DIMENSIONS = 384
RECIPE = Recipe(EncoderIdentity("made up", "0" * 64, DIMENSIONS, "mean"), 64, identity.VERSION, text.VERSION)
WORDS = 5_000
PARAGRAPH_WORDS = (40, 60)
LANGUAGES = ("en", "en", "en", "de", "fr", "es")
PUBLISHERS = tuple(f"Paper {number}" for number in range(12))
WINDOW = 512
"""Passages that an addition looks up together."""

OPENINGS = 9
DELETED = 1_000
DAY = 86_400
RATIO_TARGET, OPENING_TARGET = 1.25, 0.3


def vocabulary() -> list[str]:
    """Return distinct words of two to four syllables, the same in every run."""
    draw = np.random.default_rng(1)
    syllables = [f"{first}{vowel}{last}" for first in "bdfgklmnprstvz" for vowel in "aeiou" for last in ("", "n", "r")]
    words: set[str] = set()
    while len(words) < WORDS:
        words.add("".join(draw.choice(syllables, draw.integers(2, 5))))
    return sorted(words, key=lambda word: word[::-1])


VOCABULARY = vocabulary()
CUMULATED = np.cumsum(1 / np.arange(1, WORDS + 1)) / np.sum(1 / np.arange(1, WORDS + 1))


def drawn_words(draw: np.random.Generator, count: int) -> str:
    """Return words by Zipf's law: one's frequency is the inverse of its rank."""
    return " ".join([VOCABULARY[rank] for rank in np.searchsorted(CUMULATED, draw.random(count)).tolist()])


def unit(vectors: Floats) -> Matrix:
    """Return rows at unit length, as vectors are stored."""
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), dtype=np.float32)


def address(name: int) -> str:
    """Return the address of the article of a name, from which its id follows."""
    return f"https://news.example.org/story/{name}"


def id_of(name: int) -> str:
    """Return the id of the article of a name."""
    return identity.url_id(address(name)) or ""


def drafted(number: int, paragraphs: Sequence[int]) -> tuple[list[str], Matrix]:
    """Return the paragraphs of a number, and a vector for each."""
    draw = np.random.default_rng([2, number])
    count = int(draw.integers(paragraphs[0], paragraphs[1] + 1))
    parts = [f"{drawn_words(draw, int(draw.integers(*PARAGRAPH_WORDS)))}." for _ in range(count)]
    return parts, unit(draw.standard_normal((count, DIMENSIONS)))


def invented(number: int, name: int, paragraphs: Sequence[int]) -> Entry:
    """Return the article of a number, a passage for each paragraph; of another name, that one with a new ending."""
    parts, vectors = drafted(name, paragraphs)
    if number != name:
        ending, its_vectors = drafted(number, paragraphs)
        parts, vectors = [*parts[:-1], ending[-1]], np.concatenate([vectors[:-1], its_vectors[-1:]])
    draw = np.random.default_rng([3, number])
    start = 1_577_836_800 + number % 2_000 * DAY
    metadata = Metadata(
        id_of(name),
        drawn_words(draw, 8),
        url=address(name),
        publisher=PUBLISHERS[number % len(PUBLISHERS)],
        published=Date(str(np.datetime64(start, "s").astype("datetime64[D]")), start, start + DAY - 1),
        indexed="2026-01-05T08:12:44Z",
        language=LANGUAGES[number % len(LANGUAGES)],
    )
    article = identity.seal(metadata, "\n\n".join(parts))
    passages = [
        Passage(metadata.article_id, ordinal, start, end, article.text[start:end])
        for ordinal, (start, end) in enumerate(text.paragraph_spans(article.text))
    ]
    sampled = metadata.article_id[0] == "0"  # as an addition does: the headline of one article in sixteen is kept
    headline = unit(draw.standard_normal(DIMENSIONS)) if sampled else None
    keys = [blake2b(part.encode(), digest_size=16).digest() for part in parts]
    return Entry(article, passages, vectors, 0, keys, headline=headline)


def batches(rounds: int, arguments: argparse.Namespace, first: int, earlier: int) -> Iterator[list[Entry]]:
    """Yield a batch for each round, always of the same texts.

    Args:
        first: the number of the first new article.
        earlier: names from 0 that are in the index already.
    """
    draw = np.random.default_rng(3)
    for turn in range(rounds):
        numbers = range(first + turn * arguments.batch, first + (turn + 1) * arguments.batch)
        names = dict(zip(numbers, numbers, strict=True))
        existing = earlier + turn * arguments.batch
        replaced = int(arguments.batch * arguments.replaced) if existing else 0
        for number in draw.choice(numbers, replaced, replace=False).tolist() if existing else ():
            name = int(draw.integers(existing))
            names[number] = name if name < earlier else first + name - earlier
        yield [invented(number, name, arguments.paragraphs) for number, name in names.items()]


def timed(task: Callable[[], object]) -> float:
    """Return wall seconds."""
    started = time.perf_counter()
    task()
    return time.perf_counter() - started


def build(folder: Path, arguments: argparse.Namespace) -> None:
    """Build the large index, unless it exists."""
    if (folder / "manifest.json").exists():
        stats = open_engine(folder).stats()
        if stats.articles != arguments.articles:
            sys.exit(f"{folder} holds {stats.articles:,} articles, not {arguments.articles:,}: name another folder")
        print(
            f"{folder}: {stats.articles:,} articles, {stats.passages:,} passages, {stats.segments} segments, as built\n"
        )
        return
    seconds = 0.0
    engine = begin_build(folder, RECIPE, replacing=False)
    with ExitStack() as transaction:
        writer = transaction.enter_context(engine.writer())
        for first in range(0, arguments.articles, arguments.batch):
            names = range(first, min(first + arguments.batch, arguments.articles))
            block = [invented(name, name, arguments.paragraphs) for name in names]
            started = time.perf_counter()
            for entry in block:
                writer.add(entry)
            seconds += time.perf_counter() - started
        seconds += timed(transaction.close)
    with engine.writer() as writer:
        seconds += timed(writer.compact)
    seconds += timed(engine.finish)
    stats = engine.stats()
    engine.close()
    print(f"{folder}: {stats.articles:,} articles, {stats.passages:,} passages, {stats.segments} segments,")
    print(f"{stats.size_bytes / 1e6:,.0f} MB, built and compacted in {seconds:.0f} s\n")


def copied(folder: Path, place: Path) -> Path:
    """Copy an index: segments as links, for they never change, and the manifest itself."""
    shutil.copytree(folder / "segments", place / "segments", copy_function=os.link)
    shutil.copy(folder / "manifest.json", place)
    return place


def emptied(place: Path) -> Path:
    """Make an empty index."""
    begin_build(place, RECIPE, replacing=False).finish()
    return place


def files_of(folder: Path) -> dict[Path, int]:
    """Return the files of all segments with their sizes."""
    return {path: path.stat().st_size for path in (folder / "segments").rglob("*") if path.is_file()}


class Laps:
    """Measures seconds by step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        """Put the time since the last lap under a name."""
        now = time.perf_counter()
        self.seconds[name] = self.seconds.get(name, 0) + now - self._last
        self._last = now


def add(folder: Path, batch: Sequence[Entry]) -> Mapping[str, float]:
    """Add a batch as `semsearch add` does once everything is encoded; return seconds by step."""
    laps = Laps()
    engine = open_engine(folder)
    laps.lap("opening")
    with engine.writer() as writer:
        laps.lap("beginning the transaction")
        for entry in batch:
            article_id = entry.article.metadata.article_id
            if writer.fingerprint(article_id) is not None:
                writer.article(article_id)
        laps.lap("look-ups of articles")
        keys = [key for entry in batch for key in entry.keys]
        for start in range(0, len(keys), WINDOW):
            writer.vectors_of(keys[start : start + WINDOW])
        laps.lap("look-ups of vectors")
        for entry in batch:
            writer.add(entry)
        laps.lap("taking entries")
        writer.commit()
        laps.lap("commit, merges included")
    laps.lap("ending the transaction")
    engine.close()
    return laps.seconds


class Grown:
    """One index that is added to."""

    def __init__(self, folder: Path, coming: Iterator[list[Entry]]) -> None:
        self.folder, self._coming = folder, coming
        self.laps: list[Mapping[str, float]] = []
        self.segments: list[int] = []
        self.written: list[int] = []
        self.payload: list[int] = []  # bytes of texts and vectors that were given

    def grow(self) -> None:
        """Add the next batch, prepared before the clock starts."""
        batch = next(self._coming)
        old_files = files_of(self.folder)
        self.laps.append(add(self.folder, batch))
        self.written.append(sum(size for path, size in files_of(self.folder).items() if path not in old_files))
        self.payload.append(sum(entry.vectors.nbytes + len(entry.article.text.encode()) for entry in batch))
        engine = open_engine(self.folder)
        self.segments.append(engine.stats().segments)
        engine.close()


def compare(place: Path, large: Path, arguments: argparse.Namespace) -> Path:
    """Let the two indexes grow in turn and print the times; return the large one."""
    warm = emptied(place / "warm")
    for batch in batches(2, arguments, arguments.articles, 0):
        add(warm, batch)
    count = arguments.articles
    big = Grown(copied(large, place / "big"), batches(arguments.rounds, arguments, count, count))
    small = Grown(emptied(place / "small"), batches(arguments.rounds, arguments, count, 0))
    print(f"{arguments.rounds} times {arguments.batch:,} articles, {arguments.replaced:.0%} of them replacing others\n")
    print("| round | to the large, s | to the empty, s | ratio | segments | of the empty | MB written | to the empty |")
    print("|---|---|---|---|---|---|---|---|")
    for turn in range(arguments.rounds):
        for grown in (big, small) if turn % 2 else (small, big):
            grown.grow()
        large_s, empty_s = (sum(grown.laps[-1].values()) for grown in (big, small))
        print(
            f"| {turn + 1} | {large_s:.2f} | {empty_s:.2f} | {large_s / empty_s:.2f} | {big.segments[-1]} "
            f"| {small.segments[-1]} | {big.written[-1] / 1e6:,.1f} | {small.written[-1] / 1e6:,.1f} |",
            flush=True,
        )
    report(big, small)
    return big.folder


def report(big: Grown, small: Grown) -> None:
    """Print where the time went, and the totals."""
    print("\n| all rounds | to the large, s | to the empty, s | ratio | large: first quarter, median | last quarter |")
    print("|---|---|---|---|---|---|")
    quarter = max(1, len(big.laps) // 4)
    spent = {name: [[laps[name] for laps in side.laps] for side in (big, small)] for name in big.laps[0]}
    spent["**total**"] = [[sum(laps.values()) for laps in side.laps] for side in (big, small)]
    spent["total without opening"] = [
        [sum(laps.values()) - laps["opening"] for laps in side.laps] for side in (big, small)
    ]
    for name, (large_s, empty_s) in spent.items():
        early, late = statistics.median(large_s[:quarter]), statistics.median(large_s[-quarter:])
        ratio = sum(large_s) / sum(empty_s)
        print(f"| {name} | {sum(large_s):.2f} | {sum(empty_s):.2f} | {ratio:.2f} | {early:.3f} | {late:.3f} |")
    middle, other_middle = (statistics.median(column) for column in spent["**total**"])
    print(f"\ntarget of the total's ratio: at most {RATIO_TARGET}")
    print(f"ratio of the rounds' medians, which leave rare merges out: {middle / other_middle:.2f}")
    for name, side in (("large", big), ("empty", small)):
        share = sum(side.written) / sum(side.payload)
        print(f"to the {name} one {sum(side.written) / 1e6:,.0f} MB were written, {share:.1f} times texts and vectors")


def search_once(engine: Engine) -> None:
    """Search by vector and words, and read the best ten."""

    def judge(evidence: Evidence) -> Floats:
        if evidence.cosines is None:
            return np.clip(evidence.strength, 0, 1)
        return np.clip(evidence.strength / 2 + evidence.legibility * evidence.cosines / 2, 0, 1)

    draw = np.random.default_rng(4)
    mix = Mix(dense=0.9, lexical=0.4, dense_article=0.3, lexical_article=0.4, feedback=0.7)
    [results] = engine.search([Ask(drawn_words(draw, 3), unit(draw.standard_normal(DIMENSIONS)), mix, judge)])
    for candidate in islice(results.ranked(), 10):
        engine.get(candidate.article_id)


def opened(folder: Path) -> Mapping[str, float]:
    """Return seconds of opening an index, the first article read, the first search and the second."""
    laps = Laps()
    engine = open_engine(folder)
    laps.lap("opening")
    engine.get(id_of(0))
    laps.lap("first article")
    for name in ("first search", "next search"):
        search_once(engine)
        laps.lap(name)
    engine.close()
    return laps.seconds


def openings(folders: Mapping[str, Path]) -> None:
    """Print how long an index takes to open, and to answer for the first time."""
    print(f"\n| ms, of {OPENINGS} | opening, median | least | most | first article | first search | next |")
    print("|---|---|---|---|---|---|---|")
    for name, folder in folders.items():
        laps = [opened(folder) for _ in range(OPENINGS)]
        opening, *later = ([1000 * lap[step] for lap in laps] for step in laps[0])
        medians = " | ".join(f"{statistics.median(column):.1f}" for column in later)
        print(f"| {name} | {statistics.median(opening):.1f} | {min(opening):.1f} | {max(opening):.1f} | {medians} |")
    print(f"\ntarget of opening the large one: at most {OPENING_TARGET * 1000:.0f} ms")


def deletes(place: Path, large: Path, arguments: argparse.Namespace) -> None:
    """Delete articles at random, compact, and print the costs of each."""
    folder = copied(large, place / "deleting")
    draw = np.random.default_rng(5)
    names = draw.choice(arguments.articles, min(DELETED, arguments.articles), replace=False).tolist()
    ids = [id_of(name) for name in names]

    def delete() -> None:
        with open_engine(folder).writer() as writer:
            for article_id in ids:
                writer.delete(article_id)

    def compact() -> None:
        with open_engine(folder).writer() as writer:
            writer.compact()

    print(f"| {len(ids):,} articles at random, opening included | s | segments | MB | MB written |")
    print("|---|---|---|---|---|")
    for name, task in (("deleting", delete), ("compacting", compact)):
        old_files = files_of(folder)
        seconds = timed(task)
        written = sum(size for path, size in files_of(folder).items() if path not in old_files)
        stats = open_engine(folder).stats()
        print(
            f"| {name} | {seconds:.2f} | {stats.segments} | {stats.size_bytes / 1e6:,.0f} | {written / 1e6:,.1f} |",
            flush=True,
        )


def profile(place: Path, large: Path, arguments: argparse.Namespace) -> None:
    """Profile the additions to the large index."""
    folder = copied(large, place / "profiled")
    profiler = cProfile.Profile()
    for batch in batches(arguments.rounds, arguments, arguments.articles, arguments.articles):
        profiler.enable()
        add(folder, batch)
        profiler.disable()
    print(f"{arguments.rounds} times {arguments.batch:,} articles to the large index (profiling makes them slower)\n")
    pstats.Stats(profiler).strip_dirs().sort_stats("cumulative").print_stats(25)


def main() -> None:
    """Parse, build, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--paragraphs", type=int, nargs=2, default=(3, 6), metavar=("LEAST", "MOST"))
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--batch", type=int, default=1_000)
    parser.add_argument("--replaced", type=float, default=0.05, help="share of a batch, 0 to 1")
    parser.add_argument("--deletes", action="store_true", help="measure deleting and compacting instead")
    parser.add_argument("--profile", action="store_true", help="profile the additions to the large index instead")
    arguments = parser.parse_args()
    folder = arguments.folder.absolute()
    build(folder, arguments)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f"{folder.name}-") as place:
        if arguments.deletes:
            deletes(Path(place), folder, arguments)
        elif arguments.profile:
            profile(Path(place), folder, arguments)
        else:
            grown = compare(Path(place), folder, arguments)
            openings({"large, as built": folder, "large, grown": grown, "empty, grown": Path(place) / "small"})


if __name__ == "__main__":
    main()
