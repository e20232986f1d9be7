"""Indexes that travel: their segments, without anything deleted and without what is cheap to derive again."""

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
"""Files that are derived from the vectors faster than they are fetched."""


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
    """Provide the newest generation to be packed; writers go on meanwhile.

    A segment without deletions, whose articles may travel unchanged, travels as it is. Others are written anew in the
    workplace, which is made, and removed in the end. The same index gives the same bytes.

    Args:
        transform: returns what may travel of an article, and the very same object if that is everything.

    Raises:
        ArtifactError: the index holds less than the tier.
        IndexDamagedError: a file is not what was written; nothing damaged travels.
    """
    snapshot = _open_verified(directory)
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
            is_unchanged = _may_travel(segment, transform)
            entry = segment.entry if is_unchanged else _rewrite(segment, workplace, recipe, transform)
            folder = (directory / SEGMENTS if is_unchanged else workplace) / entry.name
            entry = replace(entry, files={name: seal for name, seal in entry.files.items() if name not in LEFT_OUT})
            entries.append(entry)
            files |= {f"{SEGMENTS}/{entry.name}/{name}": folder / name for name in entry.files}
        approximation = snapshot.manifest.approximation
        yield Export(Manifest(snapshot.manifest.generation, recipe, tuple(entries), approximation=approximation), files)
    finally:
        remove(workplace)


def _open_verified(directory: Path) -> Snapshot:
    """Open the newest generation and compare all its files with their seals, lists of deletions included."""
    while True:
        snapshot = open_snapshot(directory, MANIFEST)
        if all(_is_as_written(directory, segment) for segment in snapshot.segments):
            return snapshot
        if read_manifest(directory) == snapshot.manifest:  # else a writer has swept its files
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


def _rewrite(segment: Segment, workplace: Path, recipe: Recipe, transform: Callable[[Entry], Entry]) -> SegmentEntry:
    entries = [transform(entry) for entry in segment.living()]
    generation = int(segment.entry.name.partition("-")[0])
    return write_segment(
        workplace, generation, entries, with_words=recipe.tier.has_words, half=recipe.precision.is_half
    )


@dataclass(frozen=True, slots=True)
class Installation:
    """An artifact's segments on their way into an index's folder, to which nobody else writes meanwhile."""

    directory: Path
    wanted: Manifest  # of the artifact: without deletions, and without files that are derived here
    generation: int  # that the index will have
    before: Origin | None  # of the index that is replaced, if it was installed
    here: tuple[tuple[SegmentEntry, SegmentEntry], ...]  # wanted segments that the index has: as packed, as stored
    lacking: tuple[SegmentEntry, ...]  # all other wanted segments, as packed
    workplace: Path  # may have files of an interrupted installation of the same artifact, which are used again

    def folder_of(self, entry: SegmentEntry) -> Path:
        """Return the folder, which is made, for a segment's files; they have to be there before `finish`."""
        folder = self.workplace / entry.name
        make_directory(folder)
        return folder

    def check(self, origin: Origin) -> None:
        """Raise LimitError, before anything is fetched, if the manifest that `finish` writes could not be read."""
        readable(self._manifest(self.wanted.segments, origin), self.directory)

    def finish(self, origin: Origin) -> None:
        """Examine what has arrived, and make it the index by replacing one manifest.

        Raises:
            ArtifactError: something in it is not a valid segment; the index is as it was.
        """
        examined = [self._examine(entry) for entry in self.lacking]
        placed = {entry.name: self._place(entry) for entry in examined}
        placed |= {packed.name: stored for packed, stored in self.here}
        segments = tuple(placed[entry.name] for entry in self.wanted.segments)
        write_manifest(self.directory, self._manifest(segments, origin))
        with suppress(OSError):  # the index is installed, and the next installation sweeps this
            remove(self.directory / PULLING)
        sweep(self.directory, manifests(self.directory))

    def _manifest(self, segments: tuple[SegmentEntry, ...], origin: Origin) -> Manifest:
        return replace(self.wanted, generation=self.generation, segments=segments, job=None, origin=origin)

    def _examine(self, entry: SegmentEntry) -> SegmentEntry:
        """Check everything in a segment, and derive the files that did not travel."""
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

    def _place(self, entry: SegmentEntry) -> SegmentEntry:
        """Move a segment to its place, under another name if the index that is replaced has one of that name."""
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
    """Hold an index's folder, which is made if there is none, until an artifact is installed.

    Args:
        contents_sha256: identifies the artifact, so that an interrupted installation of it goes on.
        force: replace an index even if it was not installed, has changes of its own, or is damaged.

    Raises:
        IndexExistsError: there is such an index, and no force.
        IndexLockedError: another process writes to it.
    """
    if directory.exists() and not directory.is_dir():
        raise IndexExistsError(f"{directory} is a file, not a folder", "name another place with -i")
    make_directory(directory)
    with write_lock(directory):
        before = _replaceable(directory, force=force)
        if before:  # a damaged index is kept until another takes its place
            sweep(directory, manifests(directory))
        workplace = directory / PULLING / contents_sha256
        for folder in (directory / SEGMENTS, directory / PULLING, workplace):
            if folder.is_symlink():  # changes in it would happen elsewhere
                remove(folder)
        for path in (directory / PULLING).iterdir() if (directory / PULLING).is_dir() else ():
            if path != workplace:
                remove(path)  # of another artifact
        make_directory(workplace)
        for path in workplace.iterdir():
            if path.is_symlink():
                remove(path)
        present = tuple(_present_segments(directory, wanted.segments, before.segments if before else ()))
        lacking = tuple(entry for entry in wanted.segments if entry not in [packed for packed, _ in present])
        generation = max(wanted.generation, before.generation + 1 if before else 0)
        yield Installation(
            directory, wanted, generation, before.origin if before else None, present, lacking, workplace
        )


def _replaceable(directory: Path, *, force: bool) -> Manifest | None:
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
            f"the index {directory} {why}: installing would replace what is in it",
            "name another folder with -i, or replace it with --force",
        )
    return manifest


def _not_to_lose(manifest: Manifest) -> str | None:
    """Return why an index is not to be replaced without `force`, or None."""
    origin = manifest.origin
    if origin is None:
        return "was not installed from an artifact"
    return "has changes of its own" if origin.generation != manifest.generation else None


def _present_segments(
    directory: Path, wanted: Iterable[SegmentEntry], stored: Iterable[SegmentEntry]
) -> Iterator[tuple[SegmentEntry, SegmentEntry]]:
    """Yield the wanted segments that are stored with all files as written: as packed, and as stored."""
    travelling = [
        ({name: seal for name, seal in entry.files.items() if name not in LEFT_OUT}, entry) for entry in stored
    ]
    for packed in wanted:
        match = next((entry for files, entry in travelling if files == packed.files), None)
        if match is None:
            continue
        with suppress(OSError, ValueError):
            if all(seal_of(directory / SEGMENTS / match.name / name) == seal for name, seal in match.files.items()):
                yield packed, replace(match, deleted=None)


def needed_bytes(entries: Iterable[SegmentEntry], dimensions: int) -> int:
    """Return how many bytes segments take, with what is derived from them."""
    entries = list(entries)
    codes = sum((entry.passages + entry.articles) * 2 * (dimensions + 8) for entry in entries)
    return codes + sum(seal.size_bytes for entry in entries for seal in entry.files.values())
