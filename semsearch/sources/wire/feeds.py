"""Makes articles of the entries of feeds: RSS of every version, and Atom."""

import re
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
_UPDATED = ("atom:updated", "dcterms:modified", "atom:modified", "wp:post_modified_gmt", "lastBuildDate")
_AUTHORS = ("dc:creator", "atom:author", "author", "itunes:author", "managingEditor")
_LANGUAGES = ("language", "dc:language", "atom:language")
_RIGHTS = ("atom:rights", "copyright", "dc:rights", "dcterms:rights", "atom:copyright")
_LINKS = ("feedburner:origLink", "link", "atom:link")
_CATEGORIES = ("category", "atom:category", "dc:subject")
_NO_SECTIONS = frozenset(("uncategorized", "uncategorised"))
"""What WordPress calls a section that nobody has chosen."""

_PLUGIN_POSTS = frozenset((
    "wpcf7_contact_form", "wpforms", "wpforms_log", "nf_sub", "feedback", "flamingo_contact", "flamingo_inbound",
    "mc4wp-form", "mailpoet_page", "elementor_library", "elementor_snippet", "e-landing-page", "et_pb_layout",
    "fl-builder-template", "vc_grid_item", "vc4_templates", "tablepress_table", "popup", "ml-slider", "ml-slide",
    "envira", "soliloquy", "shop_order", "shop_order_refund", "shop_coupon", "product_variation", "edd_payment",
    "scheduled-action", "amp_validated_url", "user_request", "wp_log", "jp_mem_plan", "jp_pay_order", "tribe_venue",
    "tribe_organizer", "safecss", "redirect_rule", "custom-css-js", "astra-advanced-hook", "insertpostads",
))  # fmt: skip
"""Types of what plugins of WordPress keep beside the posts; any other type that is not its own may be of articles."""

_PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)(?:\?|$)", re.IGNORECASE)
_OF_PICTURES = ("media:title", "media:description")
_GOOGLE_NEWS = re.compile(r"""<a\s+href=["']https://news\.google\.com/[^<>]*>[^<>]*</a>(?:&nbsp;|\s){0,9}<font\b""")
"""A headline with its outlet, of which the descriptions in Google's news feeds consist."""


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed says about all its entries."""

    publisher: str | None = None
    language: str | None = None
    base: str = ""  # of relative addresses
    authors: tuple[str, ...] = ()
    names_by_login: Mapping[str, str] = field(default_factory=dict)
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
        dict(_names_by_login(children)),
        _rights(children),
    )


def entry(element: Element, feed: Feed, place: Place, origin: str) -> Article | Skipped:
    """Make an article of an entry; drafts and the like, which exports of publishing systems hold too, are skipped."""
    children = _children(element)
    if reason := _refusal(element, children):
        return Skipped(origin, reason)
    text, text_from = _body(children)
    section = _section(children)
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
            authors=names((feed.names_by_login.get(name, name) for name in _authors(children)), publisher)
            or feed.authors,
            published=dates.published,
            written=dates.written,
            updated=None if dates.only_updated else dates.updated,
            language=values.language([*inherited(element, "lang"), _text(children, *_LANGUAGES)]) or feed.language,
            section=section,
            topics=tuple(values.tag_values([topic for topic in _topics(children) if topic not in ("", section)])),
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
        name = all_text(node).strip()
        if kind := f"a record of a plugin ({name})" if name in _PLUGIN_POSTS else other_post(name):
            return f"{kind}, no article"
    if _text(children, "wp:post_password"):
        return "not published by its source (protected by a password)"
    for node in children.get("wp:status", []):
        if reason := withdrawal_reason(all_text(node)):
            return reason
    if any(all_text(node).strip() == "yes" for node in below(element, "draft")):
        return "not published by its source (draft)"
    status = _text(children, "blogger:status").casefold()
    if status not in ("", "live"):
        return f"not published by its source ({status})"
    categories = (node for node in children.get("atom:category", []) if "#kind" in (node.get("scheme") or ""))
    kind = _text(children, "blogger:type").casefold()
    kind = kind or next(((node.get("term") or "").rpartition("#")[2] for node in categories), "post")
    return None if kind in ("post", "page") else f"of Blogger's kind «{kind}», no article"


def _children(element: Element) -> dict[str, list[Element]]:
    """Return an element's children by name, including those of media groups that have more than pictures."""
    children: dict[str, list[Element]] = {}
    for child in element:
        for node in (child, *child) if term(child) in ("media:group", "media:content") else (child,):
            children.setdefault(term(node), []).append(node)
    media = children.get("media:content", [])
    if media and all(_is_picture(node) for node in media):
        return {name: nodes for name, nodes in children.items() if name not in _OF_PICTURES}
    return children


def _is_picture(media: Element) -> bool:
    kind = (media.get("medium") or media.get("type") or "").lower()
    return kind.startswith("image") if kind else bool(_PICTURE.search(media.get("url") or ""))


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
    if _GOOGLE_NEWS.search(prose):
        return ""
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


def _names_by_login(children: Mapping[str, list[Element]]) -> Iterator[tuple[str, str]]:
    """Yield the login, by which entries name their author, and the name of each author of an export of WordPress."""
    for node in children.get("wp:author", []):
        if name := first_text(node, "author_display_name"):
            yield first_text(node, "author_login"), name


def _section(children: Mapping[str, list[Element]]) -> str | None:
    """Return the first of an entry's categories in an export of WordPress, where tags are another kind."""
    nodes = (node for node in children.get("category", []) if node.get("domain") == "category")
    sections = (values.line(all_text(node)) for node in nodes if node.get("nicename") not in _NO_SECTIONS)
    return next((section for section in sections if section), None)


def _topics(children: Mapping[str, list[Element]]) -> Iterator[str]:
    for name in _CATEGORIES:
        for node in children.get(name, []):
            if node.get("domain") != "post_format":
                yield values.line(node.get("label") or node.get("term") or all_text(node)) or ""


def _rights(children: Mapping[str, list[Element]]) -> dict[str, tuple[str, ...]]:
    text = _text(children, *_RIGHTS)
    rights = values.tag_values(from_field(text)) if text else []
    return {"rights": tuple(rights)} if rights else {}
