"""Makes articles of an item of ninjs 1 to 3, the JSON of news agencies, and of the items that it holds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from semsearch.ports import Place
from semsearch.sources.facts import values
from semsearch.sources.facts.article import Facts, article
from semsearch.sources.facts.fields import fold
from semsearch.sources.facts.standing import embargo_reason, other_kind, withdrawal_reason
from semsearch.sources.faults import attempt
from semsearch.sources.wire.bodies import from_field, from_html
from semsearch.sources.wire.bylines import names
from semsearch.sources.wire.times import Times, times
from semsearch.text import normalise_line
from semsearch.types import Article, Skipped

_TELLING = frozenset((
    "versioncreated", "pubstatus", "representationtype", "headlines", "bodies", "eventdetails", "planningdetails",
    "contentcreated", "copyrightholder", "copyrightnotice", "usageterms", "altids",
))  # fmt: skip
"""Folded names that no other format has together with a `uri`."""

_OF_SUPERDESK = frozenset((
    "versioncreated", "pubstatus", "firstcreated", "firstpublished", "body_html", "body_xhtml", "description_text",
    "renditions", "associations", "slugline", "urgency", "priority", "service", "anpa_category",
))  # fmt: skip
_SURE_OF_SUPERDESK = 3
_COMMON = ("language", "copyrightholder", "provider")
_MOST_WITHIN = 1_000
_DEEPEST = 4
_CREDITS = frozenset(("writer", "creditline", "credit", "keywords"))
_MARKED_UP = ("xhtml", "html")
_SPELLINGS = {
    "person": ("person", "people"), "organisation": ("organisation", "organisations"), "place": ("place", "places"),
    "event": ("event", "events"), "genre": ("genre", "genres"),
}  # fmt: skip
_PLAIN_TAGS = {
    "located": "located", "dateline": "dateline", "slugline": "slugline", "ednote": "ednote", "urgency": "urgency",
    "version": "version", "embargoed": "embargoed", "embargoedreason": "embargoed_reason", "expires": "expires",
    "copyrightnotice": "rights", "copyrightholder": "copyright_holder", "usageterms": "usage_terms",
    "profile": "profile",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Body:
    text: str
    kind: str  # "html", "nitf", "text"


def is_item(record: Mapping[str, object]) -> bool:
    """Tell whether an object is an item of ninjs, or of Superdesk, which has a `guid` instead of the `uri`."""
    if not isinstance(record.get("uri"), str):
        return isinstance(record.get("guid"), str) and len(_OF_SUPERDESK & record.keys()) >= _SURE_OF_SUPERDESK
    for name in ("$standard", "standard"):
        standard = record.get(name)
        if isinstance(standard, Mapping) and "ninjs" in str(standard.get("name")).casefold():
            return True
    return any(fold(name) in _TELLING for name in record)


def items(record: Mapping[str, object], place: Place, origin: str, depth: int = 0) -> Iterator[Article | Skipped]:
    """Make an article of an item, and of each text that is part of it."""
    item = {fold(name): value for name, value in record.items()}
    embargo_end = item.get("embargoed")
    state = _string(item, "pubstatus") or _string(item, "state")
    if reason := withdrawal_reason(state, _string(item, "embargoed")) or embargo_reason(embargo_end):
        yield Skipped(origin, reason)
        return
    parts = [(name, part) for name, part in _parts(item) if _is_text(part)] if depth < _DEEPEST else []
    yield attempt(lambda: _item_article(item, place, origin, has_parts=bool(parts)), origin)
    for name, part in parts:
        # What the outer item says about language, rights and provider holds for its parts too.
        common: dict[str, object] = {key: item[key] for key in _COMMON if key in item}
        yield from items({**common, **part}, place, f"{origin}#{name}", depth + 1)


def _item_article(item: Mapping[str, object], place: Place, origin: str, *, has_parts: bool) -> Article | Skipped:
    body = min(_bodies(item), key=lambda body: ("html", "nitf", "text").index(body.kind), default=None)
    kind = other_kind(_string(item, "type"))
    if not kind and "eventdetails" in item:
        kind = "an event"
    elif not kind and "planningdetails" in item:
        kind = "a plan of coverage"
    # The body of a picture may repeat its caption.
    if kind and (body is None or _body_text(body).strip() in _descriptions(item)):
        note = "; the texts in it are read" if has_parts else ""
        return Skipped(origin, f"{kind}, and no text of its own{note}")
    if body and body.kind == "nitf" and (nitf_facts := _nitf(body)):
        from semsearch.sources.wire.nitf import merged

        return article(merged(_facts(item, nitf_facts.text), nitf_facts), place, origin)
    return article(_facts(item, _body_text(body) if body else ""), place, origin)


def _nitf(body: _Body) -> Facts | None:
    from semsearch.sources.wire.nitf import facts_of
    from semsearch.sources.wire.scan import Scan
    from semsearch.sources.wire.tree import parse

    record = next(Scan(iter([body.text])).parts({"nitf"}), None) if "<nitf" in body.text else None
    parsed = parse(record.text) if record else None
    return facts_of(parsed.element) if parsed else None


def _body_text(body: _Body) -> str:
    return from_field(body.text) if body.kind == "text" else from_html(body.text)


def _bodies(item: Mapping[str, object]) -> Iterator[_Body]:
    """Yield the bodies of an item: version 1 has each under a name of its own, later versions have a list."""
    bodies = item.get("bodies")
    for listed_body in bodies if isinstance(bodies, list) else []:
        if isinstance(listed_body, Mapping):
            entry = {fold(name): value for name, value in listed_body.items()}
            kind_and_role = f"{entry.get('contenttype')} {entry.get('role')}".casefold()
            if text := _string(entry, "value"):
                yield _Body(text, _kind(kind_and_role))
    for name, value in item.items():
        if name.startswith("body") and isinstance(value, str) and value.strip():
            yield _Body(value, _kind(name))


def _kind(description: str) -> str:
    if "nitf" in description:
        return "nitf"
    return "html" if any(name in description for name in _MARKED_UP) else "text"


def _facts(item: Mapping[str, object], text: str) -> Facts:
    title = _title(item)
    publisher = values.outlet(item.get("copyrightholder")) or values.outlet(item.get("provider"))
    publisher = publisher or values.outlet(item.get("infosources") or item.get("infosource"))
    dates = times(
        (item.get(name) for name in ("publishedon", "firstpublished", "firstcreated", "contentcreated")),
        (item.get("versioncreated"), item.get("contentmodified")),
    )
    summary = "" if text.strip() else next(iter(_descriptions(item)), "")
    return Facts(
        title,
        summary or _without_title(text, title),
        "summary" if summary else "",
        _link(item),
        values.single(item.get("uri") or item.get("guid")),
        publisher=publisher,
        authors=names(_bylines(item), publisher),
        published=dates.published,
        written=dates.written,
        updated=None if dates.only_updated else dates.updated,
        language=values.language(item.get("language")),
        topics=tuple(values.topics(_list(item, "subject", "subjects"))),
        tags=_tags(item, dates),
    )


def _title(item: Mapping[str, object]) -> str:
    """Return the main headline, else the working title."""
    headlines = _objects(item.get("headlines"))
    headlines.sort(key=lambda headline: headline.get("role") not in ("main", None))
    candidates = (*(headline.get("value") for headline in headlines), item.get("headline"), item.get("title"))
    return next(filter(None, map(values.line, candidates)), "")


def _objects(value: object) -> list[Mapping[str, object]]:
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


def _without_title(text: str, title: str) -> str:
    """Return a text without its headline, which some senders repeat above it."""
    above, gap, rest = text.lstrip().partition("\n")
    return rest if gap and title and normalise_line(above) == title else text


def _descriptions(item: Mapping[str, object]) -> list[str]:
    """Return the descriptions of an item."""
    entries = _objects(item.get("descriptions"))
    texts = [entry.get("value") for entry in entries if entry.get("role") not in _CREDITS]
    texts += [value for name, value in item.items() if name.startswith("description")]
    return [from_field(text).strip() for text in texts if isinstance(text, str) and text.strip()]


def _link(item: Mapping[str, object]) -> str | None:
    """Return the address of the item's own page, if it names one."""
    links = _list(item, "link", "links")
    page_links = [link for link in _objects(links) if link.get("rel") in ("canonical", "alternate")]
    return values.address([*page_links, item.get("canonical"), item.get("canonicalurl"), item.get("url")])


def _bylines(item: Mapping[str, object]) -> list[str]:
    return list(filter(None, map(values.line, _list(item, "byline", "bylines", "by"))))


def _list(item: Mapping[str, object], *spellings: str) -> list[object]:
    items: list[object] = []
    for name in spellings:
        if value := item.get(name):
            items += value if isinstance(value, list) else [value]
    return items


def _tags(item: Mapping[str, object], dates: Times) -> dict[str, tuple[str, ...]]:
    raw: dict[str, list[str]] = {tag: values.tag_values(item.get(name)) for name, tag in _PLAIN_TAGS.items()}
    for tag, spellings in _SPELLINGS.items():
        raw[tag] = values.tag_values(
            [entry for entry in _list(item, *spellings) if isinstance(entry, str) or _has_name(entry)]
        )
    raw["date_from"] = ["updated"] if dates.only_updated else []
    return {name: tuple(texts) for name, texts in raw.items() if texts}


def _has_name(entry: object) -> bool:
    return isinstance(entry, Mapping) and bool(entry.get("name"))


def _parts(item: Mapping[str, object]) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield name and item of each part of an item: by name in version 1, in a list in later ones and in collections."""
    for value in (item.get("associations"), item.get("items")):
        by_name = list(value.items()) if isinstance(value, Mapping) else []
        numbered = list(enumerate(value, 1)) if isinstance(value, list) else []
        for name, part in (*by_name, *numbered)[:_MOST_WITHIN]:
            if isinstance(part, Mapping):
                yield str(name)[: values.MOST_CHARACTERS], part


def _is_text(record: Mapping[str, object]) -> bool:
    """Tell whether a part is a text of its own, not a picture or a reference to an item elsewhere."""
    item = {fold(name): value for name, value in record.items()}
    kind = _string(item, "type")
    return (kind == "composite" or other_kind(kind) is None) and next(_bodies(item), None) is not None


def _string(record: Mapping[str, object], name: str) -> str:
    value = record.get(name)
    return value if isinstance(value, str) else ""
