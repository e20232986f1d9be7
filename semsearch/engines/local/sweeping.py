"""What lies in an index's folder that no manifest names: found, and removed unless somebody reads it."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from semsearch.engines.local.manifest import BUILDING, HELD, MANIFEST, SEGMENTS, Manifest, read_manifest
from semsearch.errors import IndexDamagedError, IndexMissingError, RecipeMismatchError
from semsearch.files import new_name, remove
from semsearch.locks import nobody_holds


def begun(directory: Path) -> Manifest | None:
    """Return the manifest of an unfinished build; None where there is none that could be continued.

    Raises:
        IndexDamagedError: it cannot be read just now, which says nothing of its work.
    """
    try:
        return read_manifest(directory, BUILDING)
    except (IndexMissingError, RecipeMismatchError):
        return None
    except IndexDamagedError as error:
        if isinstance(error.__cause__, OSError):
            raise
        return None


def orphans(directory: Path, kept: Iterable[Manifest]) -> Iterator[Path]:
    """Yield what killed writers left behind, and what readers of earlier generations kept from being swept."""
    named = set()
    for manifest in kept:
        for segment in manifest.segments:
            named.add(segment.name)
            if segment.deleted:
                named.add(segment.deleted.file)
    folder = directory / SEGMENTS
    for path in sorted(folder.iterdir()) if folder.is_dir() and not folder.is_symlink() else ():
        if path.name not in named:
            yield path
    for name in (MANIFEST, BUILDING):
        if (path := new_name(directory / name)).is_file():
            yield path


def sweep(directory: Path, kept: Iterable[Manifest]) -> None:
    """Remove what none of these manifests names. For the holder of the write lock only.

    What somebody reads is left to the next writer; so is what cannot be removed, since nothing depends on it.
    """
    for path in orphans(directory, kept):
        with suppress(OSError, IndexDamagedError), nobody_holds(path / HELD) as free:
            if free:
                remove(path)
