"""How much of a score is meaning and how much is words, and how much of each comes from the whole article."""

from semsearch.ports import Mix
from semsearch.types import Mode

_MIXES = {
    Mode.HYBRID: Mix(dense=1.0, lexical=0.7, dense_article=0.5, foreign_article=0.6, lexical_article=0.5, feedback=1.0),
    Mode.DENSE: Mix(dense=1.0),
    Mode.LEXICAL: Mix(dense=0.0),
}
"""Those of the hybrid mode were chosen on half of each of eleven sets; docs/explanation/measurements.md has what else
was tried. The pure modes rank by the passage alone."""


def mix_of(mode: Mode) -> Mix:
    """Return the weights of a mode."""
    return _MIXES[mode]
