import codecs
import csv
import gzip
import io
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import click
import pytest

from semsearch.cli import main
from semsearch.cli.entry import commands
from semsearch.locks import write_lock
from tests.commands import Run

POSTS = [
    {
        "id": 1,
        "title": "Harbour opens second quay",
        "body": "The harbour board opened a second quay for container ships.\n\nTraffic may double.",
        "date": "2024-05-03",
        "publisher": "Coast Courier",
        "url": "https://coast.example.org/quay",
    },
    {
        "id": 2,
        "headline": "Ministry sets open source strategy",
        "content": "The ministry published its open source strategy for public software.",
        "published_at": "2024-06-01T08:00:00Z",
        "source": "Town Times",
        "author": "Ann Ash",
        "category": "technology",
    },
    {"id": 3, "headline": "Glacier loses a tenth of its ice", "published": "2023-09"},
]


Command = Callable[..., Run]


@pytest.fixture
def semsearch(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    """Runs the command line in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object, stdin: bytes = b"") -> Run:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8"))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        assert isinstance(ended.value.code, int)
        return Run(ended.value.code, *capsys.readouterr())

    return run


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    path = tmp_path / "posts.jsonl"
    path.write_text("".join(json.dumps(post) + "\n" for post in POSTS), encoding="utf-8")
    return path


@pytest.fixture
def built(semsearch: Command, posts: Path) -> Path:
    run = semsearch("build", posts, "-i", "idx", "--model", "hashing")
    assert run.status == 0, run.err
    return posts.parent / "idx"


def test_build_says_what_it_did_and_keeps_standard_output_clean(semsearch: Command, posts: Path) -> None:
    run = semsearch("build", posts, "-i", "idx", "--model", "hashing")
    assert (run.status, run.out) == (0, "")
    assert "3 articles added" in run.err
    assert "1 from a headline alone" in run.err
    assert semsearch("build", posts, "-i", "quiet", "--model", "hashing", "--quiet").err == ""


def test_a_query_finds_the_passage_and_shows_its_article(semsearch: Command, built: Path) -> None:
    run = semsearch("query", "open source strategy", "-i", built)
    assert run.status == 0
    first = run.out.split("\n\n")[0]
    for shown in ("Ministry sets open source strategy", "Town Times", "1 Jun 2024", "technology"):
        assert shown in first
    assert "\x1b" not in run.out
    assert run.err.startswith(f"{built} · 3 articles searched · 1 matches · 1 shown · strong match · ")
    assert " · 3 shown · " in semsearch("query", "open source strategy", "-i", built, "--all").err
    assert semsearch("search", "open source strategy", "-i", built).out == run.out


def test_json_is_the_settled_object_and_quotes_the_article(semsearch: Command, built: Path) -> None:
    run = semsearch("query", "open source strategy", "-i", built, "--json", "-k", 1)
    [hit] = run.json["hits"]
    assert (run.json["query"], run.json["mode"], run.json["total"]) == ("open source strategy", "hybrid", 3)
    whole = semsearch("get", hit["article"]["article_id"], "-i", built, "--json").json
    assert whole["text"][hit["start"] : hit["end"]] == hit["text"]
    assert whole["article"] == hit["article"]
    assert hit["article"]["published"] == "2024-06-01T08:00:00Z"
    assert hit["article"]["tags"]["source_id"] == ["2"]


def test_every_format_holds_the_same_hits(semsearch: Command, built: Path) -> None:
    def out(form: str) -> str:
        return semsearch("query", "harbour", "-i", built, "--all", "--format", form).out

    ids = [hit["passage_id"] for hit in json.loads(out("json"))["hits"]]
    assert [json.loads(line)["passage_id"] for line in out("jsonl").splitlines()] == ids
    assert [row["passage_id"] for row in csv.DictReader(io.StringIO(out("csv"), newline=""))] == ids
    assert out("md").count("\n   > ") >= len(ids)


def test_hidden_spellings_of_k_work(semsearch: Command, built: Path) -> None:
    for option in ("-k", "--top-k", "-n", "--limit"):
        assert len(semsearch("query", "harbour", "-i", built, "--json", option, 2).json["hits"]) == 2
    assert "--limit" not in semsearch("query", "--help").out


def test_filters_and_dates(semsearch: Command, built: Path) -> None:
    def titles(*options: object) -> list[str]:
        run = semsearch("list", "-i", built, "--json", *options)
        assert run.status == (0 if run.json else 1)
        return [article["title"].split()[0] for article in run.json]

    assert titles() == ["Ministry", "Harbour", "Glacier"]
    assert titles("--since", "2024-05-03", "--until", "2024-05") == ["Harbour"]
    assert titles("--until", "2023-09-15") == ["Glacier"]  # the month it names may be before that day
    assert titles("--since", "4w", "--as-of", "2024-06-10") == ["Ministry"]
    assert titles("--publisher", "town times", "--publisher", "coast.example.org") == ["Ministry", "Harbour"]
    assert titles("--author", "ann ash") == ["Ministry"]
    assert titles("--section", "technology") == ["Ministry"]
    assert titles("--tag", "source_id=3") == ["Glacier"]
    assert titles("--language", "de") == []
    assert titles("-k", 1) == ["Ministry"]
    assert semsearch("query", "ice", "-i", built, "--since", "2024", "--json").json["total"] == 2


def test_get_takes_an_address_and_misses_politely(semsearch: Command, built: Path) -> None:
    run = semsearch("get", "http://www.coast.example.org/quay/?utm_source=x", "-i", built)
    assert run.status == 0
    assert "Traffic may double." in run.out
    missing = semsearch("get", "https://coast.example.org/other", "-i", built)
    assert (missing.status, missing.out) == (1, "")
    assert "no article" in missing.err


def test_adding_again_changes_nothing_and_a_change_replaces(semsearch: Command, built: Path, posts: Path) -> None:
    generation = semsearch("stats", "-i", built, "--json").json["generation"]
    assert "3 unchanged" in semsearch("add", posts, "-i", built).err
    assert semsearch("stats", "-i", built, "--json").json["generation"] == generation
    posts.write_text(json.dumps(POSTS[0] | {"body": "The quay is closed again."}), encoding="utf-8")
    assert "1 replaced" in semsearch("add", posts, "-i", built).err
    assert semsearch("stats", "-i", built, "--json").json["articles"] == 3


def test_add_makes_an_index_and_reads_standard_input(semsearch: Command, posts: Path) -> None:
    run = semsearch("add", "-", "-i", "new", "--model", "hashing", stdin=gzip.compress(posts.read_bytes()))
    assert run.status == 0, run.err
    assert semsearch("stats", "-i", "new", "--json").json["articles"] == 3


def test_two_outlets_article_number_one_are_two(semsearch: Command, tmp_path: Path) -> None:
    for outlet in ("alpha", "beta"):
        (tmp_path / outlet).mkdir()
        (tmp_path / outlet / "articles.jsonl").write_text(
            json.dumps({"id": 1, "title": outlet, "text": f"From {outlet}."})
        )
    run = semsearch("build", "alpha", "beta", "-i", "idx", "--model", "hashing")
    assert "2 articles added" in run.err
    assert "2 unchanged" in semsearch("add", "alpha", "beta", "-i", "idx").err


def test_an_index_is_no_source(semsearch: Command, built: Path) -> None:
    for _ in range(2):
        run = semsearch("add", ".", "-i", built)
        assert "3 unchanged" in run.err
        assert "semsearch does not read its own indexes" in run.err
    assert semsearch("stats", "-i", built, "--json").json["articles"] == 3


def test_an_index_that_is_begun_within_its_source_is_no_source(semsearch: Command, posts: Path) -> None:
    run = semsearch("build", posts.parent, "-i", posts.parent / "idx", "--model", "hashing")
    assert "3 articles added" in run.err
    assert "semsearch does not read its own indexes" in run.err
    assert "building.json" not in run.err


def test_a_broken_character_does_not_end_the_run(semsearch: Command, posts: Path) -> None:
    with posts.open("a") as stream:
        stream.write('{"title": "t", "text": "x\\ud800", "link": "http://a.example/\\ud800", "\\udfff": "\\ud83d"}\n')
    assert "4 articles added" in semsearch("build", posts, "-i", "idx", "--model", "hashing").err


def test_a_build_continues_only_over_the_same_files(posts: Path) -> None:
    from semsearch.sources import state

    before = state([posts])
    assert state([str(posts)]) == before
    assert state([posts], source="Other") != before
    posts.write_text(posts.read_text() + "\n")
    assert state([posts]) != before
    assert state(["-"]) is None


def test_delete_and_compact(semsearch: Command, built: Path) -> None:
    run = semsearch("delete", "https://coast.example.org/quay", "https://coast.example.org/nothing", "-i", built)
    assert run.status == 0
    assert "1 deleted" in run.err
    assert "nothing" in run.err
    assert semsearch("delete", "0" * 20, "-i", built).status == 1
    assert semsearch("compact", "-i", built).status == 0
    found = semsearch("stats", "-i", built, "--json").json
    assert (found["articles"], found["deleted"]) == (2, 0)


def test_stats_have_what_was_promised(semsearch: Command, built: Path) -> None:
    found = semsearch("stats", "-i", built, "--json").json
    assert set(found) >= {
        "articles", "passages", "truncated", "undated", "first", "last", "size_bytes", "encoder", "generation",
    }  # fmt: skip
    assert (found["articles"], found["truncated"], found["undated"]) == (3, 0, 0)
    assert (found["first"], found["last"]) == ("2023-09", "2024-06-01T08:00:00Z")
    assert found["size_bytes"] == sum(
        path.stat().st_size for path in built.rglob("*") if path.is_file() and path.name != ".lock"
    )
    assert "hashing" in semsearch("stats", "-i", built).out


def test_read_shows_what_would_be_indexed(semsearch: Command, posts: Path) -> None:
    lines = semsearch("read", posts, "--json").out.splitlines()
    assert [json.loads(line)["article"]["title"] for line in lines] == [
        post.get("title") or post["headline"] for post in POSTS
    ]
    assert json.loads(lines[0])["origin"].endswith("posts.jsonl:1")
    assert set(json.loads(lines[0])) == {"origin", "article", "text"}
    assert "Harbour opens second quay" in semsearch("read", posts).out


def test_many_queries_come_from_standard_input(semsearch: Command, built: Path) -> None:
    run = semsearch("query", "-", "-i", built, "--json", "-k", 1, stdin=b"harbour quay\n\nopen source\n")
    answers = [json.loads(line) for line in run.out.splitlines()]
    assert [answer["query"] for answer in answers] == ["harbour quay", "open source"]
    assert [answer["hits"][0]["article"]["title"].split()[0] for answer in answers] == ["Harbour", "Ministry"]


def test_the_index_is_found_by_the_variable_then_the_working_folder(
    semsearch: Command, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built.rename(built.parent / "index")
    assert semsearch("stats", "--json").json["articles"] == 3
    monkeypatch.setenv("SEMSEARCH_INDEX", str(built.parent / "nowhere"))
    assert semsearch("stats").status == 3
    monkeypatch.setenv("SEMSEARCH_INDEX", str(built.parent / "index"))
    monkeypatch.chdir("/")
    assert semsearch("stats", "--json").json["articles"] == 3


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["query"], 2, "Missing argument"),
        (["query", "x", "--no-such-option"], 2, "No such option"),
        (["query", "x", "-k", "0"], 2, "0"),
        (["query", "  ", "-i", "idx"], 2, "empty"),
        (["query", "x", "--since", "soon"], 2, "is not a date"),
        (["query", "x", "--tag", "colour"], 2, "KEY=VALUE"),
        (["nonsense"], 2, "No such command"),
        (["build", "nowhere.jsonl", "-i", "new", "--model", "hashing"], 2, "nowhere.jsonl"),
        (["build", "posts.jsonl"], 2, "-i"),
        (["build", "posts.jsonl", "-i", "idx", "--model", "hashing"], 2, "finished index"),
        (["build", "posts.jsonl", "-i", "posts.jsonl", "--model", "hashing"], 2, "not a folder"),
        (["build", "posts.jsonl", "-i", "new", "--model", "/no/such/model"], 4, "/no/such/model"),
        (["stats", "-i", "nowhere"], 3, "no index"),
        (["stats", "-i", ""], 2, "empty text"),
        (["stats", "-i", "posts.jsonl/below"], 3, "no index"),
        (["stats", "-i", "x" * 300], 3, "x"),
        (["add", "nowhere.jsonl", "-i", "new", "--model", "hashing"], 2, "nowhere.jsonl"),
        (["add", "empty.jsonl", "-i", "new", "--model", "hashing"], 5, "empty.jsonl"),
        (["query", "x", "-i", "folder"], 3, "is not an index"),
        (["query", "x", "-i", "posts.jsonl"], 3, "posts.jsonl"),
        (["query", "x", "-i", "idx", "--model", "hashing:32"], 4, "was made with the encoder"),
        (["build", "empty.jsonl", "-i", "new", "--model", "hashing"], 5, "empty.jsonl"),
        (["build", "folder", "-i", "new", "--model", "hashing"], 5, "no article"),
        (["build", "picture.jpg", "-i", "new", "--model", "hashing"], 5, "picture.jpg"),
        (["build", "latin.txt", "-i", "new", "--model", "hashing"], 5, "latin.txt"),
        (["add", "posts.jsonl", "cut.jsonl.gz", "-i", "idx"], 5, "cut.jsonl.gz"),
        (["add", "broken.jsonl", "-i", "idx"], 0, "broken.jsonl:2"),
        (["add", "broken.jsonl", "-i", "idx", "--strict"], 5, "broken.jsonl:2"),
        (["add", "posts.jsonl", "nowhere.jsonl", "-i", "idx"], 5, "nowhere.jsonl"),
    ],
)  # fmt: skip
def test_every_mistake_ends_in_a_clear_message_and_its_status(
    semsearch: Command, built: Path, posts: Path, arguments: list[str], status: int, message: str
) -> None:
    folder = posts.parent
    (folder / "folder").mkdir()
    (folder / "folder" / "a.jpg").write_bytes(bytes(range(256)))
    (folder / "picture.jpg").write_bytes(bytes(range(256)) * 10)
    (folder / "empty.jsonl").touch()
    (folder / "latin.txt").write_bytes("Der Fluß stieg über die Ufer.".encode("latin-1"))
    (folder / "cut.jsonl.gz").write_bytes(gzip.compress(posts.read_bytes() * 50)[:-40])
    (folder / "broken.jsonl").write_text(json.dumps(POSTS[1]) + '\n{"title": "half\n[1]\n{"author": "no text"}\n')
    before = semsearch("stats", "-i", built, "--json").json["articles"]
    run = semsearch(*arguments)
    assert run.status == status, run.err
    assert message in run.err
    assert "Traceback" not in run.err
    assert run.out == ""
    assert semsearch("stats", "-i", built, "--json").json["articles"] >= before
    assert not (folder / "new").exists()
    if status and "--json" not in arguments and arguments[0] in ("query", "stats"):
        error = json.loads(semsearch(*arguments, "--json").err)
        assert set(error) == {"error", "error_type", "hint"}


def test_a_line_of_200_megabytes_is_skipped_and_the_rest_is_kept(semsearch: Command, posts: Path) -> None:
    with posts.open("ab") as stream:
        stream.write(b'{"title": "long", "text": "')
        for _ in range(200):
            stream.write(b"word " * 200_000)
        stream.write(b'"}\n' + json.dumps({"title": "After", "text": "It goes on."}).encode() + b"\n")
    run = semsearch("build", posts, "-i", "idx", "--model", "hashing")
    assert run.status == 0
    assert "posts.jsonl:4" in run.err
    assert "4 articles added" in run.err


def test_a_closed_pipe_is_quiet(built: Path) -> None:
    command = f"{sys.executable} -m semsearch list -i {built} --json | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("0\n", "")


def test_closed_streams_are_no_crash(built: Path) -> None:
    for closing in ("<&-", ">&-", "2>&-"):
        command = f"{sys.executable} -m semsearch stats -i {built} {closing}"
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")


def test_a_full_disk_is_an_error_of_its_own(built: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("the system has no /dev/full")
    command = f"{sys.executable} -m semsearch stats -i {built} > /dev/full"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 7
    assert "space" in done.stderr
    assert "Traceback" not in done.stderr


def test_python_m_and_version(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "semsearch", "--version"], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    assert done.stdout.startswith("semsearch, version ")


# Help


def each_command(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        if not command.hidden:
            yield (*path, name), command
        if isinstance(command, click.Group):
            yield from each_command(command, (*path, name))


COMMANDS = dict(each_command(commands))


def test_the_list_of_commands_is_whole(semsearch: Command) -> None:
    listed = semsearch("--help").out
    assert listed == semsearch("help").out
    assert "..." not in listed.split("Commands", 1)[-1].replace("[ARGS]...", "")
    assert all(re.search(rf"^  {name} ", listed, re.MULTILINE) for name, *inner in COMMANDS if not inner)
    assert semsearch("-V").out == semsearch("--version").out
    assert semsearch("help", "model", "list").out == semsearch("model", "list", "--help").out
    assert semsearch("help", "nothing").status == 2


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_has_examples_that_can_be_typed(path: tuple[str, ...], semsearch: Command) -> None:
    help_text = semsearch(*path, "--help").out
    examples = help_text.split("Examples:\n")[1].strip().splitlines()
    for example in examples:
        words = shlex.split(example.partition("| ")[2] or example.partition(" > ")[0].partition(" < ")[0])
        assert words[: len(path) + 1] == ["semsearch", *path] or isinstance(COMMANDS[path], click.Group)
        command: click.Command = commands
        context = None
        words = words[1:]
        while isinstance(command, click.Group):
            command = command.commands[words.pop(0)]
        command.make_context(command.name, words, context)  # a usage error would be raised here


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        (["query", "open", "source", "strategy"], 'semsearch query "open source strategy"'),
        (["query", "it's", "$5"], "semsearch query 'it'\"'\"'s $5'"),
        (["query", "-strike"], "semsearch query -- '-strike harbour'"),
        (["open source"], 'semsearch query "open source"'),
        (["open", "source", "-k", "3"], 'semsearch query "open source" -k 3'),
        (["query", "-k", "3", "open", "source", "-i", "a b"], "semsearch query \"open source\" -k 3 -i 'a b'"),
        (["qurey", "x"], "did you mean: semsearch query"),
        (["help", "qurey"], "semsearch --help"),
    ],
)
def test_what_was_mistyped_gets_a_hint(typed: list[str], hint: str, semsearch: Command) -> None:
    run = semsearch(*typed)
    assert (run.status, run.out) == (2, "")
    assert hint in run.err
    assert hint in json.loads(semsearch(*typed, "--json").err)["hint"]


def test_words_that_begin_as_an_option_does_stay_behind_the_dashes(semsearch: Command) -> None:
    assert 'semsearch query -k 3 -- "-strike port"' in semsearch("query", "-k", "3", "--", "-strike", "port").err


# Settings


@pytest.mark.usefixtures("built")
def test_settings_are_defaults_of_options(semsearch: Command) -> None:
    Path("semsearch.toml").write_text(
        'index = "idx"\ntimezone = "Asia/Tokyo"\nformat = "jsonl"\ntop-k = 1\n[list]\nformat = "csv"\n'
    )
    [line] = semsearch("query", "harbour").out.splitlines()
    assert json.loads(line)["rank"] == 1
    assert semsearch("list").out.startswith("published,publisher")
    assert semsearch("list").out.count("\n") == 4  # -k of list has no default
    assert "June 2024" not in semsearch("query", "source", "--format", "text").out
    assert "1 Jun 2024, 17:00 UTC+09:00" in semsearch("get", "2").out
    assert "1 Jun 2024, 08:00 UTC" in semsearch("get", "2", "--timezone", "UTC").out
    assert len(semsearch("query", "harbour", "-k", 2).out.splitlines()) == 2


@pytest.mark.usefixtures("built")
def test_an_unknown_setting_is_a_warning_and_a_wrong_value_says_where_it_stands(semsearch: Command) -> None:
    Path("semsearch.toml").write_text('index = "idx"\ntimezon = "UTC"\n[query]\ncolour = "red"\n[nothing]\nk = 1\n')
    run = semsearch("query", "harbour")
    assert run.status == 0
    assert "semsearch.toml: unknown setting timezon was ignored; did you mean timezone?" in run.err
    assert "unknown setting query.colour was ignored" in run.err
    assert "unknown setting [nothing] was ignored" in run.err
    Path("semsearch.toml").write_text('mode = "sparse"\n')
    refused = semsearch("query", "harbour", "-i", "idx")
    assert refused.status == 2
    assert "'sparse' is not one of" in refused.err
    assert "semsearch.toml" in refused.err
    Path("semsearch.toml").write_text("top-k = [1]\n")
    assert "top-k is [1]" in semsearch("query", "harbour", "-i", "idx").err


# More of what is asked and changed


def test_excel_gets_tabs_in_utf_16_and_every_cell_on_one_line(built: Path) -> None:
    command = [sys.executable, "-m", "semsearch", "query", "harbour", "--all", "-i", str(built), "--format", "excel"]
    output = subprocess.run(command, capture_output=True, check=True).stdout
    assert output.startswith(codecs.BOM_UTF16_LE)
    rows = list(csv.reader(io.StringIO(output.decode("utf-16"), newline=""), delimiter="\t"))
    assert [len(row) for row in rows] == [len(rows[0])] * 4
    cells = dict(zip(rows[0], rows[1], strict=True))
    assert cells["title"] == "Harbour opens second quay"
    assert cells["published_utc"] == "2024-05-03 00:00:00"
    assert "container ships. Traffic may double." in cells["text"]


def test_articles_are_deleted_by_filters_after_a_dry_run(semsearch: Command, built: Path) -> None:
    selected = ("--until", "2024-05-31", "-i", built)
    run = semsearch("delete", *selected, "--dry-run")
    assert run.status == 0
    assert [line.split("  ")[-1].strip() for line in run.out.splitlines()] == [
        "Harbour opens second quay",
        "Glacier loses a tenth of its ice",
    ]
    assert "2 would be deleted" in run.err
    assert semsearch("stats", "-i", built, "--json").json["articles"] == 3
    assert "2 deleted" in semsearch("delete", *selected).err
    assert semsearch("stats", "-i", built, "--json").json["articles"] == 1
    nobody = semsearch("delete", "--publisher", "Town Tims", "-i", built)
    assert nobody.status == 1
    assert "did you mean “Town Times”?" in nobody.err
    assert semsearch("delete", "-i", built).status == 2
    assert semsearch("delete", "2", "--publisher", "Town Times", "-i", built).status == 2


def test_a_command_waits_for_the_lock_as_long_as_it_was_told(semsearch: Command, built: Path, posts: Path) -> None:
    with write_lock(built):
        for command in (
            ["add", posts],
            ["delete", "2"],
            ["compact"],
            ["build", posts, "--force", "--model", "hashing"],
        ):
            run = semsearch(*command, "-i", built, "--wait", "0.2")
            assert run.status == 6, run.err
            assert "--wait" in run.err
    assert semsearch("add", posts, "-i", built, "--wait", "0.2").status == 0


def test_stats_know_the_last_addition(semsearch: Command, built: Path) -> None:
    added = semsearch("stats", "-i", built, "--json").json["last_added"]
    assert added == semsearch("get", "2", "-i", built, "--json").json["article"]["indexed"]
    assert semsearch("stats", "-i", built).out.count("last added") == 1


def test_similar_takes_what_query_takes(semsearch: Command, built: Path) -> None:
    options = ("-i", built, "--json", "--count", "--mode", "lexical", "--offset", 1, "--explain", "--sort", "relevance")
    run = semsearch("similar", "1", *options)
    assert [hit["rank"] for hit in run.json["hits"]] in ([], [2])
    assert run.json["matches"] is not None
    by_publisher = semsearch("query", "the", "-i", built, "--json", "--group-by", "publisher").json["hits"]
    assert len({hit["article"]["publisher"] for hit in by_publisher}) == len(by_publisher) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="it has no pseudo-terminals")
def test_long_output_is_paged_on_a_terminal_alone(built: Path, tmp_path: Path) -> None:
    import pty

    pager = tmp_path / "pager"
    pager.write_text("#!/bin/sh\necho PAGED\ncat\n")
    pager.chmod(0o700)

    def shown(*arguments: str, **environment: str) -> str:
        leader, follower = pty.openpty()
        command = [sys.executable, "-m", "semsearch", *arguments, "-i", str(built)]
        settings = os.environ | {"PAGER": str(pager), "TERM": "xterm", "LINES": "8", "COLUMNS": "80"} | environment
        process = subprocess.Popen(command, stdin=follower, stdout=follower, stderr=follower, env=settings)
        os.close(follower)
        output = b""
        with suppress(OSError):  # what Linux says of a terminal that nobody holds any more
            while part := os.read(leader, 65536):
                output += part
        os.close(leader)
        assert process.wait() == 0
        return output.decode().replace("\r\n", "\n")

    paged = shown("query", "harbour", "--all")
    assert "PAGED" in paged
    assert paged.index("3 articles searched") < paged.index("Harbour opens")
    assert "PAGED" not in shown("query", "harbour", "--all", PAGER="cat")


@pytest.mark.parametrize("command", ["build", "add"])
def test_an_index_in_the_folder_of_its_articles_is_refused_with_the_reason(
    command: str, semsearch: Command, tmp_path: Path
) -> None:
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "harbour.txt").write_text("Harbour opens\n\nShips moored there this morning.")
    run = semsearch(command, "news", "-i", "news", "--model", "hashing")
    if command == "build":
        assert (run.status, "keep articles in another" in run.err) == (5, True)
        assert "empty folder" not in run.err
    else:
        assert (run.status, "semsearch build news -i DIR" in run.err) == (3, True)


@pytest.mark.parametrize(("lost", "named"), [(10, 10), (11, 11), (12, 12), (13, 10), (200, 10)])
def test_a_few_unusable_records_are_all_named_and_many_are_counted(
    lost: int, named: int, semsearch: Command, tmp_path: Path
) -> None:
    records = [
        {"id": 1, "title": "Harbour", "text": "Ships moored there."},
        *({"id": number} for number in range(lost)),
    ]
    (tmp_path / "day.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    run = semsearch("build", "day.jsonl", "-i", "idx", "--model", "hashing")
    assert run.status == 0
    assert len(re.findall(r"^skipped: ", run.err, re.MULTILINE)) == named
    rest = f"… and {lost - named:,} more (--verbose names all). In all:\n  {lost} × neither headline nor text\n"
    assert (rest in run.err) == (named < lost)
    assert "more (" not in run.err or named < lost
    assert len(re.findall("^skipped: ", semsearch("read", "day.jsonl", "-v").err, re.MULTILINE)) == lost


def test_an_article_to_delete_that_is_not_there_is_told_with_its_index(semsearch: Command, built: Path) -> None:
    run = semsearch("delete", "nope", "abc", "-i", built)
    assert run.status == 1
    assert f"no article 'nope' in {built}\n  see what there is: semsearch list -i {built}\n" in run.err
    assert f"no article 'abc' in {built}\n  of an id at least 6 digits are needed; see what there is" in run.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["query", "x", "-k", "many"],
        ["query", "x", "--min-confidence", "high"],
        ["query", "x", "--timeout", "soon"],
        ["build", "x", "-i", "y", "--passage-tokens", "few"],
        ["build", "x", "-i", "y", "--pause", "long"],
        ["facets", "-k", "many"],
        ["eval", "-k", "many"],
        ["list", "-k", "many"],
        ["serve", "--port", "web"],
    ],
)
def test_a_number_is_asked_for_by_that_word(arguments: list[str], semsearch: Command) -> None:
    assert re.search(f"'{arguments[-1]}' is not a valid (whole )?number", semsearch(*arguments).err)


def test_the_help_calls_no_number_a_range() -> None:
    for command in commands.commands.values():
        assert " RANGE" not in command.get_help(click.Context(command))
