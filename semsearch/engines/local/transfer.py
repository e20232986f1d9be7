"""What of an index may travel: its segments without anything deleted, and without what is cheap to derive again."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from semsearch.engines.local.manifest import (
    MANIFEST,
    PULLING,
    SEGMENTS,
    VECTORS,
    Manifest,
    SegmentEntry,
    read_manifest,
    readable,
    sweep,
    write_manifest,
)
from semsearch.engines.local.new_segment import write_codes, write_segment
from semsearch.engines.local.segment import CODES, Segment
from semsearch.engines.local.snapshot import Snapshot, manifests, open_snapshot
from semsearch.engines.local.verification import examine
from semsearch.errors import (
    ArtifactError,
    IndexDamagedError,
    IndexExistsError,
    IndexMissingError,
    NotPermittedError,
    RecipeMismatchError,
    see_doctor,
)
from semsearch.files import make_directory, remove, rename, seal_of, sync_directory
from semsearch.locks import write_lock
from semsearch.ports import Entry
from semsearch.types import Origin, Recipe, Tier

LEFT_OUT = (CODES,)
"""Derived from the vectors faster than it is fetched."""


_MOST_FIRST = (Tier.FULL, Tier.SNIPPETS, Tier.VECTORS)


@dataclass(frozen=True, slots=True)
class Export:
    """A generation as it travels."""

    manifest: Manifest
    files: Mapping[str, Path]  # where each file lies, by its path within an index

    def articles(self) -> Iterator[Entry]:
        """Read every article."""
        dimensions = self.manifest.recipe.encoder.dimensions
        for entry in self.manifest.segments:
            folder = self.files[f"{SEGMENTS}/{entry.name}/{VECTORS}"].parent.parent
            yield from Segment(folder, entry, dimensions).living()


@contextmanager
def exported(directory: Path, workplace: Path, tier: Tier, transform: Callable[[Entry], Entry]) -> Iterator[Export]:
    """Give the newest generation to whoever packs it; writers go on meanwhile.

    A segment from which nothing was deleted, and of whose articles everything may travel, does so as it lies there.
    Others are written anew in the workplace, which is made, and removed in the end. The same index gives the same
    bytes.

    Args:
        transform: makes of an article what may travel of it, and returns the very same where that is everything.

    Raises:
        ArtifactError: the index holds less than the tier.
        IndexDamagedError: a file is not what was written. Nothing damaged travels.
    """
    snapshot = _proved(directory)
    held = snapshot.manifest.recipe.tier
    if _MOST_FIRST.index(held) > _MOST_FIRST.index(tier):
        raise ArtifactError(
            f"{directory} holds {held.value} of its articles, which cannot be packed as {tier.value}",
            f"pack what it holds: --tier {held.value}",
        )
    recipe = replace(snapshot.manifest.recipe, tier=tier)
    entries: list[SegmentEntry] = []
    files: dict[str, Path] = {}
    remove(workplace)
    make_directory(workplace)
    try:
        for segment in snapshot.segments:
            as_it_lies = _may_travel(segment, transform)
            entry = segment.entry if as_it_lies else _anew(segment, workplace, recipe, transform)
            folder = (directory / SEGMENTS if as_it_lies else workplace) / entry.name
            entry = replace(entry, files={name: seal for name, seal in entry.files.items() if name not in LEFT_OUT})
            entries.append(entry)
            files |= {f"{SEGMENTS}/{entry.name}/{name}": folder / name for name in entry.files}
        approximation = snapshot.manifest.approximation
        yield Export(Manifest(snapshot.manifest.generation, recipe, tuple(entries), approximation=approximation), files)
    finally:
        remove(workplace)


def _proved(directory: Path) -> Snapshot:
    """Open the newest generation and compare every file of it with its seal, deletions among them."""
    while True:
        snapshot = open_snapshot(directory, MANIFEST)
        if all(_is_as_written(directory, segment) for segment in snapshot.segments):
            return snapshot
        if read_manifest(directory) == snapshot.manifest:  # else a writer has swept what was looked for
            raise IndexDamagedError(
                f"{directory} is damaged: what it says was deleted is not what was written",
                see_doctor(directory),
            )


def _is_as_written(directory: Path, segment: Segment) -> bool:
    segment.verify()
    deleted = segment.entry.deleted
    if deleted is None:
        return True
    try:
        return seal_of(directory / SEGMENTS / deleted.file) == deleted.seal
    except (FileNotFoundError, ValueError):
        return False


def _may_travel(segment: Segment, transform: Callable[[Entry], Entry]) -> bool:
    if segment.entry.deleted or not segment.is_current:
        return False
    return all(transform(entry) is entry for entry in segment.living())


def _anew(segment: Segment, workplace: Path, recipe: Recipe, transform: Callable[[Entry], Entry]) -> SegmentEntry:
    entries = [transform(entry) for entry in segment.living()]
    generation = int(segment.entry.name.partition("-")[0])
    return write_segment(
        workplace, generation, entries, with_words=recipe.tier.has_words, half=recipe.precision.is_half
    )


@dataclass(frozen=True, slots=True)
class Installation:
    """An artifact's segments on their way into an index's folder, which nobody else writes to meanwhile."""

    directory: Path
    wanted: Manifest  # of the artifact: without deletions, and without what is derived here
    generation: int  # that it will have
    before: Origin | None  # of the index that is there, if it was installed
    here: tuple[tuple[SegmentEntry, SegmentEntry], ...]  # wanted segments that are there: as packed, as they lie
    lacking: tuple[SegmentEntry, ...]  # the others, as packed
    workplace: Path  # what an interrupted installation of the same artifact left there is used again

    def folder_of(self, entry: SegmentEntry) -> Path:
        """Return where a segment's files are to be put before `finish`; the folder is there."""
        folder = self.workplace / entry.name
        make_directory(folder)
        return folder

    def check(self, origin: Origin) -> None:
        """Raise LimitError, before anything is fetched, if the manifest that `finish` writes could not be read."""
        readable(self._manifest(self.wanted.segments, origin), self.directory)

    def finish(self, origin: Origin) -> None:
        """Examine what has come, and make it the index: one replaced manifest.

        Raises:
            ArtifactError: something in it is not what a segment is; the index is as it was.
        """
        examined = [self._examined(entry) for entry in self.lacking]
        placed = {entry.name: self._placed(entry) for entry in examined}
        placed |= {packed.name: here for packed, here in self.here}
        segments = tuple(placed[entry.name] for entry in self.wanted.segments)
        write_manifest(self.directory, self._manifest(segments, origin))
        with suppress(OSError):  # it is installed, and this is swept by whoever installs next
            remove(self.directory / PULLING)
        sweep(self.directory, manifests(self.directory))

    def _manifest(self, segments: tuple[SegmentEntry, ...], origin: Origin) -> Manifest:
        return replace(self.wanted, generation=self.generation, segments=segments, job=None, origin=origin)

    def _examined(self, entry: SegmentEntry) -> SegmentEntry:
        """Look at everything in a segment, and derive what did not travel."""
        folder = self.workplace / entry.name
        for path in folder.iterdir():
            if path.name not in entry.files:
                remove(path)
        try:
            if any(seal_of(folder / name) != seal for name, seal in entry.files.items()):
                raise ArtifactError(f"segment {entry.name} is not what was packed", "run the same command again")
            segment = Segment(self.workplace, entry, self.wanted.recipe.encoder.dimensions)
            examine(segment)
        except (IndexDamagedError, FileNotFoundError, ValueError, LookupError) as error:
            raise ArtifactError(
                f"segment {entry.name} of the artifact is refused: {error}",
                "nothing was installed; tell whoever packed it",
            ) from error
        derived = write_codes(folder, segment.vectors.mapped(), segment.article_vectors)
        sync_directory(folder)
        return replace(entry, files={**entry.files, **derived})

    def _placed(self, entry: SegmentEntry) -> SegmentEntry:
        """Give a segment its place, and another name where an index that is replaced has one of that name."""
        number, _, content = entry.name.partition("-")
        name = entry.name
        while (self.directory / SEGMENTS / name).exists():
            number = f"{int(number) + 1:06}"
            name = f"{number}-{content}"
        make_directory(self.directory / SEGMENTS)
        rename(self.workplace / entry.name, self.directory / SEGMENTS / name)
        return replace(entry, name=name)


@contextmanager
def installation(directory: Path, wanted: Manifest, contents_sha256: str, *, force: bool) -> Iterator[Installation]:
    """Hold an index's folder, which is made where there is none, until an artifact is installed.

    Args:
        contents_sha256: tells an artifact from others, so that an interrupted installation goes on.
        force: replace an index that was not installed, has changes of its own, or is damaged.

    Raises:
        IndexExistsError: such an index is there.
        IndexLockedError: somebody writes to it.
    """
    if directory.exists() and not directory.is_dir():
        raise IndexExistsError(f"{directory} is a file, not a folder", "name another place with -i")
    make_directory(directory)
    with write_lock(directory):
        before = _before(directory, force=force)
        if before:  # of a damaged one everything is kept until another takes its place
            sweep(directory, manifests(directory))
        workplace = directory / PULLING / contents_sha256
        for folder in (directory / SEGMENTS, directory / PULLING, workplace):
            if folder.is_symlink():  # what is done there would be done elsewhere
                remove(folder)
        for path in (directory / PULLING).iterdir() if (directory / PULLING).is_dir() else ():
            if path != workplace:
                remove(path)  # of another artifact
        make_directory(workplace)
        for path in workplace.iterdir():
            if path.is_symlink():
                remove(path)
        here = tuple(_here(directory, wanted.segments, before.segments if before else ()))
        lacking = tuple(entry for entry in wanted.segments if entry not in [packed for packed, _ in here])
        generation = max(wanted.generation, before.generation + 1 if before else 0)
        yield Installation(directory, wanted, generation, before.origin if before else None, here, lacking, workplace)


def _before(directory: Path, *, force: bool) -> Manifest | None:
    try:
        manifest = read_manifest(directory)
    except IndexMissingError:
        return None
    except (IndexDamagedError, NotPermittedError) as error:
        if force:
            return None
        raise type(error)(str(error), "replace it: the same command with --force") from error
    except RecipeMismatchError:
        if force:
            return None
        raise
    if not force and (why := _not_to_lose(manifest)):
        raise IndexExistsError(
            f"the index {directory} {why}, which installing would undo",
            "name another folder with -i, or replace it with --force",
        )
    return manifest


def _not_to_lose(manifest: Manifest) -> str | None:
    """Return why an index that is there is not to be replaced without a word, or None."""
    origin = manifest.origin
    if origin is None:
        return "was not installed from an artifact"
    return "has changes of its own" if origin.generation != manifest.generation else None


def _here(
    directory: Path, wanted: Iterable[SegmentEntry], stored: Iterable[SegmentEntry]
) -> Iterator[tuple[SegmentEntry, SegmentEntry]]:
    """Yield the wanted segments that are stored, each file of them as it was written."""
    travelling = [({name: seal for name, seal in one.files.items() if name not in LEFT_OUT}, one) for one in stored]
    for packed in wanted:
        here = next((one for files, one in travelling if files == packed.files), None)
        folder = directory / SEGMENTS / here.name if here else directory
        with suppress(OSError, ValueError):
            if here and all(seal_of(folder / name) == seal for name, seal in here.files.items()):
                yield packed, replace(here, deleted=None)


def needed_bytes(entries: Iterable[SegmentEntry], dimensions: int) -> int:
    """Return how much room segments take with what is derived of them."""
    entries = list(entries)
    codes = sum((one.passages + one.articles) * 2 * (dimensions + 8) for one in entries)
    return codes + sum(seal.size_bytes for one in entries for seal in one.files.values())
