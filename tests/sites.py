"""A site on this machine that answers, and misbehaves, as it is told.

with Site() as site:
    site.answers["/feed.xml"] = Answer(body=b"<rss>…", headers={"Content-Type": "application/rss+xml"})
    ...
    assert site.asked("/feed.xml") == [{}]
"""

import hashlib
import ssl
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from semsearch.types import Article, Skipped, Unreadable

HTML = {"Content-Type": "text/html; charset=utf-8"}
RSS = {"Content-Type": "application/rss+xml"}


@dataclass(frozen=True)
class Answer:
    """What is sent for one path."""

    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    length: int | None = None  # the Content-Length, if it is not the body's
    raw: bytes | None = None  # these bytes in the place of an answer
    endless: bytes = b""  # sent after `raw` again and again
    every: float = 0.0  # seconds between two of them
    forgetful: bool = False  # sends neither ETag nor 304


def moved(location: str, status: int = 302) -> Answer:
    """Redirect."""
    return Answer(status=status, headers={"Location": location})


class Site:
    """Serves `answers` by path; where a path has a list of them, one after the other and then the last for ever.

    With a file that holds a certificate and its key it speaks TLS.
    """

    def __init__(self, certificate: Path | None = None) -> None:
        self.answers: dict[str, Answer | list[Answer]] = {}
        self.log: list[tuple[str, dict[str, str]]] = []
        self._closed = threading.Event()
        self._counts: defaultdict[str, int] = defaultdict(int)
        site = self

        class Handler(BaseHTTPRequestHandler):
            timeout = 20.0

            def do_GET(self) -> None:
                site.log.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                with suppress(OSError):  # the other side hung up
                    site.send(self, site.take(self.path))

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        self.url = f"{'https' if certificate else 'http'}://{self.host}"
        if certificate:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.005,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def paths(self) -> list[str]:
        """Return what was asked for, but for robots.txt."""
        return [path for path, _ in self.log if path != "/robots.txt"]

    def take(self, path: str) -> Answer:
        """Return the next answer for a path."""
        answer = self.answers.get(path, Answer(status=404))
        if isinstance(answer, Answer):
            return answer
        self._counts[path] += 1
        return answer[min(self._counts[path], len(answer)) - 1]

    def send(self, handler: BaseHTTPRequestHandler, answer: Answer) -> None:
        """Send an answer."""
        if answer.raw is not None:
            handler.wfile.write(answer.raw)
            while answer.endless and not self._closed.wait(answer.every):
                handler.wfile.write(answer.endless)
            return
        etag = f'"{hashlib.sha256(answer.body).hexdigest()[:16]}"'
        known = handler.headers.get("If-None-Match") == etag and not answer.forgetful
        handler.send_response(304 if known else answer.status)
        if answer.status == 200 and not answer.forgetful:
            handler.send_header("ETag", etag)
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        body = b"" if known else answer.body
        handler.send_header("Content-Length", str(len(body) if answer.length is None else answer.length))
        handler.end_headers()
        handler.wfile.write(body)


def page(title: str, words: str, head: str = "") -> Answer:
    paragraphs = "".join(
        f"<p>{words.capitalize()} was what the harbour board spoke about for hour {hour} of its meeting, and nobody "
        "objected to any of it in the end.</p>"
        for hour in ("one", "two", "three", "four")
    )
    body = f"<body><article><h1>{title}</h1>{paragraphs}</article></body>"
    return Answer(f"<html><head><title>{title}</title>{head}</head>{body}</html>".encode(), HTML)


def item(site: Site, name: str, title: str = "", date: str = "Fri, 03 May 2024 09:15:00 GMT") -> str:
    date = f"<pubDate>{date}</pubDate>" if date else ""
    summary = f"<description>In short about the {name}.</description>"
    return f"<item><title>{title or name}</title><link>{site.url}/{name}.html</link>{date}{summary}</item>"


def rss(*items: str) -> Answer:
    feed = f"<rss version='2.0'><channel><title>Town Times</title>{''.join(items)}</channel></rss>"
    return Answer(feed.encode(), RSS)


def titles(readings: Iterable[Article | Skipped | Unreadable]) -> list[str]:
    return [one.metadata.title for one in readings if isinstance(one, Article)]


def reasons(readings: Iterable[Article | Skipped | Unreadable]) -> list[str]:
    return [f"{one.origin}: {one.reason}" for one in readings if not isinstance(one, Article)]
