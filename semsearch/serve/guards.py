"""Checks every request before it is answered: its host, origin and token; counts and logs the responses."""

import hmac
import logging
import time
from http import HTTPStatus
from urllib.parse import urlsplit

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from semsearch.serve.problems import Problem
from semsearch.serve.settings import Settings

_log = logging.getLogger("semsearch.serve")

OPEN_PATHS = frozenset(("/", "/app.js", "/app.css", "/health", "/openapi.json"))
"""Paths that need no token, because they show no article."""

_DURATIONS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
        "trusted-types 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


CROSS_ORIGIN_HEADERS = {
    "Access-Control-Allow-Methods": "GET, HEAD, QUERY, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, If-None-Match",
    "Access-Control-Max-Age": "600",
}
"""What pages of allowed sites may send, said to a browser that asks before it sends a token or JSON."""


class Metrics:
    """The metrics for Prometheus."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "semsearch_requests", "Requests answered.", ["route", "method", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "semsearch_request_seconds",
            "Seconds until the answer was sent.",
            ["route"],
            buckets=_DURATIONS,
            registry=self.registry,
        )
        self.running = Gauge("semsearch_requests_running", "Requests being answered.", registry=self.registry)
        self.articles = Gauge("semsearch_articles", "Articles in the index.", registry=self.registry)
        self.passages = Gauge("semsearch_passages", "Passages in the index.", registry=self.registry)
        self.generation = Gauge("semsearch_generation", "Generation that is served.", registry=self.registry)
        self.search_processes = Gauge(
            "semsearch_search_processes", "Other processes that can search.", registry=self.registry
        )


class Guard:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, settings: Settings, metrics: Metrics) -> None:
        self._app, self._settings, self._metrics = app, settings, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status, sent_bytes = time.perf_counter(), 0, 0
        origin = Headers(scope=scope).get("origin")

        async def send_counted(message: Message) -> None:
            nonlocal status, sent_bytes
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                if origin in self._settings.origins:
                    headers["Access-Control-Allow-Origin"] = str(origin)
                    headers["Access-Control-Expose-Headers"] = "ETag, Link, Next-Cursor, Retry-After, Server-Timing"
                    headers.add_vary_header("Origin")
                else:
                    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
            else:
                sent_bytes += len(message.get("body", b""))
            await send(message)

        self._metrics.running.inc()
        try:
            if refusal := self._refusal(scope):
                await refusal.response()(scope, receive, send_counted)
            elif _is_preflight(scope):
                await Response(None, HTTPStatus.NO_CONTENT, CROSS_ORIGIN_HEADERS)(scope, receive, send_counted)
            else:
                await self._app(scope, receive, send_counted)
        finally:
            self._metrics.running.dec()
            self._record(scope, status, time.perf_counter() - started, sent_bytes)

    def _refusal(self, scope: Scope) -> Problem | None:
        """Return why a request is refused, or None."""
        headers = Headers(scope=scope)
        host = _host(headers.get("host", ""))
        if not self._settings.allows_host(host):
            hint = "an operator allows a name with: semsearch serve --allow-host NAME"
            return Problem(HTTPStatus.MISDIRECTED_REQUEST, "host", f"the host {host!r:.80} is not served here", hint)
        origin = headers.get("origin")
        own_origins = {f"{scheme}://{headers.get('host', '')}" for scheme in ("http", "https")}
        if origin is not None and origin not in own_origins | self._settings.origins:
            hint = "an operator allows a site with: semsearch serve --allow-origin ORIGIN"
            return Problem(HTTPStatus.FORBIDDEN, "origin", f"pages of {origin!r:.80} may not ask here", hint)
        token = self._settings.token
        if token is None or scope["path"] in OPEN_PATHS or _is_preflight(scope):
            return None
        scheme, _, sent_token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and hmac.compare_digest(sent_token.strip().encode(), token.encode()):
            return None
        hint = "send Authorization: Bearer TOKEN"
        challenge = {"WWW-Authenticate": 'Bearer realm="semsearch"'}
        return Problem(HTTPStatus.UNAUTHORIZED, "token", "this server needs a token", hint, headers=challenge)

    def _record(self, scope: Scope, status: int, seconds: float, sent_bytes: int) -> None:
        route = getattr(scope.get("route"), "path", "other")
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._metrics.requests.labels(route, method, status).inc()
        self._metrics.seconds.labels(route).observe(seconds)
        client = scope["client"][0] if scope.get("client") else "-"
        path = scope["path"][:200].encode("ascii", "backslashreplace").decode()
        line = "%s %s %r %d %.1f ms %d bytes"
        _log.log(_log_level(status), line, client, scope["method"][:20], path, status, 1000 * seconds, sent_bytes)


_METHODS = frozenset(("GET", "HEAD", "QUERY", "POST", "OPTIONS"))


def _log_level(status: int) -> int:
    return logging.ERROR if status >= 500 and status != HTTPStatus.SERVICE_UNAVAILABLE else logging.INFO


def _host(header: str) -> str:
    """Return the name in a Host header, without port and brackets, in lower case."""
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""


def _is_preflight(scope: Scope) -> bool:
    return scope["method"] == "OPTIONS" and "access-control-request-method" in Headers(scope=scope)
