"""Finds the names of the authors of a page's article."""

import re
from collections.abc import Iterator, Sequence

from lxml.html import HtmlElement

from semsearch.sources.facts import values
from semsearch.sources.facts.bylines import BETWEEN, BY
from semsearch.sources.web.claims import Claims
from semsearch.sources.web.lines import key_of
from semsearch.sources.web.sentences import is_sentence, plain_words
from semsearch.text import normalise_line

MOST_AUTHORS = 30
_LONGEST = 100
"""Characters of a name; anything longer is a sentence about somebody."""

_LONGEST_BYLINE = 500
"""Characters; anything longer is not a byline."""

_MOST_ELEMENTS = 20_000
_ADDRESS = re.compile(r"https?:|www\.|\S@\S")
_NAME_KEYS = ("name", "byline", "alternateName", "givenName")
_CATALOGUE_META = ("citation_author", "dc.creator", "dcterms.creator")
"""Library meta tags, one for each author, which put the family name first."""

_META = ("author", "article:author", "parsely-author", "byl", "sailthru.author")
_FAMILY_FIRST = re.compile(r"([^\W\d_][\w'’ -]{0,40}),\s?([^\W\d_][\w.'’-]{0,40}(?: [\w.'’-]{1,40}){0,2})")
_AFTER = re.compile(
    r"\s*(?:\(.*|[–—|]\s.*|\s-\s.*|\bfor\b .*|"
    r"\b(?:senior |staff |political |chief )?(?:reporter|correspondent|editor|writer|twitter|facebook)\b.*)",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    r"https?:|www\.|@|^\W*$|[0-9]{4}|^(?:admin(?:istrator)?|guest|unknown|none|null|undefined|anonym(?:ous|us)?|authors?|"
    r"by|von|staff|editor|webmaster|user\d*|test|root|jr\.?|sr\.?|ph\.?d\.?|updated?|published|share|follow)$",
    re.IGNORECASE,
)
_SLUG = re.compile(r"[a-z]+(?:[-_][a-z]+)+\d*|[a-z]+\d+")
_PERSON = re.compile(r"\w\S* +\S*\w|[\u3040-\u9fff\uac00-\ud7a3]{2}")
"""Two words, or a name in Chinese, Japanese or Korean: bylines also have initials and places."""

_MARKED = re.compile(r"author|autor|byline|\bbyl\b|writer|journalist", re.IGNORECASE)
_ABOUT = re.compile(
    r"bio|image|img|photo|picture|avatar|desc|info|box|comment|about|social|share|related|more|date|time|role|job|"
    r"teaser|card|follow|newsletter|icon",
    re.IGNORECASE,
)


def authors(claims: Claims, root: HtmlElement, head: Sequence[str], outlets: Sequence[str]) -> tuple[str, ...]:
    """Return the authors' names from the most reliable source that has any; the shown bylines come last.

    Args:
        head: the lines that the page shows between headline and body.
        outlets: names and domains of the outlet; it counts as an author only where JSON-LD says so and nobody else
            is named.
    """
    outlet_keys = frozenset(key_of(name) for name in outlets)
    jsonld_names = names(_jsonld_names(claims.resolve(claims.article.get("author"))))
    if any(key_of(name) not in outlet_keys for name in jsonld_names):
        return jsonld_names
    catalogue_names = [_given_name_first(name) for name in claims.all_meta(*_CATALOGUE_META)]
    for bylines in (claims.all_meta(*_META), catalogue_names, claims.properties.get("author", ())):
        if claimed_names := names(bylines, outlet_keys):
            return claimed_names
    for line in (*_bylines(root), *filter(_is_byline, head)):
        if shown_names := tuple(name for name in names([line], outlet_keys) if _is_person(name)):
            return shown_names
    return jsonld_names


def _given_name_first(name: str) -> str:
    """Return "Ada Fennimore" for "Fennimore, Ada"; a list of two people is left as it is."""
    match = _FAMILY_FIRST.fullmatch(name)
    if match is None:
        return name
    family_name, given_name = match.groups()
    two_names = " " in family_name and family_name[0].isupper() and " " in given_name and "." not in given_name
    return name if two_names else f"{given_name} {family_name}"


def _is_byline(line: str) -> bool:
    return len(line) <= _LONGEST and bool(BY.match(line)) and not is_sentence(line)


def _is_person(name: str) -> bool:
    """Tell whether a name that the page shows is one, and no part of a sentence ("By Tuesday evening the fire …")."""
    return bool(_PERSON.search(name)) and not name[0].islower() and not plain_words(name)


def names(bylines: Sequence[str], outlets: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Return the distinct names in some bylines."""
    by_key: dict[str, str] = {}
    for line in bylines[:MOST_AUTHORS]:
        for name in split(line) if not _ADDRESS.search(line) else ():
            if key_of(name) not in outlets:
                by_key.setdefault(key_of(name), name)
    return tuple(by_key.values())[:MOST_AUTHORS]


def split(byline: str) -> Iterator[str]:
    """Yield the names in a byline: two for "By Ada Fox and Ben Hill"."""
    line = BY.sub("", normalise_line(byline[:_LONGEST_BYLINE])).strip(" ,;:|-–—·•")
    for part in BETWEEN.split(line):
        name = _AFTER.sub("", BY.sub("", part)).strip(' ,;:|·•"“”')
        if name and len(name) <= _LONGEST and not _NO_NAME.search(name) and not _SLUG.fullmatch(name):
            yield name


def _bylines(root: HtmlElement) -> Iterator[str]:
    """Yield the text of the elements that a page marks as its byline."""
    for element in root.iterfind(".//*[@rel='author']"):
        if not _is_aside(element):
            yield _short_text(element)
    for _, element in zip(range(_MOST_ELEMENTS), root.iterfind(".//*[@class]"), strict=False):
        classes = element.get("class") or ""
        if _MARKED.search(classes) and not _ABOUT.search(classes) and not _is_aside(element):
            yield _short_text(element)


def _is_aside(element: HtmlElement) -> bool:
    return any(
        ancestor.tag in ("aside", "nav", "footer", "li", "form")
        for _, ancestor in zip(range(12), element.iterancestors(), strict=False)
    )


def _short_text(element: HtmlElement) -> str:
    """Return the text of an element, or "" where it is too short or too long for a byline."""
    line = normalise_line(" ".join(piece for _, piece in zip(range(20), element.itertext(), strict=False)))
    return line if 2 < len(line) <= _LONGEST else ""


def _jsonld_names(value: object, depth: int = 0) -> list[str]:
    """Return the names of people and organisations in a JSON-LD value."""
    if isinstance(value, str):
        return values.strings(value)
    if isinstance(value, list) and depth < 3:
        return [name for item in value[:MOST_AUTHORS] for name in _jsonld_names(item, depth + 1)]
    if isinstance(value, dict) and depth < 3:
        candidates = (_jsonld_names(value.get(key), depth + 1) for key in _NAME_KEYS)
        return next(filter(None, candidates), [])
    return []
