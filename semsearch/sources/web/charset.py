"""Decodes a page: by its byte order mark, as UTF-8, as it declares, or else by the charset that its bytes suggest."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from semsearch.sources.charsets import ESCAPING, codec, detected, mostly_utf8

_DECLARED_WITHIN = 8_192
_FEW_ERRORS = 500
"""One byte in this many may be wrong although the charset is right: pages are put together from parts."""

_DECLARATION = re.compile(
    rb"""<meta[^<>]{0,500}?charset\s{0,9}=\s{0,9}["']?\s{0,9}([\w:.-]{2,40})"""
    rb"""|<\?xml[^<>]{0,200}?encoding\s{0,9}=\s{0,9}["']([\w:.-]{2,40})""",
    re.IGNORECASE,
)
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le", codecs.BOM_UTF32_BE: "utf-32-be",  # before UTF-16, whose marks begin these
    codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decoded:
    """A page's text, and what was lost in decoding it."""

    text: str
    replaced: int  # characters that could not be decoded and became U+FFFD


def decode_page(raw: bytes, declared: str | None = None) -> Decoded:
    """Return the text of a page.

    Valid UTF-8 beyond ASCII is read as UTF-8 whatever is declared: bytes of another charset never look so by chance.

    Args:
        declared: the charset that the server named.
    """
    for mark, charset in _MARKS.items():
        if raw.startswith(mark):
            return _decode(raw[len(mark) :], charset)
    if not raw.isascii():
        try:
            return Decoded(raw.decode(), 0)
        except UnicodeDecodeError:
            pass
    names = list(dict.fromkeys(_declared_charsets(raw, declared)))
    if ESCAPING in names and b"\x1b" in raw:
        return _decode(raw, ESCAPING)
    best = _decode(raw, "utf-8")
    if best.replaced == 0 or mostly_utf8(best.text, best.replaced):
        return best
    for charset in names:
        decoded = _decode(raw, charset)
        if decoded.replaced * _FEW_ERRORS < len(raw):
            return decoded
        best = min(decoded, best, key=lambda decoded: decoded.replaced)
    return min(best, _decode(raw, detected(raw)), key=lambda decoded: decoded.replaced)


def _declared_charsets(raw: bytes, declared: str | None) -> Iterator[str]:
    """Return the known charsets among those that the server and the page declare."""
    match = _DECLARATION.search(raw, 0, _DECLARED_WITHIN)
    in_page = (match[1] or match[2]).decode("ascii", "replace") if match else ""
    return (charset for name in (declared, in_page) if (charset := codec(name)))


def _decode(raw: bytes, charset: str) -> Decoded:
    text = raw.decode(charset, "replace")
    # A page may contain U+FFFD itself, where somebody before failed to decode it.
    genuine = raw.count("\ufffd".encode()) if charset == "utf-8" else 0
    return Decoded(text, max(0, text.count("\ufffd") - genuine))
