"""An index that is open: what is asked of it, and the articles that it holds."""

import shlex
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, Unpack, overload

import numpy as np

from semsearch import arguments as given_arguments
from semsearch import conditions, engines
from semsearch.answering import Outcome, answers, checked, listed, outcomes, similar
from semsearch.encoders.recent_queries import RecentQueries
from semsearch.errors import NotFoundError, UsageError
from semsearch.files import now_seconds
from semsearch.index.names import article_id_of, names_of
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

_NAMED_BY = 80
"""Characters of an article without a title, where it is asked for what is similar."""


class ReadableIndex:
    """What every index that is open can do, one that may only be read, too."""

    def __init__(
        self, engine: Engine, location: Path, encoder: Encoder | str | None = None, *, named: bool = True
    ) -> None:
        """Bring an engine and an encoder together; an index that was found without being `named` is for reading."""
        self._opened: Engine | None = engine
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
        return sampled(partial(self.articles, filters, **arguments), n, seed, by)

    def vectors(self, ids_or_urls: str | Iterable[str]) -> Matrix:
        """Return the vector of each article: the mean of its passages' vectors, at unit length.

        Returns:
            float32 (articles, dimensions), in the order of the names.

        Raises:
            NotFoundError: there is no such article, or several have that name.
            UsageError: a name is no text.
        """
        names = names_of(ids_or_urls)
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
        if self._opened is None:
            raise UsageError(
                f"the index {self.location} was closed", f"open it again: Index.open({str(self.location)!r})"
            )
        return self._opened

    @property
    def _option(self) -> str:
        """How a command names this index: " -i DIR", or nothing for one that is found without a name."""
        return f" -i {shlex.quote(str(self.location))}" if self._named else ""

    def _ready_encoder(self) -> Encoder:
        self._encoder = own_encoder(self._encoder, self._engine.recipe, self.location)
        return self._encoder


def _reopened(kind: type[ReadableIndex], location: str, encoder: str | None, named: bool) -> ReadableIndex:
    """Open an index that was pickled; one that was for reading still is."""
    return kind(engines.open_engine(Path(location)), Path(location), encoder, named=named)
