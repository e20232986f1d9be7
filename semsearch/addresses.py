"""Web addresses taken apart and put together, in time that is linear in their length.

`urllib` normalises hosts, which can take minutes for a host of combining marks, so that these are refused first.
"""

import re
from urllib.parse import SplitResult, urljoin, urlsplit

from semsearch.text import has_many_marks

LONGEST = 8_192
"""Characters of an address. A longer one carries data of its own."""

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")  # one letter is a drive


def is_address(text: str) -> bool:
    """Tell whether a text is an address, of any scheme, and not a path."""
    return _SCHEME.match(text) is not None


def parts(address: str) -> SplitResult:
    """Return the parts of an address; raises ValueError if it is not one."""
    return urlsplit(_checked_address(address))


def joined(base: str, address: str) -> str:
    """Return the full form of an address that is written in what lies at `base`; raises ValueError."""
    return urljoin(_checked_address(base), _checked_address(address))


def host(address: str | None) -> str | None:
    """Return the host of an address in lower case, or None."""
    try:
        return parts(address).hostname if address else None
    except ValueError:
        return None


def _checked_address(address: str) -> str:
    if len(address) > LONGEST or has_many_marks(address):
        raise ValueError("it is no address")
    return address
