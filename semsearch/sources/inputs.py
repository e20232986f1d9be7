"""Given paths -> the files that are meant, in one order, with what was left out."""

import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from semsearch.sources.kinds import Kind, ending, kind_of, refusal
from semsearch.sources.utf8 import printable
from semsearch.text import normalise_line
from semsearch.types import Skipped, Unreadable

STDIN = "-"

_ADVISED = 50
"""Endings of files that are left out of which it is said what helps, where that is known."""

_MANIFESTS = {"manifest.json", "building.json"}
_BESIDE_A_MANIFEST = {"segments", ".lock"}
"""One of these, beside a manifest, makes a folder an index of ours: at first a build has its lock alone."""


@dataclass(frozen=True, slots=True)
class Input:
    """One file, pipe or standard input to read."""

    origin: str  # as the user would name it
    path: Path | None  # None: standard input
    kind: Kind | None  # None: to be seen from its content
    size_bytes: int | None  # as it lies there; None for what has no size
    file: str = STDIN  # its path within the folder that was named, or its name where it was named itself


def walk(paths: Iterable[str]) -> Iterator[Input | Skipped | Unreadable]:
    """Yield files as named, a folder's in order of their names, all levels; hidden names are left out."""
    for path in paths:
        if path == STDIN:
            yield Input(STDIN, None, None, None)
        elif Path(path).is_dir():
            yield from _Folder(path).walk()
        else:
            yield _named(path)


def _named(path: str, folder: str | None = None) -> Input | Unreadable:
    origin = printable(path)
    try:
        status = os.stat(path)  # noqa: PTH116  a Path would lose the "./" that the user wrote
    except (OSError, ValueError) as error:
        return Unreadable(origin, _why(error))
    if advice := refusal(path):
        return Unreadable(origin, advice)
    regular = stat.S_ISREG(status.st_mode)
    file = printable(Path(path).relative_to(folder).as_posix() if folder else Path(path).name)
    return Input(origin, Path(path), kind_of(path), status.st_size if regular else None, file)


def _why(error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return "no such file or folder"
    return (error.strerror if isinstance(error, OSError) else "") or str(error)


@dataclass(slots=True)
class _Folder:
    """One walk through a folder that was named."""

    path: str
    named: int = 0  # of kinds that are read
    others: Counter[str] = field(default_factory=Counter)  # endings of what is not read
    indexes: int = 0  # folders left out because they are an index
    entered: set[tuple[int, int]] = field(default_factory=set)  # so that links in a circle end

    def walk(self) -> Iterator[Input | Skipped | Unreadable]:
        levels = [iter([self.path])]
        while levels:
            path = next(levels[-1], None)
            if path is None:
                levels.pop()
            elif os.path.isdir(path):  # noqa: PTH112  a Path would lose the "./" that the user wrote
                try:
                    levels.append(iter(self._inside(path)))
                except OSError as error:
                    yield Unreadable(printable(path), _why(error))
            elif reading := self._file(path):
                yield reading
        yield from self._left_out()

    def _inside(self, folder: str) -> list[str]:
        status = os.stat(folder)  # noqa: PTH116  as above
        if (place := (status.st_dev, status.st_ino)) in self.entered:
            return []
        self.entered.add(place)
        with os.scandir(folder) as entries:
            paths = {entry.name: entry.path for entry in entries}
        if paths.keys() & _MANIFESTS and paths.keys() & _BESIDE_A_MANIFEST:
            self.indexes += 1
            return []
        return sorted(path for name, path in paths.items() if not name.startswith("."))

    def _file(self, path: str) -> Input | Unreadable | None:
        kind = kind_of(path)
        if kind is None:
            self.others[normalise_line(printable(ending(path)))[:20]] += 1
            return None
        self.named += 1
        reading = _named(path, self.path)
        if isinstance(reading, Input) and reading.size_bytes is None:
            return Unreadable(reading.origin, "neither a file nor a folder")
        return reading

    def _left_out(self) -> Iterator[Skipped | Unreadable]:
        origin = printable(self.path)
        if self.indexes:
            folders = "a folder" if self.indexes == 1 else f"{self.indexes:,} folders"
            yield Skipped(origin, f"{folders} left out: semsearch does not read its own indexes")
        total = self.others.total()
        if total:
            endings = ", ".join(
                f"{count:,} {name or 'without an ending'}" for name, count in self.others.most_common(8)
            )
            files = f"{total:,} {'file of another kind' if total == 1 else 'files of other kinds'} ({endings})"
            advice = "".join(f"; {known}" for name in list(self.others)[:_ADVISED] if (known := refusal(f"x{name}")))
            if self.named:
                yield Skipped(origin, f"{files} left out{advice}")
            else:
                yield Unreadable(origin, f"no file in it can be read: {files}{advice}")
        elif not self.named:
            yield Skipped(origin, "empty folder")
