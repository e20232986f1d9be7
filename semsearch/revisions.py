"""Versions of one article: which of two is stored, and what it takes over from the other."""

from dataclasses import replace

from semsearch.dates import read_time
from semsearch.identity import fingerprint
from semsearch.types import Article, Date, Metadata
from semsearch.types.articles import EARLIER_VERSIONS

UPDATED_FROM = "updated_from"
"""The tag that says that `updated` is this version's own date of publication, since an earlier version was first."""

PUBLISHED_FROM = "published_from"
"""The tag that says that `published` is an earlier version's date, since this version has none."""

_TEXT_FROM = "text_from"
_PARTS = ("headline", "summary")
"""Values of that tag for an article without its whole text, the least first."""

_FILE = "file"
"""The tag with the name of the file that an article is in."""

_MOST_VERSIONS = 20
_OWN_PUBLICATION = ("published",)
_ANOTHER_VERSION = ("earlier_version",)


def is_less(incoming: Metadata, stored: Metadata) -> bool:
    """Tell whether a version has less of an article than the stored one: a summary instead of the text."""
    return _completeness(incoming) < _completeness(stored)


def is_part(version: Metadata) -> bool:
    """Tell whether a version has only a summary or a headline."""
    return _completeness(version) < len(_PARTS)


def _completeness(version: Metadata) -> int:
    source = next(iter(version.tags.get(_TEXT_FROM, ())), "")
    return _PARTS.index(source) if source in _PARTS else len(_PARTS)


def is_copy(incoming: Article, stored: Article) -> bool:
    """Tell whether two articles with the same id differ in nothing but the files that they are in."""
    return fingerprint(_without_file(incoming)) == fingerprint(_without_file(stored))


def _without_file(article: Article) -> Article:
    tags = {name: values for name, values in article.metadata.tags.items() if name != _FILE}
    return replace(article, metadata=replace(article.metadata, tags=tags))


def is_older(incoming: Metadata, stored: Metadata) -> bool:
    """Tell whether a version is certainly older than the stored one, by a date that both have.

    That is the date of their update or, if neither has one, of their publication. If only one has it, or the dates may
    be equal, the order is unknown, and the version that is read last is taken for the later one. A version with more of
    the article is never the older one.
    """
    if is_less(stored, incoming):
        return False
    (updated, published), (stored_updated, stored_published) = _stated_dates(incoming), _stated_dates(stored)
    if updated is None and stored_updated is None:
        return _is_before(published, stored_published)
    return _is_before(updated, stored_updated)


def merge_versions(incoming: Article, stored: Article) -> Article:
    """Return the article to be stored, given a new version and the stored one.

    That is the one with more of the article, whatever the dates: a summary is not a version of the text.
    """
    if _completeness(incoming.metadata) != _completeness(stored.metadata):
        return stored if is_less(incoming.metadata, stored.metadata) else incoming
    if not is_older(incoming.metadata, stored.metadata):
        return _with_history(incoming, stored.metadata)
    if incoming.metadata.sha256 == stored.metadata.sha256:
        return stored
    return _with_history(stored, incoming.metadata)


def _with_history(article: Article, other_version: Metadata) -> Article:
    """Return an article with what it takes over from another version.

    If the texts differ, it gets the date of the first publication, its own later date becomes its update unless it
    names one, and the date of the other version is remembered. If the texts are the same, it gets what was taken over
    before, so that reading a version twice changes nothing.
    """
    metadata = article.metadata
    new_text = metadata.sha256 != other_version.sha256
    dates = {*other_version.tags.get(EARLIER_VERSIONS, ()), *metadata.tags.get(EARLIER_VERSIONS, ())}
    if not new_text and not dates and not other_version.tags.keys() & {UPDATED_FROM, PUBLISHED_FROM}:
        return article
    if new_text and (date := _date_of(other_version)):
        dates.add(date)
    version = _first_published(metadata, other_version)
    versions = sorted((date for date in dates if not _is_later(date, version)), key=_order)[-_MOST_VERSIONS:]
    tags = {name: values for name, values in version.tags.items() if name != EARLIER_VERSIONS}
    if versions:
        tags[EARLIER_VERSIONS] = tuple(versions)
    return replace(article, metadata=replace(version, tags=tags))


def _first_published(metadata: Metadata, other_version: Metadata) -> Metadata:
    """Return metadata with another version's date of publication, if that is certainly earlier.

    A date that is later than the version itself is not that of its first publication.
    """
    first_date = other_version.published
    if first_date is None or (metadata.published and not _is_before(first_date, metadata.published)):
        return metadata
    if _is_before(_own_date(metadata), first_date):
        return metadata
    if metadata.published is None:
        return replace(metadata, published=first_date, tags={**metadata.tags, PUBLISHED_FROM: _ANOTHER_VERSION})
    if metadata.updated:
        return replace(metadata, published=first_date)
    tags = {**metadata.tags, UPDATED_FROM: _OWN_PUBLICATION}
    return replace(metadata, published=first_date, updated=metadata.published, tags=tags)


def _stated_dates(version: Metadata) -> tuple[Date | None, Date | None]:
    """Return the dates of update and publication that a version itself states."""
    if version.tags.get(UPDATED_FROM) == _OWN_PUBLICATION:
        return None, version.updated
    if version.tags.get(PUBLISHED_FROM) == _ANOTHER_VERSION:
        return version.updated, None
    return version.updated, version.published


def _date_of(version: Metadata) -> str | None:
    """Return the latest date that a version itself states, else when it was indexed."""
    date = _own_date(version)
    return date.text if date else version.indexed


def _own_date(version: Metadata) -> Date | None:
    """Return the latest date that a version itself states."""
    updated, published = _stated_dates(version)
    return updated or published


def _is_before(left: Date | None, right: Date | None) -> bool:
    return left is not None and right is not None and left.latest < right.earliest


def _is_later(date: str, version: Metadata) -> bool:
    """Tell whether a date is certainly later than the one that a version itself states."""
    own_date, written = _own_date(version), read_time(date)
    return own_date is not None and written is not None and written.interval()[0] > own_date.latest


def _order(date: str) -> tuple[int, str]:
    written = read_time(date)
    return (written.interval()[0] if written else 0, date)
