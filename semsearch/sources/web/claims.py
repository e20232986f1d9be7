"""Reads what a page's markup claims about the page: JSON-LD, meta tags, microdata, links, headings and times."""

import json
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from lxml.html import HtmlElement

from semsearch.sources.facts import values
from semsearch.sources.web import linked
from semsearch.sources.web.lines import key_of
from semsearch.sources.web.microformats import entry_claims
from semsearch.sources.web.times import MarkedTime, own_times
from semsearch.text import normalise_line

_MOST_NAMED = 3_000
"""Elements of one kind that are looked at: meta tags, properties, headings."""

_MOST_CHARACTERS = 5_000
"""Of the content of one, except for a body."""

_MOST_DESCRIBING = 50
"""Elements within one that describes a person or an organisation."""

_PARSELY = "parsely-page"
_PARSELY_NAMES = {
    "parsely-title": "title", "parsely-pub-date": "pub_date", "parsely-author": "authors", "parsely-section": "section",
    "parsely-tags": "tags",
}  # fmt: skip
"""Meta tags -> the keys of Parse.ly's JSON object for the same."""

_LEAST_TITLE = 8
"""Letters; a shorter title may be part of another one by chance."""

_LEAST_HEADLINE = 15
"""Letters of a headline that is a lower heading; a shorter one may be a section's name."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a page claims about itself, unchecked."""

    article: linked.Node  # its article in JSON-LD; empty where there is none
    articles: int  # number of articles in JSON-LD with different headlines
    page: linked.Node  # the page itself in JSON-LD
    nodes: Mapping[str, linked.Node]  # by the id by which other objects refer to them
    types: frozenset[str] = frozenset()  # of all objects in JSON-LD, in lower case
    meta: Mapping[str, Sequence[str]] = field(default_factory=dict)  # name or property in lower case -> contents
    properties: Mapping[str, Sequence[str]] = field(default_factory=dict)  # microdata: name in lower case -> values
    links: Mapping[str, str] = field(default_factory=dict)  # "canonical", "amphtml" -> the first address
    title: str = ""  # of the window
    headings: Sequence[str] = ()  # of the first level, preceded by the headline where that is a lower heading
    times: Sequence[MarkedTime] = ()  # of the article, as elements mark them
    frames: bool = False  # whether it only arranges other pages
    language: str = ""

    def first_meta(self, *names: str) -> str:
        """Return the first content of the first of some meta tags that the page has, else ""."""
        return next((content for name in names for content in self.meta.get(name, ())), "")

    def all_meta(self, *names: str) -> list[str]:
        """Return all contents of the first of some meta tags that the page has."""
        return next((list(self.meta[name]) for name in names if self.meta.get(name)), [])

    def resolve(self, value: object) -> object:
        """Return the object that a value only refers to by its id; other values as they are."""
        if isinstance(value, list):
            return [self.resolve(item) for item in value[:100] if not isinstance(item, list) or len(item) < 100]
        if isinstance(value, dict) and isinstance(value.get("@id"), str) and not value.get("name"):
            return self.nodes.get(value["@id"], value)
        return value


def read_claims(root: HtmlElement) -> Claims:
    """Return a page's claims about itself."""
    scripts = (script.text or "" for script in root.iter("script") if "ld+json" in (script.get("type") or "").lower())
    unfolded = linked.nodes(scripts)
    nodes = [node for node, _ in unfolded]
    articles = [(node, is_part) for node, is_part in unfolded if linked.is_article(node)]
    candidates = [node for node, is_part in articles if not is_part]  # a live blog, but not its entries
    headlines = {str(node.get("headline") or node.get("name") or "") for node, _ in articles}
    pages = [node for node in nodes if any(name.endswith("webpage") for name in linked.types(node))]
    entry = list(entry_claims(root))
    meta, links = _meta(root), _links(root, entry)
    window = normalise_line(next((element.text or "" for element in _elements(root, "title")), "")[:_MOST_CHARACTERS])
    headings = _headings(root, window)
    titles = [key_of(title) for title in (*meta.get("og:title", ()), *headings, window)]
    addresses = {*meta.get("og:url", ()), links.get("canonical", "")} - {""}
    return Claims(
        article=max(
            candidates, key=lambda node: (_is_page_article(node, titles, addresses), _weight(node)), default={}
        ),
        articles=len(headlines - {""}),
        page=pages[0] if pages else {},
        nodes={key: node for node in reversed(nodes) if isinstance(key := node.get("@id"), str) and len(node) > 1},
        types=frozenset(name for node in nodes for name in linked.types(node)),
        meta=meta,
        properties=_properties(root, entry),
        links=links,
        title=window,
        headings=headings,
        times=own_times(root, titles),
        frames=next(root.iter("frameset"), None) is not None,
        language=(root.get("lang") or root.get("xml:lang") or "")[:40],
    )


def _headings(root: HtmlElement, window: str) -> list[str]:
    """Return the headings of the first level; where none is in the window's title, a lower one that is comes first.

    A page may have its headline as a lower heading, below the name of its site or section.
    """
    title = key_of(window)
    headings = [line for element in _elements(root, "h1") if (line := _text(element))][:10]
    if any(len(key) >= _LEAST_TITLE and key in title for key in map(key_of, headings)):
        return headings
    for element in _elements(root, "h2", "h3"):
        key = key_of(line := _text(element))
        if len(key) >= _LEAST_HEADLINE and key in title:
            return [line, *headings]
    return headings


def _is_page_article(node: linked.Node, titles: Sequence[str], addresses: AbstractSet[str]) -> bool:
    """Tell by its headline or address whether an article is the page's own, not one that the page recommends."""
    headline = node.get("headline") or node.get("name")
    key = key_of(headline[:_MOST_CHARACTERS]) if isinstance(headline, str) else ""
    if len(key) >= _LEAST_TITLE:
        long_titles = [title for title in titles if len(title) >= _LEAST_TITLE]
        if any(key in title or title in key for title in long_titles):
            return True
    return any(node.get(name) in addresses for name in ("url", "@id") if isinstance(node.get(name), str))


def _weight(node: linked.Node) -> int:
    """Return how many of the main facts about an article an object has, 0 to 4."""
    return sum(bool(node.get(name)) for name in ("headline", "datePublished", "author", "articleBody"))


def _elements(root: HtmlElement, *names: str) -> Iterator[HtmlElement]:
    """Yield the first elements of some names, at most `_MOST_NAMED`."""
    for _, element in zip(range(_MOST_NAMED), root.iter(*names), strict=False):
        yield element


def _meta(root: HtmlElement) -> dict[str, list[str]]:
    contents: dict[str, list[str]] = {}
    for element in _elements(root, "meta"):
        content = normalise_line((element.get("content") or "")[:_MOST_CHARACTERS])
        for attribute in ("property", "name", "http-equiv", "itemprop"):
            if content and (name := element.get(attribute)):
                contents.setdefault(name.strip().lower(), []).append(content)
    for content in contents.get(_PARSELY, [])[:1]:
        for name, value in _parsely(content):
            contents.setdefault(name, []).extend(values.strings(value))
    return contents


def _parsely(content: str) -> Iterator[tuple[str, object]]:
    """Yield the values of the JSON object for Parse.ly, under the names of the corresponding meta tags."""
    try:
        described = json.loads(content)
    except (ValueError, RecursionError):
        return
    for name, key in _PARSELY_NAMES.items() if isinstance(described, dict) else ():
        if described.get(key):
            yield name, described[key]


def _properties(root: HtmlElement, entry: Sequence[tuple[str, HtmlElement]]) -> dict[str, list[str]]:
    """Return the values of microdata, then those of microformats, by microdata's names in lower case."""
    properties: dict[str, list[str]] = {}
    for _, element in zip(range(_MOST_NAMED), root.iterfind(".//*[@itemprop]"), strict=False):
        name = (element.get("itemprop") or "").lower()
        if name == "articlebody" or element.tag == "meta":
            continue
        value = element.get("content") or element.get("datetime") or _name(element, name) or _text(element)
        if value := normalise_line(value[:_MOST_CHARACTERS]):
            properties.setdefault(name, []).append(value)
    for name, element in entry:
        if name != "canonical" and (value := normalise_line((element.get("datetime") or _text(element))[:100])):
            properties.setdefault(name, []).append(value)
    return properties


def _name(element: HtmlElement, role: str) -> str:
    """Return the name that microdata gives to what an element describes, "" where there is none at its beginning.

    An outlet's may be hidden, as its logo stands for it; an author who is not shown is often only an account.
    """
    if element.get("itemscope") is None:
        return ""
    descendants = (inner for _, inner in zip(range(_MOST_DESCRIBING), element.iterdescendants(), strict=False))
    named = next((inner for inner in descendants if inner.get("itemprop") == "name"), None)
    if named is None:
        return ""
    return _text(named) or ((named.get("content") or "") if role == "publisher" else "")


def _links(root: HtmlElement, entry: Sequence[tuple[str, HtmlElement]]) -> dict[str, str]:
    links: dict[str, str] = {}
    for element in _elements(root, "link"):
        for name in (element.get("rel") or "").lower().split():
            if name in ("canonical", "amphtml") and (address := element.get("href")):
                links.setdefault(name, address.strip())
    for name, element in entry:
        if name == "canonical":
            links.setdefault(name, (element.get("href") or "").strip())
    return links


def _text(element: HtmlElement) -> str:
    """Return the beginning of an element's text, on one line."""
    pieces: list[str] = []
    remaining = _MOST_CHARACTERS
    for piece in element.itertext():
        pieces.append(piece[:remaining])
        remaining -= len(piece)
        if remaining < 0:
            break
    return normalise_line("".join(pieces))
