"""`verify` finds every flipped bit, every missing, cut, grown or foreign file; writers go on meanwhile."""

import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from semsearch.engines import folders
from semsearch.engines.local.manifest import BUILDING, HELD, MANIFEST, SEGMENTS, read_manifest
from semsearch.errors import IndexMissingError
from semsearch.files import remove
from semsearch.index import Index
from semsearch.locks import write_lock
from semsearch.types import Verification
from tests.commands import Ask, asking
from tests.damaging import WAYS, files_of, flip, two_segments
from tests.making import article

WORDS = {
    "flip": "was changed",
    "cut": "is cut off",
    "lengthen": "is too long",
    "remove": "is missing",
    "link": "is not a plain file",
    "folder": "is not a plain file",
}
SAMPLED = 41
"""One byte in so many, and a prime, so that no column of an array is always left out."""


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("pristine") / "index"
    two_segments(where)
    return where


@pytest.fixture
def place(pristine: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(pristine, tmp_path / "index"))


@pytest.fixture
def ask(place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    return asking(capsys, monkeypatch, place)


@pytest.mark.parametrize("way", WAYS)
def test_every_file_and_every_way_is_named(pristine: Path, tmp_path: Path, way: str):
    where = shutil.copytree(pristine, tmp_path / "index")
    for number in (0, 1):
        for file in files_of(pristine, number):
            WAYS[way](where / file)
            (found,) = folders.verify(where).damages
            assert found.path == file
            assert found.what.startswith(WORDS[way])
            assert found.segment == read_manifest(where).segments[number].name
            remove(where / file)
            shutil.copy(pristine / file, where / file)


def _flipped(folder: Path, step: int) -> Iterator[tuple[Path, int, Verification]]:
    """Flip one bit of every `step`-th byte of an index, one after the other, and verify it each time."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    for at, path in enumerate(files):  # begins elsewhere in each, so that it is not the same bytes of every header
        content = path.read_bytes()
        for offset in range(at % step, len(content), step):
            path.write_bytes(content[:offset] + bytes([content[offset] ^ 1 << offset % 8]) + content[offset + 1 :])
            yield path, offset, folders.verify(folder)
        path.write_bytes(content)


def _tiny(where: Path) -> None:
    made = [article("quay", "Ships lie at the quay."), article("mill", "The mill stands still.\n\nNo wind blew.")]
    Index.build(made, where, encoder="hashing:8").close()
    assert not folders.verify(where).damages


def test_a_flipped_bit_is_found_wherever_it_is(tmp_path: Path):
    _tiny(tmp_path)
    flips = 0
    for path, offset, found in _flipped(tmp_path, SAMPLED):
        assert [tmp_path / one.path for one in found.damages] == [path], offset
        flips += 1
    assert flips > 200


@pytest.mark.slow
def test_a_flipped_bit_in_any_byte_is_found(tmp_path: Path):
    _tiny(tmp_path)
    for path, offset, found in _flipped(tmp_path, 1):
        assert [tmp_path / one.path for one in found.damages] == [path], offset


def test_foreign_files_within_a_segment_are_damage_and_beside_it_a_notice(place: Path):
    entry = read_manifest(place).segments[0]
    (place / SEGMENTS / entry.name / "notes.txt").write_text("not ours")
    (place / SEGMENTS / entry.name / ".hidden").mkdir()
    (place / SEGMENTS / "000099-unfinished").mkdir()
    (place / f"{MANIFEST}.new").write_text("{")
    found = folders.verify(place)
    assert [(one.path.rpartition("/")[2], one.what.split(":")[0]) for one in found.damages] == [
        (".hidden", "is foreign"),
        ("notes.txt", "is foreign"),
    ]
    assert [notice.split()[0] for notice in found.notices] == [f"{SEGMENTS}/000099-unfinished", f"{MANIFEST}.new"]


def test_a_segment_that_is_gone_is_named_file_by_file(place: Path):
    entry = read_manifest(place).segments[1]
    shutil.rmtree(place / SEGMENTS / entry.name)
    damages = folders.verify(place).damages
    assert {one.path for one in damages} == {f"{SEGMENTS}/{entry.name}/{name}" for name in entry.files}
    assert {one.what for one in damages} == {"is missing"}


def test_what_is_compared_is_told_as_it_goes(place: Path):
    told: list[tuple[int, int]] = []
    found = folders.verify(place, lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]
    assert found.size_bytes == told[-1][1] + (place / MANIFEST).stat().st_size
    assert found.files == len(told) + 1


def test_nothing_is_damaged_while_somebody_writes(place: Path):
    """A writer commits, merges and sweeps, and whoever compares sees one generation or the next."""
    done = threading.Event()

    def write() -> None:
        try:
            with Index.open(place) as index:
                for number in range(12):
                    index.add([article(f"story{number}", f"Story {number} is about the town hall.")])
                    index.delete([f"https://news.example.org/story{number - 1}"])
        finally:
            done.set()

    writer = threading.Thread(target=write)
    writer.start()
    generations = set()
    while not done.is_set():
        found = folders.verify(place)
        assert not found.damages
        generations.add(found.generation)
    writer.join()
    with Index.open(place) as index:  # the next writer removes what was held while it was compared
        index.delete(["https://news.example.org/story11"])
    found = folders.verify(place)
    assert not found.damages
    assert not found.notices
    assert found.generation not in generations or len(generations) > 1


def test_a_whole_index_is_said_to_be_whole(ask: Ask):
    run = ask("verify")
    assert run.status == 0
    assert run.out.startswith("all is well: generation 3, ")
    assert run.out.endswith(" kB compared\n")
    assert ask("verify", "-q").out == ""


def test_a_damaged_index_ends_with_3_and_says_what_saves_it(ask: Ask, place: Path):
    file = next(file for file in files_of(place, 0) if file.endswith(HELD))
    flip(place / file)
    (place / SEGMENTS / "000099-unfinished").mkdir()
    run = ask("verify")
    assert run.status == 3
    damage, notice, total, mend = run.out.splitlines()
    assert damage == f"✗ {file} was changed: its bytes are not those that were written"
    assert notice.startswith(f"! {SEGMENTS}/000099-unfinished was left behind")
    assert total.startswith("1 damage: generation 3, ")
    assert mend == f"  what can be saved: semsearch doctor --repair -i {place}"
    assert ask("verify", "--quiet").out == run.out


def test_json_has_the_whole_verification(ask: Ask, place: Path):
    file = files_of(place, 0)[0]
    (place / file).unlink()
    run = ask("verify", "--json")
    assert run.status == 3
    assert run.json == json.loads(json.dumps(folders.verify(place).to_dict()))
    assert (run.json["whole"], run.json["damages"][0]["path"]) == (False, file)


def test_a_damaged_manifest_is_damage_and_a_missing_one_is_no_index(ask: Ask, place: Path):
    (place / MANIFEST).write_text("{}")
    run = ask("verify")
    assert run.status == 3
    assert run.out.startswith(f"✗ {MANIFEST} is not what was written")
    (place / MANIFEST).unlink()
    with pytest.raises(IndexMissingError):
        folders.verify(place)
    assert ask("verify").status == 3


def test_a_writer_is_a_notice_and_what_it_writes_is_not_left_behind(place: Path, pristine: Path):
    shutil.copy(pristine / MANIFEST, place / BUILDING)
    (building,) = folders.verify(place).notices
    assert building.startswith("a build that is to replace this index is unfinished")
    with write_lock(place):
        (place / SEGMENTS / "000099-unfinished").mkdir()
        _, writing = folders.verify(place).notices
    assert writing.startswith("it is being written to by process")
