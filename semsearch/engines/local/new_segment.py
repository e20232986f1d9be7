"""A segment that does not exist yet: its contents, and how its files are written."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from semsearch.engines.local.arrays import Stored, write_array, write_arrays, write_lines
from semsearch.engines.local.background import write_background
from semsearch.engines.local.codes import encoded
from semsearch.engines.local.facets import UNDATED, Lists, facets_of, lists_of, tags_of, write_facets
from semsearch.engines.local.manifest import HELD, VECTORS, SegmentEntry
from semsearch.engines.local.new_lexicon import write_terms
from semsearch.engines.local.records import legibility_of, read_id_and_text, record_line
from semsearch.engines.local.runs import Ints
from semsearch.engines.local.segment import (
    ARTICLE_VECTORS,
    CODES,
    COLUMNS,
    DERIVED,
    FACETS,
    LEAST_PROPOSED,
    TAGS,
)
from semsearch.engines.local.sketches import TextHashes, texts_of, write_repeats
from semsearch.engines.local.terms import Collector, SegmentTerms
from semsearch.engines.local.vector_keys import KEYS, Digests, Halves, digests_of, halves_of, write_keys
from semsearch.engines.local.vocabulary import Counts, words_of, write_vocabulary
from semsearch.files import Seal, make_directory, remove, rename, sync_directory
from semsearch.identity import ID_DIGITS, fingerprint
from semsearch.ports import Entry, Matrix


@dataclass(frozen=True, slots=True)
class SegmentContents:
    """The contents of a segment, articles in order of their ids; what takes much memory is made when it is written."""

    lines: Iterable[bytes]  # of the articles (records.record_line)
    truncated: int  # passages that were truncated
    columns: Mapping[str, npt.NDArray[Any]]  # as segment.read_columns reads them
    facets: Lists
    tags: Lists
    vectors: Stored  # of all passages
    article_vectors: Stored
    halves: Halves  # of the passages' keys, in order
    digests: Digests
    titled: Ints  # the articles whose headlines were encoded as queries, ascending
    headlines: Matrix  # the vectors of these headlines
    terms: Callable[[], SegmentTerms]
    texts: Callable[[], TextHashes]
    words: Callable[[], Counts]

    @property
    def first_rows(self) -> Ints:
        """(articles + 1,): article i has rows [i] to [i + 1]."""
        return np.asarray(self.columns["first_rows"])


def contents_of(entries: Sequence[Entry], *, with_words: bool, half: bool) -> SegmentContents:
    """Return the contents of a segment of these articles, given in any order and each id once.

    Args:
        with_words: whether it can be searched by words.
        half: store vectors as float16, as the encoder computes no more digits on any machine.
    """
    number_type: type[np.floating[Any]] = np.float16 if half else np.float32
    entries = sorted(entries, key=lambda entry: entry.article.metadata.article_id)
    # Everything is derived from the stored vectors, so that a merge, or a repair, derives the same.
    entries = [replace(entry, vectors=entry.vectors.astype(number_type).astype(np.float32)) for entry in entries]
    lines = [record_line(entry) for entry in entries]
    metadata = [entry.article.metadata for entry in entries]
    spans = [[(passage.start, passage.end) for passage in entry.passages] for entry in entries]
    dates = [fields.published for fields in metadata]
    texts = [entry.article.text for entry in entries]
    vectors = np.concatenate([entry.vectors for entry in entries], dtype=number_type)
    keys = [key for entry in entries for key, _ in zip(entry.keys, entry.passages, strict=True)]
    titled = [(article, entry.headline) for article, entry in enumerate(entries) if entry.headline is not None]
    columns = {
        "offsets": np.cumsum([0, *map(len, lines)], dtype=np.int64),  # (articles + 1,): where each line begins
        "ids": np.array([fields.article_id for fields in metadata], dtype=f"S{ID_DIGITS}"),
        "fingerprints": np.array([list(fingerprint(entry.article)) for entry in entries], dtype=np.uint8),
        "published": np.array([(date.earliest, date.latest) if date else UNDATED for date in dates], dtype=np.int64),
        "indexed": np.array([_instant(fields.indexed) for fields in metadata], dtype="datetime64[s]"),
        "legibility": np.array([legibility_of(entry) for entry in entries], dtype=np.float32),
        "spans": np.array(list(chain.from_iterable(spans)), dtype=np.int32),  # (passages, 2): start, end
        "first_rows": np.cumsum([0, *map(len, spans)], dtype=np.int64),  # (articles + 1,)
    }
    return SegmentContents(
        lines,
        sum(entry.truncated for entry in entries),
        columns,
        lists_of(map(facets_of, metadata)),
        lists_of(map(tags_of, metadata)),
        vectors,
        _means(entries).astype(number_type),
        halves_of(keys),
        digests_of(keys, vectors),
        np.array([article for article, _ in titled], dtype=np.int64),
        np.array([headline for _, headline in titled], dtype=np.float32).reshape(-1, vectors.shape[1]),
        lambda: _terms_of(entries, with_words=with_words),
        lambda: texts_of(texts, spans),
        lambda: words_of(entry.article for entry in entries) if with_words else {},
    )


def write_segment(
    folder: Path, generation: int, entries: Sequence[Entry], *, with_words: bool = True, half: bool = False
) -> SegmentEntry:
    """Write articles, in any order and each id once, as a new segment of a generation (`contents_of`)."""
    return write_contents(folder, generation, contents_of(entries, with_words=with_words, half=half))


def write_contents(folder: Path, generation: int, contents: SegmentContents) -> SegmentEntry:
    """Write a new segment of a generation.

    Rows follow article ids and, within an article, the order of its passages, so that the same articles give the same
    bytes and equal scores are ordered by row.
    """
    temporary = folder / f"{generation:06}-unfinished"
    remove(temporary)  # left by a flush that failed
    make_directory(temporary)
    first_rows = contents.first_rows
    files: dict[str, Seal] = {
        HELD: write_lines(temporary / HELD, contents.lines),
        COLUMNS: write_arrays(temporary / COLUMNS, contents.columns),
        **write_facets(temporary / FACETS, contents.facets),
        **write_facets(temporary / TAGS, contents.tags),
        VECTORS: write_array(temporary / VECTORS, contents.vectors),
        ARTICLE_VECTORS: write_array(temporary / ARTICLE_VECTORS, contents.article_vectors),
        **write_codes(temporary, contents.vectors, contents.article_vectors),
        **write_keys(temporary, contents.halves, contents.digests),
        **write_vocabulary(temporary, contents.words()),
        **write_background(temporary, contents.titled, contents.headlines, contents.vectors, first_rows),
    }
    terms_files, lengths = _write_terms(temporary, contents)
    with (temporary / HELD).open("rb") as lines:
        read_text = partial(_read_text, lines, contents.columns["offsets"])
        files |= terms_files
        files |= write_repeats(temporary, contents.texts(), first_rows, lengths, read_text)
    sync_directory(temporary)
    truth = (HELD, VECTORS, KEYS)
    name = _new_name(folder, generation, "".join(files[file].sha256 for file in truth))
    rename(temporary, folder / name)
    return SegmentEntry(name, len(first_rows) - 1, int(first_rows[-1]), contents.truncated, files, DERIVED)


def _write_terms(folder: Path, contents: SegmentContents) -> tuple[Mapping[str, Seal], Ints]:
    """Write the terms, which take much memory; return the files, and how many terms each article has, (articles,)."""
    terms = contents.terms()
    return write_terms(folder, terms), terms.lengths[len(terms.row_counts) :].copy()


def _read_text(lines: BinaryIO, offsets: Ints, article: int) -> str:
    """Return the text of an article whose line was just written."""
    begin, end = offsets[[article, article + 1]].tolist()
    lines.seek(begin)
    return read_id_and_text(lines.read(end - begin))[1]


def write_codes(folder: Path, vectors: Stored, means: Stored) -> Mapping[str, Seal]:
    """Write the codes of passages' and articles' vectors."""
    arrays: dict[str, npt.NDArray[Any]] = {}
    for prefix, matrix in (("", vectors), ("article_", means)):
        arrays[f"{prefix}codes"], arrays[f"{prefix}steps"] = encoded(matrix)
        if len(matrix) >= LEAST_PROPOSED:
            from semsearch.engines.local import product_codes

            coded = product_codes.coded(matrix)
            arrays[f"{prefix}product_codes"], arrays[f"{prefix}centroids"] = coded.codes, coded.centroids
    return {CODES: write_arrays(folder / CODES, arrays)}


def _terms_of(entries: Sequence[Entry], *, with_words: bool) -> SegmentTerms:
    collector = Collector()
    for entry in entries:
        metadata, text = entry.article.metadata, entry.article.text
        if with_words:
            collector.add(metadata, text, [(passage.start, passage.end) for passage in entry.passages])
        else:
            collector.add_wordless(metadata, len(entry.passages))
    return collector.terms()


def _new_name(folder: Path, generation: int, content: str) -> str:
    """Name a segment by its contents; a second one with the same contents in a generation by a digest of that name."""
    digest = hashlib.sha256(content.encode()).hexdigest()
    name = f"{generation:06}-{digest[:12]}"
    return _new_name(folder, generation, digest) if (folder / name).exists() else name


def _means(entries: Sequence[Entry]) -> Matrix:
    """Return (articles, dimensions): the mean of each article's passages, at unit length."""
    means = np.stack([entry.vectors.mean(axis=0, dtype=np.float64) for entry in entries])
    lengths = np.linalg.norm(means, axis=1, keepdims=True)
    return (means / np.where(lengths > 0, lengths, 1)).astype(np.float32)


def _instant(text: str | None) -> np.datetime64:
    return np.datetime64("NaT") if text is None else np.datetime64(text.removesuffix("Z"), "s")
