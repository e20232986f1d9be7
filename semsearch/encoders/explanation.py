"""What each token adds to a score -> what each word does."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

import numpy as np

from semsearch.ports import Contribution, Matrix, Vector
from semsearch.text import Span

_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
"""Thai and Lao, Burmese, Khmer, Chinese and Japanese: nothing but the tokenizer says where a word ends."""

_WITHIN = ".,'’·"
"""Marks that belong to a word or a number where a letter or digit stands on both sides."""

_INVISIBLE = "\u00ad\u200b\u200c\u200d"


def explained(
    text: str, prefix: str, spans: Iterable[Span | None], parts: Matrix, vector: Vector
) -> list[Contribution]:
    """Take the cosine of a unit vector and a passage apart into the words that made it.

    Args:
        spans: where each token lies in prefix and text, in order, space around it included or not; None for nowhere.
        parts: (tokens + 1, dimensions), the last of no token; its rows add up to the passage's vector, of any length.
    """
    added = parts.astype(np.float64)
    length = float(np.linalg.norm(added.sum(axis=0)))
    if not length:  # the first axis stands for what says nothing
        return [Contribution(0, 0, float(vector[0]))]
    values: list[float] = (added @ vector / length).tolist()
    return _by_words(text, [span and _moved(span, -len(prefix)) for span in spans], values)


def _moved(span: Span, by: int) -> Span:
    return max(0, span[0] + by), max(0, span[1] + by)


def _by_words(text: str, spans: Sequence[Span | None], values: Sequence[float]) -> list[Contribution]:
    """Join tokens to words and add up their values; last comes what belongs to no word."""
    words: list[Contribution] = []
    for span, value in zip(spans, values, strict=False):
        start, end = _trimmed(text, *span) if span else (0, 0)
        if start == end:
            continue
        if words and _continues(text, words[-1], start):
            before = words.pop()
            start, end, value = before.start, max(before.end, end), before.value + value
        words.append(Contribution(start, end, value))
    return [*words, Contribution(0, 0, sum(values) - sum(word.value for word in words))]


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


def _continues(text: str, word: Contribution, start: int) -> bool:
    """Say whether what begins at `start` is of the same word: its own characters, or no boundary in between."""
    if start < word.end:
        return True
    if not all(_is_of_word(text, at) for at in range(word.end - 1, start + 1)):
        return False
    return _is_mark(text[start]) or not (_UNSPACED.match(text[word.end - 1]) or _UNSPACED.match(text[start]))


def _is_of_word(text: str, at: int) -> bool:
    if text[at] in _WITHIN:
        return 0 < at < len(text) - 1 and text[at - 1].isalnum() and text[at + 1].isalnum()
    return text[at].isalnum() or text[at] in _INVISIBLE or _is_mark(text[at])


def _is_mark(char: str) -> bool:
    return unicodedata.category(char).startswith("M")
