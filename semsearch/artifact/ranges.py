"""Requests ranges of bytes over HTTP, and checks what a response says about them."""

import re
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from typing import cast
from urllib import request
from urllib.error import HTTPError

from semsearch.errors import FetchError
from semsearch.network.connections import (
    COUNT,
    PASSING,
    Redirects,
    TransientError,
    failure,
    opener,
    read_piece,
    retry_after,
    status_line,
    validators_of,
)
from semsearch.network.transfers import Network, Pace, is_public
from semsearch.network.validators import Validators
from semsearch.text import normalise_line

_RANGE = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\*)")
_NO_RANGE = re.compile(r"bytes \*/([0-9]{1,18})")


class MissingError(FetchError):
    """There is no such file."""


class DeniedError(FetchError):
    """The server demands authentication."""


@dataclass(frozen=True, slots=True)
class Extent:
    """Which bytes of a file a response carries."""

    first: int
    until: int | None  # exclusive; None if the server does not say
    size: int | None  # of the file
    ignores_ranges: bool = False  # the server ignores ranges and always begins at 0


class RangeResponse:
    """A response whose body has not been read."""

    def __init__(self, response: HTTPResponse, extent: Extent, pace: Pace) -> None:
        self._response = response
        self._pace = pace
        self.extent = extent
        self.validators = validators_of(response.headers)

    def read(self, most_bytes: int) -> bytes:
        """Return up to `most_bytes`, as many as one system call brings; none at the end, premature or not."""
        return read_piece(self._response, most_bytes, self._pace)

    def close(self) -> None:
        """Close the connection."""
        self._response.close()


class RangeClient:
    """Requests ranges from one address: http or https, the environment's proxies, no cookies, no passwords."""

    def __init__(self, location: str, url: str, network: Network, pace: Pace) -> None:
        self._location = location
        self._url = url
        self._network = network
        self._pace = pace
        self.public: bool | None = None  # whether it, or a redirect from it, is on the internet; None at first
        self._opener = opener(pace, self._check_reachable, Redirects())

    def ask(self, first: int, until: int, validators: Validators) -> RangeResponse:
        """Request bytes; the response may begin at 0, and may end before or after `until`.

        Raises:
            MissingError, FetchError: it failed permanently.
            TransientError: it failed, but may succeed the next time.
        """
        headers = {"Range": f"bytes={first}-{until - 1}", "Accept-Encoding": "identity"} | validators.if_range()
        http_request = request.Request(self._url, headers=headers)  # noqa: S310  the opener knows no other schemes
        try:
            with self._pace.waiting():
                response = cast(HTTPResponse, self._opener.open(http_request, timeout=self._network.patience))
        except HTTPError as error:
            try:
                return self._refusal_response(error, first)
            finally:
                error.close()
        except (OSError, HTTPException, ValueError) as error:
            raise failure(error, self._location) from error
        try:
            return RangeResponse(response, self._extent(response, first), self._pace)
        except BaseException:
            response.close()
            raise

    def _extent(self, response: HTTPResponse, first: int) -> Extent:
        encoding = str(response.headers.get("Content-Encoding", "identity"))
        if encoding.strip().lower() != "identity":
            raise FetchError(
                f"{self._location} is sent in the encoding {encoding!r}, which was not asked for",
                "configure the server to send the file as it is",
            )
        if response.status == HTTPStatus.OK:
            length = str(response.headers.get("Content-Length", ""))
            size = int(length) if COUNT.fullmatch(length) and not response.chunked else None
            return Extent(0, size, size, ignores_ranges=True)
        if response.status != HTTPStatus.PARTIAL_CONTENT:
            raise FetchError(
                f"the server answered {status_line(response.status)} for {self._location}", "check the address"
            )
        match = _RANGE.fullmatch(str(response.headers.get("Content-Range", "")))
        if not match:
            raise TransientError("the server does not say which bytes it sends")
        begin, until = int(match[1]), int(match[2]) + 1
        size = None if match[3] == "*" else int(match[3])
        if begin != first or until <= begin or (size is not None and until > size):
            raise TransientError(f"the server sent {match[0]} instead of bytes from {first} on")
        return Extent(begin, until, size)

    def _refusal_response(self, error: HTTPError, first: int) -> RangeResponse:
        """Return an empty response if the file ends before the range; raises for every other refusal."""
        status = status_line(error.code)
        if error.code in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
            raise MissingError(f"{self._location} does not exist: the server answered {status}", "check the address")
        if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            match = _NO_RANGE.fullmatch(str(error.headers.get("Content-Range", "")))
            if match and (size := int(match[1])) <= first:
                return RangeResponse(cast(HTTPResponse, error.fp), Extent(size, size, size), self._pace)
            raise TransientError(f"the server answered {status}")
        if 300 <= error.code < 400:
            raise FetchError(
                f"{self._location} redirects to {normalise_line(error.url or '')!r}, which is not followed",
                "give an address that leads to the file by http or https, never from https to http, and without a loop",
            )
        if error.code >= 500 or error.code in PASSING:
            raise TransientError(f"the server answered {status}", retry_after(error.headers))
        kind = DeniedError if error.code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN} else FetchError
        raise kind(
            f"the server answered {status} for {self._location}", "check the address, and that the file is public"
        )

    def _check_reachable(self, http_request: request.Request, ip: str | None) -> None:
        """Refuse a private machine that not the user named, but a redirect from the internet or a registry.

        Args:
            ip: the address to connect to; None for a proxy, which decides itself and counts as the internet.
        """
        public = ip is None or is_public(ip)
        redirected = http_request.unverifiable  # urllib's word for a request that the user did not make
        if not public and (self._network.public_only or (redirected and self.public)):
            raise FetchError(
                f"{self._location} leads to {ip}, an address of this machine or a private network that you did not "
                "name",
                "if you trust it, give that address yourself",
            )
        self.public = public or (redirected and bool(self.public))
