"""Asks trafilatura for the text of a page's article; no other module knows it."""

import logging
from collections.abc import Iterator

from lxml import etree
from lxml.html import HtmlElement
from trafilatura import bare_extraction

from semsearch.sources.web.sentences import is_sentence
from semsearch.text import normalise_line

logging.getLogger("trafilatura").addHandler(logging.NullHandler())

MOST_ELEMENTS = 10_000
"""Of a page that trafilatura gets: its time is quadratic. The largest news pages have a third of this."""

MOST_CHARACTERS = 1_500_000
"""Of such a page's text."""

_NEVER_BODY = ("nav", "footer", "picture", "img", "button", "select", "video", "audio", "source", "link", "meta")

_NESTED = ("list", "table")


def extract_pieces(root: HtmlElement, *, strict: bool) -> list[str]:
    """Return the pieces of a page's body, none where nothing was found; drops from the tree what is never in a body."""
    try:
        etree.strip_elements(root, *_NEVER_BODY, with_tail=False)  # trafilatura would copy them thrice, then drop them
        _unmark_times(root)
        extraction = bare_extraction(root, include_comments=False, with_metadata=False, favor_precision=strict)
        return [piece for piece in _pieces(extraction.body) if piece] if extraction is not None else []
    except Exception:  # noqa: BLE001  whatever it stumbles over, our own rules remain
        return []


def _unmark_times(root: HtmlElement) -> None:
    """Make text of the times in sentences: trafilatura drops a short paragraph with a time, as if it were a label."""
    in_sentences: dict[HtmlElement, bool] = {}
    for time in list(root.iter("time")):
        parent = time.getparent()
        if parent not in in_sentences:
            in_sentences[parent] = is_sentence(normalise_line("".join(parent.itertext())))
        if in_sentences[parent]:
            time.tag = "span"


def _pieces(body: HtmlElement) -> Iterator[str]:
    yield body.text or ""
    for element in body:
        if element.tag in _NESTED:
            for item in element.iter("item", "cell"):
                yield "".join(_item_text(item))
        else:
            yield "".join(element.itertext())
        yield element.tail or ""


def _item_text(item: HtmlElement) -> Iterator[str]:
    """Yield the text of an item without the lists and tables within it."""
    yield item.text or ""
    for inner in item:
        if inner.tag not in _NESTED:
            yield from inner.itertext()
        yield inner.tail or ""
