"""Bylines of agencies -> names."""

import re
from collections.abc import Iterable

from semsearch.sources.facts import values

_BY = re.compile(r"^(?i:by|von|par|por|di|da|door|av|af)(?::\s*|\s+)(?=[^\W\d_a-z])")
_ADDRESS = re.compile(r"[^\s@]+@\S+")


def names(written: Iterable[str], publisher: str | None = None) -> tuple[str, ...]:
    """Return the names in bylines; an address is none, nor is the outlet itself."""
    outlet = (publisher or "").casefold()
    without = (_bare(raw.strip(), outlet) for raw in written)
    people = (name for raw in without for name in values.people(raw))
    return tuple(dict.fromkeys(name for name in people if not _ADDRESS.fullmatch(name) and name.casefold() != outlet))


def _bare(raw: str, outlet: str) -> str:
    """Return a byline without the word before it, and without its outlet behind it."""
    name, comma, last = _BY.sub("", raw, count=1).rpartition(",")
    return name if comma and outlet and last.strip().casefold() == outlet else f"{name}{comma}{last}"
