"""The HTTP API: each path reads its parameters, calls the index once, and renders."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import fields, replace
from functools import partial
from http import HTTPStatus
from itertools import islice
from urllib.parse import unquote_to_bytes, urlencode

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from semsearch import __version__, conditions
from semsearch.answering import checked
from semsearch.errors import SemsearchError
from semsearch.files import now_seconds
from semsearch.rendering import article_json, json_text, listing, stats_dict
from semsearch.rendering.distributions import facets_csv, timeline_csv
from semsearch.selection import MatchingArticles
from semsearch.serve import parameters
from semsearch.serve.bodies import Bodies
from semsearch.serve.cursors import digest_of, read_cursor
from semsearch.serve.generations import Generation, Generations
from semsearch.serve.guards import Guard, Metrics
from semsearch.serve.negotiation import accepted, has_tag
from semsearch.serve.openapi import description
from semsearch.serve.page import PageFiles
from semsearch.serve.parameters import ParameterError, Values
from semsearch.serve.problems import Problem, problem_of
from semsearch.serve.processes import Processes
from semsearch.serve.questions import HttpReply, Question, article_of, joined
from semsearch.serve.settings import Settings
from semsearch.serve.workers import Workers
from semsearch.types import Copies, Filters, Interval, Query, Verdict

MEDIA_TYPES = {
    "json": "application/json",
    "jsonl": "application/jsonl",
    "csv": "text/csv; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "ris": "application/x-research-info-systems",
    "excel": "text/tab-separated-values; charset=utf-16",
}
"""Media types of answers, by the name that `format` takes."""

_COUNTED = ("json", "csv")
_DEFAULT_FACETS = ("publisher", "section", "language")
_PIECE_CHARACTERS = 1 << 16


class Api:
    """The paths of one server."""

    def __init__(self, generations: Generations, settings: Settings, metrics: Metrics) -> None:
        self._generations, self._settings, self._metrics = generations, settings, metrics
        self._counting = Workers(settings.workers, settings.waiting)
        self._searching = Workers(settings.processes, settings.waiting) if settings.processes else self._counting
        location = str(generations.newest.index.location.absolute())
        self._processes = Processes(settings.processes, location, settings.model)
        self._bodies = Bodies(settings)

    def routes(self) -> list[Route]:
        """Return the paths with the methods that answer them."""
        page = PageFiles()
        query_methods = ["GET", "QUERY", "POST"]
        return [
            *(Route(path, page.send, methods=["GET"]) for path in ("/", "/app.css", "/app.js")),
            Route("/search", self.search, methods=query_methods),
            Route("/facets", self.facets, methods=query_methods),
            Route("/timeline", self.timeline, methods=query_methods),
            Route("/coverage", self.coverage, methods=["GET"]),
            Route("/similar/{id:path}", self.similar, methods=["GET"]),
            Route("/articles", self.articles, methods=["GET"]),
            Route("/articles/{id:path}", self.article, methods=["GET"]),
            Route("/stats", self.stats, methods=["GET"]),
            Route("/health", self.health, methods=["GET"]),
            Route("/metrics", self.metrics, methods=["GET"]),
            Route("/openapi.json", self.openapi, methods=["GET"]),
        ]

    async def watch(self) -> None:
        """Look for newer generations and serve them, for ever."""
        while True:
            self._update_metrics()
            await asyncio.sleep(self._settings.renewal_seconds)
            await asyncio.to_thread(self._generations.renew)
            await asyncio.to_thread(self._processes.tend, self._generations.newest)

    def start(self) -> None:
        """Start the search processes."""
        self._processes.start()

    def close(self) -> None:
        """Stop worker threads and search processes."""
        self._searching.close()
        self._counting.close()
        self._processes.close()

    def _update_metrics(self) -> None:
        self._metrics.search_processes.set(self._processes.ready)
        stats = self._generations.newest.stats
        self._metrics.articles.set(stats.articles)
        self._metrics.passages.set(stats.passages)
        self._metrics.generation.set(stats.generation)

    # Reading

    async def _values(self, request: Request, table: tuple[parameters.Parameter, ...]) -> Values:
        """Return the parameters of a request, from its query string or its body."""
        if request.method in ("GET", "HEAD"):
            return parameters.read_pairs(table, _pairs(request))
        parameters.read_pairs((), _pairs(request))
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "application/json":
            raise Problem(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                "media-type",
                f"the body is {media_type or 'of no type'!r:.80}",
                "send Content-Type: application/json",
                headers={"Accept": "application/json", "Accept-Query": "application/json"},
            )
        return parameters.read_object(table, parameters.parse_json(await self._bodies.read(request)))

    def _form(self, request: Request, values: Values, allowed: Iterable[str]) -> str:
        """Return the format of the answer: the one that `format` names, else the one that Accept prefers."""
        if "format" in values:
            return str(values["format"])
        types = {MEDIA_TYPES[form].partition(";")[0]: form for form in allowed}
        return accepted(request.headers.get("accept", ""), types) or "json"

    # Answering

    async def _answer(
        self,
        request: Request,
        generation: Generation,
        dependencies: object,
        work: Callable[[], HttpReply],
        workers: Workers | None = None,
    ) -> Response:
        """Answer from one generation; if the client already has this answer, say so without doing the work.

        Args:
            dependencies: everything that the answer depends on, besides the generation.
            workers: others than those who count.
        """
        accept = request.headers.get("accept", "")
        key = json_text([__version__, generation.version, request.url.path, accept, dependencies], pretty=False)
        etag = f'"{hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32]}"'
        cache_control = "private, no-cache" if self._settings.token else "no-cache"
        headers = {"ETag": etag, "Cache-Control": cache_control, "Vary": "Accept, Authorization"}
        known = request.headers.get("if-none-match", "") if request.method != "POST" else ""
        if has_tag(known, etag):
            return Response(None, HTTPStatus.NOT_MODIFIED, headers)
        started = time.perf_counter()
        reply = await (workers or self._counting).run(request, work)
        if known.strip() == "*":  # there is something
            return Response(None, HTTPStatus.NOT_MODIFIED, headers)
        took_ms = 1000 * (time.perf_counter() - started)
        headers |= {"Server-Timing": f"total;dur={took_ms:.1f}", **reply.headers}
        if reply.form != "json":
            ending = "csv" if reply.form == "excel" else reply.form
            headers["Content-Disposition"] = f'inline; filename="semsearch.{ending}"'
        return Response(reply.body, 200, headers, MEDIA_TYPES[reply.form])

    async def search(self, request: Request) -> Response:
        """Answer a query with the closest passages."""
        values = await self._values(request, parameters.SEARCH)
        form = self._form(request, values, MEDIA_TYPES)
        generation, query = self._generation_and_query(
            values, parameters.query_of(values, self._settings.answer_seconds)
        )
        assert isinstance(query.as_of, int)  # noqa: S101  `checked` has resolved it
        question = Question(values, form, query.as_of, self._settings.answer_seconds, query.offset)
        work = partial(self._processes.reply, generation, question)
        response = await self._answer(request, generation, [form, _query_key(query)], work, self._searching)
        if (cursor := response.headers.get("Next-Cursor")) and request.method in ("GET", "HEAD"):
            pairs = [pair for pair in request.query_params.multi_items() if pair[0] not in ("cursor", "offset")]
            response.headers["Link"] = f'<search?{urlencode([*pairs, ("cursor", cursor)])}>; rel="next"'
        return response

    def _generation_and_query(self, values: Values, query: Query) -> tuple[Generation, Query]:
        """Return the generation to search, and the checked query; a cursor chooses an earlier one, and the offset."""
        cursor_text = values.get("cursor")
        if cursor_text is None:
            with parameters.naming(values):
                return self._generations.newest, checked(query)
        cursor = read_cursor(str(cursor_text))
        if cursor.query != digest_of(values):
            raise ParameterError("cursor", "this cursor is of another question", "send the parameters of that one")
        generation = self._generations.find(cursor.version)
        if generation is None:
            detail = "the index has changed since, and that generation is no longer open"
            raise Problem(HTTPStatus.GONE, "cursor", detail, "ask again from the beginning", parameter="cursor")
        return generation, checked(replace(query, offset=cursor.offset, as_of=cursor.as_of))

    async def similar(self, request: Request) -> Response:
        """Answer with the passages of other articles that are closest to an article."""
        values = await self._values(request, parameters.SIMILAR)
        form = self._form(request, values, MEDIA_TYPES)
        generation, as_of = self._generations.newest, _as_of(values)
        question = Question(values, form, as_of, self._settings.answer_seconds, article=_id(request))
        dependencies = [form, {**values, "filters": _resolved(values, as_of).to_dict()}]
        work = partial(self._processes.reply, generation, question)
        return await self._answer(request, generation, dependencies, work, self._searching)

    async def facets(self, request: Request) -> Response:
        """Count matching articles by the values of fields."""
        values = await self._values(request, parameters.FACETS)
        form, by = self._form(request, values, _COUNTED), values.get("by", _DEFAULT_FACETS)
        generation, key, matching = self._matching(values)

        def work() -> HttpReply:
            counts = matching().facets(by, values.get("limit", 20))
            return (
                _json_reply(counts.to_dict())
                if form == "json"
                else HttpReply(joined(facets_csv(counts), form), form, {})
            )

        dependencies = [form, by, values.get("limit"), key]
        return await self._answer(request, generation, dependencies, work)

    async def timeline(self, request: Request) -> Response:
        """Count matching articles over time."""
        values = await self._values(request, parameters.TIMELINE)
        form = self._form(request, values, _COUNTED)
        interval = Interval(values["interval"]) if "interval" in values else None
        generation, key, matching = self._matching(values)

        def work() -> HttpReply:
            counts = matching().timeline(interval)
            return (
                _json_reply(counts.to_dict())
                if form == "json"
                else HttpReply(joined(timeline_csv(counts), form), form, {})
            )

        return await self._answer(request, generation, [form, interval, key], work)

    def _matching(self, values: Values) -> tuple[Generation, str, Callable[[], MatchingArticles]]:
        """Return the generation to count in, all that the count depends on, and a function that selects articles."""
        generation = self._generations.newest
        verdict, copies = Verdict(values.get("verdict", Verdict.WEAK)), Copies(values.get("copies", Copies.ALL))
        with parameters.naming(values):
            query = checked(parameters.query_of(values, self._settings.answer_seconds)) if "q" in values else None
        filters = query.filters if query else _resolved(values, _as_of(values))
        conditions_key = _query_key(query) if query else [filters.to_dict(), str(filters.timezone)]
        hour = now_seconds() // 3_600  # whether the last bar of a timeline is complete
        key = json_text([conditions_key, verdict, copies, hour], pretty=False)

        def matching() -> MatchingArticles:
            index, index_filters = generation.index, None if query else filters
            select = partial(index.matching, query, filters=index_filters, verdict=verdict, copies=copies)
            return generation.recent.get(key, select)

        return generation, key, matching

    async def coverage(self, request: Request) -> Response:
        """Say what the articles that filters allow do not cover."""
        values = await self._values(request, parameters.COVERAGE)
        generation, key, matching = self._matching(values)
        return await self._answer(request, generation, key, lambda: _json_reply(matching().coverage().to_dict()))

    async def articles(self, request: Request) -> Response:
        """List articles, newest first, and send each as soon as it is read."""
        values = await self._values(request, parameters.ARTICLES)
        form = self._form(request, values, ("json", "jsonl", "csv", "excel"))
        generation, filters = self._generations.newest, _resolved(values, _as_of(values))
        offset, limit = values.get("offset", 0), values.get("limit")
        allowed = () if request.method == "HEAD" else generation.index.articles(filters)
        pieces = listing(islice(allowed, offset, None if limit is None else offset + limit), form)
        return StreamingResponse(_gathered(pieces, form), 200, {"Cache-Control": "no-cache"}, MEDIA_TYPES[form])

    async def article(self, request: Request) -> Response:
        """Send one article."""
        parameters.read_pairs((), _pairs(request))
        generation, name = self._generations.newest, _id(request)

        def work() -> HttpReply:
            article = article_of(generation, name)
            return HttpReply("".join(article_json(article)).encode(), "json", {})

        return await self._answer(request, generation, None, work)

    async def stats(self, request: Request) -> Response:
        """Say what the index holds."""
        parameters.read_pairs((), _pairs(request))
        generation = self._generations.newest
        return await self._answer(request, generation, None, lambda: _json_reply(stats_dict(generation.stats)))

    async def health(self, request: Request) -> Response:
        """Say that this server works, and which generation it serves."""
        parameters.read_pairs((), _pairs(request))
        stats = self._generations.newest.stats
        status = {"status": "ok", "version": __version__, "generation": stats.generation, "articles": stats.articles}
        return Response(json_text(status, pretty=False), 200, {"Cache-Control": "no-store"}, "application/json")

    async def metrics(self, request: Request) -> Response:
        """Send the metrics for Prometheus."""
        parameters.read_pairs((), _pairs(request))
        content = generate_latest(self._metrics.registry)
        return Response(content, 200, {"Cache-Control": "no-store"}, CONTENT_TYPE_LATEST)

    async def openapi(self, request: Request) -> Response:
        """Describe this API."""
        parameters.read_pairs((), _pairs(request))
        text = json_text(description(has_token=self._settings.token is not None))
        return Response(text, 200, {"Cache-Control": "no-cache"}, "application/json")


def application(generations: Generations, settings: Settings) -> Starlette:
    """Return the ASGI application that serves an index."""
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        api.start()
        watching = asyncio.create_task(api.watch())
        yield
        watching.cancel()
        await asyncio.to_thread(api.close)

    api = Api(generations, settings, metrics)
    served = Starlette(
        routes=api.routes(),
        middleware=[Middleware(Guard, settings=settings, metrics=metrics)],
        exception_handlers={
            HTTPException: _http_error,
            Problem: _problem,
            SemsearchError: _error,
            Exception: _internal_error,
        },
        lifespan=lifespan,
    )
    served.router.redirect_slashes = False  # a redirect would name a host and scheme that only a reverse proxy knows
    return served


async def _problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101  it is registered for these errors
    return error.response()


async def _error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, SemsearchError)  # noqa: S101  it is registered for these errors
    return problem_of(error).response()


async def _internal_error(_request: Request, _error: Exception) -> Response:
    detail = "the server failed to answer; its log says why"
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", detail).response()


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  it is registered for these errors
    status = HTTPStatus(error.status_code)
    hint = "paths and parameters are described at /openapi.json"
    kind = {404: "path", 405: "method"}.get(status.value, "request")
    detail = f"{request.method[:20]} {request.url.path[:200]} is not answered here"
    return Problem(status, kind, detail, hint, headers=error.headers).response()


def _pairs(request: Request) -> list[tuple[str, str]]:
    """Return the names and values of a query string; raises ParameterError if it is not UTF-8."""
    try:
        unquote_to_bytes(request.scope["query_string"]).decode()
    except UnicodeDecodeError as error:
        raise ParameterError(
            "", "the query string is not UTF-8", "percent-encode text as UTF-8: q=Z%C3%BCrich"
        ) from error
    return request.query_params.multi_items()


def _id(request: Request) -> str:
    return str(request.path_params["id"])


def _as_of(values: Values) -> int:
    """Return the UTC second that a request's relative dates count back from."""
    filters = Filters(timezone=parameters.filters_of(values).timezone)
    with parameters.naming(values):
        as_of = checked(Query("x", as_of=values.get("as_of"), filters=filters)).as_of
    assert isinstance(as_of, int)  # noqa: S101  `checked` has resolved it
    return as_of


def _resolved(values: Values, as_of: int) -> Filters:
    with parameters.naming(values):
        return conditions.resolved(parameters.filters_of(values), as_of)


def _query_key(query: Query) -> object:
    """Return everything that an answer to a checked query depends on."""
    as_of = query.as_of if query.recency is not None else None
    values = [str(getattr(query, field.name)) for field in fields(query) if field.name not in ("as_of", "filters")]
    return [values, as_of, query.filters.to_dict(), str(query.filters.timezone)]


def _json_reply(value: object) -> HttpReply:
    return HttpReply(json_text(value, pretty=False).encode(), "json", {})


def _gathered(pieces: Iterator[str], form: str) -> Iterator[bytes]:
    """Join pieces of output into larger ones, since each is handed from one thread to another."""
    gathered: list[str] = []
    size = 0
    for piece in pieces:
        gathered.append(piece)
        size += len(piece)
        if size >= _PIECE_CHARACTERS:
            yield joined(gathered, form)
            gathered, size = [], 0
    yield joined(gathered, form)
