"""Turns a page's tree into the lines that it shows, each with its tag, its links and its marks of being aside."""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree
from lxml.html import HtmlElement

from semsearch.text import collapsed

_BLOCK_NAMES = """
    address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer form
    h1 h2 h3 h4 h5 h6 header hr html iframe li main nav noscript ol p pre section table tbody td tfoot th thead tr
    ul video audio summary
"""
BLOCKS = frozenset(_BLOCK_NAMES.split())
_SKIPPED_NAMES = "script style template svg math button select textarea head iframe object audio video option rt rp"
_SKIPPED = frozenset(_SKIPPED_NAMES.split())
_ASIDE = frozenset(["aside", "nav", "footer", "form", "figcaption", "noscript"])
_NEVER_ASIDE = frozenset(("html", "body", "main", "article"))
_ASIDE_MARKS = re.compile(
    r"caption|credit|copyright|bildunterschrift|newsletter|paywall|consent|cookie|embed|related|recommend|promo|bio\b|"
    r"author[-_]?(?:info|box|bio|card|detail)|about[-_]?author|social|share|sharing|subscri|comment|disclaimer|breadcrumb|"
    r"advert|taboola|outbrain|read[-_]?more|more[-_]?(?:on|from)|see[-_]?also|correction-form|factbox|infobox|toc\b|"
    r"affiliate|hidden\b|sr-only|visually",
    re.IGNORECASE,
)

CAPTIONS = frozenset(("figcaption", "caption", "credit", "copyright", "bildunterschrift", "nav", "footer"))
_ELSEWHERE = CAPTIONS | {"comment", "related", "recommend", "promo", "newsletter"}
"""Marks of what has names and dates of its own, unless the headline is within, too."""

_HEADLINES = frozenset(("h1", "h2"))
_HEAD_LINES = 9
_MOST_ASIDES = 8
_PROSE_COLUMNS = 100

_FIGURE_NAMES = frozenset(("div", "span", "a", "section", "figure"))
_NEVER_IN_FIGURE = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "li", "table", "blockquote"))
_FIGURE_CHARACTERS = 250
"""Of a caption and credits; a picture in a block with more text illustrates that text."""

_FIGURE_ELEMENTS = 50
_FIGURE_DEPTH = 6
"""Blocks around one picture and its caption."""

_WIDE = re.compile(r"[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60]+")

LINK_SHARE = 0.8
FREE_CHARACTERS = 25
"""Outside its links, in a line that only leads elsewhere: at most a label such as "Read also"."""


@dataclass(frozen=True, slots=True)
class PageLine:
    """One line of a page: text without a break between blocks."""

    text: str
    key: str  # letters and digits, folded
    tag: str  # of the block
    linked: float  # share of the text that is links, 0 to 1
    free: str  # the text outside links
    asides: tuple[str, ...]  # marks of elements around it that are mostly not part of an article
    parent: int  # number of the block around its block
    block: int  # number of its block
    gap: bool = False  # whether a blank line is above it, within its block


def key_of(text: str) -> str:
    """Return a text's letters and digits, folded, by which texts are compared."""
    return "".join(filter(str.isalnum, text.casefold()))


def columns_of(text: str) -> int:
    """Return about how many columns a text takes: a faster `display_width`."""
    return len(text) if text.isascii() else len(text) + sum(map(len, _WIDE.findall(text)))


def lines_of(root: HtmlElement) -> list[PageLine]:
    """Return the lines of a tree, in order."""
    collector = _LineCollector(_figures(root))
    events = etree.iterwalk(root, events=("start", "end"))
    for event, element in events:
        if event == "start":
            if collector.start(element):
                events.skip_subtree()
        else:
            collector.end(element)
    return collector.lines


def _figures(root: HtmlElement) -> set[HtmlElement]:
    """Return the largest elements with a picture and only a few words, regardless of their classes."""
    figures: set[HtmlElement] = set()
    judged: dict[HtmlElement, bool] = {}
    for picture in root.iter("img", "picture"):
        largest = None
        for _, element in zip(range(_FIGURE_DEPTH), picture.iterancestors(), strict=False):
            if element not in judged:
                judged[element] = _is_figure(element)
            if not judged[element]:
                break
            largest = element
        if largest is not None:
            figures.add(largest)
    return figures


def _is_figure(element: HtmlElement) -> bool:
    if element.tag not in _FIGURE_NAMES:
        return False
    characters = 0
    for count, inner in enumerate(element.iter()):
        characters += len((inner.text or "").strip())
        characters += len((inner.tail or "").strip()) if inner is not element else 0
        if inner.tag in _NEVER_IN_FIGURE or characters > _FIGURE_CHARACTERS or count > _FIGURE_ELEMENTS:
            return False
    return True


@lru_cache(maxsize=4096)
def _aside_mark(classes: str) -> str:
    """Return the word in an element's classes that marks it as aside, "" where there is none."""
    match = _ASIDE_MARKS.search(classes, 0, 500)
    return match[0].lower() if match else ""


def leads_away(link: HtmlElement) -> bool:
    """Tell whether a link leads to another page, not to a note or a section of this one."""
    return not (link.get("href") or "#").startswith("#")


def below_headline(lines: Sequence[PageLine], titles: Sequence[str]) -> list[PageLine]:
    """Return the few lines below the first and the last heading that is one of some titles."""
    keys = {key_of(title) for title in titles}
    headlines = [index for index, line in enumerate(lines) if line.tag in _HEADLINES and line.key in keys]
    below: list[PageLine] = []
    for headline in dict.fromkeys((*headlines[:1], *headlines[-1:])):
        prose_lines = 0
        elsewhere = _ELSEWHERE.difference(lines[headline].asides)
        for line in lines[headline + 1 : headline + _HEAD_LINES]:
            prose_lines += line.linked < LINK_SHARE and columns_of(line.text) >= _PROSE_COLUMNS
            if prose_lines > 1:  # the first one is the standfirst
                break
            if elsewhere.isdisjoint(line.asides):
                below.append(line)
    return below


class _LineCollector:
    """Collects the lines of a tree: text until a block begins or ends."""

    def __init__(self, figures: AbstractSet[HtmlElement]) -> None:
        self.lines: list[PageLine] = []
        self._figures = figures
        self._pieces: list[str] = []  # text of the current line
        self._free: list[str] = []  # those outside links
        self._links = 0  # open links
        self._asides: list[tuple[str, ...]] = [()]  # marks, one entry for each open element
        self._blocks: list[tuple[str, int]] = [("", 0)]  # tag and number of each open block
        self._count = 0  # blocks so far
        self._breaks = 0  # in a row, before the current line

    def start(self, element: HtmlElement) -> bool:
        """Enter an element; return whether its content is to be skipped."""
        tag = element.tag
        if tag in _SKIPPED:
            self._asides.append(self._asides[-1])
            if tag in BLOCKS:
                self._begin_block(tag)
            return True
        asides = self._asides[-1]
        if tag not in _NEVER_ASIDE and len(asides) < _MOST_ASIDES:
            mark = tag if tag in _ASIDE else _aside_mark(element.get("class") or "")
            mark = mark or ("figure" if element in self._figures else "")
            asides = (*asides, mark) if mark and mark not in asides else asides
        self._asides.append(asides)
        if tag in BLOCKS:
            self._begin_block(tag)
        elif tag == "a":
            self._links += leads_away(element)
        elif tag == "br":
            self._break_line()
        self._add_text(element.text)
        return False

    def end(self, element: HtmlElement) -> None:
        """Leave an element."""
        tag = element.tag
        if tag in BLOCKS:
            self._end_line()
            self._blocks.pop()
        elif tag == "a":
            self._links -= leads_away(element)
        self._asides.pop()
        self._add_text(element.tail)

    def _begin_block(self, tag: str) -> None:
        self._end_line()
        self._breaks = 0
        self._count += 1
        self._blocks.append((tag, self._count))

    def _break_line(self) -> None:
        """End a line within a block; two breaks in a row are a blank line."""
        if any(not piece.isspace() for piece in self._pieces):
            self._end_line()
            self._breaks = 0
        self._clear()  # or the spaces between very many breaks would be looked at again and again
        self._breaks += 1

    def _add_text(self, text: str | None) -> None:
        if text:
            self._pieces.append(text)
            if not self._links:
                self._free.append(text)

    def _end_line(self) -> None:
        if self._pieces:
            raw = "".join(self._pieces)
            if key := key_of(raw):
                free = text = collapsed(raw)
                linked = 0.0
                if len(self._free) < len(self._pieces):
                    free = collapsed("".join(self._free))
                    linked = 1 - len(key_of(free)) / len(key)
                tag, block = self._blocks[-1]
                parent = self._blocks[-2][1] if len(self._blocks) > 1 else 0
                gap, self._breaks = self._breaks > 1, 0
                self.lines.append(PageLine(text, key, tag, linked, free, self._asides[-1], parent, block, gap))
            self._clear()

    def _clear(self) -> None:
        self._pieces.clear()
        self._free.clear()
