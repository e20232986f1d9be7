"""Makes articles of the entries of feeds: RSS of every version, and Atom."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from semsearch.addresses import joined
from semsearch.ports import Place
from semsearch.sources.facts import values
from semsearch.sources.facts.article import Facts, article
from semsearch.sources.facts.standing import other_post, withdrawal_reason
from semsearch.sources.wire.bodies import from_field, from_html
from semsearch.sources.wire.bylines import names
from semsearch.sources.wire.times import times
from semsearch.sources.wire.tree import Element, all_text, below, first_text, inherited, markup, parse, term
from semsearch.types import Article, Skipped

_TITLES = ("title", "atom:title", "dc:title", "media:title")
_BODIES = ("content:encoded", "atom:content", "body")
_SUMMARIES = ("description", "atom:summary", "dc:description", "itunes:summary", "media:description")
_PUBLISHED = (
    "atom:published", "pubDate", "dcterms:issued", "dc:date", "atom:issued", "dcterms:created", "atom:created",
    "pubdate",
)  # fmt: skip
_UPDATED = ("atom:updated", "dcterms:modified", "atom:modified", "lastBuildDate")
_AUTHORS = ("dc:creator", "atom:author", "author", "itunes:author", "managingEditor")
_LANGUAGES = ("language", "dc:language", "atom:language")
_RIGHTS = ("atom:rights", "copyright", "dc:rights", "dcterms:rights", "atom:copyright")
_LINKS = ("feedburner:origLink", "link", "atom:link")
_CATEGORIES = ("category", "atom:category", "dc:subject")


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed says about all its entries."""

    publisher: str | None = None
    language: str | None = None
    base: str = ""  # of relative addresses
    authors: tuple[str, ...] = ()
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def feed_of(head: str, place: Place) -> Feed:
    """Return what the head of a feed says."""
    parsed = parse(head)
    if parsed is None:
        return Feed(base=place.address or "")
    root = parsed.element
    channel = next((node for node in root if term(node) == "channel"), root)
    children = _children(channel)
    base = next(_hrefs(children), "") or next(iter(inherited(channel, "base")), "")
    title = _text(children, *_TITLES)
    language = [_text(children, *_LANGUAGES), *inherited(channel, "lang")]
    return Feed(
        values.outlet(title) or values.domain(title),
        values.language(language),
        _joined(place.address or "", base),
        names(_authors(children), values.outlet(title)) if "atom:author" in children else (),
        _rights(children),
    )


def entry(element: Element, feed: Feed, place: Place, origin: str) -> Article | Skipped:
    """Make an article of an entry; drafts and the like, which exports of publishing systems hold too, are skipped."""
    children = _children(element)
    if reason := _refusal(element, children):
        return Skipped(origin, reason)
    text, text_from = _body(children)
    dates = times((_text(children, name) for name in _PUBLISHED), (_text(children, name) for name in _UPDATED))
    source = next((node for name in ("source", "atom:source", "dc:source") for node in children.get(name, [])), None)
    outlet = None
    if source is not None:
        outlet = values.outlet(first_text(source, "title") or (all_text(source) if not len(source) else ""))
    publisher = outlet or _outlet(children) or feed.publisher
    guid = _text(children, "guid", "atom:id", "id", "dc:identifier") or None
    base = next(iter(inherited(element, "base")), "")
    return article(
        Facts(
            values.line(_text(children, *_TITLES)) or "",
            text,
            text_from,
            _address(children, _joined(feed.base, base) if base else feed.base) or _permalink(children),
            values.single(guid) if guid else None,
            publisher=publisher,
            authors=names(_authors(children), publisher) or feed.authors,
            published=dates.published,
            written=dates.written,
            updated=None if dates.only_updated else dates.updated,
            language=values.language([*inherited(element, "lang"), _text(children, *_LANGUAGES)]) or feed.language,
            topics=tuple(values.tag_values([topic for topic in _topics(children) if topic])),
            tags={
                **feed.tags,
                **_rights(children),
                **({"date_from": ("updated",)} if dates.only_updated else {}),
            },
        ),
        place,
        origin,
    )


def _refusal(element: Element, children: Mapping[str, list[Element]]) -> str | None:
    """Return why an entry is not an article, according to WordPress, Blogger or the Atom Protocol; else None."""
    for node in children.get("wp:post_type", []):
        if kind := other_post(all_text(node)):
            return f"{kind}, no article"
    for node in children.get("wp:status", []):
        if reason := withdrawal_reason(all_text(node)):
            return reason
    if any(all_text(node).strip() == "yes" for node in below(element, "draft")):
        return "not published by its source (draft)"
    categories = (node for node in children.get("atom:category", []) if "#kind" in (node.get("scheme") or ""))
    kind = next(((node.get("term") or "").rpartition("#")[2] for node in categories), "post")
    return None if kind in ("post", "page") else f"of Blogger's kind «{kind}», no article"


def _children(element: Element) -> dict[str, list[Element]]:
    """Return an element's children by name, including the children of media groups."""
    children: dict[str, list[Element]] = {}
    for child in element:
        for node in (child, *child) if term(child) in ("media:group", "media:content") else (child,):
            children.setdefault(term(node), []).append(node)
    return children


def _text(children: Mapping[str, list[Element]], *terms: str) -> str:
    """Return the text of the first child with one of these names that has any; "" if none has."""
    nodes = (node for name in terms for node in children.get(name, []))
    return next((text for node in nodes if (text := _prose(node).strip())), "")


def _prose(element: Element) -> str:
    """Return the content of an element, as HTML or text."""
    kind = (element.get("type") or "").lower()
    if "xhtml" in kind or element.get("mode") == "xml" or (len(element) and kind in ("", "html", "text/html")):
        return markup(element)
    return all_text(element)


def _body(children: Mapping[str, list[Element]]) -> tuple[str, str]:
    """Return the text, and "summary" if there is nothing longer; some senders put the full text into the summary."""
    body = max((_body_text(node) for name in _BODIES for node in children.get(name, [])), key=len, default="")
    summaries = (_body_text(node) for name in _SUMMARIES for node in children.get(name, []))
    summary = next((text for text in summaries if text), "")
    if body and len(body) >= len(summary):
        return body, ""
    return summary, "summary" if summary else ""


def _body_text(element: Element) -> str:
    kind = (element.get("type") or "").lower()
    if kind.startswith(("image/", "audio/", "video/", "application/octet")) or element.get("mode") == "base64":
        return ""
    prose = _prose(element)
    return from_html(prose) if "html" in kind else from_field(prose)


def _address(children: Mapping[str, list[Element]], base: str) -> str | None:
    """Return the address of an entry; a relative one is resolved against the feed's own."""
    return next((url for raw in _hrefs(children) if (url := values.address(_joined(base, raw)))), None)


def _hrefs(children: Mapping[str, list[Element]]) -> Iterator[str]:
    """Yield the addresses of the page that an element is about, as they are written."""
    for link in (node for name in _LINKS for node in children.get(name, [])):
        raw = (link.get("href") or all_text(link)).strip()
        if raw and (link.get("rel") or "alternate") == "alternate":
            yield raw


def _joined(base: str, raw: str) -> str:
    try:
        return joined(base, raw)
    except ValueError:
        return raw


def _permalink(children: Mapping[str, list[Element]]) -> str | None:
    """Return the id if it is an address, as it is in RSS unless the feed says otherwise."""
    ids = (node for name in ("guid", "atom:id") for node in children.get(name, []))
    return next((values.address(all_text(node).strip()) for node in ids if node.get("isPermaLink") != "false"), None)


def _outlet(children: Mapping[str, list[Element]]) -> str | None:
    return values.outlet(_text(children, "dc:publisher", "dc:source"))


def _authors(children: Mapping[str, list[Element]]) -> Iterator[str]:
    """Yield the authors under the first name that has any."""
    for name in _AUTHORS:
        nodes = children.get(name, [])
        authors = [first_text(node, "name") or ("" if len(node) else all_text(node).strip()) for node in nodes]
        if any(authors):
            yield from authors
            return


def _topics(children: Mapping[str, list[Element]]) -> Iterator[str]:
    for name in _CATEGORIES:
        for node in children.get(name, []):
            yield values.line(node.get("label") or node.get("term") or all_text(node)) or ""


def _rights(children: Mapping[str, list[Element]]) -> dict[str, tuple[str, ...]]:
    text = _text(children, *_RIGHTS)
    rights = values.tag_values(from_field(text)) if text else []
    return {"rights": tuple(rights)} if rights else {}
