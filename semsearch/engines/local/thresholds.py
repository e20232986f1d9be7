"""From which size on a search takes another way: one value for each engine. Tests make small ones, to go every way."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Sizes that decide how a generation is searched.

    These change what is found: the common ones, the most terms and the last.
    """

    exact_rows: int = 131_072
    """Of an index that is ranked as if every row were scored. In a larger one product codes and words propose rows."""

    gathered_rows: int = 8_192
    """Where no more are allowed, each of them is looked at, however large the index is."""

    proposed_rows: int = 256
    """That vectors and words, of passages and of articles, propose each, at first."""

    judged_rows: int = 1_024
    """That each of them proposes where a least confidence leaves out most."""

    known_rows: int = 1_024
    """Whose words are looked up one by one; of more rows those alone that have most of a query's words."""

    word_rows: int = 512
    """That have most of a query's words: theirs are known, and others have no more than the last of them."""

    first_depth: int = 64
    """Rows that are put in order at first."""

    deeper: int = 4
    """So many times as many rows are put in order next, at least 2."""

    block: int = 64
    """Rows that are looked through for their best one alone, where the best of all are wanted."""

    batch: int = 4_096
    """Rows that are scored, or handed on, at once; the clock is looked at in between."""

    added_up: int = 1 << 17
    """Postings of a query, and passages or articles: where there are no more, all scores by words are added up."""

    summed_block: int = 1 << 18
    """Passages or articles whose scores are added up at once, in memory that a processor has near."""

    looked_up: int = 4_096
    """Passages or articles: where no more are allowed, the words of each are looked up, and none are listed."""

    tried: int = 2
    """So many times as many as are wanted are scored whole, to know what the best by words reach at least."""

    common_from: int = 2_000
    common_share: float = 0.3
    """Of so many passages or articles of one analyser or more, a term that a larger share has is left out of a query
    that has rarer ones: it says little, and there are many places to add it up for."""

    most_terms: int = 96
    """Of a query, by one analyser, that are looked for. Of a whole text these say what it is about: the rarest ones."""

    remembered_articles: int = 4_096
    """Of which those that may be copies are remembered."""

    repeated_articles: int = 8
    """Of one outlet, none a copy of another: a paragraph that so many have says nothing about any of them."""


DEFAULTS = Thresholds()
"""Those of an engine that is not told others."""
