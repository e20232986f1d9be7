"""Ranges of bytes over HTTP: one request, and what its response may be believed to be. No other module knows HTTP."""

import re
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from email.utils import parsedate_to_datetime
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPMessage, HTTPResponse, HTTPSConnection, InvalidURL, responses
from io import BufferedReader, RawIOBase
from typing import IO, Any, NoReturn, cast
from urllib import request
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from semsearch import __version__
from semsearch.artifact.network import Network, Pace, is_public
from semsearch.errors import FetchError
from semsearch.text import normalise_line

_RANGE = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\*)")
_NO_RANGE = re.compile(r"bytes \*/([0-9]{1,18})")
_COUNT = re.compile(r"[0-9]{1,18}")
_STRONG = re.compile(r'"[!\x23-\x7e]*"')
_PRINTABLE = re.compile(r"[ -\x7e]+")

_PASSING = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS)
"""Refusals that may not last, beside the server's own errors."""


class MissingError(FetchError):
    """Nothing is there."""


class TransientError(Exception):
    """A failure that may not happen again if the request is repeated, `after` so many seconds at least."""

    def __init__(self, reason: str, after: float = 0.0) -> None:
        super().__init__(reason)
        self.after = after


@dataclass(frozen=True, slots=True)
class Extent:
    """Which bytes of a file a response carries."""

    first: int
    until: int | None  # exclusive; None if the server does not say
    size: int | None  # of the file
    whole: bool = False  # the server ignores ranges and always begins at 0


@dataclass(frozen=True, slots=True)
class Validators:
    """How a server tells one version of a file from another; "" for what it does not send."""

    etag: str = ""
    modified: str = ""

    def as_header(self) -> dict[str, str]:
        """Return the header that asks for a range of this version, or for all of any other version."""
        if _STRONG.fullmatch(self.etag):
            return {"If-Range": self.etag}
        return {"If-Range": self.modified} if _PRINTABLE.fullmatch(self.modified) else {}

    def contradict(self, others: "Validators") -> bool:
        """Tell whether two responses are of different versions; a missing value contradicts nothing."""
        if self.etag and others.etag:
            return self.etag != others.etag
        return bool(self.modified and others.modified) and self.modified != others.modified


class Response:
    """A response whose body has not been read."""

    def __init__(self, response: HTTPResponse, extent: Extent, pace: Pace) -> None:
        self._response = response
        self._pace = pace
        self.extent = extent
        self.validators = _validators(response.headers)

    def read(self, most: int) -> bytes:
        """Return up to so many bytes, as many as one call to the system brings; none at the end, early or not."""
        try:
            with self._pace.waiting():
                piece = self._response.read1(most)
        except (OSError, HTTPException) as error:
            raise TransientError(reason(error)) from error
        if len(piece) > most:  # lengths of chunks may be negative, and are believed
            raise TransientError("the response contradicts itself")
        self._pace.earn(len(piece))
        return piece

    def close(self) -> None:
        """Close the connection."""
        self._response.close()


class Client:
    """Asks one address for ranges: http or https, the environment's proxies, no cookies, no passwords."""

    def __init__(self, where: str, url: str, network: Network, pace: Pace) -> None:
        self._where = where
        self._url = url
        self._network = network
        self._pace = pace
        self.public: bool | None = (
            None  # whether it, or a redirect from it, is on the internet; None before it is asked
        )
        self._opener = request.OpenerDirector()
        self._opener.addheaders = [("User-agent", f"semsearch/{__version__}")]
        for handler in (
            request.ProxyHandler(),
            request.UnknownHandler(),
            _Connections(pace, self._check_reachable),
            request.HTTPDefaultErrorHandler(),
            request.HTTPErrorProcessor(),
            _Redirects(),
        ):
            self._opener.add_handler(handler)

    def ask(self, first: int, until: int, known: Validators) -> Response:
        """Ask for bytes; the response may begin at 0, and may end sooner or later than `until`.

        Raises:
            MissingError, FetchError: for good.
            TransientError: for now.
        """
        headers = {"Range": f"bytes={first}-{until - 1}", "Accept-Encoding": "identity"} | known.as_header()
        asked = request.Request(self._url, headers=headers)  # noqa: S310  the opener knows no other schemes
        try:
            with self._pace.waiting():
                response = cast(HTTPResponse, self._opener.open(asked, timeout=self._network.patience))
        except HTTPError as error:
            try:
                return self._refused(error, first)
            finally:
                error.close()
        except (OSError, HTTPException, ValueError) as error:
            self._failed(error)
        try:
            return Response(response, self._extent(response, first), self._pace)
        except BaseException:
            response.close()
            raise

    def _extent(self, response: HTTPResponse, first: int) -> Extent:
        encoding = str(response.headers.get("Content-Encoding", "identity"))
        if encoding.strip().lower() != "identity":
            raise FetchError(
                f"{self._where} is sent in the encoding {encoding!r}, which was not asked for",
                "configure the server to send the file as it is",
            )
        if response.status == HTTPStatus.OK:
            said = str(response.headers.get("Content-Length", ""))
            size = int(said) if _COUNT.fullmatch(said) and not response.chunked else None
            return Extent(0, size, size, whole=True)
        if response.status != HTTPStatus.PARTIAL_CONTENT:
            raise FetchError(f"the server answered {_status(response.status)} for {self._where}", "check the address")
        found = _RANGE.fullmatch(str(response.headers.get("Content-Range", "")))
        if not found:
            raise TransientError("the server does not say which bytes it sends")
        begin, until = int(found[1]), int(found[2]) + 1
        size = None if found[3] == "*" else int(found[3])
        if begin != first or until <= begin or (size is not None and until > size):
            raise TransientError(f"the server sent {found[0]} instead of bytes from {first} on")
        return Extent(begin, until, size)

    def _refused(self, error: HTTPError, first: int) -> Response:
        """Return a response without bytes if the file ends before them; raises for every other refusal."""
        status = _status(error.code)
        if error.code in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
            raise MissingError(f"{self._where} does not exist: the server answered {status}", "check the address")
        if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            found = _NO_RANGE.fullmatch(str(error.headers.get("Content-Range", "")))
            if found and (size := int(found[1])) <= first:
                return Response(cast(HTTPResponse, error.fp), Extent(size, size, size), self._pace)
            raise TransientError(f"the server answered {status}")
        if 300 <= error.code < 400:
            raise FetchError(
                f"{self._where} redirects to {normalise_line(error.url or '')!r}, which is not followed",
                "give an address that leads to the file by http or https, never from https to http, and without a loop",
            )
        if error.code >= 500 or error.code in _PASSING:
            raise TransientError(f"the server answered {status}", _retry_after(error.headers))
        raise FetchError(
            f"the server answered {status} for {self._where}", "check the address, and that the file is public"
        )

    def _failed(self, error: Exception) -> NoReturn:
        cause = error.reason if isinstance(error, URLError) and isinstance(error.reason, Exception) else error
        if isinstance(cause, ssl.SSLCertVerificationError):
            raise FetchError(
                f"{self._where} has a certificate that is not trusted: {cause.verify_message}",
                "check the address, and this machine's clock and certificates",
            ) from error
        if isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_NONAME:
            raise FetchError(
                f"the host name of {self._where} could not be resolved", "check the address and the network"
            ) from error
        if isinstance(cause, ValueError | InvalidURL):
            raise FetchError(
                f"{self._where} redirects to an invalid URL: {reason(cause)}", "check the address"
            ) from error
        raise TransientError(reason(cause)) from error

    def _check_reachable(self, asked: request.Request, ip: str | None) -> None:
        """Refuse a private machine that no person named, but a redirect from the internet, or a registry.

        Args:
            ip: the address to connect to; None for a proxy, which decides itself, and counts as the internet.
        """
        public = ip is None or is_public(ip)
        redirected = asked.unverifiable  # urllib's word for what no person asked for
        if not public and (self._network.public_only or (redirected and self.public)):
            raise FetchError(
                f"{self._where} leads to {ip}, an address of this machine or a private network that you did not name",
                "if you trust it, give that address yourself",
            )
        self.public = public or (redirected and bool(self.public))


class _Connections(request.HTTPSHandler, request.HTTPHandler):
    """Opens connections each of whose waits ends in time, and only to machines that may be reached."""

    def __init__(self, pace: Pace, check: Callable[[request.Request, str | None], None]) -> None:
        super().__init__()
        self._pace = pace
        self._check = check

    def http_open(self, req: request.Request) -> HTTPResponse:
        """Send a request by http."""
        return self.do_open(partial(self._connection, HTTPConnection, req), req)

    def https_open(self, req: request.Request) -> HTTPResponse:
        """Send a request by https."""
        return self.do_open(partial(self._connection, HTTPSConnection, req), req)

    def _connection(self, kind: type[HTTPConnection], asked: request.Request, host: str, **how: Any) -> HTTPConnection:
        connection: Any = kind(host, **how)
        connection.response_class = partial(_TimedResponse, pace=self._pace)
        connection._create_connection = partial(self._connected, asked)  # http.client's one way to make a connection
        return cast(HTTPConnection, connection)

    def _connected(self, asked: request.Request, place: tuple[str, int], *_: object) -> socket.socket:
        """Connect to the first of a host's addresses that answers, all of them together within one wait."""
        through_proxy = asked.host != urlsplit(asked.full_url).netloc
        failure = OSError(f"{place[0]} has no address")
        ips = [str(info[4][0]) for info in socket.getaddrinfo(*place, type=socket.SOCK_STREAM)]
        for number, ip in enumerate(ips):
            self._check(asked, None if through_proxy else ip)
            try:
                return socket.create_connection((ip, place[1]), self._pace.remaining() / (len(ips) - number))
            except OSError as error:
                failure = error
        raise failure


class _TimedResponse(HTTPResponse):
    """A response all of which, interim ones and trailers among it, is read before the wait ends."""

    def __init__(self, sock: socket.socket, *arguments: Any, pace: Pace, **named: Any) -> None:
        super().__init__(sock, *arguments, **named)
        self.fp = BufferedReader(_TimedStream(self.fp.detach(), sock, pace))


class _TimedStream(RawIOBase):
    """A socket's bytes. Its own time-out would begin anew with each byte that arrives."""

    def __init__(self, raw: RawIOBase, sock: socket.socket, pace: Pace) -> None:
        self._raw = raw
        self._sock = sock
        self._pace = pace

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read what one call to the system brings; raises TimeoutError once the wait is over."""
        self._sock.settimeout(self._pace.remaining())
        return cast("int | None", self._raw.readinto(buffer))

    def close(self) -> None:
        """Let go of the socket."""
        self._raw.close()
        super().close()


class _Redirects(request.HTTPRedirectHandler):
    def http_error_302(
        self, req: request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage
    ) -> IO[bytes] | None:
        """Close the connection, too, if the redirect leads to an invalid URL."""
        try:
            return super().http_error_302(req, fp, code, msg, headers)
        except ValueError:
            fp.close()
            raise

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302

    def redirect_request(
        self, req: request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> request.Request | None:
        """Follow to http and https only, and never from https to http."""
        scheme = urlsplit(newurl).scheme
        if scheme != "https" and (scheme != "http" or urlsplit(req.full_url).scheme == "https"):
            raise HTTPError(newurl, code, msg, headers, fp)
        fp.close()  # or its body would be read, however long it is
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def reason(error: Exception) -> str:
    """Say on one line what went wrong, without control characters."""
    if isinstance(error, TimeoutError):
        return "timed out"
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return normalise_line(said) or type(error).__name__


def _validators(headers: Message) -> Validators:
    return Validators(str(headers.get("ETag", "")).strip(), str(headers.get("Last-Modified", "")).strip())


def _status(code: int) -> str:
    # The server's own words for it may hold anything.
    return f"{code} {responses.get(code, '')}".strip()


def _retry_after(headers: Message) -> float:
    said = str(headers.get("Retry-After", ""))
    if _COUNT.fullmatch(said):
        return float(said)
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return 0.0
