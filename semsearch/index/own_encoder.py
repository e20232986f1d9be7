"""The encoder that made an index: the only one that it can be asked with."""

import os
import shlex
from dataclasses import replace
from pathlib import Path

from semsearch.encoders import load_encoder
from semsearch.errors import EncoderMismatchError
from semsearch.ports import Encoder
from semsearch.types import EncoderIdentity, Recipe


def own_encoder(given: Encoder | str | None, recipe: Recipe, location: Path) -> Encoder:
    """Return the encoder that was given, or load the one that was named, else that of $SEMSEARCH_MODEL or the recipe.

    Raises:
        EncoderError: there is none.
        EncoderMismatchError: it is not the one that made the index.
    """
    if given is None or isinstance(given, str):
        name = given or os.environ.get("SEMSEARCH_MODEL") or recipe.encoder.name
        given = load_encoder(name, recipe.precision)
    _check_encoder(given.identity, recipe.encoder, location)
    return given


def _check_encoder(given: EncoderIdentity, wanted: EncoderIdentity, location: Path) -> None:
    """Refuse another encoder; names may differ (a path, an alias), but nothing that changes a vector."""
    if replace(given, name="") != replace(wanted, name=""):
        raise EncoderMismatchError(
            f"{location} was made with the encoder {_named(wanted)}, not with {_named(given)}",
            f"ask with its own: --model {shlex.quote(wanted.name)} (and unset SEMSEARCH_MODEL); or make the index "
            f"again with this one: semsearch build PATH… -i {location} --model {given.name} --force",
        )


def _named(encoder: EncoderIdentity) -> str:
    return f"{encoder.name} (digest {encoder.digest[:12]}, {encoder.dimensions} dimensions)"
