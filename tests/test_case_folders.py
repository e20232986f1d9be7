"""An index that was moved, that may only be read, that somebody else writes, or that forked processes share."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from semsearch import Index
from semsearch.encoders import load_encoder
from semsearch.locks import write_lock
from tests.commands import Run, run
from tests.examples import slow_but
from tests.test_where_it_may_write import contents

ROOT = Path(__file__).parent.parent
CASES = ROOT / "tests" / "cases"

RUNNING = """
import json, sys
from tests.commands import run
print(json.dumps([run(*arguments) for arguments in json.loads(sys.argv[1])]))
"""


def run_each(commands: Sequence[Sequence[object]], mounting: Sequence[str]) -> list[Run]:
    """Run commands one after another; where there is something to mount, in one process that alone sees it."""
    if not mounting:
        return [run(*command) for command in commands]
    given = json.dumps([[*map(str, command)] for command in commands])
    program = ["exec", *map(shlex.quote, (sys.executable, "-c", RUNNING, given))]
    script = " && ".join([*mounting, " ".join(program)])
    done = subprocess.run(["unshare", "-m", "bash", "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return [Run(*parts) for parts in json.loads(done.stdout)]


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("pristine") / "i"
    Index.build(CASES / "en.jsonl", place, encoder=load_encoder("hashing")).close()
    return place


@pytest.fixture
def place(pristine: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(pristine, tmp_path / "i"))


# 31-read-only-and-moved


@pytest.mark.parametrize("name", ["Zeitung 'ä' 新聞/idx 1", 'a"b$c;d/e', "-i/--index", "e\u0301/ü #1?x=%20"])
def test_a_folder_that_was_moved_answers_by_its_new_name(name: str, place: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere" / name
    moved.parent.mkdir(parents=True)
    place.rename(moved)
    for where in (moved, f"{moved}/"):
        asked = run("query", "measles", "-i", where, "-k", "1", "--json")
        assert asked.status == 0, asked.err
        assert "measles" in asked.json["hits"][0]["text"].casefold()
    assert run("verify", "-i", moved).status == 0
    added = run("add", CASES / "mu.jsonl", "-i", moved)
    assert added.status == 0, added.err


def read_only(place: Path, tmp_path: Path) -> list[str]:
    """Return the commands that make a folder read-only to what follows them; none where it is so from now on."""
    if os.geteuid():
        for path in (place, *place.rglob("*")):
            path.chmod(path.stat().st_mode & ~0o222)
        return []
    if not shutil.which("unshare") or subprocess.run(["unshare", "-m", "true"], check=False).returncode:
        pytest.skip("who may do everything may write everywhere, and no file system can be mounted here")
    mount = tmp_path / "mounted"
    mount.mkdir()
    there, here = shlex.quote(str(place)), shlex.quote(str(mount))
    return [f"mount --bind {there} {here}", f"mount -o remount,ro,bind {here}"]


@pytest.mark.skipif(sys.platform != "linux", reason="mounts and modes are a system's own")
def test_an_index_that_may_only_be_read_answers_and_is_not_written_to(place: Path, tmp_path: Path) -> None:
    article_id = run("list", "--json", "-i", place).json[0]["article_id"]
    (place / ".lock").unlink(missing_ok=True)
    before = contents(place)
    mounting = read_only(place, tmp_path)
    where = tmp_path / "mounted" if mounting else place
    reading = [("query", "measles", "-k", "1", "-q"), ("verify",), ("stats",), ("list",), ("doctor",)]
    writing = [("add", CASES / "mu.jsonl"), ("delete", article_id), ("compact",), ("doctor", "--repair")]
    building = ("build", CASES / "mu.jsonl", "-i", where / "new", "--model", "hashing")
    *ran, built = run_each([*([*command, "-i", where] for command in (*reading, *writing)), building], mounting)
    assert [done.status for done in ran[:4]] == [0] * 4
    assert "may not write here" in ran[4].out
    for command, done in zip(writing, ran[5:], strict=True):
        assert (done.status, done.out) == (7, ""), (command, done.err)
        message, hint = done.err.splitlines()
        assert message.startswith(f"semsearch: {where} cannot be written to: ")
        assert "copy it" in hint
    assert (built.status, built.out) == (7, "")
    assert "Traceback" not in built.err
    if not mounting:
        for path in (place, *place.rglob("*")):
            path.chmod(path.stat().st_mode | 0o200)
    assert contents(place) == before


@pytest.mark.skipif(not hasattr(os, "geteuid") or not os.geteuid(), reason="root may read everything")
def test_an_index_that_may_not_be_read_says_so(place: Path) -> None:
    (place / "manifest.json").chmod(0)
    for command in (("query", "measles"), ("stats",), ("verify",)):
        done = run(*command, "-i", place)
        assert done.status == 7
        assert "cannot be read: Permission denied" in done.err


# 34-two-writers


@pytest.mark.parametrize("command", slow_but(["add"], ["add", "delete", "compact", "build", "repair"]))
def test_a_second_writer_is_told_who_writes_and_loses_nothing(command: str, place: Path) -> None:
    arguments: dict[str, tuple[object, ...]] = {
        "add": ("add", CASES / "mu.jsonl"),
        "delete": ("delete", "00000000"),
        "compact": ("compact",),
        "build": ("build", CASES / "mu.jsonl", "--force", "--model", "hashing"),
        "repair": ("doctor", "--repair"),
    }
    before = Index.open(place).stats()
    with write_lock(place):
        program = [sys.executable, "-m", "semsearch", *map(str, arguments[command]), "-i", str(place)]
        done = subprocess.run(program, capture_output=True, text=True, check=False)
        assert run("query", "measles", "-i", place, "-q").status == 0  # readers go on
    assert (done.returncode, done.stdout) == (6, "")
    assert f"is being written to by process {os.getpid()}" in done.stderr
    assert "--wait SECONDS" in done.stderr
    assert Index.open(place).stats() == before
    if command == "add":
        again = run(*arguments[command], "-i", place)
        assert again.status == 0, again.err
        assert Index.open(place).stats().articles > before.articles


# 30-fork-after-search

FORKING = """
import os, sys
from concurrent.futures import ThreadPoolExecutor
from semsearch import Index
index = Index.open(sys.argv[1])

def ask():
    with ThreadPoolExecutor(4) as pool:
        found = pool.map(lambda query: index.search(query, k=1).hits[0].text, ["measles", "opera", "steel"] * 4)
        return [text[:40] for text in found]

before = ask()
children = []
for _ in range(3):
    pid = os.fork()
    if pid == 0:
        os._exit(0 if ask() == before else 3)
    children.append(pid)
sys.exit(max(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
@pytest.mark.parametrize("model", ["hashing", pytest.param(None, marks=[pytest.mark.model, pytest.mark.slow])])
def test_children_that_are_forked_after_threads_have_searched_answer(model: str | None, tmp_path: Path) -> None:
    Index.build(CASES / "en.jsonl", tmp_path / "i", encoder=model).close()
    program = [sys.executable, "-c", FORKING, tmp_path / "i"]
    done = subprocess.run(program, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr
