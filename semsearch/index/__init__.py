"""The facade: `Index` brings sources, encoder, engine and ranking together.

Searching and reading an open index is in `readable.py`, making and changing one in `facade.py`.
"""

from semsearch.index.facade import Index

__all__ = ["Index"]
