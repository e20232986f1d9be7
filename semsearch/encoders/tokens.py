"""Texts -> tokens, by a model's own tokenizer and without any other part of its library."""

import json
import os
import threading
from collections.abc import Iterator, Sequence
from typing import TypeVar

from tokenizers import Encoding, Tokenizer

from semsearch.text import Span

_UNKNOWN = ("[UNK]", "<unk>")
"""What tokenizers call a token for anything that they have none for; those that read bytes need none."""

_Token = TypeVar("_Token")

_AT_ONCE = 1024
"""Texts. The tokenizer keeps some eighty bytes a token until a batch is done."""

_reading = threading.Lock()
"""Held while a batch is read: a fork in between would leave the child's tokenizer waiting for threads that are gone."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_reading.acquire, after_in_parent=_reading.release, after_in_child=_reading.release)


class Tokens:
    """Counts and reads tokens; a text may be longer than any limit. Safe between threads."""

    def __init__(self, tokenizer: Tokenizer, *, special: bool) -> None:
        """Take a tokenizer, which is changed: nobody else may use it."""
        self._tokenizer = tokenizer
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._special = special
        around = self._tokenizer.encode("a", add_special_tokens=special).special_tokens_mask
        self._after = next((at for at, is_special in enumerate(reversed(around)) if not is_special), 0)
        known = (self._tokenizer.token_to_id(name) for name in _UNKNOWN)
        self._unknown = next((token for token in known if token is not None), None)
        self.special = self._tokenizer.num_special_tokens_to_add(is_pair=False) if special else 0

    @classmethod
    def from_json(cls, stored: bytes) -> "Tokens":
        """Read what `to_json` wrote."""
        said = json.loads(stored)
        return cls(Tokenizer.from_str(said["tokenizer"]), special=said["special"])

    def to_json(self) -> bytes:
        """Write everything that tokens depend on."""
        return json.dumps(
            {"special": self._special, "tokenizer": self._tokenizer.to_str()}, ensure_ascii=False
        ).encode()

    def count(self, texts: Sequence[str]) -> list[int]:
        """Count each text's tokens, special ones excluded, nothing cut off."""
        return [len(encoding) for encoding in self._encodings(texts, special=False)]

    def count_unread(self, texts: Sequence[str]) -> list[int]:
        """Count each text's characters that stand behind tokens for anything unknown."""
        if self._unknown is None:
            return [0] * len(texts)
        found = []
        for start in range(0, len(texts), _AT_ONCE):
            with _reading:
                encodings = self._tokenizer.encode_batch(
                    list(texts[start : start + _AT_ONCE]), add_special_tokens=False
                )
            for encoding in encodings:
                spans = zip(encoding.ids, encoding.offsets, strict=True)
                found.append(sum(end - begin for token, (begin, end) in spans if token == self._unknown))
        return found

    def read(self, texts: Sequence[str], most: int | None) -> list[list[int]]:
        """Return each text's tokens with the special ones around them, `most` at most: the end of the text goes."""
        return [self._cut(encoding.ids, most) for encoding in self._encodings(texts, special=self._special)]

    def locate(self, text: str, most: int | None) -> list[Span | None]:
        """Return where in the text each token that `read` returns lies; None for a special one."""
        with _reading:
            encoding = self._tokenizer.encode(text, add_special_tokens=self._special)
        spans = zip(encoding.offsets, encoding.special_tokens_mask, strict=True)
        return self._cut([None if is_special else span for span, is_special in spans], most)

    def _cut(self, tokens: list[_Token], most: int | None) -> list[_Token]:
        if most is not None and len(tokens) > most:
            tokens[most - self._after :] = tokens[len(tokens) - self._after :]
        return tokens

    def _encodings(self, texts: Sequence[str], *, special: bool) -> Iterator[Encoding]:
        for start in range(0, len(texts), _AT_ONCE):
            batch = list(texts[start : start + _AT_ONCE])
            with _reading:
                encodings = self._tokenizer.encode_batch_fast(batch, add_special_tokens=special)
            yield from encodings
