"""Web addresses taken apart and put together, in time that is linear in their length.

`urllib` normalises hosts, for which a host of combining marks can take minutes: what is no address is refused before.
"""

import re
from urllib.parse import SplitResult, urljoin, urlsplit

from semsearch.text import has_many_marks

LONGEST = 8_192
"""Characters of an address. What is longer carries something else than a place."""

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")  # one letter is a drive


def is_address(where: str) -> bool:
    """Tell an address, of whatever scheme, from a path."""
    return _SCHEME.match(where) is not None


def parts(address: str) -> SplitResult:
    """Return the parts of an address; raises ValueError where it is none."""
    return urlsplit(_checked(address))


def joined(base: str, address: str) -> str:
    """Return the address that is meant by one that stands in what lies at another; raises ValueError."""
    return urljoin(_checked(base), _checked(address))


def host(address: str | None) -> str | None:
    """Return the host of an address in lower case, or None."""
    try:
        return parts(address).hostname if address else None
    except ValueError:
        return None


def _checked(address: str) -> str:
    if len(address) > LONGEST or has_many_marks(address):
        raise ValueError("it is no address")
    return address
