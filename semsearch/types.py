"""The nouns: frozen records that every floor speaks in. Standard library only."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum


def iso_seconds(seconds: int) -> str:
    """Write UTC seconds as `2026-01-05T08:12:44Z`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True)
class Date:
    """What a source wrote about a time, and the instants that it can mean.

    A date without a zone is read as UTC; `text` keeps no offset then, so that the
    difference stays visible.
    """

    text: str  # ISO 8601, only as precise as the source: "2024", "2024-05", "2024-05-03", "2024-05-03T09:15-04:00"
    earliest: int  # first UTC second that it can mean, inclusive
    latest: int  # last UTC second that it can mean, inclusive


@dataclass(frozen=True, slots=True)
class Metadata:
    """Everything known about an article except its text."""

    article_id: str  # 20 lower-case hexadecimal digits, stable for ever (identity.py)
    title: str  # one line; "" where the source has none
    url: str | None = None  # the article's own address, as the source wrote it
    publisher: str | None = None  # the outlet's name
    authors: tuple[str, ...] = ()
    published: Date | None = None
    updated: Date | None = None
    indexed: str | None = None  # UTC instant of the commit, "2026-01-05T08:12:44Z"; None before it is indexed
    sha256: str = ""  # of the text in UTF-8, lower-case hexadecimal
    language: str | None = None  # BCP 47 primary tag, lower case, as the source says
    section: str | None = None
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # whatever else the source knew

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
        }


@dataclass(frozen=True, slots=True)
class Article:
    """An article's metadata and its normalised text, paragraphs separated by one blank line."""

    metadata: Metadata
    text: str
    origin: str = field(default="", compare=False)  # "dir/file.jsonl:12": where it was read


@dataclass(frozen=True, slots=True)
class Skipped:
    """A record that a reader could not use. A value, so that the stream goes on."""

    origin: str  # "dir/file.jsonl:12"
    reason: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file, or the rest of one, that could not be read. What came before it was kept."""

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


class Mode(StrEnum):
    """What ranks the passages."""

    DENSE = "dense"  # cosine of the encoder's vectors


class GroupBy(StrEnum):
    """What `k` counts."""

    ARTICLE = "article"
    PASSAGE = "passage"


@dataclass(frozen=True, slots=True)
class Filters:
    """Which articles may be shown: all named conditions hold, any value of one is enough.

    Names compare without regard to case. A date matches where the article's interval
    meets `[since, until)`.
    """

    publishers: AbstractSet[str] = frozenset()  # an outlet's name or its domain
    authors: AbstractSet[str] = frozenset()
    languages: AbstractSet[str] = frozenset()
    sections: AbstractSet[str] = frozenset()
    tags: AbstractSet[tuple[str, str]] = frozenset()  # (key, value); keys are all required, values of one key any
    since: str | int | None = None  # as bounds.py reads it, or UTC seconds, inclusive
    until: str | int | None = None  # the same; seconds are exclusive
    undated: bool | None = None  # None: articles without a date are excluded only where a date is asked for

    def to_dict(self) -> dict[str, object]:
        """Return the conditions that are set, as JSON values; instants as UTC ISO 8601."""
        found: dict[str, object] = {}
        for name in ("publishers", "authors", "languages", "sections"):
            if values := getattr(self, name):
                found[name] = sorted(values)
        if self.tags:
            found["tags"] = sorted(f"{key}={value}" for key, value in self.tags)
        for name in ("since", "until"):
            if (bound := getattr(self, name)) is not None:
                found[name] = iso_seconds(bound) if isinstance(bound, int) else bound
        if self.undated is not None:
            found["undated"] = "include" if self.undated else "exclude"
        return found


@dataclass(frozen=True, slots=True)
class Query:
    """One question to an index."""

    text: str
    k: int = 10  # at least 1
    filters: Filters = Filters()
    mode: Mode = Mode.DENSE
    group_by: GroupBy = GroupBy.ARTICLE
    offset: int = 0  # how many of the best to leave out
    emphasise: bool = False  # find each hit's best sentence, at the price of encoding the candidates


class Precision(StrEnum):
    """In which numbers an encoder computes."""

    AUTO = (
        "auto"  # the fastest of this machine: bfloat16 where the processor has it (cosines within 1e-3), else float32
    )
    F32 = "f32"  # float32: within 1e-5 on every machine, for indexes that travel


@dataclass(frozen=True, slots=True)
class EncoderIdentity:
    """What must be equal for two vectors to be comparable."""

    name: str  # as the user may name it again
    digest: str  # SHA-256 over weights, tokenizer and configuration
    dimensions: int
    pooling: str  # "mean", "cls", …
    query_prefix: str = ""
    passage_prefix: str = ""


@dataclass(frozen=True, slots=True)
class ReadyModel:
    """A model that was made ready for this machine, or could not be."""

    name: str  # as a user knew it then
    precision: str  # "f32" or "bf16"
    path: str  # the folder where it is kept
    size_bytes: int
    refused: str | None  # why torch runs it instead
    least_cosine: float | None  # between its vector of a text and the original's: the worst of all texts compared
    mean_cosine: float | None

    def to_dict(self) -> dict[str, object]:
        """Return one entry of `model list --json`."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How an index was made; a query must use the same encoder, an addition all of it."""

    encoder: EncoderIdentity
    passage_tokens: int  # budget of a passage's own text, in the encoder's tokens
    identity_version: int
    text_version: int  # of the normalisation in text.py
    layout: str = "flat"
    precision: Precision = Precision.F32  # of all vectors; AUTO where some may be less exact


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Another good passage of a hit's article."""

    passage: Passage
    score: float

    def to_dict(self) -> dict[str, object]:
        """Return one entry of a hit's `more`."""
        return {
            "passage_id": self.passage.passage_id,
            "score": round(self.score, 6),
            "start": self.passage.start,
            "end": self.passage.end,
            "text": self.passage.text,
        }


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found, why, and where it stands."""

    rank: int  # from 1
    score: float  # higher is better; comparable within one answer
    scores: Mapping[str, float]  # each signal's own: "dense" is a cosine in [-1, 1]
    passage: Passage
    article: Metadata
    more: tuple[Excerpt, ...] = ()  # best first
    sentence: tuple[int, int] | None = None  # the best sentence, as offsets into the article's text

    @property
    def text(self) -> str:
        """The passage's text."""
        return self.passage.text

    def to_dict(self) -> dict[str, object]:
        """Return one entry of an answer's `hits`."""
        return {
            "rank": self.rank,
            "score": round(self.score, 6),
            "confidence": None,
            "scores": {name: round(score, 6) for name, score in self.scores.items()},
            "verdict": None,
            "passage_id": self.passage.passage_id,
            "ordinal": self.passage.ordinal,
            "start": self.passage.start,
            "end": self.passage.end,
            "text": self.passage.text,
            "sentence": None if self.sentence is None else {"start": self.sentence[0], "end": self.sentence[1]},
            "article": self.article.to_dict(),
            "more": [excerpt.to_dict() for excerpt in self.more],
            "copies": [],
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """Hits, best first, and what is said about them all."""

    query: Query
    hits: tuple[Hit, ...]
    total: int  # articles that the filters allow
    took_ms: float

    def to_dict(self) -> dict[str, object]:
        """Return the object that `query --json` prints (interface in README, "JSON")."""
        return {
            "query": self.query.text,
            "mode": self.query.mode.value,
            "filters": self.query.filters.to_dict(),
            "verdict": None,  # no calibrated confidence yet, and none is invented
            "took_ms": round(self.took_ms, 1),
            "total": self.total,
            "hits": [hit.to_dict() for hit in self.hits],
        }


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
    undated: int = 0  # of those added or replaced
    headline_only: int = 0  # of those added or replaced
    unparsed_dates: int = 0  # kept as tags
    unsupported_languages: tuple[tuple[str, int], ...] = ()  # of those: languages that the encoder was not trained on

    @property
    def articles(self) -> int:
        """Articles that the sources gave, whatever became of them."""
        return self.added + self.replaced + self.unchanged


@dataclass(frozen=True, slots=True)
class Stats:
    """What an index holds."""

    articles: int
    passages: int
    truncated: int  # passages that the encoder could not read to their end; 0 by construction
    undated: int  # articles
    first: str | None  # earliest publication date as written
    last: str | None
    publishers: int  # distinct names
    languages: Mapping[str, int]  # articles by language; "" where the source does not say
    size_bytes: int  # of the files that the manifest names
    generation: int
    segments: int
    deleted: int  # articles hidden but still on disk
    recipe: Recipe
