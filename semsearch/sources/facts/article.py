"""Makes an article of the facts about it: gives it an id, and adds what its source does not say."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from semsearch.addresses import host
from semsearch.dates import is_credible
from semsearch.files import now_seconds
from semsearch.identity import article_id, seal
from semsearch.language import contradicts, detect_language
from semsearch.ports import Place
from semsearch.sources.facts import values
from semsearch.sources.facts.standing import is_failure, is_placeholder, is_removed
from semsearch.sources.facts.titles import without_outlet
from semsearch.storable import why_not
from semsearch.text import normalise_line, normalise_text
from semsearch.types import Article, Date, Metadata, Skipped

Tags = Mapping[str, tuple[str, ...]]

_DAY_SECONDS = 86_400
_MARKS = {":": "line", "#": "record"}
_NUMBERED = re.compile(r"([:#])([^:#]+)")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a source says about one article, in the types of an article; empty where it says nothing."""

    title: str = ""
    text: str = ""  # paragraphs separated by a blank line; normalised here, so that no format has to
    text_from: str = ""  # "summary" if that is all there is
    url: str | None = None  # the article's own address, as the source wrote it
    source_id: str | None = None  # the source's own id
    slug: str | None = None  # names the article within its source if there is no id
    publisher: str | None = None  # the outlet's name
    domain: str | None = None  # the outlet's, without "www."
    authors: tuple[str, ...] = ()
    published: Date | None = None
    written: str = ""  # the date as the source wrote it, read or not
    updated: Date | None = None
    language: str | None = None  # BCP 47 primary tag
    section: str | None = None
    topics: tuple[str, ...] = ()
    tags: Tags = field(default_factory=dict)  # anything else; our own tags replace those of the same name


def article(facts: Facts, place: Place, origin: str, *, whole_file: bool = False) -> Article | Skipped:
    """Make an article of the facts.

    A publisher that the source names is kept; `place.source` is the publisher if it names none, and comes first for
    the id. The outlet's name is cut from the title, an impossible date is dropped, and a language that is not given is
    detected.

    Args:
        origin: where the record stands, for messages.
        whole_file: the record is a file of its own, so that the file's name is part of its id.
    """
    publisher = facts.publisher or facts.domain or place.source
    title = without_outlet(normalise_line(facts.title), (publisher, facts.domain, host(facts.url)))
    text = normalise_text(facts.text)
    if not (text or title):
        return Skipped(origin, "neither headline nor text")
    if is_removed(title) and (not text or is_removed(text)):
        return Skipped(origin, "removed by its source")
    if is_removed(text) or is_placeholder(text) or is_failure(text):
        text = ""
        if not title:
            return Skipped(origin, "a placeholder in the place of its text")
    file = place.namespace if whole_file else ""
    published, updated = _dates(facts, place)
    language = _language(facts.language, f"{title}\n\n{text}")
    own_tags = {
        "unparsed_date": _unread_dates(facts, published, updated),
        "file": (file,) if file else (),
        "text_from": (facts.text_from if text else "headline",),
        "language_from": ("text",) if language != facts.language else (),
        "declared_language": (facts.language or "",) if language != facts.language else (),
    }
    metadata = Metadata(
        _id(facts, place.source or publisher or place.namespace, file, title, text or title),
        title,
        url=facts.url,
        publisher=publisher,
        authors=facts.authors,
        published=published,
        updated=updated,
        language=language,
        section=facts.section,
        tags=_tags(facts, own_tags),
        origin=normalise_line(place.file or place.origin) or None,
        place=_place_within(place, origin),
    )
    sealed = seal(metadata, text or title, origin)
    reason = why_not(sealed)
    return Skipped(origin, reason) if reason else sealed


def _place_within(place: Place, origin: str) -> str | None:
    """Return the place of a record in its file: "line 12" for ":12", "record 3" for "#3", or what follows a comma."""
    suffix = origin.removeprefix(place.origin)
    numbered = (f"{_MARKS[mark]} {number}" for mark, number in _NUMBERED.findall(suffix))
    parts = [place.within, suffix.removeprefix(", ")] if suffix.startswith(", ") else [place.within, *numbered]
    return normalise_line(", ".join(part for part in parts if part)) or None


def _id(facts: Facts, namespace: str, file: str, title: str, text: str) -> str:
    """Return the id of the article; if the source gives none, it is made of file, slug or title, and date."""
    name = facts.slug or (title if file else "")
    # Many folders have an index.md, and a weekly column has the same slug each week: none of them is enough by itself.
    source_id = facts.source_id or (f"{file} {name} {facts.written}" if name else None)
    return article_id(
        url=facts.url, namespace=namespace, source_id=source_id, title=title, date=facts.written, text=text
    )


def _dates(facts: Facts, place: Place) -> tuple[Date | None, Date | None]:
    """Return the dates of publication and update, as far as they are possible.

    Nothing is updated before it is published. If a source says so, the date of publication is kept: most sources take
    care of it, while the update may be that of a draft or a template. Less than a day may be due to a missing zone.
    """
    now = now_seconds()
    published, updated = (
        date if date and is_credible(date, now, place.fetched) else None for date in (facts.published, facts.updated)
    )
    if published and updated and updated.latest < published.earliest - _DAY_SECONDS:
        updated = None
    return published, updated


def _unread_dates(facts: Facts, published: Date | None, updated: Date | None) -> tuple[str, ...]:
    """Return the dates that the source wrote and that are not used."""
    date_text = facts.written or (facts.published.text if facts.published else "")
    unread = ("" if published else date_text, facts.updated.text if facts.updated and not updated else "")
    return tuple(text[: values.MOST_CHARACTERS] for text in unread if text)


def _language(declared: str | None, content: str) -> str | None:
    """Return the language that the source declares, or that of the text if none is declared or the letters differ.

    A portal marks every page with its own language, whatever the article is in. Between languages with the same
    letters the source knows better; a text that cannot be in the declared language has its own detected, if possible.
    """
    if declared and not contradicts(content, declared):
        return declared
    return detect_language(content) or declared


def _tags(facts: Facts, own_tags: Tags) -> dict[str, tuple[str, ...]]:
    """Return our own tags, then the source's."""
    facts_as_tags = {
        "source_id": (facts.source_id or "",),
        "domain": ((facts.domain or "").lower(),),
        "topics": facts.topics,
        **own_tags,
    }
    tags = {name: tuple(filter(None, texts)) for name, texts in facts_as_tags.items() if any(texts)}
    return {**tags, **{name: texts for name, texts in facts.tags.items() if name not in tags}}
