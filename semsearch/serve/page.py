"""The page: static files of the package, compressed once, served from memory."""

import gzip
import hashlib
from dataclasses import dataclass
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response

SCRIPTS = (
    "dom",
    "state",
    "api",
    "words",
    "copies",
    "hits",
    "facets",
    "timeline",
    "article",
    "citation",
    "compare",
    "saved",
    "exports",
    "coverage",
    "main",
)
"""Parts of the page's script, in `static/`, in this order: one subject each, sent as one file."""


@dataclass(frozen=True)
class _File:
    content: bytes
    compressed: bytes
    etag: str
    media_type: str


def _file(content: str, media_type: str) -> _File:
    data = content.encode()
    return _File(data, gzip.compress(data, 9, mtime=0), f'"{hashlib.sha256(data).hexdigest()[:24]}"', media_type)


class PageFiles:
    """The files that a browser asks for."""

    def __init__(self) -> None:
        folder = files("semsearch.serve") / "static"
        html, css = ((folder / name).read_text(encoding="utf-8") for name in ("index.html", "app.css"))
        parts = "\n".join((folder / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)
        script = f'"use strict";\n(() => {{\n{parts}\n}})();\n'
        self._files = {
            "/": _file(html, "text/html; charset=utf-8"),
            "/app.css": _file(css, "text/css; charset=utf-8"),
            "/app.js": _file(script, "text/javascript; charset=utf-8"),
        }

    @property
    def compressed_bytes(self) -> int:
        """What a browser loads before the first search."""
        return sum(len(file.compressed) for file in self._files.values())

    async def send(self, request: Request) -> Response:
        """Answer with a file."""
        file = self._files[request.url.path]
        headers = {"ETag": file.etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if request.headers.get("if-none-match") == file.etag:
            return Response(None, 304, headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(file.compressed, 200, {**headers, "Content-Encoding": "gzip"}, file.media_type)
        return Response(file.content, 200, headers, file.media_type)
