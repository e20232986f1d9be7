"""What does a text mean, as a vector? Chooses the encoder, and loads no library by itself."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from semsearch.errors import EncoderError

if TYPE_CHECKING:
    from semsearch.ports import Encoder, Reranker
    from semsearch.types import Precision, ReadyModel

VARIABLE = "SEMSEARCH_MODEL"


def load_encoder(name: str | None = None, precision: Precision | None = None) -> Encoder:
    """Load an encoder by its name; nothing is ever fetched.

    A model that is used for the first time is compiled for this machine and kept, which takes some seconds.

    Args:
        name: a folder with a sentence-transformers model; `multilingual` for the one that comes with the extra of that
            name; the name of a model in the Hugging Face cache; `hashing` or `hashing:DIMENSIONS` for the encoder
            without a model; None for $SEMSEARCH_MODEL, else that of a settings file, else all-MiniLM-L6-v2.
        precision: AUTO, the default, for the fastest that agrees; F32 for the same vectors everywhere.

    Raises:
        EncoderError: the model is not on this machine, is not what it should be, or cannot be loaded safely.
    """
    chosen = _chosen(name)
    match chosen.partition(":"):
        case "hashing", _, dimensions:
            from semsearch.encoders.hashing import hashing_encoder

            return hashing_encoder(dimensions)
        case _:
            from semsearch.encoders.models import open_model
            from semsearch.encoders.preparation import load_early, ready_encoder
            from semsearch.types import Precision

            load_early()
            return ready_encoder(open_model(chosen), precision or Precision.AUTO)


def load_reranker(folder: str) -> Reranker:
    """Load a cross-encoder from its folder, compiled for this machine; nothing is ever fetched.

    Args:
        folder: of a BERT, RoBERTa or XLM-RoBERTa model for sequence classification with one label: `config.json`,
            `tokenizer.json` and `model.safetensors`.

    Raises:
        EncoderError: there is no such folder, or it cannot be run here.
    """
    from pathlib import Path

    from semsearch.encoders.cross_encoder import CrossEncoder

    path = Path(folder)
    if not (path / "config.json").is_file():
        raise EncoderError(f"there is no cross-encoder in {folder}", "name the folder that holds its config.json")
    return CrossEncoder(path)


def prepare_encoder(name: str | None = None, precision: Precision | None = None) -> ReadyModel | None:
    """Make a model ready for this machine unless it is ready; None where nothing can be compiled here.

    Raises:
        EncoderError: as from `load_encoder`; also for `hashing`, which is always ready, and where nothing can be kept.
    """
    from semsearch.encoders.models import open_model
    from semsearch.encoders.preparation import prepare
    from semsearch.types import Precision

    ready = prepare(open_model(_chosen(name)), precision or Precision.AUTO)
    return ready.described() if ready else None


def ready_models() -> list[ReadyModel]:
    """Return the models that are ready on this machine, by name."""
    from semsearch.encoders.shelf import all_ready_models

    return [ready.described() for ready in all_ready_models()]


def _chosen(name: str | None) -> str:
    from semsearch.encoders.models import DEFAULT_MODEL
    from semsearch.settings import setting

    return name or os.environ.get(VARIABLE) or setting("model") or DEFAULT_MODEL
