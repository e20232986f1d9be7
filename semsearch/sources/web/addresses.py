"""Chooses a page's own address among those that it names."""

import re

from semsearch.addresses import host, joined, parts
from semsearch.sources.facts import values
from semsearch.sources.web.claims import Claims

_FRONT = re.compile(r"/*+(?:(?:index|home|default)(?:\.\w{3,5})?|[a-z]{2}(?:-[a-z]{2})?)?/*+", re.IGNORECASE)
"""Paths of sites, and of their editions by language or country."""

_SECOND_LEVELS = frozenset(("ac", "co", "com", "edu", "gov", "go", "ne", "net", "or", "org", "gob", "gouv", "nom"))
"""Second-level names under which a country registers sites: example.co.uk is a site, co.uk is not."""


def own_address(claims: Claims, fetched_from: str | None) -> str | None:
    """Return the page's own address, or None where it names none.

    The address of another site, or of a site's front page, is not the article's.

    Args:
        fetched_from: the address that the page was fetched from, if known.
    """
    named = [absolute for address in named_addresses(claims) if (absolute := _absolute(address, fetched_from))]
    social = [absolute for address in claims.all_meta("og:url") if (absolute := _absolute(address, fetched_from))]
    reference = fetched_from or next(iter([*social, *named]), None)
    if reference is None:
        return None
    on_same_site = (address for address in named if site(address) == site(reference))
    return next(on_same_site, values.address(fetched_from) if fetched_from else None)


def domain(address: str | None) -> str | None:
    """Return the host of an address without `www.`."""
    return values.domain(host(address) or "")


def site(address: str) -> str:
    """Return the registered domain of an address: "example.co.uk" for "https://m.example.co.uk/a"."""
    labels = (host(address) or "").split(".")
    count = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVELS else 2
    return ".".join(labels[-count:])


def named_addresses(claims: Claims) -> list[str]:
    """Return the addresses that may be the page's own, the most reliable first."""
    pages = (claims.article.get("mainEntityOfPage"), claims.article.get("url"), claims.article.get("@id"))
    jsonld_addresses = [page.get("@id") or page.get("url") if isinstance(page, dict) else page for page in pages]
    return [
        *([claims.links["canonical"]] if "canonical" in claims.links else []),
        *claims.all_meta("og:url"),
        *(address for address in jsonld_addresses if isinstance(address, str) and "#" not in address),
    ]


def _absolute(address: str, base: str | None) -> str | None:
    try:
        return values.address(joined(base or "", address))
    except ValueError:
        return None


def is_site(address: str) -> bool:
    """Tell whether an address is that of a site's front page."""
    try:
        pieces = parts(address)
    except ValueError:
        return False
    return bool(pieces.hostname) and _FRONT.fullmatch(pieces.path) is not None and not pieces.query
