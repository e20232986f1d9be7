"""Settings from files: `semsearch.toml` in the working folder, then the account's own `semsearch/config.toml`."""

import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from semsearch.addresses import is_address
from semsearch.errors import UsageError

KEYS = ("index", "model", "registry", "sources")
"""Settings that are not options of commands; only the command line knows all others."""

Settings = dict[str, object]


@dataclass(frozen=True, slots=True)
class Setting:
    """The value of one key in a file."""

    value: str
    path: Path  # of the file
    personal: bool  # the account's own file; a file in the working folder may be anybody's


@dataclass(frozen=True, slots=True)
class Source:
    """An address that `semsearch update` fetches."""

    address: str
    name: str | None = None  # the publisher of articles that name none
    follow: bool = False  # read the articles of a feed on their own pages


def sources(path: Path | None = None) -> list[Source]:
    """Return the sources that a settings file lists: the named one, else the account's own.

    The sources in a file in the working folder count only if that file is named, since it may be anybody's.

    Raises:
        UsageError: there is no such file, it lists none, or it is not in the right form.
    """
    files = [path] if path else [file for file, personal in _files() if personal]
    for file in files:
        if (entries := _read_settings(file).get("sources")) is not None:
            if not isinstance(entries, list) or not entries:
                raise UsageError(f"{file}: sources is {entries!r:.80}", _SOURCES_HINT)
            return [_source(entry, file) for entry in entries]
    local = Path("semsearch.toml")
    if path is None and local.is_file() and "sources" in _read_settings(local):
        raise UsageError(
            f"{local} in the working folder lists sources, and may be anybody's",
            f"if you trust it, name it: --sources {local}",
        )
    place = path or "your settings file (~/.config/semsearch/config.toml)"
    raise UsageError(f"{place} lists no sources", _SOURCES_HINT)


_SOURCES_HINT = 'write sources = ["https://…/feed.xml"], or [[sources]] with url = "https://…", name and follow'


def _source(entry: object, path: Path) -> Source:
    table = {"url": entry} if isinstance(entry, str) else entry
    if not isinstance(table, dict) or (unknown := table.keys() - {"url", "name", "follow"}):
        remark = f" ({', '.join(sorted(unknown))} is unknown)" if isinstance(table, dict) else ""
        raise UsageError(f"{path}: a source is {entry!r:.80}{remark}", _SOURCES_HINT)
    url, name, follow = table.get("url"), table.get("name"), table.get("follow", False)
    if not isinstance(url, str) or not is_address(url):
        raise UsageError(f"{path}: the url of a source is {url!r:.80}, no address", "files are added by semsearch add")
    if not isinstance(follow, bool) or not (name is None or isinstance(name, str)):
        raise UsageError(
            f"{path}: the source {url} has another name or follow than a text, true or false", _SOURCES_HINT
        )
    return Source(url, name, follow)


def setting(key: str) -> str | None:
    """Return the value that `find_setting` finds, or None."""
    found_setting = find_setting(key)
    return found_setting.value if found_setting else None


def find_setting(key: str) -> Setting | None:
    """Return the first file's value of one of `KEYS`, or None; a relative path is relative to the file's folder.

    Command line and environment take precedence; writing commands do not use settings.

    Raises:
        UsageError: a file is not TOML, or the value is not a text.
    """
    for path, personal in _files():
        value = _read_settings(path).get(key)
        if value is None:
            continue
        if not isinstance(value, str) or not value:
            raise UsageError(f"{path}: {key} is {value!r:.80}, not a text", f'write {key} = "…"')
        relative = path.parent / value
        return Setting(str(relative) if key == "index" or relative.exists() else value, path, personal)
    return None


def option_settings() -> list[tuple[Path, Settings]]:
    """Return the files' settings besides `KEYS`, defaults of options and tables of them, the nearest file first.

    Raises:
        UsageError: a file is not TOML.
    """
    all_settings = [(path, _read_settings(path)) for path, _personal in _files()]
    return [(path, {key: table[key] for key in table if key not in KEYS}) for path, table in all_settings]


def _files() -> Iterator[tuple[Path, bool]]:
    """Yield the files that exist, and whether each is the account's own."""
    home = Path(os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config"))  # noqa: PTH111  no error without a home
    candidates = [(Path("semsearch.toml"), False)]
    if home.is_absolute():  # else it is in the working folder
        candidates.append((home / "semsearch" / "config.toml", True))
    yield from ((path, personal) for path, personal in candidates if path.is_file())


def _read_settings(path: Path) -> Settings:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}", 'write it as TOML: index = "news.idx"') from error
