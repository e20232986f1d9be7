"""The only module that knows trafilatura: a page's tree -> what another program takes for the text of its article."""

import logging
from collections.abc import Iterator

from lxml import etree
from lxml.html import HtmlElement
from trafilatura import bare_extraction

logging.getLogger("trafilatura").addHandler(logging.NullHandler())

MOST_ELEMENTS = 10_000
"""Of a page that it is asked about; the largest pages of news have a third of it, and it takes quadratic time."""

MOST_CHARACTERS = 1_500_000
"""Of the text in it."""

_NEVER_BODY = ("nav", "footer", "picture", "img", "button", "select", "video", "audio", "source", "link", "meta")

_NESTED = ("list", "table")


def extracted(root: HtmlElement, *, strict: bool) -> list[str]:
    """Return the pieces of a page's body, none where nothing was found; the tree loses what is never part of one."""
    try:
        etree.strip_elements(root, *_NEVER_BODY, with_tail=False)  # which it would copy three times, and then drop
        found = bare_extraction(root, include_comments=False, with_metadata=False, favor_precision=strict)
        return [piece for piece in _pieces(found.body) if piece] if found is not None else []
    except Exception:  # noqa: BLE001  whatever it stumbles over, there are rules of our own
        return []


def _pieces(body: HtmlElement) -> Iterator[str]:
    yield body.text or ""
    for element in body:
        if element.tag in _NESTED:
            for item in element.iter("item", "cell"):
                yield "".join(_own_text(item))
        else:
            yield "".join(element.itertext())
        yield element.tail or ""


def _own_text(item: HtmlElement) -> Iterator[str]:
    """Yield the text of an item without that of the lists within it."""
    yield item.text or ""
    for inner in item:
        if inner.tag not in _NESTED:
            yield from inner.itertext()
        yield inner.tail or ""
