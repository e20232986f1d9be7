"""Semantic search over news corpora: the closest passages, with their articles' metadata."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from semsearch.index import Index
    from semsearch.sources import read
    from semsearch.types import (
        Answer,
        Article,
        Bound,
        Date,
        Excerpt,
        Explanation,
        Fetch,
        Filters,
        GroupBy,
        Hit,
        Metadata,
        Mode,
        Passage,
        Precision,
        Query,
        Skipped,
        Sort,
        Stats,
        Summary,
        Tier,
        Unreadable,
        Verdict,
        Verification,
        Word,
    )

__version__ = "0.1.0"

__all__ = [
    "Answer",
    "Article",
    "Bound",
    "Date",
    "Excerpt",
    "Explanation",
    "Fetch",
    "Filters",
    "GroupBy",
    "Hit",
    "Index",
    "Metadata",
    "Mode",
    "Passage",
    "Precision",
    "Query",
    "Skipped",
    "Sort",
    "Stats",
    "Summary",
    "Tier",
    "Unreadable",
    "Verdict",
    "Verification",
    "Word",
    "read",
]


def __getattr__(name: str) -> object:
    # `semsearch --help` imports this module too, and must not wait for numpy and FAISS.
    from importlib import import_module

    if name == "errors":
        return import_module("semsearch.errors")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = {"Index": "index", "read": "sources"}.get(name, "types")
    return getattr(import_module(f"semsearch.{module}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__, "errors"])
