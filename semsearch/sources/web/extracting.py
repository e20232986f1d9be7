"""The only module that knows trafilatura: a page's tree -> the parts of its body, as another program sees them."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlElement
from trafilatura import bare_extraction

logging.getLogger("trafilatura").addHandler(logging.NullHandler())

MOST_ELEMENTS = 10_000
"""Of a page that it is asked about; the largest pages of news have a third of it, and it takes quadratic time."""

MOST_CHARACTERS = 1_500_000
"""Of the text in it."""

_HEADING = "head"
_NEVER_BODY = ("nav", "footer", "picture", "img", "button", "select", "video", "audio", "source", "link", "meta")


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph, a heading, or an item of a list."""

    text: str
    heading: bool = False
    item: bool = False


def extracted(root: HtmlElement) -> list[Part]:
    """Return the parts of a page's body, none where nothing was found; the tree loses what is never part of one."""
    try:
        etree.strip_elements(root, *_NEVER_BODY, with_tail=False)  # which it would copy three times, and then drop
        found = bare_extraction(root, include_comments=False, with_metadata=False)
        return [part for part in _parts(found.body) if part.text] if found is not None else []
    except Exception:  # noqa: BLE001  whatever it stumbles over, there are rules of our own
        return []


def _parts(body: HtmlElement) -> Iterator[Part]:
    for element in body:
        if element.tag == "list":
            for item in element.iter("item"):
                yield Part(_line(item), item=True)
        elif element.tag == "table":
            for row in element.iter("row"):
                yield Part(" | ".join(cell for one in row if (cell := _line(one))), item=True)
        else:
            yield Part(_line(element), heading=element.tag == _HEADING)


def _line(element: HtmlElement) -> str:
    return " ".join("".join(element.itertext()).split())
