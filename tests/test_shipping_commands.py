"""The commands pack and pull, and every other command on what they ship."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from semsearch import Index
from semsearch.artifact.pull import pull
from semsearch.artifact.signatures import make_key
from semsearch.cli import main
from semsearch.types import Tier
from tests.commands import Run
from tests.examples import slow_but
from tests.packing import build, newer, opened, packed, story

Command = Callable[..., Run]

ABOUT = 'name = "council-news"\nlicence = "CC-BY-4.0"\n[sources."Hill Herald"]\nlicence = "by agreement"\n'


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an index, and what was installed of it in each tier."""
    folder = tmp_path_factory.mktemp("house")
    index = build(folder / "councils", map(story, range(9)))
    for tier in Tier:
        packed(index, folder / f"{tier}.pack", tier=tier)
        pull(str(folder / f"{tier}.pack"), folder / tier)
    return folder


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.chdir(tmp_path)

    def command(*arguments: object) -> Run:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([*map(str, arguments)])
        assert isinstance(ended.value.code, int)
        return Run(ended.value.code, *capsys.readouterr())

    return command


# pack


def test_pack_says_what_it_wrote_and_what_nobody_has_said_yet(run: Command, house: Path) -> None:
    Path("about.toml").write_text(ABOUT)
    done = run("pack", "news.pack", "-i", house / "councils", "--about", "about.toml", "--release", "2026-01")
    assert (done.status, done.err) == (0, "")
    lines = [line.split(maxsplit=1) for line in done.out.splitlines()]
    found = {line[0]: line[1] for line in lines[:8]}
    made = opened(Path("news.pack"))
    assert found["artifact"] == "news.pack"
    assert found["name"] == "council-news · release 2026-01"
    assert found["holds"].startswith("9 articles, 27 passages: ")
    assert found["signed"] == "by  nobody"
    assert found["sources"] == "Coast Courier 3: CC-BY-4.0"
    assert "Hill Herald 3: by agreement" in done.out
    assert "without a licence" not in done.out
    assert (made.json["name"], made.json["release"]) == ("council-news", "2026-01")
    bare = run("pack", "bare.pack", "-i", house / "councils")
    assert "Coast Courier 3: no licence stated\n" in bare.out
    assert bare.out.endswith("4 sources without a licence: say which in a file, --about FILE.toml\n")


def test_what_the_command_says_comes_before_what_the_file_says(run: Command, house: Path) -> None:
    Path("about.toml").write_text(ABOUT)
    given = ("--name", "other", "--licence", "CC0", "--about", "about.toml")
    said = run("pack", "x.pack", "-i", house / "councils", "--json", *given).json
    assert said["name"] == "other"
    assert said["entry"]["licence"] == "CC0"
    assert {source["licence"] for source in said["sources"]} == {"CC0", "by agreement"}


def test_pack_as_json_is_what_a_registry_wants(run: Command, house: Path) -> None:
    make_key(Path("ann"))
    done = run("pack", "sub/news.pack", "-i", house / "councils", "--tier", "snippets", "--json", "--sign", "ann")
    assert (done.status, done.err) == (0, "")
    assert (done.json["name"], done.json["tier"], done.json["path"]) == ("councils", "snippets", "sub/news.pack")
    assert done.json["entry"]["urls"] == ["news.pack"]
    registry = {"semsearch_registry": 1, "indexes": {"councils": done.json["entry"]}}
    Path("sub/registry.json").write_text(json.dumps(registry))
    installed = run("pull", "councils", "-i", "installed", "--registry", "sub/registry.json", "--json")
    assert (installed.status, installed.err) == (0, "")
    assert installed.json["origin"]["signed_by"] == Path("ann.pub").read_text().split()[0]
    assert installed.json["origin"]["contents_sha256"] == done.json["entry"]["contents_sha256"]
    assert (installed.json["tier"], installed.json["articles"]) == ("snippets", 9)


def test_quiet_says_nothing(run: Command, house: Path) -> None:
    assert run("pack", "x.pack", "-i", house / "councils", "-q") == (0, "", "")
    assert run("pull", "x.pack", "-i", "x", "-q") == (0, "", "")


@pytest.mark.parametrize(
    ("arguments", "status", "wrong", "hint"),
    [
        (("pack", "notes.txt", "-i", "HOUSE/councils"), 3, "already exists and is not an", "name another file"),
        (("pack", "x.pack", "-i", "nowhere"), 3, "there is no index at nowhere", "semsearch build"),
        (("pack", "x.pack", "-i", "HOUSE/vectors"), 3, "holds vectors of its articles", "--tier vectors"),
        (("pack", "x.pack", "-i", "HOUSE/councils", "--about", "no.toml"), 2, "there is no file no.toml", "the path"),
        (("pack", "x.pack", "-i", "HOUSE/councils", "--about", "notes.txt"), 2, "is not TOML", "[sources."),
        (("pack", "x.pack", "-i", "HOUSE/councils", "--sign", "notes.txt"), 2, "is not a private key", "key make"),
        (("pack", "x.pack", "-i", "HOUSE/councils", "--tier", "some"), 2, "'some' is not one of", ""),
        (("pack", ".", "-i", "HOUSE/councils"), 2, "is a directory", ""),
        (("pull", "notes.txt", "-i", "x"), 5, "notes.txt is cut short", "get the file again"),
        (("pull", "long.txt", "-i", "x"), 3, "long.txt is not an artifact", "semsearch pack"),
        (("pull", "./nowhere.pack", "-i", "x"), 5, "there is no file ./nowhere.pack", "check the path"),
        (("pull", "councils", "-i", "x"), 2, "where the index councils is", "--registry JSON"),
        (("pull", "misspelt.pack", "-i", "x"), 2, "where the index misspelt.pack is", "a file or an address, check it"),
        (("pull", "HOUSE/full.pack"), 2, "no index was named to write to", "-i DIR"),
        (("pull", "HOUSE/full.pack", "-i", "notes.txt"), 2, "is a file, not a folder", "another place"),
        (("pull", "HOUSE/full.pack", "-i", "own"), 2, "was not installed from an artifact", "--force"),
        (("pull", "HOUSE/full.pack", "-i", "x", "--signed"), 3, "it has no signature", "semsearch key trust"),
        (("pull", "HOUSE/full.pack", "-i", "x", "--key", "no.pub"), 2, "there is no file no.pub", "check the path"),
        (("pull", "http://127.0.0.1:9/x", "-i", "x", "--offline"), 5, "is set", "leave out --offline"),
        (("pull", "ftp://example.org/x", "-i", "x"), 5, "only http and https", "https://HOST/FILE"),
    ],
)
def test_what_is_refused_says_why_and_what_to_do(
    run: Command, house: Path, arguments: tuple[str, ...], status: int, wrong: str, hint: str
) -> None:
    Path("notes.txt").write_text("mine")
    Path("long.txt").write_text("mine" * 1_000)
    shutil.copytree(house / "councils", "own")
    given = [argument.replace("HOUSE", str(house)) for argument in arguments]
    done = run(*given)
    assert (done.status, done.out) == (status, "")
    assert wrong in done.err
    assert hint in done.err
    told = run(*given, "--json")
    assert (told.status, told.out) == (status, "")
    said = json.loads(told.err)
    assert wrong in said["error"]
    assert hint in said["hint"]
    assert sorted(path.name for path in Path().iterdir()) == ["long.txt", "notes.txt", "own"]
    assert Path("notes.txt").read_text() == "mine"


@pytest.mark.slow
def test_progress_is_for_terminals_alone(house: Path, tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    for arguments in (["pack", "x.pack", "-i", str(house / "councils")], ["pull", "x.pack", "-i", "x"]):
        command = [sys.executable, "-m", "semsearch", *arguments]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=True)
        assert done.stderr == b""
        assert b"Packing" not in done.stdout
        assert b"Fetching" not in done.stdout


# pull


def test_pull_says_what_it_installed_and_what_it_fetched(run: Command, house: Path, tmp_path: Path) -> None:
    own = Path(shutil.copytree(house / "councils", tmp_path / "own" / "councils"))
    packed(own, tmp_path / "1.pack")
    packed(newer(own), tmp_path / "2.pack")
    first = run("pull", "1.pack", "-i", "news")
    assert (first.status, first.err) == (0, "")
    found = {line.split()[0]: line.split(maxsplit=1)[1] for line in first.out.splitlines()}
    assert found["index"] == "news"
    assert found["name"] == "councils · release 1"
    assert found["licence"] == "no licence stated"
    assert found["signed"] == "by  no trusted key"
    assert found["contents"] == hashlib.sha256(opened(Path("1.pack")).said).hexdigest()
    assert found["fetched"].endswith(" in 1 segment")
    assert run("pull", "2.pack", "-i", "news").out.splitlines()[-1].endswith(" in 1 segment, 1 was there")
    assert run("pull", "2.pack", "-i", "news").out.splitlines()[-1].endswith(" in 0 segments, 2 were there")
    again = run("pull", "2.pack", "-i", "news", "--json").json
    assert (again["fetched_bytes"], again["segments_fetched"], again["segments_kept"]) == (0, 0, 2)
    assert again["directory"] == "news"
    assert again["origin"]["where"] == "2.pack"


def test_an_index_that_is_installed_by_name_needs_no_place(run: Command, house: Path, own_home: Path) -> None:
    entry = run("pack", house / "named.pack", "-i", house / "councils", "--json").json["entry"]
    registry = {"semsearch_registry": 1, "indexes": {"councils": entry}}
    (house / "registry.json").write_text(json.dumps(registry))
    Path("semsearch.toml").write_text(f'registry = "{house / "registry.json"}"\n')
    done = run("pull", "councils")
    assert done.status == 0
    assert str(own_home / "indexes" / "councils") in "".join(done.out.split())
    with Index.from_prebuilt("councils") as index:
        assert index.stats().articles == 9
    unknown = run("pull", "harbours")
    assert (unknown.status, unknown.out) == (1, "")
    assert "has no index named 'harbours' among its 1" in unknown.err


def test_own_changes_are_replaced_by_force(run: Command, house: Path) -> None:
    run("pull", house / "full.pack", "-i", "x")
    assert run("delete", "https://news.example.org/s3", "-i", "x").status == 0
    refused = run("pull", house / "full.pack", "-i", "x")
    assert (refused.status, refused.out) == (2, "")
    assert "has changes of its own: installing would replace what is in it" in refused.err
    assert run("pull", house / "full.pack", "-i", "x", "--force").status == 0
    assert run("get", "https://news.example.org/s3", "-i", "x").status == 0


def test_keys_are_believed_by_their_file_by_their_text_and_once_for_all(
    run: Command, house: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    make_key(Path("ann"))
    make_key(Path("bea"))
    text = Path("ann.pub").read_text().split()[0]
    assert run("pack", "x.pack", "-i", house / "councils", "--sign", "ann").out.count(text) == 1
    for key in ("ann.pub", text):
        done = run("pull", "x.pack", "-i", "x", "--key", key, "--json")
        assert done.json["origin"]["signed_by"] == text
    assert run("pull", "x.pack", "-i", "x", "--key", "bea.pub").status == 3
    assert run("pull", "x.pack", "-i", "x", "--signed").status == 3
    assert run("key", "trust", "ann.pub").status == 0
    assert run("pull", "x.pack", "-i", "x", "--signed", "--json").json["origin"]["signed_by"] == text
    signature = Path("x.pack.sig").read_bytes()
    assert run("pack", "x.pack", "-i", house / "councils", "--release", "other", "--sign", "ann").status == 0
    Path("x.pack.sig").write_bytes(signature)
    done = run("pull", "x.pack", "-i", "x")
    assert (done.status, done.out) == (3, "")
    assert "the signature claims to be by ann, but is not valid for this artifact" in done.err


# Every command, on every tier

STORY = "https://news.example.org/s3"
QUERY = "zq3oneearly harbour and glacier"
OPTIONS = ([], ["--full"], ["--explain"], ["--context", "1"], ["--group-by", "passage"], ["--sort", "date"])


@pytest.mark.parametrize("tier", slow_but([Tier.SNIPPETS], Tier))
def test_every_command_works_on_every_tier(run: Command, house: Path, tier: Tier) -> None:
    place = ("-i", str(house / tier))
    full = ("-i", str(house / "councils"))
    for form in ("text", "json", "jsonl", "csv", "md"):
        for options in OPTIONS:
            for ask in (["query", QUERY], ["similar", STORY]):
                if ask[0] == "similar" and options not in ([], ["--full"]):
                    continue
                done = run(*ask, "--format", form, *options, *place)
                assert done.status in {0, 1}, done
                assert "Story " in done.out
                assert "zq3onelate" not in done.out or tier is Tier.FULL
        done = run("list", "--format", form, *place)
        assert (done.status, done.err) == (0, "")
        assert done.out == run("list", "--format", form, *full).out
    for as_json in ((), ("--json",)):
        got = run("get", STORY, *as_json, *place)
        assert (got.status, got.err) == (0, "")
        assert ("zq3oneearly" in got.out) == tier.has_words
        assert ("zq3onelate" in got.out) == (tier is Tier.FULL)
    assert run("stats", *place).status == 0
    assert run("stats", "--json", *place).json["tier"] == tier
    found = run("query", QUERY, "--json", *place)
    assert bool(found.json["notices"]) == (not tier.has_words)
    if tier.has_words:
        assert found.json["hits"][0]["article"]["title"] == "Story 3"
        assert run("query", "zq3oneearly", "--mode", "lexical", *place).status == 0
        assert run("query", '"zq3oneearly"', *place).status in {0, 1}


def test_a_passage_without_text_is_shown_by_where_it_stood(run: Command, house: Path) -> None:
    whole = run("query", QUERY, "--mode", "dense", "--json", "-i", house / "councils").json["hits"]
    shown = run("query", QUERY, "--mode", "dense", "--json", "-i", house / "vectors").json["hits"]

    def places(hits: Any) -> list[Any]:
        return [(hit["passage_id"], hit["start"], hit["end"], hit["score"]) for hit in hits]

    assert places(shown) == places(whole)
    assert {hit["text"] for hit in shown} == {""}


@pytest.mark.parametrize("words", [["harbour", "--mode", "lexical"], ['"the harbour"'], ["harbour -boats"]])
def test_words_are_refused_where_there_are_none(run: Command, house: Path, words: list[str]) -> None:
    done = run("query", *words, "-i", house / "vectors")
    assert (done.status, done.out) == (2, "")
    assert "this index holds vectors and no words" in done.err
    assert "--mode dense" in done.err


@pytest.mark.parametrize("tier", [Tier.SNIPPETS, Tier.VECTORS])
def test_of_less_than_everything_one_may_delete_and_compact_and_not_add(run: Command, house: Path, tier: Tier) -> None:
    shutil.copytree(house / tier, "own")
    Path("more.txt").write_text("A headline\n\nA text about boats in the harbour.")
    refused = run("add", "more.txt", "-i", "own")
    assert (refused.status, refused.out) == (3, "")
    assert f"own holds {tier} of its articles, which cannot be mixed with whole ones" in refused.err
    assert run("delete", STORY, "-i", "own").status == 0
    assert run("compact", "-i", "own").status == 0
    said = run("stats", "--json", "-i", "own").json
    assert (said["articles"], said["tier"]) == (8, tier)
    assert run("pack", "again.pack", "-i", "own", "--tier", tier).status == 0
    assert opened(Path("again.pack")).json["articles"] == 8
