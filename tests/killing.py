"""Children that write to an index and are killed at random moments, against an oracle of what was acknowledged.

Run by itself, as `python -m tests.killing FOLDER ROUNDS SEED`: whoever forks so often should have used no threads.
"""

import gc
import hashlib
import json
import mmap
import os
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

import numpy as np

from semsearch import Index, intake
from semsearch.chunking import prepare
from semsearch.encoders import load_encoder
from semsearch.engines.folders import verify
from semsearch.engines.local import product_codes  # noqa: F401 - so that no child has to load it
from semsearch.engines.local.manifest import BUILDING, MANIFEST, orphans, read_manifest
from semsearch.engines.local.snapshot import open_snapshot
from semsearch.errors import IndexMissingError
from semsearch.ports import Entry
from semsearch.types import Article
from tests.disks import Layer, Step
from tests.making import article

ENCODER = load_encoder("hashing:16")
PASSAGE_TOKENS = 32
WINDOW = 64
"""Passages: so that an addition is several commits."""

ROUNDS_OF_AN_INDEX = 25
MOST_ARTICLES = 2_000
_WORDS = [
    f"{head}{tail}" for head in ("riv", "quay", "coun", "bri", "whe", "scho") for tail in ("er", "al", "ing", "on")
]
_PHASES = ("_merge", "compact", "sweep", "write_contents", "_with_deletions", "write_manifest", "finish")

Holding = dict[int, int] | None
"""The version of every article that is there, by its number; None where there is no index yet."""


@lru_cache(maxsize=20_000)
def story(number: int, version: int) -> Article:
    """Article `number` in some version; which one is in its title, too."""
    draw = Random(number * 1_000 + version)  # noqa: S311 - text, not secrets
    paragraphs = [" ".join(draw.choices(_WORDS, k=draw.randint(6, 24))) + "." for _ in range(draw.randint(1, 3))]
    return article(f"k{number}", "\n\n".join(paragraphs), title=f"Story {number}, version {version}")


_LEAST_SECONDS = 0.35
"""Until a child is killed, at most; on a slower machine as long as it takes to do everything."""


@dataclass(frozen=True)
class Operation:
    """One call of an index."""

    what: str  # build, add, delete, compact
    stories: tuple[tuple[int, int], ...] = ()  # numbers and versions, in order

    def run(self, folder: Path) -> None:
        """Do it as a user would who has just come."""
        told = [story(*one) for one in self.stories]
        if self.what == "build":
            given = {"passage_tokens": PASSAGE_TOKENS, "commit_seconds": 0, "job": "the same"}
            Index.build(told, folder, encoder=ENCODER, **given).close()  # type: ignore[arg-type]
            return
        with Index.open(folder, encoder=ENCODER) as index:
            match self.what:
                case "add":
                    index.add(told, commit_seconds=0)
                case "delete":
                    assert len(index.delete(one.metadata.article_id for one in told)) == len(told)
                case _:
                    index.compact()

    def generations(self, before: Holding) -> list[Holding]:
        """Return what may be there while it runs, in order: the last is there when it has returned."""
        held = dict(before or {})
        if self.what == "delete":
            gone = {number for number, _ in self.stories}
            return [before, {number: version for number, version in held.items() if number not in gone}]
        if self.what == "build":
            return [before, dict(self.stories)]
        found: list[Holding] = [before]
        passages = 0
        for number, version in self.stories:
            if held.get(number) != version:
                held[number] = version
                passages += passages_of(number, version)
                if passages >= WINDOW:
                    found.append(dict(held))
                    passages = 0
        return [*found, held]


@lru_cache(maxsize=20_000)
def passages_of(number: int, version: int) -> int:
    """How many passages an article is cut into."""
    return len(prepare(story(number, version), ENCODER, PASSAGE_TOKENS))


def drawn(draw: Random, held: Holding, unused: Iterator[int]) -> list[Operation]:
    """Draw what one child is to do with an index that holds this."""
    operations = []
    if held is None:
        operations.append(Operation("build", tuple((number, 0) for number in range(-200, 0))))
        held = operations[0].generations(None)[-1]
    for what in draw.choices(("add", "delete", "compact"), (5, 2, 3), k=4):
        there = sorted((held or {}).items())
        draw.shuffle(there)
        stories: list[tuple[int, int]] = []
        if what == "delete":
            stories = there[: draw.randint(0, len(there) // 4)]
        elif what == "add":
            count = draw.randint(50, 400)
            replaced = [(number, version + 1) for number, version in there[: count // 4]]
            unchanged = there[count // 4 : count // 3]
            stories = [
                *replaced,
                *unchanged,
                *((next(unused), 0) for _ in range(count - len(replaced) - len(unchanged))),
            ]
            draw.shuffle(stories)
        operations.append(Operation(what, tuple(stories)))
        held = operations[-1].generations(held)[-1]
    return operations


class Telling(Layer):
    """Says in shared memory, which outlives its process, what is being done at every moment."""

    def __init__(self, folder: Path, board: mmap.mmap) -> None:
        super().__init__(folder)
        self._board = board

    def happen(self, step: Step, do: Callable[[], Any]) -> Any:
        """Say it, and do it."""
        where = "/".join(self._phases()) or "elsewhere"
        self.say(f"{where}: {step.what}")
        try:
            return do()
        finally:
            self.say(f"{where}: after {step.what}")

    def say(self, what: str) -> None:
        """Leave a line for whoever comes after."""
        self._board[:120] = what.encode()[:120].ljust(120)

    def _phases(self) -> list[str]:
        frame: FrameType | None = sys._getframe(1)
        found = set()
        while frame:
            found.add(frame.f_code.co_name)
            frame = frame.f_back
        return [phase for phase in _PHASES if phase in found]


def run_child(folder: Path, operations: Sequence[Operation], pipe: int, board: mmap.mmap) -> None:
    """Do all of it, and acknowledge each."""
    with Telling(folder, board) as telling:
        os.write(pipe, b"!")
        for operation in operations:
            telling.say("before the first step")
            operation.run(folder)
            os.write(pipe, b".")
        telling.say("all was done")


def fork(folder: Path, operations: Sequence[Operation], board: mmap.mmap) -> tuple[int, int]:
    """Start a child; returns its number and where it acknowledges."""
    reading, pipe = os.pipe()
    if child := os.fork():
        os.close(pipe)
        return child, reading
    status = 1
    try:
        os.close(reading)
        run_child(folder, operations, pipe, board)
        status = 0
    except BaseException:  # noqa: BLE001 - a child must not go on as its parent
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(status)


def observed(folder: Path, draw: Random) -> Holding:
    """Read what is there with a fresh eye: every file, every article, the vectors of some."""
    try:
        snapshot = open_snapshot(folder, MANIFEST)
    except IndexMissingError:
        return None
    for path, seal in snapshot.manifest.seals():
        assert hashlib.sha256((folder / path).read_bytes()).hexdigest() == seal.sha256, path
    assert verify(folder).damages == ()
    held: dict[int, int] = {}
    entries = [entry for segment in snapshot.segments for entry in segment.living()]
    for entry in entries:
        title = entry.article.metadata.title.split()
        number, version = int(title[1].rstrip(",")), int(title[-1])
        said = story(number, version)
        assert (entry.article.text, entry.article.metadata.url) == (said.text, said.metadata.url), said.metadata.title
        assert number not in held, f"{said.metadata.title} is there twice"
        held[number] = version
    for entry in draw.sample(entries, min(20, len(entries))):
        assert_belong_together(entry)
    return held


def assert_belong_together(entry: Entry) -> None:
    """Its passages are cut from its text, and their vectors are what the encoder makes of them."""
    prepared = prepare(entry.article, ENCODER, PASSAGE_TOKENS)
    assert [one.passage for one in prepared] == list(entry.passages)
    vectors = ENCODER.encode_passages([one.embedding_text for one in prepared])
    vectors = vectors.astype(np.float16).astype(np.float32)  # as they are stored
    assert vectors.tobytes() == entry.vectors.tobytes(), entry.article.metadata.title


@dataclass
class Campaign:
    """Round after round on one index after another."""

    folder: Path
    draw: Random
    held: Holding = None
    phases: Counter[str] = field(default_factory=Counter)
    commits: Counter[str] = field(default_factory=Counter)
    acknowledged: Counter[str] = field(default_factory=Counter)
    articles: int = 0
    indexes: int = 0
    largest: int = 0
    _board: mmap.mmap = field(default_factory=lambda: mmap.mmap(-1, 120))
    _next: int = 0
    _longest: float = 0.0

    def _unused(self) -> Iterator[int]:
        while True:
            self._next += 1
            yield self._next

    def run(self, rounds: int) -> None:
        """Kill so often."""
        here, self._longest = self.folder / "0", max(_LEAST_SECONDS, self._undisturbed())
        for number in range(rounds):
            longest = self._longest
            if number % ROUNDS_OF_AN_INDEX == 0 or len(self.held or ()) > MOST_ARTICLES:
                longest /= 2  # a build is the first of five operations, or few would die in one
                shutil.rmtree(here, ignore_errors=True)
                self.indexes += 1
                here, self.held = self.folder / str(self.indexes), None
            try:
                self.round(here, longest)
            except BaseException as error:
                error.add_note(f"round {number}, {here}, killed at {self._board[:].decode().strip()!r}")
                raise

    def _undisturbed(self) -> float:
        """Let a child do everything, and return how many seconds that takes on this machine just now."""
        place = self.folder / "undisturbed"
        child, pipe = fork(place, drawn(Random(1), None, iter(range(1_000_000, 2_000_000))), self._board)  # noqa: S311
        assert os.read(pipe, 1) == b"!"
        started = time.perf_counter()
        _, status = os.waitpid(child, 0)
        assert status == 0
        _rest(pipe)
        shutil.rmtree(place)
        return time.perf_counter() - started

    def round(self, here: Path, longest: float) -> None:
        """Let a child work, kill it after so many seconds at most, and look."""
        operations = drawn(self.draw, self.held, self._unused())
        child, pipe = fork(here, operations, self._board)
        assert os.read(pipe, 1) == b"!"
        time.sleep(self.draw.uniform(0, 0.05 if self.draw.random() < 0.2 else longest))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        done = len(_rest(pipe))
        assert status in (0, signal.SIGKILL), "the child failed by itself"
        before = self.held
        for operation in operations[:done]:
            before = operation.generations(before)[-1]
            self.acknowledged[operation.what] += 1
        self.held = observed(here, self.draw)
        self._compare(before, operations[done] if done < len(operations) else None)
        self.articles += sum(len(operation.stories) for operation in operations[:done])
        self.largest = max(self.largest, len(self.held or ()))
        if status == 0:
            assert_tidy(here)
        gc.collect()

    def _compare(self, before: Holding, running: Operation | None) -> None:
        if running is None:
            assert self.held == before
            self.phases["all was done"] += 1
            return
        allowed = running.generations(before)
        assert self.held in allowed, f"{running.what}: {difference(before, self.held)}"
        first, last = self.held == allowed[0], self.held == allowed[-1]
        when = "nothing to change" if first and last else "before" if first else "after" if last else "between"
        self.commits[f"{running.what}: {when}"] += 1
        self.phases[f"{running.what} > {self._board[:].decode().strip()}"] += 1


def _rest(pipe: int) -> bytes:
    with os.fdopen(pipe, "rb") as stream:
        return stream.read()


def difference(before: Holding, after: Holding) -> str:
    """Say what changed, for a person."""
    old, new = before or {}, after or {}
    lost = sorted(set(old) - set(new))[:9]
    other = {number: (old.get(number), version) for number, version in new.items() if old.get(number) != version}
    return f"lost {lost}, other {dict(sorted(other.items())[:9])}, of {len(old)} and {len(new)}"


def assert_tidy(folder: Path) -> None:
    """Whoever comes to the end of what they wanted to do leaves nothing behind."""
    assert list(orphans(folder, [read_manifest(folder)])) == []
    assert not (folder / BUILDING).exists()


def main(folder: Path, rounds: int, seed: int) -> None:
    """Print what happened, as JSON."""
    intake.WINDOW_PASSAGES = WINDOW
    os.fsync = lambda fd: None  # noqa: ARG005 - who is killed loses nothing that the system has
    gc.freeze()
    campaign = Campaign(folder, Random(seed))  # noqa: S311 - which moments, no secret
    begun = time.monotonic()
    campaign.run(rounds)
    report = {
        name: getattr(campaign, name)
        for name in ("phases", "commits", "acknowledged", "articles", "indexes", "largest")
    }
    print(json.dumps(report | {"rounds": rounds, "seconds": round(time.monotonic() - begun, 1)}))  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
