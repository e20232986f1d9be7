"""What each word adds to a score, from what each token adds."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

import numpy as np

from semsearch.ports import Contribution, Matrix, Vector
from semsearch.text import Span

_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
"""Thai and Lao, Burmese, Khmer, Chinese and Japanese: only the tokenizer tells where a word ends."""

_WITHIN = ".,'’·"
"""Marks that belong to a word or a number if letters or digits are on both sides."""

_INVISIBLE = "\u00ad\u200b\u200c\u200d"


def explained(
    text: str, prefix: str, spans: Iterable[Span | None], parts: Matrix, vector: Vector
) -> list[Contribution]:
    """Take the cosine of a unit vector and a passage apart into the words that made it.

    Args:
        spans: of each token in prefix and text, in order, with or without the space around it; None if it has no place.
        parts: (tokens + 1, dimensions), the last for no token; the rows add up to the passage's vector, of any length.
    """
    rows = parts.astype(np.float64)
    length = float(np.linalg.norm(rows.sum(axis=0)))
    if not length:  # the first axis stands for what says nothing
        return [Contribution(0, 0, float(vector[0]))]
    values: list[float] = (rows @ vector / length).tolist()
    return _by_words(text, [span and _shifted_span(span, -len(prefix)) for span in spans], values)


def _shifted_span(span: Span, by: int) -> Span:
    return max(0, span[0] + by), max(0, span[1] + by)


def _by_words(text: str, spans: Sequence[Span | None], values: Sequence[float]) -> list[Contribution]:
    """Return the words that tokens make, with the sums of their values; the last entry is for no word."""
    words: list[Contribution] = []
    for span, value in zip(spans, values, strict=False):
        start, end = _trimmed_span(text, *span) if span else (0, 0)
        if start == end:
            continue
        if words and _continues(text, words[-1], start):
            previous = words.pop()
            start, end, value = previous.start, max(previous.end, end), previous.value + value
        words.append(Contribution(start, end, value))
    return [*words, Contribution(0, 0, sum(values) - sum(word.value for word in words))]


def _trimmed_span(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


def _continues(text: str, word: Contribution, start: int) -> bool:
    """Tell whether a token that starts at `start` continues a word: it overlaps it, or no boundary is in between."""
    if start < word.end:
        return True
    if not all(_is_of_word(text, position) for position in range(word.end - 1, start + 1)):
        return False
    return _is_mark(text[start]) or not (_UNSPACED.match(text[word.end - 1]) or _UNSPACED.match(text[start]))


def _is_of_word(text: str, position: int) -> bool:
    if text[position] in _WITHIN:
        return 0 < position < len(text) - 1 and text[position - 1].isalnum() and text[position + 1].isalnum()
    return text[position].isalnum() or text[position] in _INVISIBLE or _is_mark(text[position])


def _is_mark(char: str) -> bool:
    return unicodedata.category(char).startswith("M")
