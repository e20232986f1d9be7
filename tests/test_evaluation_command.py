"""`eval`: from files to figures, through the command line."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from semsearch.cli import main
from semsearch.index import Index
from semsearch.types import Mode

TOPICS = {
    "quay": "second quay for container ships",
    "ice": "ice of the glacier",
    "vote": "council raised wages of bus drivers",
    "seeds": "seeds for gardeners",
}
JUDGED = {
    "quay": {"https://news.example.org/harbour": 2, "https://news.example.org/strike": 1},
    "ice": {"http://www.news.example.org/glacier?utm_source=feed": 1, "https://news.example.org/drought": 0},
    "vote": {"https://news.example.org/strike": 1},
    "seeds": {"https://news.example.org/orchard": 1},
}


class Run(NamedTuple):
    status: int
    out: str
    err: str


Command = Callable[..., Run]


@pytest.fixture
def command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, index: Index
) -> Command:
    """Runs `semsearch eval` beside an index of twelve articles, topics and judgements."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEMSEARCH_INDEX", str(index.location))
    Path("topics.tsv").write_text("".join(f"{topic}\t{text}\n" for topic, text in TOPICS.items()), encoding="utf-8")
    lines = [f"{topic} 0 {name} {grade}\n" for topic, own in JUDGED.items() for name, grade in own.items()]
    Path("qrels.txt").write_text("".join(lines), encoding="utf-8")

    def run(*arguments: object) -> Run:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["eval", *map(str, arguments)])
        assert isinstance(ended.value.code, int)
        return Run(ended.value.code, *capsys.readouterr())

    return run


def asked(command: Command, *more: object) -> Run:
    return command("--topics", "topics.tsv", "--qrels", "qrels.txt", "--mode", "dense", *more)


def test_the_figures_are_those_of_the_answers(command: Command, index: Index) -> None:
    run = asked(command, "--json", "--per-topic", "-k", 5)
    assert (run.status, run.err) == (0, "")
    value = json.loads(run.out)
    assert value["measures"].keys() == {"nDCG@5", "R@5", "RR@5", "AP@5", "Success@1"}
    assert value["judged_topics"] == 4
    assert value["intervals"]["nDCG@5"] is None
    [ice] = [topic for topic in value["topics"] if topic["topic"] == "ice"]
    found = [hit.article.url for hit in index.search(TOPICS["ice"], 5).hits]
    assert found[0] == "https://news.example.org/glacier"
    assert ice["query"] == TOPICS["ice"]
    assert ice["systems"]["dense"]["RR@5"] == 1
    assert value["topics"][3]["systems"]["dense"]["R@5"] == 0
    assert value["ids_unmatched"] == {"count": 1, "of": 5, "examples": ["https://news.example.org/orchard"]}
    mean = sum(topic["systems"]["dense"]["nDCG@5"] for topic in value["topics"]) / 4
    assert value["measures"]["nDCG@5"] == pytest.approx(mean)
    assert value["query_ms"] > 0


def test_text_is_a_table_with_what_is_amiss_below_it(command: Command) -> None:
    run = asked(command)
    assert run.status == 0
    assert re.search(r"^nDCG@10 +0\.\d{4}$", run.out, re.MULTILINE)
    assert re.search(r"^topics +4 judged$", run.out, re.MULTILINE)
    assert "1 of 5 judged ids name no article here" in run.out
    assert all(len(line) <= 80 for line in run.out.splitlines())
    assert "\x1b" not in run.out


def test_a_written_run_has_the_same_figures_by_itself_and_in_ir_measures(command: Command) -> None:
    ir = pytest.importorskip("ir_measures", reason="ir-measures, the oracle, is not installed")
    measures = ("nDCG@10", "recall@5", "MRR", "MAP", "success@1")
    options = ("--measures", " ".join(measures[:3]), *(part for name in measures[3:] for part in ("--measures", name)))
    searched = asked(command, "--write-run", "out.run", "--json", *options)
    assert searched.status == 0, searched.err
    alone = command("--run", "out.run", "--qrels", "qrels.txt", "--json", *options)
    assert alone.status == 0, alone.err
    values = json.loads(searched.out)["measures"]
    assert json.loads(alone.out)["measures"] == values
    wanted = {name: ir.parse_measure(name) for name in values}
    theirs = ir.calc_aggregate(
        wanted.values(), list(ir.read_trec_qrels("qrels.txt")), list(ir.read_trec_run("out.run"))
    )
    assert values == {name: pytest.approx(theirs[measure], abs=1e-6) for name, measure in wanted.items()}


def test_a_run_is_compared_with_a_mode(command: Command) -> None:
    Path("other.run").write_text("ice Q0 x 1 2 t\nvote Q0 https://news.example.org/strike 1 1 t\n", encoding="utf-8")
    run = asked(command, "--run", "other.run", "--json")
    value = json.loads(run.out)
    assert value["name"] == "dense"
    [other] = value["compared"]
    assert other["name"] == "other.run"
    assert other["measures"]["Success@1"] == 0.25
    gap = other["measures"]["nDCG@10"] - value["measures"]["nDCG@10"]
    assert other["differences"]["nDCG@10"]["mean"] == pytest.approx(gap)
    assert other["topics_unanswered"] == {"count": 2, "examples": ["quay", "seeds"]}
    shown = asked(command, "--run", "other.run").out
    assert "against dense" in shown
    assert "other.run: 2 judged topics without an answer (such as quay, seeds): 0 each" in " ".join(shown.split())


def test_modes_are_compared_with_the_first(command: Command) -> None:
    modes = [mode.value for mode in Mode]
    named = [part for mode in modes for part in ("--mode", mode)]
    run = command("--topics", "topics.tsv", "--qrels", "qrels.txt", "--json", *named)
    assert run.status == 0, run.err
    value = json.loads(run.out)
    assert [value["name"], *(other["name"] for other in value["compared"])] == modes
    for other in value["compared"]:
        assert other["differences"].keys() == value["measures"].keys()


def test_topics_are_plain_text_and_never_the_query_language(command: Command) -> None:
    Path("topics.tsv").write_text('ice\t"ice of the glacier" -summer publisher:nobody\n', encoding="utf-8")
    value = json.loads(asked(command, "--json", "--per-topic", "-k", 12).out)
    assert value["topics"][1]["systems"]["dense"]["R@12"] == 1
    assert value["topics_unknown"] == {"count": 3, "examples": ["quay", "vote", "seeds"]}


def test_filters_narrow_what_an_id_can_name(command: Command) -> None:
    value = json.loads(asked(command, "--publisher", "Hill Herald", "--json").out)
    assert value["ids_unmatched"]["count"] == 3
    assert value["measures"]["R@10"] == 0.25


def test_topics_without_a_judgement_are_told_and_asked_only_for_a_run(command: Command) -> None:
    with Path("topics.tsv").open("a", encoding="utf-8") as stream:
        stream.write("opera\topera house\n")
    value = json.loads(asked(command, "--json", "--write-run", "out.run").out)
    assert value["topics_unjudged"] == {"count": 1, "examples": ["opera"]}
    assert value["judged_topics"] == 4
    assert "opera Q0 https://news.example.org/opera 1 " in Path("out.run").read_text(encoding="utf-8")
    assert "1 topic without a judgement (such as opera): left out" in asked(command).out


def test_ids_that_name_no_article_at_all_are_an_error_that_shows_one(command: Command) -> None:
    Path("qrels.txt").write_text("ice 0 doc-12 1\n", encoding="utf-8")
    run = asked(command)
    assert (run.status, run.out) == (2, "")
    assert "doc-12" in run.err
    assert "source_id" in run.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--qrels", "qrels.txt"], "--topics says what to ask"),
        (["--topics", "topics.tsv"], "--qrels"),
        (["--topics", "absent.tsv", "--qrels", "qrels.txt"], "there is no file absent.tsv"),
        (["--topics", "topics.tsv", "--qrels", "qrels.txt", "--measures", "F1"], "no measure is called 'F1'"),
        (["--topics", "topics.tsv", "--qrels", "qrels.txt", "--write-run", "no/such.run"], "there is no folder"),
        (["--topics", "topics.tsv", "--qrels", "qrels.txt", "--write-run", "."], "--write-run: "),
        (["--topics", "odd.tsv", "--qrels", "qrels.txt"], "no topic has a judgement"),
        (["--run", "other.run", "--qrels", "qrels.txt", "--publisher", "x"], "a filter chooses"),
        (
            [
                *[
                    "--topics",
                    "topics.tsv",
                    "--qrels",
                    "qrels.txt",
                    "--write-run",
                    "r.txt",
                    "--mode",
                    "dense",
                    "--mode",
                    "lexical",
                ]
            ],
            "give --mode once",
        ),
    ],
)
def test_what_makes_no_sense_is_said(command: Command, arguments: list[str], told: str) -> None:
    Path("odd.tsv").write_text("t1\tice\n", encoding="utf-8")
    Path("other.run").write_text("ice Q0 x 1 2 t\n", encoding="utf-8")
    run = command(*arguments)
    assert (run.status, run.out) == (2, "")
    assert told in run.err


def test_a_bad_line_is_named_and_errors_are_json_where_asked(command: Command) -> None:
    Path("qrels.txt").write_text("ice 0 x 1\nice 0 y\n", encoding="utf-8")
    run = asked(command, "--json")
    assert (run.status, run.out) == (5, "")
    told = json.loads(run.err)
    assert told["error_type"] == "SourceError"
    assert told["error"].startswith("qrels.txt:2: ")
