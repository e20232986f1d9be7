"""Writers that are killed lose nothing that they acknowledged, and readers never notice that anybody writes."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from random import Random

import pytest

from semsearch import Index
from semsearch.encoders import load_encoder
from semsearch.engines.folders import verify
from semsearch.engines.local.manifest import orphans, read_manifest
from semsearch.types import Article
from tests.killing import MOST_ARTICLES, assert_tidy
from tests.making import article
from tests.test_docs import ROOT
from tests.test_slow import WORDS, command

ENCODER = load_encoder("hashing:16")
ARTICLES = 24
DELETED = 7

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")


def campaign(folder: Path, rounds: int, seed: int) -> dict[str, dict[str, int]]:
    """Run one in a process of its own, and return what it reports."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.killing", folder, str(rounds), str(seed)],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    print(done.stdout)  # noqa: T201 - where the kills fell, shown by -rP
    report: dict[str, dict[str, int]] = json.loads(done.stdout)
    return report


def died(report: dict[str, dict[str, int]], where: str) -> int:
    return sum(count for phase, count in report["phases"].items() if where in phase)


@needs_fork
def test_a_few_writers_that_are_killed_lose_nothing(tmp_path: Path) -> None:
    assert sum(campaign(tmp_path, 2, 3)["phases"].values()) == 2


@needs_fork
@pytest.mark.slow
@pytest.mark.parametrize("seed", [5, 6])
def test_a_thousand_writers_that_are_killed_lose_nothing(tmp_path: Path, seed: int) -> None:
    report = campaign(tmp_path, 500, seed)
    assert sum(report["phases"].values()) == 500
    # They died where it matters.
    assert died(report, "all was done") < 250
    for what in ("build", "add", "delete", "compact"):
        assert died(report, f"{what} >") >= 5, what
    for where in ("write_contents", "_merge", "/compact", "sweep", "write_manifest"):
        assert died(report, where) >= 5, where
    assert report["commits"]["add: before"] >= 25
    assert report["commits"]["add: between"] >= 25
    assert report["articles"] > MOST_ARTICLES  # type: ignore[operator]


def write_articles(path: Path, numbers: range, version: int) -> None:
    """Articles of invented text; their version is the last word of the title."""
    with path.open("w", encoding="utf-8") as stream:
        for number in numbers:
            draw = Random(number * 100 + version)  # noqa: S311 - text, not secrets
            text = "\n\n".join(" ".join(draw.choices(WORDS, k=24)) + "." for _ in range(2))
            stream.write(json.dumps({"id": number, "title": f"Article {number} {version}", "text": text}) + "\n")


def versions(folder: Path) -> dict[int, int]:
    """The version of each article that is there."""
    with Index.open(folder) as index:
        titles = [metadata.title.split() for metadata in index.articles()]
    found = {int(number): int(version) for _, number, version in titles}
    assert len(found) == len(titles)
    return found


_COMMITTING_OFTEN = """
import sys
from semsearch import Index, read
Index.open(sys.argv[2]).add(read(sys.argv[1]), commit_seconds=1)
"""


@pytest.mark.slow
@pytest.mark.model
def test_a_dozen_commands_with_the_real_model_that_are_killed_lose_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    write_articles(tmp_path / "some.jsonl", range(100), 0)
    subprocess.run(command("build", tmp_path / "some.jsonl", "-i", folder, "-q"), check=True)
    held = dict.fromkeys(range(100), 0)
    draw = Random(17)  # noqa: S311 - which moments, no secret
    seconds = 300.0  # that the first addition may take: it is not killed, and says how long the others do
    kills = version = 0
    fell = []
    while kills < 12:
        version += 1
        numbers = range(version * 250, version * 250 + 500)  # many of them are there, in another version
        write_articles(tmp_path / "more.jsonl", numbers, version)
        began = time.monotonic()
        # The command commits each minute, which it does not take: every other addition commits each second.
        adding = command("add", tmp_path / "more.jsonl", "-i", folder, "-q")
        often = [sys.executable, "-c", _COMMITTING_OFTEN, str(tmp_path / "more.jsonl"), str(folder)]
        running = subprocess.Popen(often if version % 2 else adding)
        try:
            running.wait(seconds if version == 1 else draw.uniform(0.1, 1.1) * seconds)
        except subprocess.TimeoutExpired:
            running.kill()
            kills += 1
        acknowledged = running.wait() == 0
        seconds = time.monotonic() - began if version == 1 else seconds
        assert acknowledged or version > 1
        assert verify(folder).damages == ()
        found = versions(folder)
        done = next(
            count for count in range(len(numbers) + 1) if found == held | dict.fromkeys(numbers[:count], version)
        )
        assert done == len(numbers) or not acknowledged
        assert done in (0, len(numbers)) or version % 2
        fell.append("acknowledged" if acknowledged else f"after {done}")
        held = found
    print(seconds, fell)  # noqa: T201 - shown by -rP
    subprocess.run(command("add", tmp_path / "more.jsonl", "-i", folder, "-q"), check=True)
    assert versions(folder) == held | dict.fromkeys(numbers, version)
    assert_tidy(folder)


def of_epoch(epoch: int) -> list[Article]:
    """All articles, each of which says in which epoch it was written."""
    return [
        article(f"e{number}", f"The council met at the quay, number {number}, epoch{epoch}.", title=f"Epoch {epoch}")
        for number in range(ARTICLES)
    ]


IDS = {one.metadata.article_id for one in of_epoch(0)}
*_, LAST = (one.metadata.article_id for one in of_epoch(0))
FIRST = [one.metadata.article_id for one in of_epoch(0)][:DELETED]


def named(text: str) -> str:
    """The epoch that a title or a text names."""
    return text.casefold().rsplit("epoch")[-1].strip(" .")


def look(index: Index) -> None:
    """Whatever is asked of one generation is answered from one epoch, and from all of it."""
    listed = list(index.articles())
    found = {one.article_id for one in listed}
    assert found in (IDS, IDS - set(FIRST)), len(found)
    assert len({one.title for one in listed}) == 1, "two epochs at once"
    hits = index.search("council epoch quay", k=ARTICLES).hits
    assert {hit.article.article_id for hit in hits} | {copy.article_id for hit in hits for copy in hit.copies} in (
        IDS,
        IDS - set(FIRST),
    )
    assert all(named(hit.text) == named(hit.article.title) for hit in hits), "two epochs in one hit"
    assert len({hit.article.title for hit in hits}) == 1, "two epochs in one answer"
    article = index.get(LAST)
    assert named(article.text) == named(article.metadata.title)


def look_afresh(folder: Path) -> None:
    with Index.open(folder, encoder=ENCODER) as index:
        look(index)
        look(index)


def read_until(folder: Path, stop: Path) -> None:
    """What a process of its own does."""
    looks = 0
    while not stop.exists():
        look_afresh(folder)
        looks += 1
    print(looks)  # noqa: T201


READ = "import sys, pathlib, tests.test_kills as here; here.read_until(*map(pathlib.Path, sys.argv[1:]))"


def write(folder: Path, seconds: float) -> int:
    """Replace all, delete some, compact, as fast as it goes; returns how many generations that made."""
    until = time.monotonic() + seconds
    epoch = 0
    with Index.open(folder, encoder=ENCODER) as index:
        while time.monotonic() < until:
            epoch += 1
            index.add(of_epoch(epoch), commit_seconds=None)
            index.delete(FIRST)
            if epoch % 3 == 0:
                index.compact()
        return index.stats().generation


def read_beside(folder: Path, seconds: float, processes: int, threads: int) -> tuple[int, int]:
    """Write for some time beside readers; returns generations and looks."""
    with Index.build(of_epoch(0), folder, encoder=ENCODER):
        pass
    stop = folder.parent / "stop"
    looks = 0
    lock = threading.Lock()

    def read() -> None:
        nonlocal looks
        while not stop.exists():
            look_afresh(folder)
            with lock:
                looks += 1

    others = [
        subprocess.Popen([sys.executable, "-W", "error", "-c", READ, folder, stop], cwd=ROOT, stdout=subprocess.PIPE)
        for _ in range(processes)
    ]
    with ThreadPoolExecutor(threads) as pool:
        reading = [pool.submit(read) for _ in range(threads)]
        try:
            generations = write(folder, seconds)
        finally:
            stop.touch()
        for one in reading:
            one.result()
    for other in others:
        said, _ = other.communicate(timeout=60)
        assert other.returncode == 0
        looks += int(said)
    with Index.open(folder, encoder=ENCODER) as index:
        index.delete(())
    assert_tidy(folder)
    return generations, looks


def test_readers_in_threads_see_whole_generations_while_one_writes(tmp_path: Path) -> None:
    generations, looks = read_beside(tmp_path / "index", 1, processes=0, threads=2)
    assert generations > 5
    assert looks > 5


@pytest.mark.slow
def test_readers_in_threads_and_processes_see_whole_generations_while_one_writes(tmp_path: Path) -> None:
    generations, looks = read_beside(tmp_path / "index", 20, processes=3, threads=3)
    print(generations, looks)  # noqa: T201 - shown by -rP
    assert generations > 50
    assert looks > 50


def test_a_thread_that_reads_through_the_object_that_writes_sees_whole_answers(tmp_path: Path) -> None:
    with Index.build(of_epoch(0), tmp_path / "index", encoder=ENCODER) as index, ThreadPoolExecutor(2) as pool:
        done = threading.Event()

        def read() -> int:
            looks = 0
            while not done.is_set():
                for answer in (index.search("council epoch quay", k=ARTICLES), index.similar(LAST, k=ARTICLES)):
                    assert len({hit.article.title for hit in answer.hits}) <= 1, "two epochs in one answer"
                    assert all(named(hit.text) == named(hit.article.title) for hit in answer.hits)
                assert len({metadata.title for metadata in index.articles()}) == 1
                assert index.stats().articles in (ARTICLES, ARTICLES - DELETED)
                looks += 1
            return looks

        reading = [pool.submit(read) for _ in range(2)]
        try:
            for epoch in range(1, 7):
                index.add(of_epoch(epoch), commit_seconds=None)
                index.delete(FIRST)
        finally:
            done.set()
        assert all(one.result() for one in reading)


def files_of(folder: Path) -> list[Path]:
    """Every file that the newest generation names."""
    return [folder / path for path, _ in read_manifest(folder).seals()]


def here(folder: Path) -> Iterator[Callable[[], None]]:
    """A reader in this process; what it yields lets go."""
    reader = ExitStack()
    reader.enter_context(Index.open(folder, encoder=ENCODER))
    yield reader.close


HOLD = "import sys, semsearch; held = semsearch.Index.open(sys.argv[1]); print('open', flush=True); sys.stdin.read()"


def elsewhere(folder: Path) -> Iterator[Callable[[], None]]:
    """A reader in another process; what it yields ends it."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdout
        assert reader.stdout.readline() == "open\n"

        def end() -> None:
            reader.communicate()
            assert reader.returncode == 0

        yield end


@pytest.mark.skipif(sys.platform == "win32", reason="Windows itself keeps what somebody has open")
@pytest.mark.parametrize("reader", [here, elsewhere])
def test_what_a_reader_has_open_lies_there_until_it_ends_and_goes_with_the_next_writer(
    tmp_path: Path, reader: Callable[[Path], Iterator[Callable[[], None]]]
) -> None:
    folder = tmp_path / "index"
    with Index.build(of_epoch(0), folder, encoder=ENCODER) as index:
        index.delete(FIRST)
        index.close()
    held = files_of(folder)
    for end in reader(folder):
        for epoch in (1, 2):
            with Index.open(folder, encoder=ENCODER) as index:
                index.add(of_epoch(epoch))
                index.compact()
        assert not set(held) & set(files_of(folder))
        in_segments = [path for path in held if path.parent.parent == folder / "segments"]
        assert in_segments
        assert all(path.exists() for path in in_segments)
        assert list(orphans(folder, [read_manifest(folder)]))
        end()
    with Index.open(folder, encoder=ENCODER) as index:
        index.delete(())
    assert not any(path.exists() for path in held)
    assert_tidy(folder)
