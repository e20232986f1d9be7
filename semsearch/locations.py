"""Where the index is: named by the caller, the environment or a settings file, in the working folder, or shipped."""

import os
from pathlib import Path

from semsearch.errors import UsageError
from semsearch.settings import setting

VARIABLE = "SEMSEARCH_INDEX"
HOME = "SEMSEARCH_HOME"
_MANIFEST = "manifest.json"
_PACKAGE = Path(__file__).resolve().parent


def shipped_index() -> Path:
    """Return where the prebuilt index is: inside an installed package, else beside the package in a checkout."""
    inside = _PACKAGE / "shipped"
    return inside if inside.is_dir() else _PACKAGE.parent / "index"


def spoken(location: Path) -> str:
    """Return an index's name for messages; people may not know that a sample index comes with the program."""
    is_sample = location.resolve() == shipped_index().resolve()
    return "the sample index (name yours with -i DIR)" if is_sample else str(location)


def reading_location(location: str | os.PathLike[str] | None = None) -> Path:
    """Return the index to read.

    It is the named one, else $SEMSEARCH_INDEX, else that of a settings file, else ./index if that is one, else the
    shipped one.
    """
    if named := _chosen(location):
        return named
    if configured := setting("index"):
        return Path(configured)
    local = Path("index")
    return local if (local / _MANIFEST).is_file() else shipped_index()


def writing_location(location: str | os.PathLike[str] | None = None) -> Path:
    """Return the index to write: the named one, else $SEMSEARCH_INDEX; never a fallback, never the installed one."""
    chosen = _chosen(location)
    if chosen is None:
        raise UsageError("no index was named to write to", f"name it with -i DIR, or set {VARIABLE}")
    refuse_shipped(chosen)
    return chosen


def is_named(location: str | os.PathLike[str] | None = None) -> bool:
    """Tell whether the index is named by the caller or the environment; any other one is only for reading."""
    return _chosen(location) is not None


def refuse_shipped(location: Path) -> None:
    """Refuse to write into the installed package, under any name of its folder; raises UsageError."""
    shipped = _PACKAGE / "shipped"
    same = shipped.is_dir() and location.is_dir() and location.samefile(shipped)  # through a mount, or in other case
    if same or location.resolve().is_relative_to(_PACKAGE):
        raise UsageError(f"{location} belongs to the installed package", "write to a folder of your own: -i DIR")


def home() -> Path:
    """Return the folder for everything that can be made again: $SEMSEARCH_HOME, else the account's cache."""
    if configured := os.environ.get(HOME):
        return Path(configured).absolute()  # what is read in the background is found even if the working folder changes
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111  no error without a home
    return Path(cache, "semsearch").absolute()


def _chosen(location: str | os.PathLike[str] | None) -> Path | None:
    name = None if location is None else _as_text(location)
    if name == "":
        raise UsageError("the index is named by an empty text", "is a variable unset? name a folder with -i DIR")
    path = name or os.environ.get(VARIABLE)
    return Path(path) if path else None


def _as_text(location: object) -> str:
    """Return the path of something that stands for one; raises UsageError where it stands for none, or one in bytes."""
    path = os.fspath(location) if isinstance(location, os.PathLike) else location
    if not isinstance(path, str):
        raise UsageError(
            f"the index is named by {type(location).__name__}, not a text or a path",
            'name a folder: "my-index" (build takes the source first, then the folder)',
        )
    return path
