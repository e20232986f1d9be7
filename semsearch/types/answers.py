"""Answers: the hits, an explanation of each, and facts about the whole answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, overload

from semsearch.text import counted
from semsearch.types.articles import Metadata, Passage
from semsearch.types.queries import Query

if TYPE_CHECKING:
    import pandas as pd


class Verdict(StrEnum):
    """How surely a hit, or an answer, is about the query."""

    STRONG = "strong"
    FAIR = "fair"
    WEAK = "weak"
    NONE = "none"  # no match, only the nearest there is


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
class Word:
    """A word and what it adds: a word of the passage to its cosine, or a term of the query to its BM25 score."""

    text: str
    value: float

    def to_dict(self) -> dict[str, object]:
        """Return one entry of an explanation's `words` or `terms`."""
        return {"text": self.text, "value": round(self.value, 6)}


@dataclass(frozen=True, slots=True)
class Explanation:
    """Where the score of a hit comes from."""

    signals: Mapping[str, float]  # raw, by name: `ports.Signals`
    parts: Mapping[str, float]  # their sum is the score before recency; if a copy ranked the hit, the copy's
    words: Sequence[Word] | None  # their sum is the cosine; the last, "", is what belongs to no word; None: unknown
    terms: Sequence[Word]  # their sum is the passage's BM25 score
    recency: float | None  # factor of the sum of the parts

    def to_dict(self) -> dict[str, object]:
        """Return a hit's `explanation`."""
        return {
            "signals": {name: round(value, 6) for name, value in self.signals.items()},
            "parts": {name: round(value, 6) for name, value in self.parts.items()},
            "words": None if self.words is None else [word.to_dict() for word in self.words],
            "terms": [term.to_dict() for term in self.terms],
            "recency": self.recency,
        }


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found, with its rank, scores and article."""

    rank: int  # from 1
    score: float  # higher is better; comparable within one answer
    confidence: float  # 0 to 1, comparable between queries: how surely this is about the query
    verdict: Verdict
    scores: Mapping[str, float]  # of each signal: "dense" is a cosine in [-1, 1], "lexical" a BM25 score from 0
    passage: Passage
    article: Metadata
    more: tuple[Excerpt, ...] = ()  # best first
    copies: tuple[Metadata, ...] = ()  # other articles that carry the same text, first published first
    sentence: tuple[int, int] | None = None  # the best sentence, as offsets into the article's text
    context: tuple[Passage, ...] = ()  # neighbouring passages, in order
    explanation: Explanation | None = None
    republishes: Metadata | None = None  # with `new_since`: an article indexed before that carries its text

    def __hash__(self) -> int:  # of what cannot differ between equal ones; mappings have no hash
        return hash((self.rank, self.passage))

    def __repr__(self) -> str:
        date = self.article.published.text if self.article.published else None
        facts = [self.article.publisher, date, self.verdict.value]
        return f"<Hit {self.rank}: {self.article.title!r:.80}, {', '.join(filter(None, facts))}: {self.text!r:.80}>"

    @property
    def text(self) -> str:
        """The passage's text."""
        return self.passage.text

    @property
    def place(self) -> str | None:
        """Where in the article's file the passage is: "page 3", "line 12"; None if that is not known."""
        return self.article.place_of(self.passage.start, self.passage.end)

    @property
    def marks(self) -> tuple[str, ...]:
        """What the article is marked as: "updated", "republished"."""
        marks = (("updated", bool(self.article.earlier_versions)), ("republished", self.republishes is not None))
        return tuple(name for name, is_so in marks if is_so)

    def to_dict(self) -> dict[str, object]:
        """Return one entry of an answer's `hits`."""
        optional: dict[str, object] = {}
        if self.republishes:
            optional["republishes"] = _copy(self.republishes)
        if self.context:
            optional["context"] = [
                {"passage_id": passage.passage_id, "start": passage.start, "end": passage.end, "text": passage.text}
                for passage in self.context
            ]
        if self.explanation:
            optional["explanation"] = self.explanation.to_dict()
        return {
            "rank": self.rank,
            "score": round(self.score, 6),
            "confidence": round(self.confidence, 4),
            "scores": {name: round(score, 6) for name, score in self.scores.items()},
            "verdict": self.verdict.value,
            "passage_id": self.passage.passage_id,
            "ordinal": self.passage.ordinal,
            "start": self.passage.start,
            "end": self.passage.end,
            "text": self.passage.text,
            "place": self.place,
            "sentence": None if self.sentence is None else {"start": self.sentence[0], "end": self.sentence[1]},
            "article": self.article.to_dict(),
            "more": [excerpt.to_dict() for excerpt in self.more],
            "copies": [_copy(article) for article in self.copies],
            "marks": list(self.marks),
        } | optional


def _copy(article: Metadata) -> dict[str, object]:
    article_dict = article.to_dict()
    return {name: article_dict[name] for name in ("article_id", "title", "publisher", "published", "url")}


@dataclass(frozen=True, slots=True)
class Answer(Sequence[Hit]):
    """The hits, best first, and facts about the whole answer. A sequence of the hits."""

    query: Query  # as it was answered: dates resolved, phrases without any match relaxed
    hits: tuple[Hit, ...]
    total: int  # articles that the filters, phrases and exclusions allow
    took_ms: float
    notices: tuple[str, ...] = ()  # what was not answered as asked
    before: Verdict = Verdict.NONE  # of the best hit that `offset` leaves out
    matches: int | None = None  # matching articles, including copies; None if not counted (`Query.count`)

    @property
    def verdict(self) -> Verdict:
        """The verdict of the surest hit, including those that `offset` leaves out."""
        order = list(Verdict)  # the surest first
        return min((self.before, *(hit.verdict for hit in self.hits)), key=order.index)

    def __repr__(self) -> str:
        counts = f"{counted(len(self), 'hit')}, {counted(self.total, 'article')} searched"
        return f"<Answer to {self.query.text!r:.80}: {counts}, {self.verdict}>"

    def __len__(self) -> int:
        return len(self.hits)

    @overload
    def __getitem__(self, place: int) -> Hit: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Hit, ...]: ...
    def __getitem__(self, place: int | slice) -> Hit | tuple[Hit, ...]:
        return self.hits[place]

    def to_pandas(self) -> "pd.DataFrame":
        """Return one row for each hit, with the columns of CSV (`semsearch.types.tables`).

        `published_utc`, `updated_utc` and `indexed_utc` are datetime64[ns, UTC]: the first second of a day, month or
        year; NaT before 1678 and after 2261. `authors`, `copies` and `marks` are tuples.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        from semsearch.types.tables import hit_frame  # no command needs it

        return hit_frame(self)

    def _repr_html_(self) -> str:
        """Return HTML for notebooks."""
        from semsearch.types.notebooks import answer_html  # no command needs it

        return answer_html(self)

    def to_dict(self) -> dict[str, object]:
        """Return the object that `query --json` prints (docs: JSON and CSV)."""
        return {
            "query": self.query.text,
            "mode": self.query.mode.value,
            "understood": self.query.understood(),
            "filters": self.query.filters.to_dict(),
            "verdict": self.verdict.value,
            "notices": list(self.notices),
            "took_ms": round(self.took_ms, 1),
            "total": self.total,
            "matches": self.matches,
            "hits": [hit.to_dict() for hit in self.hits],
        }
