"""Opens HTTP connections to machines that are allowed, and ends every wait on them in time."""

import re
import socket
import ssl
import string
import time
from collections.abc import Callable
from email.message import Message
from email.utils import parsedate_to_datetime
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPMessage, HTTPResponse, HTTPSConnection, InvalidURL, responses
from io import BufferedReader, RawIOBase
from typing import IO, Any, cast
from urllib import request
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit, urlunsplit

from semsearch import __version__
from semsearch.addresses import parts as split
from semsearch.errors import FetchError
from semsearch.network.transfers import Pace
from semsearch.network.validators import Validators
from semsearch.text import normalise_line

USER_AGENT = f"semsearch/{__version__}"
"""Sent with every request."""

COUNT = re.compile(r"[0-9]{1,18}")

PASSING = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS)
"""Refusals that may be temporary, in addition to the server's own errors."""


def validators_of(headers: Message) -> Validators:
    """Return the validators of the version that a response is."""
    return Validators(str(headers.get("ETag", "")).strip(), str(headers.get("Last-Modified", "")).strip())


_CERTIFICATES = {
    9: ("is not valid yet", "check this machine's clock; if it is right, tell those who run the site"),
    10: ("has expired", "check this machine's clock; if it is right, wait until the site has a new certificate"),
    18: ("is self-signed", "if you trust the site, {add}"),
    19: ("is signed by an authority that this machine does not know", "if you trust it, {add}"),
    20: ("is signed by an authority that this machine does not know", "if you trust it, {add}"),
    62: ("is that of another host", "check the address: the host may go by another name, with www. for example"),
    64: ("is that of another host", "give the host's name in the address, not its number"),
}
"""OpenSSL's number (X509_V_ERR_…) -> what is wrong with a certificate, and what to do."""

_ADD = "name a file with its certificate: SSL_CERT_FILE=FILE semsearch …"

_NO_TLS = re.compile(
    "WRONG_VERSION_NUMBER|RECORD_LAYER_FAILURE|HTTP_REQUEST|UNEXPECTED_MESSAGE|PROTOCOL|HANDSHAKE_FAILURE"
)
"""OpenSSL's names of errors with a server that has no encryption, or none that this machine knows."""


class TransientError(Exception):
    """A failure that may not happen again if the request is repeated, at least `after` seconds later."""

    def __init__(self, reason: str, after: float = 0.0) -> None:
        super().__init__(reason)
        self.after = after


def opener(
    pace: Pace, check: Callable[[request.Request, str | None], None], *redirects: request.HTTPRedirectHandler
) -> request.OpenerDirector:
    """Return an opener of addresses: http and https, the environment's proxies, no cookies, no passwords.

    Args:
        pace: that of the transfer, which limits every wait.
        check: called with each request and the IP address to connect to, or None for a proxy, which decides itself; its
            exceptions are not caught.
        redirects: follow redirects; without them, a redirect is an `HTTPError`.
    """
    director = request.OpenerDirector()
    director.addheaders = [("User-Agent", USER_AGENT)]
    for handler in (
        request.ProxyHandler(),
        request.UnknownHandler(),
        _Connections(pace, check),
        request.HTTPDefaultErrorHandler(),
        request.HTTPErrorProcessor(),
        *redirects,
    ):
        director.add_handler(handler)
    return director


class _Connections(request.HTTPSHandler, request.HTTPHandler):
    """Opens connections on which every wait ends in time, and only to machines that are allowed."""

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

    def _connection(
        self, kind: type[HTTPConnection], req: request.Request, host: str, **options: Any
    ) -> HTTPConnection:
        connection: Any = kind(host, **options)
        connection.response_class = partial(_TimedResponse, pace=self._pace)
        connection._create_connection = partial(self._connect, req)  # http.client connects only through it
        return cast(HTTPConnection, connection)

    def _connect(self, req: request.Request, host_and_port: tuple[str, int], *_: object) -> socket.socket:
        """Connect to the first of a host's addresses that answers; all attempts together have one wait."""
        through_proxy = req.host != urlsplit(req.full_url).netloc
        failure = OSError(f"{host_and_port[0]} has no address")
        ips = [str(info[4][0]) for info in socket.getaddrinfo(*host_and_port, type=socket.SOCK_STREAM)]
        for number, ip in enumerate(ips):
            self._check(req, None if through_proxy else ip)
            try:
                return socket.create_connection((ip, host_and_port[1]), self._pace.remaining() / (len(ips) - number))
            except OSError as error:
                failure = error
        raise failure


class _TimedResponse(HTTPResponse):
    """A response of which everything, including interim responses and trailers, is read before the wait ends."""

    def __init__(self, sock: socket.socket, *arguments: Any, pace: Pace, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self.fp = BufferedReader(_TimedStream(self.fp.detach(), sock, pace))


class _TimedStream(RawIOBase):
    """The bytes of a socket, whose own time-out would start again with each byte that arrives."""

    def __init__(self, raw: RawIOBase, sock: socket.socket, pace: Pace) -> None:
        self._raw = raw
        self._sock = sock
        self._pace = pace

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read as much as one system call brings; raises TimeoutError once the wait is over."""
        self._sock.settimeout(self._pace.remaining())
        return cast("int | None", self._raw.readinto(buffer))

    def close(self) -> None:
        """Close the stream."""
        self._raw.close()
        super().close()


class Redirects(request.HTTPRedirectHandler):
    """Follows redirects by http and https, never from https to http."""

    def http_error_302(
        self, req: request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage
    ) -> IO[bytes] | None:
        """Follow a redirect; close the connection if it leads to an invalid URL."""
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
        fp.close()  # otherwise its body would be read, however long it is
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def read_piece(response: HTTPResponse, most_bytes: int, pace: Pace) -> bytes:
    """Return up to `most_bytes` of a body, as many as one system call brings; none at the end, premature or not.

    Raises:
        TransientError: the connection failed, or the response contradicts itself.
    """
    try:
        with pace.waiting():
            piece = response.read1(most_bytes)
    except (OSError, HTTPException) as error:
        raise TransientError(reason(error)) from error
    if len(piece) > most_bytes:  # http.client accepts negative lengths of chunks
        raise TransientError("the response contradicts itself")
    pace.earn(len(piece))
    return piece


def failure(error: Exception, location: str) -> FetchError | TransientError:
    """Return why a request brought no response: a FetchError if that is permanent, else a TransientError.

    Args:
        location: the address, or the site, for messages.
    """
    cause = error.reason if isinstance(error, URLError) and isinstance(error.reason, Exception) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        text = normalise_line(cause.verify_message)
        fault, hint = _CERTIFICATES.get(cause.verify_code, ("cannot be trusted", "check the address; {add}"))
        return FetchError(f"the certificate of {location} {fault} ({text})", hint.format(add=_ADD))
    if isinstance(cause, ssl.SSLError) and _NO_TLS.search(cause.reason or ""):
        return FetchError(
            f"{location} does not speak https, or not as this machine does ({normalise_line(cause.reason)})",
            "check the address and its port; http:// asks without encryption",
        )
    if isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_NONAME:
        return FetchError(f"the host name of {location} could not be resolved", "check the address and the network")
    if isinstance(cause, ValueError | InvalidURL):
        return FetchError(f"{location} redirects to an invalid URL: {reason(cause)}", "check the address")
    return TransientError(reason(cause))


def reason(error: Exception) -> str:
    """Return on one line what went wrong, without control characters."""
    if isinstance(error, TimeoutError):
        return "timed out"
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return normalise_line(text) or type(error).__name__


def status_line(code: int) -> str:
    """Return a status with its standard phrase, since the server's own may contain anything."""
    return f"{code} {responses.get(code, '')}".strip()


def retry_after(headers: Message) -> float:
    """Return the seconds to wait that a server asks for; 0 if it asks for none."""
    value = str(headers.get("Retry-After", ""))
    if COUNT.fullmatch(value):
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return 0.0


def sendable(address: str) -> str:
    """Return an address as it is sent; raises FetchError unless it is http(s) with a host and without a user name."""
    hint = "write it as https://HOST/FILE"
    try:
        parts = split(address)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        raise FetchError(f"{address} is not a valid address: {reason(error)}", hint) from error
    if "@" in parts.netloc:
        raise FetchError(f"an address at {parts.hostname} contains a user name, which is never sent", hint)
    if parts.scheme not in {"http", "https"} or not usable:
        raise FetchError(f"{address} cannot be fetched: only http and https addresses can", hint)
    path, query = (quote(part, safe=string.punctuation) for part in (parts.path, parts.query))
    return urlunsplit(parts._replace(path=path, query=query, fragment=""))
