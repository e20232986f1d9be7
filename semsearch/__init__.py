"""Semantic search over news corpora."""

__version__ = "0.1.0"
