"""Parses the text of a page into a tree of bounded size and depth, whatever the text."""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from itertools import accumulate

from lxml import etree, html

from semsearch.sources.markup.plain_text import cut_out
from semsearch.sources.web.lines import BLOCKS

MOST_CHARACTERS = 4_000_000
"""Of a page without its scripts. The largest news pages have two million, mostly scripts."""

_LARGE = 1_000_000
_LONG_TAG = 1_000
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_MOST_ATTRIBUTES = 250
"""Of one tag; the parser compares each attribute with all others."""

_NOT_SHOWN = re.compile(r"(?:^|;|\s)(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_SHOWN_SHARE = 0.2
"""Of the hidden text, outside links; a page that shows less than this share shows no article."""

_STRUCK = ("del", "s", "strike")

_ONE_CLASS = etree.ElementDefaultClassLookup(element=html.HtmlElement)
"""One class for all elements: choosing among lxml's classes takes a tenth of a page's time."""

_CLOSED_ROOT = re.compile(r"(<html\b[^<>]{0,1000}?)/>", re.IGNORECASE)
"""A browser does not mind the slash; the parser would take the whole page for something after the document."""

_OPENING = re.compile(r"<(script|style)\b(?![^<>]*ld\+json)", re.IGNORECASE)
_CLOSING = {name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in ("script", "style")}
_FORMATTING = re.compile(
    r"</?(?:span|font|b|i|em|strong|u|s|small|big|center|sub|sup|ins|del|label|cite|code|tt|nobr|a)\b[^<>]*>",
    re.IGNORECASE,
)
_CONTAINERS = re.compile(
    r"</?(?!(?:p|h[1-6]|li|ul|br|title|meta|link|script|html|head|body|time)\b)[a-z][^<>]*>|</?ul\b[^<>]*>",
    re.IGNORECASE,
)


def bounded(text: str) -> tuple[str, int]:
    """Return a page's text, cut to what can be parsed in time, and how many characters were cut off its end."""
    if len(text) <= _LARGE:
        return text, 0
    text = _without_scripts(cut_out(text, "<!--", "-->"))
    return text[:MOST_CHARACTERS], max(0, len(text) - MOST_CHARACTERS)


def parse(text: str) -> html.HtmlElement | None:
    """Return a page's tree without comments, or None where it cannot be parsed.

    A page that is nested too deeply is parsed without its formatting, then without its containers.
    """
    text = _CLOSED_ROOT.sub(r"\1>", _without_giant_tags(text.replace("\0", "")), count=1)
    root, deep = _parse_html(text)
    for pattern, replacement in ((_FORMATTING, ""), (_CONTAINERS, "\n")):
        if deep:
            root, deep = _parse_html(pattern.sub(replacement, text))
    return root


def without_hidden(root: html.HtmlElement) -> None:
    """Drop from a tree what a browser does not show: hidden elements, and what is for browsers without scripts.

    Where a page shows next to nothing else, a script reveals its text, and nothing is dropped.
    """
    hidden: list[html.HtmlElement] = []
    hidden_characters = 0
    for element in root.xpath("//noscript | //dialog | //*[@hidden or @style]"):
        if is_hidden(element) and not (hidden and hidden[-1] in element.iterancestors()):
            hidden.append(element)
            hidden_characters += sum(map(len, _unlinked_texts(element, frozenset())))
    shown_characters = 0
    texts = _unlinked_texts(root, frozenset(hidden))
    while shown_characters < _SHOWN_SHARE * hidden_characters and (text := next(texts, "")):
        shown_characters += len(text)
    if shown_characters >= _SHOWN_SHARE * hidden_characters:
        for element in hidden:
            element.drop_tree()


def without_struck(root: html.HtmlElement) -> None:
    """Drop from a tree the struck words that others replace: "It is [4] 40 million".

    What is struck as a whole, such as the items of a list that are done, is kept.
    """
    struck: dict[html.HtmlElement, list[html.HtmlElement]] = {}  # by the block that they are in
    for element in root.iter(*_STRUCK):
        is_inline = next(element.iter(*BLOCKS), None) is None
        around = next((outer for outer in element.iterancestors() if outer.tag in BLOCKS or outer.tag in _STRUCK), None)
        if is_inline and around is not None and around.tag in BLOCKS:
            struck.setdefault(around, []).append(element)
    for block, elements in struck.items():
        if _is_longer(block, 2 * sum(sum(map(_letters, element.itertext())) for element in elements)):
            replaced = elements
        else:
            replaced = [element for element in elements if _is_corrected(element)]
        for element in replaced:
            element.drop_tree()


def _is_longer(block: html.HtmlElement, letters: int) -> bool:
    """Tell whether a block has at least some number of letters."""
    return any(count >= letters for count in accumulate(map(_letters, block.itertext())))


def _letters(text: str) -> int:
    return len(text.strip())


def _is_corrected(element: html.HtmlElement) -> bool:
    """Tell whether what is inserted stands right behind an element."""
    following = element.getnext()
    return following is not None and following.tag == "ins" and not (element.tail or "").strip()


def _unlinked_texts(root: html.HtmlElement, skipped: AbstractSet[html.HtmlElement]) -> Iterator[str]:
    """Yield the texts within an element, without those in links and in the elements skipped."""
    events = etree.iterwalk(root, events=("start", "end"))
    for event, element in events:
        if event == "end":
            text = element.tail if element is not root else None
        elif element.tag == "a" or element in skipped:
            events.skip_subtree()
            continue
        else:
            text = element.text
        if text and (text := text.strip()):
            yield text


def is_hidden(element: html.HtmlElement) -> bool:
    """Tell by an element's own attributes whether a browser does not show it."""
    if element.tag == "noscript" or (element.tag == "dialog" and element.get("open") is None):
        return True
    if element.get("hidden") not in (None, "until-found"):
        return element.tag not in ("html", "body")
    style = element.get("style")
    return bool(style and _NOT_SHOWN.search(style)) and element.tag not in ("html", "body")


def _parse_html(text: str) -> tuple[html.HtmlElement | None, bool]:
    """Return the tree of a text, or None, and whether it is nested too deeply."""
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    parser.set_element_class_lookup(_ONE_CLASS)
    try:
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None, False
    return root, any("depth" in entry.message for entry in parser.error_log.filter_from_fatals())


def _without_giant_tags(text: str) -> str:
    """Remove the attributes of tags that have too many; text in a script, such as JSON-LD, is left alone."""
    pieces = text.split("<")
    giant = {index for index, piece in enumerate(pieces) if _is_giant(piece)}
    changed = False
    open_tag = ""  # "script" or "style" within one
    for index, piece in enumerate(pieces if giant else ()):
        if open_tag:
            open_tag = "" if piece[: len(open_tag) + 1].lower() == f"/{open_tag}" else open_tag
            continue
        if index in giant:
            tag, closing, rest = piece.partition(">")
            pieces[index] = tag.split(None, 1)[0] + closing + rest
            changed = True
        open_tag = next((name for name in _CLOSING if piece[: len(name)].lower() == name), "")
    return "<".join(pieces) if changed else text


def _is_giant(piece: str) -> bool:
    """Tell whether the text after a `<` may be a tag with too many attributes."""
    if len(piece) <= _LONG_TAG or piece.find(">", 0, _LONG_TAG + 1) >= 0 or piece[0] in "!?" or piece[0].isspace():
        return False
    return _count_attributes(piece.partition(">")[0]) > _MOST_ATTRIBUTES


def _count_attributes(tag: str) -> int:
    """Return how many attributes a tag may have, whether or not it begins within quotes."""
    return max(len(_QUOTED.sub("", reading).replace("=", " ").split()) for reading in (tag, f'"{tag}'))


def _without_scripts(text: str) -> str:
    pieces = []
    start = 0
    while opening := _OPENING.search(text, start):
        pieces.append(text[start : opening.start()])
        closing = _CLOSING[opening[1].lower()].search(text, opening.end())
        start = closing.end() if closing else len(text)
    return "".join([*pieces, text[start:]])
