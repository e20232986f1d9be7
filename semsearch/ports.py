"""The interfaces between layers: Reader and Opener, Encoder and Reranker, Engine with its Writer, Renderer."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import KW_ONLY, dataclass, field
from typing import BinaryIO, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from semsearch.calendars import DateOrder
from semsearch.deadlines import Deadline
from semsearch.types import (
    Answer,
    Article,
    CosineScale,
    EncoderIdentity,
    Filters,
    Metadata,
    Passage,
    Recipe,
    Skipped,
    Stats,
    Verification,
)

Vector = npt.NDArray[np.float32]  # (dimensions,), unit length
Matrix = npt.NDArray[np.float32]  # (n, dimensions), rows of unit length


class Budget(Protocol):
    """How much a file may unpack to."""

    def spend(self, count: int, layer: str) -> None:
        """Count unpacked bytes of a layer; raises `SourceError` if they are too many."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stream comes from, for messages and for identity, and what is known about it from outside."""

    origin: str  # for messages, as a user would name it: "news/day.jsonl.gz", "news.zip/a.html"; "-": standard input
    namespace: str  # that article ids belong to unless a publisher is named; "" if it is unknown
    source: str | None = None  # `--source NAME`: overrides publisher and namespace for identity
    names: Mapping[str, str] = field(default_factory=dict)  # `--map NOUN=NAME`: the source's own name -> noun
    date_order: DateOrder | None = None  # `--date-order`: of day and month as numbers; else as the source shows
    address: str | None = None  # that the stream was fetched from
    charset: str | None = None  # as declared by the sender
    fetched: int | None = None  # UTC second of fetching; nothing in the stream was published later
    file: str = ""  # the path within the named folder, stored as `Metadata.origin`; "": the same as origin
    within: str = ""  # where in that file the stream begins: "record 12"
    budget: Budget | None = field(default=None, compare=False, repr=False)  # of the named file
    names_met: set[str] = field(default_factory=set, compare=False, repr=False)  # those of `names` that a record has


Reader = Callable[[BinaryIO, Place], Iterator[Article | Skipped]]
"""Turns one uncompressed stream into articles, one at a time.

A record that cannot be used is a `Skipped`; a stream that cannot be read at all raises `SourceError`.
"""


@dataclass(frozen=True, slots=True)
class Member:
    """One file within another, or one record of a crawl."""

    name: str  # within the containing file; its ending tells the kind
    stream: BinaryIO  # as stored there; valid until the next member is asked for
    place: Place
    media_type: str | None = None  # "text/html", in lower case, if declared


Opener = Callable[[BinaryIO, Place], Iterator[Member | Article | Skipped]]
"""Turns one uncompressed stream into the streams and the articles that it holds, one at a time.

It fails as a reader does.
"""

Renderer = Callable[[Answer], Iterator[str]]
"""Turns an answer into pieces of output, each with its own newline if it needs one."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one word adds to a score; what belongs to no word (special tokens, a prefix, a bias) is at 0, 0."""

    start: int  # code points in the passage's text
    end: int  # exclusive
    value: float  # may be negative; those of a passage add up to its cosine


class Reranker(Protocol):
    """Reads a query and a passage together, and says how well one answers the other."""

    @property
    def name(self) -> str:
        """Its name for people."""

    def scores(self, query: str, passages: Sequence[str]) -> list[float]:
        """Return one number for each passage, in order; higher is better, and only comparable for one query."""


class Encoder(Protocol):
    """Turns text into vectors. Equal identity means equal vectors: to 1e-5 in float32, else to a cosine of 0.999."""

    @property
    def identity(self) -> EncoderIdentity:
        """What an index remembers of the encoder."""

    @property
    def max_tokens(self) -> int:
        """Tokens that one text may have, including special ones and the prefix; more would be cut off."""

    @property
    def languages(self) -> frozenset[str] | None:
        """BCP 47 primary tags of the languages that it was trained to read; None if that is unknown."""

    @property
    def cosines(self) -> CosineScale:
        """What its cosines mean."""

    @property
    def tokens_per_column(self) -> float:
        """The most tokens per column of a text that it can read (legibility.py)."""

    @property
    def passage_tokens(self) -> int:
        """The budget of a passage, unless another is asked for: tokens that hold a passage's worth of text."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count each text's tokens without special ones and the passage prefix, nothing cut off."""

    def count_unread(self, texts: Sequence[str]) -> list[int]:
        """Count each text's characters for which the tokenizer has only the token for anything unknown."""

    @property
    def overhead_tokens(self) -> int:
        """Tokens that encoding a passage adds to its own: special ones and the passage prefix."""

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        """Return (len(texts), dimensions), rows of unit length, in order; (0, dimensions) for none."""

    def encode_queries(self, texts: Sequence[str]) -> Matrix:
        """Return (len(texts), dimensions), rows of unit length, in order; a text of any length is read to its end."""

    def contributions(self, text: str, vector: Vector) -> Sequence[Contribution] | None:
        """Take the cosine of a unit vector and a passage apart into the words that made it.

        Words are in their order and do not overlap; what belongs to no word comes last. They add up to the cosine with
        the vector that `encode_passages` gives the text by itself, to 1e-5 in float32, else to 2e-3; in a batch,
        bfloat16 may give another vector, some 1e-3 away. None if the vector is not a mean over tokens.
        """


@dataclass(frozen=True, slots=True)
class Entry:
    """One article with what is stored beside it."""

    article: Article
    passages: Sequence[Passage]  # at least one
    vectors: Matrix  # one row for each passage
    truncated: int  # passages that the encoder could not read to their end
    keys: Sequence[bytes]  # for each passage a digest of what the encoder read, 16 bytes; empty or all zero: unknown
    legibility: float = 1.0  # how far the encoder can read the article, 0 to 1 (legibility.py)
    headline: Vector | None = None  # as a query; of some articles only, to measure what is no match


Floats = npt.NDArray[np.float64]

Mask = npt.NDArray[np.bool_]


class Evidence(NamedTuple):
    """What is known about some passages when they are judged; each array is (n,)."""

    cosines: Floats | None  # with the query, -1 to 1; None without vectors
    strength: Floats  # Signals.strength
    legibility: Floats  # the lesser of the query's and the article's, 0 to 1
    literal: Mask  # Signals.literal
    prominence: Floats  # Signals.prominence
    same_language: Floats  # how far the query is in the article's language, 0 to 1; 1 if the encoder cannot read it
    usual: Floats  # mean cosine of the query with all passages in the article's language
    texts: Floats  # number of these passages; 0 if the mean is not needed

    def of(self, among: npt.NDArray[np.int64] | slice, cosines: Floats | None) -> "Evidence":
        """Return the evidence of some of the passages, with new cosines."""
        return Evidence(
            cosines,
            self.strength[among],
            self.legibility[among],
            self.literal[among],
            self.prominence[among],
            self.same_language[among],
            self.usual[among],
            self.texts[among],
        )


Judge = Callable[[Evidence], Floats]
"""Turns evidence into confidences from 0 to 1, passage by passage; more of any signal never lowers one."""

ENOUGH_HEADLINES = 20
"""This many headlines say as much about an index's cosines as what is known of its encoder."""


@dataclass(frozen=True, slots=True)
class Background:
    """How near unrelated texts are in an index: headlines compared with other articles' passages."""

    passages: int  # not deleted
    headlines: float = 0.0  # that were compared; those that are alike count as one
    sum_of_means: float = 0.0  # of each headline's mean cosine
    sum_of_growths: float = 0.0  # of the distance of each one's best cosine from its mean, divided by ln(passages)

    @property
    def settled(self) -> float:
        """How far the index's own headlines tell what its cosines mean, 0 to 1."""
        return min(1.0, self.headlines / ENOUGH_HEADLINES)


@dataclass(frozen=True, slots=True)
class Mix:
    """How a score is made: a convex sum of vectors and BM25, each mixed with the score of the whole article.

    The share of the vectors in an article's score is `dense / (1 + lexical sqrt(n))`, for n terms of equal weight.
    In another language than the query's, where words match by accident, vectors also get the share of one term's
    words, and numbers, which are written alike everywhere, get the rest.
    """

    dense: float  # 0 to 1; multiplied by how far query and article can be read, if BM25 has a share
    lexical: float = 0.0  # from 0
    _: KW_ONLY
    dense_article: float = 0.0  # of the dense side: share of the article's vector
    foreign_article: float = 1.0  # this much of that share stays in another language than the query's
    lexical_article: float = 0.0  # of the lexical side: share of the article's whole text
    feedback: float = 0.0  # how far the query moves towards its best passages before articles' vectors are compared


@dataclass(frozen=True, slots=True)
class Ask:
    """One query in the form that an engine takes."""

    text: str  # for BM25
    vector: Vector | None  # of the query; None: words only
    mix: Mix
    judge: Judge
    legibility: float = 1.0  # how far the encoder can read the text, 0 to 1
    filters: Filters = field(default_factory=Filters)  # dates resolved
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    passages: bool = False  # every passage by itself, not the best of each article
    newest_first: bool = False  # then only matches are returned
    least_confidence: float = 0.0
    half_life: float | None = None  # seconds
    as_of: int = 0  # UTC seconds that ages count back from
    without: str | None = None  # an article that must not be found
    timeout: float | None = None  # seconds that its answer may take, from when its `Found` is taken; None: any
    exact: bool = False  # as if every passage were scored, where the engine would only score likely ones


@dataclass(frozen=True, slots=True)
class Signals:
    """What is known about a passage, before anything is mixed."""

    dense: float | None  # cosine with the query, -1 to 1; None without a vector
    lexical: float  # its BM25 score, from 0
    article_dense: float | None = None  # cosine of the article's vector with the query moved by feedback
    article_lexical: float | None = None  # BM25 score of the whole article with its headline
    coverage: float | None = None  # share of the query's words, by weight, that the article has, 0 to 1
    strength: float = 0.0  # how much of the query's words is matched, and how rare that is, 0 to 2.5
    literal: bool = False  # the article has a quoted phrase, or every meaningful word of the query
    prominence: float = 0.0  # how much these words stand out, however common they are: from 0, mostly below 1


@dataclass(frozen=True, slots=True)
class Scored:
    """The place and the exact score of a passage whose text is not read yet."""

    article_id: str
    ordinal: int
    start: int
    end: int
    score: float
    signals: Signals
    parts: Mapping[str, float]  # they add up to the score before recency
    recency: float = 1.0  # the score is the sum of the parts times this
    confidence: float = 0.0  # 0 to 1


@dataclass(frozen=True, slots=True)
class Candidate:
    """The next best article or passage, only its place and score."""

    article_id: str
    ordinal: int  # of its best passage
    score: float
    vector: Vector  # of that passage


@dataclass(frozen=True, slots=True)
class Meant:
    """A word of a query that no article has, and the word that may be meant, if there is a similar one."""

    word: str  # as written
    nearest: str | None  # a word that some articles have, in lower case


@dataclass(frozen=True, slots=True)
class ArticleColumns:
    """The articles of one generation, including deleted ones, as columns to be counted.

    A position means the same article in every column, and nothing in another generation.
    """

    ids: npt.NDArray[np.bytes_]  # (articles,)
    published: npt.NDArray[np.int64]  # (articles, 2): earliest and latest UTC second; earliest > latest: undated
    legibility: Floats  # (articles,): how far the encoder can read each, 0 to 1
    living: Mask  # (articles,): not deleted
    allowed: Mask  # (articles,): living, and the filters allow it
    matching: Mask  # (articles,): allowed, and the query finds it; without a query as `allowed`
    values: Callable[[str], Mapping[str, npt.NDArray[np.int64]]]  # a field's values with their positions, deleted too


COLUMNS = ("publisher", "domain", "author", "language", "section", "origin", "tag")
"""Fields that `ArticleColumns.values` reads. The values of `tag` are tags' keys; `tag:KEY` has one key's values."""


class Comparisons(Protocol):
    """Compares the texts of one generation's articles, each pair once; threads may share it."""

    def is_copy(self, left: str, right: str) -> bool:
        """Tell whether one of two articles carries the other's text (copies.is_copy); False if either is missing."""

    def shared_letters(self, article_id: str, other_ids: Sequence[str]) -> Sequence[float]:
        """Return how likely articles are copies of one: the share of letters in order (copies.shared_letters)."""

    def is_same_text(self, left: str, right: str) -> bool:
        """Tell whether either of two copies could be shown for the other (copies.is_same_text)."""


class Found(Protocol):
    """An engine's answer: everything that is allowed, ranked while it is taken.

    Every method whose work grows with the index raises QueryTimeoutError when the time of the query is over.
    """

    @property
    def deadline(self) -> Deadline:
        """The end of the query's time."""

    @property
    def total(self) -> int:
        """The number of articles that filters, phrases and exclusions allow."""

    @property
    def relaxed(self) -> tuple[str, ...]:
        """The phrases that no article has, so that they were searched as words."""

    @property
    def meant(self) -> Sequence[Meant]:
        """The words that no article has in any spelling, each with a similar word that some article has."""

    @property
    def comparisons(self) -> Comparisons:
        """Tells which articles carry the same text."""

    def ranked(self) -> Iterator[Candidate]:
        """Yield everything that is allowed, by score, descending, then article id, then ordinal."""

    def nearest(self) -> "Found":
        """Return what is found without a least confidence; nothing is computed again, nor the deadline put off."""

    def passages(self, article_ids: Sequence[str]) -> list[Sequence[Scored]]:
        """Return the passages of each article, best first; none if it is not allowed."""

    def passage(self, article_id: str, ordinal: int) -> Scored:
        """Return one passage that was ranked."""

    def article(self, article_id: str) -> Article | None:
        """Return an article as it was at the time of the query, whatever a writer has done since."""

    def article_passages(self, article_id: str) -> list[Passage]:
        """Return all passages of an article in order, as they were at the time of the query."""

    def alike(self, article_ids: Sequence[str]) -> list[Sequence[str]]:
        """Return, for each article, the allowed ones that may carry its text, the likeliest first."""

    def earlier(self, article_ids: Sequence[str]) -> list[Sequence[str]]:
        """Return, for each article, those indexed before `filters.new_since` that may carry its text.

        No other condition applies; there are none if `new_since` is not set.
        """

    def terms(self, article_id: str, ordinal: int) -> list[tuple[str, float]]:
        """Return the query's terms with what each adds to a passage's BM25 score, largest first."""

    def columns(self) -> ArticleColumns:
        """Return all articles as columns; those that `ranked` would yield are marked as matching."""


class Writer(Protocol):
    """One transaction: nothing is visible until `commit`, or until its `with` block ends without an error."""

    def fingerprint(self, article_id: str) -> bytes | None:
        """Return the digest of the article as this transaction would leave it, or None if there is none."""

    def article(self, article_id: str) -> Article | None:
        """Return the article as this transaction would leave it, or None if there is none."""

    def add(self, entry: Entry) -> None:
        """Add an article, replacing one with the same id."""

    def vectors_of(self, keys: Sequence[bytes]) -> dict[bytes, Vector]:
        """Return, by key, vectors that are stored already for the same embedding text.

        Keys that are not stored, or unknown, are left out. Articles that this transaction added count, and so do
        deleted ones while they are still stored, since their vectors are still right.
        """

    def delete(self, article_id: str) -> bool:
        """Delete an article; False if there is none."""

    def commit(self) -> None:
        """Make everything so far permanent, and visible unless a build is unfinished; the transaction goes on."""

    def compact(self) -> None:
        """Commit, and store everything in as few pieces as its size allows, without encoding it again."""


class Engine(Protocol):
    """Stores articles, passages and vectors; readers see one committed generation.

    A second engine needs this protocol, `Writer`, `Found` and `Comparisons`, and a branch in `engines.open_engine`; it
    has to pass the contract tests. It does not need what only an index in a folder can do (`engines.folders`): to be
    repaired, packed and installed file by file.
    """

    @property
    def recipe(self) -> Recipe:
        """How the index was made."""

    def writer(self) -> AbstractContextManager[Writer]:
        """Open the one transaction; raises `IndexLockedError` if another process writes."""

    def refresh(self) -> bool:
        """Switch to the newest generation, and tell whether it is newer than the one before."""

    def finish(self) -> None:
        """Make an unfinished build the index, replacing an older one; does nothing to a finished one."""

    def abandon(self) -> None:
        """Discard an unfinished build."""

    def search(self, asks: Sequence[Ask]) -> Iterator[Found]:
        """Rank the allowed passages for each query, in order, as if every one of them were scored.

        Of very many passages an engine may score only the likely ones, unless an `Ask` is `exact`; it then knows its
        recall (`Stats.approximation`).

        All queries are answered from the generation of this call, each when it is taken. One that raises
        QueryTimeoutError is skipped, and the next one can still be taken.
        """

    def background(self) -> Background:
        """Return how near unrelated texts are in this index."""

    def article_vector(self, article_id: str) -> Vector | None:
        """Return the mean vector of an article's passages, at unit length."""

    def passages(self, article_id: str) -> list[Passage]:
        """Return an article's passages in order."""

    def get(self, article_id: str) -> Article | None:
        """Return one article with its text."""

    def find(self, prefix: str) -> list[str]:
        """Return up to two ids that begin with a prefix of at least six digits."""

    def find_source_id(self, source_id: str) -> list[str]:
        """Return the ids of the articles that have exactly this id at their source (`tags.source_id`)."""

    def articles(self, filters: Filters) -> Iterator[Metadata]:
        """Yield the allowed articles: newest first, undated last, then by id."""

    def entries(self) -> Iterator[Entry]:
        """Yield every article of one generation with all that is stored beside it, in any order.

        `Writer.add` of any engine takes them; each engine derives the rest, such as postings, by itself.
        """

    def columns(self, filters: Filters) -> ArticleColumns:
        """Return all articles as columns; those that the filters allow are marked as matching."""

    def comparisons(self) -> Comparisons:
        """Return an object that tells which articles of this generation carry the same text."""

    def earlier(self, article_ids: Sequence[str], before: int) -> list[Sequence[str]]:
        """Return, for each article, those indexed before an instant (UTC seconds) that may carry its text."""

    def stats(self) -> Stats:
        """Return counts of everything in the index."""

    def verify(self) -> Verification:
        """Compare the stored newest generation with what was written; damage is reported, not raised."""

    def close(self) -> None:
        """Release what is open; the engine answers as an empty one from then on."""
