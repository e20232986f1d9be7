"""Reads ranges of bytes from a file or an http(s) address, and resumes where a transfer stopped."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from urllib.parse import urljoin, urlsplit, urlunsplit

from semsearch.addresses import is_address
from semsearch.artifact.ranges import Extent, MissingError, RangeClient, RangeResponse
from semsearch.errors import FetchError
from semsearch.network.connections import TransientError, reason, sendable
from semsearch.network.transfers import Network, Pace
from semsearch.network.validators import Validators

AGAIN = "run the same command again: it goes on where it stopped"

_PIECE_BYTES = 1 << 20
_AHEAD_BYTES = 1 << 23
"""The most that is requested in advance, if reads follow one another."""

_SKIPPED_BYTES = 1 << 16
"""A gap between two reads that is at most this long is read and dropped, which is faster than another request."""


class Remote(Protocol):
    """A source of bytes. For use by one thread; its opener closes it."""

    location: str  # for messages
    size: int | None  # bytes; None until it is known

    @property
    def public(self) -> bool | None:
        """Whether it is on the internet, and not on this machine or a private network; None before the first read."""

    def read(self, start: int, length: int) -> Iterator[bytes]:
        """Yield exactly these bytes, in pieces of at most 1 MiB; raises FetchError after those that could be read."""

    def close(self) -> None:
        """Close the file or the connection; a later read opens another connection, but not the file."""


class _EndedError(FetchError):
    """More bytes were requested than there are; all that there are have been yielded."""


def open_remote(location: str | os.PathLike[str], network: Network) -> Remote:
    """Open a file, or prepare to read an address, to which nothing is sent before the first read.

    Args:
        location: a path, or an address that begins with http:// or https://.
    """
    if not isinstance(location, str) or not is_address(location):
        return _LocalFile(os.fspath(location))
    url = sendable(location)
    network.check_allowed(location)
    return _WebFile(location, url, network)


def fetch_whole(location: str, most_bytes: int, network: Network) -> bytes | None:
    """Return the content of a small file, None if it is not there; raises FetchError if it exceeds `most_bytes`."""
    try:
        remote = open_remote(location, network)
    except MissingError:
        return None
    try:
        return read_whole(remote, most_bytes)
    finally:
        remote.close()


def read_whole(remote: Remote, most_bytes: int) -> bytes | None:
    """Return the content of a small file, as `fetch_whole` does."""
    content = bytearray()
    try:
        for piece in remote.read(0, most_bytes + 1):
            content += piece
            if max(len(content), remote.size or 0) > most_bytes:
                raise FetchError(
                    f"{remote.location} is larger than the {most_bytes:,}-byte limit for such a file",
                    "check what it is",
                )
    except MissingError:
        return None
    except _EndedError:
        pass
    return bytes(content)


def beside(location: str, relative: str) -> str:
    """Return what a path or an address means that is written in the file at `location`."""
    if is_address(location):
        return urljoin(location, relative)
    return relative if is_address(relative) else str(Path(location).parent / relative)


def with_suffix(location: str, suffix: str) -> str:
    """Return a path or an address with a suffix appended to its name, `FILE.sig` for `FILE`; a query stays."""
    if not is_address(location):
        return location + suffix
    parts = urlsplit(location)
    return urlunsplit(parts._replace(path=parts.path + suffix, fragment=""))


def _cut_short(location: str, size: int, end: int) -> _EndedError:
    return _EndedError(f"{location} is cut short ({size} of {end} bytes)", "get the file again")


class _LocalFile:
    """A regular file."""

    @property
    def public(self) -> bool:
        """False: it is on this machine."""
        return False

    def __init__(self, path: str) -> None:
        self.location = path
        try:
            status = Path(path).stat()  # before it is opened: opening a pipe waits for a writer
            if not stat.S_ISREG(status.st_mode):
                kind = "a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file"
                raise FetchError(f"{path} is {kind}", "name the one file that `semsearch pack` wrote")
            self._stream = Path(path).open("rb", buffering=0)  # noqa: SIM115  see close
        except (FileNotFoundError, NotADirectoryError):
            raise MissingError(f"there is no file {path}", "check the path") from None
        except (OSError, ValueError) as error:
            raise FetchError(f"{path} cannot be read: {reason(error)}", "check its permissions") from error
        self.size: int | None = status.st_size

    def read(self, start: int, length: int) -> Iterator[bytes]:
        position, end = start, start + length
        while position < end:
            try:
                self._stream.seek(position)
                piece = self._stream.read(min(_PIECE_BYTES, end - position))
            except OSError as error:
                raise FetchError(
                    f"{self.location} cannot be read at byte {position}: {reason(error)}", AGAIN
                ) from error
            if not piece:
                raise _cut_short(self.location, position, end)
            position += len(piece)
            yield piece

    def close(self) -> None:
        self._stream.close()


class _WebFile:
    """A file at an address.

    One response is kept open as long as reads follow one another. The first read requests exactly its bytes; one that
    follows others also requests as many bytes as they had, up to 8 MiB, so that many small reads take few requests,
    and never more is requested in vain than was read.
    """

    def __init__(self, location: str, url: str, network: Network) -> None:
        self.location = location
        self.size: int | None = None
        self._network = network
        self._pace = Pace(network)
        self._client = RangeClient(location, url, network, self._pace)
        self._validators = Validators()
        self._response: RangeResponse | None = None
        self._position = 0  # of the next byte of the response
        self._run = 0  # bytes of the consecutive reads so far

    @property
    def public(self) -> bool | None:
        """Whether it is on the internet."""
        return self._client.public

    def read(self, start: int, length: int) -> Iterator[bytes]:
        position, end = start, start + length
        if not 0 <= start - self._position <= _SKIPPED_BYTES:
            self._run = 0
        until = start + max(length, min(self._run, _AHEAD_BYTES))
        failures = 0
        while position < end:
            if self.size is not None and position >= self.size:
                raise _cut_short(self.location, self.size, end)
            try:
                piece = self._next(position, end, until)
            except TransientError as error:
                self.close()
                failures += 1
                if failures >= self._network.tries:
                    raise FetchError(f"{self.location} could not be read at byte {position}: {error}", AGAIN) from error
                self._pace.pause(failures, error.after)
                if self._pace.is_over:
                    raise FetchError(
                        f"{self.location} timed out at byte {position}: the server sent fewer than "
                        f"{self._network.least_rate:,.0f} bytes per second ({error})",
                        AGAIN,
                    ) from error
                continue
            if piece:
                failures = 0
                position += len(piece)
                self._run += len(piece)
                yield piece

    def close(self) -> None:
        if self._response:
            self._response.close()
        self._response = None

    def _next(self, position: int, end: int, until: int) -> bytes:
        """Return the next bytes at a position; none if the file turns out to end there."""
        response = self._response
        if not response or not self._goes_on(response.extent, position):
            response = self._ask(position, until)
        if self.size is not None and position >= self.size:
            return b""
        while True:
            piece = self._take(response, (position - self._position) or (end - position))
            if not piece or self._position > position:  # else the piece is before the position
                return piece

    def _goes_on(self, extent: Extent, position: int) -> bool:
        if position < self._position or (extent.until is not None and position >= extent.until):
            return False
        return extent.ignores_ranges or position - self._position <= _SKIPPED_BYTES

    def _take(self, response: RangeResponse, most_bytes: int) -> bytes:
        until = response.extent.until
        ahead = most_bytes if until is None else until - self._position
        piece = response.read(min(most_bytes, _PIECE_BYTES, ahead))
        if not piece and (until is not None or self.size is not None):
            raise TransientError("the connection was cut")
        if not piece:
            self.size = self._position  # not known before
        self._position += len(piece)
        return piece

    def _ask(self, position: int, until: int) -> RangeResponse:
        self.close()
        self._response = response = self._client.ask(position, min(until, self.size or until), self._validators)
        sizes = {size for size in (self.size, response.extent.size) if size is not None}
        if len(sizes) > 1 or self._validators.contradict(response.validators):
            self.close()
            raise FetchError(f"{self.location} changed while it was being fetched", "run the same command again")
        self.size = sizes.pop() if sizes else None
        if self._validators == Validators():
            self._validators = response.validators
        self._position = response.extent.first
        return response
