"""Vectors that sentence-transformers gave for known models, so that a network is compared with them without torch.

`scripts/make_references.py` makes them.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from semsearch.encoders.agreement import SENTENCES, Vectors, agreement_texts
from semsearch.encoders.model_files import ModelFolder
from semsearch.files import canonical_json

FOLDER = Path(__file__).parent / "reference_vectors"


def reference_of(model: ModelFolder) -> Vectors | None:
    """Return a model's vectors, in float32; None if they are not in this package."""
    path = FOLDER / file_name(model)
    if not path.is_file():
        return None
    texts = list(agreement_texts())
    with np.load(path) as stored:
        if stored["texts"].tobytes() != digest(texts):
            raise ValueError(f"{path} is of other texts: scripts/make_references.py makes it anew")
        return Vectors(texts, stored["passages"], stored["queries"])


def file_name(model: ModelFolder) -> str:
    """Return the name of the file with a model's vectors."""
    return f"{model.digest[:16]}.npz"


def digest(texts: Sequence[str]) -> bytes:
    """Return the SHA-256 of the compared texts and SENTENCES, which differs if any of them does."""
    return hashlib.sha256(canonical_json([*texts, *SENTENCES])).digest()
