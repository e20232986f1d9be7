"""Index: the one conductor. Brings sources, encoder, engine and ranking together."""

import os
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Self

from semsearch import bounds, chunking, engines, identity, text
from semsearch.answering import answers, checked, listed, similar
from semsearch.encoders import load_encoder
from semsearch.errors import EncoderMismatchError, NotFoundError, RecipeMismatchError, SourceError, UsageError
from semsearch.files import now_seconds
from semsearch.intake import COMMIT_SECONDS, Intake, Observer, Reading
from semsearch.locations import reading_location, writing_location
from semsearch.ports import Encoder, Engine
from semsearch.types import (
    Answer,
    Article,
    EncoderIdentity,
    Filters,
    Metadata,
    Mode,
    Packed,
    Precision,
    Query,
    Recipe,
    Stats,
    Summary,
    Tier,
    Verification,
)

Location = str | os.PathLike[str]
Source = Location | Iterable[Reading]
"""A file, a folder, `-`, or articles that were read already."""

_NAMED_BY = 80
"""Characters of an article without a title, where it is asked for what is similar."""


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
    def from_prebuilt(
        cls, name: str, *, registry: str | None = None, offline: bool = False, encoder: Encoder | str | None = None
    ) -> Self:
        """Open an index that a registry knows by this name; it is installed at the first time, and kept in the cache.

        `semsearch pull NAME` brings it up to date.

        Args:
            registry: a path or an address; else $SEMSEARCH_REGISTRY, else that of a settings file.

        Raises:
            NotFoundError: the registry has no such name.
            FetchError: it could not be had; the next call goes on where this one stopped.
            ArtifactError: it is damaged or refused.
        """
        from semsearch.artifact.prebuilt import prebuilt

        return cls.open(prebuilt(name, registry=registry, offline=offline), encoder=encoder)

    def pack(self, path: Location, *, tier: Tier = Tier.FULL, key: Location | None = None) -> Packed:
        """Write the newest generation as one file (`semsearch pack`).

        Args:
            key: the file of a private key that signs it.
        """
        from semsearch.artifact.packing import pack

        return pack(self.location, Path(path), tier=tier, key=Path(key) if key else None)

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
        if recipe.tier is not Tier.FULL:
            raise RecipeMismatchError(
                f"{self.location} holds {recipe.tier.value} of its articles, which cannot be mixed with whole ones",
                "build an index of your own: semsearch build PATH… -i DIR",
            )
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
        asked = [checked(query if isinstance(query, Query) else Query(query)) for query in queries]
        return answers(asked, self._engine, self._ready_encoder)

    def similar(
        self, id_or_url: str, k: int = 10, *, filters: Filters | None = None, mode: Mode = Mode.HYBRID
    ) -> Answer:
        """Return the passages of other articles that are closest to an article; no encoder is loaded.

        Raises:
            NotFoundError: there is no such article, or several ids begin so.
        """
        article = self.get(id_or_url)
        name = article.metadata.title or article.text[:_NAMED_BY].strip() or article.metadata.article_id
        return similar(article, checked(Query(name, k, filters or Filters(), mode)), self._engine)

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
        """Yield the allowed articles: newest first, undated last, then by id.

        With `new_since` those are left out that only carry a text again which was indexed before.
        """
        conditions = bounds.resolve(filters or Filters(), now_seconds())
        return listed(conditions, self._engine)

    def verify(self) -> Verification:
        """Compare every file of the newest generation with its seal."""
        return engines.verify(self.location)

    def refresh(self) -> bool:
        """See what others have committed since this index was opened, or last refreshed; False if that is nothing."""
        return self._engine.refresh()

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
            f"ask with its own: --model {shlex.quote(wanted.name)} (and unset SEMSEARCH_MODEL); or make the index "
            f"again with this one: semsearch build PATH… -i {location} --model {given.name} --force",
        )


def _named(encoder: EncoderIdentity) -> str:
    return f"{encoder.name} (digest {encoder.digest[:12]}, {encoder.dimensions} dimensions)"


def _ignore(_: object) -> None:
    pass
