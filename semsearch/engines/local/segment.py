"""One immutable folder of articles, passages and vectors, open. `storing` says what is truth in it and what derived."""

import copy
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from semsearch import copies, words
from semsearch.engines.local import columns
from semsearch.engines.local.background import headlines_of, read_background
from semsearch.engines.local.keys import DIGESTS, KEY_FILES, NO_KEYS, Keys, read_keys, row_digest
from semsearch.engines.local.manifest import HELD, SegmentEntry
from semsearch.engines.local.postings import Lexicon
from semsearch.engines.local.records import Record, passages_of, read_record
from semsearch.engines.local.repeats import read_repeats
from semsearch.engines.local.vocabulary import Vocabulary
from semsearch.errors import IndexDamagedError
from semsearch.files import seal_of
from semsearch.identity import ID_DIGITS
from semsearch.locks import Hold
from semsearch.ports import Entry, Matrix
from semsearch.types import Article, Passage

DERIVED = f"4.{words.VERSION}.{copies.VERSION}"
"""Which rules the derived files follow. A segment of other rules is kept, and derived anew when it is compacted."""

_ID = re.compile(rb"[0-9a-f]{%d}" % ID_DIGITS)


class Segment:
    """An open segment. Opens every file that a search needs at once, so that a sweep cannot take one away later."""

    def __init__(self, folder: Path, entry: SegmentEntry, dimensions: int) -> None:
        path = folder / entry.name
        self.entry = entry
        self._path = path
        articles, passages = entry.articles, entry.passages
        if path.is_symlink():  # all others are refused where they are opened
            raise self._damaged()
        try:
            self._hold = Hold(path / HELD)
            self._articles = columns.map_bytes(path / HELD)
            self._offsets = columns.read_array(path / "offsets.npy", "i8", articles + 1)
            self.ids = columns.read_array(path / "ids.npy", f"S{ID_DIGITS}", articles)
            self._fingerprints = columns.read_array(path / "fingerprints.npy", "u1", articles, 32)
            self.published: npt.NDArray[np.int64] = columns.read_array(path / "published.npy", "i8", articles, 2)
            self.indexed: npt.NDArray[np.datetime64] = columns.read_array(path / "indexed.npy", "M8[s]", articles)
            self.spans = columns.read_array(path / "spans.npy", "i4", passages, 2)
            self.first_rows = columns.read_array(path / "first_rows.npy", "i8", articles + 1)
            self.vectors: Matrix = columns.read_array(path / "vectors.npy", "f4", passages, dimensions)
            self.article_vectors: Matrix = columns.read_array(path / "article_vectors.npy", "f4", articles, dimensions)
            self.facets = columns.read_postings(path / "facets", articles)
            self._open_tags = columns.open_postings(path / "tags", articles)
            if self.is_current:
                self.legibility = columns.read_array(path / "legibility.npy", "f4", articles)
                self.lexicon = Lexicon(path, articles, passages)
                self.vocabulary = Vocabulary(path)
                self.background = read_background(path)
                self.repeats = read_repeats(path, articles, passages)
            self.alive = np.ones(articles, dtype=np.bool_)
            if entry.deleted:
                self.alive[columns.read_array(folder / entry.deleted.file, "i4", entry.deleted.articles)] = False
        except (ValueError, IndexError, IsADirectoryError) as error:
            raise self._damaged() from error
        if self.first_rows[0] != 0 or (self.first_rows[1:] <= self.first_rows[:-1]).any():
            raise self._damaged()
        if self.first_rows[-1] != passages:
            raise self._damaged()

    def with_entry(self, entry: SegmentEntry, deleted: npt.NDArray[np.int32]) -> Self:
        """Return the same segment as a later generation has it, with more articles deleted; nothing is opened anew."""
        later = copy.copy(self)
        later.__dict__.pop("living_passages", None)
        later.entry = entry
        later.alive = np.ones(entry.articles, dtype=np.bool_)
        later.alive[deleted] = False
        return later

    @property
    def is_current(self) -> bool:
        """Whether its derived files are as this version derives them; others cannot be searched."""
        return self.entry.derived == DERIVED

    def _damaged(self) -> IndexDamagedError:
        return IndexDamagedError(
            f"segment {self._path} is damaged", f"see what can be saved: semsearch doctor -i {self._path.parent.parent}"
        )

    @cached_property
    def living_passages(self) -> int:
        """How many passages are of articles that are not deleted."""
        return int(np.diff(self.first_rows)[self.alive].sum()) if self.entry.deleted else self.entry.passages

    @cached_property
    def faiss(self) -> Any:
        """The FAISS index over `vectors`, opened at the first search."""
        from semsearch.engines.local import dense

        return dense.open_vectors(self._path / "vectors.faiss", self.vectors)

    @cached_property
    def row_articles(self) -> npt.NDArray[np.int64]:
        """(passages,): the article of each row."""
        return np.repeat(np.arange(self.entry.articles), np.diff(self.first_rows))

    @cached_property
    def tags(self) -> columns.Postings:
        """Inverted lists of the tags, read when asked for: they grow with all that sources leave over."""
        try:
            return self._open_tags()
        except ValueError as error:
            raise self._damaged() from error

    @cached_property
    def keys(self) -> Keys:
        """What each row was made from, opened at the first look-up: only a writer asks."""
        if not all(name in self.entry.files for name in KEY_FILES):
            return NO_KEYS
        try:
            return read_keys(self._path, self.entry.passages)
        except (ValueError, FileNotFoundError, IsADirectoryError) as error:
            raise self._damaged() from error

    def proved(self, rows: npt.NDArray[np.int64], keys: Sequence[bytes]) -> Matrix:
        """Return the vectors of rows, to be stored again: each is what was written for its key.

        Raises:
            IndexDamagedError: one is not.
        """
        if rows.size and rows.max() >= len(self.vectors):
            raise self._damaged()
        vectors = self.vectors[rows]
        if self._row_digests is None:
            _ = self._is_proved
        elif any(
            row_digest(key, vector) != digest
            for key, vector, digest in zip(keys, vectors, self._row_digests[rows].tolist(), strict=True)
        ):
            raise self._damaged()
        return vectors

    @cached_property
    def _row_digests(self) -> npt.NDArray[np.uint64] | None:
        if DIGESTS not in self.entry.files:
            return None
        try:
            return columns.read_array(self._path / DIGESTS, "u8", self.entry.passages)
        except (ValueError, OSError) as error:
            raise self._damaged() from error

    @cached_property
    def _is_proved(self) -> bool:
        """Whether what an earlier version wrote is proved, which can be done only for a whole segment."""
        self.verify("vectors.npy", *KEY_FILES)
        return True

    def verify(self, *names: str) -> None:
        """Compare files, all by default, with their seals; raises IndexDamagedError where one was changed."""
        for name in names or self.entry.files:
            path = self._path / name
            try:
                found = seal_of(path)
            except (FileNotFoundError, ValueError) as error:
                raise self._damaged() from error
            if found != self.entry.files.get(name):
                raise self._damaged()

    def find(self, article_id: str) -> int | None:
        """Return the living article with this id, as a position in this segment."""
        key = np.array(article_id.encode("utf-8", "surrogatepass")[: ID_DIGITS + 1], dtype=self.ids.dtype)
        at = int(np.searchsorted(self.ids, key))
        return at if at < len(self.ids) and self.article_id(at) == article_id and self.alive[at] else None

    def beginning_with(self, prefix: str) -> list[str]:
        """Return up to two living ids that begin with a prefix."""
        at = int(np.searchsorted(self.ids, np.array(prefix.encode("utf-8", "surrogatepass"), dtype="S")))
        found: list[str] = []
        while at < len(self.ids) and len(found) < 2 and self.article_id(at).startswith(prefix):
            if self.alive[at]:
                found.append(self.article_id(at))
            at += 1
        return found

    def called(self, source_id: str) -> list[str]:
        """Return the living articles' ids of which the tag `source_id` has a value."""
        found = self.tags.having("source_id", source_id)
        return [self.article_id(at) for at in found.tolist() if self.alive[at]]

    def article_id(self, article: int) -> str:
        """Return the id of an article by its position."""
        name = bytes(self.ids[article])
        if not _ID.fullmatch(name):
            raise self._damaged()
        return name.decode()

    def fingerprint(self, article: int) -> bytes:
        """Return the digest of an article by its position."""
        return bytes(self._fingerprints[article])

    def read(self, article: int) -> Article:
        """Read one article by its position."""
        return self._read(article).article

    def passages(self, article: int) -> list[Passage]:
        """Read the passages of one article by its position."""
        return passages_of(self._read(article))

    def living(self) -> Iterator[Entry]:
        """Read every article that is not deleted, with all that is kept beside it."""
        return self.entries(np.flatnonzero(self.alive).tolist())

    def entries(self, articles: Sequence[int]) -> Iterator[Entry]:
        """Read articles by their positions, with all that is kept beside them."""
        try:
            headlines = headlines_of(self._path, self.entry.files, self.vectors.shape[1])
            row_keys = self.keys.by_row(self.entry.passages)
        except (ValueError, OSError) as error:
            raise self._damaged() from error
        for at in articles:
            record = self._read(at)
            rows = slice(*self.first_rows[[at, at + 1]].tolist())
            yield Entry(
                record.article,
                passages_of(record),
                self.vectors[rows],
                record.truncated,
                row_keys[rows],
                record.legibility,
                headlines.get(at),
            )

    def _read(self, article: int) -> Record:
        begin, end = self._offsets[[article, article + 1]].tolist()
        rows = slice(*self.first_rows[[article, article + 1]].tolist())
        if not 0 <= begin <= end <= len(self._articles):
            raise self._damaged()
        try:
            record = read_record(self._articles[begin:end].tobytes())
        except ValueError as error:
            raise self._damaged() from error
        named = record.article.metadata.article_id == self.article_id(article)
        if not named or self.spans[rows].tolist() != list(map(list, record.passages)):
            raise self._damaged()
        return record
