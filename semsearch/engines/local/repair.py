"""`doctor --repair`: writes derived files anew from their truth, drops damaged segments, and rescues their articles.

Whatever is written gets a new name, and becomes the index when one manifest is replaced: a repair that is killed leaves
nothing behind but files that no manifest names.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from semsearch.engines.local.arrays import read_array
from semsearch.engines.local.background import BACKGROUND, read_background
from semsearch.engines.local.manifest import (
    BUILDING,
    HELD,
    PULLING,
    SEGMENTS,
    VECTORS,
    Manifest,
    SegmentEntry,
    orphans,
    read_manifest,
    sweep,
    write_manifest,
)
from semsearch.engines.local.new_segment import write_segment
from semsearch.engines.local.records import passages_of, read_record
from semsearch.engines.local.remains import Rescue, find_segments, rescue
from semsearch.engines.local.segment import open_vectors, read_columns
from semsearch.engines.local.snapshot import manifests
from semsearch.engines.local.vector_keys import KEYS, UNKNOWN, read_keys
from semsearch.engines.local.verification import Observer, verify
from semsearch.errors import IndexDamagedError, IndexMissingError, RecipeMismatchError
from semsearch.files import new_name, open_plain, remove, rename, writing
from semsearch.identity import ID_DIGITS
from semsearch.locks import write_lock
from semsearch.ports import Entry
from semsearch.types import Article, Damage, Tier

_TRUTH = frozenset((HELD, VECTORS))


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a repair did."""

    renewed: tuple[str, ...] = ()  # segments that were written anew from their truth
    dropped: tuple[str, ...] = ()  # segments that no longer belong to the index
    left: tuple[str, ...] = ()  # segments that are still damaged: they have no full articles that could be added again
    removed: tuple[str, ...] = ()  # paths within the index's folder that no manifest named
    rescued: int = 0  # articles of dropped segments that are in the file
    rescued_to: Path | None = None
    doubtful: int = 0  # deleted articles that may be among the rescued, since it is not known which they were
    lost: tuple[str, ...] = ()  # the ids and titles, as far as known, of articles of dropped segments not in the file


class _Dropped(NamedTuple):
    entry: SegmentEntry
    damaged: AbstractSet[str]


def rebuild(directory: Path, observer: Observer = lambda _done, _total: None) -> Rebuilt:
    """Repair an index from its undamaged files; articles that it loses are written to a file beside it, if readable.

    Raises:
        IndexDamagedError: its manifest is damaged, so that its contents are unknown: see `salvage`.
        IndexLockedError: another process writes to it.
    """
    with write_lock(directory):
        manifest = read_manifest(directory)
        removed = list(_remove_leftovers(directory))
        damages = verify(directory, observer).damages
        repair = _Repair(directory, manifest, damages)
        repair.run()
        left_behind = [path.relative_to(directory).as_posix() for path in orphans(directory, manifests(directory))]
        sweep(directory, manifests(directory))
    return replace(repair.done, removed=(*removed, *repair.done.removed, *left_behind))


def salvage(directory: Path) -> Rebuilt:
    """Write all articles of an index without a manifest to a file beside it; the index stays as it is.

    Of several versions of an article the newest is taken.
    """
    segments = find_segments(directory / SEGMENTS)
    number = int(segments[0].name.partition("-")[0]) if segments else 0
    file = _RescueFile(directory, number)
    file.write((rescue(directory / SEGMENTS, entry, frozenset((HELD,))) for entry in segments), frozenset())
    return file.result()


def _remove_leftovers(directory: Path) -> Iterator[str]:
    """Remove an unfinished build that cannot go on, and files of an artifact that was never installed."""
    try:
        read_manifest(directory, BUILDING)
    except IndexDamagedError:
        remove(directory / BUILDING)
        yield BUILDING
    except (IndexMissingError, RecipeMismatchError):
        pass
    if os.path.lexists(directory / PULLING):
        remove(directory / PULLING)
        yield PULLING


class _Repair:
    """One repair of an index whose write lock is held."""

    def __init__(self, directory: Path, manifest: Manifest, damages: Iterable[Damage]) -> None:
        self._directory = directory
        self._folder = directory / SEGMENTS
        self._manifest = manifest
        self._is_to_write = False
        self._damaged: dict[str, set[str]] = {}
        for damage in damages:
            if damage.segment is None:  # the manifest has the same values in other bytes
                self._is_to_write = True
            else:
                self._damaged.setdefault(damage.segment, set()).add(Path(damage.path).name)
        self.done = Rebuilt()

    def run(self) -> None:
        """Write segments anew or rescue their articles, then replace the manifest, and remove foreign files last."""
        entries: list[SegmentEntry] = []
        renewed, dropped, left = [], [], []
        for entry in self._manifest.segments:
            damaged = self._damaged.get(entry.name, set())
            damaged_files = damaged & (entry.files.keys() | ({entry.deleted.file} if entry.deleted else set()))
            if not damaged_files:
                entries.append(entry)
            elif anew := self._rewrite(entry, damaged_files):
                entries.append(anew)
                renewed.append(entry.name)
            elif self._manifest.recipe.tier is Tier.FULL:
                dropped.append(_Dropped(entry, damaged_files))
            else:
                entries.append(entry)
                left.append(entry.name)
        self.done = replace(
            self._rescue(dropped, entries),
            renewed=tuple(renewed),
            dropped=tuple(segment.entry.name for segment in dropped),
            left=tuple(left),
        )
        if renewed or dropped or self._is_to_write:
            self._write(tuple(entries))
        self.done = replace(self.done, removed=tuple(self._remove_foreign(entries)))

    def _rewrite(self, entry: SegmentEntry, damaged: AbstractSet[str]) -> SegmentEntry | None:
        """Write a segment anew; None where its truth is damaged."""
        if is_truth(entry, damaged):
            return None
        try:
            living = _living_entries(self._folder, entry, damaged, self._manifest.recipe.encoder.dimensions)
        except (ValueError, OSError, IndexError):  # it was sealed in this state, and is not a segment
            return None
        recipe, generation = self._manifest.recipe, self._manifest.generation + 1
        return write_segment(
            self._folder, generation, living, with_words=recipe.tier.has_words, half=recipe.precision.is_half
        )

    def _rescue(self, dropped: list[_Dropped], entries: Iterable[SegmentEntry]) -> Rebuilt:
        if not dropped:
            return Rebuilt()
        file = _RescueFile(self._directory, self._manifest.generation)
        newest_first = list(reversed(dropped))
        certain = [segment for segment in newest_first if not _is_doubtful(segment)]
        doubtful = [segment for segment in newest_first if _is_doubtful(segment)]
        # If deletions are unknown, an earlier version of an article must not replace a later one in the index.
        elsewhere = {name for entry in entries for name in _living_ids(self._folder, entry)} if doubtful else set()
        file.write((rescue(self._folder, *segment) for segment in (*certain, *doubtful)), elsewhere)
        deletions = (segment.entry.deleted for segment in doubtful)
        return replace(file.result(), doubtful=sum(deleted.articles for deleted in deletions if deleted))

    def _write(self, segments: tuple[SegmentEntry, ...]) -> None:
        generation = self._manifest.generation + 1
        origin = self._manifest.origin
        if origin and origin.generation == self._manifest.generation:  # a repair is no change that a pull would undo
            origin = replace(origin, generation=generation)
        manifest = replace(self._manifest, generation=generation, segments=segments, origin=origin)
        write_manifest(self._directory, manifest)

    def _remove_foreign(self, entries: Iterable[SegmentEntry]) -> Iterator[str]:
        for entry in entries:
            own_files = entry.files.keys() | ({entry.deleted.file} if entry.deleted else set())
            for name in sorted(self._damaged.get(entry.name, set()) - own_files):
                remove(self._folder / entry.name / name)
                yield f"{SEGMENTS}/{entry.name}/{name}"


def is_truth(entry: SegmentEntry, names: AbstractSet[str]) -> bool:
    """Tell whether any of these files of a segment is truth that others are derived from, or its list of deletions."""
    return bool(names & _TRUTH) or (entry.deleted is not None and entry.deleted.file in names)


def _is_doubtful(dropped: _Dropped) -> bool:
    return bool(dropped.entry.deleted and dropped.entry.deleted.file in dropped.damaged)


def _living_entries(folder: Path, entry: SegmentEntry, damaged: AbstractSet[str], dimensions: int) -> list[Entry]:
    """Read the living articles of a segment from its truth alone; raises ValueError where that is not a segment."""
    path = folder / entry.name
    with open_plain(path / HELD) as stream:
        records = [read_record(line) for line in stream]
    vectors = open_vectors(path / VECTORS, entry.passages, dimensions).mapped()
    first_rows = np.cumsum([0, *(len(record.passages) for record in records)]).tolist()
    if len(records) != entry.articles or first_rows[-1] != entry.passages:
        raise ValueError(f"{path} has other articles than vectors")
    keys = [UNKNOWN] * entry.passages
    if KEYS in entry.files and KEYS not in damaged:
        keys = read_keys(path, entry.passages).by_row(entry.passages)
    lost = BACKGROUND in damaged or BACKGROUND not in entry.files
    headlines = {} if lost else read_background(path, dimensions).by_article()
    hidden = _hidden(folder, entry)
    return [
        Entry(
            record.article,
            passages_of(record),
            vectors[first_rows[article] : first_rows[article + 1]].astype(np.float32),
            record.truncated,
            keys[first_rows[article] : first_rows[article + 1]],
            record.legibility,
            headlines.get(article),
        )
        for article, record in enumerate(records)
        if article not in hidden
    ]


def _hidden(folder: Path, entry: SegmentEntry) -> frozenset[int]:
    if entry.deleted is None:
        return frozenset()
    return frozenset(read_array(folder / entry.deleted.file, "i4", entry.deleted.articles).tolist())


def _living_ids(folder: Path, entry: SegmentEntry) -> Iterator[str]:
    with suppress(ValueError, OSError):  # it was sealed in this state, and is not a segment
        ids = read_columns(folder / entry.name, entry.articles, entry.passages)["ids"].tolist()
        hidden = _hidden(folder, entry)
        yield from (bytes(name).decode("ascii", "replace") for article, name in enumerate(ids) if article not in hidden)


class _RescueFile:
    """A new file beside an index, of articles as `semsearch read --json` writes them."""

    def __init__(self, directory: Path, generation: int) -> None:
        self._path = _free_path(directory, generation)
        self._count = 0
        self._lost: list[str] = []

    def write(self, rescues: Iterable[Rescue], elsewhere: AbstractSet[str]) -> None:
        """Write rescued articles, each once, and none that is elsewhere."""
        written_ids = set(elsewhere)
        unfinished = new_name(self._path)
        remove(unfinished)
        with writing(unfinished) as stream:
            for rescue in rescues:
                for article in rescue.articles:
                    if article.metadata.article_id not in written_ids:
                        written_ids.add(article.metadata.article_id)
                        stream.write(_line(article))
                        self._count += 1
                self._lost += rescue.lost
        self._lost = [name for name in self._lost if name[:ID_DIGITS] not in written_ids]
        if self._count:
            rename(unfinished, self._path)
        else:
            remove(unfinished)

    def result(self) -> Rebuilt:
        """Return how many articles are in the file, and which are not."""
        return Rebuilt(rescued=self._count, rescued_to=self._path if self._count else None, lost=tuple(self._lost))


def _free_path(directory: Path, generation: int) -> Path:
    absolute = Path(os.path.abspath(directory))  # noqa: PTH100  "." has no name, and a link is not followed
    numbers = iter(range(2, 1 << 30))
    path = absolute.with_name(f"{absolute.name}-rescued-{generation}.jsonl")
    while os.path.lexists(path):
        path = path.with_name(f"{absolute.name}-rescued-{generation}-{next(numbers)}.jsonl")
    return path


def _line(article: Article) -> bytes:
    record: Mapping[str, object] = {
        "origin": article.origin,
        "article": article.metadata.to_dict(),
        "text": article.text,
    }
    return f"{json.dumps(record, ensure_ascii=False)}\n".encode()
