"""A record in whatever spelling -> what it says of its article."""

import re
from collections.abc import Callable, Mapping

from semsearch.addresses import host
from semsearch.calendars import DateOrder
from semsearch.ports import Place
from semsearch.sources.facts import values
from semsearch.sources.facts.article import Facts, article
from semsearch.sources.facts.blocks import text_of
from semsearch.sources.facts.fields import FIELDS, Entries, fold
from semsearch.sources.facts.standing import is_removed, refusal
from semsearch.sources.faults import kept
from semsearch.sources.markup.markdown import markdown_text
from semsearch.sources.markup.stripping import plain, strip_html
from semsearch.text import normalise_line, normalise_text
from semsearch.types import Article, Date, Skipped

_CUT = re.compile(r"(?<!\s)\s*+\[\+[0-9]{1,7} chars\]$")
"""What NewsAPI writes behind the beginning of a text."""


def article_from(
    record: Mapping[str, object], place: Place, origin: str, *, whole_file: bool = False
) -> Article | Skipped:
    """Make an article of a record in any spelling that `fields.py` knows; the arguments are those of `article`."""
    return kept(lambda: _article_from(record, place, origin, whole_file=whole_file), origin)


def _article_from(record: Mapping[str, object], place: Place, origin: str, *, whole_file: bool) -> Article | Skipped:
    entries = Entries(record, place.names)
    if reason := refusal(entries.rest()):
        return Skipped(origin, reason)
    return article(_facts(entries, place.date_order), place, origin, whole_file=whole_file)


def facts_of(record: Mapping[str, object], names: Mapping[str, str] | None = None) -> Facts:
    """Return what a record says; an entry that none of the article's nouns takes becomes a tag.

    Args:
        names: the source's own name -> noun, before all that are known; "thread.site" is an entry of an object.
    """
    return _facts(Entries(record, names), None)


def _facts(entries: Entries, order: DateOrder | None) -> Facts:
    title = entries.pick("title", values.line) or ""
    text, text_from = _text(entries)
    if cut := _CUT.search(text):
        text, text_from = text[: cut.start()], "summary"
    domain = entries.pick("domain", values.domain) or entries.pick("publisher", values.domain)
    publisher = entries.pick("publisher", values.outlet)
    published, written = _published(entries, order)
    source_id = entries.pick("source_id", values.identifier)
    url = (
        entries.pick("url", values.address)
        or values.address(source_id)
        or _address_as_source(entries, domain)
        or entries.pick("html", values.address, use=False)  # Fundus keeps the page there, and what it asked for
    )
    return Facts(
        title,
        text,
        text_from,
        url,
        source_id,
        entries.pick("slug", values.single, use=False),
        publisher,
        domain,
        _distinct(entries.pick_all("authors", values.people)),
        published,
        written,
        entries.pick("updated", lambda value: values.date(value, order)),
        entries.pick("language", values.language),
        entries.pick("section", values.section),
        _distinct(entries.pick_all("topics", values.topics)),
        _tags(entries),
    )


def _text(entries: Entries) -> tuple[str, str]:
    """Return the text, and "summary" where the record has no body."""
    # Where the body is Markdown, even an empty one, so is what stands above it.
    convert = markdown_text if entries.names("markdown") else plain
    bodies = {"markdown": markdown_text, "text": plain, "html": strip_html}
    surest_first = sorted(bodies, key=lambda noun: not entries.given(noun))
    body = next((text for noun in surest_first if (text := _prose(entries, noun, bodies[noun]))), None)
    standfirst = _prose(entries, "standfirst", convert)
    if body:
        # Normalised texts a blank line apart are normalised.
        return (f"{standfirst}\n\n{body}" if standfirst and not _holds(body, standfirst) else body), ""
    summary = standfirst or _prose(entries, "summary", convert)
    return (summary, "summary") if summary else ("", "")


def _prose(entries: Entries, noun: str, convert: Callable[[str], str]) -> str | None:
    return entries.pick(noun, lambda value: "" if is_removed(text := normalise_text(text_of(value, convert))) else text)


def _holds(body: str, standfirst: str) -> bool:
    words = " ".join(standfirst.split()).casefold().rstrip(" .…")
    return words in " ".join(body.split()).casefold()


def _published(entries: Entries, order: DateOrder | None) -> tuple[Date | None, str]:
    """Return the date, if one can be read, and the date as written, if one is."""
    read = entries.pick(
        "published", lambda value: (found, values.line(value)) if (found := values.date(value, order)) else None
    )
    if read:
        return read[0], read[1] or ""
    return None, entries.pick("published", values.unread_date) or ""


def _address_as_source(entries: Entries, domain: str | None) -> str | None:
    """Return a "source" that is an address on the article's own domain, which is what Trafilatura writes."""

    def own(value: object) -> str | None:
        found = values.address(value)
        named = host(found) or ""
        return found if domain and f".{named}".endswith(f".{domain.lower()}") else None

    return entries.pick("publisher", own)


def _tags(entries: Entries) -> dict[str, tuple[str, ...]]:
    """Return what no noun has taken."""
    tags: dict[str, tuple[str, ...]] = {}
    for name, value in entries.rest():
        # Our own articles, written as JSON, have an object of tags.
        for key, inner in value.items() if name == "tags" and isinstance(value, Mapping) else [(name, value)]:
            tag = normalise_line(str(key))
            read = values.sections if fold(tag) in FIELDS["section"] else values.tag_values
            if tag and len(tag) <= values.MOST_CHARACTERS and (kept := read(inner)):
                tags.setdefault(tag, tuple(kept))
    return tags


def _distinct(found: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))
