"""pull: what was packed is what is installed, whatever the way does to it; what was there is never replaced by less."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch import Index
from semsearch.artifact.pull import Trust, pull
from semsearch.artifact.signatures import PublicKey, make_key, trust
from semsearch.engines.folders import LEFT_OUT
from semsearch.engines.local.manifest import PULLING, read_manifest
from semsearch.errors import (
    ArtifactError,
    FetchError,
    IndexDamagedError,
    IndexExistsError,
    IndexLockedError,
    IndexMissingError,
    SemsearchError,
    SignatureError,
)
from semsearch.locks import write_lock
from semsearch.types import Pulled, Tier
from tests.examples import examples, slow_but
from tests.making import article
from tests.packing import (
    ENCODER,
    GONE,
    IMPATIENT,
    Artifact,
    Ending,
    add,
    asked,
    build,
    newer,
    opened,
    packed,
    story,
    three_segments,
    tree,
)
from tests.serving import ALWAYS, Fault, Server

AGAIN = "run the same command again: it goes on where it stopped"


@pytest.fixture(autouse=True)
def _network_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SEMSEARCH_OFFLINE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an index and its releases: 1, then a segment more, then one less."""
    folder = tmp_path_factory.mktemp("house")
    index = three_segments(folder / "councils")
    packed(index, folder / "1.pack")
    for tier in (Tier.SNIPPETS, Tier.VECTORS):
        packed(index, folder / f"{tier}.pack", tier=tier)
    later = newer(Path(shutil.copytree(index, folder / "later" / "councils")))
    packed(later, folder / "2.pack")
    with Index.open(later) as changed:
        changed.delete([f"https://news.example.org/s{number}" for number in range(12, 18)])
    packed(later, folder / "3.pack")
    return folder


@pytest.fixture(scope="module")
def served(house: Path) -> Iterator[Ending]:
    with Ending(house) as server:
        yield server


@pytest.fixture
def server(served: Ending) -> Ending:
    served.renew()
    return served


@pytest.fixture(scope="module")
def first(house: Path) -> Artifact:
    return opened(house / "1.pack")


@pytest.fixture(scope="module")
def second(house: Path) -> Artifact:
    return opened(house / "2.pack")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "installed"


def pulled(server: Ending, directory: Path, *faults: Fault, name: str = "1.pack", **how: Any) -> Pulled:
    server.faults[name] = list(faults)
    server.log.clear()
    return pull(server.address(name), directory, **{"network": IMPATIENT, **how})


def frames(artifact: Artifact, *segments: str) -> int:
    """How many bytes the frames of some segments have together; by default all."""
    wanted = segments or tuple(artifact.segments)
    return sum(len(frame) for name, (_, frame) in artifact.frames.items() if name.split("/")[1] in wanted)


def came(directory: Path, artifact: Artifact) -> int:
    """How many bytes of an artifact's frames lie in an index's folder and wait for the others."""
    found = 0
    for path in (directory / PULLING).rglob("*"):
        if path.is_file():
            name = f"segments/{path.parent.name}/{path.name}"
            found += path.stat().st_size if path.suffix == ".part" else len(artifact.frames[name][1])
    return found


def assert_same(directory: Path, original: Path) -> None:
    """Two indexes hold the same, and say the same."""
    with Index.open(directory, encoder=ENCODER) as one, Index.open(original, encoder=ENCODER) as other:
        assert one.verify().damages == ()
        assert list(one.articles()) == list(other.articles())
        for metadata in other.articles():
            found, wanted = one.get(metadata.article_id), other.get(metadata.article_id)
            assert (found.metadata, found.text) == (wanted.metadata, wanted.text)
            assert not found.origin.startswith("/")
        assert asked(one) == asked(other)
        mine, theirs = one._engine._snapshot.segments, other._engine._snapshot.segments
        for own, their in zip(mine, theirs, strict=True):
            assert np.array_equal(own.vectors, their.vectors)
            for name in LEFT_OUT:
                if name in their.entry.files:
                    assert (own._path / name).read_bytes() == (their._path / name).read_bytes()


def assert_whole(directory: Path, artifact: Artifact) -> None:
    """An index is what an artifact holds, file by file, and nothing else lies in its folder."""
    manifest = read_manifest(directory)
    found = {
        f"segments/{packed_name}/{name}": (directory / "segments" / entry.name / name).read_bytes()
        for packed_name, entry in zip(artifact.segments, manifest.segments, strict=True)
        for name in entry.files
        if name not in LEFT_OUT
    }
    assert found == artifact.files
    assert not (directory / PULLING).exists()
    assert {path.name for path in (directory / "segments").iterdir()} == {entry.name for entry in manifest.segments}
    for entry in manifest.segments:
        assert {path.name for path in (directory / "segments" / entry.name).iterdir()} == set(entry.files)


# From a path, from an address


def test_from_a_path_and_over_http_it_is_the_index_that_was_packed(
    server: Ending, house: Path, first: Artifact, place: Path, tmp_path: Path
) -> None:
    seen: list[tuple[int, int]] = []
    over = pulled(server, place, observer=lambda *counts: seen.append(counts))
    near = pull(str(house / "1.pack"), tmp_path / "near")
    for made, directory, where in (
        (over, place, server.address("1.pack")),
        (near, tmp_path / "near", str(house / "1.pack")),
    ):
        assert_whole(directory, first)
        assert_same(directory, house / "councils")
        assert (made.articles, made.passages, made.tier) == (24, 72, Tier.FULL)
        assert (made.segments_fetched, made.segments_kept, made.fetched_bytes) == (3, 0, frames(first))
        assert read_manifest(directory).origin == made.origin
        assert (made.origin.where, made.origin.name, made.origin.release) == (where, "councils", "3")
        assert made.origin.signed_by is None
    assert seen[0] == (0, frames(first))
    assert seen[-1] == (frames(first),) * 2
    assert seen == sorted(seen)


def test_again_only_the_table_of_contents_is_fetched(server: Ending, first: Artifact, place: Path) -> None:
    pulled(server, place)
    before = tree(place)
    made = pulled(server, place)
    assert (made.fetched_bytes, made.segments_fetched, made.segments_kept) == (0, 0, 3)
    assert server.sent("1.pack") <= first.begin + 512
    assert all(range_ and range_[0] < first.begin for range_ in server.ranges("1.pack"))
    after = tree(place)
    assert before.pop("manifest.json") != after.pop("manifest.json")
    assert before == after


def test_of_a_newer_release_only_the_missing_segment_is_fetched(
    server: Ending, house: Path, second: Artifact, place: Path
) -> None:
    pulled(server, place)
    before = tree(place)
    with Index.open(place, encoder=ENCODER) as reader:
        said = asked(reader)
        made = pulled(server, place, name="2.pack")
        [new] = [name for name in second.segments if name.startswith("000004")]
        assert (made.segments_fetched, made.segments_kept) == (1, 3)
        assert made.fetched_bytes == frames(second, new)
        assert made.fetched_bytes < frames(second) / 3
        ends = [offset + len(frame) for name, (offset, frame) in second.frames.items() if new in name]
        starts = [offset for name, (offset, _) in second.frames.items() if new in name]
        assert server.sent("2.pack") <= second.begin + 512 + max(ends) - min(starts) + 1024
        for first_byte, _ in filter(None, server.ranges("2.pack")):
            assert first_byte < second.begin or min(starts) <= first_byte < max(ends)
        assert {name: found for name, found in tree(place).items() if name in before} | {
            "manifest.json": before["manifest.json"]
        } == before
        assert reader.stats().articles == 24
        assert asked(reader) == said
        assert reader.get("https://news.example.org/s14").text == story(14).text
    assert_whole(place, second)
    assert_same_but_deleted(place, house)
    with Index.open(place) as later:
        assert later.stats().articles == 28


def assert_same_but_deleted(directory: Path, house: Path) -> None:
    """The second release is no longer there but for its artifact, which has all of its articles."""
    with Index.open(directory, encoder=ENCODER) as index:
        texts = {metadata.title: index.get(metadata.article_id).text for metadata in index.articles()}
    assert texts == {f"Story {number}": story(number).text for number in range(28)}
    assert (house / "2.pack").exists()


def test_a_release_may_drop_a_segment(server: Ending, house: Path, place: Path) -> None:
    pulled(server, place, name="2.pack")
    with Index.open(place, encoder=ENCODER) as reader:
        made = pulled(server, place, name="3.pack")
        assert (made.segments_fetched, made.segments_kept, made.fetched_bytes) == (0, 3, 0)
        assert reader.get("https://news.example.org/s14").text == story(14).text
        assert len(list((place / "segments").iterdir())) == 4  # somebody reads it
    pulled(server, place, name="3.pack")
    assert_whole(place, opened(house / "3.pack"))
    assert_same(place, house / "later" / "councils")


def test_an_older_release_is_installed_by_force_alone(server: Ending, first: Artifact, place: Path) -> None:
    pulled(server, place, name="2.pack")
    before = tree(place)
    with pytest.raises(
        IndexExistsError, match=r"its release, 3, is not newer than the one in .*installed, 4"
    ) as refused:
        pulled(server, place)
    assert "--force" in refused.value.hint
    assert tree(place) == before
    made = pulled(server, place, force=True)
    assert (made.segments_fetched, made.segments_kept) == (0, 3)
    assert_whole(place, first)


def test_another_tier_takes_the_place_of_the_first(server: Ending, house: Path, place: Path) -> None:
    for tier in (Tier.SNIPPETS, Tier.VECTORS):
        pulled(server, place, name=f"{tier}.pack", force=True)
        assert_whole(place, opened(house / f"{tier}.pack"))
    pulled(server, place, force=True)
    assert_same(place, house / "councils")


def test_generations_rise_whatever_is_installed(server: Ending, place: Path) -> None:
    found = []
    for name in ("2.pack", "1.pack", "1.pack", "3.pack"):
        pulled(server, place, name=name, force=True)
        found.append(read_manifest(place).generation)
    assert found == sorted(set(found))


# What is there already


@pytest.fixture
def mine(house: Path, place: Path) -> Path:
    pull(str(house / "1.pack"), place)
    return place


def delete_one(place: Path) -> None:
    with Index.open(place) as index:
        index.delete(["https://news.example.org/s3"])


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda place: add(place, [article("own", "A text of my own.")]), "has changes of its own"),
        (delete_one, "has changes of its own"),
    ],
)
def test_own_changes_are_replaced_only_by_force(
    mine: Path, house: Path, second: Artifact, change: Callable[[Path], None], why: str
) -> None:
    change(mine)
    before = tree(mine)
    with pytest.raises(IndexExistsError, match=why) as refused:
        pull(str(house / "2.pack"), mine)
    assert refused.value.hint == "name another folder with -i, or replace it with --force"
    assert tree(mine) == before
    with Index.open(mine, encoder=ENCODER) as reader:
        said = asked(reader)
        pull(str(house / "2.pack"), mine, force=True)
        assert asked(reader) == said
    pull(str(house / "2.pack"), mine)
    assert_whole(mine, second)


def test_an_index_of_ones_own_and_another_one_are_replaced_only_by_force(house: Path, tmp_path: Path) -> None:
    own = Path(shutil.copytree(house / "councils", tmp_path / "own"))
    packed(build(tmp_path / "other", [story(1)]), tmp_path / "other.pack")
    before = tree(own)
    with pytest.raises(IndexExistsError, match="was not installed from an artifact"):
        pull(str(house / "1.pack"), own)
    assert tree(own) == before
    pull(str(house / "1.pack"), own, force=True)
    before = tree(own)
    with pytest.raises(IndexExistsError, match=r"it is other, and .* holds councils"):
        pull(str(tmp_path / "other.pack"), own)
    assert tree(own) == before
    assert pull(str(tmp_path / "other.pack"), own, force=True).origin.name == "other"
    assert_whole(own, opened(tmp_path / "other.pack"))


def test_a_file_is_no_place_for_an_index(house: Path, tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("mine")
    with pytest.raises(IndexExistsError, match="is a file, not a folder"):
        pull(str(house / "1.pack"), tmp_path / "notes")
    assert (tmp_path / "notes").read_text() == "mine"


def test_whoever_writes_to_it_is_waited_for(mine: Path, house: Path) -> None:
    before = tree(mine)
    with write_lock(mine), pytest.raises(IndexLockedError, match=str(os.getpid())):
        pull(str(house / "2.pack"), mine)
    assert tree(mine) == before
    pull(str(house / "2.pack"), mine)


def test_a_damaged_segment_is_fetched_again(mine: Path, house: Path, first: Artifact) -> None:
    entry = read_manifest(mine).segments[1]
    file = mine / "segments" / entry.name / "vectors.npy"
    file.write_bytes(file.read_bytes()[:-1] + b"\1")
    made = pull(str(house / "1.pack"), mine)
    assert (made.segments_fetched, made.segments_kept) == (1, 2)
    assert_whole(mine, first)
    assert_same(mine, house / "councils")


def test_a_damaged_manifest_is_replaced_by_force(mine: Path, house: Path, first: Artifact) -> None:
    (mine / "manifest.json").write_bytes(b"{}")
    with pytest.raises(IndexDamagedError) as refused:
        pull(str(house / "1.pack"), mine)
    assert "--force" in (refused.value.hint or "")
    pull(str(house / "1.pack"), mine, force=True)
    assert_whole(mine, first)


# Interrupted


def test_wherever_it_is_interrupted_only_the_rest_is_fetched(server: Ending, first: Artifact, tmp_path: Path) -> None:
    members = sorted(first.frames.values())
    ends = [offset + len(frame) for offset, frame in members]
    middles = [offset + len(frame) // 2 for offset, frame in members]
    for at in sorted({1, 512, first.begin - 1, first.begin, *ends[:-1:17], *middles[::13]}):
        place = tmp_path / str(at)
        with pytest.raises(FetchError) as failed:
            pulled_until(server, place, at)
        assert failed.value.hint == AGAIN
        if place.exists():
            with pytest.raises(IndexMissingError, match="is not installed yet: its `pull` is still running"):
                Index.open(place)
        have = came(place, first)
        assert have >= sum(min(max(at - offset, 0), len(frame)) for offset, frame in members) - 512
        made = pulled(server, place)
        assert made.fetched_bytes == frames(first) - have
        assert server.sent("1.pack") <= first.begin + 512 + members[-1][0] + len(members[-1][1]) + 1024 - max(
            first.begin, at - 4096
        )
        assert_whole(place, first)


def pulled_until(server: Ending, place: Path, at: int) -> None:
    """Pull from a server that is gone once it has sent byte `at`."""
    server.until = at
    try:
        pulled(server, place)
    finally:
        server.until = None


FAULTS = {
    "cut": [Fault(cut=30_000)],
    "cut again and again": [Fault(cut=4_000, times=ALWAYS)],
    "reset": [Fault(cut=20_000, reset=True)],
    "stalled": [Fault(stall=25_000)],
    "stalled at once": [Fault(stall=0)],
    "too long by its own word": [Fault(length=1_000)],
    "too short by its own word": [Fault(length=-1_000, times=3)],
    "from somewhere else": [Fault(begins=7)],
    "without a size": [Fault(no_size=True, times=ALWAYS)],
    "without ranges": [Fault(ignore_range=True, times=ALWAYS)],
    "without a state": [Fault(etag="", times=ALWAYS)],
    "busy": [Fault(status=503, retry_after="0", times=2)],
    "too many": [Fault(status=429)],
    "silence": [Fault(body=b"")],
    "nonsense": [Fault(body=b"\0" * 99)],
}


@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS)
def test_what_passes_is_got_over(server: Ending, first: Artifact, place: Path, faults: list[Fault]) -> None:
    pulled(server, place, *faults)
    assert_whole(place, first)


def test_wrong_bytes_are_fetched_once_more(server: Ending, first: Artifact, place: Path) -> None:
    for offset, frame in list(first.frames.values())[::23]:
        shutil.rmtree(place, ignore_errors=True)
        made = pulled(server, place, Fault(), Fault(flip=offset + len(frame) // 2))
        assert made.fetched_bytes in {frames(first), frames(first) + len(frame)}
        assert_whole(place, first)


def test_a_redirection_is_followed(server: Ending, first: Artifact, place: Path) -> None:
    server.faults["latest"] = [Fault(redirect="/1.pack", times=ALWAYS)]
    made = pull(server.address("latest"), place, network=IMPATIENT)
    assert made.origin.where == server.address("latest")
    assert_whole(place, first)


Spoil = Callable[[Server, Artifact, pytest.MonkeyPatch], dict[str, Any]]


def _flipped(_server: Ending, second: Artifact, _patch: pytest.MonkeyPatch) -> dict[str, Any]:
    offset, frame = next(at for name, at in second.frames.items() if "/000004" in name and "vectors" in name)
    return {"faults": [Fault(flip=offset + len(frame) // 2, times=ALWAYS)]}


def _no_room(_server: Ending, _second: Artifact, patch: pytest.MonkeyPatch) -> dict[str, Any]:
    patch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(total=10**9, used=10**9, free=1_000))
    return {}


def _gone_in_the_middle(server: Ending, second: Artifact, patch: pytest.MonkeyPatch) -> dict[str, Any]:
    patch.setattr(server, "until", max(offset for offset, _ in second.frames.values()))
    return {}


def _lying(how: dict[str, Any]) -> Spoil:
    return lambda _server, _second, _patch: how


AFTER = (Fault(), Fault(), Fault(cut=1_000))
"""The table of contents, and a little."""

REFUSED: dict[str, tuple[type[SemsearchError], str, Spoil]] = {
    "wrong bytes": (ArtifactError, "is damaged, and was again", _flipped),
    "no room": (ArtifactError, "has room for 1,000 bytes, and ", _no_room),
    "another digest": (ArtifactError, "another digest", _lying({"how": {"contents_sha256": "0" * 64}})),
    "gone": (FetchError, "503", _lying({"faults": [GONE]})),
    "gone in the middle": (FetchError, "503", _gone_in_the_middle),
    "nothing there": (FetchError, "404", _lying({"faults": [Fault(status=404)]})),
    "forbidden": (FetchError, "403", _lying({"faults": [Fault(status=403)]})),
    "redirected to nowhere": (FetchError, "redirects to", _lying({"faults": [Fault(redirect="file:///etc/passwd")]})),
    "changed": (FetchError, "changed", _lying({"faults": [*AFTER, Fault(etag='"other"', times=ALWAYS)]})),
    "of another size": (FetchError, "changed", _lying({"faults": [*AFTER, Fault(total=9, times=ALWAYS)]})),
    "compressed": (FetchError, "encoding", _lying({"faults": [Fault(encoding="gzip")]})),
    "offline": (FetchError, "is set", _lying({"how": {"network": replace(IMPATIENT, offline=True)}})),
    "unsigned": (SignatureError, "it has no signature", _lying({"how": {"trust": Trust(signed=True)}})),
}


@pytest.mark.parametrize(
    "name", slow_but(["wrong bytes", "no room", "another digest", "changed", "offline", "unsigned"], REFUSED)
)
def test_what_is_refused_leaves_the_index_as_it_was(
    server: Ending,
    house: Path,
    second: Artifact,
    mine: Path,
    name: str,
) -> None:
    kind, wrong, spoil = REFUSED[name]
    before = tree(mine)
    with Index.open(mine, encoder=ENCODER) as reader:
        with pytest.MonkeyPatch.context() as patch:
            how = spoil(server, second, patch)
            with pytest.raises(kind, match=wrong) as refused:
                pulled(server, mine, *how.get("faults", []), name="2.pack", **how.get("how", {}))
        assert refused.value.hint
        assert tree(mine) == before
        assert reader.verify().damages == ()
    assert_same(mine, house / "councils")
    pulled(server, mine, name="2.pack")
    assert_whole(mine, second)


def test_where_there_is_no_room_nothing_is_fetched(
    server: Ending, first: Artifact, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    least = sum(map(len, first.files.values()))
    for free in (0, least):
        monkeypatch.setattr(shutil, "disk_usage", lambda _path, free=free: SimpleNamespace(free=free))
        with pytest.raises(ArtifactError, match=f"has room for {free:,} bytes") as refused:
            pulled(server, place)
        assert "make room" in (refused.value.hint or "")
        assert server.sent("1.pack") <= first.begin + 512
    needed = int(str(refused.value).rpartition(" are needed")[0].rpartition(" ")[2].replace(",", ""))
    assert least < needed < least + 2**25
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=needed))
    pulled(server, place)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=2**24))
    assert pulled(server, place).fetched_bytes == 0  # what is there needs no room


def test_what_is_no_artifact_is_refused_before_anything_is_made(server: Ending, house: Path, place: Path) -> None:
    (house / "page.html").write_bytes(b"<!doctype html>" + b" " * 2_000)
    (house / "zeros").write_bytes(bytes(4_096))
    (house / "short").write_bytes(b"x")
    (house / "empty").write_bytes(b"")
    for name in ("page.html", "zeros", "short", "empty", "nothing"):
        for where in (server.address(name), str(house / name)):
            with pytest.raises(ArtifactError) as refused:
                pull(where, place, network=IMPATIENT)
            assert where in str(refused.value)
            assert refused.value.hint
    with pytest.raises(FetchError, match="is a folder"):
        pull(str(house), place)
    assert not place.exists()


def test_a_cut_artifact_is_refused_wherever_it_was_cut(house: Path, first: Artifact, tmp_path: Path) -> None:
    whole = (house / "1.pack").read_bytes()
    last = max(offset + len(frame) for offset, frame in first.frames.values())
    for at in (100, 512, first.begin // 2, first.begin, first.begin + 3_000, last - 1):
        (tmp_path / "cut.pack").write_bytes(whole[:at])
        with pytest.raises(ArtifactError):
            pull(str(tmp_path / "cut.pack"), tmp_path / "x")
        assert not (tmp_path / "x" / "manifest.json").exists()
    (tmp_path / "cut.pack").write_bytes(whole)
    pull(str(tmp_path / "cut.pack"), tmp_path / "x")
    assert_whole(tmp_path / "x", first)


def test_what_came_of_another_release_makes_room(server: Ending, first: Artifact, place: Path) -> None:
    for name in ("1.pack", "2.pack"):
        server.until = first.begin + 20_000
        with pytest.raises(FetchError):
            pulled(server, place, name=name)
        server.until = None
        assert len(list((place / PULLING).iterdir())) == 1


def test_rubbish_where_things_wait_is_not_believed(server: Ending, first: Artifact, place: Path) -> None:
    with pytest.raises(FetchError):
        pulled_until(server, place, first.begin + 20_000)
    [waiting] = (place / PULLING).iterdir()
    [segment, *_] = waiting.iterdir()
    for number, path in enumerate(sorted(segment.iterdir())):
        size = path.stat().st_size
        path.unlink()
        if number % 4 == 0:
            path.write_bytes(bytes(size))
        elif number % 4 == 1:
            path.symlink_to("/etc/hostname")
        elif number % 4 == 2:
            path.mkdir()
    (segment / "vectors.npy.part").write_bytes(bytes(10))
    (segment / "token_keys.npy.part").write_bytes(bytes(100_000))
    (segment / "foreign").write_text("x")
    (place / PULLING / "another").mkdir()
    pulled(server, place)
    assert_whole(place, first)


# Whatever happens, in whatever order


def _faults(size: int) -> st.SearchStrategy[Fault]:
    bytes_of = st.integers(0, size)
    near = st.integers(-2_000, 2_000)
    return st.one_of(
        bytes_of.map(lambda at: Fault(cut=at)),
        bytes_of.map(lambda at: Fault(cut=at, reset=True)),
        st.integers(0, 40_000).map(lambda at: Fault(cut=at, times=3)),
        bytes_of.map(lambda at: Fault(flip=at)),
        bytes_of.map(lambda at: Fault(flip=at, times=3)),
        near.map(lambda by: Fault(length=by)),
        near.map(lambda by: Fault(begins=by)),
        near.map(lambda by: Fault(total=by)),
        st.sampled_from([200, 204, 206, 304, 400, 403, 404, 416, 429, 500, 503]).map(lambda code: Fault(status=code)),
        st.sampled_from([Fault(no_size=True), Fault(ignore_range=True), Fault(etag=""), Fault(etag='"other"')]),
        st.sampled_from(
            [Fault(encoding="br"), Fault(body=b""), Fault(body=b"\0" * 99), Fault(redirect="/1.pack"), GONE]
        ),
    )


@examples(20)
@given(st.data())
def test_any_faults_and_then_a_good_server_give_exactly_what_was_packed(
    served: Ending, house: Path, first: Artifact, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    place = tmp_path_factory.mktemp("any") / "installed"
    installed = data.draw(st.booleans(), "is another release there?")
    if installed:
        pull(str(house / "2.pack"), place)
    before = tree(place) if installed else {}
    size = (house / "1.pack").stat().st_size
    for faults in data.draw(st.lists(st.lists(_faults(size), min_size=1, max_size=3), min_size=1, max_size=3)):
        try:
            pulled(served, place, *faults, force=installed)
            before = tree(place)
        except ArtifactError as error:
            assert error.hint
            assert tree(place) == before if before else not (place / "manifest.json").exists()
    pulled(served, place, force=installed)
    assert_whole(place, first)


# Signatures


@pytest.fixture
def signed(house: Path, tmp_path: Path, server: Ending) -> Iterator[tuple[str, PublicKey]]:
    """An address at which Ann signed what is there."""
    (tmp_path / "keys").mkdir()
    key = make_key(tmp_path / "keys" / "ann")
    packed(house / "councils", house / "signed.pack", key=tmp_path / "keys" / "ann")
    yield server.address("signed.pack"), key
    (house / "signed.pack.sig").unlink(missing_ok=True)


@pytest.fixture(autouse=True)
def _keys_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def test_who_signed_it_is_known_where_the_key_is(
    signed: tuple[str, PublicKey], server: Ending, house: Path, tmp_path: Path
) -> None:
    where, ann = signed
    bea = make_key(tmp_path / "keys" / "bea")
    assert pull(where, tmp_path / "a", network=IMPATIENT).origin.signed_by is None
    assert server.ranges("signed.pack.sig") == []  # nobody is known who could have signed it
    for known in (Trust((ann,)), Trust((bea, ann), signed=True)):
        assert pull(where, tmp_path / "a", trust=known, network=IMPATIENT).origin.signed_by == ann.text
    with pytest.raises(
        SignatureError, match=r"it is signed by no trusted key, and .* was signed by the key"
    ):  # whoever was trusted once is not passed over
        pull(where, tmp_path / "a", trust=Trust((bea,)), network=IMPATIENT)
    forced = pull(where, tmp_path / "a", trust=Trust((bea,)), force=True, network=IMPATIENT)
    assert forced.origin.signed_by is None
    trust(ann, "ann")
    for place in (where, str(house / "signed.pack")):
        assert pull(place, tmp_path / "a", trust=Trust(signed=True), network=IMPATIENT).origin.signed_by == ann.text
    origin = read_manifest(tmp_path / "a").origin
    assert origin
    assert origin.signed_by == ann.text


def test_a_signature_that_is_asked_for_and_not_there_is_an_error(
    signed: tuple[str, PublicKey], house: Path, tmp_path: Path
) -> None:
    where, ann = signed
    bea = make_key(tmp_path / "keys" / "bea")
    only_signed = Trust(signed=True)
    for known in (only_signed, Trust((bea,), signed=True)):
        with pytest.raises(SignatureError, match="it is not signed by a trusted key") as refused:
            pull(where, tmp_path / "a", trust=known, network=IMPATIENT)
        assert "semsearch key trust" in (refused.value.hint or "")
    trust(ann, "ann")
    (house / "signed.pack.sig").unlink()
    with pytest.raises(SignatureError, match="it has no signature"):
        pull(where, tmp_path / "a", trust=only_signed, network=IMPATIENT)
    assert not (tmp_path / "a").exists()
    assert pull(where, tmp_path / "a", network=IMPATIENT).origin.signed_by is None


def test_a_false_signature_is_always_an_error_where_its_key_is_known(
    signed: tuple[str, PublicKey], server: Ending, house: Path, tmp_path: Path
) -> None:
    where, ann = signed
    trust(ann, "ann")
    right = (house / "signed.pack.sig").read_bytes()
    packed(house / "councils", tmp_path / "other.pack", tier=Tier.VECTORS, key=tmp_path / "keys" / "ann")
    for false in ((tmp_path / "other.pack.sig").read_bytes(), right[:-9], b"", b"{}", right * 40):
        (house / "signed.pack.sig").write_bytes(false)
        with pytest.raises(ArtifactError) as refused:
            pull(where, tmp_path / "a", network=IMPATIENT)
        assert refused.value.hint
    server.faults["signed.pack.sig"] = [GONE]
    (house / "signed.pack.sig").write_bytes(right)
    with pytest.raises(FetchError, match="503"):
        pull(where, tmp_path / "a", network=IMPATIENT)
    assert not (tmp_path / "a").exists()
