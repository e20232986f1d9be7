"""Where the index is: given, named by the environment, in the working folder, or the shipped one."""

import os
from pathlib import Path

from semsearch.errors import UsageError
from semsearch.settings import setting

VARIABLE = "SEMSEARCH_INDEX"
HOME = "SEMSEARCH_HOME"
_MANIFEST = "manifest.json"
_PACKAGE = Path(__file__).resolve().parent


def shipped_index() -> Path:
    """Return where the prebuilt index lies: inside an installed package, else beside the package in a checkout."""
    inside = _PACKAGE / "shipped"
    return inside if inside.is_dir() else _PACKAGE.parent / "index"


def spoken(location: Path) -> str:
    """Name an index for whoever asked it: what comes with the program is not theirs, and they may not know it."""
    is_sample = location.resolve() == shipped_index().resolve()
    return "the sample index (name yours with -i DIR)" if is_sample else str(location)


def reading_location(given: str | os.PathLike[str] | None = None) -> Path:
    """Return the index to read.

    The given one, else $SEMSEARCH_INDEX, else that of a settings file, else ./index if it is one, else the shipped one.
    """
    if chosen := _chosen(given):
        return chosen
    if settled := setting("index"):
        return Path(settled)
    here = Path("index")
    return here if (here / _MANIFEST).is_file() else shipped_index()


def writing_location(given: str | os.PathLike[str] | None = None) -> Path:
    """Return the index to write: the given one, else $SEMSEARCH_INDEX; never a fallback, never the installed one."""
    location = _chosen(given)
    if location is None:
        raise UsageError("no index was named to write to", f"name it with -i DIR, or set {VARIABLE}")
    refuse_shipped(location)
    return location


def is_named(given: str | os.PathLike[str] | None = None) -> bool:
    """Say whether somebody named the index: what was found without a name, or in a settings file, is for reading."""
    return _chosen(given) is not None


def refuse_shipped(location: Path) -> None:
    """Refuse to write into the installed package, by whatever name its folder is reached; raises UsageError."""
    shipped = _PACKAGE / "shipped"
    same = shipped.is_dir() and location.is_dir() and location.samefile(shipped)  # through a mount, or in other case
    if same or location.resolve().is_relative_to(_PACKAGE):
        raise UsageError(f"{location} belongs to the installed package", "write to a folder of your own: -i DIR")


def home() -> Path:
    """Return the folder of everything that can be had again: $SEMSEARCH_HOME, else the account's cache."""
    if own := os.environ.get(HOME):
        return Path(own).absolute()  # what is read in the background is found even if the working folder changes
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111  no error without a home
    return Path(cache, "semsearch").absolute()


def _chosen(given: str | os.PathLike[str] | None) -> Path | None:
    if given is not None and not os.fspath(given):
        raise UsageError("the index is named by an empty text", "is a variable unset? name a folder with -i DIR")
    named = given or os.environ.get(VARIABLE)
    return Path(named) if named else None
