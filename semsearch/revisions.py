"""Versions of one article: which of two stays, and what it takes over from the other."""

from dataclasses import replace

from semsearch.dates import read_time
from semsearch.types import Article, Date, Metadata
from semsearch.types.articles import EARLIER_VERSIONS

UPDATED_FROM = "updated_from"
"""The tag that says that `updated` is when this version says that it was published: an earlier one came out before."""

PUBLISHED_FROM = "published_from"
"""The tag that says that `published` is an earlier version's: this one says nothing of it."""

_TEXT_FROM = "text_from"
_PARTS = ("headline", "summary")
"""Values of that tag of an article that is not there whole, the least first."""

_MOST_VERSIONS = 20
_OWN_PUBLICATION = ("published",)
_ANOTHER_VERSION = ("earlier_version",)


def is_less(coming: Metadata, kept: Metadata) -> bool:
    """Whether a version has less of an article than the one that is kept: a summary where the text is there."""
    return _wholeness(coming) < _wholeness(kept)


def is_part(version: Metadata) -> bool:
    """Whether a version has no more than a summary or a headline."""
    return _wholeness(version) < len(_PARTS)


def _wholeness(version: Metadata) -> int:
    source = next(iter(version.tags.get(_TEXT_FROM, ())), "")
    return _PARTS.index(source) if source in _PARTS else len(_PARTS)


def is_older(coming: Metadata, kept: Metadata) -> bool:
    """Whether a version is surely older than the one that is kept, by what both say of the same.

    Compared is when they were updated; where neither says that, when they were published. Where only one says it, and
    where one date may be the other, it is not known: what is read last is then taken for the later one. What has more
    of the article is never the older one.
    """
    if is_less(kept, coming):
        return False
    (updated, published), (kept_updated, kept_published) = _stated(coming), _stated(kept)
    if updated is None and kept_updated is None:
        return _is_before(published, kept_published)
    return _is_before(updated, kept_updated)


def joined(coming: Article, kept: Article) -> Article:
    """Return the article as it is to be stored, of a version that comes and the one that is kept.

    That is the one that has more of it, whatever their dates are: a summary is no version of its text.
    """
    if _wholeness(coming.metadata) != _wholeness(kept.metadata):
        return kept if is_less(coming.metadata, kept.metadata) else coming
    if not is_older(coming.metadata, kept.metadata):
        return _continued(coming, kept.metadata)
    if coming.metadata.sha256 == kept.metadata.sha256:
        return kept
    return _continued(kept, coming.metadata)


def _continued(article: Article, other: Metadata) -> Article:
    """Return an article with what it takes over from another version.

    Where the texts differ it keeps the date of the first publication; a later date that it was published with becomes
    its update where it names none; and it remembers the date of the other version. Where the text is the same, what was
    taken over before is taken over again, so that reading a version twice changes nothing.
    """
    said = article.metadata
    new_text = said.sha256 != other.sha256
    before = {*other.tags.get(EARLIER_VERSIONS, ()), *said.tags.get(EARLIER_VERSIONS, ())}
    if not new_text and not before and not other.tags.keys() & {UPDATED_FROM, PUBLISHED_FROM}:
        return article
    if new_text and (date := _date_of(other)):
        before.add(date)
    version = _first_published(said, other)
    versions = sorted((one for one in before if not _is_later(one, version)), key=_order)[-_MOST_VERSIONS:]
    tags = {name: values for name, values in version.tags.items() if name != EARLIER_VERSIONS}
    if versions:
        tags[EARLIER_VERSIONS] = tuple(versions)
    return replace(article, metadata=replace(version, tags=tags))


def _first_published(said: Metadata, other: Metadata) -> Metadata:
    """Return metadata with the earlier date of publication, as long as that is surely earlier.

    One that is later than the version itself is no date of its first publication.
    """
    first = other.published
    if first is None or (said.published and not _is_before(first, said.published)):
        return said
    if _is_before(_own(said), first):
        return said
    if said.published is None:
        return replace(said, published=first, tags={**said.tags, PUBLISHED_FROM: _ANOTHER_VERSION})
    if said.updated:
        return replace(said, published=first)
    return replace(said, published=first, updated=said.published, tags={**said.tags, UPDATED_FROM: _OWN_PUBLICATION})


def _stated(version: Metadata) -> tuple[Date | None, Date | None]:
    """Return when a version itself says that it was updated, and published."""
    if version.tags.get(UPDATED_FROM) == _OWN_PUBLICATION:
        return None, version.updated
    if version.tags.get(PUBLISHED_FROM) == _ANOTHER_VERSION:
        return version.updated, None
    return version.updated, version.published


def _date_of(version: Metadata) -> str | None:
    """Return the latest date that a version has of its own, else when it was indexed."""
    date = _own(version)
    return date.text if date else version.indexed


def _own(version: Metadata) -> Date | None:
    """Return the latest date that a version states of itself."""
    updated, published = _stated(version)
    return updated or published


def _is_before(one: Date | None, other: Date | None) -> bool:
    return one is not None and other is not None and one.latest < other.earliest


def _is_later(date: str, version: Metadata) -> bool:
    """Whether a date is surely later than what a version says of itself."""
    own, written = _own(version), read_time(date)
    return own is not None and written is not None and written.interval()[0] > own.latest


def _order(date: str) -> tuple[int, str]:
    written = read_time(date)
    return (written.interval()[0] if written else 0, date)
