"""How far an encoder can read a text, as its tokenizer gives away: a script it was not made for falls to crumbs."""

import re
from collections.abc import Sequence

from semsearch.ports import Encoder
from semsearch.text import display_width

_OTHER_SCRIPT = re.compile(  # by what it is not: Python takes milliseconds to read large classes
    r"[^\x00-\u036f\u1d00-\u2bff\u2e00-\u2e7f\ufb00-\ufb1c\ufe00-\ufe6f\ufefd-\uffff\U0001f000-\U0010ffff]"
)
"""Of any script but Latin: no tokenizer is without tokens for that."""

TOKENS_PER_COLUMN = 0.33
"""Of a text that an encoder reads, unless more was measured of its model: beyond, texts are crumbs."""

_STEEPNESS = 1.5
_FEW_TOKENS = 2
"""Chosen on half of the questions of six languages, where 0.28 to 0.33 and 1 to 2 are all as good
(docs/explanation/measurements.md). English has about 0.25 tokens a column with an English vocabulary; Russian and
Arabic have 0.9 there."""


def legibility(texts: Sequence[str], tokens: int, tokens_per_column: float = TOKENS_PER_COLUMN) -> float:
    """Return how much of a score vectors should decide for these texts, 0 to 1.

    Args:
        tokens: of all texts together, special ones excluded, and `unread` characters besides.
        tokens_per_column: so many at most are no crumbs.
    """
    columns = columns_of(texts)
    if not tokens or not columns:
        return 0.0
    readable: float = min(1.0, tokens_per_column * columns / tokens) ** _STEEPNESS
    return readable


def article_legibility(texts: Sequence[str], tokens: int, tokens_per_column: float = TOKENS_PER_COLUMN) -> float:
    """Return `legibility` of an article by its passages; that of a word or two says little to an encoder either."""
    return legibility(texts, tokens, tokens_per_column) * tokens / (tokens + _FEW_TOKENS)


def columns_of(texts: Sequence[str]) -> int:
    """Return how many columns of a terminal texts take, without their spaces: what a script says in one is alike."""
    return sum(display_width("".join(text.split())) for text in texts)


def unread(texts: Sequence[str], encoder: Encoder) -> int:
    """Count the characters that an encoder has no token for: each is as good as a crumb."""
    return sum(encoder.count_unread([text for text in texts if _OTHER_SCRIPT.search(text)]))
