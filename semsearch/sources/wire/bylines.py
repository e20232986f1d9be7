"""Extracts names from the bylines of agencies."""

import re
from collections.abc import Iterable

from semsearch.sources.facts import values

_BY = re.compile(r"^(?i:by|von|par|por|di|da|door|av|af)(?::\s*|\s+)(?=[^\W\d_a-z])")
_ADDRESS = re.compile(r"[^\s@]+@\S+")


def names(bylines: Iterable[str], publisher: str | None = None) -> tuple[str, ...]:
    """Return the names in bylines, without e-mail addresses and without the outlet itself."""
    outlet = (publisher or "").casefold()
    bare_names = (_bare_name(raw.strip(), outlet) for raw in bylines)
    people = (name for raw in bare_names for name in values.people(raw))
    return tuple(dict.fromkeys(name for name in people if not _ADDRESS.fullmatch(name) and name.casefold() != outlet))


def _bare_name(raw: str, outlet: str) -> str:
    """Return a byline without a leading word such as "By", and without the outlet at its end."""
    name, comma, outlet_name = _BY.sub("", raw, count=1).rpartition(",")
    return name if comma and outlet and outlet_name.strip().casefold() == outlet else f"{name}{comma}{outlet_name}"
