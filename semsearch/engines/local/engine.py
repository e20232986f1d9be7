"""The local engine: a snapshot for readers, one transaction for the writer."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import replace
from heapq import merge
from pathlib import Path

import numpy as np

from semsearch.engines.local.article_columns import article_columns
from semsearch.engines.local.counts import count
from semsearch.engines.local.manifest import (
    BUILDING,
    MANIFEST,
    SEGMENTS,
    Manifest,
    begun,
    read_manifest,
    readable,
    sweep,
    write_manifest,
)
from semsearch.engines.local.search import search
from semsearch.engines.local.snapshot import manifests, open_snapshot
from semsearch.engines.local.thresholds import DEFAULTS, Thresholds
from semsearch.engines.local.verification import verify
from semsearch.engines.local.writer import LocalWriter
from semsearch.errors import IndexDamagedError, IndexExistsError, StoredIndexError, index_option
from semsearch.files import make_directory, remove, sync_directory
from semsearch.locks import LOCK, write_lock
from semsearch.ports import ArticleColumns, Ask, Background, Comparisons, Entry, Found, Vector
from semsearch.types import Article, Filters, Metadata, Passage, Recipe, Stats, Verification


class LocalEngine:
    """An index in a folder. Readers may share it between threads; each call sees one generation."""

    def __init__(self, directory: Path, name: str = MANIFEST, thresholds: Thresholds = DEFAULTS) -> None:
        self._directory = directory
        self._name = name
        self._thresholds = thresholds
        self._snapshot = open_snapshot(directory, name, thresholds)
        self._building = ExitStack()  # holds the write lock of an unfinished build from its beginning to its end

    @property
    def recipe(self) -> Recipe:
        """How the index was made."""
        return self._snapshot.manifest.recipe

    @contextmanager
    def writer(self) -> Iterator[LocalWriter]:
        """Open the one transaction, on the newest generation."""
        with nullcontext() if self._name == BUILDING else write_lock(self._directory):
            if self._name != BUILDING:  # over an empty index, a build that has just begun looks like a finished one
                _forget_finished_build(self._directory)
            _tidy(self._directory)
            if read_manifest(self._directory, self._name) != self._snapshot.manifest:
                self._snapshot = open_snapshot(self._directory, self._name, self._thresholds)
            writer = LocalWriter(self._directory, self._name, self._snapshot, self._thresholds)
            try:
                yield writer
                writer.commit()
            finally:
                segments = writer.close()
                if writer.manifest != self._snapshot.manifest:
                    self._snapshot = replace(self._snapshot, manifest=writer.manifest, segments=segments)
                del segments
                _tidy(self._directory)

    def refresh(self) -> bool:
        """Take the newest generation, if there is a newer one; answers that are being read keep theirs."""
        before = self._snapshot.manifest
        if read_manifest(self._directory, self._name) != before:
            self._snapshot = open_snapshot(self._directory, self._name, self._thresholds)
        return self._snapshot.manifest != before

    def hold(self, lock: ExitStack) -> None:
        """Keep the write lock of an unfinished build."""
        self._building = lock

    def finish(self) -> None:
        """Make an unfinished build the index, in place of any earlier one, by replacing one manifest."""
        if self._name == MANIFEST:
            return
        with self._building:
            manifest = replace(read_manifest(self._directory, BUILDING), job=None)
            write_manifest(self._directory, manifest)
            remove(self._directory / BUILDING)
            sync_directory(self._directory)
            sweep(self._directory, [manifest])
        self._name = MANIFEST

    def abandon(self) -> None:
        """Forget an unfinished build, and its folder if nothing else is in it."""
        self._snapshot = replace(self._snapshot, segments=())  # these hold what is to be removed
        with self._building:
            remove(self._directory / BUILDING)
            _tidy(self._directory)
            if not (self._directory / MANIFEST).exists():
                with suppress(OSError):  # Windows does not remove open files
                    remove(self._directory / LOCK)
        if not (self._directory / MANIFEST).exists():
            for folder in (self._directory / SEGMENTS, self._directory):
                with suppress(OSError):  # it was never made, or holds something else
                    folder.rmdir()

    def search(self, asks: Sequence[Ask]) -> Iterator[Found]:
        """Rank the allowed passages, exactly (ports.Engine)."""
        snapshot = self._snapshot  # once: a writer of this object may put another in its place meanwhile
        return search(snapshot.corpus, snapshot.duplicates, snapshot.texts, asks)

    def background(self) -> Background:
        """Return what unrelated texts look like in this index (ports.Engine)."""
        return self._snapshot.corpus.background

    def article_vector(self, article_id: str) -> Vector | None:
        """Return the mean of an article's passages, at unit length."""
        corpus = self._snapshot.corpus
        article = corpus.find(article_id)
        return None if article is None else corpus.article_vectors(np.array([article]))[0]

    def passages(self, article_id: str) -> list[Passage]:
        """Return an article's passages in order."""
        for segment in self._snapshot.segments:
            if (position := segment.find(article_id)) is not None:
                return segment.passages(position)
        return []

    def get(self, article_id: str) -> Article | None:
        """Return one article with its text."""
        for segment in self._snapshot.segments:
            if (position := segment.find(article_id)) is not None:
                return segment.read(position)
        return None

    def find(self, prefix: str) -> list[str]:
        """Return up to two ids that begin with a prefix."""
        return [article_id for segment in self._snapshot.segments for article_id in segment.beginning_with(prefix)][:2]

    def find_source_id(self, source_id: str) -> list[str]:
        """Return the ids of the articles that have this id in their source."""
        return [article_id for segment in self._snapshot.segments for article_id in segment.with_source_id(source_id)]

    def articles(self, filters: Filters) -> Iterator[Metadata]:
        """Yield the allowed articles: newest first, undated last, then by id."""
        corpus = self._snapshot.stored
        allowed = corpus.allowed(filters)
        newest_first = corpus.newest_first[allowed[corpus.newest_first]]
        dates = corpus.dates[newest_first]
        begin = 0
        while begin < len(newest_first):
            end = int(np.searchsorted(dates, dates[begin], side="right"))
            of_date = newest_first[begin:end]  # within each segment in order of their ids
            parts = np.split(of_date, np.searchsorted(of_date, corpus.first_articles[1:-1]))
            for article in merge(*(part.tolist() for part in parts), key=corpus.article_id):
                segment, position = corpus.of_article(article)
                yield segment.read(position).metadata
            begin = end

    def entries(self) -> Iterator[Entry]:
        """Yield every article with all that is kept beside it (ports.Engine)."""
        for segment in self._snapshot.segments:
            yield from segment.living()

    def columns(self, filters: Filters) -> ArticleColumns:
        """Return all articles as columns, those that the filters allow marked as matching (ports.Engine)."""
        corpus = self._snapshot.corpus
        allowed = corpus.allowed(filters)
        return article_columns(corpus, allowed, allowed)

    def comparisons(self) -> Comparisons:
        """Return the comparisons that tell which articles carry the same text."""
        return self._snapshot.texts

    def earlier(self, article_ids: Sequence[str], before: int) -> list[Sequence[str]]:
        """Return for each article the ids of those indexed before an instant that may carry its text."""
        snapshot = self._snapshot
        articles = [snapshot.corpus.find(article_id) for article_id in article_ids]
        return snapshot.duplicates.named_alike(articles, snapshot.corpus.indexed_before(before))

    def stats(self) -> Stats:
        """Return how much the newest generation holds."""
        return count(self._snapshot, (self._directory / self._name).stat().st_size)

    def verify(self) -> Verification:
        """Compare every file of the newest generation with its seal."""
        return verify(self._directory)

    def close(self) -> None:
        """Let go of the files and of the lock; the engine answers as an empty one from then on."""
        self._snapshot = replace(self._snapshot, segments=())
        self._building.close()


def _forget_finished_build(directory: Path) -> None:
    """Do the last step of `finish`, if it was killed right before that."""
    with suppress(StoredIndexError):
        building = begun(directory)
        if building and replace(building, job=None) == read_manifest(directory):
            remove(directory / BUILDING)


def _tidy(directory: Path) -> None:
    """Sweep, unless a manifest cannot be read, since nobody knows what it names then."""
    with suppress(StoredIndexError):
        sweep(directory, manifests(directory))


def begin_build(directory: Path, recipe: Recipe, *, job: str | None = None, replacing: bool) -> LocalEngine:
    """Continue an interrupted build of the same job and recipe, or begin a new, empty one.

    The build holds the write lock until it is finished, abandoned or closed.

    Args:
        job: what is to be read; None: continue no build.
        replacing: a finished index may exist, and is replaced when the build finishes.

    Raises:
        IndexExistsError: a finished index exists, and is not to be replaced.
        IndexLockedError: another process writes there.
        LimitError: an index of this recipe could not be read.
    """
    if directory.exists() and not directory.is_dir():
        raise IndexExistsError(f"{directory} is a file, not a folder", "name another place with -i")
    if (directory / MANIFEST).exists() and not replacing:
        raise IndexExistsError(
            f"{directory} already holds a finished index",
            f"add to it with `semsearch add … {index_option(directory)}`, or replace it with --force (in Python: "
            "force=True)",
        )
    readable(Manifest(0, recipe, job=job), directory)  # before a folder is made
    make_directory(directory)
    with ExitStack() as locked:
        locked.enter_context(write_lock(directory))
        if not _continues(directory, recipe, job):
            # Above the generation that is replaced, so that no segment name is used twice.
            generation = max((manifest.generation for manifest in _replaced_manifests(directory)), default=0)
            write_manifest(directory, Manifest(generation, recipe, job=job), BUILDING)
        engine = LocalEngine(directory, BUILDING)
        engine.hold(locked.pop_all())
    return engine


def _continues(directory: Path, recipe: Recipe, job: str | None) -> bool:
    building = begun(directory)
    if building is None or job is None or (building.job, building.recipe) != (job, recipe):
        return False
    with suppress(IndexDamagedError):  # a damaged build must not be in the way for ever
        return open_snapshot(directory, BUILDING).manifest == building
    return False


def _replaced_manifests(directory: Path) -> list[Manifest]:
    with suppress(StoredIndexError):  # a damaged index may be replaced
        return manifests(directory)
    return []
