"""Connections: a limited number at once, and none that stays open for long without a request."""

import asyncio
import socket
from contextlib import suppress
from http import HTTPStatus
from typing import Any

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]

from uvicorn.protocols.http.h11_impl import H11Protocol

from semsearch.serve.problems import Problem


def _response(status: HTTPStatus, kind: str, detail: str, *headers: bytes) -> bytes:
    """Return a complete response as bytes, for requests that never reach the application."""
    response = Problem(status, kind, detail).response()
    fields = [b"%b: %b" % header for header in response.raw_headers]
    lines = [b"HTTP/1.1 %d %b" % (status, status.phrase.encode()), *fields, *headers, b"Connection: close"]
    return b"\r\n".join([*lines, b"", bytes(response.body)])


_REFUSED = _response(HTTPStatus.SERVICE_UNAVAILABLE, "connections", "there are too many connections", b"Retry-After: 5")
_MALFORMED = _response(HTTPStatus.BAD_REQUEST, "http", "the request is malformed, or its head is too long")


ACCEPTED_AT_ONCE = 16
"""Connections that asyncio accepts in one go; a few such groups may be open before the first can be refused."""


def room_for(connections: int) -> int:
    """Return how many connections this process may have: `connections`, or fewer if the system allows fewer.

    Half of its file descriptors are for connections, the others for the files of several generations of an index and
    for connections that are about to be refused. The limit is raised as far as the system allows.
    """
    if resource is None:
        return connections
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if resource.RLIM_INFINITY != soft < 2 * connections:
        raised = 2 * connections if hard == resource.RLIM_INFINITY else min(hard, 2 * connections)
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return connections if soft == resource.RLIM_INFINITY else max(1, min(connections, soft // 2))


class Connection(H11Protocol):
    """One client's connection, with a time limit for the head of each request."""

    most = 500  # connections at once
    request_seconds = 10.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin a connection, or refuse it if there are too many."""
        super().connection_made(transport)
        # asyncio sets this only for a listener that names its protocol. Without it, on every connection that is kept
        # open, a response's body waits some 40 ms for the acknowledgement of its head.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if len(self.connections) > self.most:
            transport.write(_REFUSED)
            transport.close()
            return
        self._start_timer()

    def data_received(self, data: bytes) -> None:
        """Take received data; the head of every request on a connection has to be complete in time."""
        previous_cycle = self.cycle
        super().data_received(data)
        if self.cycle is not previous_cycle:
            self._stop_timer()
        elif self.cycle is None or self.cycle.response_complete:
            self._start_timer()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  the response has its own text
        """Refuse a request that is not HTTP, or whose head is too long."""
        self.transport.write(_MALFORMED)
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer."""
        self._stop_timer()
        super().connection_lost(exc)

    def _start_timer(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(self.request_seconds, self.transport.close)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
