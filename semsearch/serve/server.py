"""Runs the server: its socket, signals and log."""

import errno
import logging
import signal
import socket
from types import FrameType

import uvicorn

from semsearch.errors import UsageError
from semsearch.index import Index
from semsearch.serve.api import application
from semsearch.serve.connections import ACCEPTED_AT_ONCE, Connection, room_for
from semsearch.serve.generations import Generations
from semsearch.serve.log import log_to_stderr
from semsearch.serve.settings import Settings

_log = logging.getLogger("semsearch.serve")

_KEEP_ALIVE_SECONDS = 20
_SHUTDOWN_SECONDS = 10
_HEAD_BYTES = 1 << 16
_WAITING_CONNECTIONS = 512
"""Connections that the system keeps until they are accepted."""


def serve(index: Index, settings: Settings) -> None:
    """Serve an index until the process is told to stop; answers that are being computed are still sent.

    Raises:
        UsageError: the address cannot be listened on.
        EncoderError: the index's encoder is missing.
    """
    log_to_stderr()
    with listening(settings) as listener:
        _log.info("opening %s", index.location)
        server = server_of(index, settings)
        host, port = listener.getsockname()[:2]
        name = f"[{host}]" if ":" in host else host
        _log.info("http://%s:%d/%s (stop with Ctrl-C)", name, port, "#token=TOKEN" if settings.token else "")
        server.run([listener])
    _log.info("stopped")


def listening(settings: Settings) -> socket.socket:
    """Return a listening socket; raises UsageError if the address cannot be listened on."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family)
    except OSError as error:
        is_port = error.errno in (errno.EADDRINUSE, errno.EACCES)
        raise UsageError(
            f"cannot listen on {settings.host} port {settings.port}: {error.strerror or error}",
            f"choose another {'port: --port 0 takes any that is free' if is_port else 'address: --host 127.0.0.1'}",
        ) from error


class Server(uvicorn.Server):
    """Exits normally when a signal stops it, not as if the signal had killed it."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen; many connections may wait, and asyncio accepts a few at a time."""
        await super().startup(sockets)
        for listener in sockets or ():
            listener.listen(_WAITING_CONNECTIONS)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002  the signature of a handler
        """Stop; at a second Ctrl-C without waiting for answers."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


def server_of(index: Index, settings: Settings) -> Server:
    """Return a server of an index, ready to run."""
    connections = room_for(settings.connections)
    if connections < settings.connections:
        _log.warning("at most %d connections: this process may not have more files open", connections)
    limits = {"most": connections, "request_seconds": settings.request_seconds}
    config = uvicorn.Config(
        application(Generations(index), settings),
        http=type("_Connection", (Connection,), limits),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
        h11_max_incomplete_event_size=_HEAD_BYTES,
        backlog=ACCEPTED_AT_ONCE,
    )
    return Server(config)
