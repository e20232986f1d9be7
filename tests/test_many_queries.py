"""Many queries, one a line: each in its place, as they come, whatever becomes of the others."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from semsearch.cli.many import BATCH, batches
from tests.commands import Ask, asking, wire_index

LINES = 'harbour quay\n\nsince:soonish rain\n-only\nzebra quantum\n\ufeffopera publisher:"town times"\n'


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wire_index(tmp_path_factory.mktemp("asking") / "index")


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, place: Path) -> Ask:
    return asking(capsys, monkeypatch, place)


def test_every_line_of_many_is_answered_or_told_in_its_place(ask: Ask) -> None:
    run = ask("query", "-", "--json", "-k", 1, stdin=LINES)
    replies = [json.loads(line) for line in run.out.splitlines()]
    assert [reply["line"] for reply in replies] == [1, 3, 4, 5, 6]
    assert ["error" in reply for reply in replies] == [False, True, True, False, False]
    assert [reply.get("verdict") == "none" for reply in replies] == [False, False, False, True, False]
    assert [reply["error"] for reply in replies[1:3]] == ["'soonish' is not a date", "the query only excludes"]
    assert replies[4]["filters"] == {"publishers": ["town times"]}
    assert (run.status, run.err) == (0, "")


def test_people_are_told_of_a_broken_line_on_standard_error(ask: Ask) -> None:
    run = ask("query", "-", "-k", 1, stdin=LINES)
    assert "semsearch: line 3: 'soonish' is not a date" in run.err
    assert "soonish" not in run.out
    assert [line for line in run.out.splitlines() if line.startswith("# ")] == [
        "# harbour quay",
        "# zebra quantum",
        '# opera publisher:"town times"',
    ]
    assert "line 3: " in ask("query", "-", "--quiet", "--format", "csv", stdin=LINES).err


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ("opera\n-only\n", 0),
        ("zebra quantum\nopera\n", 0),
        ("zebra quantum\n-only\n", 1),
        ("zebra quantum", 1),
        ("-only\nsince:soonish rain\n", 2),
        ("\n \n", 1),
    ],
)
def test_the_status_of_many(ask: Ask, lines: str, status: int) -> None:
    assert ask("query", "-", "--json", stdin=lines).status == status


def test_many_answers_are_those_of_each_alone(ask: Ask) -> None:
    texts = ["harbour quay", "opera", "glacier ice", "strike -bus"] * 17  # two batches
    replies = [json.loads(line) for line in ask("query", "-", "--json", stdin="\n".join(texts)).out.splitlines()]
    assert [reply["line"] for reply in replies] == list(range(1, len(texts) + 1))
    for text, reply in zip(texts[:4], replies, strict=False):
        alone = ask("query", text, "--json").json
        assert [hit["passage_id"] for hit in reply["hits"]] == [hit["passage_id"] for hit in alone["hits"]]


def test_many_answers_are_one_table(ask: Ask) -> None:
    rows = list(csv.DictReader(io.StringIO(ask("query", "-", "--format", "csv", "-k", 1, stdin=LINES).out, newline="")))
    assert [row["line"] for row in rows] == ["1", "5", "6"]
    assert rows[0]["rank"] == "1"


def test_endless_queries_are_read_as_they_are_answered() -> None:
    taken = 0

    def endless() -> Iterator[str]:
        nonlocal taken
        for taken in count(1):
            yield f"query {taken}\n"

    for number, batch in enumerate(batches(endless())):
        assert len(batch) <= BATCH
        assert taken <= 10 * BATCH + number * BATCH
        if number == 5:
            break


def test_a_stream_that_breaks_is_an_error_after_what_came_before() -> None:
    def broken() -> Iterator[str]:
        yield "one\n"
        raise OSError("the line is dead")

    found = []
    with pytest.raises(OSError, match="dead"):
        for batch in batches(broken()):
            found += batch
    assert found in ([], [(1, "one\n")])


def test_who_asks_line_by_line_is_answered_line_by_line(place: Path) -> None:
    command = [sys.executable, "-m", "semsearch", "query", "-", "--json", "-i", str(place), "-k", "1"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, bufsize=1, env=os.environ, **pipes) as asking:
        assert asking.stdin
        assert asking.stdout
        for text in ("opera", "glacier", "marathon"):
            asking.stdin.write(f"{text}\n")
            asking.stdin.flush()
            assert json.loads(asking.stdout.readline())["query"] == text
        asking.stdin.close()
        assert asking.stdout.read() == ""
    assert asking.returncode == 0
