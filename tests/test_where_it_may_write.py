"""Nothing is written to an index that nobody named, nor into the installed package, by whatever name."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import semsearch
from semsearch import Index
from semsearch.errors import IndexDamagedError, UsageError
from tests.commands import run
from tests.conftest import some_articles
from tests.making import article

WRITING: dict[str, Callable[[Index], object]] = {
    "add": lambda index: index.add([article("new", "A new text about ferries.")]),
    "add what is there": lambda index: index.add(some_articles()),
    "delete": lambda index: index.delete([some_articles()[0].metadata.article_id]),
    "delete what is not there": lambda index: index.delete(["0" * 20]),
    "compact": Index.compact,
}


def contents(folder: Path) -> dict[str, str]:
    """Every file, the lock included, by the digest of its bytes."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture
def here(index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with an index at `./index`, where nothing else is named."""
    (index.location / ".lock").unlink(missing_ok=True)
    monkeypatch.chdir(tmp_path)
    return index.location


@pytest.mark.parametrize("call", WRITING)
def test_an_index_that_nobody_named_is_for_reading(here: Path, call: str) -> None:
    before = contents(here)
    with Index.open() as index:
        assert index.search("harbour").hits
        with pytest.raises(UsageError, match="it was found, not named") as refused:
            WRITING[call](index)
    assert "SEMSEARCH_INDEX" in refused.value.hint
    assert contents(here) == before


@pytest.mark.parametrize("call", WRITING)
def test_a_settings_file_names_an_index_for_reading_alone(here: Path, call: str) -> None:
    here.rename("news.idx")
    Path("semsearch.toml").write_text('index = "news.idx"\n')
    before = contents(Path("news.idx"))
    with Index.open() as index, pytest.raises(UsageError, match="it was found, not named"):
        WRITING[call](index)
    assert contents(Path("news.idx")) == before


def test_an_argument_and_the_variable_name_an_index(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Index.open("index") as index:
        assert index.delete([some_articles()[0].metadata.article_id])
    monkeypatch.setenv("SEMSEARCH_INDEX", str(here))
    with Index.open() as index:
        assert index.add(some_articles()).added == 1


@pytest.mark.parametrize("command", ["add posts.jsonl", "delete 00000000", "compact", "doctor --repair"])
def test_commands_ask_for_a_name(here: Path, command: str) -> None:
    Path("posts.jsonl").write_text('{"title": "Ferries", "text": "A new text about ferries."}\n')
    before = contents(here)
    done = run(*command.split())
    assert (done.status, done.out) == (2, "")
    assert "no index was named to write to" in done.err
    assert contents(here) == before


SCRIPT = """
import os, sys
from pathlib import Path
from semsearch import Index
from semsearch.errors import IndexDamagedError, UsageError
from semsearch.doctor import repair
from semsearch.locations import shipped_index
from semsearch.artifact.prebuilt import install
sys.path.insert(0, sys.argv[2])
from tests.making import article

shipped = shipped_index()
work = Path(sys.argv[1])
(work / "link").symlink_to(shipped)
names = [None, shipped, work / "link", os.path.join(shipped, "..", "shipped")]
calls = {
    "add": lambda index: index.add([article("new", "A new text about ferries.")]),
    "delete": lambda index: index.delete([next(index.articles()).article_id]),
    "compact": lambda index: index.compact(),
}
refused = 0
for name in names:
    for call in calls.values():
        with Index.open(name) as index:
            assert index.search("harbour").hits
            try:
                call(index)
            except UsageError:
                refused += 1
    if name is not None:
        for call in (lambda: Index.build([article("new")], name, encoder="hashing", force=True),
                     lambda: repair(Path(name)), lambda: install(str(work / "x.pack"), Path(name), force=True)):
            try:
                call()
            except UsageError:
                refused += 1
Index.open().pack(work / "copy.pack")
assert (work / "copy.pack").is_file()
print(refused, "of", len(names) * len(calls) + 3 * (len(names) - 1))
"""


def test_the_index_inside_the_installed_package_is_never_written_to(index: Index, tmp_path: Path) -> None:
    package = Path(semsearch.__file__).parent
    site = tmp_path / "site"
    shutil.copytree(package, site / "semsearch", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(index.location, site / "semsearch" / "shipped", ignore=shutil.ignore_patterns(".lock*"))
    (tmp_path / "work").mkdir()
    index.pack(tmp_path / "work" / "x.pack")
    before = contents(site / "semsearch" / "shipped")
    program = [sys.executable, "-B", "-c", SCRIPT, tmp_path / "work", package.parent]
    environment = os.environ | {"PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(program, capture_output=True, text=True, check=False, cwd=tmp_path / "work", env=environment)
    assert done.stdout == "21 of 21\n", done.stderr
    assert contents(site / "semsearch" / "shipped") == before


@pytest.mark.parametrize("location", [b"folder", 5, [], [{"text": "A text about ferries."}], object()])
def test_what_is_no_path_names_no_index(location: object) -> None:
    """Also where the source and the folder were given in the wrong order."""
    with pytest.raises(UsageError, match="not a text or a path"):
        Index.open(location)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="not a text or a path"):
        Index.build("folder", location)  # type: ignore[arg-type]


def test_a_name_that_no_folder_can_have_is_told_to_a_program(tmp_path: Path) -> None:
    with pytest.raises(IndexDamagedError, match="cannot be read: File name too long"):
        Index.open(tmp_path / ("x" * 300))
