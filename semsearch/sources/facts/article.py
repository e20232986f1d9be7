"""What is known of one article -> the article: which one it is, and what its source left for us to say."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from semsearch.identity import article_id, seal
from semsearch.ports import Place
from semsearch.sources.facts import values
from semsearch.text import normalise_line, normalise_text
from semsearch.types import Article, Date, Metadata, Skipped

Tags = Mapping[str, tuple[str, ...]]


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
    identity.

    Args:
        origin: where the record stands, for messages.
        whole_file: the record is a file of its own, so that the file's name is part of its identity.
    """
    title = normalise_line(facts.title)
    text = normalise_text(facts.text)
    if not (text or title):
        return Skipped(origin, "neither headline nor text")
    file = place.namespace if whole_file else ""
    publisher = facts.publisher or facts.domain or place.source
    metadata = Metadata(
        article_id(
            url=facts.url,
            namespace=place.source or publisher or place.namespace,
            source_id=facts.source_id or _id_by_name(facts, title, file),
            title=title,
            date=facts.written,
            text=text or title,
        ),
        title,
        url=facts.url,
        publisher=publisher,
        authors=facts.authors,
        published=facts.published,
        updated=facts.updated,
        language=facts.language,
        section=facts.section,
        tags=_tags(facts, file=file, text_from=facts.text_from if text else "headline"),
    )
    return seal(metadata, text or title, origin)


def _id_by_name(facts: Facts, title: str, file: str) -> str | None:
    """Return what stands for an id where the source gives none: a name that is one article's alone."""
    name = facts.slug or (title if file else "")
    # Many folders have an index.md, and a weekly column has the same slug each week: no part is enough by itself.
    return f"{file} {name} {facts.written}" if name else None


def _tags(facts: Facts, **own: str) -> dict[str, tuple[str, ...]]:
    """Return facts of our own, then the source's."""
    written = "" if facts.published else facts.written[: values.MOST_CHARACTERS]
    said = {"source_id": facts.source_id, "domain": facts.domain and facts.domain.lower(), **own}
    tags: dict[str, tuple[str, ...]] = {name: (fact,) for name, fact in said.items() if fact}
    if written:
        tags["unparsed_date"] = (written,)
    if facts.topics:
        tags["topics"] = facts.topics
    return {**tags, **{name: kept for name, kept in facts.tags.items() if name not in tags}}
