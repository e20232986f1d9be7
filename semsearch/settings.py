"""Settings from files: `semsearch.toml` in the working folder, then the account's own `semsearch/config.toml`."""

import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from semsearch.errors import UsageError

KEYS = ("index", "model", "registry")
"""Settings that are no options of commands; all others are for the command line to know."""

Settings = dict[str, object]


@dataclass(frozen=True, slots=True)
class Setting:
    """What a file says of one key."""

    value: str
    path: Path  # of the file
    personal: bool  # the account's own file; a file in the working folder may be anybody's


def setting(key: str) -> str | None:
    """Return the value that `find_setting` finds, or None."""
    found = find_setting(key)
    return found.value if found else None


def find_setting(key: str) -> Setting | None:
    """Return what the first file says of one of `KEYS`, or None; a relative path counts from the file's folder.

    Command line and environment come before it; writing commands do not ask for it.

    Raises:
        UsageError: a file is not TOML, or the value is no text.
    """
    for path, personal in _files():
        value = _read(path).get(key)
        if value is None:
            continue
        if not isinstance(value, str) or not value:
            raise UsageError(f"{path}: {key} is {value!r:.80}, not a text", f'write {key} = "…"')
        beside = path.parent / value
        return Setting(str(beside) if key == "index" or beside.exists() else value, path, personal)
    return None


def option_settings() -> list[tuple[Path, Settings]]:
    """Return what the files say beside `KEYS`: defaults of options, and tables of them; the nearest file first.

    Raises:
        UsageError: a file is not TOML.
    """
    return [
        (path, {key: value for key, value in _read(path).items() if key not in KEYS}) for path, _personal in _files()
    ]


def _files() -> Iterator[tuple[Path, bool]]:
    """Yield the files that exist, and whether each is the account's own."""
    home = Path(os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config"))  # noqa: PTH111  no error without a home
    own = [(home / "semsearch" / "config.toml", True)] if home.is_absolute() else []  # else it is in the working folder
    yield from ((path, personal) for path, personal in [(Path("semsearch.toml"), False), *own] if path.is_file())


def _read(path: Path) -> Settings:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}", 'write it as TOML: index = "news.idx"') from error
