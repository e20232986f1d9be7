"""Loads the encoder that made an index, the only one that can search it."""

import os
import shlex
from dataclasses import replace
from pathlib import Path

from semsearch.encoders import load_encoder
from semsearch.errors import EncoderMismatchError, index_option
from semsearch.ports import Encoder
from semsearch.types import EncoderIdentity, Recipe


def own_encoder(encoder: Encoder | str | None, recipe: Recipe, location: Path) -> Encoder:
    """Return the given encoder, or load the one named, else the one that $SEMSEARCH_MODEL or the recipe names.

    Raises:
        EncoderError: it is not installed.
        EncoderMismatchError: it is not the one that made the index.
    """
    if encoder is None or isinstance(encoder, str):
        name = encoder or os.environ.get("SEMSEARCH_MODEL") or recipe.encoder.name
        encoder = load_encoder(name, recipe.precision)
    _check_encoder(encoder.identity, recipe.encoder, location)
    return encoder


def _check_encoder(identity: EncoderIdentity, own_identity: EncoderIdentity, location: Path) -> None:
    """Refuse any other encoder; the names may differ (a path, an alias), but nothing that changes vectors."""
    if replace(identity, name="") != replace(own_identity, name=""):
        raise EncoderMismatchError(
            f"{location} was made with the encoder {_description(own_identity)}, not with {_description(identity)}",
            f"ask with its own: --model {shlex.quote(own_identity.name)} (and unset SEMSEARCH_MODEL); or make the "
            f"index again with this one: semsearch build PATH… {index_option(location)} --model "
            f"{shlex.quote(identity.name)} --force",
        )


def _description(encoder: EncoderIdentity) -> str:
    return f"{encoder.name} (digest {encoder.digest[:12]}, {encoder.dimensions} dimensions)"
