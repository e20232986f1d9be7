"""The frozen records that all layers share. Standard library only, except for pandas in `to_pandas`."""

from semsearch.types.answers import Answer, Excerpt, Explanation, Hit, Verdict, Word
from semsearch.types.articles import Article, Date, Metadata, Passage, Skipped, Unreadable, iso_seconds
from semsearch.types.artifacts import Packed, Pulled, SourceNote
from semsearch.types.counts import Approximation, Stats, Summary
from semsearch.types.distributions import (
    Bar,
    Copies,
    Count,
    Coverage,
    Facet,
    Facets,
    Interval,
    Selection,
    Timeline,
)
from semsearch.types.fetch import Fetch
from semsearch.types.filters import FILTER_NAMES, NAME_FILTERS, UNDATED, Bound, FilterArguments, Filters, NameFilter
from semsearch.types.health import Damage, Finding, State, Verification
from semsearch.types.queries import TIMEOUT, GroupBy, Mode, Query, SearchArguments, Sort
from semsearch.types.recipes import (
    CosineScale,
    EncoderIdentity,
    FetchedModel,
    Origin,
    Precision,
    ReadyModel,
    Recipe,
    Tier,
)

__all__ = [
    "FILTER_NAMES",
    "NAME_FILTERS",
    "TIMEOUT",
    "UNDATED",
    "Answer",
    "Approximation",
    "Article",
    "Bar",
    "Bound",
    "Copies",
    "CosineScale",
    "Count",
    "Coverage",
    "Damage",
    "Date",
    "EncoderIdentity",
    "Excerpt",
    "Explanation",
    "Facet",
    "Facets",
    "Fetch",
    "FetchedModel",
    "FilterArguments",
    "Filters",
    "Finding",
    "GroupBy",
    "Hit",
    "Interval",
    "Metadata",
    "Mode",
    "NameFilter",
    "Origin",
    "Packed",
    "Passage",
    "Precision",
    "Pulled",
    "Query",
    "ReadyModel",
    "Recipe",
    "SearchArguments",
    "Selection",
    "Skipped",
    "Sort",
    "SourceNote",
    "State",
    "Stats",
    "Summary",
    "Tier",
    "Timeline",
    "Unreadable",
    "Verdict",
    "Verification",
    "Word",
    "iso_seconds",
]
