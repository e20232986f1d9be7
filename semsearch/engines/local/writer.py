"""The one transaction on a local index: new segments and deletions, visible when a manifest names them."""

import logging
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from semsearch import limits
from semsearch.engines.local import merge
from semsearch.engines.local.arrays import write_array
from semsearch.engines.local.manifest import MANIFEST, SEGMENTS, DeletedArticles, SegmentEntry, write_manifest
from semsearch.engines.local.merge import LARGEST, Size, fitting_groups, selections, to_merge
from semsearch.engines.local.new_segment import SegmentContents, contents_of, write_contents
from semsearch.engines.local.recall import is_measured, measure_recall
from semsearch.engines.local.segment import Segment
from semsearch.engines.local.snapshot import Snapshot
from semsearch.engines.local.thresholds import Thresholds
from semsearch.engines.local.vector_keys import halves_of, is_known
from semsearch.errors import LimitError, index_option
from semsearch.files import sync_directory
from semsearch.identity import fingerprint
from semsearch.ports import Entry, Vector
from semsearch.storable import check_article, check_passages
from semsearch.types import Approximation, Article

_log = logging.getLogger(__name__)

SEGMENT_PASSAGES = 65_536
"""Held in memory until they are written: about 100 MB of vectors at 384 dimensions, and their text."""


class LocalWriter:
    """Collects articles into segments and writes one manifest at each commit."""

    def __init__(self, directory: Path, name: str, snapshot: Snapshot, thresholds: Thresholds) -> None:
        """Begin from a generation; raises LimitError if no generation can follow it."""
        manifest, segments = snapshot.manifest, snapshot.segments
        if manifest.generation >= limits.GENERATION:
            raise LimitError(
                f"{directory} is at its last generation, {manifest.generation:,}: nothing more can be written",
                f"pack it, and install that in another folder: semsearch pack FILE {index_option(directory)}",
            )
        self._directory = directory
        self._name = name
        self.manifest = manifest
        self._thresholds = thresholds
        self._segments = list(segments)
        self._hidden: dict[str, set[int]] = {}  # by segment: positions of articles deleted since the last commit
        self._deleted: dict[str, npt.NDArray[np.int32]] = {}  # by segment: all, as the last commit wrote them
        self._pending: dict[str, Entry] = {}
        self._pending_passages = 0
        self._pending_keys: dict[bytes, Entry] | None = {}  # by key, one that has it; None: to be gathered again
        self._written: list[SegmentEntry] = []  # since the last commit

    def fingerprint(self, article_id: str) -> bytes | None:
        """Return the fingerprint of an article as this transaction would leave it, or None if there is none."""
        if entry := self._pending.get(article_id):
            return fingerprint(entry.article)
        location = self._locate(article_id)
        return location[0].fingerprint(location[1]) if location else None

    def article(self, article_id: str) -> Article | None:
        """Return an article as this transaction would leave it, or None if there is none.

        Raises:
            IndexDamagedError: the segment that has it is not what was written.
        """
        if entry := self._pending.get(article_id):
            return entry.article
        location = self._locate(article_id)
        return location[0].read(location[1]) if location else None

    def add(self, entry: Entry) -> None:
        """Add an article, in place of any with the same id.

        Raises:
            UsageError: it could not be read again.
        """
        check_article(entry.article)
        check_passages(entry.article, len(entry.passages))
        self.delete(entry.article.metadata.article_id)
        if self._pending_passages + len(entry.passages) > limits.SEGMENT_PASSAGES:
            self._flush()
        self._pending[entry.article.metadata.article_id] = entry
        self._pending_passages += len(entry.passages)
        if self._pending_keys is not None:
            self._pending_keys |= dict.fromkeys(entry.keys, entry)
        if self._pending_passages >= SEGMENT_PASSAGES:
            self._flush()

    def vectors_of(self, keys: Sequence[bytes]) -> dict[bytes, Vector]:
        """Return the vectors that are already stored for these embedding texts, by key (ports.Writer).

        Raises:
            IndexDamagedError: a segment that has one is not what was written.
        """
        known_keys = {key for key in keys if is_known(key)}
        vectors = self._pending_vectors(known_keys)
        wanted = sorted(known_keys - vectors.keys())
        halves = halves_of(wanted)
        missing = np.arange(len(wanted))
        for segment in reversed(self._segments):
            if not missing.size:
                break
            rows = segment.keys.rows_of(halves[:, missing])
            is_stored = rows >= 0
            if is_stored.any():
                stored_keys = [wanted[index] for index in missing[is_stored].tolist()]
                vectors |= dict(zip(stored_keys, segment.verified_vectors(rows[is_stored], stored_keys), strict=True))
                missing = missing[~is_stored]
        return vectors

    def _pending_vectors(self, wanted: AbstractSet[bytes]) -> dict[bytes, Vector]:
        if self._pending_keys is None:
            self._pending_keys = {key: entry for entry in self._pending.values() for key in entry.keys}
        entries = {key: self._pending_keys[key] for key in wanted & self._pending_keys.keys()}
        return {key: entry.vectors[entry.keys.index(key)] for key, entry in entries.items()}

    def delete(self, article_id: str) -> bool:
        """Delete an article; False if there is none."""
        if entry := self._pending.pop(article_id, None):
            self._pending_passages -= len(entry.passages)
            self._pending_keys = None  # another pending article may have the same key
            return True
        location = self._locate(article_id)
        if location is None:
            return False
        self._hidden.setdefault(location[0].entry.name, set()).add(location[1])
        return True

    def commit(self) -> None:
        """Make all changes so far permanent, and visible unless the build is unfinished; the transaction goes on."""
        self._commit()
        try:
            while indexes := to_merge([self._size(segment) for segment in self._segments], SEGMENT_PASSAGES):
                self._merge([self._segments[index] for index in indexes])
        except OSError as error:  # such as a full disk: the commit is done, and the segments to be merged still exist
            self._roll_back()
            _log.warning(  # only the text: a log that keeps the error itself keeps its segments open
                "segments could not be merged (%s); nothing is lost, and the next addition tries again", str(error)
            )

    def compact(self) -> None:
        """Commit, merge what is not full and drop what was deleted; vectors are copied, never encoded again."""
        self._commit()
        for outdated in [segment for segment in self._segments if not segment.is_current]:
            self._merge([outdated], measuring=False)
        unfinished = [
            segment for segment in self._segments if segment.entry.deleted or segment.entry.passages < LARGEST
        ]
        sizes = [segment.living_passages for segment in unfinished]
        for indexes in fitting_groups(sizes, LARGEST + SEGMENT_PASSAGES // 2):
            merged = [unfinished[index] for index in indexes]
            if len(merged) > 1 or merged[0].entry.deleted:
                self._merge(merged, measuring=False)
        if not is_measured(self._segments, self.manifest.approximation):
            approximation = measure_recall(self._segments, self._thresholds, None)
            if approximation != self.manifest.approximation:
                self._publish(self._segments, approximation, same_articles=True)

    def close(self) -> tuple[Segment, ...]:
        """Drop what was not committed, and return the segments of the last commit."""
        self._roll_back()
        segments, self._segments = tuple(self._segments), []
        return segments

    def _roll_back(self) -> None:
        """Return to the state after the last commit."""
        unnamed = {entry.name for entry in self._written}
        self._segments = [segment for segment in self._segments if segment.entry.name not in unnamed]
        self._written.clear()
        self._hidden.clear()
        self._pending.clear()
        self._pending_passages = 0
        self._pending_keys = {}

    def _commit(self, *, same_articles: bool = False, measuring: bool = True) -> None:
        self._flush()
        if not self._written and not self._hidden:
            return
        generation = self.manifest.generation + 1
        entries = [self._with_deletions(entry, generation) for entry in (*self.manifest.segments, *self._written)]
        remaining = [entry for entry in entries if entry]
        if self._hidden:
            sync_directory(self._directory / SEGMENTS)  # before the manifest that names these files
        open_segments = {segment.entry.name: segment for segment in self._segments}
        segments = [self._with_entry(entry, open_segments[entry.name]) for entry in remaining]
        approximation = self.manifest.approximation
        if measuring and self._name == MANIFEST:  # nobody asks an unfinished build
            approximation = measure_recall(segments, self._thresholds, approximation)
        self._publish(segments, approximation, same_articles=same_articles)
        self._written.clear()
        self._hidden.clear()

    def _publish(self, segments: list[Segment], approximation: Approximation | None, *, same_articles: bool) -> None:
        """Make the next generation, of these segments."""
        generation, origin = self.manifest.generation + 1, self.manifest.origin
        if same_articles and origin and origin.generation == self.manifest.generation:
            origin = replace(origin, generation=generation)  # it has no article that the next pull would undo
        manifest = replace(
            self.manifest,
            generation=generation,
            segments=tuple(segment.entry for segment in segments),
            origin=origin,
            approximation=approximation,
        )
        write_manifest(self._directory, manifest, self._name)
        self.manifest, self._segments = manifest, segments

    def _with_entry(self, entry: SegmentEntry, segment: Segment) -> Segment:
        if segment.entry == entry:
            return segment
        return segment.with_entry(entry, self._deleted[entry.name])

    def _size(self, segment: Segment) -> Size:
        living = segment.living_passages
        return Size(living, segment.entry.passages - living)

    def _merge(self, segments: Sequence[Segment], *, measuring: bool = True) -> None:
        """Write the living articles of these segments anew, and commit. Nothing is encoded or analysed again."""
        for segment in segments:
            segment.verify()  # so that no damage is sealed as if it were what was written
            self._hidden[segment.entry.name] = set(np.flatnonzero(segment.alive).tolist())
        is_current = all(segment.is_current for segment in segments)
        for selection in selections(segments, LARGEST if is_current else SEGMENT_PASSAGES):
            self._write(merge.contents_of(selection) if is_current else self._contents_of(selection.entries()))
        self._commit(same_articles=True, measuring=measuring)

    def _flush(self) -> None:
        if not self._pending:
            return
        self._write(self._contents_of(list(self._pending.values())))
        self._pending.clear()
        self._pending_passages = 0
        self._pending_keys = {}

    def _contents_of(self, entries: Sequence[Entry]) -> SegmentContents:
        recipe = self.manifest.recipe
        return contents_of(entries, with_words=recipe.tier.has_words, half=recipe.precision.is_half)

    def _write(self, contents: SegmentContents) -> None:
        entry = write_contents(self._directory / SEGMENTS, self.manifest.generation + 1, contents)
        self._written.append(entry)
        self._segments.append(self._open(entry))

    def _open(self, entry: SegmentEntry) -> Segment:
        return Segment(self._directory / SEGMENTS, entry, self.manifest.recipe.encoder.dimensions)

    def _locate(self, article_id: str) -> tuple[Segment, int] | None:
        for segment in reversed(self._segments):
            position = segment.find(article_id)
            if position is not None and position not in self._hidden.get(segment.entry.name, ()):
                return segment, position
        return None

    def _with_deletions(self, entry: SegmentEntry, generation: int) -> SegmentEntry | None:
        hidden = self._hidden.get(entry.name)
        if not hidden:
            return entry
        segment = next(segment for segment in self._segments if segment.entry.name == entry.name)
        deleted = np.union1d(np.flatnonzero(~segment.alive), sorted(hidden)).astype(np.int32)
        if deleted.size == entry.articles:
            return None
        file = f"{entry.name}.deleted-{generation}.npy"
        seal = write_array(self._directory / SEGMENTS / file, deleted)
        self._deleted[entry.name] = deleted
        return replace(entry, deleted=DeletedArticles(file, seal, deleted.size))
