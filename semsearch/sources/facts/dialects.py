"""Puts what some programs say in a form of their own under names that `fields.py` knows."""

from collections.abc import Mapping

from semsearch.sources.facts.lists import items

Record = Mapping[str, object]

_TAXONOMIES = {"categories": "category", "tags": "post_tag"}
_SECTION_TEXTS = ("text", "content", "body", "paragraphs")


def in_common_names(record: Record) -> Record:
    """Return a record with what it says in the form of one program under common names; what was moved is empty."""
    said: dict[str, object] = {}
    for dialect in (_wordpress, _feed_reader, _arc, _aylien, _firecrawl, _readability, _sections):
        said.update((name, value) for name, value in dialect(record).items() if value is not None)
    return {**record, **said} if said else record


def asks_for_password(value: object) -> bool:
    """Tell whether a text is only the form by which WordPress asks for the password of a protected post."""
    return isinstance(value, Mapping) and value.get("protected") is True and "<form" in str(value.get("rendered"))


def _object(record: Record, name: str) -> Mapping[str, object]:
    value = record.get(name)
    return value if isinstance(value, Mapping) else {}


def _wordpress(record: Record) -> Record:
    """Return the names of author, categories and tags, which its REST interface gives beside their ids if asked to."""
    embedded = _object(record, "_embedded")
    if not embedded:
        return {}
    terms = [term for term in items(embedded.get("wp:term")) if isinstance(term, Mapping)]
    names: dict[str, object] = {"author": embedded.get("author")}
    for name, taxonomy in _TAXONOMIES.items():
        names[name] = [term.get("name") for term in terms if term.get("taxonomy") == taxonomy] or None
    return names


def _feed_reader(record: Record) -> Record:
    """Return the outlet and the address of an entry of a feed in Feedly, Inoreader and others like Google Reader.

    Its categories are those of the feed; the reader's own marks, such as "user/-/state/com.google/read", are none.
    """
    origin = _object(record, "origin")
    if "streamId" not in origin:
        return {}
    return {
        "publisher": origin.get("title"),
        "permalink": record.get("alternate"),
        "alternate": [],
        "categories": [name for name in items(record.get("categories") or []) if not str(name).startswith("user/")],
    }


def _arc(record: Record) -> Record:
    """Return the date that readers see, which comes before that of the latest publication."""
    return {"date_published": record.get("display_date")} if "content_elements" in record else {}


def _aylien(record: Record) -> Record:
    return {"permalink": _object(record, "links").get("permalink")}


def _firecrawl(record: Record) -> Record:
    page = _object(record, "data") or record
    return {"permalink": _object(page, "metadata").get("sourceURL")} if "markdown" in page else {}


def _readability(record: Record) -> Record:
    """Return the text in HTML, which has the paragraphs that `textContent` lacks."""
    content = record.get("content")
    in_html = isinstance(content, str) and content.lstrip().startswith("<")
    return {"body": content, "content": []} if in_html and "textContent" in record and "body" not in record else {}


def _sections(record: Record) -> Record:
    """Return the sections of a text, which have headings and texts; those of an outlet have only names."""
    written = record.get("sections")
    sections = [part for part in written if isinstance(part, Mapping)] if isinstance(written, list) else []
    headings = [section.get("heading") or section.get("title") for section in sections]
    have_texts = all(any(map(section.get, _SECTION_TEXTS)) for section in sections)
    if not any(headings) or not have_texts or "paragraphs" in record:
        return {}
    texts = [{**section, "heading": heading} for section, heading in zip(sections, headings, strict=True)]
    return {"paragraphs": texts, "sections": []}
