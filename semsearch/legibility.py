"""How far an encoder can read a text, as its tokenizer shows: a script it was not made for breaks into tiny tokens."""

import re
from collections.abc import Sequence

from semsearch.ports import Encoder
from semsearch.text import display_width

_OTHER_SCRIPT = re.compile(  # by what it is not: Python takes milliseconds to read large classes
    r"[^\x00-\u036f\u1d00-\u2bff\u2e00-\u2e7f\ufb00-\ufb1c\ufe00-\ufe6f\ufefd-\uffff\U0001f000-\U0010ffff]"
)
"""Characters of any script but Latin, for which every tokenizer has tokens."""

TOKENS_PER_COLUMN = 0.33
"""Most tokens per column of a text that an encoder can read, unless more was measured for its model."""

_STEEPNESS = 1.5
_FEW_TOKENS = 2
"""Chosen on half of the questions of six languages, where 0.28 to 0.33 and 1 to 2 are all as good
(docs/explanation/measurements.md). English has about 0.25 tokens a column with an English vocabulary; Russian and
Arabic have 0.9 there."""


def legibility(texts: Sequence[str], tokens: int, tokens_per_column: float = TOKENS_PER_COLUMN) -> float:
    """Return how much of a score vectors should decide for these texts, 0 to 1.

    Args:
        tokens: of all texts together, without special ones, plus the `unread` characters.
        tokens_per_column: at most so many if the encoder can read the texts.
    """
    columns = columns_of(texts)
    if not tokens or not columns:
        return 0.0
    readable: float = min(1.0, tokens_per_column * columns / tokens) ** _STEEPNESS
    return readable


def article_legibility(texts: Sequence[str], tokens: int, tokens_per_column: float = TOKENS_PER_COLUMN) -> float:
    """Return the `legibility` of an article by its passages; it is less if there are only a few tokens."""
    return legibility(texts, tokens, tokens_per_column) * tokens / (tokens + _FEW_TOKENS)


def columns_of(texts: Sequence[str]) -> int:
    """Return how many columns of a terminal texts take, without spaces; all scripts say about as much in a column."""
    return sum(display_width("".join(text.split())) for text in texts)


def unread(texts: Sequence[str], encoder: Encoder) -> int:
    """Count the characters that an encoder has no token for; each counts as another token."""
    return sum(encoder.count_unread([text for text in texts if _OTHER_SCRIPT.search(text)]))
