"""`doctor --repair`: derived files anew from their truth, damaged segments dropped, what is left of those rescued.

Whatever is written gets a new name, and one replaced manifest makes it the index: a repair that is killed has changed
nothing but what nobody names.
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
from semsearch.engines.local.remains import Rescue, found_segments, rescued
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
    dropped: tuple[str, ...] = ()  # segments that are no part of the index any more
    left: tuple[str, ...] = ()  # segments that are damaged still: they hold no whole articles that could be added again
    removed: tuple[str, ...] = ()  # paths within the index's folder, of what was nobody's
    rescued: int = 0  # articles of dropped segments that are in the file
    rescued_to: Path | None = None
    doubtful: int = 0  # articles that had been deleted and may be among the rescued: it is not known which they were
    lost: tuple[str, ...] = ()  # articles of dropped segments that are not: their ids and titles, as far as known


class _Dropped(NamedTuple):
    entry: SegmentEntry
    damaged: AbstractSet[str]


def rebuild(directory: Path, observer: Observer = lambda _done, _total: None) -> Rebuilt:
    """Make an index whole again from what is whole in it; what had to be left out is written to a file beside it.

    Raises:
        IndexDamagedError: its manifest is damaged, so that nobody knows what it was: see `salvage`.
        IndexLockedError: somebody writes to it.
    """
    with write_lock(directory):
        manifest = read_manifest(directory)
        removed = list(_forgotten(directory))
        damages = verify(directory, observer).damages
        mended = _Mending(directory, manifest, damages)
        mended.run()
        left_behind = [path.relative_to(directory).as_posix() for path in orphans(directory, manifests(directory))]
        sweep(directory, manifests(directory))
    return replace(mended.done, removed=(*removed, *mended.done.removed, *left_behind))


def salvage(directory: Path) -> Rebuilt:
    """Write all articles that are found in an index without a manifest to a file beside it; the index stays as it is.

    Where several versions of an article are found the last is taken.
    """
    segments = found_segments(directory / SEGMENTS)
    number = int(segments[0].name.partition("-")[0]) if segments else 0
    file = _RescueFile(directory, number)
    file.write((rescued(directory / SEGMENTS, one, frozenset((HELD,))) for one in segments), frozenset())
    return file.told()


def _forgotten(directory: Path) -> Iterator[str]:
    """Remove an unfinished build that cannot go on, and what has come of an artifact and was never installed."""
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


class _Mending:
    """One repair of one index whose write lock is held."""

    def __init__(self, directory: Path, manifest: Manifest, damages: Iterable[Damage]) -> None:
        self._directory = directory
        self._folder = directory / SEGMENTS
        self._manifest = manifest
        self._is_to_write = False
        self._damaged: dict[str, set[str]] = {}
        for damage in damages:
            if damage.segment is None:  # the manifest says what it said, in other bytes
                self._is_to_write = True
            else:
                self._damaged.setdefault(damage.segment, set()).add(Path(damage.path).name)
        self.done = Rebuilt()

    def run(self) -> None:
        """Write anew, rescue what cannot be, then replace the manifest, and in the end remove what is foreign."""
        kept: list[SegmentEntry] = []
        renewed, dropped, left = [], [], []
        for entry in self._manifest.segments:
            hurt = self._damaged.get(entry.name, set())
            own = hurt & (entry.files.keys() | ({entry.deleted.file} if entry.deleted else set()))
            if not own:
                kept.append(entry)
            elif anew := self._anew(entry, own):
                kept.append(anew)
                renewed.append(entry.name)
            elif self._manifest.recipe.tier is Tier.FULL:
                dropped.append(_Dropped(entry, own))
            else:
                kept.append(entry)
                left.append(entry.name)
        self.done = replace(
            self._rescue(dropped, kept),
            renewed=tuple(renewed),
            dropped=tuple(one.entry.name for one in dropped),
            left=tuple(left),
        )
        if renewed or dropped or self._is_to_write:
            self._write(tuple(kept))
        self.done = replace(self.done, removed=tuple(self._without_foreign(kept)))

    def _anew(self, entry: SegmentEntry, damaged: AbstractSet[str]) -> SegmentEntry | None:
        """Write a segment anew; None where its truth is damaged."""
        if is_truth(entry, damaged):
            return None
        try:
            living = _living(self._folder, entry, damaged, self._manifest.recipe.encoder.dimensions)
        except (ValueError, OSError, IndexError):  # sealed as it is, and no segment
            return None
        recipe, generation = self._manifest.recipe, self._manifest.generation + 1
        return write_segment(
            self._folder, generation, living, with_words=recipe.tier.has_words, half=recipe.precision.is_half
        )

    def _rescue(self, dropped: list[_Dropped], kept: Iterable[SegmentEntry]) -> Rebuilt:
        if not dropped:
            return Rebuilt()
        file = _RescueFile(self._directory, self._manifest.generation)
        newest_first = list(reversed(dropped))
        certain = [one for one in newest_first if not _is_doubtful(one)]
        doubtful = [one for one in newest_first if _is_doubtful(one)]
        # Where it is not known what was deleted, an earlier version of an article must not replace the later one.
        elsewhere = {name for entry in kept for name in _living_ids(self._folder, entry)} if doubtful else set()
        file.write((rescued(self._folder, *one) for one in (*certain, *doubtful)), elsewhere)
        deletions = (one.entry.deleted for one in doubtful)
        return replace(file.told(), doubtful=sum(deleted.articles for deleted in deletions if deleted))

    def _write(self, segments: tuple[SegmentEntry, ...]) -> None:
        generation = self._manifest.generation + 1
        origin = self._manifest.origin
        if origin and origin.generation == self._manifest.generation:  # a repair is no change that a pull would undo
            origin = replace(origin, generation=generation)
        manifest = replace(self._manifest, generation=generation, segments=segments, origin=origin)
        write_manifest(self._directory, manifest)

    def _without_foreign(self, kept: Iterable[SegmentEntry]) -> Iterator[str]:
        for entry in kept:
            own = entry.files.keys() | ({entry.deleted.file} if entry.deleted else set())
            for name in sorted(self._damaged.get(entry.name, set()) - own):
                remove(self._folder / entry.name / name)
                yield f"{SEGMENTS}/{entry.name}/{name}"


def is_truth(entry: SegmentEntry, names: AbstractSet[str]) -> bool:
    """Say whether some files of a segment are what all others are derived from, or say what was deleted."""
    return bool(names & _TRUTH) or (entry.deleted is not None and entry.deleted.file in names)


def _is_doubtful(dropped: _Dropped) -> bool:
    return bool(dropped.entry.deleted and dropped.entry.deleted.file in dropped.damaged)


def _living(folder: Path, entry: SegmentEntry, damaged: AbstractSet[str], dimensions: int) -> list[Entry]:
    """Read a segment by its truth alone; raises ValueError where that is not one."""
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
            vectors[first_rows[at] : first_rows[at + 1]].astype(np.float32),
            record.truncated,
            keys[first_rows[at] : first_rows[at + 1]],
            record.legibility,
            headlines.get(at),
        )
        for at, record in enumerate(records)
        if at not in hidden
    ]


def _hidden(folder: Path, entry: SegmentEntry) -> frozenset[int]:
    if entry.deleted is None:
        return frozenset()
    return frozenset(read_array(folder / entry.deleted.file, "i4", entry.deleted.articles).tolist())


def _living_ids(folder: Path, entry: SegmentEntry) -> Iterator[str]:
    with suppress(ValueError, OSError):  # it is sealed so, and no segment
        ids = read_columns(folder / entry.name, entry.articles, entry.passages)["ids"].tolist()
        hidden = _hidden(folder, entry)
        yield from (bytes(name).decode("ascii", "replace") for at, name in enumerate(ids) if at not in hidden)


class _RescueFile:
    """A new file beside an index, of articles as `semsearch read --json` writes them."""

    def __init__(self, directory: Path, generation: int) -> None:
        self._path = _free_path(directory, generation)
        self._count = 0
        self._lost: list[str] = []

    def write(self, rescues: Iterable[Rescue], elsewhere: AbstractSet[str]) -> None:
        """Write what was rescued, each article once, and none that is elsewhere."""
        written = set(elsewhere)
        unfinished = new_name(self._path)
        remove(unfinished)
        with writing(unfinished) as stream:
            for rescue in rescues:
                for article in rescue.articles:
                    if article.metadata.article_id not in written:
                        written.add(article.metadata.article_id)
                        stream.write(_line(article))
                        self._count += 1
                self._lost += rescue.lost
        self._lost = [name for name in self._lost if name[:ID_DIGITS] not in written]
        if self._count:
            rename(unfinished, self._path)
        else:
            remove(unfinished)

    def told(self) -> Rebuilt:
        """Return how many articles are in the file, and which are not."""
        return Rebuilt(rescued=self._count, rescued_to=self._path if self._count else None, lost=tuple(self._lost))


def _free_path(directory: Path, generation: int) -> Path:
    whole = Path(os.path.abspath(directory))  # noqa: PTH100  "." has no name, and a link is not followed
    numbers = iter(range(2, 1 << 30))
    path = whole.with_name(f"{whole.name}-rescued-{generation}.jsonl")
    while os.path.lexists(path):
        path = path.with_name(f"{whole.name}-rescued-{generation}-{next(numbers)}.jsonl")
    return path


def _line(article: Article) -> bytes:
    record: Mapping[str, object] = {
        "origin": article.origin,
        "article": article.metadata.to_dict(),
        "text": article.text,
    }
    return f"{json.dumps(record, ensure_ascii=False)}\n".encode()
