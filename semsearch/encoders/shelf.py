"""Where are ready models kept? They are found by what they depend on, verified, and written all at once."""

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
"""Version of everything in the folder of ready models, including geometry.py's rules and texts."""

_CARD = "ready.json"
UNFINISHED = ".unfinished"
"""End of the name of a folder in which a model is being made ready."""

IsComplete = Callable[[Mapping[str, Any]], bool]
"""Tells whether facts are all that a model is opened with; another version may have written fewer."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Key:
    """All that a ready model depends on; it is made again if any of it changes."""

    digest: str  # of the model, as in EncoderIdentity
    precision: str  # "f32" or "bf16"
    openvino: str
    conversion: int

    @property
    def folder(self) -> str:
        """The name of its folder, which shows people the model's digest and the precision."""
        key_digest = hashlib.sha256(canonical_json([FORMAT, asdict(self)])).hexdigest()
        return f"{self.digest[:12]}-{self.precision}-{key_digest[:12]}"


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
        """Return the facts that people may want to know."""
        nearness = self.facts.get("agreement", {})
        size = sum(seal.size_bytes for seal in self.files.values())
        agreement = (nearness.get("least"), nearness.get("mean"))
        return ReadyModel(self.name, self.key.precision, str(self.folder), size, self.refused, *agreement)

    def is_whole(self, *names: str) -> bool:
        """Tell whether files, all of them or the named ones, are what was written."""
        try:
            return all(linked_seal_of(self.folder / name) == self.files[name] for name in names or self.files)
        except (OSError, KeyError):
            return False


def find(key: Key, is_complete: IsComplete) -> Ready | None:
    """Return what is kept under a key, or None; only its card is verified, not its files."""
    folder = _shelf() / key.folder
    ready = _read_usable(folder, is_complete)
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
        lasting: raise if nothing can be kept, instead of making it in a temporary folder for this process alone.

    Raises:
        EncoderError: nothing can be kept, and `lasting` is set.
        OSError: not even a temporary folder can be written.
    """
    from filelock import FileLock

    shelf = _shelf()
    try:
        shelf.mkdir(parents=True, exist_ok=True)
        with FileLock(shelf / f"{key.folder}.lock"):
            for given_up in shelf.glob(f"{key.folder}.*{UNFINISHED}"):  # whoever made it has lost the lock
                shutil.rmtree(given_up, ignore_errors=True)
            ready = _read_usable(shelf / key.folder, is_complete)
            return ready if ready and ready.is_whole() else _write_ready(shelf, key, name, make)
    except OSError as error:
        trouble = f"nothing can be kept in {home()} ({error.strerror or error})"
        advice = f"set {HOME} to a folder of yours"
        if lasting:
            raise EncoderError(trouble, advice) from error
        temporary = tempfile.mkdtemp(prefix="semsearch-")
        atexit.register(shutil.rmtree, temporary, ignore_errors=True)
        _LOG.warning("%s, so every run makes the model ready anew; %s", trouble, advice)
        return _write_ready(Path(temporary), key, name, make)


def all_ready_models() -> list[Ready]:
    """Return all ready models, by name, unverified; what cannot be read is left out."""
    all_ready = filter(None, map(_read_card, _shelf().glob("*/")))
    return sorted(all_ready, key=lambda ready: (ready.name, ready.key.precision, ready.key.folder))


def folders() -> list[Path]:
    """Return all folders on the shelf, whatever they hold."""
    return sorted(path for path in _shelf().glob("*/") if not path.is_symlink())


def _shelf() -> Path:
    return home() / "encoders"


def _read_card(folder: Path) -> Ready | None:
    """Read the card of a folder; None if it has none, or not the one that was written for it."""
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


def _read_usable(folder: Path, is_complete: IsComplete) -> Ready | None:
    """Read the card of a folder; None also if it lacks a fact that this version needs."""
    ready = _read_card(folder)
    return ready if ready and (ready.refused or is_complete(ready.facts)) else None


def _write_ready(shelf: Path, key: Key, name: str, make: Callable[[Path], Mapping[str, Any] | str]) -> Ready:
    unfinished = shelf / f"{key.folder}.{os.urandom(4).hex()}{UNFINISHED}"
    unfinished.mkdir()  # not by tempfile: others who may read this home use the model, too
    try:
        outcome = make(unfinished)
        facts, refused = ({}, outcome) if isinstance(outcome, str) else (dict(outcome), None)
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
    """Remove what is damaged, be it a folder or not."""
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder)
    else:
        folder.unlink(missing_ok=True)
