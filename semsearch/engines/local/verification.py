"""Is every file what the manifest says? Verifying takes no lock, and writers go on meanwhile."""

import json
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from semsearch.engines.local.arrays import Stored
from semsearch.engines.local.counts import count
from semsearch.engines.local.manifest import (
    BUILDING,
    HELD,
    MANIFEST,
    PULLING,
    SEGMENTS,
    Manifest,
    SegmentEntry,
    orphans,
    read_manifest,
    sealed_content,
)
from semsearch.engines.local.segment import Segment
from semsearch.engines.local.snapshot import open_snapshot
from semsearch.errors import IndexDamagedError, IndexMissingError, StoredIndexError
from semsearch.files import Seal, free_bytes, seal_of
from semsearch.locks import Hold, Holder, holder, is_locked
from semsearch.types import Damage, Metadata, Stats, Verification

Observer = Callable[[int, int], None]
"""Called with the number of bytes compared so far, and of all bytes."""


def verify(directory: Path, observer: Observer = lambda _done, _total: None) -> Verification:
    """Compare every file of an index with its seal, and its segments' folders with what they should contain.

    Then every article is read: one that was sealed in a state that cannot be read is damage, too.

    Raises:
        IndexMissingError: there is none.
        RecipeMismatchError: a newer version wrote it.
    """
    while True:
        try:
            manifest = read_manifest(directory)
        except IndexDamagedError:
            return Verification(None, 1, 0, (Damage(MANIFEST, "is not what was written"),), ())
        damages = tuple(_find_damages(directory, manifest, observer))
        if not damages or _unchanged(directory, manifest):  # else a writer has swept these files
            break
    seals = [seal for _, seal in manifest.seals()]
    size = sum(seal.size_bytes for seal in seals) + (directory / MANIFEST).stat().st_size
    return Verification(manifest.generation, len(seals) + 1, size, damages, tuple(_notices(directory, manifest)))


def _unchanged(directory: Path, manifest: Manifest) -> bool:
    try:
        return read_manifest(directory) == manifest
    except IndexDamagedError:
        return True


def _find_damages(directory: Path, manifest: Manifest, observer: Observer) -> Iterator[Damage]:
    content = (directory / MANIFEST).read_bytes()
    if sealed_content(json.loads(content)["manifest"]) != content:
        yield Damage(MANIFEST, "says what was written, but not in the same bytes")
    total = sum(seal.size_bytes for _, seal in manifest.seals())
    done = 0
    for entry in manifest.segments:
        is_intact = True
        try:
            hold = Hold(directory / SEGMENTS / entry.name / HELD)
        except (OSError, ValueError):
            hold = None  # what is wrong with the file is found below
        for path, seal in _files(entry):
            if fault := _fault(directory / SEGMENTS / path, seal):
                is_intact = False
                yield Damage(f"{SEGMENTS}/{path}", fault, entry.name)
            done += seal.size_bytes
            observer(done, total)
        dimensions = manifest.recipe.encoder.dimensions
        if is_intact and (reason := _unusable(directory / SEGMENTS, entry, dimensions)):
            yield Damage(f"{SEGMENTS}/{entry.name}/{HELD}", reason, entry.name)
        yield from _find_foreign(directory, entry)
        del hold


def _unusable(folder: Path, entry: SegmentEntry, dimensions: int) -> str:
    """Say why a segment cannot be used although its files are as written, or return ""; reads every article."""
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


def _fault(path: Path, seal: Seal) -> str:
    """Say what is wrong with a file, or return ""."""
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


def _find_foreign(directory: Path, entry: SegmentEntry) -> Iterator[Damage]:
    folder = directory / SEGMENTS / entry.name
    try:
        names = [] if folder.is_symlink() else sorted(path.name for path in folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return  # missing files are named one by one; or a writer has removed the segment meanwhile
    for name in names:
        if name not in entry.files:
            yield Damage(f"{SEGMENTS}/{entry.name}/{name}", "is foreign: not a file of this index", entry.name)


def _notices(directory: Path, manifest: Manifest) -> Iterator[str]:
    manifests = [manifest]
    try:
        manifests.append(read_manifest(directory, BUILDING))
        yield "a build that is to replace this index is unfinished; its command goes on where it stopped"
    except StoredIndexError:
        pass
    if is_locked(directory):
        yield f"it is being written to by {holder(directory) or 'another process'}"
        return  # what the writer is writing is not left behind
    for path in orphans(directory, manifests):
        yield f"{path.relative_to(directory)} was left behind, or somebody still reads it; the next writer removes it"


_NOT_UNIT = 1e-2
"""By how much the length of a vector may differ from 1: bfloat16 makes it differ by less."""

_AT_ONCE = 8_192
"""Rows of vectors that are looked at together."""


def examine(segment: Segment) -> None:
    """Read every article and every vector; raises ValueError or IndexDamagedError where one is invalid."""
    if (segment.ids[1:] <= segment.ids[:-1]).any():
        raise ValueError("its articles are not in order")
    _examine_articles(segment)
    for vectors in (segment.vectors.mapped(), segment.article_vectors):
        _examine_vectors(vectors)
    if segment.is_current and not ((segment.legibility >= 0) & (segment.legibility <= 1)).all():
        raise ValueError("the legibility of an article is not a share")
    _ = segment.tags  # reading checks them


def _examine_articles(segment: Segment) -> None:
    dimensions = segment.vectors.shape[1]
    for article, entry in zip(np.flatnonzero(segment.alive).tolist(), segment.living(), strict=True):
        rows = slice(*segment.first_rows[[article, article + 1]].tolist())
        spans = [[passage.start, passage.end] for passage in entry.passages]
        if segment.article_id(article) != entry.article.metadata.article_id or segment.spans[rows].tolist() != spans:
            raise ValueError(f"article {article + 1:,} is not the one that belongs there")
        if entry.headline is not None and (
            entry.headline.shape != (dimensions,) or not np.isfinite(entry.headline).all()
        ):
            raise ValueError(f"the headline of article {article + 1:,} is not a vector")


def _examine_vectors(vectors: Stored) -> None:
    for begin in range(0, len(vectors), _AT_ONCE):
        lengths = np.linalg.norm(vectors[begin : begin + _AT_ONCE].astype(np.float64), axis=1)
        # A text without words has a vector of zeros.
        if not np.isfinite(lengths).all() or (np.abs(lengths - 1) > _NOT_UNIT)[lengths > 0].any():
            raise ValueError("its vectors are not unit vectors")


_HEADLINE = ("headline",)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What lies in an index's folder beside the index; none of it keeps the index from being searched."""

    has_manifest: bool
    is_locked: bool
    holder: Holder | None  # the process that holds the lock, or was killed while holding it
    left_behind: tuple[str, ...]  # paths within the folder that no manifest names
    left_bytes: int
    building: str  # "", "unfinished", "damaged"
    pulling_bytes: int | None  # of the files of an artifact that is not installed; None where there are none
    has_segments: bool
    free_bytes: int


@dataclass(frozen=True, slots=True)
class Inside:
    """What was found in a generation."""

    stats: Stats
    outdated: int  # segments whose derived files follow other rules than this version's
    unsound: tuple[str, ...]  # what is wrong with segments that are as they were written
    headline_only: int  # articles
    copies: tuple[tuple[str, ...], ...]  # ids of living articles with the same text, the largest groups first


def surroundings(directory: Path) -> Surroundings:
    """Return what lies in an index's folder beside the index; damage raises nothing."""
    manifests, building = [], ""
    for name in (MANIFEST, BUILDING):
        try:
            manifests.append(read_manifest(directory, name))
            building = "unfinished" if name == BUILDING else ""
        except IndexMissingError:
            pass
        except StoredIndexError:
            building = "damaged" if name == BUILDING else ""
    locked = is_locked(directory)
    has_manifest = (directory / MANIFEST).exists()
    # Without a manifest, or while files are written that none names yet, nothing can be said to be left behind.
    left_behind = [] if locked or not manifests else list(orphans(directory, manifests))
    pulling = directory / PULLING
    return Surroundings(
        has_manifest,
        locked,
        holder(directory),
        tuple(path.relative_to(directory).as_posix() for path in left_behind),
        sum(map(_bytes_in, left_behind)),
        building,
        _bytes_in(pulling) if pulling.exists() else None,
        any((directory / SEGMENTS).glob("*/")),
        free_bytes(directory),
    )


def _bytes_in(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() and not path.is_symlink() else [path]
    size = 0
    with suppress(OSError, RecursionError):  # such as folders nested too deep
        for file in files:
            size += 0 if file.is_dir() else file.lstat().st_size
    return size


def inspect(directory: Path) -> Inside:
    """Read all of the newest generation.

    Raises:
        IndexDamagedError: a file cannot be opened as what it should be.
    """
    snapshot = open_snapshot(directory, MANIFEST)
    stats = count(snapshot, (directory / MANIFEST).stat().st_size)
    unsound: list[str] = []
    by_text: dict[str, list[str]] = {}
    headline_only = 0
    for segment in snapshot.segments:
        try:
            examine(segment)
        except (ValueError, LookupError, IndexDamagedError) as error:
            unsound.append(f"{segment.entry.name}: {error}")
            continue
        for metadata in _living_metadata(segment):
            headline_only += metadata.tags.get("text_from") == _HEADLINE
            if metadata.sha256:
                by_text.setdefault(metadata.sha256, []).append(metadata.article_id)
    copies = sorted((tuple(ids) for ids in by_text.values() if len(ids) > 1), key=lambda ids: (-len(ids), ids))
    outdated = sum(not segment.is_current for segment in snapshot.segments)
    return Inside(stats, outdated, tuple(unsound), headline_only, tuple(copies))


def _living_metadata(segment: Segment) -> Iterator[Metadata]:
    for article in range(segment.entry.articles):
        if segment.alive[article]:
            yield segment.read(article).metadata
