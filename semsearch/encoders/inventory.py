"""Which encoders are on this machine, and are they whole? Only files are read; nothing is loaded or compiled."""

from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from semsearch.encoders import shelf
from semsearch.encoders.model_files import verify_weights
from semsearch.encoders.models import open_model


class Seen(NamedTuple):
    """What the files of an encoder say."""

    digest: str  # as in EncoderIdentity
    languages: frozenset[str] | None  # that it was trained to read; None if its files do not say


class Condition(StrEnum):
    """The condition of a model that was made ready."""

    WHOLE = "whole"
    DAMAGED = "damaged"
    OUTDATED = "outdated"  # made for another version of the runtime: never used again
    LEFT = "left"  # unfinished, by a process that was killed


class Kept(NamedTuple):
    """One folder of the cache of encoders."""

    path: Path
    name: str  # of the model; "" where the folder does not say
    size_bytes: int
    condition: Condition


def seen(name: str) -> Seen:
    """Return what the files of an encoder say; raises EncoderError if it is not here, or not what it should be."""
    kind, _, dimensions = name.partition(":")
    if kind == "hashing":
        from semsearch.encoders.hashing import hashing_encoder

        return Seen(hashing_encoder(dimensions).identity.digest, None)
    model = open_model(name)
    verify_weights(model)  # whose digests may be remembered from before a disk lost a bit
    return Seen(model.digest, model.languages)


def kept() -> list[Kept]:
    """Return everything in the cache of encoders on this machine, with its condition."""
    ready_by_folder = {ready.folder: ready for ready in shelf.all_ready_models()}
    all_kept = [_condition(ready) for ready in ready_by_folder.values()]
    for path in shelf.folders():
        if path not in ready_by_folder:
            is_left = path.name.endswith(shelf.UNFINISHED)
            all_kept.append(Kept(path, "", _size(path), Condition.LEFT if is_left else Condition.DAMAGED))
    return all_kept


def _condition(ready: shelf.Ready) -> Kept:
    condition = Condition.WHOLE if ready.is_whole() else Condition.DAMAGED
    versions = _current_versions()
    if versions is not None and (ready.key.openvino, ready.key.conversion) != versions:
        condition = Condition.OUTDATED
    return Kept(ready.folder, ready.name, _size(ready.folder), condition)


def _current_versions() -> tuple[str, int] | None:
    """Return the versions that a model is made ready for now; None if nothing can be compiled."""
    try:
        from semsearch.encoders import runtime
    except ImportError:
        return None
    return runtime.VERSION, runtime.CONVERSION


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())
