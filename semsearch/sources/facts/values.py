"""Reads the values that other tools write: texts, lists, or objects with a name become strings."""

import re
from collections.abc import Mapping

from semsearch import limits
from semsearch.addresses import host
from semsearch.calendars import DateOrder
from semsearch.dates import parse_date
from semsearch.identity import canonical_url
from semsearch.language_names import primary_tag
from semsearch.sources.facts.bylines import names_in
from semsearch.sources.facts.lists import items, written_value
from semsearch.sources.markup.plain_text import plain
from semsearch.text import normalise_line
from semsearch.types import Date

MOST_CHARACTERS = 200
"""The length of a name or a tag's value. Whatever is longer is a text, which nobody filters by."""

MOST_VALUES = 100
"""The number of a tag's values. Longer lists are vectors, word counts and the like."""

_EXACT = 2**53
"""Up to here a float is one whole number and no other."""

_DEEPEST = 3
"""Levels of nested lists and objects."""

_NAME_KEYS = (
    "name", "title", "label", "display_name", "displayName", "headline", "main", "original", "term", "value", "@value",
    "webTitle", "Label", "rendered", "basic", "domain", "uri", "$date", "$oid", "$numberLong", "by", "text",
)  # fmt: skip
"""Keys under which an object has its name, the surest first."""

_WHOLE_NAMES = ("name", "fullname", "displayname")
_PARTS_OF_NAMES = (
    ("firstname", "givenname", "given", "first", "forename"),
    ("middlename", "middle"),
    ("lastname", "familyname", "family", "last", "surname"),
)
_ADDRESS_KEYS = ("@id", "url", "href", "rendered", "canonical", "permalink", "requested_url")
_DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,24}")
_LABEL_KEYS = ("tag", "topic", "keyword", "slug")
"""Keys under which an object of a list of topics or sections has its name, where it has no other."""

_LIST_SEPARATOR = re.compile(r"[,;|，；、،؛]")
_HASHTAGS = re.compile(r"\s*#[^\s#]++(?:\s+#[^\s#]++)*+\s*")
_SWITCHES = frozenset(("true", "false", "yes", "no", "0", "1"))


def strings(value: object, depth: int = 0) -> list[str]:
    """Return a value's strings, on one line each and without empty ones; of an object only its name."""
    if isinstance(value, str):
        return [text] if (text := normalise_line(plain(value))) else []
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if isinstance(value, int | float):
        return [str(value)]
    if depth < _DEEPEST and isinstance(value, list):
        return [text for item in value for text in strings(item, depth + 1)]
    if depth < _DEEPEST and isinstance(value, Mapping):
        return next((texts for key in _NAME_KEYS if (texts := strings(value.get(key), depth + 1))), [])
    return []


def line(value: object) -> str | None:
    """Return the first of a value's strings."""
    return next(iter(strings(value)), None)


def tag_values(value: object) -> list[str]:
    """Return the strings of a tag; none of them if one is too long or they are too many."""
    if isinstance(value, str) and len(value) > 10 * MOST_CHARACTERS:  # spare the work on a text
        return []
    if isinstance(value, list) and len(value) > MOST_VALUES:
        return []
    texts = list(dict.fromkeys(strings(value)))
    short = len(texts) <= MOST_VALUES and all(len(text) <= MOST_CHARACTERS for text in texts)
    return texts if short else []


def tags_of(texts: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    """Return the tags with these texts; empty texts, and tags without any value, are left out."""
    tags = {tag: tag_values([text for text in tag_texts if text.strip()]) for tag, tag_texts in texts.items()}
    return {tag: tuple(tag_texts) for tag, tag_texts in tags.items() if tag_texts}


def topics(value: object) -> list[str]:
    """Return the names of topics, which may be written as one string: with commas, or as hashtags."""
    given = items(value)
    if len(given) == 1 and isinstance(given[0], str):
        # Entities end in a semicolon, which would be taken for a separator.
        return _unless_numbers(tag_values(_divided(plain(given[0]))))
    # In the New York Times each topic is an object that has its kind, and its name as `value`.
    labels = [(item.get("value") or _label(item)) if isinstance(item, Mapping) else item for item in given]
    return _unless_numbers(tag_values(labels))


def _divided(text: str) -> list[str]:
    if _HASHTAGS.fullmatch(text):
        return [word.strip("#,;") for word in text.split()]
    texts = _LIST_SEPARATOR.split(text.strip(" []"))
    return texts if len(texts) > 1 else text.splitlines()  # within a list, a line may end in the middle of a topic


def sections(value: object) -> list[str]:
    """Return the names of sections; Trafilatura puts a semicolon between them."""
    if isinstance(value, str) and written_value(value) is None:
        return _unless_numbers(tag_values(plain(value).split(";")))
    labels = [_label(item) if isinstance(item, Mapping) else item for item in items(value)]
    return _unless_numbers(tag_values(labels))


def _label(value: Mapping[object, object]) -> list[str]:
    """Return the name in an object that is a topic or a section."""
    return strings(value) or next(filter(None, (strings(value.get(key)) for key in _LABEL_KEYS)), [])


def _unless_numbers(names: list[str]) -> list[str]:
    """Return names, but not numbers alone: those are the ids of names that the record does not have."""
    return names if any(not name.isdecimal() for name in names) else []


def section(value: object) -> str | None:
    """Return the name of a section if there is exactly one."""
    names = sections(value)
    return names[0] if len(names) == 1 else None


def single(value: object) -> str | None:
    """Return a tag's value if there is exactly one."""
    texts = tag_values(value)
    return texts[0] if len(texts) == 1 else None


def identifier(value: object) -> str | None:
    """Return the id in a value if there is exactly one, however long it is."""
    if isinstance(value, list) and len(value) > MOST_VALUES:
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        value = int(value)  # as it was before a column of a table had gaps
    texts = dict.fromkeys(strings(value))
    return next(iter(texts)) if len(texts) == 1 and all(len(text) <= limits.LINE_CHARACTERS for text in texts) else None


def date(value: object, order: DateOrder | None = None) -> Date | None:
    """Return the first date that can be read; `order` is that of day and month as numbers, if it is known."""
    if isinstance(value, int | float):
        return parse_date(value)
    if isinstance(value, Mapping) and (parts := _date_parts(value)):
        return parse_date(parts)
    return next((parsed for text in strings(value) if (parsed := parse_date(text, order))), None)


def _date_parts(value: Mapping[object, object]) -> str:
    """Return the date in an object of its parts, or the seconds as databases write them; "" for other objects."""
    numbers = {str(name).lstrip("_").lower(): part for name, part in value.items() if type(part) is int}
    if "seconds" in numbers:
        return str(numbers["seconds"])
    parts = [numbers[name] for name in ("year", "month", "day") if name in numbers]
    is_date = "year" in numbers and len(parts) == len(numbers) and ("month" in numbers or len(parts) == 1)
    return "-".join(f"{part:02}" for part in parts) if is_date else ""


def unread_date(value: object) -> str | None:
    """Return the text of a date that cannot be read; None for a switch, such as `published: true`."""
    text = line(value)
    return None if text is None or text.casefold() in _SWITCHES else text


def language(value: object) -> str | None:
    """Return the primary tag of the first language in a value."""
    return next((tag for text in strings(value) if (tag := primary_tag(text))), None)


def address(value: object) -> str | None:
    """Return an article's web address; not that of a mere site, which would make all its articles one."""
    if isinstance(value, list):
        return next((url for item in value[:MOST_VALUES] if (url := address(item))), None)
    if isinstance(value, Mapping):
        return next((url for key in _ADDRESS_KEYS if (url := address(value.get(key)))), None)
    if not isinstance(value, str):
        return None
    canonical = canonical_url(value)
    is_page = canonical is not None and "/" in canonical.removeprefix("https://").replace("?", "/")
    return normalise_line(value) if is_page else None


def domain(value: object) -> str | None:
    """Return the domain of an outlet without `www.`, if a value is a domain or a site's address."""
    for text in strings(value):
        bare = text
        if "://" in text and not address(text) and canonical_url(text):
            bare = host(text) or ""
        if _DOMAIN.fullmatch(bare):
            return bare.removeprefix("www.")
    return None


def outlet(value: object) -> str | None:
    """Return the name of an outlet, if it is a name and not a domain, an address or a number."""
    written = written_value(value) if isinstance(value, str) else None
    name = line(value if written is None else written)
    if name is None or len(name) > MOST_CHARACTERS or "://" in name or domain(name):
        return None
    return name if any(char.isalpha() for char in name) else None


def people(value: object) -> list[str]:
    """Return names from a list or a byline: "By Ada Fox and Ben Hill, Reuters" has two; unclear bylines stay whole."""
    bylines: list[object] = []
    for item in items(value):
        bylines += _person(item) if isinstance(item, Mapping) else [item]
    if not tag_values(bylines):  # too many or too long for names
        return []
    names = (name for byline in bylines if isinstance(byline, str) for name in names_in(plain(byline)))
    return list(dict.fromkeys(map(normalise_line, names)))


def _person(value: Mapping[object, object]) -> list[str]:
    """Return the name in an object, which may have it in parts; or the names, if there are several."""
    by_name = {str(name).replace("_", "").casefold(): inner for name, inner in value.items()}
    if whole_names := next(filter(None, (strings(by_name.get(name)) for name in _WHOLE_NAMES)), None):
        return whole_names
    parts = (next(filter(None, (line(by_name.get(name)) for name in names)), "") for names in _PARTS_OF_NAMES)
    name = " ".join(filter(None, parts))
    return [name] if name else strings(value)
