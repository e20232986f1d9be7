"""The class `Index`: opening, building and changing an index."""

import os
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any, Self, Unpack

from semsearch import conditions, engines
from semsearch.errors import SourceError, UsageError
from semsearch.fetched import BUILDING, Memory
from semsearch.index import builds, changes
from semsearch.index.readable import ReadableIndex
from semsearch.intake import COMMIT_SECONDS, Observer
from semsearch.locations import is_named, reading_location, refuse_shipped, writing_location
from semsearch.ports import Encoder
from semsearch.types import Fetch, FilterArguments, Packed, Precision, Summary, Tier

Location = str | os.PathLike[str]
Source = object
"""What can be added: a path or a list of them, an address with `fetch`, or articles: dicts, a data frame, texts,
`semsearch.read(…)`; or a function that reads them, which is given what the index remembers of earlier fetches:
`functools.partial(semsearch.read, ADDRESS, fetch=True, source="Town Times")`.

A dict has the names that the readers of files know, in any spelling: `{"id": "2", "title": "…", "text": "…", "date":
"2024-05-03", "publisher": "…", "authors": […], "url": "…"}`. Records with the same url, or with the same publisher and
id, are the same article. Data frames are those of pandas, polars and pyarrow, one row for each article.
"""


class Index(ReadableIndex):
    """Articles, their passages and vectors, in a folder. Safe to share between threads for reading.

    `len(index)` counts the articles, `name in index` looks one up as `get` does, and a pickled index keeps its
    location, so that another process opens it anew.
    """

    summary: Summary | None = None
    """Of the last addition by this object."""

    @classmethod
    def open(cls, location: Location | None = None, *, encoder: Encoder | str | None = None) -> Self:
        """Open a finished index.

        It is the one named, else $SEMSEARCH_INDEX, else that of a settings file, else ./index, else the sample that
        comes with semsearch. One that neither the argument nor the variable names can only be read.

        Args:
            encoder: used instead of the one that the index was made with; it must be the same model.
        """
        folder = reading_location(location)
        return cls(engines.open_engine(folder), folder, encoder, named=is_named(location))

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

    @classmethod
    def create(cls, location: Location, *, encoder: Encoder | str | None = None, force: bool = False) -> Self:
        """Make an empty index; raises IndexExistsError if one exists, unless `force`."""
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
        passage_tokens: int | None = None,
        force: bool = False,
        fetch: bool | Fetch = False,
        observer: Observer | None = None,
        commit_seconds: float | None = COMMIT_SECONDS,
        job: str | None = None,
        wait: float = 0.0,
    ) -> Self:
        """Make an index of everything in a source (`Source`); nothing is visible before the end.

        The same call continues an interrupted build: what was encoded is not encoded again.

        Args:
            encoder: loaded, or its name; None for the default one.
            precision: in which its vectors are computed, now and at every addition: AUTO, the default, for the fastest
                of each machine, F32 for an index that travels.
            passage_tokens: budget of a passage's own text, at least 16; None for the encoder's own: 96 for the default
                model, more for a model that needs more tokens for the same text.
            force: replace a finished index, in one step at the end.
            fetch: as for `add`.
            observer: is told what could not be used and how far the build is.
            commit_seconds: an interruption loses at most this much work, however slow the source is; None for a build
                that repeats byte for byte.
            job: a build with the same job continues an interrupted one; by default the state of the files at the given
                paths. A build from articles in memory always starts anew.
            wait: seconds to wait for another process that writes there.

        Raises:
            IndexExistsError: a finished index exists, and `force` was not given.
            SourceError: the source has no article; the folder is left as it was.
            UsageError: a record or an article cannot be used; the folder is left as it was.
            IndexLockedError: another process writes there.
        """
        if isinstance(source, list | tuple) and not source:
            raise SourceError("there is nothing to build from: no article was given", "Index.create makes an empty one")
        memory = Memory(writing_location(location) / BUILDING)
        if not callable(source):  # a wrong record is refused before the build begins
            readings = _sources().given(source, fetch, memory)
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
            if callable(source):  # it may read at once, and then uses the memory
                readings = _sources().given(source, fetch, memory)
            index._add(readings, observer, commit_seconds, wait, memory)
            empty = not len(index)
            if empty:
                builds.abandon(index._engine, index.location)
            else:
                index.compact()
                index._finish()
        except UsageError:  # an article cannot be stored: a continued build would fail again
            builds.abandon(index._engine, index.location)
            raise
        except BaseException:
            index.close()  # releases the lock
            raise
        if empty:
            raise SourceError("no article was found in what was given", "see what is read: semsearch read PATH…")
        return index

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
            fetch: True, or how (`Fetch`): fetch the feeds and pages whose addresses are given; of those fetched before,
                only what is new or changed. Otherwise nothing is fetched.
            observer: is told what could not be used and how far it is.
            commit_seconds: an interruption loses at most this much work, however slow the source is.
            wait: seconds to wait for another process that writes.

        Raises:
            UsageError: this index was found, not named, or a record or an article cannot be used: the error says which.
                Of a list or a data frame nothing is added then; of a stream, what was committed before stays.
            IndexLockedError: another process writes.
        """
        self._check_writable()
        memory = Memory.of(self.location)
        return self._add(_sources().given(source, fetch, memory), observer, commit_seconds, wait, memory)

    def delete(
        self,
        ids_or_urls: str | Iterable[str] = (),
        *,
        filters: conditions.Given | None = None,
        dry_run: bool = False,
        wait: float = 0.0,
        **arguments: Unpack[FilterArguments],
    ) -> list[str]:
        """Delete articles by id or URL, as `get` takes them, or all that filters allow; return the deleted ids.

        Args:
            filters: or its conditions one by one: `index.delete(publishers="Town Times", until="2020")`.
            dry_run: only return the ids.
            wait: seconds to wait for another process that writes.

        Raises:
            UsageError: this index was found, not named; or there is neither a name nor a condition, or there are both.
            NotFoundError: several articles have the name; nothing is deleted then.
            IndexLockedError: another process writes.
        """
        self._check_writable()
        ids = changes.ids_to_delete(ids_or_urls, filters, arguments, self._engine)
        return changes.delete(ids, self._engine, dry_run=dry_run, wait=wait)

    def compact(self, *, wait: float = 0.0) -> None:
        """Drop deleted articles and merge small segments; vectors are copied, never encoded again."""
        self._check_writable()
        with changes.transaction(self._engine, wait) as writer:
            writer.compact()

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
        """Write the newest generation as one file (`semsearch pack`); an existing artifact is replaced.

        Args:
            about: a TOML file with a name, a release, a description, and licences, also of single publishers.
            name, release, licence: replace what that file says.
            key: the file of a private key to sign it with.

        Raises:
            ArtifactError: the file exists and is not an artifact, or the index holds less than the tier.
            UsageError: the file `about` cannot be read.
        """
        from semsearch.artifact.about import about_of
        from semsearch.artifact.pack import pack

        notes = about_of(Path(about) if about else None, name=name, release=release, licence=licence)
        return pack(self.location, Path(path), tier=tier, about=notes, key=Path(key) if key else None)

    @classmethod
    def _begin(
        cls,
        location: Location,
        *,
        encoder: Encoder | str | None,
        precision: Precision | None = None,
        passage_tokens: int | None = None,
        force: bool,
        job: str | None = None,
        wait: float = 0.0,
    ) -> Self:
        """Begin or continue a build: an index that no reader sees yet."""
        folder = writing_location(location)
        engine, loaded = builds.begin(
            folder,
            encoder=encoder,
            precision=precision,
            passage_tokens=passage_tokens,
            replacing=force,
            job=job,
            wait=wait,
        )
        return cls(engine, folder, loaded)

    def _finish(self) -> None:
        """Make the finished build the index."""
        builds.finish(self._engine, self.location)

    def _add(
        self,
        readings: Iterable[Any],
        observer: Observer | None,
        commit_seconds: float | None,
        wait: float,
        memory: Memory,
    ) -> Summary:
        changes.check_takes_articles(self._engine.recipe, self.location)
        encoder = self._ready_encoder()
        self.summary = changes.add(
            readings,
            self._engine,
            encoder,
            observer=observer,
            commit_seconds=commit_seconds,
            wait=wait,
            memory=memory,
        )
        return self.summary

    def _check_writable(self) -> None:
        if not self._named:
            raise UsageError(
                f"{self.location} was opened for reading: it was found, not named",
                'name the index to write to: Index.open("DIR"), -i DIR, or $SEMSEARCH_INDEX',
            )
        refuse_shipped(self.location)


def _sources() -> ModuleType:
    """Import the readers, only when something is read: searching needs neither Markdown nor YAML."""
    from semsearch import sources

    return sources
