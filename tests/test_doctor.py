"""The doctor finds what is wrong, names the command that mends it, and mends what is safe."""

import os
import shlex
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from semsearch.doctor import diagnose, repair
from semsearch.encoders import load_encoder
from semsearch.engines import folders
from semsearch.engines.local.arrays import write_array
from semsearch.engines.local.manifest import (
    BUILDING,
    HELD,
    MANIFEST,
    PULLING,
    SEGMENTS,
    DeletedArticles,
    Manifest,
    read_manifest,
    sealed_content,
    to_body,
    write_manifest,
)
from semsearch.engines.local.new_segment import write_segment
from semsearch.errors import IndexLockedError
from semsearch.index import Index
from semsearch.locks import write_lock
from semsearch.types import EncoderIdentity, Finding, Origin, Recipe, State, Tier
from tests.commands import Ask, asking
from tests.damaging import articles_of, files_of, flip, two_segments
from tests.making import article, entry

ORIGIN = Origin("news.semsearch", "news", "2026-01", "0" * 64, None, 3)


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("pristine") / "index"
    two_segments(where)
    return where


@pytest.fixture
def place(pristine: Path, tmp_path: Path, own_home: Path) -> Path:
    assert not own_home.exists()  # nothing was made ready
    return Path(shutil.copytree(pristine, tmp_path / "index"))


@pytest.fixture
def ask(place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    return asking(capsys, monkeypatch, place)


def found(place: Path, check: str) -> list[Finding]:
    return [finding for finding in diagnose(place) if finding.check == check]


def the(place: Path, check: str) -> Finding:
    (finding,) = found(place, check)
    return finding


def change(place: Path, **changes: object) -> None:
    write_manifest(place, replace(read_manifest(place), **changes))  # type: ignore[arg-type]


def change_recipe(place: Path, **changes: object) -> None:
    change(place, recipe=replace(read_manifest(place).recipe, **changes))  # type: ignore[arg-type]


def test_of_a_whole_index_everything_is_well(place: Path):
    findings = diagnose(place)
    assert {finding.state for finding in findings} == {State.WELL}
    assert not [finding.mend for finding in findings if finding.mend]


def test_every_damaged_file_is_named_with_what_mends_it(place: Path, pristine: Path):
    for number in (0, 1):
        for file in files_of(place, number):
            flip(place / file)
            problems = [finding for finding in diagnose(place) if finding.state is State.PROBLEM]
            (problem,) = problems
            assert problem.said.startswith(f"{file} was changed"), file
            assert problem.mend == f"semsearch doctor --repair -i {place}"
            shutil.copy(pristine / file, place / file)


def _no_manifest(place: Path) -> None:
    (place / MANIFEST).unlink()


def _no_index(place: Path) -> None:
    shutil.rmtree(place)


def _unfinished(place: Path) -> None:
    (place / MANIFEST).rename(place / BUILDING)


def _unpulled(place: Path) -> None:
    shutil.rmtree(place)
    (place / PULLING / "part").mkdir(parents=True)


def _damaged(place: Path) -> None:
    flip(place / MANIFEST)


@pytest.mark.parametrize(
    ("harm", "mend"),
    [
        (_no_manifest, "semsearch doctor --repair -i {}"),
        (_no_index, "semsearch build PATH… -i {}"),
        (_unfinished, "semsearch build PATH… -i {}"),
        (_unpulled, "semsearch pull SOURCE -i {}"),
        (_damaged, "semsearch doctor --repair -i {}"),
    ],
)
def test_without_a_manifest_it_says_how_to_get_one(place: Path, harm: Callable[[Path], None], mend: str):
    harm(place)
    finding = the(place, "manifest")
    assert (finding.state, finding.mend) == (State.PROBLEM, mend.format(place))


@pytest.mark.parametrize(
    ("number", "mend"), [(999, "update semsearch"), (2, "build the index again from its articles")]
)
def test_another_format_says_what_reads_it(place: Path, number: int, mend: str):
    body = to_body(read_manifest(place)) | {"format": number}
    (place / MANIFEST).write_bytes(sealed_content(body))
    assert the(place, "manifest").mend == mend
    assert repair(place).done == ("nothing: another version wrote this index",)


def test_a_path_can_be_pasted_into_a_shell(tmp_path: Path):
    where = tmp_path / "it's my news"
    mend = the(where, "manifest").mend
    assert shlex.split(mend) == ["semsearch", "build", "PATH…", "-i", str(where)]


def test_other_rules_can_be_asked_and_earlier_derived_files_cannot(place: Path):
    change_recipe(place, identity_version=1)
    assert the(place, "rules").state is State.NOTICE
    change(place, segments=tuple(replace(one, derived="1") for one in read_manifest(place).segments))
    finding = the(place, "rules")
    assert (finding.state, finding.mend) == (State.PROBLEM, f"semsearch compact -i {place}")
    with Index.open(place) as index:
        index.compact()
    change_recipe(place, identity_version=2)
    assert the(place, "rules").state is State.WELL


def test_what_is_left_behind_is_a_notice_that_compacting_mends(place: Path):
    (place / SEGMENTS / "000099-unfinished").mkdir()
    (place / SEGMENTS / "000099-unfinished" / "columns.arrays").write_bytes(b"12345")
    finding = the(place, "left behind")
    assert finding.state is State.NOTICE
    assert "5 bytes" in finding.said
    with Index.open(place) as index:
        index.compact()
    assert not found(place, "left behind")


def test_who_writes_is_named_and_whoever_was_killed_does_no_harm(place: Path):
    with write_lock(place):
        said = (place / ".lock.json").read_text()
        assert f"process {os.getpid()}" in the(place, "lock").said
        with pytest.raises(IndexLockedError):
            repair(place)
    assert the(place, "lock").said == "free"
    (place / ".lock.json").write_text(said)
    finding = the(place, "lock")
    assert finding.state is State.WELL
    assert "did no harm" in finding.said


def test_an_unfinished_build_or_pull_beside_the_index_is_a_notice(place: Path):
    shutil.copy(place / MANIFEST, place / BUILDING)
    (place / PULLING / "some").mkdir(parents=True)
    (place / PULLING / "some" / "part").write_bytes(b"1234567")
    assert the(place, "build").state is State.NOTICE
    assert "7 bytes" in the(place, "pull").said
    (place / BUILDING).write_text("{")
    assert the(place, "build").mend == f"semsearch doctor --repair -i {place}"
    assert len(repair(place).done) == 2
    assert not found(place, "build") + found(place, "pull")


def test_where_an_index_came_from_is_said_and_fetches_what_is_damaged(place: Path):
    change(place, origin=ORIGIN)
    assert the(place, "origin").said.endswith("not signed by a trusted key; unchanged since")
    flip(place / files_of(place, 1)[0])
    assert HELD in files_of(place, 1)[0]
    assert the(place, "checksums").mend == f"semsearch pull news.semsearch -i {place}"
    change(place, origin=replace(ORIGIN, generation=2, signed_by="a key"))
    assert "changes of its own" in the(place, "origin").said
    assert the(place, "checksums").mend == f"semsearch doctor --repair -i {place}"


def test_a_repair_is_no_change_that_pulling_again_would_undo(place: Path):
    change(place, origin=ORIGIN)
    flip(place / next(file for file in files_of(place, 1) if file.endswith("columns.arrays")))
    repair(place)
    after = read_manifest(place)
    assert after.origin
    assert after.origin.generation == after.generation == 4


def test_a_tier_says_what_cannot_be_asked(place: Path):
    for tier in (Tier.SNIPPETS, Tier.VECTORS):
        change_recipe(place, tier=tier)
        assert the(place, "tier").said.startswith(tier.value)
    flip(place / files_of(place, 0)[0])
    assert the(place, "checksums").mend == f"semsearch pull SOURCE --force -i {place}"


def test_the_encoder_has_to_be_the_one_that_made_the_index(place: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SEMSEARCH_MODEL", "hashing:32")
    finding = the(place, "encoder")
    assert (finding.state, finding.mend) == (State.PROBLEM, "unset SEMSEARCH_MODEL")
    monkeypatch.delenv("SEMSEARCH_MODEL")
    encoder = read_manifest(place).recipe.encoder
    change_recipe(place, encoder=replace(encoder, digest="0" * 64))
    assert the(place, "encoder").mend == f"semsearch build PATH… --force --model hashing:16 -i {place}"
    change_recipe(place, encoder=replace(encoder, name="nobody/has-it"))
    finding = the(place, "encoder")
    assert finding.state is State.PROBLEM
    assert "semsearch model get nobody/has-it" in finding.mend


def test_what_was_made_ready_and_is_of_no_use_can_be_removed(place: Path, own_home: Path):
    folder = own_home / "encoders" / "0123-f32-4567"
    folder.mkdir(parents=True)
    (folder / "ready.json").write_text("{}")
    well, notice = found(place, "ready encoders")
    assert well.said.startswith("none")
    assert (notice.state, notice.mend) == (State.NOTICE, f"rm -r {folder}")


def test_many_deleted_articles_are_worth_a_compaction(place: Path):
    assert the(place, "segments").state is State.WELL
    first, *others = read_manifest(place).segments
    places = np.arange(first.articles - 1, dtype=np.int32)
    file = f"{first.name}.deleted-9.npy"
    deleted = DeletedArticles(file, write_array(place / SEGMENTS / file, places), places.size)
    change(place, segments=(replace(first, deleted=deleted), *others))
    finding = the(place, "segments")
    assert (finding.state, finding.mend) == (State.NOTICE, f"semsearch compact -i {place}")


def test_copies_undated_headlines_and_cut_passages_are_notices(tmp_path: Path):
    same = "The same wire report, word for word, in many outlets of the coast."
    made = [article(f"wire{number}", same) for number in range(4)]
    made += [article(f"head{number}", f"Headline {number}", tags={"text_from": ("headline",)}) for number in range(3)]
    Index.build(made, tmp_path, encoder="hashing:16").close()
    entries = read_manifest(tmp_path).segments
    change(tmp_path, segments=(replace(entries[0], truncated=2),))
    copies = the(tmp_path, "copies")
    assert copies.said.startswith("4 articles share 1 text under different ids")
    ids = sorted(one.metadata.article_id for one in made[:4])
    assert copies.mend == f"semsearch get {ids[0][:10]} -i {tmp_path}"
    assert the(tmp_path, "dates").said.startswith("7 articles without a date (100.0%)")
    assert the(tmp_path, "texts").said.startswith("3 articles with a headline only (42.9%)")
    assert the(tmp_path, "truncation").said.startswith("2 passages longer")
    assert {finding.state for finding in diagnose(tmp_path)} == {State.WELL, State.NOTICE}


@pytest.mark.parametrize("wrong", [np.nan, 5.0])
def test_vectors_that_are_none_are_a_problem_though_they_are_sealed(tmp_path: Path, wrong: float):
    (tmp_path / SEGMENTS).mkdir()
    good = entry(article("quay"), 16)
    bad = replace(good, vectors=np.full_like(good.vectors, wrong))
    segment = write_segment(tmp_path / SEGMENTS, 1, [bad])
    recipe = Recipe(load_encoder("hashing:16").identity, 64, 2, 1)
    write_manifest(tmp_path, Manifest(1, recipe, (segment,)))
    assert not folders.verify(tmp_path).damages
    finding = the(tmp_path, "contents")
    assert (finding.state, finding.mend) == (State.PROBLEM, f"semsearch build PATH… --force -i {tmp_path}")


def test_an_index_whose_encoder_alone_is_missing_ends_with_4(ask: Ask, place: Path):
    change_recipe(place, encoder=EncoderIdentity("nobody/has-it", "0" * 64, 16, "sum"))
    run = ask("doctor")
    assert run.status == 4
    assert run.out.endswith("\n1 problem, 0 notices\n")
    flip(place / files_of(place, 0)[0])
    assert ask("doctor").status == 3


def test_what_is_well_is_said_and_quiet_says_nothing(ask: Ask, place: Path):
    run = ask("doctor")
    assert run.status == 0
    assert run.out.endswith("\nall is well\n")
    assert run.err == ""
    assert ask("doctor", "-q").out == ""
    assert ask("doctor", "--json").json == {
        "healthy": True,
        "findings": [finding.to_dict() for finding in diagnose(place)],
    }


def test_a_repair_says_what_it_did_what_is_lost_and_what_is_left_to_do(ask: Ask, place: Path):
    before = articles_of(place)
    flip(place / next(file for file in files_of(place, 0) if file.endswith(HELD)))
    flip(place / next(file for file in files_of(place, 1) if file.endswith("columns.arrays")))
    (place / SEGMENTS / "000099-unfinished").mkdir()
    run = ask("doctor")
    assert run.status == 3
    assert run.out.count(f"fix: semsearch doctor --repair -i {place}\n") == 2
    run = ask("doctor", "--repair")
    assert run.status == 0
    saved = place.with_name("index-rescued-3.jsonl")
    lost = [line.split()[1] for line in run.out.splitlines() if line.startswith("  lost: ")]
    assert len(lost) == 1
    assert f"left to do: semsearch add {saved} -i {place}\n" in run.out
    assert "\nall is well" in run.out
    assert ask("add", saved).status == 0
    assert articles_of(place) == {name: one for name, one in before.items() if name not in lost}


def test_a_repair_as_json_has_what_was_done(ask: Ask, place: Path):
    flip(place / next(file for file in files_of(place, 1) if file.endswith("vectors.npy")))
    told = ask("doctor", "--repair", "--json").json
    assert told["healthy"] is True
    assert (told["repaired"]["rescued"], told["repaired"]["lost"]) == (2, [])
    assert told["repaired"]["rescued_to"] == str(place.with_name("index-rescued-3.jsonl"))


def test_of_a_damaged_manifest_the_articles_are_saved_and_make_an_index_again(ask: Ask, place: Path):
    before = articles_of(place)
    flip(place / MANIFEST)
    run = ask("doctor", "--repair")
    assert run.status == 3  # it is damaged still
    (left,) = [line for line in run.out.splitlines() if line.startswith("left to do: ")]
    words = shlex.split(left.removeprefix("left to do: semsearch "))
    assert ask(*words[: words.index("-i")], "--model", "hashing:16").status == 0
    assert articles_of(place) == before
    assert ask("doctor").status == 0
