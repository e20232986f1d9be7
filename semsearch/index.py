"""Index: the one conductor. Brings sources, encoder, engine and ranking together."""

import os
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Self

from semsearch import chunking, conditions, engines, identity, limits, text
from semsearch.answering import Outcome, answers, checked, listed, outcomes, similar
from semsearch.checking import shown
from semsearch.encoders import load_encoder
from semsearch.errors import EncoderMismatchError, NotFoundError, RecipeMismatchError, SourceError, UsageError
from semsearch.files import now_seconds
from semsearch.intake import COMMIT_SECONDS, Intake, Observer, Reading, check_reading
from semsearch.locations import is_named, reading_location, refuse_shipped, writing_location
from semsearch.ports import Encoder, Engine
from semsearch.selection import DEFAULT_FACETS, Counting
from semsearch.types import (
    TIMEOUT,
    Answer,
    Article,
    Copies,
    Coverage,
    EncoderIdentity,
    Facets,
    Interval,
    Metadata,
    Mode,
    Packed,
    Precision,
    Query,
    Recipe,
    Stats,
    Summary,
    Tier,
    Timeline,
    Verdict,
    Verification,
)

Location = str | os.PathLike[str]
Source = Location | Iterable[Reading]
"""A file, a folder, `-`, or articles that were read already."""

_NAMED_BY = 80
"""Characters of an article without a title, where it is asked for what is similar."""

_LEAST_DIGITS = 6
"""Of the beginning of an id."""

_LISTED = 10
"""Articles that an error lists."""


class Index:
    """Articles, their passages and vectors, in a folder. Safe to share between threads for reading."""

    def __init__(
        self, engine: Engine, location: Path, encoder: Encoder | str | None = None, *, named: bool = True
    ) -> None:
        """Bring an engine and an encoder together; an index that nobody `named` is for reading."""
        self._engine = engine
        self._encoder = encoder
        self._named = named
        self.location = location
        self.summary: Summary | None = None  # of the build that made this object, if one did

    @classmethod
    def open(cls, location: Location | None = None, *, encoder: Encoder | str | None = None) -> Self:
        """Open a finished index: the one named, else $SEMSEARCH_INDEX, else ./index, else the shipped one.

        Neither an argument nor the variable names the last two, and they are for reading: nothing is added to them.

        Args:
            encoder: in the place of the one that the recipe names; it must be the same model.
        """
        where = reading_location(location)
        return cls(engines.open_engine(where), where, encoder, named=is_named(location))

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
            UsageError: an article cannot be kept; the place is left as it was.
        """
        where = writing_location(location)
        least, most = limits.LEAST_PASSAGE_TOKENS, limits.PASSAGE_TOKENS
        if type(passage_tokens) is not int or not least <= passage_tokens <= most:
            raise UsageError(
                f"passage_tokens is {shown(passage_tokens)}", f"give a whole number from {least} to {most:,}"
            )
        _check_given(source)
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
        except UsageError:  # an article that cannot be kept: what is here is nothing that could be continued
            engine.abandon()
            raise
        except BaseException:
            index.close()  # lets go of the lock
            raise
        if empty:
            raise SourceError("no article was found in what was given", "see what is read: semsearch read PATH…")
        return index

    def add(
        self, source: Source, *, observer: Observer | None = None, commit_seconds: float | None = COMMIT_SECONDS
    ) -> Summary:
        """Add articles, or replace those with the same id; an unchanged one writes nothing.

        Raises:
            UsageError: nobody named this index, or an article cannot be kept. Of a list nothing is added then, of a
                stream what was committed before.
            IndexLockedError: another process writes.
        """
        self._check_writable()
        _check_given(source)
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
        """Delete articles by what `get` takes, and return the ids of those that were there.

        Raises:
            UsageError: nobody named this index.
            NotFoundError: a name is that of several articles; nothing is deleted then.
        """
        self._check_writable()
        ids = [self.resolve(name) or name for name in ids_or_urls]
        with self._engine.writer() as writer:
            return [article_id for article_id in dict.fromkeys(ids) if writer.delete(article_id)]

    def compact(self) -> None:
        """Leave out what was deleted and merge small segments; vectors are copied, never encoded again."""
        self._check_writable()
        with self._engine.writer() as writer:
            writer.compact()

    def search(self, query: str | Query, k: int = 10, *, filters: conditions.Given | None = None) -> Answer:
        """Return the closest passages with their articles' metadata.

        Args:
            query: plain text, or a Query, which says everything and makes `k` and `filters` void.
            k: articles, at least 1.
            filters: or a mapping with the names of its fields: `{"since": "2024-05", "languages": ["en"]}`.

        Raises:
            UsageError: there is nothing to search for, too much, or a number that makes no sense.
            QueryTimeoutError: it takes longer than it may; there is no part of an answer.
        """
        asked = query if isinstance(query, Query) else Query(query, k, conditions.taken(filters))
        return self.search_many([asked])[0]

    def search_many(self, queries: Sequence[str | Query]) -> list[Answer]:
        """Answer several queries, encoded together; `took_ms` is then each one's share."""
        asked = [checked(query if isinstance(query, Query) else Query(query)) for query in queries]
        return answers(asked, self._engine, self._ready_encoder)

    def search_each(self, queries: Sequence[Query]) -> Iterator[Outcome]:
        """Answer several queries as `search_many` does, but yield for one whose time is over its error in its place."""
        return outcomes([checked(query) for query in queries], self._engine, self._ready_encoder)

    def similar(
        self,
        id_or_url: str,
        k: int = 10,
        *,
        filters: conditions.Given | None = None,
        mode: Mode = Mode.HYBRID,
        timeout: float | None = TIMEOUT,
    ) -> Answer:
        """Return the passages of other articles that are closest to an article; no encoder is loaded.

        Args:
            timeout: seconds that the answer may take; None for as long as it takes.

        Raises:
            NotFoundError: there is no such article, or several have that name.
            QueryTimeoutError: it takes longer than it may.
        """
        article = self.get(id_or_url)
        name = article.metadata.title or article.text[:_NAMED_BY].strip() or article.metadata.article_id
        return similar(article, checked(Query(name, k, conditions.taken(filters), mode, timeout=timeout)), self._engine)

    def facets(
        self,
        query: str | Query | None = None,
        *,
        by: Sequence[str] = DEFAULT_FACETS,
        filters: conditions.Given | None = None,
        verdict: Verdict | str = Verdict.WEAK,
        copies: Copies | str = Copies.ALL,
        limit: int | None = None,
    ) -> Facets:
        """Count the articles that match a query, by the values of fields; every match is counted, by a full pass.

        Args:
            query: as `search` takes it; None: every article that the filters allow matches.
            by: publisher, domain, author, language, section, tag (the keys of tags), or tag:KEY (the values of one).
            filters: as `search` takes them; of a Query, its own are taken.
            verdict: what a matching article has at least.
            copies: ONCE counts, of articles with the same text, the one that a search shows. Totals count every copy.
            limit: values of each field, those with most matching articles first; None: all.

        Raises:
            UsageError: the query cannot be answered, or there is no such field.
            QueryTimeoutError: it takes longer than it may.
        """
        return self._counting(query, filters, verdict, copies).facets(by, limit)

    def timeline(
        self,
        query: str | Query | None = None,
        *,
        interval: Interval | str | None = None,
        filters: conditions.Given | None = None,
        verdict: Verdict | str = Verdict.WEAK,
        copies: Copies | str = Copies.ALL,
    ) -> Timeline:
        """Count the articles that match a query over time, beside all that the filters allow; as `facets` does.

        Days are those of the filters' time zone.

        Args:
            interval: None: days, weeks, months or years, whichever make a legible number of bars.

        Raises:
            UsageError: the query cannot be answered, or there are too many intervals.
            QueryTimeoutError: it takes longer than it may.
        """
        return self._counting(query, filters, verdict, copies).timeline(interval)

    def coverage(self, *, filters: conditions.Given | None = None) -> Coverage:
        """Say what the articles that filters allow do not cover: days and publishers without articles, and the like."""
        return self._counting(None, filters, Verdict.NONE, Copies.ALL).coverage()

    def _counting(
        self, query: str | Query | None, filters: conditions.Given | None, verdict: str, copies: str
    ) -> Counting:
        if query is None:
            return Counting.of_all(conditions.taken(filters), copies, self._engine)
        asked = query if isinstance(query, Query) else Query(query, filters=conditions.taken(filters))
        return Counting.of_query(checked(asked), verdict, copies, self._engine, self._ready_encoder)

    def get(self, id_or_url: str) -> Article:
        """Return an article by its id, the beginning of its id (six digits or more), its URL, or its source's own id.

        Raises:
            NotFoundError: there is none, or several have that name.
        """
        article_id = self.resolve(id_or_url)
        article = self._engine.get(article_id) if article_id else None
        if article is None:
            raise NotFoundError(f"no article {id_or_url!r} in {self.location}", "see what there is: semsearch list")
        return article

    def resolve(self, id_or_url: str) -> str | None:
        """Return the id of the article that has a name here, or None.

        A whole id and an address come first. The beginning of an id and a source's own id count alike.

        Raises:
            NotFoundError: several articles have that name.
        """
        name = text.normalise_line(id_or_url)
        by_url = identity.url_id(name)
        if by_url and self._engine.get(by_url):
            return by_url
        found = self._engine.find(name.lower()) if _LEAST_DIGITS <= len(name) <= identity.ID_DIGITS else []
        if len(name) < identity.ID_DIGITS or not found:
            found = list(dict.fromkeys([*found, *self._engine.find_source_id(name)]))
        if len(found) > 1:
            raise NotFoundError(
                f"{name!r:.200} names {'at least ' * (len(found) == 2)}{len(found):,} articles: {self._listed(found)}",
                "give the whole article_id, or the address",
            )
        return found[0] if found else None

    def _listed(self, ids: Sequence[str]) -> str:
        articles = filter(None, map(self._engine.get, ids[:_LISTED]))
        named = (f"{one.metadata.article_id} “{one.metadata.title[:_NAMED_BY]}”" for one in articles)
        return ", ".join([*named, *["…"] * (len(ids) > _LISTED)])

    def articles(self, filters: conditions.Given | None = None) -> Iterator[Metadata]:
        """Yield the allowed articles: newest first, undated last, then by id.

        With `new_since` those are left out that only carry a text again which was indexed before.
        """
        return listed(conditions.resolved(conditions.taken(filters), now_seconds()), self._engine)

    def verify(self) -> Verification:
        """Compare every file of the newest generation with its seal."""
        return engines.verify(self.location)

    def refresh(self) -> bool:
        """See what others have committed since this index was opened, or last refreshed; False if that is nothing."""
        return self._engine.refresh()

    def reopened(self) -> Self:
        """Open the newest generation as another object with the same encoder; this one stays as it is."""
        return type(self)(engines.open_engine(self.location), self.location, self._encoder, named=self._named)

    def prepare(self) -> None:
        """Load the encoder now, which else the first search does; raises EncoderError where there is none."""
        self._ready_encoder()

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

    def _check_writable(self) -> None:
        if not self._named:
            raise UsageError(
                f"{self.location} is for reading here: nobody named it",
                'name the index to write to: Index.open("DIR"), -i DIR, or $SEMSEARCH_INDEX',
            )
        refuse_shipped(self.location)

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


def _check_given(source: Source) -> None:
    """Refuse a list with an article that cannot be kept, before anything is written; a stream is met as it comes."""
    if isinstance(source, Sequence) and not isinstance(source, str):
        for one in source:
            check_reading(one)


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
