"""A link that somebody planted at a name that an operation writes: nothing is ever written through it.

The names are not listed here: each operation is watched once, and what it opened for writing, made or renamed is
planted afterwards, one name after the other.
"""

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from semsearch import Index, doctor
from semsearch.artifact.keys import read_key, trust
from semsearch.artifact.pack import pack
from semsearch.artifact.prebuilt import install
from semsearch.artifact.pull import pull
from semsearch.artifact.signatures import make_key
from semsearch.errors import SemsearchError
from tests.packing import ENCODER, add, build, newer, story

Watch = Callable[[str, tuple[object, ...]], None]

_watch: list[Watch] = []
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND


def _hook(event: str, arguments: tuple[object, ...], watching: list[Watch] = _watch) -> None:
    for watch in watching:
        watch(event, arguments)


sys.addaudithook(_hook)  # Python forgets no hook, and calls it when the names of modules are gone


@contextmanager
def watched(folder: Path) -> Iterator[dict[Path, str]]:
    """Give every path below a folder that the block opens for writing, makes or renames, and what it did first."""
    seen: dict[Path, str] = {}

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if (event == "open" and int(str(arguments[2] or 0)) & _WRITING) or event == "os.mkdir":
            paths = arguments[:1]
        elif event == "os.rename":
            paths = arguments[:2]
        else:
            return
        for path in paths:
            if isinstance(path, str | os.PathLike) and Path(path).absolute().is_relative_to(folder):
                seen.setdefault(Path(path).absolute(), event)

    _watch.append(watch)
    try:
        yield seen
    finally:
        _watch.remove(watch)


def _build(place: Path) -> None:
    build(place / "new", map(story, range(2)))


def _add(place: Path) -> None:
    newer(place / "index")


def _delete(place: Path) -> None:
    with Index.open(place / "index", encoder=ENCODER) as index:
        index.delete(["https://news.example.org/s1"])


def _compact(place: Path) -> None:
    with Index.open(place / "index", encoder=ENCODER) as index:
        index.compact()


def _repair(place: Path) -> None:
    doctor.repair(place / "damaged")


def _pack(place: Path) -> None:
    pack(place / "index", place / "news.pack", key=place / "ann")


def _pack_again(place: Path) -> None:
    pack(place / "index", place / "1.pack", key=place / "ann")


def _pull(place: Path) -> None:
    pull(str(place / "1.pack"), place / "installed")


def _pull_over(place: Path) -> None:
    pull(str(place / "1.pack"), place / "index", force=True)


def _pull_whole(place: Path) -> None:
    install("councils", place / "installed", registry=str(place / "registry.json"))


def _make_key(place: Path) -> None:
    make_key(place / "bea")


def _trust(place: Path) -> None:
    trust(read_key(place / "ann.pub"), "ann")


QUICK = (_build, _add, _repair, _pack, _pull_whole, _make_key, _trust)
OTHERS = (_delete, _compact, _pack_again, _pull, _pull_over)
"""Write the same kinds of names in other ways."""

OPERATIONS = (*QUICK, *(pytest.param(operation, marks=pytest.mark.slow) for operation in OTHERS))


NAMED = ("index", "damaged", "new", "installed", "config", "config/semsearch", "config/semsearch/keys")
"""Folders that a person named or owns, which may well be links to folders elsewhere."""


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("pristine")
    add(build(place / "index", map(story, range(2))), map(story, range(2, 4)))
    packed = pack(place / "index", place / "1.pack")
    entry = packed.to_dict()["entry"]
    assert isinstance(entry, dict)
    del entry["contents_sha256"]  # so that all of it is fetched before any of it is read
    registry = {"semsearch_registry": 1, "indexes": {"councils": entry}}
    (place / "registry.json").write_text(json.dumps(registry))
    make_key(place / "ann")
    shutil.copytree(place / "index", place / "damaged")
    [segment, *_] = sorted((place / "damaged" / "segments").iterdir())
    (segment / "vectors.faiss").write_bytes(b"damaged")
    (segment / "articles.jsonl").write_bytes((segment / "articles.jsonl").read_bytes()[:-40])
    return place


def _worth_planting(names: dict[Path, str]) -> dict[Path, str]:
    """Leave out of each folder that the operation makes itself all files but the first."""
    kept: dict[Path, Path] = {}
    for path in names:
        kept.setdefault(path.parent / "*" if path.parent in names else path, path)
    return {path: names[path] for path in kept.values()}


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() if path.is_file() else b"" for path in folder.rglob("*")}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_nothing_is_written_through_a_planted_link(
    operation: Callable[[Path], None], pristine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")  # the same names every time
    place, outside = tmp_path / "place", tmp_path / "outside"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(place / "config"))
    shutil.copytree(pristine, place)
    with watched(place) as names:
        operation(place)
    assert names
    (outside / "folder").mkdir(parents=True)
    (outside / "file").write_bytes(b"precious")
    (outside / "folder" / "articles.jsonl").write_bytes(b"precious")
    before = _contents(outside)
    for name, event in _worth_planting(names).items():
        if str(name.relative_to(place)) in NAMED:
            continue
        shutil.rmtree(place)
        shutil.copytree(pristine, place)
        if name.is_dir():
            shutil.rmtree(name)
        name.parent.mkdir(parents=True, exist_ok=True)
        name.unlink(missing_ok=True)
        name.symlink_to(outside / ("folder" if event == "os.mkdir" else "file"))
        with suppress(SemsearchError, OSError):
            operation(place)
        assert _contents(outside) == before, name
