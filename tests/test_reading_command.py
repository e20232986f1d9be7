"""`semsearch read`, and what `build` and `add` share with it: --map, --strict, --report."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from semsearch.cli import main
from semsearch.sources import read
from semsearch.types import Article, Skipped

GOOD = {"title": "Second quay opens", "text": "The first ship came in before noon.", "date": "2024-05-03"}
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([*map(str, arguments)])
        assert isinstance(ended.value.code, int)
        return ended.value.code, *capsys.readouterr()

    return run


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    lines = [json.dumps(GOOD), "{", json.dumps({"author": "Ada Fox"}), json.dumps({**GOOD, "title": "After"})]
    path = tmp_path / "mixed.jsonl"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_json_is_one_article_a_line_as_it_would_be_indexed(command: Command, mixed: Path) -> None:
    status, out, err = command("read", mixed.name, "--json")
    shown = [json.loads(line) for line in out.splitlines()]
    known = [one for one in read(mixed.name) if isinstance(one, Article)]
    assert status == 0
    assert shown == [{"origin": one.origin, "article": one.metadata.to_dict(), "text": one.text} for one in known]
    assert [one["origin"] for one in shown] == ["mixed.jsonl:1", "mixed.jsonl:4"]
    assert "mixed.jsonl:2" in err
    assert "mixed.jsonl:3" in err


def test_text_shows_what_the_extractor_saw(command: Command, mixed: Path) -> None:
    _, out, _ = command("read", mixed.name)
    for seen in ("Second quay opens", "3 May 2024", "The first ship came in before noon."):
        assert seen in out


def test_strict_stops_at_the_first_bad_record(command: Command, mixed: Path) -> None:
    status, out, err = command("read", mixed.name, "--json", "--strict")
    assert status == 5
    assert [json.loads(line)["origin"] for line in out.splitlines()] == ["mixed.jsonl:1"]
    assert "mixed.jsonl:2" in err
    assert "mixed.jsonl:3" not in err
    assert "--strict" in err


def test_a_strict_addition_with_a_bad_record_changes_nothing(command: Command, mixed: Path, tmp_path: Path) -> None:
    (tmp_path / "good.jsonl").write_text(json.dumps({**GOOD, "title": "Before"}))
    assert command("build", "good.jsonl", "-i", "idx", "--model", "hashing")[0] == 0
    assert command("add", mixed.name, "-i", "idx", "--strict")[0] == 5
    assert json.loads(command("stats", "-i", "idx", "--json")[1])["articles"] == 1
    assert command("add", mixed.name, "-i", "idx")[0] == 0
    assert json.loads(command("stats", "-i", "idx", "--json")[1])["articles"] == 3


@pytest.mark.parametrize("verb", ["read", "add"])
def test_a_report_lists_every_loss(command: Command, mixed: Path, tmp_path: Path, verb: str) -> None:
    with mixed.open("a") as stream:
        stream.write("[1]\n" * 40)
    into = ["-i", "idx", "--model", "hashing"] if verb == "add" else []
    if into:
        command("build", mixed.name, *into, "-q")
        into = into[:2]
    status, _, _ = command(verb, mixed.name, "gone.txt", *into, "--report", "lost.jsonl", "-q")
    lost = [json.loads(line) for line in (tmp_path / "lost.jsonl").read_text().splitlines()]
    assert status == 5
    assert [one["origin"] for one in lost] == [
        "mixed.jsonl:2", "mixed.jsonl:3", *(f"mixed.jsonl:{line}" for line in range(5, 45)), "gone.txt",
    ]  # fmt: skip
    assert {one["lost"] for one in lost[:-1]} == {"skipped"}
    assert lost[-1] == {"origin": "gone.txt", "lost": "unreadable", "reason": "no such file or folder"}


def test_a_report_that_cannot_be_written_is_said_before_anything_is_read(command: Command, mixed: Path) -> None:
    status, out, err = command("read", mixed.name, "--report", "no/such/folder/lost.jsonl")
    assert (status, out) == (2, "")
    assert "no/such/folder/lost.jsonl" in err


def test_columns_of_any_name_are_mapped(command: Command, tmp_path: Path) -> None:
    with (tmp_path / "own.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([["Schlagzeile", "Inhalt", "Wann"], ["Der Kai", "Das Schiff kam.", "2024-05-03"]])
    mapping = ["--map", "title=Schlagzeile", "--map", "text=Inhalt", "--map", "published=Wann"]
    status, out, _ = command("read", "own.csv", "--json", *mapping)
    found = json.loads(out)
    assert status == 0
    assert (found["article"]["title"], found["text"], found["article"]["published"]) == (
        "Der Kai", "Das Schiff kam.", "2024-05-03",
    )  # fmt: skip
    one = next(iter(read("own.csv", names={"Schlagzeile": "title", "Inhalt": "text", "Wann": "published"})))
    assert isinstance(one, Article)
    assert one.metadata.to_dict() == found["article"]


@pytest.mark.parametrize("pair", ["headline", "nonsense=Headline", "=x", "title="])
def test_a_mapping_that_makes_no_sense_is_refused(command: Command, mixed: Path, pair: str) -> None:
    status, out, err = command("read", mixed.name, "--map", pair)
    assert (status, out) == (2, "")
    assert "title" in err  # the nouns are listed


def test_a_mapped_field_that_no_record_has_is_reported_at_the_end(tmp_path: Path) -> None:
    records = [{"Kopf": "Der Kai", "meta": {"Text": "Das Schiff kam."}}, {"Kopf": "", "other": "x"}]
    (tmp_path / "own.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    names = {"Kopf": "title", "meta.text": "text", "Kpof": "title", "meta.date": "published"}
    for source in (tmp_path / "own.jsonl", records):
        unmet = [reading for reading in read(source, names=names) if isinstance(reading, Skipped)][-2:]
        assert [skipped.origin for skipped in unmet] == ["title=Kpof", "published=meta.date"]
        assert all("no record has" in skipped.reason for skipped in unmet)


def test_nothing_read_is_said(command: Command, tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()
    status, out, err = command("read", "empty.jsonl")
    assert (status, out) == (1, "")
    assert "empty file" in err
