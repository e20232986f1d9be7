"""What a person has settled in a file: `semsearch.toml` in the working folder, then one for the whole account."""

import os
import tomllib
from pathlib import Path

from semsearch.errors import UsageError

KEYS = ("index", "model", "registry")


def setting(key: str) -> str | None:
    """Return the first file's value for a key, or None; a relative path counts from the file's folder.

    Command line and environment come before it; writing commands do not ask for it.

    Raises:
        UsageError: a file is not TOML, or has a key or value that means nothing.
    """
    for path in _files():
        if path.is_file():
            value = _read(path).get(key)
            if value is not None:
                beside = path.parent / value
                return str(beside) if key == "index" or beside.exists() else value
    return None


def _files() -> list[Path]:
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")  # noqa: PTH111  no error without a home
    return [Path("semsearch.toml"), Path(home, "semsearch", "config.toml")]


def _read(path: Path) -> dict[str, str]:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}", 'write it as TOML: index = "news.idx"') from error
    for key, value in found.items():
        if key not in KEYS or not isinstance(value, str) or not value:
            raise UsageError(f"{path}: {key} = {value!r} means nothing", f"known are texts for {', '.join(KEYS)}")
    return found
