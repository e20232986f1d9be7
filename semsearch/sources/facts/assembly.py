"""A record in whatever spelling -> what it says of its article."""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from semsearch.addresses import host
from semsearch.calendars import DateOrder
from semsearch.ports import Place
from semsearch.sources.facts import values
from semsearch.sources.facts.article import Facts, article
from semsearch.sources.facts.blocks import text_of
from semsearch.sources.facts.fields import EMPTY, FIELDS, Entries, fold
from semsearch.sources.facts.standing import is_failure, is_removed, refusal
from semsearch.sources.faults import guarded
from semsearch.sources.markup.markdown import markdown_text
from semsearch.sources.markup.plain_text import plain, strip_html
from semsearch.text import normalise_line, normalise_text
from semsearch.types import Article, Date, Skipped

_CUT = re.compile(r"(?<!\s)\s*+\[\+[0-9]{1,7} chars\]$")
"""What NewsAPI writes behind the beginning of a text."""

_DEEPEST = 2
"""Objects within each other whose entries become tags of their own."""

_TAKEN = frozenset(
    name for noun in ("text", "html", "markdown", "summary", "standfirst", "title") for name in FIELDS[noun]
)
"""Folded names of what says in other words what was taken: nothing is lost with it."""


def article_from(
    record: Mapping[str, object], place: Place, origin: str, *, whole_file: bool = False
) -> Article | Skipped:
    """Make an article of a record in any spelling that `fields.py` knows; the arguments are those of `article`."""
    return guarded(lambda: _article_from(record, place, origin, whole_file=whole_file), origin)


def _article_from(record: Mapping[str, object], place: Place, origin: str, *, whole_file: bool) -> Article | Skipped:
    entries = Entries(record, place.names)
    place.names_met.update(entries.names_met)
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
    def prose(value: object) -> str:
        text = normalise_text(text_of(value, convert))
        return "" if is_removed(text) or is_failure(text) else text

    return entries.pick(noun, prose)


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
    """Return what no noun has taken, and the names of what is too long for a tag: nothing is lost without a word."""
    tags: dict[str, tuple[str, ...]] = {}
    left_out: list[str] = []
    for name, value in entries.rest():
        # Our own articles, written as JSON, have an object of tags.
        inside = value.items() if name == "tags" and isinstance(value, Mapping) else _flat(name, value)
        for key, inner in inside:
            tag = normalise_line(str(key))
            read = values.sections if fold(tag) in FIELDS["section"] else values.tag_values
            if tag and len(tag) <= values.MOST_CHARACTERS and (kept_values := read(inner)):
                tags.setdefault(tag, tuple(kept_values))
            elif tag and inner not in EMPTY and not _is_blank(inner) and fold(tag) not in _TAKEN:
                left_out.append(tag[: values.MOST_CHARACTERS])
    if left_out and "left_out" not in tags:
        tags["left_out"] = tuple(dict.fromkeys(left_out[: values.MOST_VALUES]))
    return tags


def _is_blank(value: object) -> bool:
    return isinstance(value, str) and not normalise_line(value)


def _flat(name: str, value: object) -> Iterator[tuple[str, object]]:
    """Yield an entry, or those of an object that has no name by which it could be called, as "geo.lat"."""
    if isinstance(value, Mapping) and value and fold(name) not in _TAKEN and not values.strings(value):
        for key, inner in islice(value.items(), values.MOST_VALUES):
            yield from _flat(f"{name}.{key}", inner) if name.count(".") < _DEEPEST else [(f"{name}.{key}", inner)]
    else:
        yield name, value


def _distinct(found: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))
