"""Index, the facade: brings sources, encoder, engine and ranking together."""

import hashlib
import heapq
import os
import shlex
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Literal, Self, Unpack, overload

import numpy as np

from semsearch import arguments as given_arguments
from semsearch import chunking, conditions, engines, identity, limits, text
from semsearch.answering import Outcome, answers, checked, listed, outcomes, similar
from semsearch.checking import shown
from semsearch.encoders import load_encoder
from semsearch.encoders.recent_queries import RecentQueries
from semsearch.errors import EncoderMismatchError, NotFoundError, RecipeMismatchError, SourceError, UsageError
from semsearch.fetched import BUILDING, Memory, finish_build, forget, forget_build
from semsearch.files import now_seconds
from semsearch.intake import COMMIT_SECONDS, Intake, Observer
from semsearch.locations import is_named, reading_location, refuse_shipped, writing_location
from semsearch.locks import patiently
from semsearch.ports import Encoder, Engine, Matrix, Writer
from semsearch.selection import DEFAULT_FACETS, MatchingArticles
from semsearch.types import (
    Answer,
    Article,
    Copies,
    Coverage,
    EncoderIdentity,
    Facets,
    Fetch,
    FilterArguments,
    Interval,
    Metadata,
    Packed,
    Precision,
    Query,
    Recipe,
    SearchArguments,
    Stats,
    Summary,
    Tier,
    Timeline,
    Verdict,
    Verification,
    iso_seconds,
)
from semsearch.unmet import unmet

Location = str | os.PathLike[str]
Source = object
"""What is added: a path or a list of them, an address with `fetch`, or articles: dicts, a data frame, texts,
`semsearch.read(…)`; or a function that reads them, and is given what the index remembers of what was fetched before:
`functools.partial(semsearch.read, ADDRESS, fetch=True, source="Town Times")`.

A dict has the names that the readers of files know, in any spelling: `{"id": "2", "title": "…", "text": "…", "date":
"2024-05-03", "publisher": "…", "authors": […], "url": "…"}`. Records with the same url, or with the same publisher and
id, are the same article. Data frames are those of pandas, polars and pyarrow, a row an article.
"""

_NAMED_BY = 80
"""Characters of an article without a title, where it is asked for what is similar."""

_LEAST_DIGITS = 6
"""Of the beginning of an id."""

_LISTED = 10
"""Articles that an error lists."""

GROUPS: dict[str, Callable[[Metadata], str]] = {
    "publisher": lambda article: article.publisher or "",
    "language": lambda article: article.language or "",
    "section": lambda article: article.section or "",
    "year": lambda article: iso_seconds(article.published.earliest)[:4] if article.published else "",
    "month": lambda article: iso_seconds(article.published.earliest)[:7] if article.published else "",
}
"""What a sample may be drawn by; "" where an article does not say."""


class Index:
    """Articles, their passages and vectors, in a folder. Safe to share between threads for reading.

    `len(index)` counts the articles, `name in index` asks for one by what `get` takes, and pickling an index keeps its
    location, so that another process opens it anew.
    """

    def __init__(
        self, engine: Engine, location: Path, encoder: Encoder | str | None = None, *, named: bool = True
    ) -> None:
        """Bring an engine and an encoder together; an index that was found without being `named` is for reading."""
        self._opened: Engine | None = engine
        self._encoder = encoder
        self._named = named
        self.location = location
        self.summary: Summary | None = None  # of the last addition by this object

    @classmethod
    def open(cls, location: Location | None = None, *, encoder: Encoder | str | None = None) -> Self:
        """Open a finished index.

        That is the one named, else $SEMSEARCH_INDEX, else that of a settings file, else ./index, else the sample that
        comes with semsearch. Those that neither an argument nor the variable names are for reading alone.

        Args:
            encoder: used instead of the one that the index was made with; it must be the same model.
        """
        where = reading_location(location)
        return cls(engines.open_engine(where), where, encoder, named=is_named(location))

    @classmethod
    def from_prebuilt(
        cls, name: str, *, registry: str | None = None, offline: bool = False, encoder: Encoder | str | None = None
    ) -> Self:
        """Open an index that a registry lists under this name; it is installed the first time, and kept in the cache.

        `semsearch pull NAME` updates it.

        Args:
            registry: a path or an address; else $SEMSEARCH_REGISTRY, else that of a settings file.

        Raises:
            NotFoundError: the registry has no such name.
            FetchError: it could not be fetched; the next call continues where this one stopped.
            ArtifactError: it is damaged or refused.
        """
        from semsearch.artifact.prebuilt import prebuilt
        from semsearch.network.transfers import Network

        return cls.open(prebuilt(name, registry=registry, network=Network(offline=offline)), encoder=encoder)

    def pack(
        self,
        path: Location,
        *,
        tier: Tier = Tier.FULL,
        about: Location | None = None,
        name: str | None = None,
        release: str | None = None,
        licence: str | None = None,
        key: Location | None = None,
    ) -> Packed:
        """Write the newest generation as one file (`semsearch pack`); an artifact that is there is replaced.

        Args:
            about: a TOML file with a name, a release, a description, and licences, also of single publishers.
            name, release, licence: as in that file, and instead of what it says.
            key: the file of a private key that signs it.

        Raises:
            ArtifactError: there is a file that is no artifact, or the index holds less than the tier.
            UsageError: the file `about` cannot be read.
        """
        from semsearch.artifact.about import about_of
        from semsearch.artifact.packing import pack

        noted = about_of(Path(about) if about else None, name=name, release=release, licence=licence)
        return pack(self.location, Path(path), tier=tier, about=noted, key=Path(key) if key else None)

    @classmethod
    def create(cls, location: Location, *, encoder: Encoder | str | None = None, force: bool = False) -> Self:
        """Make an empty index; raises IndexExistsError where there is one, unless `force`."""
        index = cls._begin(location, encoder=encoder, force=force)
        index._finish()
        return index

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
        fetch: bool | Fetch = False,
        observer: Observer | None = None,
        commit_seconds: float | None = COMMIT_SECONDS,
        job: str | None = None,
        wait: float = 0.0,
    ) -> Self:
        """Make an index of everything in a source (`Source`); nothing is visible before the end.

        An interrupted build is continued by the same call: what it had encoded is not encoded again.

        Args:
            encoder: loaded, or its name; None for the default one.
            precision: in which its vectors are computed, now and at every addition: AUTO, the default, for the fastest
                of each machine, F32 for an index that travels.
            passage_tokens: budget of a passage's own text, at least 16.
            force: replace a finished index, at the end and at once.
            fetch: as that of `add`.
            observer: is told what could not be used and how far it is.
            commit_seconds: an interruption loses at most so much work, however slow the source is; None for a build
                that repeats byte for byte.
            job: what makes two builds the same, so that one continues the other; by default the state of the files
                at the given paths. A build from articles in memory always starts anew.
            wait: seconds to wait for another process that writes there.

        Raises:
            IndexExistsError: a finished index is there and `force` was not given.
            SourceError: there was not one article; the folder is left as it was.
            UsageError: a record or an article cannot be used; the folder is left as it was.
            IndexLockedError: another process writes there.
        """
        if isinstance(source, list | tuple) and not source:
            raise SourceError("there is nothing to build from: no article was given", "Index.create makes an empty one")
        memory = Memory(writing_location(location) / BUILDING)
        if not callable(source):
            readings = _sources().given(source, fetch, memory)  # or a wrong record would be met after the index began
        if job is None and _sources().names_files(source):
            job = _sources().state(source)
        index = cls._begin(
            location,
            encoder=encoder,
            precision=precision,
            passage_tokens=passage_tokens,
            force=force,
            job=job,
            wait=wait,
        )
        try:
            memory.load()
            if callable(source):  # which may read at once, and then remembers
                readings = _sources().given(source, fetch, memory)
            index._add(readings, observer, commit_seconds, wait, memory)
            empty = not len(index)
            if empty:
                index._abandon()
            else:
                with index._engine.writer() as writer:
                    writer.compact()
                index._finish()
        except UsageError:  # of an article that cannot be stored: continuing would meet it again
            index._abandon()
            raise
        except BaseException:
            index.close()  # releases the lock
            raise
        if empty:
            raise SourceError("no article was found in what was given", "see what is read: semsearch read PATH…")
        return index

    @classmethod
    def _begin(
        cls,
        location: Location,
        *,
        encoder: Encoder | str | None,
        precision: Precision | None = None,
        passage_tokens: int = chunking.PASSAGE_TOKENS,
        force: bool,
        job: str | None = None,
        wait: float = 0.0,
    ) -> Self:
        """Begin, or continue, a build: an index that no reader sees yet."""
        where = writing_location(location)
        least, most = limits.LEAST_PASSAGE_TOKENS, limits.PASSAGE_TOKENS
        if type(passage_tokens) is not int or not least <= passage_tokens <= most:
            raise UsageError(
                f"passage_tokens is {shown(passage_tokens)}", f"give a whole number from {least} to {most:,}"
            )
        wanted = Precision(precision) if precision else Precision.AUTO
        loaded = load_encoder(encoder, wanted) if encoder is None or isinstance(encoder, str) else encoder
        recipe = Recipe(
            loaded.identity,
            passage_tokens,
            identity.VERSION,
            text.VERSION,
            precision=wanted,
            cosines=loaded.cosines,
        )
        engine = patiently(partial(engines.begin_build, where, recipe, job=job, replacing=force), wait)
        index = cls(engine, where, loaded)
        if not len(index):  # it continues nothing
            forget_build(where)
        return index

    def _finish(self) -> None:
        """Make a build the index."""
        forget(self.location)  # of one that is replaced
        self._engine.finish()
        finish_build(self.location)

    def _abandon(self) -> None:
        """Give a build up."""
        forget_build(self.location)
        self._engine.abandon()

    def add(
        self,
        source: Source,
        *,
        fetch: bool | Fetch = False,
        observer: Observer | None = None,
        commit_seconds: float | None = COMMIT_SECONDS,
        wait: float = 0.0,
    ) -> Summary:
        """Add articles (`Source`), or replace those with the same id; an unchanged one writes nothing.

        Args:
            fetch: True, or how (`Fetch`): fetch the feeds and pages whose addresses are given, those that were fetched
                before only where they are new or changed. Nothing is fetched otherwise.
            observer: is told what could not be used and how far it is.
            commit_seconds: an interruption loses at most so much work, however slow the source is.
            wait: seconds to wait for another process that writes.

        Raises:
            UsageError: this index was found, not named, or a record or an article cannot be used: the error says which.
                Of a list or a data frame nothing is added then, of a stream what was committed before.
            IndexLockedError: another process writes.
        """
        self._check_writable()
        memory = Memory.of(self.location)
        return self._add(_sources().given(source, fetch, memory), observer, commit_seconds, wait, memory)

    def _add(
        self,
        readings: Iterable[Any],
        observer: Observer | None,
        commit_seconds: float | None,
        wait: float,
        memory: Memory,
    ) -> Summary:
        recipe = self._engine.recipe
        if recipe.tier is not Tier.FULL:
            raise RecipeMismatchError(
                f"{self.location} holds {recipe.tier.value} of its articles, which cannot be mixed with whole ones",
                "build an index of your own: semsearch build PATH… -i DIR",
            )
        if (recipe.identity_version, recipe.text_version) != (identity.VERSION, text.VERSION):
            raise RecipeMismatchError(
                f"{self.location} was made by a version with other rules for ids and texts",
                f"build it again from its sources: semsearch build PATH… -i {self.location} --force",
            )
        encoder = self._ready_encoder()
        with self._writer(wait) as writer:
            intake = Intake(writer, encoder, recipe.passage_tokens, observer or _ignore, commit_seconds, memory.save)
            self.summary = intake.run(readings)
        return self.summary

    def delete(
        self,
        ids_or_urls: str | Iterable[str] = (),
        *,
        filters: conditions.Given | None = None,
        dry_run: bool = False,
        wait: float = 0.0,
        **arguments: Unpack[FilterArguments],
    ) -> list[str]:
        """Delete articles by what `get` takes, or all that filters allow, and return the ids of those that were there.

        Args:
            filters: or its conditions one by one: `index.delete(publishers="Town Times", until="2020")`.
            dry_run: only return the ids.
            wait: seconds to wait for another process that writes.

        Raises:
            UsageError: this index was found, not named; or there is neither a name nor a condition, or there are both.
            NotFoundError: a name is that of several articles; nothing is deleted then.
            IndexLockedError: another process writes.
        """
        self._check_writable()
        names = [ids_or_urls] if isinstance(ids_or_urls, str) else list(ids_or_urls)
        wanted = conditions.resolved(given_arguments.filters_of(filters, arguments), now_seconds())
        if names and wanted.to_dict():
            raise UsageError("articles to delete are named by ids and by filters", "give either ids or filters")
        is_nothing = not names and filters is None and not arguments  # as a list that happens to be empty
        if not (names or is_nothing or wanted.to_dict()):
            raise UsageError(
                "without a condition every article would be deleted", "Index.create(DIR, force=True) makes an empty one"
            )
        if names or is_nothing:
            ids = [self.resolve(name) or name for name in names]
        else:
            ids = [article.article_id for article in self._engine.articles(wanted)]
        if dry_run:
            return [article_id for article_id in dict.fromkeys(ids) if self._engine.get(article_id)]
        with self._writer(wait) as writer:
            return [article_id for article_id in dict.fromkeys(ids) if writer.delete(article_id)]

    def compact(self, *, wait: float = 0.0) -> None:
        """Drop deleted articles and merge small segments; vectors are copied, never encoded again."""
        self._check_writable()
        with self._writer(wait) as writer:
            writer.compact()

    def search(
        self,
        query: str | Query,
        k: int | None = None,
        *,
        filters: conditions.Given | None = None,
        **arguments: Unpack[SearchArguments],
    ) -> Answer:
        """Return the closest passages with their articles' metadata, best first.

        `index.search("harbour strike", k=5, since="2024-05", publishers=["Town Times", "apnews.com"], mode="dense")`

        Args:
            query: plain text, or a Query, which says everything: nothing else may be given beside it.
            k: articles, at least 1; 10 unless it is given.
            filters: `Filters`, or a dict with the names of its fields.
            arguments: the fields of `Filters` (`publishers`, `authors`, `languages`, `sections`, `tags`, `since`,
                `until`, `undated`, `new_since`, `republished`, `timezone`), each a value or several; and those of
                `Query` (`mode`, `group_by`, `sort`, `offset`, `phrases`, `excluded`, `min_confidence`, `recency` in
                days, `as_of`, `explain`, `context`, `timeout` in seconds, `count`).

        Raises:
            UsageError: there is nothing to search for, too much, a number that makes no sense, an unknown argument, or
                one that contradicts another.
            QueryTimeoutError: it takes longer than it may; no partial answer is returned.
        """
        return self.search_many([given_arguments.query_of(query, k, filters, arguments)])[0]

    async def asearch(
        self,
        query: str | Query,
        k: int | None = None,
        *,
        filters: conditions.Given | None = None,
        **arguments: Unpack[SearchArguments],
    ) -> Answer:
        """Search in a thread, as `search` does, so that an event loop goes on meanwhile."""
        import asyncio  # takes a hundredth of a second, which few programs need

        return await asyncio.to_thread(partial(self.search, query, k, filters=filters, **arguments))

    def search_many(self, queries: Sequence[str | Query]) -> list[Answer]:
        """Answer several queries, encoded together; `took_ms` is then each one's share."""
        asked = [checked(query if isinstance(query, Query) else Query(query)) for query in queries]
        return answers(asked, self._engine, self._ready_encoder)

    def search_each(self, queries: Sequence[Query]) -> Iterator[Outcome]:
        """Answer several queries as `search_many` does, but yield an error in the place of one that takes too long."""
        return outcomes([checked(query) for query in queries], self._engine, self._ready_encoder)

    def similar(
        self,
        id_or_url: str,
        k: int | None = None,
        *,
        filters: conditions.Given | None = None,
        **arguments: Unpack[SearchArguments],
    ) -> Answer:
        """Return the passages of other articles that are closest to an article; no encoder is loaded.

        Args:
            k, filters, arguments: as those of `search`.

        Raises:
            NotFoundError: there is no such article, or several have that name.
            UsageError: as `search`.
            QueryTimeoutError: it takes longer than it may.
        """
        article = self.get(id_or_url)
        name = article.metadata.title or article.text[:_NAMED_BY].strip() or article.metadata.article_id
        return similar(article, checked(given_arguments.query_of(name, k, filters, arguments)), self._engine)

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
        return self.matching(query, filters=filters, verdict=verdict, copies=copies).facets(by, limit)

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
        return self.matching(query, filters=filters, verdict=verdict, copies=copies).timeline(interval)

    def coverage(self, *, filters: conditions.Given | None = None) -> Coverage:
        """Say what the articles that filters allow do not cover: days and publishers without articles, and the like."""
        return self.matching(filters=filters).coverage()

    def matching(
        self,
        query: str | Query | None = None,
        *,
        filters: conditions.Given | None = None,
        verdict: Verdict | str = Verdict.WEAK,
        copies: Copies | str = Copies.ALL,
    ) -> MatchingArticles:
        """Return the articles that match, to be counted in several ways by one pass: `.facets(…)` and `.timeline(…)`.

        Args:
            query, filters, verdict, copies: as `facets` takes them.

        Raises:
            UsageError: the query cannot be answered.
        """
        if query is None:
            return MatchingArticles.of_all(conditions.taken(filters), copies, self._engine)
        asked = query if isinstance(query, Query) else Query(query, filters=conditions.taken(filters))
        return MatchingArticles.of_query(checked(asked), verdict, copies, self._engine, self._ready_encoder)

    def get(self, id_or_url: str) -> Article:
        """Return an article by its id, the beginning of its id (six digits or more), its URL, or its source's own id.

        Raises:
            NotFoundError: there is none, or several have that name.
        """
        article_id = self.resolve(id_or_url)
        article = self._engine.get(article_id) if article_id else None
        if article is None:
            raise NotFoundError(
                f"no article {id_or_url!r:.200} in {self.location}", f"see what there is: semsearch list{self._option}"
            )
        return article

    def resolve(self, id_or_url: str) -> str | None:
        """Return the id of the article that has a name here, or None.

        A whole id and an address come first. The beginning of an id and a source's own id count alike.

        Raises:
            NotFoundError: several articles have that name.
        """
        if not isinstance(id_or_url, str):
            raise UsageError(f"an id is {id_or_url!r:.40} ({type(id_or_url).__name__}), not a text", 'write "17"')
        name = text.normalise_line(id_or_url)
        by_url = identity.url_id(name)
        if by_url and self._engine.get(by_url):
            return by_url
        ids = self._engine.find(name.lower()) if _LEAST_DIGITS <= len(name) <= identity.ID_DIGITS else []
        if len(name) < identity.ID_DIGITS or not ids:
            ids = list(dict.fromkeys([*ids, *self._engine.find_source_id(name)]))
        if len(ids) > 1:
            raise NotFoundError(
                f"{name!r:.200} names {'at least ' * (len(ids) == 2)}{len(ids):,} articles: {self._listed(ids)}",
                "give the whole article_id, or the address",
            )
        return ids[0] if ids else None

    def _listed(self, ids: Sequence[str]) -> str:
        articles = filter(None, map(self._engine.get, ids[:_LISTED]))
        named = (f"{article.metadata.article_id} “{article.metadata.title[:_NAMED_BY]}”" for article in articles)
        return ", ".join([*named, *["…"] * (len(ids) > _LISTED)])

    @overload
    def articles(
        self,
        filters: conditions.Given | None = None,
        *,
        texts: Literal[False] = False,
        **arguments: Unpack[FilterArguments],
    ) -> Iterator[Metadata]: ...
    @overload
    def articles(
        self, filters: conditions.Given | None = None, *, texts: Literal[True], **arguments: Unpack[FilterArguments]
    ) -> Iterator[Article]: ...
    def articles(
        self, filters: conditions.Given | None = None, *, texts: bool = False, **arguments: Unpack[FilterArguments]
    ) -> Iterator[Metadata] | Iterator[Article]:
        """Yield the allowed articles: newest first, undated last, then by id.

        With `new_since` those are left out that only carry a text again which was indexed before.

        Args:
            filters: or its conditions one by one: `index.articles(languages="en", since="2024")`.
            texts: yield each as an `Article`, with its text, not its `Metadata` alone.

        Raises:
            UsageError: a condition is not one, or is given twice.
        """
        wanted = given_arguments.filters_of(filters, arguments)
        known = listed(conditions.resolved(wanted, now_seconds()), self._engine)
        return filter(None, (self._engine.get(article.article_id) for article in known)) if texts else known

    def sample(
        self,
        n: int,
        seed: int = 0,
        *,
        by: str | None = None,
        filters: conditions.Given | None = None,
        **arguments: Unpack[FilterArguments],
    ) -> list[Metadata]:
        """Draw articles at random, always the same ones for the same seed and articles, on every machine.

        An article that is added later changes nothing but that it may take the place of another.

        Args:
            n: articles, fewer where there are fewer; with `by` so many of each group.
            seed: any whole number.
            by: "publisher", "language", "section", "year" or "month" of publication in UTC.
            filters, arguments: as those of `articles`.

        Raises:
            UsageError: n is not 1 or more, there is no such group, or a condition is not one.
        """
        if type(n) is not int or n < 1:
            raise UsageError(f"n is {shown(n)}", "give a whole number from 1")
        if by is not None and by not in GROUPS:
            raise UsageError(f"there is no group {by!r}", f"by is one of {', '.join(GROUPS)}")
        group_of = GROUPS[by] if by else lambda _: ""
        groups: defaultdict[str, list[Metadata]] = defaultdict(list)
        for article in self.articles(filters, **arguments):
            groups[group_of(article)].append(article)

        def drawn(article: Metadata) -> bytes:
            return hashlib.sha256(f"{seed}:{article.article_id}".encode()).digest()

        return [article for name in sorted(groups) for article in heapq.nsmallest(n, groups[name], drawn)]

    def vectors(self, ids_or_urls: str | Iterable[str]) -> Matrix:
        """Return the vector of each article: the mean of its passages' vectors, at unit length.

        Returns:
            float32 (articles, dimensions), in the order of the names.

        Raises:
            NotFoundError: there is no such article, or several have that name.
        """
        names = [ids_or_urls] if isinstance(ids_or_urls, str) else list(ids_or_urls)
        vectors = [self._engine.article_vector(self.get(name).metadata.article_id) for name in names]
        known = [vector for vector in vectors if vector is not None]
        if not known:
            return np.zeros((0, self._engine.recipe.encoder.dimensions), dtype=np.float32)
        lengths = np.linalg.norm(known, axis=1, keepdims=True)  # half precision leaves them a little off
        return np.asarray(known / np.where(lengths, lengths, 1), dtype=np.float32)

    def unmet(self, filters: conditions.Given | None = None, **arguments: Unpack[FilterArguments]) -> list[str]:
        """Say of each condition that no article meets, even alone, which one it is, and what may have been meant."""
        wanted = given_arguments.filters_of(filters, arguments)
        return list(unmet(conditions.resolved(wanted, now_seconds()), self._engine))

    def verify(self) -> Verification:
        """Compare every file of the newest generation with its checksum."""
        return self._engine.verify()

    def refresh(self) -> bool:
        """Take in what others have committed since this index was opened or last refreshed; False if nothing."""
        return self._engine.refresh()

    def reopened(self) -> Self:
        """Open the newest generation as another object with the same encoder; this one stays as it is."""
        return type(self)(engines.open_engine(self.location), self.location, self._encoder, named=self._named)

    def prepare(self) -> None:
        """Load the encoder now, which else the first search does, and let it remember recent queries.

        Raises:
            EncoderError: there is none.
        """
        encoder = self._ready_encoder()
        self._encoder = encoder if isinstance(encoder, RecentQueries) else RecentQueries(encoder)

    def stats(self) -> Stats:
        """Count what is there."""
        return self._engine.stats()

    def close(self) -> None:
        """Release the files; later calls raise UsageError."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def __len__(self) -> int:
        return self._engine.stats().articles

    def __bool__(self) -> bool:
        return True  # an index is there, be it empty

    def __contains__(self, id_or_url: object) -> bool:
        if not isinstance(id_or_url, str):
            return False
        try:
            return self.resolve(id_or_url) is not None
        except NotFoundError:  # the name of several
            return True

    def __repr__(self) -> str:
        if self._opened is None:
            return f"<Index {str(self.location)!r}: closed>"
        stats = self._engine.stats()
        counts = f"{stats.articles:,} articles, {stats.passages:,} passages"
        return f"<Index {str(self.location)!r}: {counts}, encoder {stats.recipe.encoder.name!r}>"

    def __reduce__(self) -> tuple[Any, ...]:
        encoder = self._encoder if isinstance(self._encoder, str) else None
        return _reopened, (type(self), str(self.location.absolute()), encoder, self._named)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def _engine(self) -> Engine:
        if self._opened is None:
            raise UsageError(
                f"the index {self.location} was closed", f"open it again: Index.open({str(self.location)!r})"
            )
        return self._opened

    @property
    def _option(self) -> str:
        """How a command names this index: " -i DIR", or nothing for one that is found without a name."""
        return f" -i {shlex.quote(str(self.location))}" if self._named else ""

    @contextmanager
    def _writer(self, wait: float) -> Iterator[Writer]:
        """Open the one transaction, and wait for another process that has it."""
        with ExitStack() as stack:
            yield patiently(lambda: stack.enter_context(self._engine.writer()), wait)

    def _check_writable(self) -> None:
        if not self._named:
            raise UsageError(
                f"{self.location} was opened for reading: it was found, not named",
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


def _reopened(kind: type[Index], location: str, encoder: str | None, named: bool) -> Index:
    """Open an index that was pickled; one that was for reading still is."""
    return kind(engines.open_engine(Path(location)), Path(location), encoder, named=named)


def _check_encoder(given: EncoderIdentity, wanted: EncoderIdentity, location: Path) -> None:
    """Refuse another encoder; names may differ (a path, an alias), but nothing that changes a vector."""
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
