"""What a page says its article is called, by whom it was published, where and about what."""

import re
from collections.abc import Sequence

from semsearch.sources.facts import values
from semsearch.sources.web.lines import key_of
from semsearch.sources.web.said import Said

_SEPARATOR = re.compile(r"\s*[|–—·•:»«-]+\s")
_CUT_TITLE = 20
"""Characters. A shorter title that begins another is not that one cut off."""

_SECTIONS = ("article:section", "og:article:section", "parsely-section", "section", "dc.subject.section")
_TOPICS = ("news_keywords", "article:tag", "parsely-tags", "sailthru.tags", "keywords", "dc.subject")
_OUTLETS = ("og:site_name", "application-name", "dc.publisher", "dcterms.publisher", "publisher", "copyright-holder")
_LANGUAGES = ("content-language", "language", "dc.language", "dcterms.language", "og:locale")


def titles(said: Said) -> list[str]:
    """Return what the article is called: for other sites, in JSON-LD, above its text, in the window."""
    outlet = key_of(said.first(*_OUTLETS))
    candidates = (
        said.first("og:title"),
        None if _is_contradicted(values.line(said.article.get("headline")) or "", said) else said.article["headline"],
        said.first("twitter:title", "dc.title", "parsely-title"),
        *said.headings[:1],
        said.article.get("name"),
        *said.properties.get("headline", ())[:1],
        said.title,
    )
    lines = (values.line(one) for one in candidates)
    return list(dict.fromkeys(line for line in lines if line and key_of(line) not in ("", outlet)))


def _is_contradicted(headline: str, said: Said) -> bool:
    """Tell whether JSON-LD has no headline, or one that the page shows nowhere while its heading is in the window."""
    window, key = key_of(said.title), key_of(headline)
    shown = [key_of(heading) for heading in said.headings]
    agreed = any(len(heading) >= _CUT_TITLE // 2 and heading in window for heading in shown)
    return not key or (agreed and not any(key in one or one in key for one in (window, *shown) if one))


def title(candidates: Sequence[str], headings: Sequence[str]) -> str:
    """Return the first title, freed from what follows the same title elsewhere, or whole where it is cut off."""
    if not candidates:
        return ""
    first = candidates[0]
    for other in candidates[1:]:
        if first.startswith(other) and _SEPARATOR.match(first[len(other) :]) and 2 * len(other) > len(first):
            return other
    cut = first.rstrip(" .…")
    return next((one for one in headings if len(cut) >= _CUT_TITLE and one.startswith(cut)), first)


def outlets(said: Said) -> tuple[str | None, list[str]]:
    """Return the outlet's name, and all names under which the page speaks of it."""
    linked = values.strings(said.resolved(said.article.get("publisher") or said.page.get("publisher")))
    named = [*said.all(*_OUTLETS), *linked, *said.properties.get("publisher", ())]
    return next((name for one in named if (name := values.outlet(one))), None), named


def section(said: Said) -> str | None:
    """Return the section that the article stands in."""
    named = [*values.strings(said.article.get("articleSection")), *said.all(*_SECTIONS)]
    named += said.properties.get("articlesection", ())
    return next((one for one in named if len(one) <= values.MOST_CHARACTERS and "://" not in one), None)


def topics(said: Said) -> tuple[str, ...]:
    """Return the topics, from the surest source that has any."""
    tags = said.all(*_TOPICS)
    sources: tuple[object, ...] = (said.article.get("keywords"), tags[0] if len(tags) == 1 else tags)
    return next((tuple(dict.fromkeys(found)) for one in sources if one and (found := values.topics(one))), ())


def language(said: Said) -> str | None:
    """Return the primary tag of the article's language."""
    named = (said.article.get("inLanguage"), said.language, said.all(*_LANGUAGES), said.page.get("inLanguage"))
    return next((tag for one in named if one and (tag := values.language(one))), None)


def descriptions(said: Said) -> list[str]:
    """Return what the page says its article is about."""
    found = (
        said.first("description"),
        said.first("og:description"),
        said.first("twitter:description", "dc.description"),
        values.line(said.article.get("description")),
        values.line(said.article.get("abstract")),
    )
    return list(dict.fromkeys(one for one in found if one))
