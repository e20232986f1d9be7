"""What takes longer than a few seconds: whole builds, kills, memory."""

import json
import random
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from semsearch import Index
from semsearch.engines.local.merge import LARGEST
from tests.peaks import needs_peaks, peak_memory
from tests.test_docs import ROOT

pytestmark = pytest.mark.slow

WORDS = ["river", "bridge", "council", "harbour", "wheat", "glacier", "vaccine", "school", "rain", "strike", "opera"]


def write_articles(path: Path, count: int) -> None:
    chance = random.Random(7)  # noqa: S311  text, not secrets
    with path.open("w", encoding="utf-8") as stream:
        for number in range(count):
            text = "\n\n".join(" ".join(chance.choices(WORDS, k=60)) + "." for _ in range(6))
            stream.write(json.dumps({"id": number, "title": f"Article {number}", "text": text}) + "\n")


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "semsearch", *map(str, arguments)]


@pytest.mark.model
def test_rebuilding_the_prebuilt_index_gives_the_same_bytes_and_the_committed_one(tmp_path: Path) -> None:
    def content(folder: Path) -> dict[str, bytes]:
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    build = [sys.executable, ROOT / "scripts" / "build_sample_index.py"]
    for name in ("first", "second"):
        subprocess.run([*build, tmp_path / name], check=True, capture_output=True)
    assert content(tmp_path / "first") == content(tmp_path / "second")
    # Another processor rounds differently, so the committed vectors are compared as numbers and all else as bytes.
    [committed], [built] = ((folder / "segments").iterdir() for folder in (ROOT / "index", tmp_path / "first"))
    for path in committed.iterdir():
        if "vectors" not in path.name:
            assert path.read_bytes() == (built / path.name).read_bytes(), path.name
    np.testing.assert_allclose(np.load(committed / "vectors.npy"), np.load(built / "vectors.npy"), atol=1e-5)


_COMMITTING_OFTEN = """
import sys
from semsearch import Index
Index.build(sys.argv[1], sys.argv[2], encoder="hashing", commit_seconds=0.3)
"""


def test_a_build_that_was_killed_at_any_moment_is_continued_to_the_same_index(tmp_path: Path) -> None:
    """It commits three times a second: within the minute that is usual there would be nothing to continue."""
    write_articles(tmp_path / "articles.jsonl", 400)
    whole = Index.build(tmp_path / "articles.jsonl", tmp_path / "whole", encoder="hashing")
    chance = random.Random(11)  # noqa: S311
    kills = continued_ones = 0
    while not (tmp_path / "killed" / "manifest.json").exists():
        continued_ones += any((tmp_path / "killed").glob("segments/*"))
        running = subprocess.Popen(
            [sys.executable, "-c", _COMMITTING_OFTEN, tmp_path / "articles.jsonl", tmp_path / "killed"]
        )
        try:
            running.wait(chance.uniform(0.4, 1.6) * (1 + kills / 6))
        except subprocess.TimeoutExpired:
            running.send_signal(signal.SIGKILL)
            running.wait()
            kills += 1
    assert kills > 2
    assert continued_ones
    continued = Index.open(tmp_path / "killed")
    assert continued.stats().articles == whole.stats().articles == 400
    for query in ("river bridge", "vaccine school rain"):
        answers = [[(hit.passage, hit.score) for hit in index.search(query, k=50).hits] for index in (whole, continued)]
        assert answers[0] == answers[1]


def test_an_interrupted_build_says_so_and_goes_on(tmp_path: Path) -> None:
    write_articles(tmp_path / "articles.jsonl", 5_000)
    build = command("build", tmp_path / "articles.jsonl", "-i", tmp_path / "index", "--model", "hashing")
    for seconds in (2, 3, 4, 5):
        # Whoever runs this in the background may have made it deaf to the signal, and so its children.
        heed = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
        running = subprocess.Popen(build, stderr=subprocess.PIPE, text=True, preexec_fn=heed)
        time.sleep(seconds)
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=60)
        assert running.returncode == 130, err
        assert "interrupted" in err
        assert "Traceback" not in err
    done = subprocess.run(build, capture_output=True, text=True, check=True)
    assert "unchanged" in done.stderr
    assert Index.open(tmp_path / "index").stats().articles == 5_000


@needs_peaks
def test_memory_while_building_grows_with_the_largest_segment_alone(tmp_path: Path) -> None:
    """What is read is written and forgotten; a merge holds the segment that it makes, of `LARGEST` passages at most."""
    peaks, passages = {}, {}
    for count in (8_000, 32_000):
        write_articles(tmp_path / f"{count}.jsonl", count)
        build = command("build", tmp_path / f"{count}.jsonl", "-i", tmp_path / str(count), "--model", "hashing", "-q")
        peaks[count] = peak_memory(build)
        with Index.open(tmp_path / str(count)) as index:
            passages[count] = index.stats().passages
    assert passages[8_000] < passages[32_000] < LARGEST
    grown = (peaks[32_000] - peaks[8_000]) / (passages[32_000] - passages[8_000])
    assert grown < 6_000  # bytes a passage, what is mapped included
    assert peaks[32_000] < 3 << 29
