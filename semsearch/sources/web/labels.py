"""Reads a page's claims about its article: titles, outlet, section, topics, language and descriptions."""

import re
from collections.abc import Sequence

from semsearch.sources.facts import values
from semsearch.sources.web.claims import Claims
from semsearch.sources.web.lines import key_of

_SEPARATOR = re.compile(r"\s*[|–—·•:»«-]+\s")
_CUT_TITLE = 20
"""Characters; a shorter title that begins another is not a cut-off form of it."""

_SECTIONS = ("article:section", "og:article:section", "parsely-section", "section", "dc.subject.section")
_TOPICS = ("news_keywords", "article:tag", "parsely-tags", "sailthru.tags", "keywords", "dc.subject")
_OUTLETS = ("og:site_name", "application-name", "dc.publisher", "dcterms.publisher", "publisher", "copyright-holder")
_LANGUAGES = ("content-language", "language", "dc.language", "dcterms.language", "og:locale")


def titles(claims: Claims) -> list[str]:
    """Return the article's distinct titles: for other sites, in JSON-LD, above its text, in the window."""
    outlet = key_of(claims.first_meta(*_OUTLETS))
    headline = claims.article.get("headline")
    candidates = (
        claims.first_meta("og:title"),
        None if _is_contradicted(values.line(headline) or "", claims) else headline,
        claims.first_meta("twitter:title", "dc.title", "parsely-title"),
        *claims.headings[:1],
        claims.article.get("name"),
        *claims.properties.get("headline", ())[:1],
        claims.title,
    )
    lines = (values.line(candidate) for candidate in candidates)
    return list(dict.fromkeys(line for line in lines if line and key_of(line) not in ("", outlet)))


def _is_contradicted(headline: str, claims: Claims) -> bool:
    """Tell whether JSON-LD's headline is empty, or shown nowhere although heading and window title agree."""
    window_key, key = key_of(claims.title), key_of(headline)
    heading_keys = [key_of(heading) for heading in claims.headings]
    if not key:
        return True
    agree = any(len(heading) >= _CUT_TITLE // 2 and heading in window_key for heading in heading_keys)
    return agree and not any(key in text or text in key for text in (window_key, *heading_keys) if text)


def title(candidates: Sequence[str], headings: Sequence[str]) -> str:
    """Return the first title: without a suffix that another title lacks, and completed from a heading if cut off."""
    if not candidates:
        return ""
    main_title = candidates[0]
    for shorter in candidates[1:]:
        is_main_part = main_title.startswith(shorter) and 2 * len(shorter) > len(main_title)
        if is_main_part and _SEPARATOR.match(main_title[len(shorter) :]):
            return shorter
    cut = main_title.rstrip(" .…")
    return next((heading for heading in headings if len(cut) >= _CUT_TITLE and heading.startswith(cut)), main_title)


def outlets(claims: Claims) -> tuple[str | None, list[str]]:
    """Return the outlet's name, or None, and all names that the page gives it."""
    jsonld_names = values.strings(claims.resolve(claims.article.get("publisher") or claims.page.get("publisher")))
    names = [*claims.all_meta(*_OUTLETS), *jsonld_names, *claims.properties.get("publisher", ())]
    return next(filter(None, map(values.outlet, names)), None), names


def section(claims: Claims) -> str | None:
    """Return the section of the outlet that the article is in."""
    names = [*values.strings(claims.article.get("articleSection")), *claims.all_meta(*_SECTIONS)]
    names += claims.properties.get("articlesection", ())
    return next((name for name in names if len(name) <= values.MOST_CHARACTERS and "://" not in name), None)


def topics(claims: Claims) -> tuple[str, ...]:
    """Return the topics from the most reliable source that has any."""
    tags = claims.all_meta(*_TOPICS)
    sources: tuple[object, ...] = (claims.article.get("keywords"), tags[0] if len(tags) == 1 else tags)
    topic_lists = (values.topics(source) for source in sources if source)
    return tuple(dict.fromkeys(next(filter(None, topic_lists), [])))


def language(claims: Claims) -> str | None:
    """Return the primary tag of the article's language."""
    meta = claims.all_meta(*_LANGUAGES)
    codes = (claims.article.get("inLanguage"), claims.language, meta, claims.page.get("inLanguage"))
    return next((tag for code in codes if code and (tag := values.language(code))), None)


def descriptions(claims: Claims) -> list[str]:
    """Return the page's distinct summaries of its article."""
    texts = (
        claims.first_meta("description"),
        claims.first_meta("og:description"),
        claims.first_meta("twitter:description", "dc.description"),
        values.line(claims.article.get("description")),
        values.line(claims.article.get("abstract")),
    )
    return list(dict.fromkeys(text for text in texts if text))
