"""What does this text mean, as a vector? The chooser of encoders; it loads no library by itself."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from semsearch.ports import Encoder

VARIABLE = "SEMSEARCH_MODEL"


def load_encoder(name: str | None = None) -> Encoder:
    """Load the encoder of that name; nothing is ever fetched.

    Args:
        name: a folder with a sentence-transformers model; the name of one in the Hugging Face cache; `hashing` or
            `hashing:DIMENSIONS` for the one without a model; None for $SEMSEARCH_MODEL, else that of a settings file,
            else all-MiniLM-L6-v2.

    Raises:
        EncoderError: the model is not on this machine, is not what it should be, or cannot be loaded safely.
    """
    from semsearch.encoders.models import DEFAULT_MODEL, open_model
    from semsearch.settings import setting

    chosen = name or os.environ.get(VARIABLE) or setting("model") or DEFAULT_MODEL
    match chosen.partition(":"):
        case "hashing", _, dimensions:
            from semsearch.encoders.hashing import hashing_encoder

            return hashing_encoder(dimensions)
        case _:
            model = open_model(chosen)  # before the slow import: most mistakes are found here

            from semsearch.encoders.transformer import TransformerEncoder

            return TransformerEncoder(model)
