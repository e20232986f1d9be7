"""Who wrote a page's article: names, freed from what stands around them."""

import re
from collections.abc import Iterator, Sequence

from lxml.html import HtmlElement

from semsearch.sources.facts import values
from semsearch.sources.web.said import Said
from semsearch.text import normalise_line

MOST_AUTHORS = 30
_LONGEST = 100
"""Characters. What is longer is a sentence about somebody."""

_LONGEST_BYLINE = 500
"""Characters. What is longer is no byline."""

_MOST_ELEMENTS = 20_000
_ADDRESS = re.compile(r"https?:|www\.|\S@\S")
_NAME_KEYS = ("name", "byline", "alternateName", "givenName")
_TURNED = ("citation_author", "dc.creator", "dcterms.creator")
"""Meta tags of libraries, one for each author, which write the name of the family first."""

_META = ("author", "article:author", "parsely-author", "byl", "sailthru.author")
_FAMILY_FIRST = re.compile(r"([^\W\d_][\w'’ -]{0,40}),\s?([^\W\d_][\w.'’-]{0,40}(?: [\w.'’-]{1,40}){0,2})")
_BY = re.compile(
    r"^(?:(?:written |reported |story |words |text |analysis |opinion |review |ein gastbeitrag |ein kommentar )?"
    r"(?:by|(?:von|par|por|di|door)(?=:|\s+\S+\s+\S))(?::\s*|\s+)|(?:quelle|source|text|texte|texto|autore?|author|auteur):\s*|"
    r"(?:文|記者|记者|作者|编辑|責任編輯|责任编辑|本报记者)[:：/]\s*)(?=\S)",
    re.IGNORECASE,
)
"""Of those that may begin a name, two words must follow: "Von Miller", "Di Zhang"."""

_BETWEEN = re.compile(
    r"\s*[;|/·•、]\s*|,?\s+(?:and|und|with|mit|&)\s+(?=\w)|(?<=\S)\s+(?:et|y|e)\s+(?=\w\S*\s+(?!et\s|y\s|e\s)\w)|,\s*(?=[^\W\d_])",
    re.IGNORECASE,
)
"""Those that may stand within a name part two names only where the second one has two words: "Ortega y Gasset"."""

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
"""Two words, or a name in Chinese, Japanese or Korean: initials and places stand in bylines, too."""

_MARKED = re.compile(r"author|autor|byline|\bbyl\b|writer|journalist", re.IGNORECASE)
_ABOUT = re.compile(
    r"bio|image|img|photo|picture|avatar|desc|info|box|comment|about|social|share|related|more|date|time|role|job|"
    r"teaser|card|follow|newsletter|icon",
    re.IGNORECASE,
)


def authors(said: Said, root: HtmlElement, head: Sequence[str], outlets: Sequence[str]) -> tuple[str, ...]:
    """Return the authors' names, from the surest source that has any; what the page shows is the last.

    Args:
        head: the lines that the page shows between headline and body.
        outlets: names and domains of the outlet, which is the author only where the page's JSON-LD says so and nobody
            else is.
    """
    own = frozenset(_key(name) for name in outlets)
    linked = names(_linked(said.resolved(said.article.get("author"))))
    if any(_key(name) not in own for name in linked):
        return linked
    catalogued = [_given_first(name) for name in said.all(*_TURNED)]
    for raw in (said.all(*_META), catalogued, said.properties.get("author", ())):
        if found := names(raw, own):
            return found
    for line in (*_bylines(root), *(line for line in head if len(line) <= _LONGEST and _BY.match(line))):
        if shown := tuple(name for name in names([line], own) if _is_person(name)):
            return shown
    return linked


def _given_first(name: str) -> str:
    """Return "Ada Fennimore" for "Fennimore, Ada"; two names are left as they are."""
    found = _FAMILY_FIRST.fullmatch(name)
    if found is None:
        return name
    family, given = found.groups()
    two = " " in family and family[0].isupper() and " " in given and "." not in given
    return name if two else f"{given} {family}"


def _is_person(name: str) -> bool:
    return bool(_PERSON.search(name)) and not name[0].islower()


def names(raw: Sequence[str], outlets: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Return the distinct names that some bylines have."""
    found: dict[str, str] = {}
    for line in raw[:MOST_AUTHORS]:
        for name in split(line) if not _ADDRESS.search(line) else ():
            if _key(name) not in outlets:
                found.setdefault(_key(name), name)
    return tuple(found.values())[:MOST_AUTHORS]


def split(byline: str) -> Iterator[str]:
    """Yield the names of one byline: "By Ada Fox and Ben Hill" has two."""
    line = _BY.sub("", normalise_line(byline[:_LONGEST_BYLINE])).strip(" ,;:|-–—·•")
    for part in _BETWEEN.split(line):
        name = _AFTER.sub("", _BY.sub("", part)).strip(' ,;:|·•"“”')
        if name and len(name) <= _LONGEST and not _NO_NAME.search(name) and not _SLUG.fullmatch(name):
            yield name


def _bylines(root: HtmlElement) -> Iterator[str]:
    """Yield what a page shows and marks as its byline."""
    for element in root.iterfind(".//*[@rel='author']"):
        if not _aside(element):
            yield _shown(element)
    for _, element in zip(range(_MOST_ELEMENTS), root.iterfind(".//*[@class]"), strict=False):
        marks = element.get("class") or ""
        if _MARKED.search(marks) and not _ABOUT.search(marks) and not _aside(element):
            yield _shown(element)


def _aside(element: HtmlElement) -> bool:
    return any(
        above.tag in ("aside", "nav", "footer", "li", "form")
        for _, above in zip(range(12), element.iterancestors(), strict=False)
    )


def _shown(element: HtmlElement) -> str:
    """Return the text of an element that is short enough to be a byline, else ""."""
    line = normalise_line(" ".join(piece for _, piece in zip(range(20), element.itertext(), strict=False)))
    return line if 2 < len(line) <= _LONGEST else ""


def _key(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())


def _linked(value: object, depth: int = 0) -> list[str]:
    """Return the names that JSON-LD has for persons and organisations."""
    if isinstance(value, str):
        return values.strings(value)
    if isinstance(value, list) and depth < 3:
        return [name for one in value[:MOST_AUTHORS] for name in _linked(one, depth + 1)]
    if isinstance(value, dict) and depth < 3:
        return next((found for key in _NAME_KEYS if (found := _linked(value.get(key), depth + 1))), [])
    return []
