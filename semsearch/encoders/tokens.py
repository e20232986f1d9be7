"""The tokens of texts, by a model's own tokenizer and without any other part of its library."""

import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from tokenizers import Encoding, Tokenizer

from semsearch.encoders.pieces import FRAME, PIECES, SCORES, Cut, FewPieces, write_pieces
from semsearch.errors import EncoderError
from semsearch.text import Span

TOKENS = "tokens.json"
"""The file in a ready model's folder that holds its tokenizer."""

READ_FIRST = (FRAME, PIECES, SCORES)
"""Files in that folder of a tokenizer that is loaded in full only where there is much to read."""

_UNKNOWN = ("[UNK]", "<unk>")
"""Names of the token for anything unknown; tokenizers that read bytes need none."""

_Token = TypeVar("_Token")

_AT_ONCE = 1024
"""Texts in a batch. The tokenizer keeps some eighty bytes for each token until a batch is done."""

_reading = threading.Lock()
"""Held while a batch is read: a fork in between would leave the child's tokenizer waiting for threads that are gone."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_reading.acquire, after_in_parent=_reading.release, after_in_child=_reading.release)


class Tokens:
    """Counts and reads tokens; a text may be longer than any limit. Safe between threads."""

    def __init__(self, tokenizers: Callable[[Sequence[str]], Cut], *, unknown: int | None, special: bool) -> None:
        """Take a function that gives a tokenizer for some texts (pieces.FewPieces), and the token for the unknown."""
        self._tokenizers = tokenizers
        self._unknown = unknown
        self._special = special
        tokenizer, _ = tokenizers(["a"])
        special_mask = tokenizer.encode("a", add_special_tokens=special).special_tokens_mask
        self._closing = next((count for count, is_special in enumerate(reversed(special_mask)) if not is_special), 0)
        self.special = tokenizer.num_special_tokens_to_add(is_pair=False) if special else 0

    @classmethod
    def of(cls, tokenizer: Tokenizer, *, special: bool) -> "Tokens":
        """Return tokens by one tokenizer for all texts; it is changed, and nothing else may use it."""
        tokenizer.no_truncation()
        tokenizer.no_padding()
        unknown_tokens = (tokenizer.token_to_id(name) for name in _UNKNOWN)
        unknown = next((token for token in unknown_tokens if token is not None), None)
        return cls(lambda _: (tokenizer, None), unknown=unknown, special=special)

    @classmethod
    def opened(cls, folder: Path, is_whole: Callable[[], bool]) -> "Tokens":
        """Open what `write_tokens` wrote.

        Args:
            is_whole: tells whether TOKENS is what was written, if it is read later.
        """
        if (folder / FRAME).exists():

            def load() -> Tokenizer:
                if not is_whole():
                    raise EncoderError(f"{folder / TOKENS} is damaged", f"remove {folder}; it is made again")
                return _read_stored(folder)[0]

            few = FewPieces(folder, load)
            return cls(few, unknown=few.unknown, special=True)
        tokenizer, special = _read_stored(folder)
        return cls.of(tokenizer, special=special)

    def count(self, texts: Sequence[str]) -> list[int]:
        """Count each text's tokens, special ones excluded, nothing cut off."""
        return [len(encoding) for encoding, _ in self._encodings(texts, special=False)]

    def count_unread(self, texts: Sequence[str]) -> list[int]:
        """Count each text's characters that became the token for anything unknown."""
        if self._unknown is None:
            return [0] * len(texts)
        counts = []
        for encoding, pieces in self._encodings(texts, special=False, places=True):
            spans = zip(self._ids(encoding, pieces), encoding.offsets, strict=True)
            counts.append(sum(end - begin for token, (begin, end) in spans if token == self._unknown))
        return counts

    def read(self, texts: Sequence[str], most: int | None) -> list[list[int]]:
        """Return each text's tokens with the special ones around them, at most `most`; a long text loses its end."""
        encodings = self._encodings(texts, special=self._special)
        return [self._cut(self._ids(encoding, pieces), most) for encoding, pieces in encodings]

    def locate(self, text: str, most: int | None) -> list[Span | None]:
        """Return where in the text each token that `read` returns lies; None for a special one."""
        [(encoding, _)] = self._encodings([text], special=self._special, places=True)
        spans = zip(encoding.offsets, encoding.special_tokens_mask, strict=True)
        return self._cut([None if is_special else span for span, is_special in spans], most)

    def _ids(self, encoding: Encoding, pieces: Mapping[str, int] | None) -> list[int]:
        if pieces is None:
            return list(encoding.ids)
        unknown = self._unknown or 0  # a special token may have taken the space around it
        return [pieces[piece] if piece in pieces else pieces.get(piece.strip(), unknown) for piece in encoding.tokens]

    def _cut(self, tokens: list[_Token], most: int | None) -> list[_Token]:
        if most is not None and len(tokens) > most:
            tokens[most - self._closing :] = tokens[len(tokens) - self._closing :]
        return tokens

    def _encodings(
        self, texts: Sequence[str], *, special: bool, places: bool = False
    ) -> Iterator[tuple[Encoding, Mapping[str, int] | None]]:
        """Yield each text's encoding, with places if they are asked for, and the tokens of its pieces (pieces.Cut)."""
        for start in range(0, len(texts), _AT_ONCE):
            batch = list(texts[start : start + _AT_ONCE])
            with _reading:
                tokenizer, pieces = self._tokenizers(batch)
                is_plain = pieces is None and not places  # the fast way keeps neither places nor the pieces' names
                encode = tokenizer.encode_batch_fast if is_plain else tokenizer.encode_batch
                encodings = encode(batch, add_special_tokens=special)
            for encoding in encodings:
                yield encoding, pieces


def write_tokens(tokenizer: Tokenizer, folder: Path, *, special: bool) -> None:
    """Write everything that tokens depend on.

    Args:
        special: whether special tokens stand around a text.
    """
    stored = {"special": special, "tokenizer": tokenizer.to_str()}
    (folder / TOKENS).write_text(json.dumps(stored, ensure_ascii=False), encoding="utf-8")
    if special:
        write_pieces(tokenizer, folder)


def _read_stored(folder: Path) -> tuple[Tokenizer, bool]:
    stored = json.loads((folder / TOKENS).read_bytes())
    return Tokenizer.from_str(stored["tokenizer"]), bool(stored["special"])
