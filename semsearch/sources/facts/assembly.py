"""Extracts the facts about an article from a record, whatever names its fields have."""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from semsearch.addresses import host
from semsearch.calendars import DateOrder
from semsearch.ports import Place
from semsearch.sources.facts import values
from semsearch.sources.facts.article import Facts, article
from semsearch.sources.facts.blocks import text_of
from semsearch.sources.facts.dialects import asks_for_password, in_common_names
from semsearch.sources.facts.fields import EMPTY, FIELDS, Entries, fold
from semsearch.sources.facts.standing import is_failure, is_removed, refusal
from semsearch.sources.faults import attempt
from semsearch.sources.markup.markdown import markdown_text
from semsearch.sources.markup.plain_text import plain, strip_html
from semsearch.text import normalise_line, normalise_text
from semsearch.types import Article, Date, Skipped

_CUT = re.compile(r"(?<!\s)\s*+\[\+?[0-9]{1,7} chars\]$")
"""What NewsAPI and GNews write after a text that they cut."""

_DEEPEST = 2
"""Levels of nested objects whose entries become tags of their own."""

_TEXT_NAMES = frozenset(
    name for noun in ("text", "html", "markdown", "summary", "standfirst", "title") for name in FIELDS[noun]
)
"""Folded names of other forms of the text, which may be left out without loss."""


def article_from(
    record: Mapping[str, object], place: Place, origin: str, *, whole_file: bool = False
) -> Article | Skipped:
    """Make an article of a record with any names that `fields.py` knows; the arguments are those of `article`."""
    return attempt(lambda: _article_from(record, place, origin, whole_file=whole_file), origin)


def _article_from(record: Mapping[str, object], place: Place, origin: str, *, whole_file: bool) -> Article | Skipped:
    entries = Entries(in_common_names(record), place.names)
    place.names_met.update(entries.names_met)
    if reason := refusal(entries.unused()):
        return Skipped(origin, reason)
    return article(_facts(entries, place.date_order), place, origin, whole_file=whole_file)


def facts_of(record: Mapping[str, object], names: Mapping[str, str] | None = None) -> Facts:
    """Return the facts in a record; an entry that belongs to none of the article's nouns becomes a tag.

    Args:
        names: the source's own name -> noun, ahead of all known names; "thread.site" is an entry of an object.
    """
    return _facts(Entries(in_common_names(record), names), None)


def _facts(entries: Entries, order: DateOrder | None) -> Facts:
    title = entries.pick("title", values.line) or ""
    text, text_from = _text(entries)
    if cut := _CUT.search(text):
        text, text_from = text[: cut.start()], "summary"
    domain = entries.pick("domain", values.domain) or entries.pick("publisher", values.domain)
    publisher = entries.pick("publisher", values.outlet)
    published, date_text = _published_date(entries, order)
    source_id = entries.pick("source_id", values.identifier)
    url = (
        entries.pick("url", values.address)
        or values.address(source_id)
        or _address_as_source(entries, domain)
        or entries.pick("html", values.address, use=False)  # Fundus keeps the page and its address there
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
        date_text,
        entries.pick("updated", lambda value: values.date(value, order)),
        entries.pick("language", values.language),
        entries.pick("section", values.section),
        _distinct(entries.pick_all("topics", values.topics)),
        _tags(entries),
    )


def _text(entries: Entries) -> tuple[str, str]:
    """Return the text, and "summary" if the record has no body."""
    # Where the body is Markdown, even an empty one, so is the standfirst.
    convert = markdown_text if entries.has_name_of("markdown") else plain
    bodies = {"markdown": markdown_text, "text": plain, "html": strip_html}
    surest_first = sorted(bodies, key=lambda noun: not entries.is_mapped(noun))
    body = next((text for noun in surest_first if (text := _prose(entries, noun, bodies[noun]))), None)
    standfirst = _prose(entries, "standfirst", convert)
    if body:
        # Normalised texts that are joined by a blank line are normalised.
        return (f"{standfirst}\n\n{body}" if standfirst and not _holds(body, standfirst) else body), ""
    summary = standfirst or _prose(entries, "summary", convert)
    return (summary, "summary") if summary else ("", "")


def _prose(entries: Entries, noun: str, convert: Callable[[str], str]) -> str | None:
    def prose(value: object) -> str:
        if asks_for_password(value):
            return ""
        text = normalise_text(text_of(value, convert))
        return "" if is_removed(text) or is_failure(text) else text

    return entries.pick(noun, prose)


def _holds(body: str, standfirst: str) -> bool:
    words = " ".join(standfirst.split()).casefold().rstrip(" .…")
    return words in " ".join(body.split()).casefold()


def _published_date(entries: Entries, order: DateOrder | None) -> tuple[Date | None, str]:
    """Return the date, if one can be read, and the date as written, if there is one."""

    def read_date(value: object) -> tuple[Date, str] | None:
        date = values.date(value, order)
        return (date, values.line(value) or "") if date else None

    return entries.pick("published", read_date) or (None, entries.pick("published", values.unread_date) or "")


def _address_as_source(entries: Entries, domain: str | None) -> str | None:
    """Return a "source" that is an address on the article's own domain, as Trafilatura writes it."""

    def on_own_domain(value: object) -> str | None:
        url = values.address(value)
        host_name = host(url) or ""
        return url if domain and f".{host_name}".endswith(f".{domain.lower()}") else None

    return entries.pick("publisher", on_own_domain)


def _tags(entries: Entries) -> dict[str, tuple[str, ...]]:
    """Return the entries that no noun has used, and as `left_out` the names of those that cannot be tags."""
    tags: dict[str, tuple[str, ...]] = {}
    left_out: list[str] = []
    for name, value in entries.unused():
        # Our own articles, written as JSON, have an object of tags.
        pairs = value.items() if name == "tags" and isinstance(value, Mapping) else _flattened(name, value)
        for key, inner in pairs:
            tag = normalise_line(str(key))
            names = values.sections(inner) if fold(tag) in FIELDS["section"] else []
            if tag and len(tag) <= values.MOST_CHARACTERS and (kept_values := names or values.tag_values(inner)):
                tags.setdefault(tag, tuple(kept_values))
            elif tag and inner not in EMPTY and not _is_blank(inner) and fold(tag) not in _TEXT_NAMES:
                left_out.append(tag[: values.MOST_CHARACTERS])
    if left_out and "left_out" not in tags:
        tags["left_out"] = tuple(dict.fromkeys(left_out[: values.MOST_VALUES]))
    return tags


def _is_blank(value: object) -> bool:
    return isinstance(value, str) and not normalise_line(value)


def _flattened(name: str, value: object) -> Iterator[tuple[str, object]]:
    """Yield an entry, or the entries of an object that has no name of its own, such as "geo.lat"."""
    if isinstance(value, Mapping) and value and fold(name) not in _TEXT_NAMES and not values.strings(value):
        for key, inner in islice(value.items(), values.MOST_VALUES):
            yield from _flattened(f"{name}.{key}", inner) if name.count(".") < _DEEPEST else [(f"{name}.{key}", inner)]
    else:
        yield name, value


def _distinct(names: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
