"""Reads the bodies of requests, within limits: of size and time for each, and of size for all together."""

import asyncio
from http import HTTPStatus

from starlette.requests import Request

from semsearch.serve.problems import Problem
from semsearch.serve.settings import Settings

TOGETHER = 64
"""All bodies that are arriving may together be as large as this many bodies of the greatest size."""

_CLOSE = {"Connection": "close"}


class Bodies:
    """Reads the bodies of one server's requests."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._arrived_bytes = 0  # of all bodies being read

    async def read(self, request: Request) -> bytes:
        """Return a request's body.

        Raises:
            Problem: it is too large, or arrives too slowly, or too many arrive at the same time.
        """
        limit, body = self._settings.body_bytes, bytearray()
        try:
            async with asyncio.timeout(self._settings.request_seconds):
                async for piece in request.stream():
                    self._arrived_bytes += len(piece)
                    body += piece
                    if len(body) > limit:
                        detail = f"the body has more than {limit:,} bytes"
                        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "size", detail, headers=_CLOSE)
                    if self._arrived_bytes > TOGETHER * limit:
                        detail = "too many large requests arrive at the same time"
                        headers = {"Retry-After": "5", **_CLOSE}
                        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "bodies", detail, headers=headers)
        except TimeoutError:
            detail = f"the body did not arrive within {self._settings.request_seconds:g} s"
            raise Problem(HTTPStatus.REQUEST_TIMEOUT, "slow", detail, headers=_CLOSE) from None
        finally:
            self._arrived_bytes -= len(body)
        return bytes(body)
