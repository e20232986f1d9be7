"""The same article with another text: what its new version takes over from the one that it replaces."""

from dataclasses import replace

from semsearch.types import Article, Metadata
from semsearch.types.articles import EARLIER_VERSIONS

_MOST_VERSIONS = 20


def continued(article: Article, earlier: Metadata) -> Article:
    """Return an article as it is to be stored in the place of an earlier version.

    The version that was read last is the article, whatever its dates say. Where its text is new it keeps the date of
    the first publication; a later date that it was published with becomes its update where it names none; and it
    remembers the date of the version that it replaces. Where the text is the same, what was taken over before is taken
    over again, so that reading a version twice changes nothing.
    """
    new_text = article.metadata.sha256 != earlier.sha256
    before = earlier.tags.get(EARLIER_VERSIONS, ())
    if not new_text and not before:
        return article
    said = article.metadata
    versions = before or said.tags.get(EARLIER_VERSIONS, ())
    if new_text and (date := _date_of(earlier)):
        versions = tuple(dict.fromkeys((*versions, date)))[-_MOST_VERSIONS:]
    tags = {**said.tags, EARLIER_VERSIONS: versions} if versions else said.tags
    return replace(article, metadata=replace(_first_published(said, earlier), tags=tags))


def _first_published(said: Metadata, earlier: Metadata) -> Metadata:
    """Return metadata with the earlier date of publication, as long as that is surely earlier."""
    first = earlier.published
    if first is None or (said.published and first.latest >= said.published.earliest):
        return said
    return replace(said, published=first, updated=said.updated or said.published)


def _date_of(version: Metadata) -> str | None:
    """Return the latest date that a version has of its own, else when it was indexed."""
    if version.updated:
        return version.updated.text
    own = version.published and version.published.text not in version.tags.get(EARLIER_VERSIONS, ())
    return version.published.text if version.published and own else version.indexed
