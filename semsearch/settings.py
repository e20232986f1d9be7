"""Settings from files: `semsearch.toml` in the working folder, then the account's own `semsearch/config.toml`."""

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from semsearch.errors import UsageError

KEYS = ("index", "model", "registry")


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
    """Return what the first file says that has a key, or None; a relative path counts from the file's folder.

    Command line and environment come before it; writing commands do not ask for it.

    Raises:
        UsageError: a file is not TOML, or has an unknown key or a value that is not a text.
    """
    for path, personal in _files():
        if path.is_file():
            value = _read(path).get(key)
            if value is not None:
                beside = path.parent / value
                return Setting(str(beside) if key == "index" or beside.exists() else value, path, personal)
    return None


def _files() -> list[tuple[Path, bool]]:
    home = Path(os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config"))  # noqa: PTH111  no error without a home
    own = [(home / "semsearch" / "config.toml", True)] if home.is_absolute() else []  # else it is in the working folder
    return [(Path("semsearch.toml"), False), *own]


def _read(path: Path) -> dict[str, str]:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}", 'write it as TOML: index = "news.idx"') from error
    for key, value in found.items():
        if key not in KEYS or not isinstance(value, str) or not value:
            raise UsageError(f"{path}: {key} = {value!r} is not a setting", f"allowed are texts for {', '.join(KEYS)}")
    return found
