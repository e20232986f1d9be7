"""No number at any door ends in a traceback. Options are found in the commands, so that a new one is tried, too."""

import io
import math
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import click
import pytest
from _pytest.mark import ParameterSet

from semsearch import Index, Query, limits
from semsearch.checks import shown
from semsearch.cli import main
from semsearch.cli.entry import commands
from semsearch.encoders import load_encoder
from semsearch.errors import SemsearchError, UsageError
from tests.conftest import some_articles

NUMBERS = (
    "1" + "0" * 20,
    "9" * 5_000,
    "-" + "9" * 5_000,
    "0",
    "-1",
    "1.5",
    "nan",
    "inf",
    "-inf",
    "1e308",
    "٣",
    "",
)
FEW = ("9" * 5_000, "1e308", "-1")
"""For options whose values are texts."""

STATUSES = frozenset(range(8))

OPERANDS = {
    "build": ("{posts}",),
    "add": ("{posts}",),
    "read": ("{posts}",),
    "delete": ("nothing",),
    "query": ("quay",),
    "similar": ("https://news.example.org/opera",),
    "get": ("https://news.example.org/opera",),
    "pack": ("{new}/x.pack",),
    "pull": ("{new}/nothing.pack",),
    "eval": ("--topics", "{topics}", "--qrels", "{qrels}"),
    "key make": ("{new}/key",),
    "key trust": ("nothing",),
    "key forget": ("nothing",),
    "model prepare": ("hashing",),
    "serve": ("--host", "192.0.2.1"),  # of no machine, and not loopback: refused before it would wait for requests
}
"""What each command is given beside the option; none where it needs nothing."""


def leaves(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command once, whatever else it is called."""
    once = {command.callback or name: name for name, command in reversed(group.commands.items())}
    for name in once.values():
        command = group.commands[name]
        if isinstance(command, click.Group):
            yield from leaves(command, (*path, name))
        else:
            yield (*path, name), command


def valued() -> Iterator[tuple[tuple[str, ...], click.Option]]:
    """Every option that takes a value, of every command."""
    for path, command in leaves(commands):
        for option in command.params:
            if isinstance(option, click.Option) and not option.is_flag and not isinstance(option.type, click.Choice):
                yield path, option


CASES = [(path, option.opts[-1], NUMBERS if is_number else FEW) for path, option in valued()
         for is_number in [isinstance(option.type, click.types.IntParamType | click.types.FloatParamType)]]  # fmt: skip


def cases() -> list[ParameterSet]:
    """Return every option of every command; one that a command before has, too, is for the slow tests."""
    seen: set[str] = set()
    found = []
    for path, option, values in CASES:
        name = f"{' '.join(path)} {option}"
        found.append(pytest.param(path, option, values, id=name, marks=pytest.mark.slow if option in seen else ()))
        seen.add(option)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("numbers")
    Index.build(some_articles(), where / "index", encoder=load_encoder("hashing"), passage_tokens=24).close()
    (where / "posts.jsonl").write_text('{"id": 1, "title": "Ferries", "text": "A text about ferries."}\n')
    (where / "topics").write_text("1\tquay\n")
    (where / "qrels").write_text("1 0 https://news.example.org/harbour 1\n")
    return where


def test_numbers_are_found() -> None:
    found = {option for _, option, values in CASES if values is NUMBERS}
    assert found >= {"--top-k", "--limit", "--offset", "--context", "--threads", "--passage-tokens"}


@pytest.mark.parametrize(("path", "option", "values"), cases())
def test_any_number_is_an_answer_or_a_clear_error(
    path: tuple[str, ...],
    option: str,
    values: tuple[str, ...],
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    monkeypatch.setenv("SEMSEARCH_MODEL", "hashing")
    names = {"posts": folder / "posts.jsonl", "topics": folder / "topics", "qrels": folder / "qrels", "new": tmp_path}
    before = Index.open(folder / "index").stats()
    for number, value in enumerate(values):
        is_written = path[0] in ("build", "add", "pull")
        index = tmp_path / f"index{number}" if is_written else folder / "index"
        monkeypatch.setenv("SEMSEARCH_INDEX", str(index))
        operands = [one.format(**names) for one in OPERANDS.get(" ".join(path), ())]
        with pytest.raises(SystemExit) as ended:
            main([*path, *operands, f"{option}={value}"])
        out, err = capsys.readouterr()
        assert ended.value.code in STATUSES, (option, value[:40], err)
        assert "Traceback" not in err
        assert ended.value.code in (0, 1) or err or out  # `doctor` says on standard output what is wrong
        if is_written and (index / "manifest.json").exists():
            with Index.open(index) as opened:  # whatever was written can be read
                assert opened.search("ferries harbour").hits
    with Index.open(folder / "index") as opened:
        assert opened.stats() == before
        assert opened.search("ferries harbour").hits


def repr_of(number: float) -> str:
    return shown(number)[:20]


HUGE = (limits.ASKED, limits.ASKED + 1, 10**20, 10**5_000, sys.maxsize, sys.maxsize + 1)


@pytest.mark.parametrize("name", ["k", "offset", "context"])
def test_more_than_there_is_means_all(name: str, index: Index) -> None:
    for group_by, sort in product(("article", "passage", "copies"), ("relevance", "date")):
        asked = Query("harbour quay", 100, group_by=group_by, sort=sort)  # type: ignore[arg-type]
        most = [hit.passage for hit in index.search(replace(asked, **{name: 10_000})).hits]
        for number in HUGE:
            answer = index.search(replace(asked, **{name: number}))
            assert [hit.passage for hit in answer.hits] == most
            assert bool(answer.hits) is (name != "offset")
    assert index.similar("https://news.example.org/opera", k=10**20).hits


@pytest.mark.parametrize(
    "number", [-1, -(10**20), math.nan, math.inf, -math.inf, 1e308, 5e-324, 10**400, 10**5_000], ids=repr_of
)
@pytest.mark.parametrize("name", ["min_confidence", "recency"])
def test_every_number_in_python_is_an_answer_or_refused(name: str, number: float, index: Index) -> None:
    try:
        answer = index.search(Query("harbour quay", **{name: number}))  # type: ignore[arg-type]
    except UsageError as error:
        assert error.hint
    else:
        assert all(0 <= hit.confidence <= 1 and hit.score == hit.score for hit in answer.hits)
        answer.to_dict()


@pytest.mark.parametrize("number", [0, -1, -(10**20), -(10**5_000)], ids=repr_of)
def test_fewer_than_none_is_refused(number: int, index: Index) -> None:
    for call in (
        lambda: index.search("quay", k=number),
        lambda: index.similar("https://news.example.org/opera", k=number),
        lambda: index.search(Query("quay", offset=number - 1)),
        lambda: index.search(Query("quay", context=number - 1)),
    ):
        with pytest.raises(SemsearchError):
            call()


@pytest.mark.parametrize(
    "name", ["SOURCE_DATE_EPOCH", "OMP_NUM_THREADS", "COLUMNS", "SEMSEARCH_INDEX", "SEMSEARCH_MODEL"]
)
def test_no_number_in_a_variable_ends_in_a_traceback(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEMSEARCH_INDEX", str(folder / "index"))
    for value in FEW:
        monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main(["query", "quay"])
        assert ended.value.code in STATUSES
        assert "Traceback" not in capsys.readouterr().err
