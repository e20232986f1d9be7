"""A tokenizer of very many pieces, made for a few words at a time.

A Unigram tokenizer takes the cut of a text whose pieces have the highest scores. Only pieces that the text contains can
be part of it, so that a tokenizer of these pieces alone makes the same cut as one of all 250,000, which takes a second
and 250 MB to load. Two things are kept: all pieces in order, mapped and not read, and the tokenizer without its pieces.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

FRAME, PIECES, SCORES = "frame.json", "pieces.npy", "scores.npy"
"""Files: the tokenizer without its pieces; the pieces, ordered by their bytes; the token and the score of each."""

_FEWEST = 50_000
"""Pieces. A tokenizer with fewer is loaded within a tenth of a second."""

_LONGEST = 96
"""Bytes of a piece: a row in the file of pieces has room for the longest."""

_MUCH = 20_000
"""Characters within _SOON: from here on the full tokenizer is worth loading."""

_SOON = 10.0  # seconds

_SCORE = np.dtype([("token", "<i4"), ("score", "<f8")])

Cut = tuple[Tokenizer, Mapping[str, int] | None]
"""A tokenizer, and the token of each of its pieces where the numbers that it gives them itself are different."""


def write_pieces(tokenizer: Tokenizer, folder: Path) -> bool:
    """Write what `FewPieces` needs; False if the tokenizer is of another kind, or loads quickly as it is."""
    frame = json.loads(tokenizer.to_str())
    model = frame["model"]
    if model.get("type") != "Unigram" or model.get("byte_fallback") or model.get("unk_id") is None:
        return False
    if any(token["normalized"] for token in frame["added_tokens"]):
        return False  # a text may spell them in other ways
    rows = [(piece.encode(), score) for piece, score in model["vocab"]]
    longest = max(len(piece) for piece, _ in rows)
    if len(rows) < _FEWEST or longest > _LONGEST or any(b"\0" in piece for piece, _ in rows):
        return False
    order = sorted(range(len(rows)), key=lambda token: rows[token][0])
    pieces = np.array([rows[token][0] for token in order], dtype=f"S{longest}")
    np.save(folder / PIECES, pieces)
    np.save(folder / SCORES, np.array([(token, rows[token][1]) for token in order], dtype=_SCORE))
    lowest = min(model["vocab"], key=lambda row: row[1])
    stored = {
        "characters": max(len(piece) for piece, _ in model["vocab"]),
        "unknown": model["unk_id"],
        "always": [model["vocab"][model["unk_id"]], lowest],  # what is unknown scores less than the lowest
        "tokenizer": frame | {"model": model | {"vocab": [], "unk_id": 0}},
    }
    (folder / FRAME).write_text(json.dumps(stored, ensure_ascii=False), encoding="utf-8")
    return True


class FewPieces:
    """Gives a tokenizer for some texts: of their pieces alone, or the full one where there is much to read."""

    def __init__(self, folder: Path, load: Callable[[], Tokenizer]) -> None:
        """Open what `write_pieces` wrote.

        Args:
            load: loads the full tokenizer, when it is first worth it.
        """
        frame: dict[str, Any] = json.loads((folder / FRAME).read_bytes())
        self._frame = frame["tokenizer"]
        self._always_present: list[tuple[str, float]] = [(piece, score) for piece, score in frame["always"]]
        self._characters: int = frame["characters"]
        self.unknown: int = frame["unknown"]
        self._added = {token["content"]: token["id"] for token in self._frame["added_tokens"]}
        self._pieces: npt.NDArray[np.bytes_] = np.load(folder / PIECES, mmap_mode="r")
        self._scores: npt.NDArray[Any] = np.load(folder / SCORES, mmap_mode="r")
        self._bare = self._tokenizer([("\0", 0.0)])  # which is in no piece, so that no word is taken apart
        self._load = load
        self._full: Tokenizer | None = None
        self._since, self._read_characters = 0.0, 0

    def __call__(self, texts: Sequence[str]) -> Cut:
        """Return a tokenizer that cuts these texts as the full one does."""
        if self._full is None and self._is_much(texts):
            self._full = self._load()
            self._full.no_truncation()
            self._full.no_padding()
        if self._full is not None:
            return self._full, None
        present = dict(self._pieces_in(texts))
        scores = dict(self._always_present) | {piece: score for piece, (_, score) in present.items()}
        tokens = {piece: token for piece, (token, _) in present.items()}
        return self._tokenizer(scores.items()), tokens | self._added

    def _is_much(self, texts: Sequence[str]) -> bool:
        now = time.monotonic()
        if now - self._since > _SOON:
            self._since, self._read_characters = now, 0
        self._read_characters += sum(map(len, texts))
        return self._read_characters > _MUCH

    def _pieces_in(self, texts: Sequence[str]) -> Iterator[tuple[str, tuple[int, float]]]:
        """Yield the pieces that texts contain, with their tokens and scores."""
        wanted = sorted(self._candidates(texts))
        if not wanted:
            return
        keys = np.array(wanted, dtype=self._pieces.dtype)
        rows = np.minimum(np.searchsorted(self._pieces, keys), len(self._pieces) - 1)
        for place in np.flatnonzero(self._pieces[rows] == keys):
            token, score = self._scores[rows[place]].item()
            yield wanted[place].decode(), (token, score)

    def _candidates(self, texts: Sequence[str]) -> set[bytes]:
        """Return every part of texts that could be a piece, of words as the tokenizer sees them: normalised."""
        words = {word for encoding in self._bare.encode_batch(list(texts)) for word in encoding.tokens}
        lengths = range(1, self._characters + 1)
        parts = {
            word[start : start + length].encode() for word in words for start in range(len(word)) for length in lengths
        }
        return {part for part in parts if len(part) <= self._pieces.dtype.itemsize and b"\0" not in part}

    def _tokenizer(self, pieces: Iterable[tuple[str, float]]) -> Tokenizer:
        frame = self._frame | {"model": self._frame["model"] | {"vocab": list(pieces)}}
        tokenizer = Tokenizer.from_str(json.dumps(frame))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer
