"""Articles, their metadata, dates and passages, and records that could not be read."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

EARLIER_VERSIONS = "earlier_versions"
"""The tag with the dates of replaced versions, in the order in which they were replaced."""


def iso_seconds(seconds: int) -> str:
    """Write UTC seconds as `2026-01-05T08:12:44Z`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")  # strftime cuts years before 1000


@dataclass(frozen=True, slots=True)
class Date:
    """A date as a source wrote it, and the instants that it can mean.

    A date without a zone is read as UTC; its `text` has no offset, so that the difference stays visible. Whole days of
    UTC count as the same days in every zone (`bounds.span`).
    """

    text: str  # ISO 8601, only as precise as the source: "2024", "2024-05", "2024-05-03", "2024-05-03T09:15-04:00"
    earliest: int  # first UTC second that it can mean, inclusive
    latest: int  # last UTC second that it can mean, inclusive


@dataclass(frozen=True, slots=True)
class Metadata:
    """Everything known about an article except its text."""

    article_id: str  # 20 lower-case hexadecimal digits, stable for ever (identity.py)
    title: str  # one line; "" if the source has none
    url: str | None = None  # the article's own address, as the source wrote it
    publisher: str | None = None  # the outlet's name
    authors: tuple[str, ...] = ()
    published: Date | None = None
    updated: Date | None = None
    indexed: str | None = None  # UTC instant of the commit, "2026-01-05T08:12:44Z"; None before it is indexed
    sha256: str = ""  # of the text in UTF-8, lower-case hexadecimal
    language: str | None = None  # BCP 47 primary tag, lower case; as the source says, else detected
    section: str | None = None
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # everything else that the source states
    origin: str | None = field(default=None, compare=False)  # its file, within the folder that was named: "a/b.pdf"
    place: str | None = field(default=None, compare=False)  # where in the file: "line 12"; None if it is all of it
    pages: tuple[int, ...] = ()  # of a file with pages: where each begins in the text, in code points, from page 1

    def __hash__(self) -> int:  # tags are a mapping, which has no hash
        return hash((self.article_id, self.sha256))

    @property
    def earlier_versions(self) -> tuple[str, ...]:
        """The dates of the versions that this one has replaced, in order; empty for a first version."""
        return self.tags.get(EARLIER_VERSIONS, ())

    def place_of(self, start: int, end: int) -> str | None:
        """Return where in its file a piece of the text is: "page 3", "line 12"; None if that is not known.

        Args:
            start: code point of the text at which it begins.
            end: exclusive.
        """
        if not self.pages:
            return self.place
        first = max(1, bisect_right(self.pages, start))
        last = max(first, bisect_left(self.pages, end))
        pages = f"page {first}" if first == last else f"pages {first} to {last}"
        return f"{self.place}, {pages}" if self.place else pages

    def to_dict(self) -> dict[str, object]:
        """Return the `article` object of the JSON outputs."""
        return {
            "article_id": self.article_id,
            "title": self.title,
            "url": self.url,
            "publisher": self.publisher,
            "authors": list(self.authors),
            "published": self.published.text if self.published else None,
            "updated": self.updated.text if self.updated else None,
            "indexed": self.indexed,
            "sha256": self.sha256,
            "language": self.language,
            "section": self.section,
            "tags": {key: list(values) for key, values in self.tags.items()},
            "origin": self.origin,
            "place": self.place,
        } | ({"pages": list(self.pages)} if self.pages else {})


@dataclass(frozen=True, slots=True)
class Article:
    """An article's metadata and its normalised text, paragraphs separated by one blank line."""

    metadata: Metadata
    text: str
    origin: str = field(default="", compare=False)  # "dir/file.jsonl:12": where it was read

    def __repr__(self) -> str:
        metadata = self.metadata
        facts = [metadata.publisher, metadata.published.text if metadata.published else None, metadata.article_id]
        return f"<Article {metadata.title!r:.80}, {', '.join(filter(None, facts))}: {self.text!r:.80}>"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A record that a reader could not use. It is a value, not an exception, so that reading goes on."""

    origin: str  # "dir/file.jsonl:12"
    reason: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file, or the rest of one, that could not be read. Articles before that are kept."""

    origin: str
    reason: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of an article: `text` is exactly `article.text[start:end]`, in code points."""

    article_id: str
    ordinal: int  # from 0, in the order of the article
    start: int
    end: int  # exclusive
    text: str

    @property
    def passage_id(self) -> str:
        """`article_id#ordinal`."""
        return f"{self.article_id}#{self.ordinal}"
