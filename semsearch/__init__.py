"""Semantic search over news corpora: the closest passages, with their articles' metadata."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from semsearch.index import Index
    from semsearch.sources import read
    from semsearch.types import (
        Answer,
        Article,
        Filters,
        GroupBy,
        Hit,
        Metadata,
        Mode,
        Passage,
        Precision,
        Query,
        Sort,
        Verdict,
    )

__version__ = "0.1.0"

__all__ = [
    "Answer",
    "Article",
    "Filters",
    "GroupBy",
    "Hit",
    "Index",
    "Metadata",
    "Mode",
    "Passage",
    "Precision",
    "Query",
    "Sort",
    "Verdict",
    "read",
]


def __getattr__(name: str) -> object:
    # `semsearch --help` imports this module too, and must not wait for numpy and FAISS.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    room = {"Index": "index", "read": "sources"}.get(name, "types")
    return getattr(import_module(f"semsearch.{room}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
