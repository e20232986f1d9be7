"""Makes articles of the stories among the components of a NewsML 1 item."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from semsearch.ports import Place
from semsearch.sources.facts import values
from semsearch.sources.facts.article import Facts, article
from semsearch.sources.facts.standing import bare, withdrawal_reason
from semsearch.sources.markup.plain_text import strip_html
from semsearch.sources.wire import nitf
from semsearch.sources.wire.bodies import from_field
from semsearch.sources.wire.bylines import names
from semsearch.sources.wire.times import times
from semsearch.sources.wire.tree import Element, all_text, below, first_text, local, markup, parse, within
from semsearch.types import Article, Skipped

_MOST_STORIES = 50
"""Stories of an item, which is usually one story in several languages."""

_BODY_ROLES = frozenset(("body", "main", "main text", "maintext", "text", "story", "article", "content"))
_LINES = {"dateline": "DateLine", "slugline": "SlugLine", "creditline": "CreditLine", "rights": "CopyrightLine"}
_OTHER_ROLES = frozenset((
    "stylesheet", "subheadline", "headline", "contact", "logo", "photo", "picture", "caption", "video", "audio",
    "graphic", "thumbnail", "preview", "quicklook", "abstract", "summary", "byline",
    "dateline", "tagline",
))  # fmt: skip


def provider_of(head: str) -> str | None:
    """Return the outlet that sent a message, by its head; None if it names none."""
    parsed = parse(head)
    if parsed is None:
        return None
    senders = (node for name in ("NewsService", "SentFrom") for node in below(parsed.element, name))
    formal_names = (node.get("FormalName") for sender in senders for node in (sender, *below(sender, "Party")))
    return next((outlet for name in formal_names if (outlet := values.outlet(name))), None)


def items(root: Element, provider: str | None, place: Place, origin: str) -> Iterator[Article | Skipped]:
    """Make an article of each story of an item; from the second on, ids and origins have a number."""
    until = first_text(root, "NewsManagement", "StatusWillChange", "DateAndTime")
    if reason := withdrawal_reason(next(iter(_formal(root, "NewsManagement", "Status")), ""), until):
        yield Skipped(origin, reason)
        return
    stories = list(islice(_stories(root), _MOST_STORIES + 1))
    if not stories:
        yield Skipped(origin, "an item without a headline or a text")
        return
    common = _common(root, provider)
    for number, story in enumerate(stories[:_MOST_STORIES], 1):
        story_origin = origin if number == 1 else f"{origin}.{number}"
        yield _item(common, story, place, story_origin, "" if len(stories) == 1 else f".{number}")
    if len(stories) > _MOST_STORIES:
        yield Skipped(origin, f"more than {_MOST_STORIES} stories in one item; the others are left out")


def _stories(root: Element) -> Iterator[Element]:
    """Yield the outermost components that have a headline, else those that have a text."""
    for component in within(root, "NewsComponent"):
        if first_text(component, "NewsLines", "HeadLine") or within(component, "ContentItem"):
            yield component
        else:
            yield from _stories(component)


def _common(root: Element, provider: str | None) -> Facts:
    """Return what an item says about all its stories."""
    publisher = next(
        (outlet for name in _everywhere(root, "Provider", "Party") if (outlet := values.outlet(name))), provider
    )
    dates = times(
        [first_text(root, "NewsManagement", "FirstCreated")],
        [first_text(root, "NewsManagement", "ThisRevisionCreated")],
    )
    identifier = first_text(root, "Identification", "NewsIdentifier", "PublicIdentifier") or first_text(
        root, "Identification", "NewsIdentifier", "NewsItemId"
    )
    return Facts(
        source_id=values.single(_without_revision(root, identifier)),
        publisher=publisher,
        published=dates.published,
        written=dates.written,
        updated=None if dates.only_updated else dates.updated,
        language=values.language([*_everywhere(root, "Language")]),
        topics=tuple(values.tag_values(list(_topics(root)))),
        tags=_tags(root, only_updated=dates.only_updated),
    )


def _item(common: Facts, story: Element, place: Place, origin: str, suffix: str) -> Article | Skipped:
    nitf_facts, text = _content(story)
    title = first_text(story, "NewsLines", "HeadLine")
    if not text and not title:
        return Skipped(origin, "an item without a text: its content is elsewhere, or none")
    facts = replace(
        common,
        title=values.line(title) or "",
        text=text,
        source_id=f"{common.source_id}{suffix}" if common.source_id else None,
        authors=names([all_text(node) for node in within(story, "NewsLines", "ByLine")], common.publisher),
        language=values.language([*_everywhere(story, "Language")]) or common.language,
        tags={**common.tags, **values.tags_of(_lines(story))},
    )
    return article(nitf.merged(facts, nitf_facts) if nitf_facts else facts, place, origin)


def _without_revision(root: Element, identifier: str) -> str:
    """Return the identifier that all revisions of the item share."""
    revision = first_text(root, "Identification", "NewsIdentifier", "RevisionId")
    return identifier.removesuffix(f":{revision}") if revision else identifier


def _content(story: Element) -> tuple[Facts | None, str]:
    """Return a story's text: that of the component in a body's role, else of the first without another role."""
    components = list(below(story, "NewsComponent"))
    bodies = [node for node in components if _role(node) in _BODY_ROLES]
    other_components = [node for node in components if _role(node) not in _OTHER_ROLES]
    for component in (*bodies, *other_components):
        for content in within(component, "ContentItem", "DataContent"):
            nitf_facts = nitf.facts_of(content) if nitf.is_nitf(content) else None
            if text := nitf_facts.text if nitf_facts else _text(content):
                return nitf_facts, text
    return None, ""


def _text(content: Element) -> str:
    if not len(content):
        return from_field(all_text(content))
    body = next(below(content, "body"), content)
    return strip_html(markup(body, dropped=frozenset(("figcaption", "figure", "style"))))


def _role(component: Element) -> str:
    return bare(next(iter(_formal(component, "Role")), ""))


def _formal(element: Element, *path: str) -> list[str]:
    return [node.get("FormalName") or "" for node in within(element, *path)]


def _everywhere(element: Element, name: str, inner: str = "") -> Iterator[str]:
    for node in below(element, name):
        yield from _formal(node, inner) if inner else [node.get("FormalName") or ""]


def _topics(root: Element) -> Iterator[str]:
    """Yield keywords; each agency puts them under a name of its own that ends in "Keywords"."""
    for node in below(root, "Property", "KeywordLine"):
        if local(node) == "KeywordLine":
            yield all_text(node)
        elif (node.get("FormalName") or "").casefold().endswith(("keyword", "keywords")):
            yield node.get("Value") or ""


def _tags(root: Element, *, only_updated: bool) -> dict[str, tuple[str, ...]]:
    return values.tags_of(
        {
            **_lines(root),
            "genre": list(_everywhere(root, "Genre")),
            "source": list(_everywhere(root, "Source", "Party")),
            "urgency": _formal(root, "NewsManagement", "Urgency"),
            "version": [first_text(root, "Identification", "NewsIdentifier", "RevisionId")],
            "date_from": ["updated"] if only_updated else [],
        }
    )


def _lines(element: Element) -> dict[str, list[str]]:
    return {tag: [all_text(node) for node in below(element, line)] for tag, line in _LINES.items()}
