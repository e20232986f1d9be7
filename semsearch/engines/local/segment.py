"""One immutable folder of articles, passages and vectors: written once, then open for reading.

Its truth is `articles.jsonl` (metadata, text, spans of passages), `vectors.npy`, the keys, which say what the encoder
read for each vector, and the headlines that were encoded as queries. All other files are derived from these. Each
subject has one file, so that even an index of very many segments needs few open files.
"""

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from semsearch import copies, words
from semsearch.engines.local.arrays import (
    Shape,
    Stored,
    StoredRows,
    read_array,
    read_arrays,
)
from semsearch.engines.local.background import read_background
from semsearch.engines.local.codes import Codes, encoded
from semsearch.engines.local.facets import FacetColumns, open_facets, read_facets
from semsearch.engines.local.lexicon import Lexicon
from semsearch.engines.local.manifest import HELD, VECTORS, SegmentEntry
from semsearch.engines.local.records import (
    StoredArticle,
    passages_of,
    read_id_and_text,
    read_record,
)
from semsearch.engines.local.sketches import read_repeats
from semsearch.engines.local.vector_keys import Keys, read_keys, row_digest
from semsearch.engines.local.vocabulary import SegmentVocabulary
from semsearch.errors import IndexDamagedError, see_doctor
from semsearch.files import seal_of
from semsearch.identity import ID_DIGITS
from semsearch.locks import Hold
from semsearch.ports import Entry, Floats, Matrix, Vector
from semsearch.types import Article, Passage

DERIVED = f"6.{words.VERSION}.{copies.VERSION}"
"""The version of the rules for derived files. A segment of another version is kept until a compaction derives anew."""

COLUMNS = "columns.arrays"
CODES = "codes.arrays"
ARTICLE_VECTORS = "article_vectors.npy"
FACETS = "facets.arrays"
TAGS = "tags.arrays"

LEAST_PROPOSED = 4_096
"""A segment with fewer vectors needs no product codes: multiplying all of them with a query takes no time."""

ID = re.compile(rb"[0-9a-f]{%d}" % ID_DIGITS)
"""The form of an article's id."""


class Segment:
    """An open segment. It opens every file that a search needs at once, so that no sweep can remove one later."""

    def __init__(self, folder: Path, entry: SegmentEntry, dimensions: int) -> None:
        path = folder / entry.name
        self.entry = entry
        self._path = path
        articles, passages = entry.articles, entry.passages
        if path.is_symlink():  # links to files are refused where they are opened
            raise self._damaged()
        try:
            self._hold = Hold(path / HELD)
            columns = read_columns(path, articles, passages)
            self.offsets = columns["offsets"]
            self.ids = columns["ids"]
            self.fingerprints: npt.NDArray[np.uint8] = columns["fingerprints"]
            self.published: npt.NDArray[np.int64] = columns["published"]
            self.indexed: npt.NDArray[np.datetime64] = columns["indexed"]
            self.legibility: npt.NDArray[np.float32] = columns["legibility"]
            self.spans = columns["spans"]
            self.first_rows: npt.NDArray[np.int64] = columns["first_rows"]
            self.vectors = open_vectors(path / VECTORS, passages, dimensions)
            self.article_vectors = open_vectors(path / ARTICLE_VECTORS, articles, dimensions).mapped()
            self.facets = read_facets(path / FACETS, articles)
            self._open_tags = open_facets(path / TAGS, articles)
            self._codes = _read_codes(path, passages, articles, dimensions) if CODES in entry.files else {}
            self.encoded_headlines = read_background(path, dimensions)
            if self.is_current:
                self.lexicon = Lexicon(path, articles, passages)
                self.vocabulary = SegmentVocabulary(path)
                self.repeats = read_repeats(path, articles, passages)
            self.alive = np.ones(articles, dtype=np.bool_)
            if entry.deleted:
                self.alive[read_array(folder / entry.deleted.file, "i4", entry.deleted.articles)] = False
        except (ValueError, IndexError, IsADirectoryError) as error:
            raise self._damaged() from error
        if self.first_rows[0] != 0 or (self.first_rows[1:] <= self.first_rows[:-1]).any():
            raise self._damaged()
        if self.first_rows[-1] != passages:
            raise self._damaged()

    def with_entry(self, entry: SegmentEntry, deleted: npt.NDArray[np.int32]) -> Self:
        """Return the segment as a later generation has it, with more articles deleted; no file is opened again."""
        later = copy.copy(self)
        later.__dict__.pop("living_passages", None)
        later.entry = entry
        later.alive = np.ones(entry.articles, dtype=np.bool_)
        later.alive[deleted] = False
        return later

    @property
    def is_current(self) -> bool:
        """Whether its derived files follow this version's rules; a segment of other rules cannot be searched."""
        return self.entry.derived == DERIVED

    def _damaged(self) -> IndexDamagedError:
        return IndexDamagedError(f"segment {self._path} is damaged", see_doctor(self._path.parent.parent))

    @cached_property
    def living_passages(self) -> int:
        """How many passages are of articles that are not deleted."""
        return int(np.diff(self.first_rows)[self.alive].sum()) if self.entry.deleted else self.entry.passages

    @cached_property
    def codes(self) -> Codes:
        """The coded vectors of passages, made anew if they did not travel with the vectors."""
        return self._stored_codes("") or encoded(self.vectors.mapped())

    @cached_property
    def article_codes(self) -> Codes:
        """The same for articles."""
        return self._stored_codes("article_") or encoded(self.article_vectors)

    def _stored_codes(self, prefix: str) -> Codes | None:
        return Codes(self._codes[f"{prefix}codes"], self._codes[f"{prefix}steps"]) if self._codes else None

    @cached_property
    def product_index(self) -> Any:
        """An index of product codes that proposes passages; None where there are too few passages to need one."""
        return self._product_index("", self.vectors.mapped())

    @cached_property
    def article_product_index(self) -> Any:
        """The same for articles."""
        return self._product_index("article_", self.article_vectors)

    def _product_index(self, prefix: str, vectors: Stored) -> Any:
        if len(vectors) < LEAST_PROPOSED:
            return None
        from semsearch.engines.local.product_codes import ProductCodes, coded

        if not self._codes:  # they did not travel with the vectors
            return coded(vectors).opened(*vectors.shape)
        codes = ProductCodes(self._codes[f"{prefix}centroids"], self._codes[f"{prefix}product_codes"])
        try:
            return codes.opened(*vectors.shape)
        except ValueError as error:
            raise self._damaged() from error

    @cached_property
    def row_articles(self) -> npt.NDArray[np.int64]:
        """(passages,): the article of each row."""
        return np.repeat(np.arange(self.entry.articles), np.diff(self.first_rows))

    @cached_property
    def tags(self) -> FacetColumns:
        """Inverted lists of the tags, read only when they are needed, since sources may give very many."""
        try:
            return self._open_tags()
        except ValueError as error:
            raise self._damaged() from error

    @cached_property
    def keys(self) -> Keys:
        """The keys of what each row was made from, opened when they are first needed, by a writer."""
        try:
            return read_keys(self._path, self.entry.passages)
        except (ValueError, FileNotFoundError, IsADirectoryError) as error:
            raise self._damaged() from error

    def verified_vectors(self, rows: npt.NDArray[np.int64], keys: Sequence[bytes]) -> Matrix:
        """Return the vectors of rows, to be stored again, after checking each against its key.

        Raises:
            IndexDamagedError: a vector is not what was written for its key.
        """
        if rows.size and rows.max() >= len(self.vectors):
            raise self._damaged()
        vectors = self._vectors_at(rows)
        digests = self.keys.digests[rows].tolist()
        if any(row_digest(key, vector) != digest for key, vector, digest in zip(keys, vectors, digests, strict=True)):
            raise self._damaged()
        return vectors.astype(np.float32)

    def verify(self) -> None:
        """Compare all files with their seals; raises IndexDamagedError where one was changed."""
        for name in self.entry.files:
            path = self._path / name
            try:
                seal = seal_of(path)
            except (FileNotFoundError, ValueError) as error:
                raise self._damaged() from error
            if seal != self.entry.files.get(name):
                raise self._damaged()

    def find(self, article_id: str) -> int | None:
        """Return the living article with this id, as a position in this segment."""
        key = np.array(article_id.encode("utf-8", "surrogatepass")[: ID_DIGITS + 1], dtype=self.ids.dtype)
        position = int(np.searchsorted(self.ids, key))
        return (
            position
            if position < len(self.ids) and self.article_id(position) == article_id and self.alive[position]
            else None
        )

    def beginning_with(self, prefix: str) -> list[str]:
        """Return up to two living ids that begin with a prefix."""
        position = int(np.searchsorted(self.ids, np.array(prefix.encode("utf-8", "surrogatepass"), dtype="S")))
        ids: list[str] = []
        while position < len(self.ids) and len(ids) < 2 and self.article_id(position).startswith(prefix):
            if self.alive[position]:
                ids.append(self.article_id(position))
            position += 1
        return ids

    def with_source_id(self, source_id: str) -> list[str]:
        """Return the ids of the living articles that have this tag `source_id`."""
        articles = self.tags.articles_with("source_id", source_id)
        return [self.article_id(article) for article in articles.tolist() if self.alive[article]]

    def article_id(self, article: int) -> str:
        """Return the id of an article by its position."""
        name = bytes(self.ids[article])
        if not ID.fullmatch(name):
            raise self._damaged()
        return name.decode()

    def fingerprint(self, article: int) -> bytes:
        """Return the fingerprint of an article by its position."""
        return bytes(self.fingerprints[article])

    def read(self, article: int) -> Article:
        """Read one article by its position."""
        return self._read_record(article).article

    def passages(self, article: int) -> list[Passage]:
        """Read the passages of one article by its position."""
        return passages_of(self._read_record(article))

    @cached_property
    def headlines(self) -> Mapping[int, Vector]:
        """The headlines that were encoded as queries, by their articles' positions."""
        return self.encoded_headlines.by_article()

    @property
    def background(self) -> Floats:
        """(3,): the sums of `ports.Background`."""
        return self.encoded_headlines.sums

    def living(self) -> Iterator[Entry]:
        """Read every article that is not deleted, with all that is kept beside it."""
        return self.entries(np.flatnonzero(self.alive).tolist())

    def entries(self, articles: Sequence[int]) -> Iterator[Entry]:
        """Read articles by their positions, with all that is kept beside them."""
        try:
            row_keys = self.keys.by_row(self.entry.passages)
        except (ValueError, OSError) as error:
            raise self._damaged() from error
        for article in articles:
            record = self._read_record(article)
            rows = slice(*self.first_rows[[article, article + 1]].tolist())
            yield Entry(
                record.article,
                passages_of(record),
                self._vectors_at(np.arange(rows.start, rows.stop)).astype(np.float32),
                record.truncated,
                row_keys[rows],
                record.legibility,
                self.headlines.get(article),
            )

    def _vectors_at(self, rows: npt.NDArray[np.int64]) -> Stored:
        try:
            return self.vectors[rows]
        except ValueError as error:
            raise self._damaged() from error

    def read_text(self, article: int) -> str:
        """Read the text of one article by its position, faster than the whole article."""
        try:
            article_id, text = read_id_and_text(self.line(article))
        except ValueError as error:
            raise self._damaged() from error
        if article_id != self.article_id(article):
            raise self._damaged()
        return text

    def _read_record(self, article: int) -> StoredArticle:
        rows = slice(*self.first_rows[[article, article + 1]].tolist())
        try:
            record = read_record(self.line(article))
        except ValueError as error:
            raise self._damaged() from error
        has_id = record.article.metadata.article_id == self.article_id(article)
        if not has_id or self.spans[rows].tolist() != list(map(list, record.passages)):
            raise self._damaged()
        return record

    def line(self, article: int) -> bytes:
        """Return the stored line of one article by its position (`records.record_line`)."""
        begin, end = self.offsets[[article, article + 1]].tolist()
        if not 0 <= begin <= end <= self._hold.file.size:
            raise self._damaged()
        try:
            return self._hold.file.read(begin, end - begin)
        except ValueError as error:
            raise self._damaged() from error


def read_columns(folder: Path, articles: int | None, passages: int | None) -> dict[str, npt.NDArray[Any]]:
    """Open the columns of all articles, in order; raises ValueError where their lengths differ.

    Args:
        articles: None where it is not known how many there are; the same for passages.
    """
    bounds = None if articles is None else articles + 1
    shapes: Mapping[str, Shape] = {
        "offsets": ("i8", bounds),
        "ids": (f"S{ID_DIGITS}", articles),
        "fingerprints": ("u1", articles, 32),
        "published": ("i8", articles, 2),
        "indexed": ("M8[s]", articles),
        "legibility": ("f4", articles),
        "spans": ("i4", passages, 2),
        "first_rows": ("i8", bounds),
    }
    return read_arrays(folder / COLUMNS, shapes)


def open_vectors(path: Path, rows: int, dimensions: int) -> StoredRows:
    """Open vectors, in the precision in which they were stored; raises ValueError where their number differs."""
    return StoredRows(path, [("f4", rows, dimensions), ("f2", rows, dimensions)])


def _read_codes(folder: Path, passages: int, articles: int, dimensions: int) -> dict[str, npt.NDArray[Any]]:
    """Open what `write_codes` wrote; raises ValueError where the file is not what was written."""
    shapes: dict[str, Shape] = {}
    for prefix, size in (("", passages), ("article_", articles)):
        shapes |= {f"{prefix}codes": ("i1", size, dimensions), f"{prefix}steps": ("f4", size, 2)}
        if size >= LEAST_PROPOSED:
            shapes |= {f"{prefix}product_codes": ("u1", None), f"{prefix}centroids": ("f4", None, None, None)}
    return read_arrays(folder / CODES, shapes)
