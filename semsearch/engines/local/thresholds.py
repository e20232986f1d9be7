"""The sizes from which a search takes another path, one set for each engine. Tests make them small to take them all."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Sizes that decide how a generation is searched.

    Only the common ones, both of most terms, and `repeated_articles` change what is found.
    """

    exact_rows: int = 131_072
    """An index of this many rows is ranked as if every row were scored; in a larger one, codes and words propose."""

    gathered_rows: int = 8_192
    """Where no more rows are allowed, each of them is looked at, however large the index is."""

    proposed_rows: int = 256
    """Rows that each signal, vectors or words of passages or of articles, proposes at first."""

    judged_rows: int = 1_024
    """Rows that each signal proposes where a least confidence leaves out most of them."""

    known_rows: int = 1_024
    """The words of this many rows are looked up one by one; of more rows only of those with most of a query's words."""

    word_rows: int = 512
    """Rows with most of a query's words whose scores by words are known; no other row's is above the last of them."""

    first_depth: int = 64
    """Rows that are put in order at first."""

    deeper: int = 4
    """How many times as many rows are put in order next, at least 2."""

    block: int = 64
    """Rows in a block of which only the best is compared at first, where the best of all rows are wanted."""

    batch: int = 4_096
    """Rows that are scored, or handed on, at once; the clock is looked at in between."""

    added_up: int = 1 << 17
    """Where a query has no more postings, and there are no more units, all scores by words are added up at once."""

    summed_block: int = 1 << 18
    """Passages or articles whose scores are added up at once, in an array that fits a processor's cache."""

    looked_up: int = 4_096
    """Where no more passages or articles are allowed, the words of each are looked up instead of being listed."""

    tried: int = 2
    """How many times as many units as are wanted are scored in full, to get a bar that the best by words reach."""

    common_from: int = 2_000
    common_share: float = 0.3
    """Where an analyser has at least `common_from` passages or articles, a term that a larger share of them has is left
    out of a query that has rarer terms: it says little, and stands in many places to add up."""

    most_terms: int = 96
    """Terms of a query that are looked for, by one analyser: the rarest, which say best what a long query is about."""

    most_terms_beside_vectors: int = 32
    """The same where vectors are compared, too. Vectors say what a long text is about, and fewer terms find as much."""

    remembered_articles: int = 4_096
    """Articles whose likely copies are remembered."""

    counted_paragraphs: int = 4_096
    """Where more paragraphs are looked up at once, those that many articles have are found among all first; that takes
    10 ms for a million paragraphs, once a generation, and the look-ups almost nothing."""

    merged_paragraphs: int = 1 << 20
    """Paragraphs of all segments that are copied into memory at once to find these."""

    repeated_articles: int = 8
    """A paragraph in this many articles of one outlet, none a copy of another, says nothing about any of them."""


DEFAULTS = Thresholds()
"""The thresholds of an engine that is given no others."""
