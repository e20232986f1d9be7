"""How much of a score is meaning, how much is words, and how much of each its whole article says."""

from semsearch.ports import Mix
from semsearch.types import Mode

_MIXES = {
    Mode.HYBRID: Mix(dense=1.0, lexical=0.7, dense_article=0.5, foreign_article=0.6, lexical_article=0.5, feedback=1.0),
    Mode.DENSE: Mix(dense=1.0),
    Mode.LEXICAL: Mix(dense=0.0),
}
"""The hybrid's were chosen on half of each of eleven sets; what else was tried is in docs/explanation/measurements.md.
The pure modes rank by the passage alone."""


def mix_of(mode: Mode) -> Mix:
    """Return the weights of a mode."""
    return _MIXES[mode]
