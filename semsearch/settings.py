"""Settings from files: `semsearch.toml` in the working folder, then the account's own `semsearch/config.toml`."""

import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from semsearch.addresses import is_address
from semsearch.errors import UsageError

KEYS = ("index", "model", "registry", "sources")
"""Settings that are no options of commands; all others are for the command line to know."""

Settings = dict[str, object]


@dataclass(frozen=True, slots=True)
class Setting:
    """What a file says of one key."""

    value: str
    path: Path  # of the file
    personal: bool  # the account's own file; a file in the working folder may be anybody's


@dataclass(frozen=True, slots=True)
class Source:
    """An address that `semsearch update` fetches."""

    address: str
    name: str | None = None  # whose articles they are where they name no publisher
    follow: bool = False  # read the articles of a feed on their own pages


def sources(path: Path | None = None) -> list[Source]:
    """Return the sources that a settings file lists: the named one, else the account's own.

    What a file in the working folder lists is fetched only where that file is named: it may be anybody's.

    Raises:
        UsageError: there is no such file or it lists none, or it is not written as it has to be.
    """
    files = [path] if path else [file for file, personal in _files() if personal]
    for file in files:
        if (listed := _read(file).get("sources")) is not None:
            if not isinstance(listed, list) or not listed:
                raise UsageError(f"{file}: sources is {listed!r:.80}", _SOURCES_HINT)
            return [_source(one, file) for one in listed]
    here = Path("semsearch.toml")
    if path is None and here.is_file() and "sources" in _read(here):
        raise UsageError(
            f"{here} in the working folder lists sources, and may be anybody's",
            f"if you trust it, name it: --sources {here}",
        )
    where = path or "your settings file (~/.config/semsearch/config.toml)"
    raise UsageError(f"{where} lists no sources", _SOURCES_HINT)


_SOURCES_HINT = 'write sources = ["https://…/feed.xml"], or [[sources]] with url = "https://…", name and follow'


def _source(written: object, path: Path) -> Source:
    table = {"url": written} if isinstance(written, str) else written
    if not isinstance(table, dict) or (unknown := table.keys() - {"url", "name", "follow"}):
        named = f" ({', '.join(sorted(unknown))} is unknown)" if isinstance(table, dict) else ""
        raise UsageError(f"{path}: a source is {written!r:.80}{named}", _SOURCES_HINT)
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
