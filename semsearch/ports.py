"""The four seams: Reader, Encoder, Engine (with its Writer), Renderer."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO, Protocol

import numpy as np
import numpy.typing as npt

from semsearch.types import (
    Answer,
    Article,
    EncoderIdentity,
    Filters,
    GroupBy,
    Metadata,
    Passage,
    Recipe,
    Skipped,
    Stats,
)

Vector = npt.NDArray[np.float32]  # (dimensions,), unit length
Matrix = npt.NDArray[np.float32]  # (n, dimensions), rows of unit length


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stream comes from, for messages and for identity."""

    origin: str  # as a user would name it: "news/day.jsonl.gz"; "-" for standard input
    namespace: str  # whose article ids these are where no publisher says; "" where nobody can say
    source: str | None = None  # `--source NAME`: overrides publisher and namespace for identity


Reader = Callable[[BinaryIO, Place], Iterator[Article | Skipped]]
"""Turn one uncompressed stream into articles, one at a time.

A record that cannot be used is a `Skipped`; a stream that cannot be read at all raises `SourceError`.
"""

Renderer = Callable[[Answer], Iterator[str]]
"""Turn an answer into pieces of output, each ending with its own newline where it has one."""


class Encoder(Protocol):
    """Turns text into vectors. Equal identity, equal vectors: to 1e-5 in float32, else to a cosine of 0.999."""

    @property
    def identity(self) -> EncoderIdentity:
        """What an index remembers of it."""

    @property
    def max_tokens(self) -> int:
        """Tokens that one text may have, special ones and prefix included; the rest would be cut off."""

    @property
    def languages(self) -> frozenset[str] | None:
        """BCP 47 primary tags that it was trained to read; None where nobody says."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count each text's tokens, special ones and passage prefix excluded, nothing cut off."""

    @property
    def overhead_tokens(self) -> int:
        """Tokens that encoding a passage adds to its own: special ones and the passage prefix."""

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        """Return (len(texts), dimensions), rows of unit length, in order; (0, dimensions) for none."""

    def encode_queries(self, texts: Sequence[str]) -> Matrix:
        """Return (len(texts), dimensions), rows of unit length, in order."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One article with what is kept beside it."""

    article: Article
    passages: Sequence[Passage]  # at least one
    vectors: Matrix  # one row a passage
    truncated: int  # passages that the encoder could not read to their end
    keys: Sequence[bytes]  # one a passage: a digest of what the encoder read, 16 bytes; empty or all zero: unknown


@dataclass(frozen=True, slots=True)
class Scored:
    """A passage's place and its exact score; its text is not read yet."""

    article_id: str
    ordinal: int
    start: int
    end: int
    score: float  # cosine, in [-1, 1]


@dataclass(frozen=True, slots=True)
class Found:
    """What an engine answers."""

    passages: Sequence[Scored]  # by score downward, then article id, then ordinal
    total: int  # articles that the filters allow


class Writer(Protocol):
    """One transaction: nothing is visible until `commit`, or until its `with` block ends well."""

    def fingerprint(self, article_id: str) -> bytes | None:
        """Return the digest of the article as this transaction would leave it, or None if there is none."""

    def add(self, entry: Entry) -> None:
        """Add an article, in the place of one with the same id."""

    def vectors_of(self, keys: Sequence[bytes]) -> dict[bytes, Vector]:
        """Return vectors that are stored already for the same embedding text, by key.

        Keys that nobody stored are left out, and unknown ones. What this transaction added counts, and what was deleted
        counts for as long as it is still stored: its vectors are right all the same.
        """

    def delete(self, article_id: str) -> bool:
        """Delete an article; False if there is none."""

    def commit(self) -> None:
        """Make everything so far permanent, and visible unless this is an unfinished build; the transaction goes on."""

    def compact(self) -> None:
        """Commit, and store what is there in as few pieces as its size allows, without encoding anything again."""


class Engine(Protocol):
    """Keeps articles, passages and vectors; readers see one committed generation."""

    @property
    def recipe(self) -> Recipe:
        """How the index was made."""

    def writer(self) -> AbstractContextManager[Writer]:
        """Open the one transaction; raises `IndexLockedError` where another process writes."""

    def finish(self) -> None:
        """Make an unfinished build the index, in the place of any there was; does nothing to a finished one."""

    def abandon(self) -> None:
        """Forget an unfinished build."""

    def nearest(self, vector: Vector, filters: Filters, limit: int, group_by: GroupBy) -> Found:
        """Rank the allowed passages by cosine similarity to a unit vector, exactly.

        Args:
            limit: how many articles, or passages, are wanted; at least 1.
            group_by: with ARTICLE every passage of each of the best `limit` articles is returned,
                an article ranking by its best passage.
        """

    def get(self, article_id: str) -> Article | None:
        """Return one article with its text."""

    def find(self, prefix: str) -> list[str]:
        """Return up to two ids that begin with a prefix of at least six digits."""

    def articles(self, filters: Filters) -> Iterator[Metadata]:
        """Yield the allowed articles: newest first, undated last, then by id."""

    def stats(self) -> Stats:
        """Count what is there."""

    def close(self) -> None:
        """Let go of files."""
