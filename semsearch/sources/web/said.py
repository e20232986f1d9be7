"""What a page's markup says of it, by name: JSON-LD, meta tags, microdata, links, headings and times."""

import json
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from lxml.html import HtmlElement

from semsearch.sources.facts import values
from semsearch.sources.web import linked
from semsearch.text import normalise_line

_MOST_NAMED = 3_000
"""Meta tags, properties and headings that are looked at."""

_MOST_CHARACTERS = 5_000
"""Of the content of one, but for a body."""

_PARSELY = "parsely-page"
_PARSELY_NAMES = {
    "parsely-title": "title", "parsely-pub-date": "pub_date", "parsely-author": "authors", "parsely-section": "section",
    "parsely-tags": "tags",
}  # fmt: skip
"""Meta tags -> what the same is called in one object."""

_LEAST_TITLE = 8
"""Letters. A shorter title may stand in another one."""


_LEAST_HEADLINE = 15
"""Letters of a headline that is a heading of a lower level: a shorter one may be a section's name."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a page says, nothing of it judged."""

    article: linked.Node  # its article in JSON-LD; empty where there is none
    articles: int  # in JSON-LD, with headlines of their own
    page: linked.Node  # the page itself in JSON-LD
    nodes: Mapping[str, linked.Node]  # by the id that others name them by
    types: frozenset[str] = frozenset()  # of all that JSON-LD has, in lower case
    meta: Mapping[str, Sequence[str]] = field(default_factory=dict)  # name or property in lower case -> contents
    properties: Mapping[str, Sequence[str]] = field(default_factory=dict)  # microdata: name in lower case -> values
    links: Mapping[str, str] = field(default_factory=dict)  # "canonical", "amphtml" -> the first address
    title: str = ""  # of the window
    headings: Sequence[str] = ()  # of the first level, above them the headline where that is of a lower one
    times: Sequence[str] = ()  # of elements within an article's head or marked as its date
    language: str = ""

    def first(self, *names: str) -> str:
        """Return the first content of the first of some meta tags that has one."""
        return next((content for name in names for content in self.meta.get(name, ())), "")

    def all(self, *names: str) -> list[str]:
        """Return the contents of the first of some meta tags that has any."""
        return next((list(self.meta[name]) for name in names if self.meta.get(name)), [])

    def resolved(self, value: object) -> object:
        """Return what a value that only names an object's id stands for."""
        if isinstance(value, list):
            return [self.resolved(one) for one in value[:100] if not isinstance(one, list) or len(one) < 100]
        if isinstance(value, dict) and isinstance(value.get("@id"), str) and not value.get("name"):
            return self.nodes.get(value["@id"], value)
        return value


def said(root: HtmlElement) -> Said:
    """Return what a page says."""
    found = linked.nodes(one.text or "" for one in root.iter("script") if "ld+json" in (one.get("type") or "").lower())
    nodes = [node for node, _ in found]
    articles = [node for node in nodes if linked.is_article(node)]
    whole = [node for node, part in found if not part and linked.is_article(node)]  # a live blog, and no entry of it
    pages = [node for node in nodes if any(name.endswith("webpage") for name in linked.types(node))]
    meta, links = _meta(root), _links(root)
    window = normalise_line(next((one.text or "" for one in _some(root, "title")), "")[:_MOST_CHARACTERS])
    headings = _headings(root, window)
    shown = [_key(one) for one in (*meta.get("og:title", ()), *headings, window)]
    addresses = {*meta.get("og:url", ()), links.get("canonical", "")} - {""}
    return Said(
        article=max(whole, key=lambda node: (_is_own(node, shown, addresses), _weight(node)), default={}),
        articles=len({str(title) for node in articles if (title := node.get("headline") or node.get("name"))}),
        page=pages[0] if pages else {},
        nodes={key: node for node in reversed(nodes) if isinstance(key := node.get("@id"), str) and len(node) > 1},
        types=frozenset(name for node in nodes for name in linked.types(node)),
        meta=meta,
        properties=_properties(root),
        links=links,
        title=window,
        headings=headings,
        times=list(_times(root)),
        language=(root.get("lang") or root.get("xml:lang") or "")[:40],
    )


def _headings(root: HtmlElement, window: str) -> list[str]:
    """Return the headings of the first level, and before them one of a lower level that alone is in the window's title.

    Above the headline of its article a page may have the name of its site or section as a heading.
    """
    title = _key(window)
    headings = [line for one in _some(root, "h1") if (line := _text(one))][:10]
    if any(len(key) >= _LEAST_TITLE and key in title for key in map(_key, headings)):
        return headings
    lower = (_text(one) for one in _some(root, "h2", "h3"))
    named = next((line for line in lower if len(key := _key(line)) >= _LEAST_HEADLINE and key in title), None)
    return [named, *headings] if named else headings


def _is_own(node: linked.Node, shown: Sequence[str], addresses: AbstractSet[str]) -> bool:
    """Tell whether an article is the page's own, and none that it recommends: by its headline or its address."""
    headline = node.get("headline") or node.get("name")
    key = _key(headline[:_MOST_CHARACTERS]) if isinstance(headline, str) else ""
    named = len(key) >= _LEAST_TITLE and any(key in one or (len(one) >= _LEAST_TITLE and one in key) for one in shown)
    return named or any(node.get(name) in addresses for name in ("url", "@id") if isinstance(node.get(name), str))


def _key(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _weight(node: linked.Node) -> int:
    """Return how much an object says of an article; the first of those that say most is the page's own."""
    return sum(bool(node.get(name)) for name in ("headline", "datePublished", "author", "articleBody"))


def _some(root: HtmlElement, *names: str) -> Iterator[HtmlElement]:
    for _, element in zip(range(_MOST_NAMED), root.iter(*names), strict=False):
        yield element


def _meta(root: HtmlElement) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for element in _some(root, "meta"):
        content = normalise_line((element.get("content") or "")[:_MOST_CHARACTERS])
        for attribute in ("property", "name", "http-equiv", "itemprop"):
            if content and (name := element.get(attribute)):
                found.setdefault(name.strip().lower(), []).append(content)
    for content in found.get(_PARSELY, [])[:1]:
        for name, value in _parsely(content):
            found.setdefault(name, []).extend(values.strings(value))
    return found


def _parsely(content: str) -> Iterator[tuple[str, object]]:
    """Yield what the object says that Parse.ly lets a page describe itself by, under the names of its meta tags."""
    try:
        described = json.loads(content)
    except (ValueError, RecursionError):
        return
    for name, known in _PARSELY_NAMES.items() if isinstance(described, dict) else ():
        if described.get(known):
            yield name, described[known]


def _properties(root: HtmlElement) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for _, element in zip(range(_MOST_NAMED), root.iterfind(".//*[@itemprop]"), strict=False):
        name = (element.get("itemprop") or "").lower()
        if name == "articlebody" or element.tag == "meta":
            continue
        value = element.get("content") or element.get("datetime") or _text(element)
        if value := normalise_line(value[:_MOST_CHARACTERS]):
            found.setdefault(name, []).append(value)
    return found


def _links(root: HtmlElement) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in _some(root, "link"):
        for name in (element.get("rel") or "").lower().split():
            if name in ("canonical", "amphtml") and (address := element.get("href")):
                found.setdefault(name, address.strip())
    return found


def _times(root: HtmlElement) -> Iterator[str]:
    """Yield the times that are marked as an article's own."""
    for element in _some(root, "time"):
        written = element.get("datetime")
        if written and (element.get("pubdate") is not None or _within_head(element)):
            yield normalise_line(written[:100])


def _within_head(element: HtmlElement) -> bool:
    """Tell whether an element is within an article, and in no list or sidebar of others."""
    for _, above in zip(range(12), element.iterancestors(), strict=False):
        if above.tag in ("aside", "nav", "footer", "li", "blockquote", "a"):
            return False
        if above.tag in ("article", "main"):
            return True
    return False


def _text(element: HtmlElement) -> str:
    pieces: list[str] = []
    left = _MOST_CHARACTERS
    for piece in element.itertext():
        pieces.append(piece[:left])
        left -= len(piece)
        if left < 0:
            break
    return normalise_line("".join(pieces))
