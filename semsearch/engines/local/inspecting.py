"""What a finished index looks like inside, for whoever asks whether it is well: every article and vector is read."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from semsearch.engines.local.engine import LocalEngine
from semsearch.engines.local.examining import examine
from semsearch.engines.local.manifest import BUILDING, MANIFEST, PULLING, SEGMENTS, read_manifest
from semsearch.engines.local.segment import Segment
from semsearch.engines.local.snapshot import open_snapshot
from semsearch.engines.local.sweeping import orphans
from semsearch.errors import IndexDamagedError, IndexMissingError, StoredIndexError
from semsearch.locks import Holder, holder, is_locked
from semsearch.types import Metadata, Stats

_HEADLINE = ("headline",)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What lies in an index's folder beside the index; nothing of it keeps anybody from asking."""

    has_manifest: bool
    is_locked: bool
    holder: Holder | None  # who holds the lock, or was killed while holding it
    left_behind: tuple[str, ...]  # paths within the folder that no manifest names
    left_bytes: int
    building: str  # "", "unfinished", "damaged"
    pulling_bytes: int | None  # of what has come of an artifact; None where there is nothing
    has_segments: bool
    free_bytes: int


@dataclass(frozen=True, slots=True)
class Inside:
    """What was found in a generation."""

    stats: Stats
    outdated: int  # segments whose derived files follow other rules than this version's
    unsound: tuple[str, ...]  # what is wrong with segments that are as they were written
    headline_only: int  # articles
    copies: tuple[tuple[str, ...], ...]  # ids of living articles with one text: the most first


def surroundings(directory: Path) -> Surroundings:
    """Look around in an index's folder; damage raises nothing."""
    from semsearch.engines.local.installing import free_bytes  # which knows FAISS

    kept, building = [], ""
    for name in (MANIFEST, BUILDING):
        try:
            kept.append(read_manifest(directory, name))
            building = "unfinished" if name == BUILDING else ""
        except IndexMissingError:
            pass
        except StoredIndexError:
            building = "damaged" if name == BUILDING else ""
    locked = is_locked(directory)
    has_manifest = (directory / MANIFEST).exists()
    left = [] if locked or not kept else list(orphans(directory, kept))  # else nobody knows what is nobody's
    pulling = directory / PULLING
    return Surroundings(
        has_manifest,
        locked,
        holder(directory),
        tuple(path.relative_to(directory).as_posix() for path in left),
        sum(map(_size, left)),
        building,
        _size(pulling) if pulling.exists() else None,
        any((directory / SEGMENTS).glob("*/")),
        free_bytes(directory),
    )


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() and not path.is_symlink() else [path]
    size = 0
    with suppress(OSError, RecursionError):  # folders within folders, made by somebody who wants that
        for file in files:
            size += 0 if file.is_dir() else file.lstat().st_size
    return size


def inspect(directory: Path) -> Inside:
    """Read all of the newest generation.

    Raises:
        IndexDamagedError: a file cannot be opened as what it should be.
    """
    engine = LocalEngine(directory)
    stats = engine.stats()
    engine.close()
    snapshot = open_snapshot(directory, MANIFEST)
    unsound: list[str] = []
    by_text: dict[str, list[str]] = {}
    headline_only = 0
    for segment in snapshot.segments:
        try:
            examine(segment)
        except (ValueError, LookupError, IndexDamagedError) as error:
            unsound.append(f"{segment.entry.name}: {error}")
            continue
        for metadata in _living(segment):
            headline_only += metadata.tags.get("text_from") == _HEADLINE
            if metadata.sha256:
                by_text.setdefault(metadata.sha256, []).append(metadata.article_id)
    copies = sorted((tuple(ids) for ids in by_text.values() if len(ids) > 1), key=lambda ids: (-len(ids), ids))
    outdated = sum(not segment.is_current for segment in snapshot.segments)
    return Inside(stats, outdated, tuple(unsound), headline_only, tuple(copies))


def _living(segment: Segment) -> Iterator[Metadata]:
    for at in range(segment.entry.articles):
        if segment.alive[at]:
            yield segment.read(at).metadata
