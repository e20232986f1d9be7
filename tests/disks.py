"""Disks that fail and disks that forget: layers between the functions of `os` and what lies beneath a folder."""

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, Self

LOCKS = (".lock", ".lock.json")
"""Of the system's own, and of no generation: what is done with them passes."""

HOWS = ("error", "full", "short", "kill", "kill inside a write")
FAULTS = HOWS[:3]
"""After which the process goes on."""

_ALLOCATING = ("create", "write", "mkdir", "replace")
_CHANGING = (*_ALLOCATING, "rmdir", "unlink")
_FUNCTIONS = ("open", "write", "fsync", "replace", "mkdir", "rmdir", "unlink", "close")
_WRITING = os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_APPEND


class KilledError(BaseException):
    """Nothing catches it, and nothing is done after it: as if the process were gone."""


class Step(NamedTuple):
    """One change of what lies beneath the folder."""

    what: str  # open (of a folder, to flush it), create, write, flush, close, replace, mkdir, rmdir, unlink
    path: str  # within the folder
    target: str = ""
    content: bytes = b""

    def can(self, how: str) -> bool:
        """Whether a failure of this kind may begin here."""
        match how:
            case "short" | "kill inside a write":
                return self.what == "write"
            case "full":
                return self.what in _ALLOCATING
            case "kill":  # before a step that changes nothing it leaves what it leaves after it
                return self.what in _CHANGING
        return True


class Layer:
    """While it is entered, each change beneath its folder is a step that `happen` may spoil; all else passes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._real: dict[str, Callable[..., Any]] = {}
        self._open_now: dict[int, str] = {}
        self.seen = False  # while a step or a look is on its way through

    def __enter__(self) -> Self:
        self._real = {name: getattr(os, name) for name in _FUNCTIONS}
        for name in _FUNCTIONS:
            setattr(os, name, getattr(self, f"_{name}"))
        return self

    def __exit__(self, *_: object) -> None:
        for name, function in self._real.items():
            setattr(os, name, function)

    def happen(self, step: Step, do: Callable[[], Any]) -> Any:  # noqa: ARG002
        """Do what was asked for, or not."""
        return do()

    def look(self, path: str) -> None:
        """Is told before a file is opened that will not be changed."""

    def within(self, path: object) -> str | None:
        """Return a path within the folder; None where it is elsewhere, or a lock's."""
        if not isinstance(path, str | os.PathLike):
            return None
        whole = Path(path).absolute()
        inside = whole.name not in LOCKS and whole.is_relative_to(self._folder)
        return str(whole.relative_to(self._folder)) if inside else None

    @contextmanager
    def _through(self) -> Iterator[None]:
        self.seen = True
        try:
            yield
        finally:
            self.seen = False

    def _step(self, step: Step, name: str, *arguments: Any, **named: Any) -> Any:
        def do() -> Any:
            with self._through():
                return self._real[name](*arguments, **named)

        return self.happen(step, do)

    def _open(self, path: Any, flags: int, *arguments: Any, **named: Any) -> int:
        inside = self.within(path)
        if inside is None:
            return int(self._real["open"](path, flags, *arguments, **named))
        if not flags & _WRITING and not Path(path).is_dir():
            self.look(inside)
            with self._through():
                return int(self._real["open"](path, flags, *arguments, **named))
        step = Step("create" if flags & _WRITING else "open", inside)
        descriptor = int(self._step(step, "open", path, flags, *arguments, **named))
        self._open_now[descriptor] = inside
        return descriptor

    def _write(self, descriptor: int, content: Any) -> int:
        if (path := self._open_now.get(descriptor)) is None:
            return int(self._real["write"](descriptor, content))
        return int(self._step(Step("write", path, content=bytes(content)), "write", descriptor, content))

    def _fsync(self, descriptor: int) -> None:
        path = self._open_now.get(descriptor)
        self._real["fsync"](descriptor) if path is None else self._step(Step("flush", path), "fsync", descriptor)

    def _close(self, descriptor: int) -> None:
        path = self._open_now.pop(descriptor, None)
        self._real["close"](descriptor) if path is None else self._step(Step("close", path), "close", descriptor)

    def _replace(self, source: Any, target: Any, **named: Any) -> None:
        before, after = self.within(source), self.within(target)
        if before is None or after is None:
            assert before is after, "a step out of the folder, or into it"
            self._real["replace"](source, target, **named)
        else:
            self._step(Step("replace", before, after), "replace", source, target, **named)

    def _named(self, name: str, path: Any, *arguments: Any, **named: Any) -> None:
        if (inside := self.within(path)) is None or named.get("dir_fd") is not None:
            self._real[name](path, *arguments, **named)
        else:
            self._step(Step(name, inside), name, path, *arguments, **named)

    def _mkdir(self, path: Any, *arguments: Any, **named: Any) -> None:
        self._named("mkdir", path, *arguments, **named)

    def _rmdir(self, path: Any, **named: Any) -> None:
        self._named("rmdir", path, **named)

    def _unlink(self, path: Any, **named: Any) -> None:
        self._named("unlink", path, **named)


class Failing(Layer):
    """Spoils the step of one number, and what comes after it: with which of HOWS, the table above says.

    "error" is one failed step; "full" and "short" leave no room from there on, the latter after half of a write; the
    kinds of "kill" let nothing happen any more. "unreadable" counts looks in the place of steps.
    """

    def __init__(self, folder: Path, at: int, how: str) -> None:
        super().__init__(folder)
        self._at, self._how = at, how
        self._count = 0
        self.struck = False

    def look(self, path: str) -> None:
        """Refuse the dead, and one look where looks are counted."""
        if self.struck and self._how.startswith("kill"):
            raise KilledError
        if self._how == "unreadable" and not self.struck:
            self._count += 1
            if self._count > self._at:
                self.struck = True
                raise OSError(errno.EIO, os.strerror(errno.EIO), path)

    def happen(self, step: Step, do: Callable[[], Any]) -> Any:
        """Count, and strike."""
        if self._how == "unreadable":
            return do()
        first = not self.struck and self._count == self._at
        self.struck = self.struck or first
        self._count += 1
        if not self.struck:
            return do()
        if step.what == "close":  # or the descriptor would be lost
            do()
        if self._how.startswith("kill"):
            if first and self._how == "kill inside a write":
                self._half(step)
            raise KilledError
        return self._spoil(step, first, do)

    def _spoil(self, step: Step, first: bool, do: Callable[[], Any]) -> Any:
        if self._how == "error" and first:
            raise OSError(errno.EIO, os.strerror(errno.EIO), step.path)
        if self._how == "short" and first:
            return self._half(step)
        if self._how in ("full", "short") and step.what in _ALLOCATING:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), step.path)
        return None if step.what == "close" else do()

    def _half(self, step: Step) -> int:
        descriptor = next(number for number, path in self._open_now.items() if path == step.path)
        return int(self._real["write"](descriptor, step.content[: len(step.content) // 2]))


class Recording(Layer):
    """Writes down all steps, and counts looks."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.steps: list[Step] = []
        self.looks = 0

    def look(self, path: str) -> None:  # noqa: ARG002
        """Count it."""
        self.looks += 1

    def happen(self, step: Step, do: Callable[[], Any]) -> Any:
        """Write it down, done or not: numbers are those that `Failing` counts."""
        at = len(self.steps)
        self.steps.append(Step("nothing", step.path))
        done = do()
        self.steps[at] = step._replace(content=step.content[:done]) if step.what == "write" else step
        return done


class Dribbling(Layer):
    """Writes half of what is asked for each time, as a system may."""

    def happen(self, step: Step, do: Callable[[], Any]) -> Any:
        """Write less, and say so."""
        descriptors = [number for number, path in self._open_now.items() if path == step.path]
        if step.what != "write" or len(step.content) < 2:
            return do()
        return self._real["write"](descriptors[-1], step.content[: len(step.content) // 2])


_CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.link", "os.symlink", "os.chmod")
_listening: list[tuple[Layer, list[str]]] = []
_hooked: list[Callable[..., None]] = []


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if _listening and (event in _CHANGES or (event == "open" and arguments[2] & (_WRITING | os.O_RDWR))):
        for layer, unseen in _listening:
            if not layer.seen and any(layer.within(one) is not None for one in arguments[:2]):
                unseen.append(f"{event} {arguments}")


@contextmanager
def overheard(layer: Layer) -> Iterator[list[str]]:
    """Collect every change beneath the layer's folder that Python was asked for and the layer did not see."""
    if not _hooked:
        sys.addaudithook(_hear)  # for ever: nobody can take one away
        _hooked.append(_hear)
    unseen: list[str] = []
    _listening.append((layer, unseen))
    try:
        yield unseen
    finally:
        _listening.remove((layer, unseen))


@dataclass(eq=False)
class _File:
    content: bytes = b""
    flushed: bytes = b""

    def __post_init__(self) -> None:
        self.flushed = self.content  # of an old file; a new one is empty


@dataclass(eq=False)
class _Folder:
    entries: dict[str, list["_File | _Folder | None"]] = field(default_factory=dict)
    """What each name has stood for since the folder was flushed; the last one is what everybody sees."""

    def now(self, name: str) -> "_File | _Folder | None":
        return self.entries.get(name, [None])[-1]

    def name(self, name: str, what: "_File | _Folder | None") -> None:
        self.entries.setdefault(name, [None]).append(what)

    def flush(self) -> None:
        self.entries = {name: past[-1:] for name, past in self.entries.items() if past[-1]}


class Forgetful:
    """A disk with a cache: what was not flushed may be on it or not, each name and each content by itself.

    So is a file system that puts everything into any order, but for what was asked for by fsync: of a file for its
    content, of a folder for its names.
    """

    def __init__(self, folder: Path) -> None:
        """Begin with what lies there, all of it flushed."""
        self._root = _taken(folder)

    def take(self, step: Step) -> None:
        """Let one step happen."""
        folder, name = self._place(step.path)
        match step.what:
            case "create":
                if folder.now(name) is None:  # else it is opened to be appended to
                    folder.name(name, _File())
            case "mkdir":
                folder.name(name, _Folder())
            case "rmdir" | "unlink":
                folder.name(name, None)
            case "write":
                file = folder.now(name)
                assert isinstance(file, _File)
                file.content += step.content
            case "replace":
                after, called = self._place(step.target)
                after.name(called, folder.now(name))
                folder.name(name, None)
            case "flush":
                flushed = self._root if step.path == "." else folder.now(name)
                if isinstance(flushed, _Folder):
                    flushed.flush()
                elif flushed:
                    flushed.flushed = flushed.content

    def _place(self, path: str) -> tuple[_Folder, str]:
        *above, name = Path(path).parts or (".",)
        folder = self._root
        for one in above:
            under = folder.now(one)
            assert isinstance(under, _Folder), path
            folder = under
        return folder, name

    def materialise(self, target: Path, choice: "str | Random") -> None:
        """Write what a loss of power may leave.

        Args:
            choice: "nothing" or "everything" of what was not flushed, or what chance takes.
        """
        _put(self._root, target, choice)


def _taken(folder: Path) -> _Folder:
    taken = _Folder()
    for path in folder.iterdir():
        if path.name not in LOCKS:
            taken.entries[path.name] = [_taken(path) if path.is_dir() else _File(path.read_bytes())]
    return taken


def _put(folder: _Folder, target: Path, choice: "str | Random") -> None:
    target.mkdir()
    for name, past in folder.entries.items():
        chosen = choice.choice(past) if isinstance(choice, Random) else past[-1 if choice == "everything" else 0]
        if isinstance(chosen, _Folder):
            _put(chosen, target / name, choice)
        elif chosen:
            (target / name).write_bytes(_survived(chosen, choice))


def _survived(file: _File, choice: "str | Random") -> bytes:
    if not isinstance(choice, Random):
        return file.content if choice == "everything" else file.flushed
    if file.flushed == file.content:
        return file.content
    content = file.content
    return choice.choice([file.flushed, content, content[: len(content) // 2], bytes(len(content))])
