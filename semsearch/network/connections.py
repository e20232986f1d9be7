"""HTTP connections to machines that may be reached, on which every wait ends in time."""

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
"""Refusals that may not last, beside the server's own errors."""


def validators_of(headers: Message) -> Validators:
    """Return what a response says of its version."""
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
"""What is wrong with a certificate, and what to do, by OpenSSL's number (X509_V_ERR_…)."""

_ADD = "name a file with its certificate: SSL_CERT_FILE=FILE semsearch …"

_NO_TLS = re.compile(
    "WRONG_VERSION_NUMBER|RECORD_LAYER_FAILURE|HTTP_REQUEST|UNEXPECTED_MESSAGE|PROTOCOL|HANDSHAKE_FAILURE"
)
"""OpenSSL's names of what happens where a server has no encryption, or none that this machine knows."""


class TransientError(Exception):
    """A failure that may not happen again if the request is repeated, `after` so many seconds at least."""

    def __init__(self, reason: str, after: float = 0.0) -> None:
        super().__init__(reason)
        self.after = after


def opener(
    pace: Pace, check: Callable[[request.Request, str | None], None], *redirects: request.HTTPRedirectHandler
) -> request.OpenerDirector:
    """Return what opens addresses: http and https, the environment's proxies, no cookies, no passwords.

    Args:
        pace: of the transfer, which bounds every wait.
        check: is told each request and the IP address that is about to be connected to, None for a proxy, which decides
            itself; what it raises is not caught.
        redirects: follow redirects; without them, one is an `HTTPError`.
    """
    made = request.OpenerDirector()
    made.addheaders = [("User-Agent", USER_AGENT)]
    for handler in (
        request.ProxyHandler(),
        request.UnknownHandler(),
        _Connections(pace, check),
        request.HTTPDefaultErrorHandler(),
        request.HTTPErrorProcessor(),
        *redirects,
    ):
        made.add_handler(handler)
    return made


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


class Redirects(request.HTTPRedirectHandler):
    """Follows redirects by http and https, never from https to http."""

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


def read_piece(response: HTTPResponse, most: int, pace: Pace) -> bytes:
    """Return up to so many bytes of a body, as many as one call to the system brings; none at the end, early or not.

    Raises:
        TransientError: the connection failed, or the response contradicts itself.
    """
    try:
        with pace.waiting():
            piece = response.read1(most)
    except (OSError, HTTPException) as error:
        raise TransientError(reason(error)) from error
    if len(piece) > most:  # lengths of chunks may be negative, and are believed
        raise TransientError("the response contradicts itself")
    pace.earn(len(piece))
    return piece


def failure(error: Exception, where: str) -> FetchError | TransientError:
    """Return what a request that brought no response failed of: for good, or for now.

    Args:
        where: the address, or the site, for messages.
    """
    cause = error.reason if isinstance(error, URLError) and isinstance(error.reason, Exception) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        said = normalise_line(cause.verify_message)
        wrong, hint = _CERTIFICATES.get(cause.verify_code, ("cannot be trusted", "check the address; {add}"))
        return FetchError(f"the certificate of {where} {wrong} ({said})", hint.format(add=_ADD))
    if isinstance(cause, ssl.SSLError) and _NO_TLS.search(cause.reason or ""):
        return FetchError(
            f"{where} does not speak https, or not as this machine does ({normalise_line(cause.reason)})",
            "check the address and its port; http:// asks without encryption",
        )
    if isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_NONAME:
        return FetchError(f"the host name of {where} could not be resolved", "check the address and the network")
    if isinstance(cause, ValueError | InvalidURL):
        return FetchError(f"{where} redirects to an invalid URL: {reason(cause)}", "check the address")
    return TransientError(reason(cause))


def reason(error: Exception) -> str:
    """Say on one line what went wrong, without control characters."""
    if isinstance(error, TimeoutError):
        return "timed out"
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return normalise_line(said) or type(error).__name__


def status_line(code: int) -> str:
    """Return a status with its standard words: the server's own may hold anything."""
    return f"{code} {responses.get(code, '')}".strip()


def retry_after(headers: Message) -> float:
    """Return the seconds that a server asks to be left alone, 0 where it does not say."""
    said = str(headers.get("Retry-After", ""))
    if COUNT.fullmatch(said):
        return float(said)
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return 0.0


def sendable(where: str) -> str:
    """Return an address in the characters that are sent: http or https, with a host and without a password."""
    hint = "write it as https://HOST/FILE"
    try:
        parts = split(where)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        raise FetchError(f"{where} is not a valid address: {reason(error)}", hint) from error
    if "@" in parts.netloc:
        raise FetchError(f"an address at {parts.hostname} contains a user name, which is never sent", hint)
    if parts.scheme not in {"http", "https"} or not usable:
        raise FetchError(f"{where} cannot be fetched: only http and https addresses can", hint)
    path, query = (quote(part, safe=string.punctuation) for part in (parts.path, parts.query))
    return urlunsplit(parts._replace(path=path, query=query, fragment=""))
