"""Is a page an article? Fronts of sites, lists of links, galleries and videos are none; behind a wall may be one."""

import re
from collections import Counter
from collections.abc import Sequence

from semsearch.sources.web.addresses import is_site
from semsearch.sources.web.lines import LINK_SHARE, PageLine, columns_of
from semsearch.sources.web.said import Said

ENOUGH_COLUMNS = 400
"""Of prose. A page of links has less, and an article that is worth reading more."""

_LONG_COLUMNS = 100
_LITTLE_LINKED = 0.3

STUB_COLUMNS = 1_500
"""Behind a wall, more than this is no stub."""

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


def refusal(said: Said, text: str, lines: Sequence[PageLine], addresses: Sequence[str]) -> str | None:
    """Return why a page is no article, or None where it may be one.

    Args:
        text: the article's, as far as it was found.
        addresses: that the page names as its own, and where it was fetched.
    """
    prose = columns_of(text)
    article = bool(said.article) or said.first("og:type").lower() == "article"
    front = bool(addresses) and all(is_site(address) for address in addresses)
    if prose >= ENOUGH_COLUMNS and (article or not (front or _is_list(said, lines, prose))):
        return None
    if not article and front:
        return "the front page of a site, no article"
    if not said.article and (_VIDEOS & said.types or said.first("og:type").lower().startswith(("video", "music"))):
        return f"a video or a recording with {len(text):,} characters of text, no article"
    if not said.article and _GALLERIES & said.types:
        return f"a gallery with {len(text):,} characters of text, no article"
    if not article and _is_list(said, lines, prose):
        return "a page of links to others, no article"
    if not text:
        return "no text that could be an article's"
    return None


def _is_list(said: Said, lines: Sequence[PageLine], prose: int) -> bool:
    """Tell whether a page mostly leads to others."""
    together = Counter[int]()
    for line in lines:
        if line.linked < _LITTLE_LINKED and columns_of(line.text) >= _LONG_COLUMNS:
            together[line.parent] += columns_of(line.text)
    if max(together.values(), default=0) >= 2 * ENOUGH_COLUMNS:
        return False  # teasers stand one beside the other, an article's paragraphs in one block
    leading = [line for line in lines if line.tag in _HEADINGS and line.linked >= LINK_SHARE and len(line.key) > 20]
    linked = sum(columns_of(line.text) for line in lines if line.linked >= LINK_SHARE)
    if _LISTS & said.types and not said.article and said.articles != 1 and len(leading) > 4:
        return True
    headed = sum(columns_of(line.text) for line in leading)
    return (linked > 2 * prose and prose < STUB_COLUMNS) or (len(leading) > 8 and headed > prose / 2)


def is_walled(said: Said, text: str, lines: Sequence[PageLine]) -> bool:
    """Tell whether a page keeps the rest of its article from who has not paid."""
    if columns_of(text) > STUB_COLUMNS:
        return False
    free = said.article.get("isAccessibleForFree", said.page.get("isAccessibleForFree"))
    if str(free).rpartition("/")[2].strip().lower() in ("false", "no", "0") or said.first(
        "article:content_tier", "og:article:content_tier"
    ).lower() in ("locked", "metered"):
        return True
    return any(len(line.text) < 300 and _WALL.search(line.text) for line in lines)
