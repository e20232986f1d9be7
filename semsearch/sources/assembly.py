"""A record in whatever spelling -> an article: which entry is what, and which article it is."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from semsearch.identity import article_id, seal
from semsearch.ports import Place
from semsearch.sources import values
from semsearch.sources.fields import Entries, fold
from semsearch.sources.markdown import markdown_text
from semsearch.sources.markup import plain, strip_html
from semsearch.text import normalise_line, normalise_text
from semsearch.types import Article, Date, Metadata, Skipped


def article_from(
    record: Mapping[str, object], place: Place, origin: str, *, whole_file: bool = False
) -> Article | Skipped:
    """Make an article of a record in any spelling that `fields.py` knows.

    A publisher that the record names stands; `place.source` is the publisher where the record names none, and comes
    first for identity. An entry that none of the article's nouns takes becomes a tag.

    Args:
        origin: where the record stands, for messages.
        whole_file: the record is a file of its own, so that the file's name is part of its identity.
    """
    entries = Entries(record)
    title = entries.pick("title", values.line) or ""
    text, text_from = _text(entries, title)
    if not text:
        return Skipped(origin, "neither headline nor text")
    file = place.namespace if whole_file else ""
    domain = entries.pick("domain", values.domain) or entries.pick("publisher", values.domain)
    publisher = entries.pick("publisher", values.outlet) or domain or place.source
    published, written = _published(entries)
    given = entries.pick("source_id", values.single)
    url = entries.pick("url", values.address) or values.address(given) or _address_as_source(entries, domain)
    metadata = Metadata(
        article_id(
            url=url,
            namespace=place.source or publisher or place.namespace,
            source_id=given or _id_by_name(entries, title, written, file),
            title=title,
            date=written,
            text=text,
        ),
        title,
        url=url,
        publisher=publisher,
        authors=_distinct(entries.pick_all("authors", values.people)),
        published=published,
        updated=entries.pick("updated", values.date),
        language=entries.pick("language", values.language),
        section=entries.pick("section", values.single),
        tags=_tags(
            entries,
            source_id=given,
            domain=domain and domain.lower(),
            file=file,
            text_from=text_from,
            unparsed_date="" if published else written[: values.MOST_CHARACTERS],
        ),
    )
    return seal(metadata, text, origin)


def _text(entries: Entries, title: str) -> tuple[str, str]:
    """Return the text, and of what it was made where the record has no body: "summary" or "headline"."""
    # Where the body is Markdown, even an empty one, so is what stands above it.
    convert = markdown_text if entries.names("markdown") else plain
    body = (
        entries.pick("markdown", lambda value: normalise_text(values.prose(value, markdown_text)))
        or entries.pick("text", lambda value: normalise_text(values.prose(value, plain)))
        or entries.pick("html", lambda value: normalise_text(values.prose(value, strip_html)))
    )
    standfirst = entries.pick("standfirst", lambda value: normalise_text(values.prose(value, convert)))
    if body:
        # Normalised texts a blank line apart are normalised.
        return (f"{standfirst}\n\n{body}" if standfirst and not _holds(body, standfirst) else body), ""
    summary = standfirst or entries.pick("summary", lambda value: normalise_text(values.prose(value, convert)))
    if summary:
        return summary, "summary"
    return title, "headline"


def _holds(body: str, standfirst: str) -> bool:
    words = " ".join(standfirst.split()).casefold().rstrip(" .…")
    return words in " ".join(body.split()).casefold()


def _published(entries: Entries) -> tuple[Date | None, str]:
    """Return the date, if one can be read, and the date as written, if one is."""
    read = entries.pick(
        "published", lambda value: (found, values.line(value)) if (found := values.date(value)) else None
    )
    if read:
        return read[0], read[1] or ""
    return None, entries.pick("published", values.unread_date) or ""


def _address_as_source(entries: Entries, domain: str | None) -> str | None:
    """Return a "source" that is an address on the article's own domain, which is what Trafilatura writes."""

    def own(value: object) -> str | None:
        found = values.address(value)
        host = (urlsplit(found).hostname or "") if found else ""
        return found if domain and f".{host}".endswith(f".{domain.lower()}") else None

    return entries.pick("publisher", own)


def _id_by_name(entries: Entries, title: str, written: str, file: str) -> str | None:
    """Return what stands for an id where the source gives none: a name that is one article's alone."""
    slug = next((values.single(value) for name, value in entries.rest() if fold(name) == "slug"), None)
    name = slug or (title if file else "")
    # Many folders have an index.md, and a weekly column has the same slug each week: no part is enough by itself.
    return f"{file} {name} {written}" if name else None


def _tags(entries: Entries, **facts: str | None) -> dict[str, tuple[str, ...]]:
    """Return what no noun has taken, and facts of our own, which come before a source's entries of the same name."""
    tags: dict[str, tuple[str, ...]] = {name: (fact,) for name, fact in facts.items() if fact}
    found = entries.pick_all("topics", values.topics)
    if found:
        tags["topics"] = _distinct(found)
    for name, value in entries.rest():
        # Our own articles, written as JSON, have an object of tags.
        for key, inner in value.items() if name == "tags" and isinstance(value, Mapping) else [(name, value)]:
            tag = normalise_line(str(key))
            if tag and len(tag) <= values.MOST_CHARACTERS and (kept := values.tag_values(inner)):
                tags.setdefault(tag, tuple(kept))
    return tags


def _distinct(found: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))
