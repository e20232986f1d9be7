"""Searching and reading an open index."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, Unpack, overload

import numpy as np

from semsearch import arguments as given_arguments
from semsearch import conditions, engines
from semsearch.answering import Outcome, answers, checked, listed, outcomes, similar
from semsearch.checks import shown
from semsearch.encoders.recent_queries import RecentQueries
from semsearch.errors import NotFoundError, UsageError, index_option
from semsearch.files import now_seconds
from semsearch.index.hints import naming, naming_each
from semsearch.index.names import article_id_of, how_to_name, names_of
from semsearch.index.own_encoder import own_encoder
from semsearch.index.samples import sampled
from semsearch.ports import Encoder, Engine, Matrix
from semsearch.selection import DEFAULT_FACETS, MatchingArticles
from semsearch.text import counted
from semsearch.types import (
    Answer,
    Article,
    Copies,
    Coverage,
    Facets,
    FilterArguments,
    Interval,
    Metadata,
    Query,
    SearchArguments,
    Stats,
    Timeline,
    Verdict,
    Verification,
)
from semsearch.unmet import unmet

_NAME_CHARACTERS = 80
"""Characters of the text that name an article without a title, in a search for similar ones."""


class ReadableIndex:
    """What every open index can do, also one that may only be read."""

    def __init__(
        self,
        engine: Engine,
        location: Path | None = None,
        encoder: Encoder | str | None = None,
        *,
        named: bool = True,
    ) -> None:
        """Bring an engine and an encoder together; an index that was found without being `named` can only be read.

        Raises:
            UsageError: what is given is a location; `Index.open` opens it.
        """
        if location is None:
            raise UsageError(
                f"an index is not opened by Index({shown(engine)})",
                f"write Index.open({shown(engine)}); to make one: Index.build(SOURCE, {shown(engine)})",
            )
        self._open_engine: Engine | None = engine
        self._encoder = encoder
        self._named = named
        self.location = location

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
            query: plain text; or a `Query`, and then no other argument.
            k: number of articles, at least 1; 10 by default.
            filters: `Filters`, or a dict with the names of its fields.
            arguments: the fields of `Filters` (`publishers`, `authors`, `languages`, `sections`, `tags`, `since`,
                `until`, `undated`, `new_since`, `republished`, `timezone`), each a value or several; and those of
                `Query` (`mode`, `group_by`, `sort`, `offset`, `phrases`, `excluded`, `min_confidence`, `recency` in
                days, `as_of`, `explain`, `context`, `timeout` in seconds, `count`).

        Raises:
            UsageError: there is nothing to search for, or too much; or an argument is unknown, has a wrong value, or
                contradicts another.
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
        """Search as `search` does, but in a thread, so that an event loop is not blocked."""
        import asyncio  # takes a hundredth of a second, and few programs need it

        return await asyncio.to_thread(partial(self.search, query, k, filters=filters, **arguments))

    def search_many(self, queries: Sequence[str | Query]) -> list[Answer]:
        """Answer several queries, which are encoded together; each answer's `took_ms` is its share of the time.

        Raises:
            UsageError: as for `search`, or it is one query.
        """
        if isinstance(queries, str | Query):
            raise UsageError("search_many was given one query", "write a list of them, or call search")
        checked_queries = [checked(query if isinstance(query, Query) else Query(query)) for query in queries]
        with naming(self.location):
            return answers(checked_queries, self._engine, self._ready_encoder)

    def search_each(self, queries: Sequence[Query]) -> Iterator[Outcome]:
        """Answer several queries as `search_many` does, but yield an error for a query that takes too long."""
        checked_queries = [checked(query) for query in queries]
        return naming_each(outcomes(checked_queries, self._engine, self._ready_encoder), self.location)

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
            k, filters, arguments: as for `search`.

        Raises:
            NotFoundError: there is no such article, or several have that name.
            UsageError: as for `search`.
            QueryTimeoutError: it takes longer than it may.
        """
        article = self.get(id_or_url)
        name = article.metadata.title or article.text[:_NAME_CHARACTERS].strip() or article.metadata.article_id
        query = checked(given_arguments.query_of(name, k, filters, arguments))
        with naming(self.location):
            return similar(article, query, self._engine)

    def facets(
        self,
        query: str | Query | None = None,
        *,
        by: str | Sequence[str] = DEFAULT_FACETS,
        filters: conditions.Given | None = None,
        verdict: Verdict | str = Verdict.WEAK,
        copies: Copies | str = Copies.ALL,
        limit: int | None = None,
    ) -> Facets:
        """Count the articles that match a query, by the values of fields; a full pass counts every match.

        Args:
            query: as `search` takes it; None: every article that the filters allow matches.
            by: one or several of publisher, domain, author, language, section, origin (the file), tag (the keys of
                tags), and tag:KEY (the values of one).
            filters: as `search` takes them; for a `Query`, its own are used.
            verdict: the lowest verdict of a matching article.
            copies: ONCE counts, of articles with the same text, the one that a search shows. With a query totals count
                every copy.
            limit: most values of each field, those with most matching articles first; None: all.

        Raises:
            UsageError: the query cannot be answered, or there is no such field.
            QueryTimeoutError: it takes longer than it may.
        """
        with naming(self.location):
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
        """Count the articles that match a query over time, beside all that the filters allow, as `facets` does.

        Days are those of the filters' time zone.

        Args:
            interval: the length of a bar; None: days, weeks, months or years, whichever make a legible number of bars.

        Raises:
            UsageError: the query cannot be answered, or there are too many intervals.
            QueryTimeoutError: it takes longer than it may.
        """
        with naming(self.location):
            return self.matching(query, filters=filters, verdict=verdict, copies=copies).timeline(interval)

    def coverage(self, *, filters: conditions.Given | None = None) -> Coverage:
        """Say what the articles that filters allow do not cover: days and publishers without articles, and the like."""
        with naming(self.location):
            return self.matching(filters=filters).coverage()

    def matching(
        self,
        query: str | Query | None = None,
        *,
        filters: conditions.Given | None = None,
        verdict: Verdict | str = Verdict.WEAK,
        copies: Copies | str = Copies.ALL,
    ) -> MatchingArticles:
        """Return the matching articles, to count them in several ways by one pass: `.facets(…)` and `.timeline(…)`.

        Args:
            query, filters, verdict, copies: as `facets` takes them.

        Raises:
            UsageError: the query cannot be answered.
        """
        if query is None:
            return MatchingArticles.of_all(conditions.taken(filters), copies, self._engine)
        full_query = query if isinstance(query, Query) else Query(query, filters=conditions.taken(filters))
        return MatchingArticles.of_query(checked(full_query), verdict, copies, self._engine, self._ready_encoder)

    def get(self, id_or_url: str) -> Article:
        """Return an article by its id, the beginning of its id (six digits or more), its URL, or its source's own id.

        Raises:
            NotFoundError: there is none, or several have that name.
        """
        with naming(self.location):
            article_id = self.resolve(id_or_url)
            article = self._engine.get(article_id) if article_id else None
        if article is None:
            raise NotFoundError(
                f"no article {id_or_url!r:.200} in {self.location}", how_to_name(id_or_url, self._option)
            )
        return article

    def resolve(self, id_or_url: str) -> str | None:
        """Return the id of the article that has a name here, or None.

        A whole id and an address come first. The beginning of an id and a source's own id count alike.

        Raises:
            NotFoundError: several articles have that name.
        """
        return article_id_of(id_or_url, self._engine)

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

        With `new_since`, articles that only repeat a text that was indexed before are left out.

        Args:
            filters: or its conditions one by one: `index.articles(languages="en", since="2024")`.
            texts: yield each as an `Article`, with its text, not only its `Metadata`.

        Raises:
            UsageError: a condition is invalid, or given twice.
        """
        resolved = conditions.resolved(given_arguments.filters_of(filters, arguments), now_seconds())
        allowed = naming_each(listed(resolved, self._engine), self.location)
        return filter(None, (self._engine.get(article.article_id) for article in allowed)) if texts else allowed

    def sample(
        self,
        n: int,
        seed: int = 0,
        *,
        by: str | None = None,
        filters: conditions.Given | None = None,
        **arguments: Unpack[FilterArguments],
    ) -> list[Metadata]:
        """Draw articles at random; the same seed and articles give the same sample on every machine.

        An article that is added later can only take the place of another.

        Args:
            n: number of articles, or with `by` of each group; fewer if there are not enough.
            seed: any whole number.
            by: "publisher", "language", "section", "year" or "month" of publication in UTC.
            filters, arguments: as for `articles`.

        Raises:
            UsageError: n is not 1 or more, there is no such group, or a condition is invalid.
        """
        return sampled(partial(self.articles, filters, **arguments), n, seed, by)

    def vectors(self, ids_or_urls: str | Iterable[str]) -> Matrix:
        """Return the vector of each article: the mean of its passages' vectors, at unit length.

        Returns:
            float32 (articles, dimensions), in the order of the names.

        Raises:
            NotFoundError: there is no such article, or several have that name.
            UsageError: a name is not a text.
        """
        names = names_of(ids_or_urls)
        with naming(self.location):
            vectors = [self._engine.article_vector(self.get(name).metadata.article_id) for name in names]
        present = [vector for vector in vectors if vector is not None]
        if not present:
            return np.zeros((0, self._engine.recipe.encoder.dimensions), dtype=np.float32)
        lengths = np.linalg.norm(present, axis=1, keepdims=True)  # half precision leaves them a little off
        return np.asarray(present / np.where(lengths, lengths, 1), dtype=np.float32)

    def unmet(self, filters: conditions.Given | None = None, **arguments: Unpack[FilterArguments]) -> list[str]:
        """Name each condition that no article meets, even by itself, and say what may have been meant."""
        given_filters = given_arguments.filters_of(filters, arguments)
        return list(unmet(conditions.resolved(given_filters, now_seconds()), self._engine))

    def verify(self) -> Verification:
        """Compare every file of the newest generation with its checksum."""
        return self._engine.verify()

    def refresh(self) -> bool:
        """Load what was committed since this index was opened or last refreshed; False if there is nothing new."""
        return self._engine.refresh()

    def reopened(self) -> Self:
        """Open the newest generation as another object with the same encoder; this one stays as it is."""
        return type(self)(engines.open_engine(self.location), self.location, self._encoder, named=self._named)

    def prepare(self) -> None:
        """Load the encoder now, not at the first search, and let it remember recent queries.

        Raises:
            EncoderError: it is not installed.
        """
        encoder = self._ready_encoder()
        self._encoder = encoder if isinstance(encoder, RecentQueries) else RecentQueries(encoder)

    def stats(self) -> Stats:
        """Return what the index holds: numbers, dates, sizes and its recipe."""
        return self._engine.stats()

    def close(self) -> None:
        """Release the files; later calls raise UsageError."""
        if self._open_engine is not None:
            self._open_engine.close()
            self._open_engine = None

    def __len__(self) -> int:
        return self._engine.stats().articles

    def __bool__(self) -> bool:
        return True  # even if it is empty

    def __contains__(self, id_or_url: object) -> bool:
        if not isinstance(id_or_url, str):
            return False
        try:
            return self.resolve(id_or_url) is not None
        except NotFoundError:  # several articles have the name
            return True

    def __repr__(self) -> str:
        if self._open_engine is None:
            return f"<Index {str(self.location)!r}: closed>"
        stats = self._engine.stats()
        counts = f"{counted(stats.articles, 'article')}, {counted(stats.passages, 'passage')}"
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
        if self._open_engine is None:
            raise UsageError(
                f"the index {self.location} was closed", f"open it again: Index.open({str(self.location)!r})"
            )
        return self._open_engine

    @property
    def _option(self) -> str:
        """The option that names this index on the command line: " -i DIR", or "" if it is found without."""
        return f" {index_option(self.location)}" if self._named else ""

    def _ready_encoder(self) -> Encoder:
        self._encoder = own_encoder(self._encoder, self._engine.recipe, self.location)
        return self._encoder


def _reopened(kind: type[ReadableIndex], location: str, encoder: str | None, named: bool) -> ReadableIndex:
    """Open an index that was pickled; one that could only be read still can only be read."""
    return kind(engines.open_engine(Path(location)), Path(location), encoder, named=named)
