"""Which articles carry the same text? Sketches find candidates, and an alignment of two texts decides."""

from semsearch.copies.likeness import Agreement, Likeness, agreement, is_copy, is_same_text, likeness
from semsearch.copies.shared_letters import letters, shared_letters
from semsearch.copies.sketches import (
    BANDS,
    LEAST_BANDS,
    LEAST_PARAGRAPH,
    VERSION,
    paragraph_hashes,
    sketch,
    worth_comparing,
)
from semsearch.copies.words import READ_CHARACTERS, Words

__all__ = [
    "BANDS",
    "LEAST_BANDS",
    "LEAST_PARAGRAPH",
    "READ_CHARACTERS",
    "VERSION",
    "Agreement",
    "Likeness",
    "Words",
    "agreement",
    "is_copy",
    "is_same_text",
    "letters",
    "likeness",
    "paragraph_hashes",
    "shared_letters",
    "sketch",
    "worth_comparing",
]
