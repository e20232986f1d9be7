"""One immutable folder of articles, passages and vectors: write it, open it.

Truth: `articles.jsonl` (metadata, text, spans of passages), `vectors.npy`, and the keys, which say what the encoder
read for each vector, and the headlines that were encoded as queries. All other files are derived from these.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from semsearch import copies, words
from semsearch.engines.local import columns
from semsearch.engines.local.background import headlines_of, read_background, write_background
from semsearch.engines.local.keys import KEY_FILES, NO_KEYS, Keys, read_keys, write_keys
from semsearch.engines.local.lexical import Bag, Lexicon, bag, write_lexical
from semsearch.engines.local.manifest import SegmentEntry
from semsearch.engines.local.repeats import read_repeats, write_repeats
from semsearch.errors import IndexDamagedError
from semsearch.files import Seal, canonical_json, seal_of, sync_directory, write_new
from semsearch.identity import ID_DIGITS, fingerprint
from semsearch.ports import Entry, Matrix
from semsearch.types import Article, Date, Metadata, Passage

DERIVED = f"3.{words.VERSION}.{copies.VERSION}"
"""Which rules the derived files follow. A segment of other rules is kept, and derived anew when it is compacted."""


def write_segment(folder: Path, generation: int, entries: Sequence[Entry]) -> SegmentEntry:
    """Write articles, in any order and each id once, as a new segment of a generation.

    Rows follow article ids and, within an article, the order of its passages, so that the same articles give the same
    bytes and equal scores are ordered by row.
    """
    entries = sorted(entries, key=lambda entry: entry.article.metadata.article_id)
    temporary = folder / f"{generation:06}-unfinished"
    temporary.mkdir(parents=True)
    files = dict(_write_articles(temporary, entries))
    files |= _write_columns(temporary, entries)
    files |= _write_vectors(temporary, entries)
    keys = [key for entry in entries for key, _ in zip(entry.keys, entry.passages, strict=True)]
    files |= write_keys(temporary, keys)
    files |= write_lexical(temporary, [_bag(entry) for entry in entries])
    files |= write_background(temporary, entries)
    spans = [[(passage.start, passage.end) for passage in entry.passages] for entry in entries]
    files |= write_repeats(temporary, [entry.article.text for entry in entries], spans)
    sync_directory(temporary)
    truth = ("articles.jsonl", "vectors.npy", "keys.npy")
    name = _new_name(folder, generation, "".join(files[file].sha256 for file in truth))
    temporary.rename(folder / name)
    sync_directory(folder)
    passages = sum(len(entry.passages) for entry in entries)
    return SegmentEntry(name, len(entries), passages, sum(entry.truncated for entry in entries), files, DERIVED)


def _bag(entry: Entry) -> Bag:
    return bag(entry.article.metadata, entry.article.text, [passage.text for passage in entry.passages])


def _new_name(folder: Path, generation: int, content: str) -> str:
    """Name a segment by what is inside; the same once more within one generation is named by that name's digest."""
    digest = hashlib.sha256(content.encode()).hexdigest()
    name = f"{generation:06}-{digest[:12]}"
    return _new_name(folder, generation, digest) if (folder / name).exists() else name


def _write_articles(folder: Path, entries: Sequence[Entry]) -> Mapping[str, Seal]:
    lines = [canonical_json(_to_record(entry)) + b"\n" for entry in entries]
    offsets = np.cumsum([0, *map(len, lines)], dtype=np.int64)
    return {
        "articles.jsonl": write_new(folder / "articles.jsonl", b"".join(lines)),
        "offsets.npy": columns.write_array(folder / "offsets.npy", offsets),
    }


def _write_columns(folder: Path, entries: Sequence[Entry]) -> Mapping[str, Seal]:
    articles = [entry.article for entry in entries]
    published = [article.metadata.published for article in articles]
    spans = [(passage.start, passage.end) for entry in entries for passage in entry.passages]
    counts = [len(entry.passages) for entry in entries]
    arrays = {
        "ids": np.array([article.metadata.article_id for article in articles], dtype=f"S{ID_DIGITS}"),
        "fingerprints": np.array([list(fingerprint(article)) for article in articles], dtype=np.uint8),
        "published": np.array([(d.earliest, d.latest) if d else columns.UNDATED for d in published], dtype=np.int64),
        "indexed": np.array([_instant(article.metadata.indexed) for article in articles], dtype="datetime64[s]"),
        "legibility": np.array([_legibility(entry) for entry in entries], dtype=np.float32),
        "spans": np.array(spans, dtype=np.int32),  # (passages, 2): start, exclusive end
        "first_rows": np.cumsum([0, *counts], dtype=np.int64),  # (articles + 1,): article i has rows [i] to [i + 1]
    }
    seals = {f"{name}.npy": columns.write_array(folder / f"{name}.npy", array) for name, array in arrays.items()}
    seals |= columns.write_postings(folder / "facets", (columns.facets_of(article.metadata) for article in articles))
    return seals | columns.write_postings(folder / "tags", (article.metadata.tags for article in articles))


def _write_vectors(folder: Path, entries: Sequence[Entry]) -> Mapping[str, Seal]:
    from semsearch.engines.local import dense

    vectors = np.concatenate([entry.vectors for entry in entries], dtype=np.float32)
    return {
        "vectors.npy": columns.write_array(folder / "vectors.npy", vectors),
        "article_vectors.npy": columns.write_array(folder / "article_vectors.npy", article_vectors(entries)),
        "vectors.faiss": dense.write_vectors(vectors, folder / "vectors.faiss"),
    }


def article_vectors(entries: Sequence[Entry]) -> Matrix:
    """Return (articles, dimensions): the mean of each article's passages, at unit length."""
    means = np.stack([entry.vectors.mean(axis=0, dtype=np.float64) for entry in entries])
    lengths = np.linalg.norm(means, axis=1, keepdims=True)
    return (means / np.where(lengths > 0, lengths, 1)).astype(np.float32)


def _instant(text: str | None) -> np.datetime64:
    return np.datetime64("NaT") if text is None else np.datetime64(text.removesuffix("Z"), "s")


def _legibility(entry: Entry) -> float:
    """Return what a merged segment will read again, or merging would move a score."""
    return round(entry.legibility, 6)


def _to_record(entry: Entry) -> dict[str, object]:
    metadata = entry.article.metadata
    dates = {"published": metadata.published, "updated": metadata.updated}
    return {
        "article": metadata.to_dict(),
        "instants": {name: [date.earliest, date.latest] for name, date in dates.items() if date},
        "legibility": _legibility(entry),
        "origin": entry.article.origin,
        "passages": [[passage.start, passage.end] for passage in entry.passages],
        "text": entry.article.text,
        "truncated": entry.truncated,
    }


def _from_record(record: dict[str, Any]) -> Article:
    raw = record["article"]
    dates = {
        name: Date(raw[name], *record["instants"][name]) if raw[name] is not None else None
        for name in ("published", "updated")
    }
    lists = {"authors": tuple(raw["authors"]), "tags": {key: tuple(values) for key, values in raw["tags"].items()}}
    return Article(Metadata(**raw | dates | lists), record["text"], record["origin"])


class Segment:
    """An open segment. Opens every file that a search needs at once, so that a sweep cannot take one away later."""

    def __init__(self, folder: Path, entry: SegmentEntry, dimensions: int) -> None:
        path = folder / entry.name
        self.entry = entry
        self._path = path
        articles, passages = entry.articles, entry.passages
        try:
            self._articles = np.memmap(path / "articles.jsonl", dtype=np.uint8, mode="r")
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
                self.background = read_background(path)
                self.repeats = read_repeats(path, articles, passages)
            self.alive = np.ones(articles, dtype=np.bool_)
            if entry.deleted:
                self.alive[columns.read_array(folder / entry.deleted.file, "i4", entry.deleted.articles)] = False
        except (ValueError, IndexError, IsADirectoryError) as error:
            raise self._damaged() from error
        if self.first_rows[0] != 0 or self.first_rows[-1] != passages or (np.diff(self.first_rows) < 1).any():
            raise self._damaged()

    @property
    def is_current(self) -> bool:
        """Whether its derived files are as this version derives them; others cannot be searched."""
        return self.entry.derived == DERIVED

    def _damaged(self) -> IndexDamagedError:
        return IndexDamagedError(f"segment {self._path} is damaged", "restore the index from a copy, or build it again")

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

    @cached_property
    def proved_vectors(self) -> Matrix:
        """The vectors, to be stored again: they and their keys are compared with their seals first."""
        self.verify("vectors.npy", *KEY_FILES)
        return self.vectors

    def verify(self, *names: str) -> None:
        """Compare files, all by default, with their seals; raises IndexDamagedError where one was changed."""
        for name in names or self.entry.files:
            if not (self._path / name).is_file() or seal_of(self._path / name) != self.entry.files[name]:
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

    def article_id(self, article: int) -> str:
        """Return the id of an article by its position."""
        return bytes(self.ids[article]).decode("ascii", "replace")

    def fingerprint(self, article: int) -> bytes:
        """Return the digest of an article by its position."""
        return bytes(self._fingerprints[article])

    def read(self, article: int) -> Article:
        """Read one article by its position."""
        return self._read(article)[0]

    def passages(self, article: int) -> list[Passage]:
        """Read the passages of one article by its position."""
        return self._passages(*self._read(article))

    def _passages(self, article: Article, record: dict[str, Any]) -> list[Passage]:
        try:
            return [
                Passage(article.metadata.article_id, ordinal, start, end, article.text[start:end])
                for ordinal, (start, end) in enumerate(record["passages"])
            ]
        except (ValueError, KeyError, TypeError) as error:
            raise self._damaged() from error

    def living(self) -> Iterator[Entry]:
        """Read every article that is not deleted, with all that is kept beside it."""
        headlines = headlines_of(self._path, self.entry.files)
        row_keys = self.keys.by_row(self.entry.passages)
        for at in np.flatnonzero(self.alive).tolist():
            article, record = self._read(at)
            passages = self._passages(article, record)
            rows = slice(*self.first_rows[[at, at + 1]].tolist())
            legibility = float(record.get("legibility", 1.0))  # which earlier versions did not ask for
            yield Entry(
                article,
                passages,
                self.vectors[rows],
                record["truncated"],
                row_keys[rows],
                legibility,
                headlines.get(at),
            )

    def _read(self, article: int) -> tuple[Article, dict[str, Any]]:
        line = self._articles[self._offsets[article] : self._offsets[article + 1]].tobytes()
        try:
            record = json.loads(line)
            return _from_record(record), record
        except (ValueError, KeyError, TypeError) as error:
            raise self._damaged() from error
