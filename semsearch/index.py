"""Index: the one conductor. Brings sources, encoder, engine and ranking together."""

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Self

from semsearch import bounds, chunking, engines, identity, text
from semsearch.encoders import load_encoder
from semsearch.errors import EncoderMismatchError, NotFoundError, RecipeMismatchError, SourceError, UsageError
from semsearch.files import now_seconds
from semsearch.intake import COMMIT_SECONDS, Intake, Observer, Reading
from semsearch.locations import reading_location, writing_location
from semsearch.ports import Encoder, Engine, Scored, Vector
from semsearch.ranking import Group, group
from semsearch.types import (
    Answer,
    Article,
    EncoderIdentity,
    Excerpt,
    Filters,
    Hit,
    Metadata,
    Passage,
    Precision,
    Query,
    Recipe,
    Stats,
    Summary,
)

Location = str | os.PathLike[str]
Source = Location | Iterable[Reading]
"""A file, a folder, `-`, or articles that were read already."""

QUERY_CHARACTERS = 20_000
"""More is an article, not a query."""


class Index:
    """Articles, their passages and vectors, in a folder. Safe to share between threads for reading."""

    def __init__(self, engine: Engine, location: Path, encoder: Encoder | str | None = None) -> None:
        self._engine = engine
        self._encoder = encoder
        self.location = location
        self.summary: Summary | None = None  # of the build that made this object, if one did

    @classmethod
    def open(cls, location: Location | None = None, *, encoder: Encoder | str | None = None) -> Self:
        """Open a finished index: the one named, else $SEMSEARCH_INDEX, else ./index, else the shipped one.

        Args:
            encoder: in the place of the one that the recipe names; it must be the same model.
        """
        where = reading_location(location)
        return cls(engines.open_engine(where), where, encoder)

    @classmethod
    def create(cls, location: Location, *, encoder: Encoder | str | None = None, force: bool = False) -> Self:
        """Make an empty index; raises IndexExistsError where there is one, unless `force`."""
        return cls.build((), location, encoder=encoder, force=force)

    @classmethod
    def build(
        cls,
        source: Source,
        location: Location,
        *,
        encoder: Encoder | str | None = None,
        precision: Precision | None = None,
        passage_tokens: int = chunking.PASSAGE_TOKENS,
        force: bool = False,
        observer: Observer | None = None,
        commit_seconds: float | None = COMMIT_SECONDS,
        job: str | None = None,
    ) -> Self:
        """Make an index of everything in a source; nothing is visible before the end.

        An interrupted build is continued by the same call: what it had encoded is not encoded again.

        Args:
            encoder: loaded, or its name; None for the default one.
            precision: in which its vectors are computed, now and at every addition: AUTO, the default, for the fastest
                of each machine, F32 for an index that travels.
            passage_tokens: budget of a passage's own text, at least 16.
            force: replace a finished index, at the end and at once.
            observer: is told what could not be used and how far it is.
            commit_seconds: an interruption loses at most so much work; None for a build that repeats byte for byte.
            job: what makes two builds the same, so that one continues the other; by default the state of the files
                at a path that was given, and articles that were read already are always begun anew.

        Raises:
            IndexExistsError: a finished index is there and `force` was not given.
            SourceError: there was not one article; the place is left as it was.
        """
        where = writing_location(location)
        if passage_tokens < 16:
            raise UsageError(f"a passage of {passage_tokens} tokens is too short", "give at least 16")
        wanted = precision or Precision.AUTO
        loaded = load_encoder(encoder, wanted) if encoder is None or isinstance(encoder, str) else encoder
        recipe = Recipe(loaded.identity, passage_tokens, identity.VERSION, text.VERSION, precision=wanted)
        if job is None and isinstance(source, str | os.PathLike):
            job = _sources().state(source)
        engine = engines.begin_build(where, recipe, job=job, replacing=force)
        index = cls(engine, where, loaded)
        try:
            index.summary = index.add(source, observer=observer, commit_seconds=commit_seconds)
            empty = source != () and not index.summary.articles
            if empty:
                engine.abandon()
            else:
                with engine.writer() as writer:
                    writer.compact()
                engine.finish()
        except BaseException:
            index.close()  # lets go of the lock
            raise
        if empty:
            raise SourceError("no article was found in what was given", "see what is read: semsearch read PATH…")
        return index

    def add(
        self, source: Source, *, observer: Observer | None = None, commit_seconds: float | None = COMMIT_SECONDS
    ) -> Summary:
        """Add articles, or replace those with the same id; an unchanged one writes nothing."""
        recipe = self._engine.recipe
        if (recipe.identity_version, recipe.text_version) != (identity.VERSION, text.VERSION):
            raise RecipeMismatchError(
                f"{self.location} was made with other rules of identity or normalisation than this version's",
                f"build it again from its sources: semsearch build PATH… -i {self.location} --force",
            )
        encoder = self._ready_encoder()
        readings = _sources().read(source) if isinstance(source, str | os.PathLike) else source
        with self._engine.writer() as writer:
            intake = Intake(writer, encoder, recipe.passage_tokens, observer or _ignore, commit_seconds)
            return intake.run(readings)

    def delete(self, ids_or_urls: Iterable[str]) -> list[str]:
        """Delete articles by id or URL and return the ids of those that were there."""
        ids = [self.resolve(name) or name for name in ids_or_urls]
        with self._engine.writer() as writer:
            return [article_id for article_id in dict.fromkeys(ids) if writer.delete(article_id)]

    def compact(self) -> None:
        """Leave out what was deleted and merge small segments; vectors are copied, never encoded again."""
        with self._engine.writer() as writer:
            writer.compact()

    def search(self, query: str | Query, k: int = 10, *, filters: Filters | None = None) -> Answer:
        """Return the closest passages with their articles' metadata.

        Args:
            query: plain text, or a Query, which says everything and makes `k` and `filters` void.
            k: articles, at least 1.
        """
        asked = query if isinstance(query, Query) else Query(query, k, filters or Filters())
        return self.search_many([asked])[0]

    def search_many(self, queries: Sequence[str | Query]) -> list[Answer]:
        """Answer several queries, encoded together; `took_ms` is then each one's share."""
        asked = [_checked(query if isinstance(query, Query) else Query(query)) for query in queries]
        encoder = self._ready_encoder()
        started = time.perf_counter()
        vectors = encoder.encode_queries([query.text for query in asked])
        encoding = (time.perf_counter() - started) / max(1, len(asked))
        answers = []
        for query, vector in zip(asked, vectors, strict=True):
            started = time.perf_counter()
            answer = self._answer(query, vector, encoder)
            answers.append(replace(answer, took_ms=1000 * (time.perf_counter() - started + encoding)))
        return answers

    def _answer(self, query: Query, vector: Vector, encoder: Encoder) -> Answer:
        found = self._engine.nearest(vector, query.filters, query.offset + query.k, query.group_by)
        groups = group(found.passages, query.group_by, query.k, query.offset)
        hits = [self._hit(rank, one) for rank, one in enumerate(groups, start=query.offset + 1)]
        if query.emphasise:
            hits = _emphasised(hits, vector, encoder)
        return Answer(query, tuple(hits), found.total, 0.0)

    def _hit(self, rank: int, found: Group) -> Hit:
        article = self._engine.get(found.best.article_id)
        if article is None:  # a writer of this same object deleted it in between
            raise NotFoundError(f"article {found.best.article_id} has just been deleted", "ask again")
        more = tuple(Excerpt(_passage(article, scored), scored.score) for scored in found.more)
        score = found.best.score
        return Hit(rank, score, {"dense": score}, _passage(article, found.best), article.metadata, more)

    def get(self, id_or_url: str) -> Article:
        """Return an article by its id, the beginning of its id (six digits or more), or its URL.

        Raises:
            NotFoundError: there is none, or several ids begin so.
        """
        article_id = self.resolve(id_or_url)
        article = self._engine.get(article_id) if article_id else None
        if article is None:
            raise NotFoundError(f"no article {id_or_url!r} in {self.location}", "see what there is: semsearch list")
        return article

    def resolve(self, id_or_url: str) -> str | None:
        """Return the id that an id, the beginning of one or a URL means here, or None.

        Raises:
            NotFoundError: several ids begin so.
        """
        name = id_or_url.strip()
        by_url = identity.url_id(name)
        if by_url:
            return by_url if self._engine.get(by_url) else None
        found = self._engine.find(name.lower()) if len(name) >= 6 else []
        if len(found) > 1:
            raise NotFoundError(f"several article ids begin with {name!r}", "give more of the id")
        return found[0] if found else None

    def articles(self, filters: Filters | None = None) -> Iterator[Metadata]:
        """Yield the allowed articles: newest first, undated last, then by id."""
        return self._engine.articles(bounds.resolve(filters or Filters(), now_seconds()))

    def stats(self) -> Stats:
        """Count what is there."""
        return self._engine.stats()

    def close(self) -> None:
        """Let go of the files."""
        self._engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ready_encoder(self) -> Encoder:
        encoder = self._encoder
        if encoder is None or isinstance(encoder, str):
            recipe = self._engine.recipe
            name = encoder or os.environ.get("SEMSEARCH_MODEL") or recipe.encoder.name
            encoder = load_encoder(name, recipe.precision)
        _check_encoder(encoder.identity, self._engine.recipe.encoder, self.location)
        self._encoder = encoder
        return encoder


def _sources() -> ModuleType:
    """Import the readers where something is read: asking an index needs neither Markdown nor YAML."""
    from semsearch import sources

    return sources


def _check_encoder(given: EncoderIdentity, wanted: EncoderIdentity, location: Path) -> None:
    """Names may differ (a path, an alias); everything that changes a vector may not."""
    if replace(given, name="") != replace(wanted, name=""):
        raise EncoderMismatchError(
            f"{location} was made with the encoder {_named(wanted)}, not with {_named(given)}",
            f"ask with its own: --model {wanted.name} (and unset SEMSEARCH_MODEL); or make the index again with this "
            f"one: semsearch build PATH… -i {location} --model {given.name} --force",
        )


def _named(encoder: EncoderIdentity) -> str:
    return f"{encoder.name} (digest {encoder.digest[:12]}, {encoder.dimensions} dimensions)"


def _checked(query: Query) -> Query:
    normal = text.normalise_line(query.text)
    if not normal:
        raise UsageError("the query is empty", 'ask for something: semsearch query "open source strategy"')
    if len(normal) > QUERY_CHARACTERS:
        raise UsageError(f"the query has {len(normal):,} characters", f"ask with at most {QUERY_CHARACTERS:,}")
    if query.k < 1 or query.offset < 0:
        raise UsageError(f"k is {query.k} and offset {query.offset}", "k is at least 1, offset at least 0")
    return replace(query, text=normal, filters=bounds.resolve(query.filters, now_seconds()))


def _passage(article: Article, scored: Scored) -> Passage:
    return Passage(scored.article_id, scored.ordinal, scored.start, scored.end, article.text[scored.start : scored.end])


def _emphasised(hits: Sequence[Hit], vector: Vector, encoder: Encoder) -> list[Hit]:
    """Find the sentence of each hit that is closest to the query by itself."""
    spans = [text.sentence_spans(hit.text) for hit in hits]
    sentences = [hit.text[start:end] for hit, own in zip(hits, spans, strict=True) for start, end in own]
    scores = iter((encoder.encode_passages(sentences) @ vector).tolist())
    found = []
    for hit, own in zip(hits, spans, strict=True):
        scored = [(next(scores), span) for span in own]
        start, end = max(scored, key=lambda pair: pair[0])[1] if len(own) > 1 else (0, 0)
        sentence = (hit.passage.start + start, hit.passage.start + end) if end else None
        found.append(replace(hit, sentence=sentence))
    return found


def _ignore(_: object) -> None:
    pass
