"""The nouns: frozen records that every floor speaks in. Standard library only."""

from semsearch.types.answers import Answer, Excerpt, Explanation, Hit, Verdict, Word
from semsearch.types.articles import Article, Date, Metadata, Passage, Skipped, Unreadable, iso_seconds
from semsearch.types.artifacts import Packed, Pulled, SourceNote
from semsearch.types.counts import Approximation, Stats, Summary
from semsearch.types.health import Damage, Finding, State, Verification
from semsearch.types.queries import TIMEOUT, Bound, Filters, GroupBy, Mode, Query, Sort
from semsearch.types.recipes import EncoderIdentity, Origin, Precision, ReadyModel, Recipe, Tier

__all__ = [
    "TIMEOUT",
    "Answer",
    "Approximation",
    "Article",
    "Bound",
    "Damage",
    "Date",
    "EncoderIdentity",
    "Excerpt",
    "Explanation",
    "Filters",
    "Finding",
    "GroupBy",
    "Hit",
    "Metadata",
    "Mode",
    "Origin",
    "Packed",
    "Passage",
    "Precision",
    "Pulled",
    "Query",
    "ReadyModel",
    "Recipe",
    "Skipped",
    "Sort",
    "SourceNote",
    "State",
    "Stats",
    "Summary",
    "Tier",
    "Unreadable",
    "Verdict",
    "Verification",
    "Word",
    "iso_seconds",
]
