"""What whoever packs an index says about it: its name, its licence, and those of its sources."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from semsearch.checking import told
from semsearch.errors import UsageError

_EXAMPLE = """write it as TOML:
    name = "council-news"
    release = "2026-01"
    description = "Reports from two councils"
    licence = "CC-BY-4.0"
    [sources."Coast Courier"]
    licence = "by agreement"
    url = "https://news.example.org\""""


class Rights(NamedTuple):
    """What is said of one publisher's articles."""

    licence: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class About:
    """Everything that is not in the index itself; None is filled in."""

    name: str | None = None
    release: str | None = None
    description: str = ""
    licence: str = ""
    sources: Mapping[str, Rights] = field(default_factory=dict)  # by publisher or domain, in lower case


def read_about(path: Path) -> About:
    """Read a TOML file; raises UsageError where it says something else."""
    try:
        raw: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        sources = {
            told(name).casefold(): Rights(**{key: told(value) for key, value in said.items()})
            for name, said in raw.pop("sources", {}).items()
        }
        return About(**{key: told(value) for key, value in raw.items()}, sources=sources)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise UsageError(f"{path} says nothing about an index: {error}", _EXAMPLE) from error
