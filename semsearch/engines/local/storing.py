"""Articles -> the files of a new segment.

Truth: `articles.jsonl` (metadata, text, spans of passages), `vectors.npy`, and the keys, which say what the encoder
read for each vector, and the headlines that were encoded as queries. All other files are derived from these.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from semsearch.engines.local import columns
from semsearch.engines.local.background import write_background
from semsearch.engines.local.keys import write_keys
from semsearch.engines.local.manifest import HELD, SegmentEntry
from semsearch.engines.local.postings import Collector, Terms, write_terms
from semsearch.engines.local.records import legibility_of, written
from semsearch.engines.local.repeats import Texts, texts_of, write_repeats
from semsearch.engines.local.segment import DERIVED
from semsearch.engines.local.vocabulary import Counts, words_of, write_vocabulary
from semsearch.files import Seal, make_directory, remove, rename, sync_directory, write_new
from semsearch.identity import ID_DIGITS, fingerprint
from semsearch.ports import Entry, Matrix


def write_segment(
    folder: Path,
    generation: int,
    entries: Sequence[Entry],
    *,
    with_words: bool = True,
    terms: Terms | None = None,
    texts: Texts | None = None,
    written: Counts | None = None,
) -> SegmentEntry:
    """Write articles, in any order and each id once, as a new segment of a generation.

    Rows follow article ids and, within an article, the order of its passages, so that the same articles give the same
    bytes and equal scores are ordered by row.

    Args:
        with_words: whether it can be searched by them.
        terms: of the entries, which are in order of their ids then; None: to be found in their texts.
        texts: hashes of the entries; the same.
        written: words of the entries; the same.
    """
    entries = sorted(entries, key=lambda entry: entry.article.metadata.article_id)
    temporary = folder / f"{generation:06}-unfinished"
    remove(temporary)  # of a flush that failed
    make_directory(temporary)
    files = dict(_write_articles(temporary, entries))
    files |= _write_columns(temporary, entries)
    vectors = np.concatenate([entry.vectors for entry in entries], dtype=np.float32)
    files |= _write_vectors(temporary, entries, vectors)
    keys = [key for entry in entries for key, _ in zip(entry.keys, entry.passages, strict=True)]
    files |= write_keys(temporary, keys, vectors)
    files |= write_terms(temporary, terms or _terms_of(entries, with_words=with_words))
    if written is None:
        written = words_of(entry.article for entry in entries) if with_words else {}
    files |= write_vocabulary(temporary, written)
    files |= write_background(temporary, entries)
    spans = [[(passage.start, passage.end) for passage in entry.passages] for entry in entries]
    texts = texts or texts_of([entry.article.text for entry in entries], spans)
    files |= write_repeats(temporary, texts, np.cumsum([0, *map(len, spans)]))
    sync_directory(temporary)
    truth = (HELD, "vectors.npy", "keys.npy")
    name = _new_name(folder, generation, "".join(files[file].sha256 for file in truth))
    rename(temporary, folder / name)
    passages = sum(len(entry.passages) for entry in entries)
    return SegmentEntry(name, len(entries), passages, sum(entry.truncated for entry in entries), files, DERIVED)


def _terms_of(entries: Sequence[Entry], *, with_words: bool) -> Terms:
    collector = Collector()
    for entry in entries:
        known, text = entry.article.metadata, entry.article.text
        if with_words:
            collector.add(known, text, [(passage.start, passage.end) for passage in entry.passages])
        else:
            collector.add_wordless(known, len(entry.passages))
    return collector.terms()


def _new_name(folder: Path, generation: int, content: str) -> str:
    """Name a segment by what is inside; the same once more within one generation is named by that name's digest."""
    digest = hashlib.sha256(content.encode()).hexdigest()
    name = f"{generation:06}-{digest[:12]}"
    return _new_name(folder, generation, digest) if (folder / name).exists() else name


def _write_articles(folder: Path, entries: Sequence[Entry]) -> Mapping[str, Seal]:
    lines = [written(entry) for entry in entries]
    offsets = np.cumsum([0, *map(len, lines)], dtype=np.int64)
    return {
        HELD: write_new(folder / HELD, b"".join(lines)),
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
        "legibility": np.array([legibility_of(entry) for entry in entries], dtype=np.float32),
        "spans": np.array(spans, dtype=np.int32),  # (passages, 2): start, exclusive end
        "first_rows": np.cumsum([0, *counts], dtype=np.int64),  # (articles + 1,): article i has rows [i] to [i + 1]
    }
    seals = {f"{name}.npy": columns.write_array(folder / f"{name}.npy", array) for name, array in arrays.items()}
    seals |= columns.write_postings(folder / "facets", (columns.facets_of(article.metadata) for article in articles))
    return seals | columns.write_postings(folder / "tags", (article.metadata.tags for article in articles))


def _write_vectors(folder: Path, entries: Sequence[Entry], vectors: Matrix) -> Mapping[str, Seal]:
    from semsearch.engines.local import dense

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
