"""The process that listens: connections, signals, and the log."""

import logging
import sys

import uvicorn

from semsearch.index import Index
from semsearch.serve.api import application
from semsearch.serve.connections import Connection
from semsearch.serve.generations import Generations
from semsearch.serve.settings import Settings

_KEEP_ALIVE_SECONDS = 20
_SHUTDOWN_SECONDS = 10
_HEAD_BYTES = 1 << 16


def serve(index: Index, settings: Settings) -> None:
    """Serve an index until the process is told to stop; answers that are being computed are sent first."""
    _log_to_stderr()
    log = logging.getLogger("semsearch.serve")
    log.info("opening %s", index.location)
    server = server_of(index, settings)
    token = "#token=TOKEN" if settings.token else ""
    name = f"[{settings.host}]" if ":" in settings.host else settings.host
    log.info("http://%s:%d/%s (stop with Ctrl-C)", name, settings.port, token)
    server.run()
    log.info("stopped")


def server_of(index: Index, settings: Settings) -> uvicorn.Server:
    """Return a server, ready to run."""
    connection = type(
        "_Connection",
        (Connection,),
        {
            "most": settings.connections,
            "request_seconds": settings.request_seconds,
        },
    )
    config = uvicorn.Config(
        application(Generations(index), settings),
        host=settings.host,
        port=settings.port,
        http=connection,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
        h11_max_incomplete_event_size=_HEAD_BYTES,
        backlog=settings.connections,
    )
    return uvicorn.Server(config)


def _log_to_stderr() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S%z"))
    for name in ("semsearch.serve", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
    logging.getLogger("semsearch.serve").setLevel(logging.INFO)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
