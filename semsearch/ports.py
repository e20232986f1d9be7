"""The four seams: Reader, Encoder, Engine (with its Writer), Renderer."""

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
    """How much a named file may unpack to."""

    def spend(self, count: int, layer: str) -> None:
        """Count unpacked bytes of a layer; raises `SourceError` where they are too many."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stream comes from, for messages and for identity, and what is known of it from outside."""

    origin: str  # for messages, as a user would name it: "news/day.jsonl.gz", "news.zip/a.html"; "-": standard input
    namespace: str  # whose article ids these are where no publisher says; "" where nobody can say
    source: str | None = None  # `--source NAME`: overrides publisher and namespace for identity
    names: Mapping[str, str] = field(default_factory=dict)  # `--map NOUN=NAME`: the source's own name -> noun
    date_order: DateOrder | None = (
        None  # `--date-order`: of day and month as numbers; else None, or as the source shows
    )
    address: str | None = None  # what the stream was fetched from
    charset: str | None = None  # as whoever sent it declared
    fetched: int | None = None  # UTC second of that; nothing in it was published later
    file: str = ""  # the path within the folder that was named, kept as `Metadata.origin`; "": the same as origin
    within: str = ""  # where in that file the stream begins: "record 12"
    budget: Budget | None = field(default=None, compare=False, repr=False)  # of the file that was named
    names_met: set[str] = field(default_factory=set, compare=False, repr=False)  # of `names`: those of some record


Reader = Callable[[BinaryIO, Place], Iterator[Article | Skipped]]
"""Turn one uncompressed stream into articles, one at a time.

A record that cannot be used is a `Skipped`; a stream that cannot be read at all raises `SourceError`.
"""


@dataclass(frozen=True, slots=True)
class Member:
    """One file within another, or one record of a crawl."""

    name: str  # within what holds it; its ending says of which kind it is
    stream: BinaryIO  # as it lies there; good until the next member is asked for
    place: Place
    media_type: str | None = None  # "text/html", in lower case, where that is declared


Opener = Callable[[BinaryIO, Place], Iterator[Member | Article | Skipped]]
"""Turn one uncompressed stream into the streams that it holds, one at a time, and the articles that it has itself.

It fails as a reader does.
"""

Renderer = Callable[[Answer], Iterator[str]]
"""Turn an answer into pieces of output, each ending with its own newline where it has one."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one word adds to a score; what is no word's own (special tokens, a prefix, a bias) stands at 0, 0."""

    start: int  # code points in the passage's text
    end: int  # exclusive
    value: float  # may be negative; those of a passage add up to its cosine


class Reranker(Protocol):
    """Reads a query and a passage together, and says how well one answers the other."""

    @property
    def name(self) -> str:
        """What a person calls it."""

    def scores(self, query: str, passages: Sequence[str]) -> list[float]:
        """Return a number a passage, in order; higher is better, and comparable for one query alone."""


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

    @property
    def cosines(self) -> CosineScale:
        """What its cosines mean."""

    @property
    def tokens_per_column(self) -> float:
        """Of a text that it reads, at most (legibility.py)."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count each text's tokens, special ones and passage prefix excluded, nothing cut off."""

    def count_unread(self, texts: Sequence[str]) -> list[int]:
        """Count each text's characters for which the tokenizer has no token but the one for anything unknown."""

    @property
    def overhead_tokens(self) -> int:
        """Tokens that encoding a passage adds to its own: special ones and the passage prefix."""

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        """Return (len(texts), dimensions), rows of unit length, in order; (0, dimensions) for none."""

    def encode_queries(self, texts: Sequence[str]) -> Matrix:
        """Return (len(texts), dimensions), rows of unit length, in order; a text of any length is read to its end."""

    def contributions(self, text: str, vector: Vector) -> Sequence[Contribution] | None:
        """Take the cosine of a unit vector and a passage apart into the words that made it.

        Words are in their order and do not overlap; what is no word's own comes last. They add up to the cosine with
        the vector that `encode_passages` gives the text alone, to 1e-5 in float32, else to 2e-3; in a batch bfloat16
        may give it another, some 1e-3 away. None where the vector is no mean over tokens, or cannot be taken apart.
        """


@dataclass(frozen=True, slots=True)
class Entry:
    """One article with what is kept beside it."""

    article: Article
    passages: Sequence[Passage]  # at least one
    vectors: Matrix  # one row a passage
    truncated: int  # passages that the encoder could not read to their end
    keys: Sequence[bytes]  # one a passage: a digest of what the encoder read, 16 bytes; empty or all zero: unknown
    legibility: float = 1.0  # how far the encoder can read the article, 0 to 1 (legibility.py)
    headline: Vector | None = None  # as a query; of some articles only, to know by what is no match


Floats = npt.NDArray[np.float64]

Mask = npt.NDArray[np.bool_]


class Evidence(NamedTuple):
    """What is known of some passages when they are judged; each array is (n,)."""

    cosines: Floats | None  # with the query, -1 to 1; None without vectors
    strength: Floats  # Signals.strength
    legibility: Floats  # the lesser of the query's and the article's, 0 to 1
    literal: Mask  # Signals.literal
    prominence: Floats  # Signals.prominence
    same_language: Floats  # how far the query is in the article's language, 0 to 1; 1 where that cannot be read
    usual: Floats  # mean cosine of the query with all passages in the article's language
    texts: Floats  # number of these passages; 0 where the mean is not needed

    def of(self, among: npt.NDArray[np.int64] | slice, cosines: Floats | None) -> "Evidence":
        """Return what is known of some of the passages, with these cosines."""
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
"""Turn evidence into confidences from 0 to 1, passage by passage; more of any signal never makes one less."""


ENOUGH_HEADLINES = 20
"""So many say as much of an index's cosines as what is known of its encoder."""


@dataclass(frozen=True, slots=True)
class Background:
    """What texts that are not about each other look like in an index: headlines against other articles' passages."""

    passages: int  # that are alive
    headlines: int = 0  # that were compared
    sum_of_means: float = 0.0  # of each headline's mean cosine
    sum_of_growths: float = 0.0  # of how far each one's best cosine is above its mean, divided by ln(passages)

    @property
    def settled(self) -> float:
        """How far an index's own headlines say what its cosines mean, 0 to 1."""
        return min(1.0, self.headlines / ENOUGH_HEADLINES)


@dataclass(frozen=True, slots=True)
class Mix:
    """How a score is made: a convex sum of vectors and BM25, each side mixed with what its whole article says.

    The share of the vectors in an article's score is `dense / (1 + lexical sqrt(n))`, for n terms of equal weight.
    In another language than the query's, where words match by accident, vectors have besides what the words of one
    term would have, and numbers, which are written alike everywhere, have the rest.
    """

    dense: float  # 0 to 1; multiplied by how far query and article can be read where BM25 has a share
    lexical: float = 0.0  # from 0
    _: KW_ONLY
    dense_article: float = 0.0  # of the dense side: share of the article's vector
    foreign_article: float = 1.0  # so much of that share stays in another language than the query's
    lexical_article: float = 0.0  # of the lexical side: share of the article's whole text
    feedback: float = 0.0  # how far the query moves towards its best passages before articles' vectors are compared


@dataclass(frozen=True, slots=True)
class Ask:
    """One query as an engine takes it."""

    text: str  # for BM25
    vector: Vector | None  # of the query; None: words alone
    mix: Mix
    judge: Judge
    legibility: float = 1.0  # how far the encoder can read the text, 0 to 1
    filters: Filters = field(default_factory=Filters)  # dates resolved
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    passages: bool = False  # every passage by itself, not the best of each article
    newest_first: bool = False  # of what is no match nothing is returned then
    least_confidence: float = 0.0
    half_life: float | None = None  # seconds
    as_of: int = 0  # UTC seconds that ages count back from
    without: str | None = None  # an article that is not to be found
    timeout: float | None = None  # seconds that its answer may take, from when its `Found` is taken; None: any
    exact: bool = False  # as if every passage were scored, where the engine would choose from likely ones alone


@dataclass(frozen=True, slots=True)
class Signals:
    """What is known about a passage, before anything is mixed."""

    dense: float | None  # cosine with the query, -1 to 1; None without a vector
    lexical: float  # its BM25 score, from 0
    article_dense: float | None = None  # cosine of the article's vector with the query, moved by feedback
    article_lexical: float | None = None  # BM25 score of the whole article with its headline
    coverage: float | None = None  # share of the query's words, by weight, that the article has, 0 to 1
    strength: float = 0.0  # of the words: how much of the query is matched, and how rare that is, 0 to 2.5
    literal: bool = False  # the article has a quoted phrase, or every word of the query that carries meaning
    prominence: float = 0.0  # how much these words stand out, however common they are: from 0, mostly below 1


@dataclass(frozen=True, slots=True)
class Scored:
    """A passage's place and its exact score; its text is not read yet."""

    article_id: str
    ordinal: int
    start: int
    end: int
    score: float
    signals: Signals
    parts: Mapping[str, float]  # add up to the score, before recency
    recency: float = 1.0  # the score is their sum times this
    confidence: float = 0.0  # 0 to 1


@dataclass(frozen=True, slots=True)
class Candidate:
    """The next best article, or passage, by its place alone."""

    article_id: str
    ordinal: int  # of its best passage
    score: float
    vector: Vector  # of that passage


@dataclass(frozen=True, slots=True)
class Meant:
    """A word of a query that no article has, and what may be meant by it."""

    word: str  # as it was written
    nearest: str  # a word that some articles have, in lower case


@dataclass(frozen=True, slots=True)
class ArticleColumns:
    """The articles of one generation, deleted ones included, as columns: for whoever counts them.

    A position is the same article in every column, and means nothing in another generation.
    """

    ids: npt.NDArray[np.bytes_]  # (articles,)
    published: npt.NDArray[np.int64]  # (articles, 2): earliest and latest UTC second; earliest > latest: undated
    legibility: Floats  # (articles,): how far the encoder can read each, 0 to 1
    living: Mask  # (articles,): not deleted
    allowed: Mask  # (articles,): living, and the filters allow it
    matching: Mask  # (articles,): allowed, and the query finds it; without a query as `allowed`
    values: Callable[[str], Mapping[str, npt.NDArray[np.int64]]]  # reads a field: value -> positions, deleted included


COLUMNS = ("publisher", "domain", "author", "language", "section", "tag")
"""Fields that `ArticleColumns.values` reads. Those of `tag` are tags' keys; `tag:KEY` has one key's values."""


class Comparisons(Protocol):
    """Compares the texts of one generation's articles, each pair once; threads may share it."""

    def is_copy(self, one: str, other: str) -> bool:
        """Tell whether one of two articles carries the other's text (copies.is_copy); False where either is missing."""

    def shared_letters(self, one: str, others: Sequence[str]) -> Sequence[float]:
        """Return how likely others are copies of one: the share of letters in order (copies.shared_letters)."""

    def is_same_text(self, one: str, other: str) -> bool:
        """Tell of two copies whether either could be shown for the other (copies.is_same_text)."""


class Found(Protocol):
    """What an engine answers: all that there is, ranked as it is taken.

    Every method whose work grows with the index raises QueryTimeoutError when the time of the query is over.
    """

    @property
    def deadline(self) -> Deadline:
        """When its time is over."""

    @property
    def total(self) -> int:
        """Articles that filters, phrases and exclusions allow."""

    @property
    def relaxed(self) -> tuple[str, ...]:
        """Phrases that nothing has, searched as words."""

    @property
    def meant(self) -> Sequence[Meant]:
        """The words that no article has, in any spelling, and of which there is a near one."""

    @property
    def comparisons(self) -> Comparisons:
        """What tells which articles carry the same text."""

    def ranked(self) -> Iterator[Candidate]:
        """Yield everything that is allowed: by score downward, then article id, then ordinal."""

    def passages(self, article_ids: Sequence[str]) -> list[Sequence[Scored]]:
        """Return the passages of each article, best first; none of one that is not allowed."""

    def passage(self, article_id: str, ordinal: int) -> Scored:
        """Return one passage that was ranked."""

    def article(self, article_id: str) -> Article | None:
        """Return an article as it was when the question was asked, whatever a writer has done since."""

    def article_passages(self, article_id: str) -> list[Passage]:
        """Return all passages of an article in order, as they were when the question was asked."""

    def alike(self, article_ids: Sequence[str]) -> list[Sequence[str]]:
        """Return for each article the allowed ones that may carry its text, the likeliest first."""

    def earlier(self, article_ids: Sequence[str]) -> list[Sequence[str]]:
        """Return for each article those indexed before `filters.new_since` that may carry its text.

        No other condition counts; none where new_since is not asked for.
        """

    def terms(self, article_id: str, ordinal: int) -> list[tuple[str, float]]:
        """Return the query's terms with what each adds to a passage's BM25 score, most first."""

    def columns(self) -> ArticleColumns:
        """Return all articles as columns; those that `ranked` would yield are marked as matching."""


class Writer(Protocol):
    """One transaction: nothing is visible until `commit`, or until its `with` block ends well."""

    def fingerprint(self, article_id: str) -> bytes | None:
        """Return the digest of the article as this transaction would leave it, or None if there is none."""

    def article(self, article_id: str) -> Article | None:
        """Return the article as this transaction would leave it, or None if there is none."""

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
    """Keeps articles, passages and vectors; readers see one committed generation.

    A second engine owes this protocol, `Writer`, `Found` and `Comparisons`, and a branch in `engines.open_engine`; the
    contract tests are to pass with it. It does not owe what only an index in a folder can do (`engines.folders`): to be
    repaired, packed and installed file by file.
    """

    @property
    def recipe(self) -> Recipe:
        """How the index was made."""

    def writer(self) -> AbstractContextManager[Writer]:
        """Open the one transaction; raises `IndexLockedError` where another process writes."""

    def refresh(self) -> bool:
        """Take the newest generation, and say whether there was a newer one than before."""

    def finish(self) -> None:
        """Make an unfinished build the index, in the place of any there was; does nothing to a finished one."""

    def abandon(self) -> None:
        """Forget an unfinished build."""

    def search(self, asks: Sequence[Ask]) -> Iterator[Found]:
        """Rank the allowed passages for each query, in order: as if every one of them were scored.

        Of very many an engine may look at the likely ones alone, unless an `Ask` is to be answered exactly; then it
        knows its recall (`Stats.approximation`).

        All are answered from the generation of this call, each when it is taken. One that raises QueryTimeoutError is
        skipped: the next one can be taken all the same.
        """

    def background(self) -> Background:
        """Return what texts that are not about each other look like here."""

    def article_vector(self, article_id: str) -> Vector | None:
        """Return the mean of an article's passages, at unit length."""

    def passages(self, article_id: str) -> list[Passage]:
        """Return an article's passages in order."""

    def get(self, article_id: str) -> Article | None:
        """Return one article with its text."""

    def find(self, prefix: str) -> list[str]:
        """Return up to two ids that begin with a prefix of at least six digits."""

    def find_source_id(self, source_id: str) -> list[str]:
        """Return the ids of the articles that a source calls so (`tags.source_id`), exactly."""

    def articles(self, filters: Filters) -> Iterator[Metadata]:
        """Yield the allowed articles: newest first, undated last, then by id."""

    def entries(self) -> Iterator[Entry]:
        """Yield every article of one generation with all that is kept beside it, in any order.

        `Writer.add` takes them, of whichever engine: what is derived from them, such as postings, each derives itself.
        """

    def columns(self, filters: Filters) -> ArticleColumns:
        """Return all articles as columns; those that the filters allow are marked as matching."""

    def comparisons(self) -> Comparisons:
        """Return what tells which articles of this generation carry the same text."""

    def earlier(self, article_ids: Sequence[str], before: int) -> list[Sequence[str]]:
        """Return for each article those indexed before an instant (UTC seconds) that may carry its text."""

    def stats(self) -> Stats:
        """Count what is there."""

    def verify(self) -> Verification:
        """Compare the newest generation, as it is stored, with what was written; damage is reported, not raised."""

    def close(self) -> None:
        """Let go of what is open; the engine answers as an empty one from then on."""
