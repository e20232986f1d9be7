"""What the files of a segment hold, read and written without the code under test: arrays one after the other."""

from collections.abc import Callable, Iterable, Mapping
from io import BytesIO
from pathlib import Path

import numpy as np

NAMES: Mapping[str, tuple[str, ...]] = {
    "columns.arrays": ("offsets", "ids", "fingerprints", "published", "indexed", "legibility", "spans", "first_rows"),
    "vectors.npy": ("vectors",),
    "article_vectors.npy": ("article_vectors",),
    "codes.arrays": ("codes", "steps", "article_codes", "article_steps"),
    "keys.arrays": ("halves", "rows", "digests"),
    "background.arrays": ("sums", "articles", "headlines"),
    "vocabulary.arrays": ("words", "counts", "lengths"),
    "facets.arrays": ("index", "articles"),
    "tags.arrays": ("index", "articles"),
    "repeats.arrays": (
        *("paragraphs", "row_paragraphs", "sorted_paragraphs", "paragraph_articles"),
        *("sketches", "sorted_bands", "band_articles"),
        *("pair_firsts", "pair_others", "pair_letters", "pair_agreements"),
    ),
    "terms.arrays": (
        *("token_keys", "token_words", "group_keys", "group_tokens", "group_rows", "group_articles", "group_bounds"),
        *(
            "group_usual",
            "row_postings",
            "row_large_counts",
            "article_postings",
            "article_large_counts",
            "article_unusual",
        ),
        *("usual_tokens", "places", "place_rare", "row_places", "about", "about_rare", "about_places"),
        *("pair_keys", "pair_spans", "pair_rows", "row_spellings", "about_spellings", "irregular", "sizes"),
        *("lengths", "length_classes", "analysers", "analyser_names"),
    ),
}
"""The arrays of each file in their order; of codes, those that a small segment has."""

_ALIGNED = 64


def pieces_in(name: str, content: bytes) -> dict[str, bytes]:
    """Return each array in the content of a file of this name, as an `.npy` file would hold it."""
    stream = BytesIO(content)
    pieces = {}
    for each in NAMES[name]:
        stream.seek(-stream.tell() % _ALIGNED, 1)
        begin = stream.tell()
        np.load(stream, allow_pickle=False)
        pieces[each] = content[begin : stream.tell()]
    assert stream.tell() == len(content)
    return pieces


def joined(pieces: Iterable[bytes]) -> bytes:
    """Return the content of a file that has these pieces."""
    content = bytearray()
    for piece in pieces:
        content += bytes(-len(content) % _ALIGNED) + piece
    return bytes(content)


def saved(array: np.ndarray) -> bytes:
    """Return what an `.npy` file of this array holds."""
    stream = BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


def arrays_in(name: str, content: bytes) -> dict[str, np.ndarray]:
    """Return the arrays in the content of a file of this name."""
    return {each: np.load(BytesIO(piece)) for each, piece in pieces_in(name, content).items()}


def arrays_of(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays in a file."""
    return arrays_in(path.name, path.read_bytes())


def store(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Put a file of these arrays in the place of what is there; whoever has that open keeps it."""
    path.unlink()
    path.write_bytes(joined(map(saved, arrays.values())))


def change(path: Path, name: str, changed: Callable[[np.ndarray], np.ndarray]) -> None:
    """Replace one array of a file."""
    arrays = arrays_of(path)
    store(path, arrays | {name: changed(arrays[name])})
