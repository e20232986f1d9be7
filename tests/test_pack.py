"""What pack writes: what anybody can read of it with tar and zstd, and what nobody can."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from semsearch import Index
from semsearch.artifact.about import About, read_about
from semsearch.artifact.signatures import PublicKey, make_key, signer
from semsearch.artifact.tiers import placeless
from semsearch.encoders.hashing import HashingEncoder
from semsearch.engines.folders import LEFT_OUT
from semsearch.engines.local.manifest import read_manifest
from semsearch.errors import ArtifactError, IndexDamagedError, IndexMissingError, UsageError
from semsearch.types import Article, Tier
from tests.making import article, day
from tests.packing import (
    ENCODER,
    HOME,
    PARTS,
    Artifact,
    add,
    arrays,
    build,
    early,
    in_every_tier,
    keys_of,
    newer,
    opened,
    packed,
    stored_articles,
    story,
    three_segments,
)

EVERYONE = range(24)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return three_segments(tmp_path_factory.mktemp("packing") / "councils")


@pytest.fixture(scope="module")
def artifacts(index: Path) -> dict[Tier, Artifact]:
    return in_every_tier(index)


@pytest.fixture
def own(index: Path, tmp_path: Path) -> Path:
    """An index to change."""
    return Path(shutil.copytree(index, tmp_path / "councils"))


# The file


@pytest.mark.parametrize("tier", Tier)
def test_its_table_of_contents_says_where_each_frame_lies(
    artifacts: dict[Tier, Artifact], index: Path, tier: Tier
) -> None:
    found = artifacts[tier]
    assert found.json["members"] == {
        name: [offset - found.begin, len(frame)] for name, (offset, frame) in found.frames.items()
    }
    whole = (index.parent / f"{tier}.pack").read_bytes()
    assert whole[-1024:] == bytes(1024)
    assert len(whole) % 512 == 0


def test_its_table_of_contents_says_what_is_in_it(artifacts: dict[Tier, Artifact]) -> None:
    for tier, found in artifacts.items():
        said = found.json
        assert (said["articles"], said["passages"], said["name"], said["release"]) == (24, 72, "councils", "3")
        assert said["manifest"]["recipe"]["tier"] == tier
        assert said["manifest"]["recipe"]["encoder"]["name"] == "hashing:16"
        assert said["manifest"]["origin"] is said["manifest"]["job"] is None
        assert len(stored_articles(found)) == 24


def test_what_pack_returns_is_what_is_in_the_file(index: Path, tmp_path: Path) -> None:
    import hashlib

    told: list[tuple[int, int]] = []
    made = packed(index, tmp_path / "x.pack", about=About(licence="CC0"), observer=lambda *counts: told.append(counts))
    content = (tmp_path / "x.pack").read_bytes()
    found = opened(tmp_path / "x.pack")
    assert (made.size_bytes, made.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert made.contents_sha256 == hashlib.sha256(found.said).hexdigest()
    assert (made.name, made.licence, made.encoder, made.signed_by) == ("councils", "CC0", "hashing:16", None)
    assert told[-1] == (sum(map(len, found.files.values())),) * 2
    assert told == sorted(told)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.pack"]


def test_what_is_derived_of_vectors_is_not_in_it(artifacts: dict[Tier, Artifact], index: Path) -> None:
    assert any(path.name in LEFT_OUT for path in index.rglob("*.arrays"))
    for found in artifacts.values():
        assert not any(name.rpartition("/")[2] in LEFT_OUT for name in found.files)


def test_the_same_index_gives_the_same_bytes_in_any_process(index: Path, tmp_path: Path) -> None:
    first = tmp_path / "a.pack"
    packed(index, first, tier=Tier.SNIPPETS)
    packed(index, tmp_path / "again.pack", tier=Tier.SNIPPETS)
    (tmp_path / "elsewhere").mkdir()
    command = "import os, sys; os.umask(0o077); from semsearch.cli import main; main(sys.argv[1:])"
    environment = os.environ | {"PYTHONHASHSEED": "77", "TZ": "Asia/Tokyo", "SOURCE_DATE_EPOCH": "1000000000"}
    environment |= {"LC_ALL": "C", "PYTHONPATH": str(Path(__file__).parents[1])}
    ran = subprocess.run(
        [sys.executable, "-c", command, "pack", "b.pack", "-i", index, "--tier", "snippets", "-q"],
        cwd=tmp_path / "elsewhere",
        env=environment,
        check=True,
        capture_output=True,
    )
    assert (ran.stdout, ran.stderr) == (b"", b"")
    copied = Path(shutil.copytree(index, tmp_path / "other" / "councils"))
    packed(copied, tmp_path / "copied.pack", tier=Tier.SNIPPETS)
    contents = {path.read_bytes() for path in tmp_path.rglob("*.pack")}
    assert len(list(tmp_path.rglob("*.pack"))) == 4
    assert len(contents) == 1


def test_a_segment_that_is_unchanged_keeps_its_name_and_its_bytes_from_one_release_to_the_next(own: Path) -> None:
    for tier in Tier:
        packed(own, own.parent / f"{tier}.pack", tier=tier)
    newer(own)
    with Index.open(own) as index:
        index.delete(["https://news.example.org/s13"])
    for tier in Tier:
        before = opened(own.parent / f"{tier}.pack")
        packed(own, own.parent / "next.pack", tier=tier)
        after = opened(own.parent / "next.pack")
        kept = set(before.segments) & set(after.segments)
        assert kept == {name for name in before.segments if not name.startswith("000002")}
        for name, content in before.files.items():
            if name.split("/")[1] in kept:
                assert after.files[name] == content
                assert after.frames[name][1] == before.frames[name][1]


# What must not travel


def test_what_was_deleted_is_nowhere(own: Path) -> None:
    gone = [3, 14, 20, 21, 22, 23]
    add(own, [replace_story(5)])
    with Index.open(own) as index:
        index.delete([f"https://news.example.org/s{number}" for number in gone])
    assert any(entry.deleted for entry in read_manifest(own).segments)
    before = {number: story_vectors(number) for number in (*gone, 5)}
    for tier in Tier:
        packed(own, own.parent / "x.pack", tier=tier)
        found = opened(own.parent / "x.pack")
        everything = found.everything()
        vectors = arrays(found, "vectors.npy", "vectors").tobytes()
        terms = set(arrays(found, "terms.arrays", "token_keys").tolist())
        assert found.json["articles"] == 24 - len(gone)
        for number in gone:
            assert f'Story {number}"'.encode() not in everything
            assert f"zq{number}one".encode() not in everything
        for number in (*gone, 5):
            for part in PARTS:
                assert not {*keys_of(early(number, part))} & terms
                assert before[number][PARTS.index(part)].tobytes() not in vectors
        assert (b"anew" in everything) == tier.has_words


def replace_story(number: int) -> Article:
    """Other articles take the place of those of the same id: what they were is deleted, too."""
    old = story(number)
    return article(f"s{number}", "All of that is written anew.", title=old.metadata.title, published=day(3))


def story_vectors(number: int) -> np.ndarray:
    place = Path(os.environ["SEMSEARCH_HOME"]) / f"one{number}"
    with Index.build([story(number)], place, encoder=ENCODER, passage_tokens=64, force=True) as one:
        [segment] = one._engine._snapshot.segments
        return np.array(segment.vectors)


def test_where_something_lay_on_somebodys_machine_is_nowhere(index: Path, artifacts: dict[Tier, Artifact]) -> None:
    assert any(HOME.encode() in path.read_bytes() for path in index.rglob("articles.jsonl"))
    for found in artifacts.values():
        assert b"/home/" not in found.everything()
        assert str(index).encode() not in found.everything()
        origins = {name: line["origin"] for name, line in stored_articles(found).items()}
        assert (origins["s3"], origins["s4"]) == ("s3.txt", "s4.jsonl:3")


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("news/day.jsonl:7", "news/day.jsonl:7"),
        ("day.zip/a b/c.html", "day.zip/a b/c.html"),
        ("-", "-"),
        ("https://news.example.org/a", "https://news.example.org/a"),
        ("sentence-transformers/some-model", "sentence-transformers/some-model"),
        ("/home/ann/day.zip/c.html:12", "c.html:12"),
        ("C:\\Users\\ann\\day.csv:3", "day.csv:3"),
        ("C:/Users/ann/day.csv", "day.csv"),
        ("\\Users\\ann\\day.csv", "day.csv"),
        ("\\\\server\\ann\\day.csv", "day.csv"),
        ("//server/ann/day.csv", "day.csv"),
        ("../ann/day.csv", "day.csv"),
        ("news/../../ann/day.csv", "day.csv"),
        ("news\\..\\ann\\day.csv", "day.csv"),
        ("~ann/day.csv", "day.csv"),
        ("file:///home/ann/day.csv", "day.csv"),
    ],
)
def test_of_a_path_only_what_tells_nothing_of_a_machine_travels(path: str, told: str) -> None:
    assert placeless(path) == told
    assert placeless(told) == told


def test_the_folder_of_the_model_is_nowhere(tmp_path: Path) -> None:
    class Elsewhere(HashingEncoder):
        def __init__(self) -> None:
            super().__init__(16)
            self.identity = replace(self.identity, name=f"{HOME}/models/news-model")

    Index.build(map(story, range(3)), tmp_path / "index", encoder=Elsewhere()).close()
    made = packed(tmp_path / "index", tmp_path / "x.pack")
    assert made.encoder == "news-model"
    assert b"/home/" not in (tmp_path / "x.pack").read_bytes()


# What is refused


def test_a_damaged_index_is_not_packed_whichever_file_it_is(own: Path) -> None:
    with Index.open(own) as index:
        index.delete(["https://news.example.org/s13"])
    sealed = [path for path, _ in read_manifest(own).seals()]
    assert sum(".deleted-" in path for path in sealed) == 1
    files = [own / path for path in sealed] + [own / "manifest.json"]
    target = own.parent / "x.pack"
    for file in files:
        content = file.read_bytes()
        flipped = content[:-1] + bytes([content[-1] ^ 1])
        for damaged in (flipped, None) if file.suffix not in (".npy", ".arrays") else (flipped,):
            file.unlink()
            if damaged is not None:
                file.write_bytes(damaged)
            with pytest.raises((IndexDamagedError, IndexMissingError)):
                packed(own, target)
            file.write_bytes(content)
        assert sorted(path.name for path in own.parent.iterdir()) == [own.name], file
    packed(own, target)


def test_deletions_that_name_another_article_are_damage(own: Path) -> None:
    with Index.open(own) as index:
        index.delete(["https://news.example.org/s13"])
    [file] = (own / "segments").glob("*.deleted-*.npy")
    [deleted] = np.load(file)
    file.unlink()
    np.save(file, np.array([deleted ^ 1], dtype=np.int32))
    with pytest.raises(IndexDamagedError, match="what it says was deleted is not what was written"):
        packed(own, own.parent / "x.pack")
    assert not (own.parent / "x.pack").exists()


def test_an_artifact_is_replaced_at_once_and_another_file_never(index: Path, tmp_path: Path) -> None:
    target = tmp_path / "x.pack"
    packed(index, target, tier=Tier.VECTORS)
    before = target.stat().st_ino
    packed(index, target)
    assert target.stat().st_ino != before
    assert opened(target).json["manifest"]["recipe"]["tier"] == "full"
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "empty").touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(target)
    for name in ("notes.txt", "empty", "folder", "link"):
        with pytest.raises(ArtifactError, match="already exists and is not an artifact"):
            packed(index, tmp_path / name)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert (tmp_path / "link").is_symlink()


def test_an_empty_index_and_none_are_not_packed(tmp_path: Path) -> None:
    Index.create(tmp_path / "empty", encoder=ENCODER).close()
    with pytest.raises(ArtifactError, match="has no articles"):
        packed(tmp_path / "empty", tmp_path / "x.pack")
    with pytest.raises(IndexMissingError):
        packed(tmp_path / "nothing", tmp_path / "x.pack")
    build(tmp_path / "emptied", [story(1)])
    with Index.open(tmp_path / "emptied") as index:
        index.delete(["https://news.example.org/s1"])
    with pytest.raises(ArtifactError, match="has no articles"):
        packed(tmp_path / "emptied", tmp_path / "x.pack")
    assert not list(tmp_path.glob("*.pack*"))
    assert not list(tmp_path.glob(".x*"))


# About


ABOUT = """
name = "Council news, 2026"
release = "2026-01"
description = "Reports"
licence = "CC-BY-4.0"
[sources."coast COURIER"]
licence = "by agreement"
url = "https://courier.example.org"
[sources."news.example.org"]
licence = "by their leave"
[sources."Hill Herald"]
url = "https://herald.example.org"
"""


def about(folder: Path, text: str) -> Path:
    (folder / "about.toml").write_text(text, encoding="utf-8")
    return folder / "about.toml"


def test_each_source_has_its_licence_its_rights_and_its_dates(index: Path, tmp_path: Path) -> None:
    made = packed(index, tmp_path / "x.pack", about=read_about(about(tmp_path, ABOUT)))
    said = opened(tmp_path / "x.pack").json
    assert (made.name, said["name"]) == ("Council-news-2026",) * 2
    assert (said["release"], said["description"], said["licence"]) == ("2026-01", "Reports", "CC-BY-4.0")
    sources = {source["publisher"]: source for source in said["sources"]}
    numbers = {"Coast Courier": range(0, 24, 3), "Hill Herald": range(1, 24, 3)}
    numbers |= {"news.example.org": range(5, 24, 6), None: range(2, 24, 6)}
    licences = {
        "Coast Courier": ("by agreement", "https://courier.example.org"),
        "Hill Herald": ("CC-BY-4.0", "https://herald.example.org"),
        "news.example.org": ("by their leave", None),
        None: ("CC-BY-4.0", None),
    }
    assert sources.keys() == numbers.keys()
    for name, own in numbers.items():
        dates = sorted(date.text for number in own if (date := story(number).metadata.published))
        source = sources[name]
        assert (source["articles"], source["first"], source["last"]) == (len(own), dates[0], dates[-1])
        assert (source["licence"], source["url"]) == licences[name]
        assert source["rights"] == (["all rights reserved"] if any(number % 2 for number in own) else [])
    assert [one["articles"] for one in said["sources"]] == [8, 8, 4, 4]
    assert tuple(one.articles for one in made.sources) == (8, 8, 4, 4)


def test_a_source_that_is_not_there_is_told(index: Path, tmp_path: Path, notices: Callable[[], list[str]]) -> None:
    packed(index, tmp_path / "x.pack", about=read_about(about(tmp_path, ABOUT)))
    assert notices() == []
    said = about(tmp_path, '[sources."Coast Courrier"]\nlicence = "CC0"\n[sources."hill herald"]\nlicence = "CC0"')
    packed(index, tmp_path / "x.pack", about=read_about(said))
    assert notices() == ["no article is from coast courrier, for which a licence or an address is given"]


def test_without_about_nothing_is_said_that_nobody_knows(artifacts: dict[Tier, Artifact]) -> None:
    said = artifacts[Tier.FULL].json
    assert {source["licence"] for source in said["sources"]} == {None}
    assert (said["licence"], said["description"]) == ("", "")


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("name = ", "is not TOML"),
        ("name = 3", "name is not a text: 3"),
        ("licence = ['CC0']", "licence is not a text"),
        ("license = 'CC0'", "unknown key 'license'; allowed: name, release, description, licence"),
        ("sources = 'all'", "sources is not a table: 'all'"),
        ("[sources]\nCourier = 'CC0'", "sources.Courier is not a table: 'CC0'"),
        ("[sources.Courier]\nlicense = 'CC0'", "unknown key 'sources.Courier.license'; allowed: licence, url"),
        ("[sources.Courier]\nlicence = true", "sources.Courier.licence is not a text: True"),
        ("[sources.Coast Courier]\nlicence = 'CC0'", "is not TOML"),
        ("x" * 100_000 + " = 1", "unknown key"),
        ("name = '" + "\0" * 10 + "'", "is not TOML"),
    ],
)
def test_a_mistake_in_about_is_named(tmp_path: Path, text: str, wrong: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_about(about(tmp_path, text))
    assert wrong in str(refused.value)
    assert str(tmp_path / "about.toml") in str(refused.value)
    assert len(str(refused.value)) < 500
    assert "write it as TOML" in (refused.value.hint or "")


def test_about_that_is_not_there_or_no_text_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no file"):
        read_about(tmp_path / "nothing.toml")
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        read_about(tmp_path)
    (tmp_path / "x").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="is not TOML"):
        read_about(tmp_path / "x")


def test_nothing_that_about_says_steers_a_terminal(tmp_path: Path) -> None:
    said = about(tmp_path, 'licence = "CC0\\u001b[2J\\u202e"\n[sources."a\\u0007"]\nurl = "x\\u0000"')
    found = read_about(said)
    assert found.licence.isprintable()
    assert all(name.isprintable() and (one.url or "").isprintable() for name, one in found.sources.items())


# Signatures


def test_it_is_signed_over_its_table_of_contents_and_never_beside_another_ones_signature(
    index: Path, tmp_path: Path
) -> None:
    key = make_key(tmp_path / "ann")
    target, signature = tmp_path / "x.pack", tmp_path / "x.pack.sig"
    made = packed(index, target, key=tmp_path / "ann")
    assert made.signed_by == key.text
    assert signer(opened(target).said, signature.read_bytes(), [PublicKey(key.text)])
    assert packed(index, target).signed_by is None
    assert not signature.exists()


def test_a_key_that_is_none_leaves_everything_as_it_was(index: Path, tmp_path: Path) -> None:
    make_key(tmp_path / "ann")
    packed(index, tmp_path / "x.pack", key=tmp_path / "ann")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    for wrong in (tmp_path / "ann.pub", tmp_path / "nobody"):
        with pytest.raises(UsageError):
            packed(index, tmp_path / "x.pack", key=wrong, tier=Tier.VECTORS)
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


# While somebody writes


def test_a_writer_that_sweeps_meanwhile_disturbs_nobody(own: Path, tmp_path: Path) -> None:
    with Index.open(own) as index:
        index.delete(["https://news.example.org/s13"])
    packed(own, tmp_path / "before.pack")
    done: list[int] = []

    def compact(_done: int, _total: int) -> None:
        if not done:
            done.append(1)
            with Index.open(own) as index:
                index.compact()

    packed(own, tmp_path / "meanwhile.pack", observer=compact)
    assert done
    assert (tmp_path / "meanwhile.pack").read_bytes() == (tmp_path / "before.pack").read_bytes()
    assert len(read_manifest(own).segments) == 1


def test_what_a_killed_packer_left_is_swept_by_the_next(index: Path, tmp_path: Path) -> None:
    (tmp_path / ".x.pack.packing" / "000001-aaaaaaaaaaaa").mkdir(parents=True)
    (tmp_path / "x.pack.new").write_bytes(b"half")
    packed(index, tmp_path / "x.pack")
    assert [path.name for path in tmp_path.iterdir()] == ["x.pack"]
