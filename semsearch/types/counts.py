"""Numbers: what a build or an addition did, and what an index holds."""

from collections.abc import Mapping
from dataclasses import dataclass

from semsearch.types.recipes import Origin, Recipe


@dataclass(frozen=True, slots=True)
class Summary:
    """What a build or an addition did."""

    added: int = 0
    replaced: int = 0
    unchanged: int = 0
    passages: int = 0  # newly encoded
    reused: int = 0  # passages whose text had been encoded before, in this run or an earlier one
    skipped: int = 0  # records that could not be used
    unreadable: int = 0  # files, or rests of files
    undated: int = 0  # of the articles added or replaced
    headline_only: int = 0  # of the articles added or replaced
    unparsed_dates: int = 0  # kept as tags
    unsupported_languages: tuple[tuple[str, int], ...] = ()  # likewise: languages unknown to the encoder
    moved: int = 0  # unchanged articles that were read from another file than before
    older: int = 0  # versions that are older than the one in the index

    @property
    def articles(self) -> int:
        """Number of articles that were read, whether they changed the index or not."""
        return self.added + self.replaced + self.unchanged + self.moved + self.older


@dataclass(frozen=True, slots=True)
class Approximation:
    """How a very large index is searched approximately, and how well that works."""

    passages: int  # in the index when it was measured
    proposed: int  # rows that vectors and words each propose
    queries: int  # made from headlines of its articles
    recall: float | None  # share of the ten best articles of exact answers that were found; None without headlines
    segments: int = 0  # that the index had when it was measured; 0: unknown


@dataclass(frozen=True, slots=True)
class Stats:
    """What an index holds."""

    articles: int
    passages: int
    truncated: int  # passages that were too long for the encoder; 0 by construction
    undated: int  # articles
    first: str | None  # earliest publication date as written
    last: str | None
    publishers: int  # distinct names
    languages: Mapping[str, int]  # articles by language; "" if the source does not say
    size_bytes: int  # of the files that the manifest names
    generation: int
    segments: int
    deleted: int  # articles hidden but still on disk
    recipe: Recipe
    origin: Origin | None = None  # the artifact that it was installed from
    last_added: str | None = None  # when the newest article was added or replaced: "2026-01-05T08:12:44Z"
    approximation: Approximation | None = None  # None if every passage is scored
