"""`doctor --repair`: do what is safe, and report it."""

import shlex
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from semsearch.doctor.commands import Remedies
from semsearch.engines.folders import Rebuilt, read_manifest, rebuild, salvage, surroundings
from semsearch.errors import IndexDamagedError, IndexMissingError, RecipeMismatchError
from semsearch.fetched import forget, forget_build
from semsearch.text import counted

Observer = Callable[[int, int], None]
"""Is told how many bytes were compared, and of how many."""


@dataclass(frozen=True, slots=True)
class Repair:
    """What was done, in words."""

    done: tuple[str, ...]
    lost: tuple[str, ...]  # ids and titles of articles that could not be saved
    rescued: int = 0
    rescued_to: str | None = None
    mend: str = ""  # what is left to do

    def to_dict(self) -> dict[str, object]:
        """Return the object `repaired` of `doctor --repair --json`."""
        return asdict(self)


def repair(directory: Path, observer: Observer = lambda _done, _total: None) -> Repair:
    """Do what is safe to an index that may be damaged.

    Raises:
        IndexLockedError: another process writes to it.
    """
    commands = Remedies(directory)
    try:
        manifest = read_manifest(directory)
    except RecipeMismatchError:
        return Repair(("nothing: another version wrote this index",), ())
    except IndexDamagedError:
        return _salvaged(salvage(directory), commands)
    except IndexMissingError:
        around = surroundings(directory)
        if around.has_segments and not around.building and around.pulling_bytes is None:
            return _salvaged(salvage(directory), commands)
        return Repair(("nothing: there is no finished index",), ())
    if surroundings(directory).building == "damaged":
        forget_build(directory)
    rebuilt = rebuild(directory, observer)
    if rebuilt.lost:
        forget(directory)  # so that they are fetched again
    again = commands.pull(manifest.origin) if rebuilt.left else _adding(rebuilt, commands)
    return Repair(tuple(_done(rebuilt)), rebuilt.lost, rebuilt.rescued, _path(rebuilt), again)


def _salvaged(rebuilt: Rebuilt, commands: Remedies) -> Repair:
    if rebuilt.rescued_to is None:
        return Repair(("nothing: without a manifest there is no index, and no article was found",), rebuilt.lost)
    done = (
        f"{counted(rebuilt.rescued, 'article')} found: written to {rebuilt.rescued_to}; deleted ones may be among them",
        "the index's own folder: not touched",
    )
    mend = commands.writing("build", shlex.quote(str(rebuilt.rescued_to)), "--force")
    return Repair(done, rebuilt.lost, rebuilt.rescued, _path(rebuilt), mend)


def _path(rebuilt: Rebuilt) -> str | None:
    return None if rebuilt.rescued_to is None else str(rebuilt.rescued_to)


def _adding(rebuilt: Rebuilt, commands: Remedies) -> str:
    return commands.writing("add", shlex.quote(str(rebuilt.rescued_to))) if rebuilt.rescued_to else ""


def _done(rebuilt: Rebuilt) -> list[str]:
    said = [f"segment {name}: written anew from its articles and vectors" for name in rebuilt.renewed]
    said += [f"segment {name}: dropped, because its articles or vectors are damaged" for name in rebuilt.dropped]
    said += [f"segment {name}: left as it is, because what it holds could not be added again" for name in rebuilt.left]
    said += [f"{path}: removed" for path in rebuilt.removed]
    if rebuilt.rescued:
        said.append(f"{counted(rebuilt.rescued, 'article')} of dropped segments: written to {rebuilt.rescued_to}")
    if rebuilt.doubtful:
        said.append(
            f"{counted(rebuilt.doubtful, 'article')} had been deleted, and it is not known which: look at the file "
            "before you add it"
        )
    if rebuilt.lost:
        said.append(f"{counted(len(rebuilt.lost), 'article')} lost: add them again from where they came")
    return said or ["nothing: there is nothing here that could be repaired"]
