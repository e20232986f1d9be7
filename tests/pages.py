"""Web pages to test with, all invented."""

import json
from io import BytesIO

from semsearch.ports import Place
from semsearch.sources.web.reader import read_web_page
from semsearch.types import Article, Skipped

SENTENCES = (
    "The ferry left the north pier a few minutes late because a crate of lemons had burst on the ramp.",
    "Its skipper, who has crossed the bay for thirty years, said that lemons were the least of his troubles.",
    "Two new engines were promised for the spring, and the council has set aside most of the money for them.",
    "Until they arrive the boat will make four crossings a day, and none of them after dark or in high wind.",
    "People on the island have begun to share a calendar, so that nobody is left behind with a full basket.",
)
BODY = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
LONG_BODY = "".join(f"<p>{sentence} So it was in year {n}.</p>" for n in range(5) for sentence in SENTENCES)
PLACE = Place("page.html", "folder/page.html")


def page(body: str = f"<article><h1>Ferry runs late</h1>{BODY}</article>", head: str = "", html: str = "<html>") -> str:
    return f"<!DOCTYPE html>{html}<head>{head}</head><body>{body}</body></html>"


def linked(**said: object) -> str:
    """Return JSON-LD of an article."""
    return script(json.dumps({"@context": "https://schema.org", "@type": "NewsArticle", **said}))


def script(raw: str) -> str:
    return f'<script type="application/ld+json">{raw}</script>'


def meta(**said: str) -> str:
    """Return meta tags; `og__title` stands for `og:title`."""
    return "".join(f'<meta property="{name.replace("__", ":")}" content="{content}">' for name, content in said.items())


def read(raw: str | bytes, place: Place = PLACE) -> Article | Skipped:
    (found,) = read_web_page(BytesIO(raw.encode() if isinstance(raw, str) else raw), place)
    return found


def article(raw: str | bytes, place: Place = PLACE) -> Article:
    found = read(raw, place)
    assert isinstance(found, Article), found
    return found
