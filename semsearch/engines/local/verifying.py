"""Is every file what the manifest says? Whoever asks needs no lock, and writers go on meanwhile."""

import json
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from semsearch.engines.local.manifest import (
    BUILDING,
    HELD,
    MANIFEST,
    SEGMENTS,
    Manifest,
    SegmentEntry,
    read_manifest,
    written,
)
from semsearch.engines.local.segment import Segment
from semsearch.engines.local.sweeping import orphans
from semsearch.errors import IndexDamagedError, StoredIndexError
from semsearch.files import Seal, seal_of
from semsearch.locks import Hold, holder, is_locked
from semsearch.types import Damage, Verification

Observer = Callable[[int, int], None]
"""Is told how many bytes were compared, and of how many."""


def verify(directory: Path, observer: Observer = lambda _done, _total: None) -> Verification:
    """Compare every file of an index with its seal, and its segments' folders with what should be there.

    Then every article is read: what was sealed as nobody could read it is damage, too.

    Raises:
        IndexMissingError: there is none.
        RecipeMismatchError: a newer version wrote it.
    """
    while True:
        try:
            manifest = read_manifest(directory)
        except IndexDamagedError:
            return Verification(None, 1, 0, (Damage(MANIFEST, "is not what was written"),), ())
        damages = tuple(_damages(directory, manifest, observer))
        if not damages or _unchanged(directory, manifest):  # else a writer has swept what was looked for
            break
    seals = [seal for _, seal in manifest.seals()]
    size = sum(seal.size_bytes for seal in seals) + (directory / MANIFEST).stat().st_size
    return Verification(manifest.generation, len(seals) + 1, size, damages, tuple(_notices(directory, manifest)))


def _unchanged(directory: Path, manifest: Manifest) -> bool:
    try:
        return read_manifest(directory) == manifest
    except IndexDamagedError:
        return True


def _damages(directory: Path, manifest: Manifest, observer: Observer) -> Iterator[Damage]:
    content = (directory / MANIFEST).read_bytes()
    if written(json.loads(content)["manifest"]) != content:
        yield Damage(MANIFEST, "says what was written, but not in the same bytes")
    total = sum(seal.size_bytes for _, seal in manifest.seals())
    done = 0
    for entry in manifest.segments:
        whole = True
        try:
            hold = Hold(directory / SEGMENTS / entry.name / HELD)
        except (OSError, ValueError):
            hold = None  # of which more is said below
        for path, seal in _files(entry):
            if what := _wrong(directory / SEGMENTS / path, seal):
                whole = False
                yield Damage(f"{SEGMENTS}/{path}", what, entry.name)
            done += seal.size_bytes
            observer(done, total)
        dimensions = manifest.recipe.encoder.dimensions
        if whole and (why := _unusable(directory / SEGMENTS, entry, dimensions)):
            yield Damage(f"{SEGMENTS}/{entry.name}/{HELD}", why, entry.name)
        yield from _foreign(directory, entry)
        del hold


def _unusable(folder: Path, entry: SegmentEntry, dimensions: int) -> str:
    """Say why a segment whose files are as they were written is of no use, or nothing: every article is read."""
    article = 0
    try:
        segment = Segment(folder, entry, dimensions)
        for article in np.flatnonzero(segment.alive).tolist():
            segment.read(article)
    except IndexDamagedError as error:
        return f"is as it was written, and article {article + 1:,} cannot be read: {error.__cause__ or error}"
    except OSError as error:
        return f"cannot be opened: {error.strerror or error}"
    return ""


def _files(entry: SegmentEntry) -> Iterator[tuple[str, Seal]]:
    for file, seal in entry.files.items():
        yield f"{entry.name}/{file}", seal
    if entry.deleted:
        yield entry.deleted.file, entry.deleted.seal


def _wrong(path: Path, seal: Seal) -> str:
    """Say what is wrong with a file, or nothing."""
    try:
        status = path.lstat()
        if path.parent.is_symlink() or not stat.S_ISREG(status.st_mode):
            return "is not a plain file"
        if status.st_size < seal.size_bytes:
            return f"is cut off: {status.st_size:,} of {seal.size_bytes:,} bytes"
        if status.st_size > seal.size_bytes:
            return f"is too long: {status.st_size:,} bytes, not {seal.size_bytes:,}"
        return "" if seal_of(path) == seal else "was changed: its bytes are not those that were written"
    except (FileNotFoundError, NotADirectoryError):
        return "is missing"
    except (OSError, ValueError) as error:
        return f"cannot be read: {getattr(error, 'strerror', None) or error}"


def _foreign(directory: Path, entry: SegmentEntry) -> Iterator[Damage]:
    folder = directory / SEGMENTS / entry.name
    for path in sorted(folder.iterdir()) if folder.is_dir() and not folder.is_symlink() else ():
        if path.name not in entry.files:
            yield Damage(f"{SEGMENTS}/{entry.name}/{path.name}", "is foreign: nobody wrote it", entry.name)


def _notices(directory: Path, manifest: Manifest) -> Iterator[str]:
    kept = [manifest]
    try:
        kept.append(read_manifest(directory, BUILDING))
        yield "a build that is to replace this index is unfinished; its command goes on where it stopped"
    except StoredIndexError:
        pass
    if is_locked(directory):
        yield f"it is being written to by {holder(directory) or 'another process'}"
        return  # what the writer writes is not left behind
    for path in orphans(directory, kept):
        yield f"{path.relative_to(directory)} was left behind, or somebody still reads it; the next writer removes it"
