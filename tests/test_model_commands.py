"""`model prepare` and `model list`, and what other commands say when they make a model ready."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from semsearch.cli import main
from semsearch.encoders import ready_models, runtime
from semsearch.types import ReadyModel
from tests.ready import the_one, vectors_in
from tests.tiny_models import padded_left, tiny_model


class Run(NamedTuple):
    status: int
    out: str
    err: str


Command = Callable[..., Run]


@pytest.fixture
def semsearch_command(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    """Runs the command line in an empty folder; what libraries write past Python is seen, too."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Run:
        given = [str(argument) for argument in arguments]
        monkeypatch.setattr(sys, "argv", ["semsearch", *given])  # a library looks there
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(given)
        assert isinstance(ended.value.code, int)
        return Run(ended.value.code, *capfd.readouterr())

    return run


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    path = tmp_path / "articles.jsonl"
    lines = [{"id": 1, "title": "A storm", "text": "The storm closed the harbour."}, {"id": 2, "title": "A vote"}]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def as_dicts(models: list[ReadyModel]) -> list[dict[str, object]]:
    return [ready.to_dict() for ready in models]


def test_prepare_and_list_say_what_is_ready(own_home: Path, models: Path, semsearch_command: Command) -> None:
    run = semsearch_command("model", "prepare", models / "words")
    precisions = ["bf16", "f32"] if runtime.has_bfloat16() else ["f32"]
    assert run.status == 0
    assert [line.partition(" for this machine")[0] for line in run.err.splitlines()] == [
        f"semsearch: preparing {models / 'words'}" for _ in precisions
    ]
    for shown in (str(models / "words"), str(own_home), "against the original", *precisions):
        assert shown in run.out
    again = semsearch_command("model", "prepare", models / "words")
    assert again == Run(0, run.out, "")
    listed = semsearch_command("model", "list")
    assert listed == Run(0, run.out, "")
    as_json = semsearch_command("model", "list", "--json")
    assert (as_json.status, as_json.err) == (0, "")
    assert json.loads(as_json.out) == as_dicts(ready_models())
    assert [ready["precision"] for ready in json.loads(as_json.out)] == precisions
    assert semsearch_command("model", "prepare", models / "words", "--json") == as_json


@pytest.mark.slow
def test_notices_are_json_where_the_rest_is_and_none_where_quiet_was_asked_for(
    own_home: Path, models: Path, semsearch_command: Command
) -> None:
    run = semsearch_command("model", "prepare", models / "words", "--json", "--precision", "f32")
    assert run.status == 0
    [notice] = [json.loads(line) for line in run.err.splitlines()]
    assert list(notice) == ["notice"]
    assert "preparing" in notice["notice"]
    assert json.loads(run.out) == as_dicts(ready_models())
    shutil.rmtree(own_home)
    assert semsearch_command("model", "prepare", models / "words", "-q") == Run(0, "", "")
    assert ready_models()


@pytest.mark.slow
def test_the_first_use_says_that_it_makes_ready(
    own_home: Path, models: Path, semsearch_command: Command, articles: Path
) -> None:
    """And what the converter prints where somebody says --verbose reaches nobody."""
    build = ["build", articles, "--model", models / "words", "--precision", "f32"]
    verbose = semsearch_command(*build, "--verbose", "-i", "verbose")
    assert (verbose.status, verbose.out) == (0, "")
    assert verbose.err.startswith("semsearch: preparing")
    assert len(verbose.err.splitlines()) <= 4, verbose.err
    assert semsearch_command(*build, "--verbose", "-i", "again").err == verbose.err.partition("\n")[2]
    shutil.rmtree(own_home)
    query = semsearch_command("query", "storm", "-i", "verbose", "--json")
    assert json.loads(query.out)["hits"]
    assert [list(json.loads(line)) for line in query.err.splitlines()] == [["notice"]]
    shutil.rmtree(own_home)
    query = semsearch_command("query", "storm", "-i", "verbose", "-q")
    assert (query.status, query.err) == (0, "")
    stats = semsearch_command("stats", "-i", "verbose", "--json")
    assert json.loads(stats.out)["precision"] == "f32"
    assert "precision f32" in semsearch_command("stats", "-i", "verbose").out


def test_nothing_ready_is_nothing_found(own_home: Path, semsearch_command: Command) -> None:
    run = semsearch_command("model", "list")
    assert (run.status, run.out) == (1, "")
    assert "semsearch model prepare" in run.err
    assert semsearch_command("model", "list", "--json") == Run(1, "[]\n", "")
    assert not own_home.exists()


@pytest.mark.parametrize("name", ["/no/such/model", "newsroom/absent", "hashing"])
def test_a_wrong_model_cannot_be_prepared(own_home: Path, semsearch_command: Command, name: str) -> None:
    run = semsearch_command("model", "prepare", name)
    assert (run.status, run.out) == (4, "")
    assert name in run.err
    assert "Traceback" not in run.err
    error = semsearch_command("model", "prepare", name, "--json")
    assert set(json.loads(error.err)) == {"error", "error_type", "hint"}
    assert not own_home.exists()


def test_preparing_in_vain_is_an_error(
    models: Path, semsearch_command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Elsewhere it is done without; who asks for it alone has to know."""
    monkeypatch.setenv("SEMSEARCH_HOME", "/proc/home")
    run = semsearch_command("model", "prepare", models / "words")
    assert (run.status, run.out) == (4, "")
    assert "nothing can be kept in /proc/home" in run.err
    assert "SEMSEARCH_HOME" in run.err


@pytest.mark.usefixtures("no_openvino")
def test_preparing_without_openvino_finds_nothing_ready(
    own_home: Path, models: Path, semsearch_command: Command
) -> None:
    run = semsearch_command("model", "prepare", models / "words", "--precision", "f32")
    assert (run.status, run.out) == (1, "")
    assert "OpenVINO" in run.err
    assert not own_home.exists()


@pytest.mark.slow
def test_a_refusal_is_shown(own_home: Path, semsearch_command: Command, tmp_path: Path) -> None:
    model = padded_left(tiny_model(tmp_path / "model"))
    run = semsearch_command("model", "prepare", model, "--precision", "f32")
    assert run.status == 0
    assert "not compiled in f32: its vectors differ" in run.out
    assert semsearch_command("model", "list").out == run.out
    assert the_one(own_home)


@pytest.mark.slow
def test_without_openvino_the_command_line_works(models: Path, tmp_path: Path, articles: Path) -> None:
    program = "import sys; sys.modules['openvino'] = None; from semsearch.cli import main; main(sys.argv[1:])"
    build = ["build", articles, "-i", tmp_path / "index", "--model", models / "mean"]
    for command in (build, ["query", "storm", "-i", tmp_path / "index", "--json"]):
        done = subprocess.run(
            [sys.executable, "-c", program, *map(str, command)], capture_output=True, text=True, check=True
        )
        assert "OpenVINO cannot be used here" in done.stderr
        assert "Traceback" not in done.stderr
    assert json.loads(done.stdout)["hits"]
    [found] = vectors_in(tmp_path / "index").values()
    assert len(found) == 2
