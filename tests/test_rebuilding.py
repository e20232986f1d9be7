"""A repair leaves an index that is whole; every article is in it, in the file beside it, or named as lost."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from semsearch import sources
from semsearch.engines.local.arrays import read_array
from semsearch.engines.local.manifest import BUILDING, HELD, MANIFEST, PULLING, SEGMENTS, read_manifest, write_manifest
from semsearch.engines.local.repair import rebuild, salvage
from semsearch.engines.local.verification import verify
from semsearch.errors import IndexDamagedError, IndexLockedError
from semsearch.index import Index
from semsearch.locks import write_lock
from semsearch.types import Article, Query, Tier
from tests.array_files import arrays_of
from tests.damaging import WAYS, articles_of, cut, files_of, flip, lengthen, two_segments, without_time

TRUTH = (HELD, "vectors.npy")


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("pristine") / "index"
    two_segments(where)
    return where


@pytest.fixture
def damaged(pristine: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(pristine, tmp_path / "index"))


def is_whole(where: Path) -> bool:
    found = verify(where)
    return not found.damages and not found.notices


def _cases(where: Path) -> list[tuple[str, str]]:
    return [(file, way) for number in (0, 1) for file in files_of(where, number) for way in WAYS]


def _is_quick(number: int, file: str, way: str) -> bool:
    """One way a file in turn; truth also in those that every disk knows."""
    truth = Path(file).name in TRUTH or ".deleted-" in file
    return list(WAYS).index(way) == number // len(WAYS) % len(WAYS) or (truth and way in ("flip", "cut", "remove"))


@pytest.mark.slow
def test_every_file_damaged_in_some_way(pristine: Path, tmp_path: Path):
    """Nothing is lost but what its own file held, and what is rescued is the same when it is added again."""
    cases = [(file, way) for number, (file, way) in enumerate(_cases(pristine)) if _is_quick(number, file, way)]
    assert {file for file, _ in cases} == {*files_of(pristine, 0), *files_of(pristine, 1)}
    _damage_and_compare(pristine, tmp_path, cases)


@pytest.mark.slow
def test_every_file_damaged_in_every_way(pristine: Path, tmp_path: Path):
    _damage_and_compare(pristine, tmp_path, _cases(pristine))


def _damage_and_compare(pristine: Path, tmp_path: Path, cases: list[tuple[str, str]]) -> None:
    before = articles_of(pristine)
    for number, (file, way) in enumerate(cases):
        where = tmp_path / str(number) / "index"
        shutil.copytree(pristine, where)
        WAYS[way](where / file)
        assert [one.path for one in verify(where).damages] == [file], way
        _repair_and_compare(where, file, before, way)


def _repair_and_compare(where: Path, file: str, before: dict[str, Article], way: str) -> None:
    rebuilt = rebuild(where)
    told = f"{file} {way}: {rebuilt}"
    assert is_whole(where), told
    segment = file.split("/")[1].partition(".")[0]
    of_truth = Path(file).name in TRUTH or ".deleted-" in file
    assert (rebuilt.renewed, rebuilt.dropped) == (((), (segment,)) if of_truth else ((segment,), ())), told
    after = articles_of(where)
    assert after.items() <= before.items(), told
    lost = {name[:20] for name in rebuilt.lost}
    rescued = _read(rebuilt.rescued_to)
    assert rebuilt.rescued == len(rescued), told
    deleted = set(rescued) - set(before)
    assert bool(deleted) == (".deleted-" in file), told  # then it is not known which they are
    assert len(deleted) <= rebuilt.doubtful, told
    assert after.keys() | lost | (set(rescued) - deleted) == before.keys(), told
    assert not (after.keys() & lost or after.keys() & set(rescued) or lost & set(rescued)), told
    assert bool(lost) == (Path(file).name == HELD and way != "lengthen"), told
    if rebuilt.rescued_to:
        with Index.open(where) as index:
            index.add(rebuilt.rescued_to)
        both = articles_of(where)
        assert {name: both[name] for name in before if name not in lost} == {
            name: one for name, one in before.items() if name not in lost
        }, told


def _read(path: Path | None) -> dict[str, Article]:
    if path is None:
        return {}
    found = list(sources.read(path))
    assert all(isinstance(one, Article) for one in found)
    return {one.metadata.article_id: without_time(one) for one in found if isinstance(one, Article)}


def test_a_renewed_segment_is_the_one_that_would_have_been_written(damaged: Path):
    """What is derived is derived as before: the same bytes, and the same vectors, keys and headlines."""
    second = read_manifest(damaged).segments[1]
    flip(damaged / SEGMENTS / second.name / "columns.arrays")
    rebuild(damaged)
    renewed = next(one for one in read_manifest(damaged).segments if one.articles == second.articles)
    assert renewed.name != second.name
    assert renewed.files == second.files


def test_a_question_is_answered_as_before_the_damage(pristine: Path, damaged: Path):
    asked = Query("ferry to the island", k=5)
    with Index.open(pristine) as index:
        before = [(hit.article.article_id, round(hit.score, 6)) for hit in index.search(asked).hits]
    for number in (0, 1):
        cut(damaged / next(file for file in files_of(damaged, number) if file.endswith("columns.arrays")))
    assert len(rebuild(damaged).renewed) == 2
    with Index.open(damaged) as index:
        assert [(hit.article.article_id, round(hit.score, 6)) for hit in index.search(asked).hits] == before


def test_damaged_keys_are_forgotten_and_nothing_else(damaged: Path):
    entry = read_manifest(damaged).segments[1]
    vectors = read_array(damaged / SEGMENTS / entry.name / "vectors.npy", "f2", None, None).copy()
    flip(damaged / SEGMENTS / entry.name / "keys.arrays")
    rebuild(damaged)
    folder = damaged / SEGMENTS / read_manifest(damaged).segments[1].name
    assert np.array_equal(read_array(folder / "vectors.npy", "f2", None, None), vectors)
    assert not arrays_of(folder / "keys.arrays")["halves"].any()


def test_an_earlier_version_is_not_rescued_over_a_later_one(damaged: Path):
    """Where it is not known what was deleted, what another segment has is left out."""
    entry = read_manifest(damaged).segments[0]
    assert entry.deleted
    (damaged / SEGMENTS / entry.deleted.file).unlink()
    rescued = _read(rebuild(damaged).rescued_to)
    assert "About the opera" not in {one.metadata.title for one in rescued.values()}
    assert "About the wheat" in {one.metadata.title for one in rescued.values()}


def test_an_article_whose_title_was_changed_is_not_believed(damaged: Path):
    """The text is proved by its digest, what is said of it by the article's fingerprint."""
    file = damaged / next(file for file in files_of(damaged, 0) if file.endswith(HELD))
    file.write_bytes(file.read_bytes().replace(b"About the glacier", b"About the Glacier"))
    rebuilt = rebuild(damaged)
    (lost,) = rebuilt.lost
    assert lost.endswith(" About the Glacier")


def test_where_everything_of_a_segment_is_damaged_what_is_left_is_still_said(damaged: Path):
    for file in files_of(damaged, 0):
        cut(damaged / file)
    rebuilt = rebuild(damaged)
    assert is_whole(damaged)
    assert 0 < rebuilt.rescued < 12
    assert rebuilt.rescued + len(rebuilt.lost) == 12


def test_a_segment_without_its_folder_is_lost_and_each_article_is_counted(damaged: Path):
    entry = read_manifest(damaged).segments[0]
    shutil.rmtree(damaged / SEGMENTS / entry.name)
    rebuilt = rebuild(damaged)
    assert is_whole(damaged)
    assert (rebuilt.rescued, rebuilt.rescued_to) == (0, None)
    assert len(rebuilt.lost) == entry.articles
    assert not list(damaged.parent.glob("*rescued*"))


def test_foreign_files_are_removed_and_nothing_else_happens(damaged: Path):
    entry = read_manifest(damaged).segments[0]
    (damaged / SEGMENTS / entry.name / "notes.txt").write_text("not ours")
    (damaged / SEGMENTS / entry.name / "folder").mkdir()
    before = (damaged / MANIFEST).read_bytes()
    rebuilt = rebuild(damaged)
    assert rebuilt.removed == (f"{SEGMENTS}/{entry.name}/folder", f"{SEGMENTS}/{entry.name}/notes.txt")
    assert (damaged / MANIFEST).read_bytes() == before
    assert is_whole(damaged)


def test_what_was_left_behind_is_removed(damaged: Path):
    (damaged / SEGMENTS / "000009-unfinished").mkdir()
    (damaged / PULLING / "some").mkdir(parents=True)
    (damaged / BUILDING).write_text("{")
    assert set(rebuild(damaged).removed) == {BUILDING, PULLING, f"{SEGMENTS}/000009-unfinished"}
    assert is_whole(damaged)


def test_a_manifest_in_other_bytes_is_written_as_it_should_be(damaged: Path):
    before = articles_of(damaged)
    lengthen(damaged / MANIFEST)
    (damaged / MANIFEST).write_bytes((damaged / MANIFEST).read_bytes().removesuffix(b"more\n") + b" \n")
    assert not is_whole(damaged)
    rebuild(damaged)
    assert is_whole(damaged)
    assert articles_of(damaged) == before


def test_a_whole_index_stays_as_it_is(damaged: Path):
    before = (damaged / MANIFEST).read_bytes()
    rebuilt = rebuild(damaged)
    assert rebuilt == type(rebuilt)()
    assert (damaged / MANIFEST).read_bytes() == before


def test_a_rescue_replaces_no_file(damaged: Path):
    generation = read_manifest(damaged).generation
    there = damaged.with_name(f"index-rescued-{generation}.jsonl")
    there.write_text("mine")
    flip(damaged / next(file for file in files_of(damaged, 0) if file.endswith(HELD)))
    rebuilt = rebuild(damaged)
    assert rebuilt.rescued_to == damaged.with_name(f"index-rescued-{generation}-2.jsonl")
    assert there.read_text() == "mine"


def test_of_an_index_without_whole_articles_nothing_is_dropped(damaged: Path):
    """They could not be added again: what is damaged is to be fetched from where it came."""
    manifest = read_manifest(damaged)
    write_manifest(damaged, replace(manifest, recipe=replace(manifest.recipe, tier=Tier.SNIPPETS)))
    flip(damaged / next(file for file in files_of(damaged, 0) if file.endswith(HELD)))
    flip(damaged / next(file for file in files_of(damaged, 1) if file.endswith("columns.arrays")))
    rebuilt = rebuild(damaged)
    assert rebuilt.left == (manifest.segments[0].name,)
    assert rebuilt.renewed == (manifest.segments[1].name,)
    assert not rebuilt.dropped


def test_nobody_else_writes_meanwhile(damaged: Path):
    with write_lock(damaged), pytest.raises(IndexLockedError):
        rebuild(damaged)


def test_without_a_manifest_all_articles_are_saved_and_the_folder_is_as_it_was(damaged: Path, pristine: Path):
    cut(damaged / MANIFEST)
    before = {path: path.read_bytes() for path in damaged.rglob("*") if path.is_file()}
    with pytest.raises(IndexDamagedError):
        rebuild(damaged)
    rebuilt = salvage(damaged)
    assert _read(rebuilt.rescued_to) == articles_of(pristine)
    assert rebuilt.lost == ()
    after = {path: path.read_bytes() for path in damaged.rglob("*") if path.is_file() and ".lock" not in path.name}
    assert {path: content for path, content in before.items() if ".lock" not in path.name} == after


def test_without_a_manifest_damaged_articles_are_named(damaged: Path, pristine: Path):
    cut(damaged / MANIFEST)
    for path in (damaged / SEGMENTS).glob(f"*/{HELD}"):
        flip(path)
    rebuilt = salvage(damaged)
    lost = {name[:20] for name in rebuilt.lost}
    assert 1 <= len(lost) <= 4
    assert _read(rebuilt.rescued_to).keys() | lost == articles_of(pristine).keys()
