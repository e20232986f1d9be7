"""Extracts facts from NITF, the markup of agencies' texts."""

import re
from collections.abc import Iterator
from dataclasses import replace

from semsearch.sources.facts import values
from semsearch.sources.facts.article import Facts
from semsearch.sources.facts.standing import embargo_reason, withdrawal_reason
from semsearch.sources.markup.plain_text import strip_html
from semsearch.sources.wire.bylines import names
from semsearch.sources.wire.times import times
from semsearch.sources.wire.tree import Element, all_text, below, first_text, inherited, markup, within

_ROLES = {
    **dict.fromkeys(("hl1", "hl2", "abstract", "note", "fn", "body.content", "body.end", "tagline"), "p"),
    **dict.fromkeys(("block", "body", "nitf-table", "content"), "div"),
    "bq": "blockquote",
    "credit": "p",
}
"""Elements of NITF -> the corresponding elements of HTML."""

_DROPPED = frozenset(("media", "custom-table", "nitf-table-metadata", "ruby-text", "datasource"))

_DAY_WITH_ZONE = re.compile(r"^([0-9]{4})([0-9]{2})([0-9]{2})([+-][0-9]{2})([0-9]{2})$")


def is_nitf(element: Element) -> bool:
    """Tell whether an element has a body as in NITF."""
    return next(below(element, "body.content", "nitf"), None) is not None


def facts_of(root: Element) -> Facts:
    """Return the facts in a NITF document."""
    title = next((text for node in below(root, "hl1") if (text := all_text(node).strip())), "") or first_text(
        root, "head", "title"
    )
    credit = next((all_text(node) for node in below(root, "docdata") for node in within(node, "doc.copyright")), "")
    holder = next((node.get("holder") or "" for node in below(root, "doc.copyright")), credit)
    distributor = next((all_text(node) for node in below(root, "distributor")), "")
    publications = list(below(root, "pubdata"))
    paper_name = next((name for node in publications if (name := node.get("name"))), "")
    publisher = values.outlet(distributor) or values.outlet(holder) or values.outlet(paper_name)
    dates = times(
        [
            *_dates(root, "date.release"),
            *_dates(root, "date.issue"),
            *_dates(root, "story.date"),
            *_publication_dates(root),
        ],
        [],
    )
    return Facts(
        values.line(title) or "",
        text_of(root),
        source_id=next(
            (doc_id for node in below(root, "doc-id") if (doc_id := values.single(node.get("id-string")))), None
        ),
        publisher=publisher,
        authors=names(_bylines(root), publisher),
        published=dates.published,
        written=dates.written,
        section=next((name for node in publications if (name := values.section(node.get("position.section")))), None),
        language=values.language([tag for node in below(root, "body", "nitf") for tag in inherited(node, "lang")]),
        topics=tuple(values.tag_values(list(_topics(root)))),
        tags=_tags(root),
    )


def refusal(root: Element) -> str | None:
    """Return why a text is not an article according to its sender; None if it may be one."""
    embargo_end = next(_dates(root, "date.release"), "")
    statuses = (node.get("management-status") or "" for node in below(root, "docdata"))
    reasons = (withdrawal_reason(status, embargo_end) for status in statuses)
    return next(filter(None, reasons), None) or embargo_reason(embargo_end)


def text_of(root: Element) -> str:
    """Return the paragraphs of a body, after its abstract if the body does not repeat that."""
    content = next(below(root, "body.content"), None)
    if content is None:
        content = next(below(root, "body"), root)
    body = strip_html(markup(content, _ROLES, _DROPPED))
    abstracts = (strip_html(markup(node, _ROLES, _DROPPED)) for node in below(root, "abstract"))
    abstract = next((text for text in abstracts if text), "")
    return body if not abstract or _flat(abstract) in _flat(body) else f"{abstract}\n\n{body}"


def merged(outer: Facts, inner: Facts) -> Facts:
    """Return the facts of an item, completed by those of the text that it carries."""
    return replace(
        inner,
        title=outer.title or inner.title,
        text=inner.text,
        url=outer.url or inner.url,
        source_id=outer.source_id or inner.source_id,
        publisher=outer.publisher or inner.publisher,
        authors=outer.authors or inner.authors,
        published=outer.published or inner.published,
        written=outer.written or inner.written,
        updated=outer.updated or inner.updated,
        language=outer.language or inner.language,
        section=outer.section or inner.section,
        topics=outer.topics or inner.topics,
        tags={**inner.tags, **outer.tags},
    )


def _flat(text: str) -> str:
    return " ".join(text.split()).casefold()


def _dates(root: Element, name: str) -> Iterator[str]:
    for node in below(root, name):
        date = (node.get("norm") or all_text(node)).strip()
        yield _DAY_WITH_ZONE.sub(r"\1-\2-\3\4:\5", date)


def _publication_dates(root: Element) -> Iterator[str]:
    for node in below(root, "pubdata"):
        yield node.get("date.publication") or ""


def _bylines(root: Element) -> Iterator[str]:
    """Yield the persons in a byline, or the byline without titles if it marks no persons."""
    for node in below(root, "byline"):
        persons = [all_text(person).strip() for person in below(node, "person")]
        yield from persons or [_without(node, "byttl").strip(" ,\n\t")]


def _without(element: Element, name: str) -> str:
    return strip_html(markup(element, dropped=frozenset((name,))))


def _topics(root: Element) -> Iterator[str]:
    for node in below(root, "identified-content", "key-list"):
        for child in node:
            yield values.line(child.get("value") or child.get("key") or all_text(child)) or ""
    for node in below(root, "tobject.subject"):
        yield node.get("tobject.subject.matter") or node.get("tobject.subject.type") or ""


def _tags(root: Element) -> dict[str, tuple[str, ...]]:
    texts: dict[str, list[str]] = {
        "dateline": [strip_html(markup(node)) for node in below(root, "dateline")],
        "urgency": [node.get("ed-urg") or "" for node in below(root, "urgency")],
        "expires": [*_dates(root, "date.expire")],
        "subtitle": [all_text(node) for node in below(root, "hl2") if node.getparent() is not None and _in_head(node)],
        "tagline": [all_text(node) for node in below(root, "tagline")],
        "rights": [
            f"{(node.get('year') or '')[:4]} {node.get('holder') or ''}" for node in below(root, "doc.copyright")
        ],
    }
    return values.tags_of(texts)


def _in_head(element: Element) -> bool:
    return any(str(node.tag).endswith("hedline") for node in element.iterancestors())
