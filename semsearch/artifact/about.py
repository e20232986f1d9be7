"""Reads what the maker of an artifact says about it: its name, its licence, and those of its sources."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from semsearch.checks import told
from semsearch.errors import NoSuchPathError, UsageError

_EXAMPLE = """write it as TOML:
    name = "council-news"
    release = "2026-01"
    description = "Reports from two councils"
    licence = "CC-BY-4.0"
    [sources."Coast Courier"]
    licence = "by agreement"
    url = "https://news.example.org\""""

_KEYS = ("name", "release", "description", "licence")


class Rights(NamedTuple):
    """The terms of one publisher's articles."""

    licence: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class About:
    """What an artifact says beyond the index itself; None stands for a default."""

    name: str | None = None
    release: str | None = None
    description: str = ""
    licence: str = ""
    sources: Mapping[str, Rights] = field(default_factory=dict)  # by publisher or domain, in lower case


def about_of(
    path: Path | None = None, *, name: str | None = None, release: str | None = None, licence: str | None = None
) -> About:
    """Return what a TOML file says, if one is given; a name, release or licence given here replaces the file's."""
    about = read_about(path) if path else About()
    return replace(about, name=name or about.name, release=release or about.release, licence=licence or about.licence)


def read_about(path: Path) -> About:
    """Read a TOML file; raises UsageError if it is anything else."""
    try:
        raw: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise NoSuchPathError(f"there is no file {path}", "check the path") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", "check the path and its permissions") from error
    except ValueError as error:
        raise UsageError(f"{path} is not TOML: {error}", _EXAMPLE) from error
    try:
        rights = _table("sources", raw.pop("sources", {}))
        sources = {
            told(name).casefold(): Rights(**_texts(f"sources.{name}", value, Rights._fields))
            for name, value in rights.items()
        }
        return About(**_texts("", raw, _KEYS), sources=sources)
    except ValueError as error:
        raise UsageError(f"{path}: {error}", _EXAMPLE) from error


def _texts(name_above: str, parsed: object, allowed: Sequence[str]) -> dict[str, str]:
    table = _table(name_above, parsed)
    for key, value in table.items():
        name = f"{name_above}.{key}" if name_above else key
        if key not in allowed:
            raise ValueError(f"unknown key {name!r:.100}; allowed: {', '.join(allowed)}")
        if not isinstance(value, str):
            raise ValueError(f"{name} is not a text: {value!r:.80}")  # noqa: TRY004  a mistake in the file
    return {key: told(value) for key, value in table.items()}


def _table(name: str, parsed: object) -> Mapping[str, object]:
    if not isinstance(parsed, dict):
        raise ValueError(f"{name} is not a table: {parsed!r:.80}")  # noqa: TRY004
    return parsed
