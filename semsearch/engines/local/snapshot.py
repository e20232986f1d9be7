"""One open generation of an index, which a reader keeps, whatever writers do."""

from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from semsearch.engines.local.corpus import Corpus
from semsearch.engines.local.duplicates import Duplicates
from semsearch.engines.local.manifest import MANIFEST, SEGMENTS, Manifest, begun, read_manifest
from semsearch.engines.local.segment import Segment
from semsearch.engines.local.texts import TextComparisons
from semsearch.engines.local.thresholds import DEFAULTS, Thresholds
from semsearch.errors import UNNAMED, IndexDamagedError, RecipeMismatchError, see_doctor

try:
    import resource
except ImportError:  # Windows has no such limit
    resource = None  # type: ignore[assignment]

_FILES_A_SEGMENT = 12
"""Files that an open segment keeps open: Python keeps one for each map."""

_OTHER_FILES = 256


@dataclass(frozen=True)
class Snapshot:
    """One open generation."""

    manifest: Manifest
    segments: tuple[Segment, ...]
    thresholds: Thresholds = DEFAULTS

    @cached_property
    def stored(self) -> Corpus:
        """All segments as one, whichever version wrote them, to read stored articles."""
        return Corpus(self.segments, self._effective_thresholds)

    @property
    def corpus(self) -> Corpus:
        """All segments as one, to be searched; raises RecipeMismatchError where an earlier version wrote a segment."""
        if not all(segment.is_current for segment in self.segments):
            raise RecipeMismatchError(
                "this index was written by an earlier version, which kept less than a search needs now",
                f"renew it, which encodes nothing: semsearch compact {UNNAMED}",
            )
        return self.stored

    @property
    def _effective_thresholds(self) -> Thresholds:
        approximation = self.manifest.approximation
        return replace(self.thresholds, proposed_rows=approximation.proposed) if approximation else self.thresholds

    @cached_property
    def texts(self) -> TextComparisons:
        """Its articles, read and compared."""
        return TextComparisons(self.corpus, self.duplicates)

    @cached_property
    def duplicates(self) -> Duplicates:
        """What its articles have in common."""
        return Duplicates(self.corpus)


def open_snapshot(directory: Path, name: str, thresholds: Thresholds = DEFAULTS) -> Snapshot:
    """Open the newest generation, or a newer one if a writer sweeps this one meanwhile."""
    manifest = read_manifest(directory, name)
    while True:
        _make_room(len(manifest.segments))
        dimensions = manifest.recipe.encoder.dimensions
        try:
            segments = tuple(Segment(directory / SEGMENTS, entry, dimensions) for entry in manifest.segments)
            return Snapshot(manifest, segments, thresholds)
        except FileNotFoundError as error:
            newest = read_manifest(directory, name)
            if newest == manifest:  # nobody swept it
                raise IndexDamagedError(f"{error.filename} is missing", see_doctor(directory)) from error
            manifest = newest


def _make_room(segments: int) -> None:
    """Raise this process's limit of open files as far as the system allows, if so many segments need that."""
    if resource is None:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES_A_SEGMENT * segments + _OTHER_FILES
    if resource.RLIM_INFINITY != soft < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted if hard < 0 else min(hard, wanted), hard))


def manifests(directory: Path) -> list[Manifest]:
    """Return the manifests whose files must not be swept: the index's, and that of a build that may be continued."""
    in_use = []
    if (directory / MANIFEST).exists():
        in_use.append(read_manifest(directory))
    if building := begun(directory):
        in_use.append(building)
    return in_use
