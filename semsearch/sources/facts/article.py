"""What is known of one article -> the article: which one it is, and what its source left for us to say."""

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
_MARKED = re.compile(r"([:#])([^:#]+)")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a source says of one article, each in the article's own shape; empty where it says nothing."""

    title: str = ""
    text: str = ""  # paragraphs a blank line apart; normalised here, so that no format need
    text_from: str = ""  # "summary" where that is all there is
    url: str | None = None  # the article's own address, as the source wrote it
    source_id: str | None = None  # the source's own id
    slug: str | None = None  # names the article within its source where there is no id
    publisher: str | None = None  # the outlet's name
    domain: str | None = None  # the outlet's, without "www."
    authors: tuple[str, ...] = ()
    published: Date | None = None
    written: str = ""  # the date as the source wrote it, read or not
    updated: Date | None = None
    language: str | None = None  # BCP 47 primary tag
    section: str | None = None
    topics: tuple[str, ...] = ()
    tags: Tags = field(default_factory=dict)  # whatever else; facts of our own come before those of the same name


def article(facts: Facts, place: Place, origin: str, *, whole_file: bool = False) -> Article | Skipped:
    """Make an article of what is known.

    A publisher that the source names stands; `place.source` is the publisher where it names none, and comes first for
    identity. The title loses the outlet's name, a date that cannot be is none, and a language that nobody names is
    detected.

    Args:
        origin: where the record stands, for messages.
        whole_file: the record is a file of its own, so that the file's name is part of its identity.
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
    own = {
        "unparsed_date": _doubted(facts, published, updated),
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
        tags=_tags(facts, own),
        origin=normalise_line(place.file or place.origin) or None,
        place=_place_within(place, origin),
    )
    found = seal(metadata, text or title, origin)
    reason = why_not(found)
    return Skipped(origin, reason) if reason else found


def _place_within(place: Place, origin: str) -> str | None:
    """Return where in its file a record stands: "line 12" for ":12", "record 3" for "#3", or what follows a comma."""
    rest = origin.removeprefix(place.origin)
    marked = (f"{_MARKS[mark]} {number}" for mark, number in _MARKED.findall(rest))
    parts = [place.within, rest.removeprefix(", ")] if rest.startswith(", ") else [place.within, *marked]
    return normalise_line(", ".join(part for part in parts if part)) or None


def _id(facts: Facts, namespace: str, file: str, title: str, text: str) -> str:
    """Return which article it is; where the source gives no id, a name serves that is one article's alone."""
    name = facts.slug or (title if file else "")
    # Many folders have an index.md, and a weekly column has the same slug each week: no part is enough by itself.
    source_id = facts.source_id or (f"{file} {name} {facts.written}" if name else None)
    return article_id(
        url=facts.url, namespace=namespace, source_id=source_id, title=title, date=facts.written, text=text
    )


def _dates(facts: Facts, place: Place) -> tuple[Date | None, Date | None]:
    """Return publication and update as far as they can be.

    Nothing is updated before it is published. Where a source says so, the publication stands: it is what most sources
    take care of, while an update may be the age of a draft or of a template. Less than a day may be a zone that nobody
    wrote.
    """
    now = now_seconds()
    published, updated = (
        date if date and is_credible(date, now, place.fetched) else None for date in (facts.published, facts.updated)
    )
    if published and updated and updated.latest < published.earliest - _DAY_SECONDS:
        updated = None
    return published, updated


def _doubted(facts: Facts, published: Date | None, updated: Date | None) -> tuple[str, ...]:
    """Return the dates that the source wrote and that are none."""
    written = facts.written or (facts.published.text if facts.published else "")
    doubted = ("" if published else written, facts.updated.text if facts.updated and not updated else "")
    return tuple(text[: values.MOST_CHARACTERS] for text in doubted if text)


def _language(said: str | None, content: str) -> str | None:
    """Return the language that the source says, unless it says none or the text is in other letters.

    A page of a portal is marked with the portal's language whatever the article is in. Between languages of the same
    letters the source knows better; what no reader could take for that language is detected, if it can be.
    """
    if said and not contradicts(content, said):
        return said
    return detect_language(content) or said


def _tags(facts: Facts, own: Tags) -> dict[str, tuple[str, ...]]:
    """Return facts of our own, then the source's."""
    said = {
        "source_id": (facts.source_id or "",),
        "domain": ((facts.domain or "").lower(),),
        "topics": facts.topics,
        **own,
    }
    tags = {name: kept for name, fact in said.items() if (kept := tuple(value for value in fact if value))}
    return {**tags, **{name: kept for name, kept in facts.tags.items() if name not in tags}}
