"""Connections: so many at once, and none that keeps a place without asking for anything."""

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
    """Return a whole response; the application, which makes all others, never sees these requests."""
    response = Problem(status, kind, detail).response()
    fields = [b"%b: %b" % header for header in response.raw_headers]
    lines = [b"HTTP/1.1 %d %b" % (status, status.phrase.encode()), *fields, *headers, b"Connection: close"]
    return b"\r\n".join([*lines, b"", bytes(response.body)])


_REFUSED = _response(HTTPStatus.SERVICE_UNAVAILABLE, "connections", "there are too many connections", b"Retry-After: 5")
_MALFORMED = _response(HTTPStatus.BAD_REQUEST, "http", "the request is malformed, or its head is too long")


ACCEPTED_AT_ONCE = 16
"""Taken from the system before any of them is looked at. A few such groups are open before the first can be refused."""


def room_for(connections: int) -> int:
    """Return how many connections this process may have, at most so many.

    Half of its descriptors are for connections, the others for the files of several generations of an index and for
    connections that are about to be refused. The limit is raised as far as the system lets it.
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
    """One client's connection, with a limit of time for the head of each request."""

    most = 500
    request_seconds = 10.0

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, or refuse where there are too many."""
        super().connection_made(transport)
        # asyncio does so only for a listener that names its protocol. Without it, a response's body waits some 40 ms
        # for its head to be acknowledged, on every connection that is kept open.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if len(self.connections) > self.most:
            transport.write(_REFUSED)
            transport.close()
            return
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take what has come; a head that has begun has to be whole in time, the second on a connection, too."""
        before = self.cycle
        super().data_received(data)
        if self.cycle is not before:
            self._end_wait()
        elif self.cycle is None or self.cycle.response_complete:
            self._wait()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  what it says is known
        """Refuse what is not HTTP, or has too long a head."""
        self.transport.write(_MALFORMED)
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._end_wait()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self._patience is None:
            self._patience = self.loop.call_later(self.request_seconds, self.transport.close)

    def _end_wait(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
