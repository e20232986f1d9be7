"""What programs read loses nothing, whatever encoding the console has; what cannot be read is said."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from semsearch.cli import main
from semsearch.encoders import load_encoder
from semsearch.index import Index
from tests.examples import slow_but

CASE = Path(__file__).parent / "cases" / "04-json-on-another-code-page"
TITLE = "台湾地震后重建铁路"
ENCODINGS = ["cp1252", "latin-1", "ascii", "utf-8", "cp932"]
EMOJI = "Ferry 🚢 sails"


class Output(NamedTuple):
    status: int
    out: bytes
    err: bytes


Run = Callable[..., Output]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    source = folder / "ml.jsonl"
    ship = {"title": EMOJI, "text": "The ferry 🚢 sails at noon, “said” the café’s owner.", "date": "2024-03-08"}
    source.write_text((CASE / "ml.jsonl").read_text(encoding="utf-8") + json.dumps(ship) + "\n", encoding="utf-8")
    Index.build(source, folder / "index", encoder=load_encoder("hashing")).close()
    return folder


@pytest.fixture(params=ENCODINGS)
def run(request: pytest.FixtureRequest, place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run a command on the index, with a console of some encoding."""

    def command(*arguments: object, stdin: bytes = b"") -> Output:
        streams = {name: io.TextIOWrapper(io.BytesIO(), encoding=request.param) for name in ("stdout", "stderr")}
        given = io.TextIOWrapper(io.BytesIO(stdin), encoding=request.param, errors="surrogateescape")
        for name, stream in (streams | {"stdin": given}).items():
            monkeypatch.setattr(sys, name, stream)
        with pytest.raises(SystemExit) as ended:
            main([*map(str, arguments), "-i", str(place / "index")])
        for stream in streams.values():
            stream.flush()
        out, err = (stream.buffer.getvalue() for stream in streams.values())  # type: ignore[attr-defined]
        assert isinstance(ended.value.code, int)
        return Output(ended.value.code, out, err)

    yield command


def test_json_is_whole_in_utf_8_and_in_the_encoding_of_the_console(run: Run, place: Path) -> None:
    with Index.open(place / "index") as index:
        for form, command in (
            ("json", ("query", TITLE)),
            ("jsonl", ("query", TITLE)),
            ("json", ("similar", next(iter(index.articles())).article_id)),
            ("json", ("list",)),
            ("jsonl", ("list",)),
        ):
            found = run(*command, "--format", form)
            assert found.status in (0, 1)  # nearest articles of another story are no match
            lines = found.out.decode().splitlines() if form == "jsonl" else [found.out.decode()]
            for value in map(json.loads, lines):
                said = json.dumps(value, ensure_ascii=False)
                assert "?" not in said
                assert "\ufffd" not in said
        answer = json.loads(run("query", "ferry", "--json").out)
        for hit in answer["hits"]:
            text = index.get(hit["article"]["article_id"]).text
            assert hit["text"] == text[hit["start"] : hit["end"]]
        article = json.loads(run("get", index.resolve(answer["hits"][0]["article"]["article_id"]), "--json").out)
        assert article["article"]["title"] == EMOJI


def test_csv_is_utf_8(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run("list", "--format", "csv").out.decode(), newline="")))
    assert {row["title"] for row in rows} >= {TITLE, EMOJI}
    (first, *_) = csv.DictReader(io.StringIO(run("query", TITLE, "--format", "csv").out.decode(), newline=""))
    assert first["title"] == TITLE


@pytest.mark.parametrize(
    "command",
    [("stats",), ("verify",), ("doctor",), ("list", "--since", "2999"), ("model", "list"), ("key", "list")],
    ids=" ".join,
)
def test_every_command_says_json_in_any_encoding(run: Run, command: tuple[str, ...]) -> None:
    # Commands that take no index are refused, in JSON on standard error.
    found = run(*command, "--json")
    json.loads((found.out or found.err).decode())


def test_errors_are_json_in_any_encoding(run: Run) -> None:
    refused = run("query", "x", "--since", "三月", "--json")
    assert refused.status == 2
    assert "三月" in json.loads(refused.err)["error"]
    missing = run("get", "没有", "--json")
    assert "没有" in json.loads(missing.err)["error"]


def test_what_is_read_is_printed_whole(run: Run, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    (place / name).write_text("A café’s story about 🚢 ferries.\n", encoding="utf-8")
    found = run("read", place / name, "--json")
    if found.status == 2:  # `read` takes no index
        found = _without_index("read", place / name, "--json", monkeypatch=monkeypatch)
    said = json.loads(found.out)
    assert said["text"] == "A café’s story about 🚢 ferries."
    assert Path(said["origin"]).name.startswith("caf")


def _without_index(*arguments: object, monkeypatch: pytest.MonkeyPatch) -> Output:
    encoding = sys.stdout.encoding
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding=encoding) for _ in range(2))
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    with pytest.raises(SystemExit) as ended:
        main([*map(str, arguments)])
    out.flush()
    return Output(int(ended.value.code or 0), out.buffer.getvalue(), b"")  # type: ignore[attr-defined]


def test_text_for_people_never_ends_in_a_traceback(run: Run) -> None:
    for command in (("query", TITLE), ("list",), ("stats",), ("query", TITLE, "--format", "md"), ("verify",)):
        assert run(*command).status == 0


def test_lines_of_utf_8_are_read_whatever_the_console_is(run: Run) -> None:
    found = run("query", "-", "--format", "jsonl", "-k", 1, stdin=f"{TITLE}\nferry\n".encode("utf-8-sig"))
    titles = [json.loads(line)["article"]["title"] for line in found.out.decode().splitlines()]
    assert titles == [TITLE, EMOJI]


@pytest.mark.parametrize("form", slow_but(["jsonl"], ["json", "jsonl"]))
def test_a_line_that_is_neither_is_told_in_its_place(place: Path, form: str) -> None:
    given = b"ferry\ncaf\xe9 story\n" + "noon\n".encode("utf-16-le") + b"\nferry\n"
    found = _process(place, "query", "-", "--format", form, "-k", "1", stdin=given, PYTHONIOENCODING="utf-8")
    lines = [json.loads(line) for line in found.stdout.decode().splitlines()]
    told = {one["line"]: one["error"] for one in lines if "error" in one}
    assert sorted(told)[0] == 2
    assert "not UTF-8: caf\\xe9 story" in told[2]
    assert "not UTF-8" in told[3]
    assert found.returncode == 0


def test_a_line_in_the_encoding_that_is_declared_is_read(place: Path) -> None:
    given = "café\n".encode("cp1252")
    found = _process(place, "query", "-", "--json", "-k", "1", stdin=given, PYTHONIOENCODING="cp1252")
    assert json.loads(found.stdout)["query"] == "café"


@pytest.mark.parametrize("encoding", slow_but(["cp1252"], ["cp1252", "latin-1"]))
def test_a_process_on_another_code_page_prints_json_that_is_right_in_both(place: Path, encoding: str) -> None:
    found = _process(place, "query", TITLE, "-k", "1", "--json", PYTHONIOENCODING=encoding)
    for reading in (encoding, "utf-8"):
        answer = json.loads(found.stdout.decode(reading))
        assert answer["query"] == answer["hits"][0]["article"]["title"] == TITLE


@pytest.mark.slow
def test_arguments_of_a_bare_locale_are_taken_for_utf_8(place: Path) -> None:
    bare = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    found = _process(place, "query", TITLE, "-k", "1", "--json", **bare)
    assert json.loads(found.stdout)["hits"][0]["article"]["title"] == TITLE
    listed = _process(place, "list", "--publisher", "港湾日报", "--format", "csv", **bare)
    assert TITLE in listed.stdout.decode()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="arguments are no bytes there")
def test_arguments_that_are_no_text_are_refused(place: Path) -> None:
    for given in (("query", b"caf\xe9"), ("get", b"caf\xe9"), ("list", "--publisher", b"caf\xe9")):
        refused = _process(place, *given, "--json", LC_ALL="C.UTF-8")
        assert refused.returncode == 2
        assert "not UTF-8: caf\\xe9" in json.loads(refused.stderr)["error"]


def _process(
    place: Path, *arguments: str | bytes, stdin: bytes = b"", **environment: str
) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [sys.executable, "-m", "semsearch", *arguments, "-i", str(place / "index")],
        input=stdin,
        capture_output=True,
        env=os.environ | environment,
        check=False,
    )
