"""Refuses pages that are not articles: front pages, lists of links, galleries, videos. Recognises paywalls."""

import re
from collections import Counter
from collections.abc import Sequence

from semsearch.sources.web.addresses import is_site
from semsearch.sources.web.claims import Claims
from semsearch.sources.web.lines import LINK_SHARE, PageLine, columns_of

ENOUGH_COLUMNS = 400
"""Of prose; a page of links has less, and an article worth reading has more."""

_LONG_COLUMNS = 100
_LITTLE_LINKED = 0.3

_MOST_LINKS = 10
"""Columns of links for each of prose, beside a short article; an old site's menus are long."""

_MOST_LINKS_OF_TEASERS = 2
"""The same, where no block has half of the prose."""

STUB_COLUMNS = 1_500
"""More than this is the whole text, not the stub that a paywall shows."""

_ARTICLES = frozenset(("article", "news"))
_LISTS = frozenset(("collectionpage", "searchresultspage", "itemlist", "website", "profilepage"))
_VIDEOS = frozenset(("videoobject", "audioobject", "podcastepisode", "movie", "tvepisode", "radioepisode"))
_GALLERIES = frozenset(("imagegallery", "mediagallery", "videogallery"))
_WALL = re.compile(
    r"(?:subscribe|sign up|log ?in|register|become a (?:member|subscriber))\b.{0,60}\b(?:to )?(?:continue|keep|read)|"
    r"(?:this|the) (?:article|story|content) is (?:only |exclusively )?(?:available )?(?:for|to) (?:\w+ )?"
    r"(?:subscribers|members)|"
    r"(?:weiterlesen|jetzt lesen) mit|diesen? (?:artikel|beitrag|text).{0,40}(?:weiterlesen|abonnent)|"
    r"nur für abonnenten|réservé aux abonnés|sólo para suscriptores|会員限定|有料会員|订阅后|登录后阅读",
    re.IGNORECASE,
)
_HEADINGS = frozenset(("h2", "h3", "h4"))


def refusal(claims: Claims, text: str, lines: Sequence[PageLine], addresses: Sequence[str]) -> str | None:
    """Return why a page is not an article, or None where it may be one.

    Args:
        text: the article's text, as far as it was found.
        addresses: the addresses that the page names as its own, and the one that it was fetched from.
    """
    prose_columns = columns_of(text)
    og_type = claims.first_meta("og:type").lower()
    is_article = bool(claims.article) or og_type in _ARTICLES
    is_front = bool(addresses) and all(is_site(address) for address in addresses)
    if prose_columns >= ENOUGH_COLUMNS and (is_article or not (is_front or _is_list(claims, lines, prose_columns))):
        return None
    if claims.frames and prose_columns < ENOUGH_COLUMNS:
        return "only frames, which show other pages, no article"
    if not is_article and is_front:
        return "the front page of a site, no article"
    if not claims.article and (_VIDEOS & claims.types or og_type.startswith(("video", "music"))):
        return f"a video or a recording with {len(text):,} characters of text, no article"
    if not claims.article and _GALLERIES & claims.types:
        return f"a gallery with {len(text):,} characters of text, no article"
    if not is_article and _is_list(claims, lines, prose_columns):
        return "a page of links to others, no article"
    if not text:
        return "no text that could be an article's"
    return None


def _is_list(claims: Claims, lines: Sequence[PageLine], prose_columns: int) -> bool:
    """Tell whether a page mostly leads to others; `prose_columns` is the width of its text."""
    prose_of_block = Counter[int]()
    for line in lines:
        if line.linked < _LITTLE_LINKED and columns_of(line.text) >= _LONG_COLUMNS:
            prose_of_block[line.parent] += columns_of(line.text)
    largest = max(prose_of_block.values(), default=0)
    if largest >= 2 * ENOUGH_COLUMNS:
        return False  # teasers have a block each, an article's paragraphs share one
    headings = [line for line in lines if line.tag in _HEADINGS and line.linked >= LINK_SHARE and len(line.key) > 20]
    link_columns = sum(columns_of(line.text) for line in lines if line.linked >= LINK_SHARE)
    if _LISTS & claims.types and not claims.article and claims.articles != 1 and len(headings) > 4:
        return True
    heading_columns = sum(columns_of(line.text) for line in headings)
    most_links = prose_columns * (_MOST_LINKS if 2 * largest >= prose_columns else _MOST_LINKS_OF_TEASERS)
    return (link_columns > most_links and prose_columns < STUB_COLUMNS) or (
        len(headings) > 8 and heading_columns > prose_columns / 2
    )


def is_walled(claims: Claims, text: str, lines: Sequence[PageLine]) -> bool:
    """Tell whether a page shows the rest of its article to subscribers only."""
    if columns_of(text) > STUB_COLUMNS:
        return False
    is_free = claims.article.get("isAccessibleForFree", claims.page.get("isAccessibleForFree"))
    tier = claims.first_meta("article:content_tier", "og:article:content_tier").lower()
    if str(is_free).rpartition("/")[2].strip().lower() in ("false", "no", "0") or tier in ("locked", "metered"):
        return True
    return any(len(line.text) < 300 and _WALL.search(line.text) for line in lines)
