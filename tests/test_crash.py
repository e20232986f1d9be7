"""Whatever step of an operation fails, an index is one of its generations whole, and the next run puts all in order."""

import gc
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from semsearch import Index
from semsearch.artifact.pack import pack
from semsearch.artifact.pull import pull
from semsearch.encoders import load_encoder
from semsearch.engines.local.manifest import BUILDING, MANIFEST, begun, orphans, read_manifest
from semsearch.engines.local.merge import FANOUT
from semsearch.engines.local.snapshot import manifests, open_snapshot
from semsearch.errors import IndexDamagedError, IndexExistsError, IndexMissingError, SemsearchError, SourceError
from semsearch.types import Article
from tests.disks import FAULTS, HOWS, LOCKS, Dribbling, Failing, Forgetful, KilledError, Recording, Step, overheard
from tests.examples import slow_but
from tests.making import article, day

ENCODER = load_encoder("hashing:16")
_STRIDE = 1 if os.environ.get("SEMSEARCH_EVERY_STEP") else 3
"""A step in three fails in each way but a kill, or every one where that is asked for, which takes half an hour."""

_IN_MEMORY = next((folder for folder in ("/dev/shm",) if os.access(folder, os.W_OK)), None)  # noqa: S108
"""Thousands of small indexes are copied and removed, which takes a disk ten times as long as the tests themselves."""
QUERIES = ("a quay for the river boats", "the council and its bridge")
_WORDS = ("river", "quay", "boats", "council", "bridge", "wheat", "rain", "school", "opera", "strike", "harbour")


def story(number: int, version: int = 0) -> Article:
    """Article `number` of two paragraphs, in some version."""
    draw = Random(f"{number} {version}")  # noqa: S311 - text, not secrets
    paragraphs = [" ".join(draw.choices(_WORDS, k=14)) + "." for _ in range(2)]
    return article(f"s{number}", "\n\n".join(paragraphs), title=f"Story {number}", published=day(number + version))


def build(place: Path, stories: Iterable[Article], **given: Any) -> None:
    with Index.build(stories, place / "index", encoder=ENCODER, passage_tokens=16, **given):
        pass


def holding(*additions: list[int]) -> Callable[[Path], None]:
    """Prepare an index with a segment for each addition."""

    def prepare(place: Path) -> None:
        build(place, [story(number) for number in additions[0]])
        with Index.open(place / "index", encoder=ENCODER) as index:
            for numbers in additions[1:]:
                index.add([story(number) for number in numbers])

    return prepare


def with_deletions(place: Path) -> None:
    holding([0, 1, 2, 3], [4, 5])(place)
    with Index.open(place / "index", encoder=ENCODER) as index:
        index.delete([story(1).metadata.article_id, story(4).metadata.article_id])


def build_in_steps(place: Path, **given: Any) -> None:
    build(place, [story(number) for number in range(4)], job="the same", commit_seconds=0, **given)


def interrupted(place: Path, **given: Any) -> None:
    def until_it_breaks() -> Iterator[Article]:
        yield from (story(number) for number in range(9))
        raise OSError("no more can be read")

    with suppress(OSError):
        build(place, until_it_breaks(), job="the same", commit_seconds=0, **given)
    assert (place / "index" / BUILDING).exists()


def build_unless_there(run: Callable[[Path], None], place: Path) -> None:
    """Build again what may have been built: then the next writer puts in order what it left."""
    try:
        run(place)
    except IndexExistsError:
        with Index.open(place / "index", encoder=ENCODER) as index:
            index.delete(())


def with_an_unfinished_build(place: Path) -> None:
    holding([0, 1])(place)
    interrupted(place, force=True)


def add_and_build_on(place: Path) -> None:
    """Add to an index beside which a build was interrupted; then that goes on, and takes its place."""
    with Index.open(place / "index", encoder=ENCODER) as index:
        index.add([story(10)])
    build_in_steps(place, force=True)


def build_of_nothing(place: Path) -> None:
    with pytest.raises(SourceError, match="no article"):
        build(place, [], force=True)


def add_in_steps(index: Index) -> None:
    index.add([story(1, version=1), story(2), story(7), story(8), story(0, version=1)], commit_seconds=0)


def offered(place: Path) -> None:
    """Prepare an artifact, and no index."""
    holding([0, 1, 2], [3])(place)
    pack(place / "index", place / "given")
    shutil.rmtree(place / "index")


def offered_anew(place: Path) -> None:
    """Prepare an index that was installed, and an artifact of a newer release."""
    holding([0, 1, 2])(place)
    pack(place / "index", place / "given")
    source = place / "source" / "index"  # whose name is the artifact's
    source.parent.mkdir()
    (place / "index").rename(source)
    pull_given(place)
    with Index.open(source, encoder=ENCODER) as index:
        index.add([story(1, version=1), story(5)])
    pack(source, place / "given")
    shutil.rmtree(source.parent)


def packed_before(place: Path) -> None:
    """Prepare an index, and what was packed of it before it had all."""
    holding([0, 1])(place)
    pack(place / "index", place / "packed")
    with Index.open(place / "index", encoder=ENCODER) as index:
        index.add([story(1, version=1), story(5)])


def pack_index(place: Path) -> None:
    pack(place / "index", place / "packed")


def pull_given(place: Path) -> None:
    pull(str(place / "given"), place / "index")


def add_more(index: Index) -> None:
    """Add in two commits: the first one is followed by a merge, and goes on where that fails."""
    index.add([story(number) for number in (20, 21, 22)], commit_seconds=0)


@dataclass(frozen=True)
class Operation:
    """What is done to a place, the folder of an index and of what else belongs to it."""

    name: str
    prepare: Callable[[Path], None]
    run: Callable[[Path], None]
    on: Callable[[Index], object] | None = None  # the same, to an index that is open
    again: Callable[[Path], None] | None = None  # where it is not simply run again


def upon(name: str, prepare: Callable[[Path], None], on: Callable[[Index], object]) -> Operation:
    """An operation of an open index."""

    def run(place: Path) -> None:
        with Index.open(place / "index", encoder=ENCODER) as index:
            on(index)

    return Operation(name, prepare, run, on)


def by_name(operation: Operation) -> str:
    return operation.name


OPERATIONS = [
    Operation("build", lambda _: None, build_in_steps, again=partial(build_unless_there, build_in_steps)),
    Operation("build by force", with_deletions, lambda place: build(place, [story(9), story(2)], force=True)),
    Operation("build of nothing", with_deletions, build_of_nothing),
    Operation("build that goes on", interrupted, build_in_steps, again=partial(build_unless_there, build_in_steps)),
    Operation("add, and build on", with_an_unfinished_build, add_and_build_on),
    upon("add in several commits", holding([0, 1, 2]), add_in_steps),
    upon("add that merges", holding(*([number] for number in range(FANOUT - 1))), add_more),
    upon(
        "delete", holding([0, 1, 2, 3], [4]), lambda index: index.delete([story(n).metadata.article_id for n in (0, 4)])
    ),
    upon(
        "delete that merges",
        holding([0, 1, 2], [4, 5]),
        lambda index: index.delete([story(n).metadata.article_id for n in (0, 1)]),
    ),
    upon("delete more", with_deletions, lambda index: index.delete([story(2).metadata.article_id])),
    upon("compact", holding([0, 1], [2], [3, 4]), lambda index: index.compact()),
    upon("compact after deletions", with_deletions, lambda index: index.compact()),
    Operation("pack", packed_before, pack_index),
    Operation("pull", offered, pull_given),
    Operation("pull a newer release", offered_anew, pull_given),
]

State = tuple[Any, Any, bytes | None]


_known: dict[bytes, tuple[Any, Any]] = {}
"""What follows from a manifest whose files are all as it says needs to be read once only."""


def state_of(place: Path) -> State:
    """All that an index holds and answers, read by one that was just opened, and the artifact that was packed."""
    packed = place / "packed"
    return (*_index_of(place / "index"), packed.read_bytes() if packed.exists() else None)


def _index_of(folder: Path) -> tuple[Any, Any]:
    try:
        with Index.open(folder, encoder=ENCODER) as index:
            for path, seal in read_manifest(folder).seals():
                content = (folder / path).read_bytes()
                assert (len(content), hashlib.sha256(content).hexdigest()) == (seal.size_bytes, seal.sha256), path
            if (manifest := (folder / MANIFEST).read_bytes()) not in _known:
                _known[manifest] = (contents(folder), answers(index))
            return _known[manifest]
    except IndexMissingError:
        return None, None


def contents(folder: Path) -> dict[str, Any]:
    """Every article with its passages, vectors and keys."""
    held = [entry for segment in open_snapshot(folder, MANIFEST).segments for entry in segment.living()]
    found = {
        entry.article.metadata.article_id: (
            replace(entry.article, metadata=replace(entry.article.metadata, indexed=None)),
            tuple(entry.passages),
            entry.vectors.tobytes(),
            tuple(entry.keys),
        )
        for entry in held
    }
    assert len(found) == len(held), "an article is there twice"
    return found


def answers(index: Index) -> tuple[Any, ...]:
    return tuple((hit.passage, round(hit.score, 5)) for query in QUERIES for hit in index.search(query, k=20).hits)


def assert_tidy(place: Path) -> None:
    """Nothing lies there that is not needed."""
    assert {path.name for path in place.iterdir()} <= {"index", "packed", "given"}
    if (folder := place / "index").exists():
        assert list(orphans(folder, [read_manifest(folder)])) == []
        assert {path.name for path in folder.iterdir()} - set(LOCKS) <= {MANIFEST, "segments"}


class Story:
    """An operation, with what it does where nothing disturbs it."""

    def __init__(self, operation: Operation, folder: Path) -> None:
        self.operation = operation
        self._before = folder / "before"
        self._before.mkdir()
        operation.prepare(self._before)
        self._copies = folder / "copies"
        self._copies.mkdir()
        self._count = 0
        with Recording(place := self.place()) as recording, overheard(recording) as self.unseen:
            operation.run(place)
        self.after = place
        self.steps, self.looks = recording.steps, recording.looks
        self.states = [state_of(self._before)]
        self.seen, self.kept = [0], [0]  # by number of steps: which state a reader sees, and which outlasts power
        self._follow()

    def _follow(self) -> None:
        disk = self.disk()
        renamed: Path | None = None  # into which folder, since that was flushed
        kept = 0
        for step in self.steps:
            disk.take(step)
            if step.what == "replace":
                renamed = Path(step.target).parent
                state = self.state_on(disk, "everything")
                if state != self.states[-1]:
                    self.states.append(state)
            elif step.what == "flush" and renamed == Path(step.path):
                kept = len(self.states) - 1
            self.seen.append(len(self.states) - 1)
            self.kept.append(kept)

    def disk(self) -> Forgetful:
        return Forgetful(self._before)

    def place(self) -> Path:
        """A new copy of how all was before."""
        place = self._new()
        shutil.copytree(self._before, place)
        return place

    def _new(self) -> Path:
        self._count += 1
        return self._copies / str(self._count)

    def left_on(self, disk: Forgetful, choice: str | Random) -> Path:
        disk.materialise(place := self._new(), choice)
        return place

    def state_on(self, disk: Forgetful, choice: str) -> State:
        place = self.left_on(disk, choice)
        state = state_of(place)
        shutil.rmtree(place)
        return state

    def numbers(self, how: str) -> list[int]:
        """The steps that can fail so; all looks; the steps before which a loss leaves what none before leaves."""
        if how == "unreadable":
            return list(range(self.looks))
        if how == "loss":
            return [at + 1 for at, step in enumerate(self.steps) if step.what not in ("open", "close")]
        return [at for at, step in enumerate(self.steps) if step.can(how)]

    def some(self, how: str, count: int) -> list[int]:
        """A few of them by chance, and some around a commit."""
        draw = Random(f"{self.operation.name} {how}")  # noqa: S311 - which steps, no secret
        numbers = self.numbers(how)
        commits = [
            at for at, step in enumerate(self.steps) if "json" in step.path and step.what in ("replace", "flush")
        ]
        near = [number for number in numbers if any(0 <= number - at <= 2 for at in commits)]
        return sorted({*draw.sample(numbers, min(count, len(numbers))), *draw.sample(near, min(count, len(near)))})


@pytest.fixture(scope="module", autouse=True)
def _quick_collections() -> Iterator[None]:
    """What has failed holds on to files by its trace, and to look for that among all modules takes long."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def equal_runs(patch: pytest.MonkeyPatch) -> None:
    patch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    patch.setattr("semsearch.intake.WINDOW_PASSAGES", 4)  # so that few articles are several windows


@pytest.fixture(autouse=True)
def _equal_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    equal_runs(monkeypatch)


@pytest.fixture(scope="module", params=OPERATIONS, ids=by_name)
def story_of(request: pytest.FixtureRequest) -> Iterator[Story]:
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory(dir=_IN_MEMORY) as folder:
        equal_runs(patch)
        yield Story(request.param, Path(folder))


def kill(told: Story, number: int, how: str) -> None:
    """After a kill a reader sees what was committed last, and the same once more gives what it gives."""
    place = told.place()
    with pytest.raises(KilledError), Failing(place, number, how):
        told.operation.run(place)
    gc.collect()
    assert state_of(place) == told.states[told.seen[number]]
    mend(told, place)


def mend(told: Story, place: Path) -> None:
    gc.collect()
    (told.operation.again or told.operation.run)(place)
    assert state_of(place) == told.states[-1]
    assert_tidy(place)
    shutil.rmtree(place)


def spoil(told: Story, number: int, how: str) -> None:
    """Whoever is told of no failure has what they wanted; whoever is can go on, with the object that they have."""
    place = told.place()
    operation = told.operation
    index = Index.open(place / "index", encoder=ENCODER) if operation.on and how in FAULTS else None
    failed = False
    with Failing(place, number, how) as failing:
        try:
            operation.on(index) if operation.on and index else operation.run(place)
        except (OSError, SemsearchError):
            failed = True
    assert failing.struck
    gc.collect()
    state = state_of(place)
    assert state in told.states[told.seen[number] if how in FAULTS else 0 :] if failed else state == told.states[-1]
    if operation.on and index:
        assert answers(index) in [state[1] for state in told.states]
        operation.on(index)
        assert answers(index) == told.states[-1][1]
        index.close()
        assert state_of(place) == told.states[-1]
        assert_tidy(place)
        shutil.rmtree(place)
    else:
        mend(told, place)


def attempt(told: Story, number: int, how: str) -> None:
    try:
        (kill if how.startswith("kill") else spoil)(told, number, how)
    except BaseException as error:
        what = told.steps[number] if how in HOWS else Step("look", str(number))
        error.add_note(f"{how} at step {number} of {len(told.steps)}: {what.what} {what.path} {what.target}")
        raise


def lose_power(told: Story, numbers: list[int], chances: int) -> int:
    """After any loss of power the index is a generation that was whole, and no older one than was promised."""
    disk = told.disk()
    tried = 0
    for number in range(len(told.steps) + 1):
        if number:
            disk.take(told.steps[number - 1])
        if number not in numbers:
            continue
        draws = [Random(f"{number} {chance}") for chance in range(chances)]  # noqa: S311 - which, no secret
        choices: list[str | Random] = ["nothing", "everything", *draws]
        for choice in choices:
            place = told.left_on(disk, choice)
            tried += 1
            try:
                assert state_of(place) in told.states[told.kept[number] : told.seen[number] + 1]
                mend(told, place)
            except BaseException as error:
                error.add_note(f"power lost before step {number} of {len(told.steps)}, {choice} there: {place}")
                raise
    return tried


def test_an_index_whose_manifest_is_damaged_is_replaced_by_force(tmp_path: Path) -> None:
    with_deletions(tmp_path)
    (tmp_path / "index" / MANIFEST).write_bytes(b"{}")
    with pytest.raises(IndexDamagedError), Index.open(tmp_path / "index", encoder=ENCODER):
        pass
    build(tmp_path, [story(9)], force=True)
    assert [one[0] for one in contents(tmp_path / "index").values()] == [story(9)]
    assert_tidy(tmp_path)


def test_an_unfinished_build_that_has_lost_a_segment_is_begun_anew(tmp_path: Path) -> None:
    interrupted(tmp_path)
    segment, *_ = (tmp_path / "index" / "segments").iterdir()
    shutil.rmtree(segment)
    build_in_steps(tmp_path)
    assert len(contents(tmp_path / "index")) == 4
    assert_tidy(tmp_path)


def encoded(folder: Path) -> int:
    """How many articles an unfinished build has, or the index that it has become."""
    return max(sum(entry.articles for entry in manifest.segments) for manifest in manifests(folder))


def test_a_build_that_is_killed_while_it_becomes_the_index_keeps_its_work(tmp_path: Path) -> None:
    told = Story(Operation("build that goes on", interrupted, build_in_steps), tmp_path)
    numbers = [number for number in told.numbers("kill") if "json" in told.steps[number].path]
    before = encoded(told.place() / "index")
    for number in numbers:
        with pytest.raises(KilledError), Failing(place := told.place(), number, "kill"):
            told.operation.run(place)
        assert encoded(place / "index") >= before


def test_an_unfinished_build_outlasts_a_writer_that_cannot_read_it(tmp_path: Path) -> None:
    def nothing(place: Path) -> None:
        with Index.open(place / "index", encoder=ENCODER) as index:
            index.delete(())

    told = Story(Operation("nothing", with_an_unfinished_build, nothing), tmp_path)
    for number in told.numbers("unreadable"):
        with suppress(OSError, SemsearchError), Failing(place := told.place(), number, "unreadable"):
            nothing(place)
        building = begun(place / "index")
        assert building
        assert building.segments
        assert all((place / "index" / path).exists() for path, _ in building.seals())


@pytest.mark.slow
def test_the_layer_sees_every_change_there_is(story_of: Story) -> None:
    assert story_of.unseen == []
    disk = story_of.disk()
    for step in story_of.steps:
        disk.take(step)
    assert files(story_of.left_on(disk, "everything")) == files(story_of.after)


@pytest.mark.parametrize("story_of", slow_but(OPERATIONS[3::4], OPERATIONS), indirect=True, ids=by_name)
def test_a_system_that_writes_less_than_it_is_asked_to_is_asked_again(story_of: Story) -> None:
    with Dribbling(place := story_of.place()):
        story_of.operation.run(place)
    assert state_of(place) == story_of.states[-1]
    shutil.rmtree(place)


def files(folder: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
        if path.name not in LOCKS
    }


@pytest.mark.parametrize("story_of", OPERATIONS[::4], indirect=True, ids=by_name)
def test_an_operation_that_fails_at_some_step_leaves_a_generation_whole(story_of: Story) -> None:
    """Each of these operations fails in half of the ways, and every way is that of half of them."""
    for how in [*HOWS, "unreadable"][OPERATIONS.index(story_of.operation) // 4 % 2 :: 2]:
        for number in story_of.some(how, 1):
            attempt(story_of, number, how)


@pytest.mark.slow
@pytest.mark.parametrize("how", [*HOWS, "unreadable"])
def test_an_operation_that_fails_at_any_step_leaves_a_generation_whole(story_of: Story, how: str) -> None:
    stride = 1 if how.startswith("kill") else _STRIDE
    for number in story_of.numbers(how)[HOWS.index(how) % stride if how in HOWS else 0 :: stride]:
        attempt(story_of, number, how)


@pytest.mark.parametrize("story_of", OPERATIONS[2::4], indirect=True, ids=by_name)
def test_a_loss_of_power_at_some_step_leaves_a_generation_whole(story_of: Story) -> None:
    lose_power(story_of, [*story_of.some("loss", 1), len(story_of.steps)], 1)


@pytest.mark.slow
def test_a_loss_of_power_at_any_step_leaves_a_generation_whole(story_of: Story) -> None:
    lose_power(story_of, story_of.numbers("loss"), 3 if _STRIDE == 1 else 1)
