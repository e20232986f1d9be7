"""Where are models kept that were made ready once? Found by what they depend on, verified, written at one stroke."""

import atexit
import hashlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from semsearch.errors import EncoderError
from semsearch.files import Seal, canonical_json, linked_seal_of, sync_directory, write_new
from semsearch.locations import HOME, home
from semsearch.types import ReadyModel

FORMAT = 8
"""Of everything under the folder of ready models, geometry.py's rules and texts included."""

_CARD = "ready.json"
UNFINISHED = ".unfinished"
"""Ends the name of a folder in which a model is being made ready."""

IsComplete = Callable[[Mapping[str, Any]], bool]
"""Says whether facts are all that a model is opened with: those that another version wrote may be fewer."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Key:
    """All that a ready model depends on; another version of anything makes it anew."""

    digest: str  # of the model, as EncoderIdentity has it
    precision: str  # "f32" or "bf16"
    openvino: str
    conversion: int

    @property
    def folder(self) -> str:
        """Return a name for it that says what a person may want to know."""
        whole = hashlib.sha256(canonical_json([FORMAT, asdict(self)])).hexdigest()
        return f"{self.digest[:12]}-{self.precision}-{whole[:12]}"


@dataclass(frozen=True, slots=True)
class Ready:
    """A model that is ready, or the reason why it cannot be."""

    folder: Path
    name: str  # of the model, as a user knew it then
    key: Key
    facts: Mapping[str, Any]  # what its maker wrote down
    refused: str | None  # why it was not made ready; then there are no files
    files: Mapping[str, Seal]

    def described(self) -> ReadyModel:
        """Return what a person may want to know of it."""
        found = self.facts.get("agreement", {})
        size = sum(seal.size_bytes for seal in self.files.values())
        agreement = (found.get("least"), found.get("mean"))
        return ReadyModel(self.name, self.key.precision, str(self.folder), size, self.refused, *agreement)

    def is_whole(self, *names: str) -> bool:
        """Compare files, all of them or the named ones, with what was written."""
        try:
            return all(linked_seal_of(self.folder / name) == self.files[name] for name in names or self.files)
        except (OSError, KeyError):
            return False


def find(key: Key, is_complete: IsComplete) -> Ready | None:
    """Return what is kept under a key, or None; its card is whole, its files are not looked at yet."""
    folder = _shelf() / key.folder
    ready = _usable(folder, is_complete)
    if ready is None and os.path.lexists(folder):
        _LOG.warning("%s is damaged and is made again", folder)
    return ready


def keep(
    key: Key,
    name: str,
    make: Callable[[Path], Mapping[str, Any] | str],
    is_complete: IsComplete,
    *,
    lasting: bool = False,
) -> Ready:
    """Make a model ready and keep it, unless another process has just done so.

    Args:
        make: writes files into an empty folder and returns facts about them, or the reason why it refuses.
        lasting: raise where nothing can be kept; else it is made in a temporary folder then, for this process alone.

    Raises:
        EncoderError: nothing can be kept, and `lasting` was asked for.
        OSError: not even a temporary folder can be written.
    """
    from filelock import FileLock

    shelf = _shelf()
    try:
        shelf.mkdir(parents=True, exist_ok=True)
        with FileLock(shelf / f"{key.folder}.lock"):
            for given_up in shelf.glob(f"{key.folder}.*{UNFINISHED}"):  # whoever made it has lost the lock
                shutil.rmtree(given_up, ignore_errors=True)
            ready = _usable(shelf / key.folder, is_complete)
            return ready if ready and ready.is_whole() else _put(shelf, key, name, make)
    except OSError as error:
        trouble = f"nothing can be kept in {home()} ({error.strerror or error})"
        advice = f"set {HOME} to a folder of yours"
        if lasting:
            raise EncoderError(trouble, advice) from error
        where = tempfile.mkdtemp(prefix="semsearch-")
        atexit.register(shutil.rmtree, where, ignore_errors=True)
        _LOG.warning("%s, so that every run takes these seconds; %s", trouble, advice)
        return _put(Path(where), key, name, make)


def kept() -> list[Ready]:
    """Return all that is kept, unverified, by name; what cannot be read is left out."""
    found = filter(None, map(_read_card, _shelf().glob("*/")))
    return sorted(found, key=lambda ready: (ready.name, ready.key.precision, ready.key.folder))


def folders() -> list[Path]:
    """Return all folders there, whatever they hold."""
    return sorted(path for path in _shelf().glob("*/") if not path.is_symlink())


def _shelf() -> Path:
    return home() / "encoders"


def _read_card(folder: Path) -> Ready | None:
    """Read what a folder says of itself; None where it has no card, or not the one that was written for it."""
    try:
        card = json.loads((folder / _CARD).read_bytes())
        if card.pop("sha256") != hashlib.sha256(canonical_json(card)).hexdigest():
            return None
        key = Key(**card["key"])
        files = {name: Seal(**seal) for name, seal in card["files"].items()}
        ready = Ready(folder, card["name"], key, card["facts"], card["refused"], files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):  # or JSON of another shape
        return None
    return ready if key.folder == folder.name else None


def _usable(folder: Path, is_complete: IsComplete) -> Ready | None:
    """Read what a folder says of itself; None, too, where a fact is lacking that this version needs."""
    ready = _read_card(folder)
    return ready if ready and (ready.refused or is_complete(ready.facts)) else None


def _put(shelf: Path, key: Key, name: str, make: Callable[[Path], Mapping[str, Any] | str]) -> Ready:
    unfinished = shelf / f"{key.folder}.{os.urandom(4).hex()}{UNFINISHED}"
    unfinished.mkdir()  # and not by tempfile: what one account makes ready is for all that may read its home
    try:
        made = make(unfinished)
        facts, refused = ({}, made) if isinstance(made, str) else (dict(made), None)
        for path in unfinished.iterdir() if refused else ():
            path.unlink()  # as large as the model, and of no use
        files = {path.name: linked_seal_of(path) for path in sorted(unfinished.iterdir())}
        card: dict[str, object] = {
            "name": name,
            "key": asdict(key),
            "facts": facts,
            "refused": refused,
            "files": {path: asdict(seal) for path, seal in files.items()},
        }
        card["sha256"] = hashlib.sha256(canonical_json(card)).hexdigest()
        write_new(unfinished / _CARD, canonical_json(card))
        sync_directory(unfinished)
        folder = shelf / key.folder
        _clear(folder)
        unfinished.rename(folder)
        sync_directory(shelf)
        return Ready(folder, name, key, facts, refused, files)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _clear(folder: Path) -> None:
    """Remove what is damaged, whatever it has become."""
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder)
    else:
        folder.unlink(missing_ok=True)
