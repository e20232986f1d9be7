"""Which of the addresses that a page names is its own."""

import re

from semsearch.addresses import host, joined, parts
from semsearch.sources.facts import values
from semsearch.sources.web.said import Said

_FRONT = re.compile(r"/*+(?:(?:index|home|default)(?:\.\w{3,5})?|[a-z]{2}(?:-[a-z]{2})?)?/*+", re.IGNORECASE)
"""Paths of sites, and of their editions by language or country."""

_SECOND_LEVELS = frozenset(("ac", "co", "com", "edu", "gov", "go", "ne", "net", "or", "org", "gob", "gouv", "nom"))
"""Names under which a country's sites are, as far as news has them: example.co.uk is a site, co.uk none."""


def own_address(said: Said, fetched_from: str | None) -> str | None:
    """Return the page's own address, or None where it names none.

    That of another site, or of a site alone, is not the article's.

    Args:
        fetched_from: where the page was fetched, if that is known.
    """
    named = [address for one in named_addresses(said) if (address := _absolute(one, fetched_from))]
    social = [address for one in said.all("og:url") if (address := _absolute(one, fetched_from))]
    reference = next(iter([*([fetched_from] if fetched_from else []), *social, *named]), None)
    if reference is None:
        return None
    own = (address for address in named if site(address) == site(reference))
    return next(own, values.address(fetched_from) if fetched_from else None)


def domain(address: str | None) -> str | None:
    """Return the host of an address without `www.`."""
    return values.domain(host(address) or "")


def site(address: str) -> str:
    """Return the part of a host that is registered as one: "example.co.uk" for "https://m.example.co.uk/a"."""
    labels = (host(address) or "").split(".")
    own = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVELS else 2
    return ".".join(labels[-own:])


def named_addresses(said: Said) -> list[str]:
    """Return what may be the page's own address, the surest first."""
    pages = (said.article.get("mainEntityOfPage"), said.article.get("url"), said.article.get("@id"))
    linked = [page.get("@id") or page.get("url") if isinstance(page, dict) else page for page in pages]
    return [
        *([said.links["canonical"]] if "canonical" in said.links else []),
        *said.all("og:url"),
        *(address for address in linked if isinstance(address, str) and "#" not in address),
    ]


def _absolute(address: str, base: str | None) -> str | None:
    try:
        return values.address(joined(base or "", address))
    except ValueError:
        return None


def is_site(address: str) -> bool:
    """Tell whether an address is that of a site, and of nothing on it."""
    try:
        found = parts(address)
    except ValueError:
        return False
    return bool(found.hostname) and _FRONT.fullmatch(found.path) is not None and not found.query
