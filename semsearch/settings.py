"""What a person has settled in a file: `semsearch.toml` in the working folder, then one for the whole account."""

import os
import tomllib
from collections.abc import Iterator
from pathlib import Path

from semsearch.errors import UsageError

KEYS = ("index", "model", "registry")
"""Settings that are no options of commands; all others are for the command line to know."""

Settings = dict[str, object]


def setting(key: str) -> str | None:
    """Return the first file's value for one of `KEYS`, or None; a relative path counts from the file's folder.

    Command line and environment come before it; writing commands do not ask for it.

    Raises:
        UsageError: a file is not TOML, or the value is no text.
    """
    for path, settings in _files():
        value = settings.get(key)
        if value is None:
            continue
        if not isinstance(value, str) or not value:
            raise UsageError(f"{path}: {key} is {value!r:.80}, not a text", f'write {key} = "…"')
        beside = path.parent / value
        return str(beside) if key == "index" or beside.exists() else value
    return None


def option_settings() -> list[tuple[Path, Settings]]:
    """Return what the files say beside `KEYS`: defaults of options, and tables of them; the nearest file first.

    Raises:
        UsageError: a file is not TOML.
    """
    return [(path, {key: value for key, value in settings.items() if key not in KEYS}) for path, settings in _files()]


def _files() -> Iterator[tuple[Path, Settings]]:
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")  # noqa: PTH111  no error without a home
    for path in (Path("semsearch.toml"), Path(home, "semsearch", "config.toml")):
        if path.is_file():
            yield path, _read(path)


def _read(path: Path) -> Settings:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}", 'write it as TOML: index = "news.idx"') from error
