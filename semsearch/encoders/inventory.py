"""Which encoders are on this machine, and are they whole? Asked of files alone: nothing is loaded or compiled."""

from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from semsearch.encoders import shelf
from semsearch.encoders.model_files import verify_weights
from semsearch.encoders.models import open_model


class Seen(NamedTuple):
    """What the files of an encoder say."""

    digest: str  # as EncoderIdentity has it
    languages: frozenset[str] | None  # that it was trained to read; None where nobody says


class Condition(StrEnum):
    """How something is that was made ready once."""

    WHOLE = "whole"
    DAMAGED = "damaged"
    OUTDATED = "outdated"  # made for another version of the runtime: never used again
    LEFT = "left"  # by somebody who was killed while making it


class Kept(NamedTuple):
    """One folder of the cache of encoders."""

    path: Path
    name: str  # of the model; "" where it does not say
    size_bytes: int
    condition: Condition


def seen(name: str) -> Seen:
    """Look at the encoder of that name; raises EncoderError where it is not here, or not what it should be."""
    kind, _, dimensions = name.partition(":")
    if kind == "hashing":
        from semsearch.encoders.hashing import hashing_encoder

        return Seen(hashing_encoder(dimensions).identity.digest, None)
    model = open_model(name)
    verify_weights(model)  # whose digests may be remembered from before a disk lost a bit
    return Seen(model.digest, model.languages)


def kept() -> list[Kept]:
    """Look at all that was made ready on this machine."""
    whole = {ready.folder: ready for ready in shelf.kept()}
    found = [_condition(ready) for ready in whole.values()]
    for path in shelf.folders():
        if path not in whole:
            left = path.name.endswith(shelf.UNFINISHED)
            found.append(Kept(path, "", _size(path), Condition.LEFT if left else Condition.DAMAGED))
    return found


def _condition(ready: shelf.Ready) -> Kept:
    condition = Condition.WHOLE if ready.is_whole() else Condition.DAMAGED
    versions = _versions()
    if versions is not None and (ready.key.openvino, ready.key.conversion) != versions:
        condition = Condition.OUTDATED
    return Kept(ready.folder, ready.name, _size(ready.folder), condition)


def _versions() -> tuple[str, int] | None:
    """Return what a ready model is made for here, None where nothing can be compiled."""
    try:
        from semsearch.encoders import runtime
    except ImportError:
        return None
    return runtime.VERSION, runtime.CONVERSION


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())
