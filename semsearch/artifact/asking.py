"""One request for a range of bytes, and what its answer may be believed to be: the only module that knows HTTP."""

import re
import socket
import ssl
import time
from dataclasses import dataclass
from email.message import Message
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import HTTPException, HTTPMessage, HTTPResponse, InvalidURL, responses
from typing import IO, NoReturn, cast
from urllib import request
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from semsearch import __version__
from semsearch.errors import FetchError
from semsearch.text import normalise_line

_RANGE = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\*)")
_NO_RANGE = re.compile(r"bytes \*/([0-9]{1,18})")
_COUNT = re.compile(r"[0-9]{1,18}")
_STRONG = re.compile(r'"[!\x23-\x7e]*"')
_PRINTABLE = re.compile(r"[ -\x7e]+")

_PASSING = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS)
"""Refusals that waiting may mend, beside the server's own errors."""


class MissingError(FetchError):
    """Nothing is there."""


class PassingError(Exception):
    """What may go well when it is tried again, `after` so many seconds at least."""

    def __init__(self, reason: str, after: float = 0.0) -> None:
        super().__init__(reason)
        self.after = after


@dataclass(frozen=True, slots=True)
class Extent:
    """Which bytes of a thing an answer carries."""

    first: int
    until: int | None  # exclusive; None: nobody said
    size: int | None  # of the thing
    whole: bool = False  # the server knows no ranges, and begins at 0 whatever it is asked


@dataclass(frozen=True, slots=True)
class Validators:
    """By what a server tells one state of a thing from another; "" for what it does not say."""

    etag: str = ""
    modified: str = ""

    def as_header(self) -> dict[str, str]:
        """Return the header that asks for a range of this state, and for the whole of any other."""
        if _STRONG.fullmatch(self.etag):
            return {"If-Range": self.etag}
        return {"If-Range": self.modified} if _PRINTABLE.fullmatch(self.modified) else {}

    def contradict(self, others: "Validators") -> bool:
        """Tell whether two answers are of different states; one that says nothing contradicts nothing."""
        if self.etag and others.etag:
            return self.etag != others.etag
        return bool(self.modified and others.modified) and self.modified != others.modified


class Answer:
    """An answer whose body has not been read."""

    def __init__(self, response: HTTPResponse, extent: Extent) -> None:
        self._response = response
        self.extent = extent
        self.validators = _validators(response.headers)

    def read(self, most: int) -> bytes:
        """Return up to so many bytes, as many as one call to the system brings; none at the end, early or not."""
        try:
            piece = self._response.read1(most)
        except (OSError, HTTPException) as error:
            raise PassingError(reason(error)) from error
        if len(piece) > most:  # lengths of chunks may be negative, and are believed
            raise PassingError("the answer contradicts itself")
        return piece

    def close(self) -> None:
        """Hang up."""
        self._response.close()


class Line:
    """The way to one address: http and https, proxies as the environment says, no cookies, no passwords."""

    def __init__(self, where: str, url: str, patience: float) -> None:
        self._where = where
        self._url = url
        self._patience = patience
        self._opener = request.OpenerDirector()
        self._opener.addheaders = [("User-agent", f"semsearch/{__version__}")]
        for handler in (
            request.ProxyHandler,
            request.UnknownHandler,
            request.HTTPHandler,
            request.HTTPSHandler,
            request.HTTPDefaultErrorHandler,
            request.HTTPErrorProcessor,
            _Redirects,
        ):
            self._opener.add_handler(handler())

    def ask(self, first: int, until: int, known: Validators) -> Answer:
        """Ask for bytes; what comes may begin at 0, and may end sooner or later than `until`.

        Raises:
            MissingError, FetchError: for good.
            PassingError: for now.
        """
        headers = {"Range": f"bytes={first}-{until - 1}", "Accept-Encoding": "identity"} | known.as_header()
        asked = request.Request(self._url, headers=headers)  # noqa: S310  the opener knows no other schemes
        try:
            response = cast(HTTPResponse, self._opener.open(asked, timeout=self._patience))
        except HTTPError as error:
            try:
                return self._refused(error, first)
            finally:
                error.close()
        except (OSError, HTTPException, ValueError) as error:
            self._failed(error)
        try:
            return Answer(response, self._extent(response, first))
        except BaseException:
            response.close()
            raise

    def _extent(self, response: HTTPResponse, first: int) -> Extent:
        encoding = str(response.headers.get("Content-Encoding", "identity"))
        if encoding.strip().lower() != "identity":
            raise FetchError(
                f"{self._where} comes in the encoding {encoding!r}, which nobody asked for",
                "have it served as it is, not compressed on the way",
            )
        if response.status == HTTPStatus.OK:
            said = str(response.headers.get("Content-Length", ""))
            size = int(said) if _COUNT.fullmatch(said) and not response.chunked else None
            return Extent(0, size, size, whole=True)
        if response.status != HTTPStatus.PARTIAL_CONTENT:
            raise FetchError(f"{self._where} answers {_status(response.status)}", "check the address")
        found = _RANGE.fullmatch(str(response.headers.get("Content-Range", "")))
        if not found:
            raise PassingError("the server does not say which bytes it sends")
        begin, until = int(found[1]), int(found[2]) + 1
        size = None if found[3] == "*" else int(found[3])
        if begin != first or until <= begin or (size is not None and until > size):
            raise PassingError(f"the server sends other bytes than were asked for: {found[0]} from {first} on")
        return Extent(begin, until, size)

    def _refused(self, error: HTTPError, first: int) -> Answer:
        """Return an answer without bytes where the thing ends before them; raises for every other refusal."""
        status = _status(error.code)
        if error.code in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
            raise MissingError(f"there is nothing at {self._where}: the server answers {status}", "check the address")
        if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            found = _NO_RANGE.fullmatch(str(error.headers.get("Content-Range", "")))
            if found and (size := int(found[1])) <= first:
                return Answer(cast(HTTPResponse, error.fp), Extent(size, size, size))
            raise PassingError(f"the server answers {status}")
        if 300 <= error.code < 400:
            raise FetchError(
                f"{self._where} redirects to {normalise_line(error.url or '')!r}, which is not followed",
                "name an address that leads to the file by http or https, not from https to http and not in circles",
            )
        if error.code >= 500 or error.code in _PASSING:
            raise PassingError(f"the server answers {status}", _retry_after(error.headers))
        raise FetchError(f"{self._where} answers {status}", "check the address, and whether everybody may read it")

    def _failed(self, error: Exception) -> NoReturn:
        cause = error.reason if isinstance(error, URLError) and isinstance(error.reason, Exception) else error
        if isinstance(cause, ssl.SSLCertVerificationError):
            raise FetchError(
                f"{self._where} has a certificate that is not trusted: {cause.verify_message}",
                "check the address, and this machine's clock and certificates",
            ) from error
        if isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_NONAME:
            raise FetchError(
                f"{self._where} is on a machine that nobody knows", "check the address, and the network"
            ) from error
        if isinstance(cause, ValueError | InvalidURL):
            raise FetchError(f"{self._where} leads to no address: {reason(cause)}", "check the address") from error
        raise PassingError(reason(cause)) from error


class _Redirects(request.HTTPRedirectHandler):
    def http_error_302(
        self, req: request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage
    ) -> IO[bytes] | None:
        """Hang up, too, where what is redirected to is no address."""
        try:
            return super().http_error_302(req, fp, code, msg, headers)
        except ValueError:
            fp.close()
            raise

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302

    def redirect_request(
        self, req: request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> request.Request | None:
        """Follow to http and https only, and never out of the safety of https."""
        scheme = urlsplit(newurl).scheme
        if scheme != "https" and (scheme != "http" or urlsplit(req.full_url).scheme == "https"):
            raise HTTPError(newurl, code, msg, headers, fp)
        fp.close()  # or its body would be read, however long it is
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def reason(error: Exception) -> str:
    """Say on one line what went wrong, without what a stranger may have put in."""
    if isinstance(error, TimeoutError):
        return "nothing came for too long"
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
