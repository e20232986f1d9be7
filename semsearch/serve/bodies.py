"""Bodies of requests: each within a size and a time, and all of them together within a size."""

import asyncio
from http import HTTPStatus

from starlette.requests import Request

from semsearch.serve.problems import Problem
from semsearch.serve.settings import Settings

TOGETHER = 64
"""Bodies of the greatest size that all requests together may hold while they arrive."""

_CLOSE = {"Connection": "close"}


class Bodies:
    """Reads the bodies of one server's requests."""

    def __init__(self, settings: Settings) -> None:
        """Begin with none."""
        self._settings = settings
        self._held = 0  # bytes

    async def read(self, request: Request) -> bytes:
        """Return a request's body.

        Raises:
            Problem: it is too large, or arrives too slowly, or too many arrive at the same time.
        """
        most, body = self._settings.body_bytes, bytearray()
        try:
            async with asyncio.timeout(self._settings.request_seconds):
                async for piece in request.stream():
                    self._held += len(piece)
                    body += piece
                    if len(body) > most:
                        detail = f"the body has more than {most:,} bytes"
                        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "size", detail, headers=_CLOSE)
                    if self._held > TOGETHER * most:
                        detail = "too many large requests arrive at the same time"
                        headers = {"Retry-After": "5", **_CLOSE}
                        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "bodies", detail, headers=headers)
        except TimeoutError:
            detail = f"the body did not arrive within {self._settings.request_seconds:g} s"
            raise Problem(HTTPStatus.REQUEST_TIMEOUT, "slow", detail, headers=_CLOSE) from None
        finally:
            self._held -= len(body)
        return bytes(body)
