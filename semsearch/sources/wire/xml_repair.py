"""Repairs what senders write instead of XML: entities and unescaped tags of HTML, lone ampersands."""

import html
import re
from collections.abc import Iterator

_REFERENCE = re.compile(r"&(?:(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});)?")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_XML_OWN = frozenset(("amp", "lt", "gt", "quot", "apos"))

_HTML_WITHIN = re.compile(
    r"<((?:content:encoded|(?:dc:)?description|media:description|summary|content|title|body\.content))(?:\s[^<>]*)?(?<!/)>"
)
"""Elements into which senders put HTML without escaping it."""


def clean(text: str) -> str:
    """Return XML that has no entities but XML's own.

    References to characters of HTML are replaced by the characters; any other reference becomes text, so that nothing
    is ever expanded.
    """
    text = _CONTROL.sub("", text)
    if "&" not in text:
        return text
    return "".join(piece if is_data else _REFERENCE.sub(_character, piece) for is_data, piece in _sections(text))


def escaped(text: str) -> str:
    """Return XML in which HTML that stands unescaped in elements of a feed is escaped."""
    pieces = []
    start = 0
    absent: set[str] = set()
    while opening := _HTML_WITHIN.search(text, start):
        name = opening[1]
        end = -1 if name in absent else text.find(f"</{name}", opening.end())
        if end < 0:
            absent.add(name)
            pieces.append(text[start : opening.end()])
            start = opening.end()
            continue
        inner = text[opening.end() : end]
        pieces += [text[start : opening.end()], inner if "<![CDATA[" in inner else _as_text(inner)]
        start = end
    return "".join([*pieces, text[start:]])


def _as_text(inner: str) -> str:
    return html.escape(inner.replace("&lt;", "<").replace("&gt;", ">")) if "<" in inner else inner


def _sections(text: str) -> Iterator[tuple[bool, str]]:
    """Yield the text in pieces, each with whether it is a CDATA section."""
    start = 0
    while (begin := text.find("<![CDATA[", start)) >= 0 and (end := text.find("]]>", begin)) >= 0:
        yield False, text[start:begin]
        yield True, text[begin : end + 3]
        start = end + 3
    yield False, text[start:]


def _character(reference: re.Match[str]) -> str:
    name = reference[1]
    if name in _XML_OWN:
        return reference[0]
    if name is None:
        return "&amp;"
    character = html.unescape(reference[0])
    return html.escape(_CONTROL.sub("", "" if character == "\ufffd" else character))
