"""What a site's robots.txt (RFC 9309) lets us fetch, how often, and which sitemaps it names.

The only module that knows protego.
"""

import re

from protego import Protego

from semsearch.sources.remote.sitemaps import is_web_address

PATH = "/robots.txt"
"""Of the file, at each site."""

ROBOT = "semsearch"
"""The name under which a robots.txt may speak of us; else what it says of `*` holds."""

MOST_BYTES = 500 * 1024
"""Of a robots.txt are read, as RFC 9309 asks for at least; what follows is left out."""

_MOST_DELAY = 60.0
"""Seconds between two requests. A site that asks for more than that is asked so often."""

_AGENT = re.compile(r"\s*user[ -]?agent\s*:?\s*([^#]*)", re.IGNORECASE)
_ALL = re.compile(r"\*|semsearch\*?", re.IGNORECASE)


class Robots:
    """The rules of one site for us."""

    def __init__(self, text: str = "") -> None:
        """Read a robots.txt; an empty one allows everything."""
        self._rules = Protego.parse("\n".join(map(_for_us, text.splitlines())))
        self.sitemaps = tuple(filter(is_web_address, self._rules.sitemaps))  # addresses
        self.delay = min(self._rules.crawl_delay(ROBOT) or 0.0, _MOST_DELAY)  # seconds

    def allows(self, address: str) -> bool:
        """Tell whether an address may be fetched."""
        return self._rules.can_fetch(address, ROBOT)


def _for_us(line: str) -> str:
    """Return a line with one name for all other robots: each name would keep the rules once more."""
    agent = _AGENT.match(line)
    return "User-agent: another" if agent and not _ALL.fullmatch(agent[1].strip()) else line
