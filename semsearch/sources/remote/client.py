"""Fetches addresses politely: robots.txt first, a pause between two requests to a host, never a private machine."""

import socket
import time
import zlib
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from typing import NoReturn, cast
from urllib import request
from urllib.error import HTTPError
from urllib.parse import urlsplit, urlunsplit

from semsearch.addresses import joined
from semsearch.errors import FetchError, SourceError
from semsearch.network.connections import (
    PASSING,
    TransientError,
    failure,
    opener,
    read_piece,
    reason,
    retry_after,
    sendable,
    status_line,
    validators_of,
)
from semsearch.network.transfers import Network, Pace, is_public
from semsearch.network.validators import UNKNOWN, Validators
from semsearch.sources.faults import reason_of
from semsearch.sources.remote import robots
from semsearch.sources.remote.robots import Robots
from semsearch.text import normalise_line
from semsearch.types import Fetch

MOST_BYTES = 32 * 2**20
"""The size of a document, packed and unpacked."""

MOST_REDIRECTS = 5

MOST_FAILURES = 3
"""Failures in a row at one host, after which it is left alone until the next run."""

_TRIES = 2
_PIECE_BYTES = 64 * 1024
_LATER = "run the same command again later"
_REDIRECTS = (301, 302, 303, 307, 308)
_LOCAL_NAMES = ("localhost", ".localhost", ".local", ".internal", ".home.arpa")


class NotFetchedError(SourceError):
    """An address could not be fetched; the message says why, and what to do."""

    def __init__(self, message: str, *, for_good: bool = False) -> None:
        super().__init__(message)
        self.for_good = for_good  # it cannot be fetched the next time either


@dataclass(frozen=True, slots=True)
class Download:
    """The document at an address."""

    address: str  # after all redirects
    body: bytes  # without the packing that the server used for the transfer
    content_type: str = ""
    validators: Validators = UNKNOWN


@dataclass(frozen=True, slots=True)
class _Answer:
    """One response to one request."""

    status: int
    body: bytes = b""
    content_type: str = ""
    location: str | None = None  # where it redirects to
    validators: Validators = UNKNOWN


class Client:
    """One run over any number of addresses."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._network = Network(patience=fetch.timeout, slack=2 * fetch.timeout)
        self._robots: dict[str, Robots | NotFetchedError] = {}  # by site: the rules, or why they could not be read
        self._last_requests: dict[str, float] = {}  # by host: time of the last request
        self._failures = Counter[str]()  # by host: failures in a row
        self._resting: dict[str, tuple[float, str]] = {}  # by host: until when to leave it alone, and why

    def get(self, address: str, validators: Validators | None = None) -> Download | None:
        """Fetch the document at an address; None if it is still the version with these validators.

        Raises:
            NotFetchedError: it could not be fetched, or must not be, or any other error occurred.
        """
        try:
            return self._get(address, validators)
        except NotFetchedError:
            raise
        except Exception as error:
            raise NotFetchedError(reason_of(error)) from error

    def sitemaps(self, address: str) -> tuple[str, ...]:
        """Return the addresses of sitemaps in the robots.txt of an address's site, if that was read before."""
        rules = self._robots.get(_site(address))
        return rules.sitemaps if isinstance(rules, Robots) else ()

    def _get(self, address: str, validators: Validators | None) -> Download | None:
        try:
            self._network.check_allowed(address)
            current = sendable(address)
        except FetchError as error:
            raise NotFetchedError(_with_hint(error), for_good=True) from error
        pace = Pace(self._network)
        answer = self._ask(current, pace, validators)
        for _ in range(MOST_REDIRECTS):
            if answer.location is None:
                break
            current = self._redirect_target(current, answer.location)
            answer = self._ask(current, pace, validators)
        if answer.location is not None:
            raise NotFetchedError(
                f"redirects more than {MOST_REDIRECTS} times: give the address that it leads to in a browser",
                for_good=True,
            )
        if answer.status == HTTPStatus.NOT_MODIFIED and validators not in (None, UNKNOWN):
            return None
        if answer.status >= 300:
            raise NotFetchedError(
                f"the server answered {status_line(answer.status)}: check the address, and that it is public",
                for_good=True,
            )
        return Download(current, answer.body, answer.content_type, answer.validators)

    def _ask(self, address: str, pace: Pace, validators: Validators | None) -> _Answer:
        """Request an address if its site allows that."""
        rules = self._rules(address, pace)
        if not rules.allows(address):
            raise NotFetchedError(
                "its site does not allow robots there (robots.txt): ask the site, or save the page yourself and add "
                "the file",
                for_good=True,
            )
        return self._request(address, pace, rules.delay, (validators or UNKNOWN).if_changed())

    def _rules(self, address: str, pace: Pace) -> Robots:
        """Return the rules of an address's site; if they are unreachable, so is the site (RFC 9309)."""
        site = _site(address)
        if site not in self._robots:
            self._robots[site] = self._read_rules(site + robots.PATH, pace)
        rules = self._robots[site]
        if isinstance(rules, NotFetchedError):
            raise NotFetchedError(str(rules), for_good=rules.for_good) from rules
        return rules

    def _read_rules(self, address: str, pace: Pace) -> Robots | NotFetchedError:
        try:
            answer = self._request(address, pace)
            for _ in range(MOST_REDIRECTS):
                if answer.location is not None:
                    address = self._redirect_target(address, answer.location)
                    answer = self._request(address, pace)
        except NotFetchedError as error:
            if error.for_good or isinstance(error.__cause__, FetchError):  # this applies to the entire site
                return error
            return NotFetchedError(f"the robots.txt of its site could not be read: {error}")
        if answer.status != HTTPStatus.OK:
            return Robots()
        return Robots(answer.body[: robots.MOST_BYTES].decode("utf-8", "replace"))

    def _redirect_target(self, address: str, location: str) -> str:
        """Return the address that a redirect leads to."""
        meant = location.encode("latin-1", "replace").decode("utf-8", "replace")
        try:
            target = sendable(joined(address, meant))
        except (ValueError, FetchError) as error:
            raise NotFetchedError(
                f"redirects to {normalise_line(meant)[:200]!r}, which cannot be fetched: check the address",
                for_good=True,
            ) from error
        if address.startswith("https:") and not target.startswith("https:"):
            raise NotFetchedError(
                f"redirects from https to {target}, which is not encrypted and is not followed: if you trust it, give "
                "that address",
                for_good=True,
            )
        return target

    def _request(
        self, address: str, pace: Pace, delay: float = 0.0, conditions: dict[str, str] | None = None
    ) -> _Answer:
        """Send a request, a second time if that may help, and read the full response.

        Raises:
            NotFetchedError: there is no usable response; a lasting refusal by the server counts as one.
        """
        host = urlsplit(address).netloc
        self._check_patience(host)
        last_error = TransientError("")
        for number in range(1, _TRIES + 1):
            self._wait(host, delay)
            try:
                answer = self._send(address, pace, conditions or {})
            except TransientError as error:
                last_error = error
            except FetchError as error:
                self._failures[host] += 1
                raise NotFetchedError(_with_hint(error), for_good=isinstance(error, _PrivateError)) from error
            else:
                self._failures[host] = 0
                return answer
            if last_error.after > self._network.patience:
                last_error = TransientError(
                    f"{last_error} and asks to be left alone for {last_error.after:,.0f} seconds", last_error.after
                )
                self._resting[host] = (time.monotonic() + last_error.after, str(last_error))
                break
            if number < _TRIES and not pace.is_over:
                pace.pause(number, last_error.after)
            if pace.is_over:
                break
        self._failures[host] += 1
        raise NotFetchedError(f"{last_error}: {_LATER}") from last_error

    def _check_patience(self, host: str) -> None:
        until, message = self._resting.get(host, (0.0, ""))
        if time.monotonic() < until:
            raise NotFetchedError(f"{message}: {_LATER}")
        if self._failures[host] >= MOST_FAILURES:
            raise NotFetchedError(f"left out after {MOST_FAILURES} failures in a row at {host}: {_LATER}")

    def _wait(self, host: str, delay: float) -> None:
        """Wait until the next request to the host is allowed."""
        if host in self._last_requests:
            due = self._last_requests[host] + max(self._fetch.pause, delay)
            time.sleep(max(0.0, due - time.monotonic()))
        self._last_requests[host] = time.monotonic()

    def _send(self, address: str, pace: Pace, conditions: dict[str, str]) -> _Answer:
        """Send one request.

        Raises:
            TransientError: it failed, but may succeed the next time.
            FetchError, NotFetchedError: it failed, and another try does not help.
        """
        headers = {"Accept-Encoding": "gzip", "Accept": "*/*", **conditions}
        http_request = request.Request(address, headers=headers)  # noqa: S310  the opener knows no other schemes
        connections = opener(pace, self._check_reachable)
        try:
            with pace.waiting():
                response = cast(HTTPResponse, connections.open(http_request, timeout=self._network.patience))
        except HTTPError as error:
            error.close()
            return _refusal(error)
        except (OSError, HTTPException, ValueError) as error:
            raise failure(error, _site(address)) from error
        try:
            return _Answer(
                response.status,
                _decompressed(_body(response, pace), str(response.headers.get("Content-Encoding", ""))),
                str(response.headers.get("Content-Type", "")),
                validators=validators_of(response.headers),
            )
        finally:
            response.close()

    def _check_reachable(self, http_request: request.Request, ip: str | None) -> None:
        """Refuse to connect to a private machine, whatever name or redirect leads there."""
        if self._fetch.allow_private:
            return
        host = urlsplit(http_request.full_url).hostname or ""
        if ip is None:  # a proxy resolves the name itself
            ip = _literal_ip(host)
            private = host.endswith(_LOCAL_NAMES)
        else:
            private = False
        if private or (ip is not None and not is_public(ip)):
            raise _PrivateError(
                f"{host} is on this machine or a private network{f' ({ip})' if ip and ip != host else ''}, where "
                "nothing is fetched",
                "if you mean it, allow it with --allow-private, in Python with Fetch(allow_private=True)",
            )


def _site(address: str) -> str:
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc, "", "", ""))


class _PrivateError(FetchError):
    """An address leads to a private machine."""


def _refusal(error: HTTPError) -> _Answer:
    """Return the answer for a response without a usable body."""
    location = error.headers.get("Location")
    if error.code in _REDIRECTS and location:
        return _Answer(error.code, location=str(location))
    if error.code >= 500 or error.code in PASSING:
        raise TransientError(f"the server answered {status_line(error.code)}", retry_after(error.headers))
    return _Answer(error.code)


def _body(response: HTTPResponse, pace: Pace) -> bytes:
    """Read a full body; raises TransientError if it is cut, NotFetchedError if it is too long."""
    body = bytearray()
    if (response.length or 0) > MOST_BYTES:
        _too_large()
    while piece := read_piece(response, _PIECE_BYTES, pace):
        body += piece
        if len(body) > MOST_BYTES:
            _too_large()
        if pace.is_over:
            raise TransientError("the server is too slow")
    if response.length:
        raise TransientError(f"the connection was cut, {response.length:,} bytes before the end")
    return bytes(body)


def _decompressed(body: bytes, encoding: str) -> bytes:
    """Undo the packing for the transfer; some servers declare one without using it."""
    packing = encoding.strip().lower()
    if packing not in ("", "identity", "gzip", "x-gzip"):
        raise NotFetchedError(
            f"it is sent in the encoding {normalise_line(packing)[:40]!r}, which was not asked for: save it yourself "
            "and add the file",
            for_good=True,
        )
    if "gzip" not in packing or not body.startswith(b"\x1f\x8b"):
        return body
    decompressor = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        unpacked = decompressor.decompress(body, MOST_BYTES)
    except zlib.error as error:
        raise TransientError(f"what was sent is damaged ({reason(error)})") from error
    if decompressor.unconsumed_tail:
        _too_large()
    if not decompressor.eof:
        raise TransientError("the connection was cut")
    return unpacked


def _too_large() -> NoReturn:
    raise NotFetchedError(
        f"it is larger than {MOST_BYTES // 2**20} MiB, packed or unpacked: if it is what you want, download it and add "
        "the file",
        for_good=True,
    )


def _literal_ip(host: str) -> str | None:
    """Return the IP address that a host is, in any of the spellings that systems accept; None for a name."""
    with suppress(OSError):
        return socket.inet_ntoa(socket.inet_aton(host))
    with suppress(OSError):
        return socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, host))
    return None


def _with_hint(error: FetchError) -> str:
    return f"{error}: {error.hint}" if error.hint else str(error)
