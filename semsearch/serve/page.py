"""The page to search with: static files of the package, compressed once, served from memory."""

import gzip
import hashlib
from dataclasses import dataclass
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response

from semsearch.serve.negotiation import accepts_gzip, has_tag

SCRIPTS = (
    "dom",
    "state",
    "typed",
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
"""The parts of the page's script in `static/`, one subject each; they are sent as one file, in this order."""


@dataclass(frozen=True)
class _PageFile:
    content: bytes
    compressed: bytes
    etag: str
    media_type: str


def _page_file(content: str, media_type: str) -> _PageFile:
    data = content.encode()
    return _PageFile(data, gzip.compress(data, 9, mtime=0), f'"{hashlib.sha256(data).hexdigest()[:24]}"', media_type)


class PageFiles:
    """The files that a browser loads."""

    def __init__(self) -> None:
        folder = files("semsearch.serve") / "static"
        html, css = ((folder / name).read_text(encoding="utf-8") for name in ("index.html", "app.css"))
        parts = "\n".join((folder / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)
        script = f'"use strict";\n(() => {{\n{parts}\n}})();\n'
        self._files = {
            "/": _page_file(html, "text/html; charset=utf-8"),
            "/app.css": _page_file(css, "text/css; charset=utf-8"),
            "/app.js": _page_file(script, "text/javascript; charset=utf-8"),
        }

    async def send(self, request: Request) -> Response:
        """Answer with a file."""
        file = self._files[request.url.path]
        is_compressed = accepts_gzip(request.headers.get("accept-encoding", ""))
        etag = f'{file.etag[:-1]}-gzip"' if is_compressed else file.etag
        headers = {"ETag": etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        known = request.headers.get("if-none-match", "")
        if known.strip() == "*" or has_tag(known, etag):
            return Response(None, 304, headers)
        if is_compressed:
            return Response(file.compressed, 200, {**headers, "Content-Encoding": "gzip"}, file.media_type)
        return Response(file.content, 200, headers, file.media_type)
