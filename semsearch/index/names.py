"""Finds articles by name: an id, the beginning of an id, an address, or the id that its source gave it."""

from collections.abc import Iterable, Sequence
from string import hexdigits

from semsearch import identity, text
from semsearch.checks import shown
from semsearch.errors import NotFoundError, UsageError
from semsearch.ports import Engine

_LEAST_DIGITS = 6
"""Fewer digits are not taken for the beginning of an id."""

_MOST_LISTED = 10
"""The most articles that an error lists."""

_TITLE_CHARACTERS = 80
"""Characters of each title in that list."""


def names_of(ids_or_urls: str | Iterable[str]) -> list[str]:
    """Return one name or several as a list; raises UsageError if it is neither."""
    if isinstance(ids_or_urls, str):
        return [ids_or_urls]
    if not isinstance(ids_or_urls, Iterable):
        raise UsageError(f"{shown(ids_or_urls)} names no article", "give an id, or a list of ids")
    return list(ids_or_urls)


def article_id_of(id_or_url: str, engine: Engine) -> str | None:
    """Return the id of the article that has a name, or None.

    A whole id and an address come first. The beginning of an id and a source's own id count alike.

    Raises:
        NotFoundError: several articles have that name.
        UsageError: the name is not a text.
    """
    if not isinstance(id_or_url, str):
        raise UsageError(f"an id is {id_or_url!r:.40} ({type(id_or_url).__name__}), not a text", 'write "17"')
    name = text.normalise_line(id_or_url)
    by_url = identity.url_id(name)
    if by_url and engine.get(by_url):
        return by_url
    ids = engine.find(name.lower()) if _LEAST_DIGITS <= len(name) <= identity.ID_DIGITS else []
    if len(name) < identity.ID_DIGITS or not ids:
        ids = list(dict.fromkeys([*ids, *engine.find_source_id(name)]))
    if len(ids) > 1:
        raise NotFoundError(
            f"{name!r:.200} names {'at least ' * (len(ids) == 2)}{len(ids):,} articles: {_articles_text(ids, engine)}",
            "give the whole article_id, or the address",
        )
    return ids[0] if ids else None


def how_to_name(name: str, option: str) -> str:
    """Return the hint for a name that no article has.

    Args:
        option: names the index on the command line.
    """
    listing = f"see what there is: semsearch list{option}"
    if 0 < len(name) < _LEAST_DIGITS and all(digit in hexdigits for digit in name):
        return f"of an id at least {_LEAST_DIGITS} digits are needed; {listing}"
    return listing


def _articles_text(ids: Sequence[str], engine: Engine) -> str:
    articles = filter(None, map(engine.get, ids[:_MOST_LISTED]))
    entries = (f"{article.metadata.article_id} “{article.metadata.title[:_TITLE_CHARACTERS]}”" for article in articles)
    return ", ".join([*entries, *["…"] * (len(ids) > _MOST_LISTED)])
