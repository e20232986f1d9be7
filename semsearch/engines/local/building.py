"""An index in the making: begun where nobody looks, continued after an interruption."""

from contextlib import ExitStack, suppress
from pathlib import Path

from semsearch.engines.local.engine import LocalEngine
from semsearch.engines.local.manifest import BUILDING, MANIFEST, Manifest, readable, write_manifest
from semsearch.engines.local.snapshot import manifests, open_snapshot
from semsearch.engines.local.sweeping import begun
from semsearch.errors import IndexDamagedError, IndexExistsError, StoredIndexError
from semsearch.files import make_directory
from semsearch.locks import write_lock
from semsearch.types import Recipe


def begin_build(directory: Path, recipe: Recipe, *, job: str | None = None, replacing: bool) -> LocalEngine:
    """Open an unfinished build: the one of the same job and recipe that was interrupted there, else a new, empty one.

    It holds the write lock until it is finished, abandoned or closed.

    Args:
        job: what is to be read; None continues nothing.
        replacing: a finished index may be there, and is replaced when the build finishes.

    Raises:
        IndexExistsError: a finished index is there, and it is not to be replaced.
        IndexLockedError: another process writes there.
        LimitError: an index of this recipe could not be read.
    """
    if directory.exists() and not directory.is_dir():
        raise IndexExistsError(f"{directory} is a file, not a folder", "name another place with -i")
    if (directory / MANIFEST).exists() and not replacing:
        raise IndexExistsError(
            f"{directory} already holds a finished index",
            f"add to it with `semsearch add … -i {directory}`, or replace it with --force",
        )
    readable(Manifest(0, recipe, job=job), directory)  # before a folder is made
    make_directory(directory)
    with ExitStack() as locked:
        locked.enter_context(write_lock(directory))
        if not _continues(directory, recipe, job):
            # Above the generation that is replaced, so that a segment's name is never used twice.
            generation = max((manifest.generation for manifest in _replaced(directory)), default=0)
            write_manifest(directory, Manifest(generation, recipe, job=job), BUILDING)
        engine = LocalEngine(directory, BUILDING)
        engine.hold(locked.pop_all())
    return engine


def _continues(directory: Path, recipe: Recipe, job: str | None) -> bool:
    building = begun(directory)
    if building is None or job is None or (building.job, building.recipe) != (job, recipe):
        return False
    with suppress(IndexDamagedError):  # else it would be in the way for ever
        return open_snapshot(directory, BUILDING).manifest == building
    return False


def _replaced(directory: Path) -> list[Manifest]:
    with suppress(StoredIndexError):  # a damaged index may be replaced
        return manifests(directory)
    return []
