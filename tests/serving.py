"""A local HTTP server that serves a folder, keeps a log, and fails as it is told.

    with Server(folder) as server:
        server.faults["x.pack"] = [Fault(cut=100), Fault(status=503)]  # the first two requests; later ones go well
        ...
        assert server.ranges("x.pack") == [(0, 512), (100, 512), (100, 512)]

Paths are relative to the folder, with `/`. Leaving the block releases who is stalled and waits for every thread.
"""

import os
import re
import socket
import ssl
import struct
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote, urlsplit

ALWAYS = 1 << 30
_BLOCK_BYTES = 1 << 16
_RELEASED_SECONDS = 20.0
_NO_PROXY = ("no_proxy", "NO_PROXY")


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one request, or with several in a row. Offsets count from the start of what is sent."""

    times: int = 1  # for how many requests; ALWAYS
    cut: int | None = None  # hang up after so many bytes of the body
    reset: bool = False  # hang up as a crashed machine does
    stall: int | None = None  # say nothing more after so many bytes of the body
    flip: int | None = None  # turn the bits of this byte of the file
    ignore_range: bool = False  # send the whole file, and say so
    length: int = 0  # added to the Content-Length
    begins: int = 0  # added to the start that Content-Range names
    total: int = 0  # added to the size that Content-Range names
    no_size: bool = False  # neither Content-Length nor a size in Content-Range
    status: int | None = None  # answer this, and no file
    retry_after: str | None = None
    redirect: str | None = None  # where to
    etag: str | None = None  # another one; "" for none, and no Last-Modified
    encoding: str | None = None  # Content-Encoding
    body: bytes | None = None  # send these bytes instead of an answer, then hang up
    endless: bytes | None = None  # after `body` send these again and again, until the other side hangs up
    every: float = 0.0  # seconds between two of them


@dataclass
class Asked:
    """One request. `sent` counts a block before it is sent, so it is never less than what has arrived."""

    method: str
    path: str
    range: tuple[int, int | None] | None  # bytes, the end exclusive
    headers: dict[str, str]  # names in lower case
    sent: int = 0


class Server:
    """Serves a folder at `url` until its block ends; with a certificate (a PEM file with its key) over TLS."""

    def __init__(self, folder: Path, certificate: Path | None = None) -> None:
        self.folder = folder
        self.faults: defaultdict[str, list[Fault]] = defaultdict(list)
        self.log: list[Asked] = []
        self.errors: list[BaseException] = []
        self._released = threading.Event()
        self._turn = threading.Lock()
        self._server = _Threads(self)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.005,))

    def __enter__(self) -> Self:
        self._proxies = {name: os.environ.get(name) for name in _NO_PROXY}
        os.environ.update(dict.fromkeys(_NO_PROXY, "127.0.0.1"))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        for name, value in self._proxies.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value
        assert not self.errors, self.errors

    def release(self) -> None:
        """Let everybody go on who is stalled, now and from now on."""
        self._released.set()

    def renew(self) -> None:
        """Forget faults and requests, and let everybody go on who is stalled now."""
        self.faults.clear()
        self.log.clear()
        self._released.set()
        self._released = threading.Event()

    def address(self, path: str) -> str:
        """Where a file of the folder is served."""
        return f"{self.url}/{path}"

    def ranges(self, path: str) -> list[tuple[int, int | None] | None]:
        """Which bytes of a file were asked for, request by request; the end exclusive."""
        return [asked.range for asked in self.log if asked.path == path]

    def sent(self, path: str) -> int:
        """How many bytes of a file were sent, all requests together."""
        return sum(asked.sent for asked in self.log if asked.path == path)

    def fault(self, path: str) -> Fault:
        """Take what goes wrong with the next request for a file."""
        with self._turn:
            waiting = self.faults[path]
            if not waiting:
                return Fault()
            first = waiting[0]
            waiting[:1] = [replace(first, times=first.times - 1)] if first.times > 1 else []
            return first

    def wait(self, seconds: float) -> bool:
        """Wait so long; return True, without delay, once everybody is released."""
        return self._released.wait(seconds)

    def stall(self) -> None:
        """Wait until released."""
        assert self._released.wait(_RELEASED_SECONDS), "nobody left the server's block"


class _Threads(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for them

    def __init__(self, owner: Server) -> None:
        self.owner = owner
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, *_: Any) -> None:
        error = sys.exception()
        if error and not isinstance(error, OSError):  # the other side hung up, or refused the certificate
            self.owner.errors.append(error)


class _Handler(BaseHTTPRequestHandler):
    server: _Threads
    timeout = _RELEASED_SECONDS

    def do_GET(self) -> None:
        owner = self.server.owner
        path = unquote(urlsplit(self.path).path).lstrip("/")
        found = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        asked = (int(found[1]), int(found[2]) + 1 if found[2] else None) if found else None
        headers = {name.lower(): value for name, value in self.headers.items()}
        entry = Asked(self.command, path, asked, headers)
        owner.log.append(entry)
        fault = owner.fault(path)
        with suppress(OSError):  # the other side hung up
            if fault.body is not None:
                self.wfile.write(fault.body)
                while fault.endless and not owner.wait(fault.every):
                    self.wfile.write(fault.endless)
            elif fault.status or fault.redirect is not None:
                self._refuse(fault)
            else:
                self._serve(owner.folder / path, entry, fault)
        if fault.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def _refuse(self, fault: Fault) -> None:
        self.send_response(fault.status or 302)
        if fault.retry_after is not None:
            self.send_header("Retry-After", fault.retry_after)
        if fault.redirect is not None:
            self.send_header("Location", fault.redirect)
        self.end_headers()

    def _serve(self, file: Path, entry: Asked, fault: Fault) -> None:
        if ".." in file.parts or not file.is_file():
            self._refuse(Fault(status=404))
            return
        status = file.stat()
        validators = self._validators(status, fault)
        first, until = 0, status.st_size
        condition = entry.headers.get("if-range")
        partial = bool(entry.range) and not fault.ignore_range and (not condition or condition in validators.values())
        if partial and entry.range:
            first, until = entry.range[0], min(until, entry.range[1] or until)
        if partial and first >= status.st_size:
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{status.st_size + fault.total}")
            self.end_headers()
            return
        self.send_response(206 if partial else 200)
        if partial:
            size = "*" if fault.no_size else status.st_size + fault.total
            self.send_header("Content-Range", f"bytes {first + fault.begins}-{until - 1 + fault.begins}/{size}")
        if not fault.no_size:
            self.send_header("Content-Length", str(until - first + fault.length))
        for name, value in (validators | ({"Content-Encoding": fault.encoding} if fault.encoding else {})).items():
            self.send_header(name, value)
        self.end_headers()
        self._send(_blocks(file, first, until, fault), entry, fault)

    def _validators(self, status: os.stat_result, fault: Fault) -> dict[str, str]:
        if fault.etag == "":
            return {}
        etag = fault.etag or f'"{status.st_size:x}-{status.st_mtime_ns:x}"'
        return {"ETag": etag, "Last-Modified": formatdate(status.st_mtime, usegmt=True)}

    def _send(self, blocks: Iterator[bytes], entry: Asked, fault: Fault) -> None:
        ends = [end for end in (fault.cut, fault.stall) if end is not None]
        left = min(ends, default=None)
        for block in blocks:
            part = block if left is None else block[:left]
            entry.sent += len(part)
            self.wfile.write(part)
            if left is not None:
                left -= len(part)
                if not left:
                    break
        self.wfile.flush()
        if fault.stall is not None and fault.stall == min(ends):
            self.server.owner.stall()

    def log_message(self, *_: object) -> None:
        """Say nothing: the log is the server's."""


def _blocks(file: Path, first: int, until: int, fault: Fault) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while first < until:
            stream.seek(first)
            block = bytearray(stream.read(min(_BLOCK_BYTES, until - first)))
            if fault.flip is not None and first <= fault.flip < first + len(block):
                block[fault.flip - first] ^= 0xFF
            yield bytes(block)
            first += len(block)
