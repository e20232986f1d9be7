"""Reads a site's robots.txt (RFC 9309): what may be fetched, how often, and which sitemaps there are.

The only module that imports protego.
"""

import re

from protego import Protego

from semsearch.sources.remote.sitemaps import is_web_address

PATH = "/robots.txt"
"""Path of the file on each site."""

ROBOT = "semsearch"
"""Our name in a robots.txt; without an entry for it, the rules for `*` apply."""

MOST_BYTES = 500 * 1024
"""Bytes of a robots.txt that are read, the minimum in RFC 9309; what follows is left out."""

_MOST_DELAY = 60.0
"""Seconds between two requests; a longer delay that a site asks for is shortened to this."""

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
    """Return a line with one name for all other robots, since the parser copies the rules for each name."""
    agent = _AGENT.match(line)
    return "User-agent: another" if agent and not _ALL.fullmatch(agent[1].strip()) else line
