"""Makes an article of a NewsML-G2 item, or says what the item is instead."""

from collections.abc import Iterator

from semsearch.ports import Place
from semsearch.sources.facts import values
from semsearch.sources.facts.article import Facts, article
from semsearch.sources.facts.standing import bare, embargo_reason, other_kind, withdrawal_reason
from semsearch.sources.markup.plain_text import strip_html
from semsearch.sources.wire import nitf
from semsearch.sources.wire.bodies import from_field, from_html
from semsearch.sources.wire.bylines import names
from semsearch.sources.wire.times import Times, times
from semsearch.sources.wire.tree import Element, all_text, below, first_text, inherited, local, markup, within
from semsearch.types import Article, Skipped

OTHER_ITEMS = {
    "packageItem": "a package: it names other items and holds no text",
    "conceptItem": "a concept, a person or an event, and no article",
    "knowledgeItem": "a vocabulary, and no article",
    "catalogItem": "a list of vocabularies, and no article",
    "planningItem": "a plan of coverage, and no article",
}
"""Items other than news -> what they are."""

_KINDS_OF_SUBJECT = {"person": "person", "organisation": "organisation", "geoarea": "place", "event": "event"}
_SUMMARY_ROLES = frozenset(("summary", "abstract", "lead", ""))


def item(root: Element, place: Place, origin: str) -> Article | Skipped:
    """Make an article of an item of news."""
    if local(root) in OTHER_ITEMS:
        return Skipped(origin, OTHER_ITEMS[local(root)])
    until = first_text(root, "itemMeta", "embargoed")
    if reason := withdrawal_reason(_code(root, "itemMeta", "pubStatus"), until) or embargo_reason(until):
        return Skipped(origin, reason)
    if within(root, "itemMeta", "embargoed") and not until:
        return Skipped(origin, "under embargo until further notice")  # which NewsML-G2 says by an empty element
    nitf_facts, text = _content(root)
    kind = other_kind(_code(root, "itemMeta", "itemClass"))
    if not text and (kind or _has_other_content(root) or not _says_anything(root)):
        return Skipped(origin, f"{kind or 'an item'} without a text: {_instead(root)}")
    facts = _facts(root, text)
    return article(nitf.merged(facts, nitf_facts) if nitf_facts else facts, place, origin)


def _content(root: Element) -> tuple[Facts | None, str]:
    """Return the text that an item carries, and the facts in it if it is NITF."""
    for node in within(root, "contentSet", "inlineXML"):
        if nitf.is_nitf(node):
            nitf_facts = nitf.facts_of(node)
            if nitf_facts.text:
                return nitf_facts, nitf_facts.text
        if text := _marked_up(node):
            return None, text
    for node in within(root, "contentSet", "inlineData"):
        kind = (node.get("contenttype") or "text/plain").lower()
        if kind.startswith("text/") and not node.get("encoding"):
            return None, from_html(all_text(node)) if "html" in kind else from_field(all_text(node))
    return None, ""


def _marked_up(content: Element) -> str:
    """Return the text of XHTML, or of other markup with paragraphs."""
    body = next(below(content, "body"), None)
    if body is None:
        paragraphs = next(below(content, "p"), None)
        body = content if paragraphs is not None or not len(content) else None
    return "" if body is None else strip_html(markup(body, dropped=frozenset(("figcaption", "figure", "caption"))))


def _has_other_content(root: Element) -> bool:
    """Tell whether an item without a text has other content, here or elsewhere."""
    inline = any(len(node) for node in within(root, "contentSet", "inlineXML"))
    return inline or bool(within(root, "contentSet", "remoteContent"))


def _says_anything(root: Element) -> bool:
    return bool(first_text(root, "contentMeta", "headline") or first_text(root, "contentMeta", "description"))


def _instead(root: Element) -> str:
    if within(root, "contentSet", "remoteContent"):
        return "its content is elsewhere"
    inline = [local(node) for content in within(root, "contentSet", "inlineXML") for node in content]
    return f"its content is <{inline[0]}>" if inline else "it has no content"


def _facts(root: Element, text: str) -> Facts:
    descriptions = [
        all_text(node)
        for node in within(root, "contentMeta", "description")
        if bare(node.get("role") or "") in _SUMMARY_ROLES
    ]
    summary = "" if text else next(filter(str.strip, descriptions), "")
    publisher = _publisher(root)
    dates = _times(root)
    languages = [node.get("tag") or "" for node in within(root, "contentMeta", "language")]
    return Facts(
        values.line(_headline(root) or first_text(root, "itemMeta", "title")) or "",
        text or summary,
        "summary" if summary else "",
        source_id=values.single(root.get("guid")),
        publisher=publisher,
        authors=names(_bylines(root), publisher),
        published=dates.published,
        written=dates.written,
        updated=None if dates.only_updated else dates.updated,
        language=values.language([*languages, *inherited(root, "lang")]),
        topics=tuple(values.tag_values(list(_names(root, "subject")))),
        tags=_tags(root, dates),
    )


def _headline(root: Element) -> str:
    """Return the main headline, else the first: the others are short forms, or stand below it."""
    headlines = [node for node in within(root, "contentMeta", "headline") if all_text(node).strip()]
    headlines.sort(key=lambda node: bare(node.get("role") or "main") != "main")
    return all_text(headlines[0]) if headlines else ""


def _times(root: Element) -> Times:
    return times(
        [first_text(root, "itemMeta", "firstCreated"), first_text(root, "contentMeta", "contentCreated")],
        [first_text(root, "itemMeta", "versionCreated"), first_text(root, "contentMeta", "contentModified")],
    )


def _publisher(root: Element) -> str | None:
    """Return the outlet's name: that of the item's provider, else of the holder of its rights."""
    for node in (*within(root, "itemMeta", "provider"), *within(root, "rightsInfo", "copyrightHolder")):
        code = node.get("qcode") or ""
        for name in (first_text(node, "name"), node.get("literal"), code.partition(":")[2] if "prov:" in code else ""):
            if outlet := values.outlet(name):
                return outlet
    return None


def _bylines(root: Element) -> Iterator[str]:
    bylines = [all_text(node).strip() for node in within(root, "contentMeta", "by")]
    yield from bylines or [first_text(node, "name") for node in within(root, "contentMeta", "creator")]


def _names(root: Element, kind: str) -> Iterator[str]:
    """Yield the name of each thing of a kind, once each."""
    for node in within(root, "contentMeta", kind):
        if name := first_text(node, "name") or first_text(node, "mainConcept", "name") or (node.get("literal") or ""):
            yield name


def _tags(root: Element, dates: Times) -> dict[str, tuple[str, ...]]:
    texts: dict[str, list[str]] = {
        **{kind: [] for kind in _KINDS_OF_SUBJECT.values()},
        "dateline": [all_text(node) for node in within(root, "contentMeta", "dateline")],
        "located": list(_names(root, "located")),
        "genre": list(_names(root, "genre")),
        "slugline": [all_text(node) for node in within(root, "contentMeta", "slugline")],
        "creditline": [all_text(node) for node in within(root, "contentMeta", "creditline")],
        "urgency": [all_text(node) for node in within(root, "contentMeta", "urgency")],
        "embargoed": [all_text(node) for node in within(root, "itemMeta", "embargoed")],
        "ednote": [all_text(node) for node in within(root, "itemMeta", "edNote")],
        "version": [root.get("version") or ""],
        "rights": [all_text(node) for node in within(root, "rightsInfo", "copyrightNotice")],
        "usage_terms": [all_text(node) for node in within(root, "rightsInfo", "usageTerms")],
        "date_from": ["updated"] if dates.only_updated else [],
    }
    for node in within(root, "contentMeta", "subject"):
        if tag := _KINDS_OF_SUBJECT.get(bare(node.get("type") or "")):
            texts[tag].append(first_text(node, "name"))
    return values.tags_of(texts)


def _code(root: Element, *path: str) -> str:
    return next((node.get("qcode") or node.get("uri") or "" for node in within(root, *path)), "")
