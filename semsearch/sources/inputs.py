"""Finds the files under given paths, in a fixed order, and tells what was left out."""

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
"""Endings of files left out for which a message may say what helps."""

_MANIFESTS = {"manifest.json", "building.json"}
_BESIDE_A_MANIFEST = {"segments", ".lock"}
"""One of these beside a manifest makes a folder an index of ours; a build at first has only its lock."""


@dataclass(frozen=True, slots=True)
class Input:
    """One file, pipe or standard input to read."""

    origin: str  # as the user would name it
    path: Path | None  # None: standard input
    kind: Kind | None  # None: its content shows it
    size_bytes: int | None  # on disk; None if it has no size
    file: str = STDIN  # its path within the folder that was named, or its name if it was named itself


def walk(paths: Iterable[str]) -> Iterator[Input | Skipped | Unreadable]:
    """Yield files in the order given, those of a folder by name and on all levels; hidden names are left out."""
    for path in paths:
        if path == STDIN:
            yield Input(STDIN, None, None, None)
        elif Path(path).is_dir():
            yield from _Folder(path).walk()
        else:
            yield _input_of(path)


def _input_of(path: str, folder: str | None = None) -> Input | Unreadable:
    origin = printable(path)
    try:
        status = os.stat(path)  # noqa: PTH116  a Path would lose the "./" that the user wrote
    except (OSError, ValueError) as error:
        return Unreadable(origin, _error_text(error))
    if advice := refusal(path):
        return Unreadable(origin, advice)
    regular = stat.S_ISREG(status.st_mode)
    file = printable(Path(path).relative_to(folder).as_posix() if folder else Path(path).name)
    return Input(origin, Path(path), kind_of(path), status.st_size if regular else None, file)


def _error_text(error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return "no such file or folder"
    return (error.strerror if isinstance(error, OSError) else "") or str(error)


@dataclass(slots=True)
class _Folder:
    """One walk through a folder that was named."""

    path: str
    readable_files: int = 0  # number of files that are read
    other_endings: Counter[str] = field(default_factory=Counter)  # endings of files that are not read
    indexes: int = 0  # folders left out because they are an index
    is_index: bool = False  # the folder itself is
    entered: set[tuple[int, int]] = field(default_factory=set)  # so that links in a circle end

    def walk(self) -> Iterator[Input | Skipped | Unreadable]:
        levels = [iter([self.path])]
        while levels:
            path = next(levels[-1], None)
            if path is None:
                levels.pop()
            elif os.path.isdir(path):  # noqa: PTH112  a Path would lose the "./" that the user wrote
                try:
                    levels.append(iter(self._paths_in(path)))
                except OSError as error:
                    yield Unreadable(printable(path), _error_text(error))
            elif reading := self._file(path):
                yield reading
        yield from self._notes()

    def _paths_in(self, folder: str) -> list[str]:
        status = os.stat(folder)  # noqa: PTH116  as above
        if (folder_id := (status.st_dev, status.st_ino)) in self.entered:
            return []
        self.entered.add(folder_id)
        with os.scandir(folder) as entries:
            paths = {entry.name: entry.path for entry in entries}
        if paths.keys() & _MANIFESTS and paths.keys() & _BESIDE_A_MANIFEST:
            self.indexes += 1
            self.is_index |= folder == self.path
            return []
        return sorted(path for name, path in paths.items() if not name.startswith("."))

    def _file(self, path: str) -> Input | Unreadable | None:
        kind = kind_of(path)
        if kind is None:
            self.other_endings[normalise_line(printable(ending(path)))[:20]] += 1
            return None
        self.readable_files += 1
        reading = _input_of(path, self.path)
        if isinstance(reading, Input) and reading.size_bytes is None:
            return Unreadable(reading.origin, "neither a file nor a folder")
        return reading

    def _notes(self) -> Iterator[Skipped | Unreadable]:
        origin = printable(self.path)
        if self.is_index:
            yield Skipped(
                origin,
                "it is the folder of an index, and semsearch does not read its own indexes: keep articles in another",
            )
        elif self.indexes:
            folders = "a folder" if self.indexes == 1 else f"{self.indexes:,} folders"
            yield Skipped(origin, f"{folders} left out: semsearch does not read its own indexes")
        total = self.other_endings.total()
        if total:
            endings = ", ".join(
                f"{count:,} {name or 'without an ending'}" for name, count in self.other_endings.most_common(8)
            )
            files = f"{total:,} {'file of another kind' if total == 1 else 'files of other kinds'} ({endings})"
            refusals = (refusal(f"x{name}") for name in list(self.other_endings)[:_ADVISED])
            advice = "".join(f"; {text}" for text in refusals if text)
            if self.readable_files:
                yield Skipped(origin, f"{files} left out{advice}")
            else:
                yield Unreadable(origin, f"no file in it can be read: {files}{advice}")
        elif not (self.readable_files or self.indexes):
            yield Skipped(origin, "empty folder")
