"""The facade: `Index` brings sources, encoder, engine and ranking together.

What an index that is open can be asked is in `readable.py`; what makes and changes one, in `facade.py`.
"""

from semsearch.index.facade import Index

__all__ = ["Index"]
