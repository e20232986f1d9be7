"""What of an index may travel: its segments without anything deleted, and without what is cheap to derive again."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from semsearch.engines.local.manifest import MANIFEST, SEGMENTS, Manifest, SegmentEntry, read_manifest
from semsearch.engines.local.segment import Segment
from semsearch.engines.local.snapshot import Snapshot, open_snapshot
from semsearch.engines.local.storing import write_segment
from semsearch.errors import ArtifactError, IndexDamagedError
from semsearch.files import make_directory, remove, seal_of
from semsearch.ports import Entry
from semsearch.types import Recipe, Tier

LEFT_OUT = ("vectors.faiss",)
"""Derived from the vectors faster than it is fetched. FAISS believes its bytes, so that nobody's but ours are read."""


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
            folder = self.files[f"{SEGMENTS}/{entry.name}/vectors.npy"].parent.parent
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
        yield Export(Manifest(snapshot.manifest.generation, recipe, tuple(entries)), files)
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
                f"see what can be saved: semsearch doctor -i {directory}",
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
    return write_segment(workplace, generation, entries, with_words=recipe.tier.has_words)
