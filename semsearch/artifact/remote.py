"""Bytes of a file, or of an http(s) address: read by ranges, resumed where they stopped."""

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
"""The most that is asked for in advance, where reads follow one another."""
_SKIPPED_BYTES = 1 << 16
"""So little between two reads is read and thrown away, which is sooner done than asking anew."""


class Remote(Protocol):
    """What an artifact is read from. Of one thread; whoever opens it closes it."""

    where: str  # for messages
    size: int | None  # bytes; None until it is known

    @property
    def public(self) -> bool | None:
        """Whether it is on the internet, and not on this machine or a private network; None before it is asked."""

    def read(self, start: int, length: int) -> Iterator[bytes]:
        """Yield exactly these bytes, in pieces of at most 1 MiB; raises FetchError after as many as could be had."""

    def close(self) -> None:
        """Let go of the file or the connection; a later read opens another connection, and no file."""


class _EndedError(FetchError):
    """More was asked for than is there; all that is there has been yielded."""


def open_remote(where: str | os.PathLike[str], network: Network) -> Remote:
    """Open a file, or prepare to read an address, which is not asked before the first read.

    Args:
        where: a path, or an address that begins with http:// or https://.
    """
    if not isinstance(where, str) or not is_address(where):
        return _File(os.fspath(where))
    url = sendable(where)
    network.check_allowed(where)
    return _Address(where, url, network)


def fetch_whole(where: str, most: int, network: Network) -> bytes | None:
    """Return all of something small, None if it is not there; what has more than `most` bytes is a FetchError."""
    try:
        remote = open_remote(where, network)
    except MissingError:
        return None
    try:
        return read_whole(remote, most)
    finally:
        remote.close()


def read_whole(remote: Remote, most: int) -> bytes | None:
    """Read all of something small, as `fetch_whole` does."""
    content = bytearray()
    try:
        for piece in remote.read(0, most + 1):
            content += piece
            if max(len(content), remote.size or 0) > most:
                raise FetchError(
                    f"{remote.where} is larger than the {most:,}-byte limit for such a file", "check what it is"
                )
    except MissingError:
        return None
    except _EndedError:
        pass
    return bytes(content)


def beside(where: str, relative: str) -> str:
    """Return the place that a path or an address means when it is written in what lies at `where`."""
    if is_address(where):
        return urljoin(where, relative)
    return relative if is_address(relative) else str(Path(where).parent / relative)


def extended(where: str, suffix: str) -> str:
    """Append to the name at the end of a path or an address, `FILE.sig` to `FILE`; a query stays."""
    if not is_address(where):
        return where + suffix
    parts = urlsplit(where)
    return urlunsplit(parts._replace(path=parts.path + suffix, fragment=""))


def _ended(where: str, size: int, end: int) -> _EndedError:
    return _EndedError(f"{where} is cut short ({size} of {end} bytes)", "get the file again")


class _File:
    """A regular file."""

    @property
    def public(self) -> bool:
        """False: it is on this machine."""
        return False

    def __init__(self, path: str) -> None:
        self.where = path
        try:
            status = Path(path).stat()  # before it is opened: opening a pipe waits for somebody who writes to it
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
        at, end = start, start + length
        while at < end:
            try:
                self._stream.seek(at)
                piece = self._stream.read(min(_PIECE_BYTES, end - at))
            except OSError as error:
                raise FetchError(f"{self.where} cannot be read at byte {at}: {reason(error)}", AGAIN) from error
            if not piece:
                raise _ended(self.where, at, end)
            at += len(piece)
            yield piece

    def close(self) -> None:
        self._stream.close()


class _Address:
    """What lies at an address.

    One response is held open and read on as long as reads follow one another. A read is asked for exactly; one that
    follows another is asked for together with as many bytes as its forerunners had, up to 8 MiB, so that many small
    ones take few requests, and what is asked for in vain is never more than what was read.
    """

    def __init__(self, where: str, url: str, network: Network) -> None:
        self.where = where
        self.size: int | None = None
        self._network = network
        self._pace = Pace(network)
        self._client = RangeClient(where, url, network, self._pace)
        self._validators = Validators()
        self._response: RangeResponse | None = None
        self._at = 0  # the byte that comes next
        self._run = 0  # bytes of the reads that followed one another

    @property
    def public(self) -> bool | None:
        """Whether it is on the internet."""
        return self._client.public

    def read(self, start: int, length: int) -> Iterator[bytes]:
        at, end = start, start + length
        if not 0 <= start - self._at <= _SKIPPED_BYTES:
            self._run = 0
        until = start + max(length, min(self._run, _AHEAD_BYTES))
        failures = 0
        while at < end:
            if self.size is not None and at >= self.size:
                raise _ended(self.where, self.size, end)
            try:
                piece = self._next(at, end, until)
            except TransientError as error:
                self.close()
                failures += 1
                if failures >= self._network.tries:
                    raise FetchError(f"{self.where} could not be read at byte {at}: {error}", AGAIN) from error
                self._pace.pause(failures, error.after)
                if self._pace.is_over:
                    raise FetchError(
                        f"{self.where} timed out at byte {at}: the server sent fewer than "
                        f"{self._network.least_rate:,.0f} bytes per second ({error})",
                        AGAIN,
                    ) from error
                continue
            if piece:
                failures = 0
                at += len(piece)
                self._run += len(piece)
                yield piece

    def close(self) -> None:
        if self._response:
            self._response.close()
        self._response = None

    def _next(self, at: int, end: int, until: int) -> bytes:
        """Return the next bytes of a place, none where the thing turns out to have ended there."""
        response = self._response
        if not response or not self._goes_on(response.extent, at):
            response = self._ask(at, until)
        if self.size is not None and at >= self.size:
            return b""
        while (piece := self._take(response, (at - self._at) or (end - at))) and self._at <= at:
            pass  # what lies before it
        return piece

    def _goes_on(self, extent: Extent, at: int) -> bool:
        if at < self._at or (extent.until is not None and at >= extent.until):
            return False
        return extent.whole or at - self._at <= _SKIPPED_BYTES

    def _take(self, response: RangeResponse, most: int) -> bytes:
        until = response.extent.until
        piece = response.read(min(most, _PIECE_BYTES) if until is None else min(most, _PIECE_BYTES, until - self._at))
        if not piece and (until is not None or self.size is not None):
            raise TransientError("the connection was cut")
        if not piece:
            self.size = self._at  # not known before
        self._at += len(piece)
        return piece

    def _ask(self, at: int, until: int) -> RangeResponse:
        self.close()
        self._response = response = self._client.ask(at, min(until, self.size or until), self._validators)
        sizes = {size for size in (self.size, response.extent.size) if size is not None}
        if len(sizes) > 1 or self._validators.contradict(response.validators):
            self.close()
            raise FetchError(f"{self.where} changed while it was being fetched", "run the same command again")
        self.size = sizes.pop() if sizes else None
        if self._validators == Validators():
            self._validators = response.validators
        self._at = response.extent.first
        return response
