"""`doctor --repair`: makes all safe repairs, and reports them."""

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
"""Called with the number of bytes compared so far, and of all bytes."""


@dataclass(frozen=True, slots=True)
class Repair:
    """What was done, in words."""

    done: tuple[str, ...]
    lost: tuple[str, ...]  # ids and titles of articles that could not be saved
    rescued: int = 0
    rescued_to: str | None = None
    mend: str = ""  # the command that is left to run

    def to_dict(self) -> dict[str, object]:
        """Return the object `repaired` of `doctor --repair --json`."""
        return asdict(self)


def repair(directory: Path, observer: Observer = lambda _done, _total: None) -> Repair:
    """Make all safe repairs to an index that may be damaged.

    Raises:
        IndexLockedError: another process writes to it.
    """
    commands = Remedies(directory)
    try:
        manifest = read_manifest(directory)
    except RecipeMismatchError:
        return Repair(("nothing: another version wrote this index",), ())
    except IndexDamagedError:
        return _salvage_report(salvage(directory), commands)
    except IndexMissingError:
        around = surroundings(directory)
        if around.has_segments and not around.building and around.pulling_bytes is None:
            return _salvage_report(salvage(directory), commands)
        return Repair(("nothing: there is no finished index",), ())
    if surroundings(directory).building == "damaged":
        forget_build(directory)
    rebuilt = rebuild(directory, observer)
    if rebuilt.lost:
        forget(directory)  # so that they are fetched again
    mend = commands.pull(manifest.origin) if rebuilt.left else _add_command(rebuilt, commands)
    return Repair(tuple(_messages(rebuilt)), rebuilt.lost, rebuilt.rescued, _path(rebuilt), mend)


def _salvage_report(rebuilt: Rebuilt, commands: Remedies) -> Repair:
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


def _add_command(rebuilt: Rebuilt, commands: Remedies) -> str:
    return commands.writing("add", shlex.quote(str(rebuilt.rescued_to))) if rebuilt.rescued_to else ""


def _messages(rebuilt: Rebuilt) -> list[str]:
    messages = [f"segment {name}: written anew from its articles and vectors" for name in rebuilt.renewed]
    messages += [f"segment {name}: dropped, because its articles or vectors are damaged" for name in rebuilt.dropped]
    messages += [
        f"segment {name}: left as it is, because what it holds could not be added again" for name in rebuilt.left
    ]
    messages += [f"{path}: removed" for path in rebuilt.removed]
    if rebuilt.rescued:
        messages.append(f"{counted(rebuilt.rescued, 'article')} of dropped segments: written to {rebuilt.rescued_to}")
    if rebuilt.doubtful:
        messages.append(
            f"{counted(rebuilt.doubtful, 'article')} had been deleted, and it is not known which: look at the file "
            "before you add it"
        )
    if rebuilt.lost:
        messages.append(f"{counted(len(rebuilt.lost), 'article')} lost: add them again from where they came")
    return messages or ["nothing: there is nothing here that could be repaired"]
