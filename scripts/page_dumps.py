"""HTML pages -> the texts that programs make of them."""

import re
from collections.abc import Callable, Mapping

import html2text
import inscriptis
from bs4 import BeautifulSoup

_CHARSET = re.compile(rb"charset=[\"']?([\w-]+)", re.IGNORECASE)
_UNSEEN = ("script", "style", "noscript", "template", "svg")


def decoded(raw: bytes) -> str:
    """Return a page's text, decoded as UTF-8 or by the charset that its head declares."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        declared = _CHARSET.search(raw[:4000])
        return raw.decode(declared[1].decode() if declared else "latin-1", "replace")


def _markdown_dump(width: int, *, links: bool) -> Callable[[str], str]:
    def dump(page: str) -> str:
        writer = html2text.HTML2Text()
        writer.body_width = width
        writer.ignore_links = writer.ignore_images = writer.ignore_emphasis = not links
        return writer.handle(page)

    return dump


def _layout_dump(page: str) -> str:
    return str(inscriptis.get_text(page))


def _bare_dump(page: str) -> str:
    tree = BeautifulSoup(page, "lxml")
    for unseen in tree(_UNSEEN):
        unseen.decompose()
    return tree.get_text("\n")


LEARNT: Mapping[str, Callable[[str], str]] = {
    "html2text": _markdown_dump(0, links=False),
    "html2text, wrapped": _markdown_dump(78, links=False),
    "html2text, links": _markdown_dump(0, links=True),
    "html2text, links, wrapped": _markdown_dump(78, links=True),
    "inscriptis": _layout_dump,
}
UNSEEN: Mapping[str, Callable[[str], str]] = {"get_text": _bare_dump}
"""No model learns from these: they show how it does with a program that it does not know."""

STYLES = {**LEARNT, **UNSEEN}
