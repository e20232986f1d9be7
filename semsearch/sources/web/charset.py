"""The bytes of a page -> its text, by byte order mark, declaration, UTF-8 or, where all fail, by what it looks like."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from semsearch.sources.charsets import ESCAPING, codec, detected, mostly_utf8

_DECLARED_WITHIN = 8_192
_FEW_ERRORS = 500
"""One byte in so many may be wrong, and the charset still be right: pages are put together from parts."""

_DECLARATION = re.compile(
    rb"""<meta[^<>]{0,500}?charset\s{0,9}=\s{0,9}["']?\s{0,9}([\w:.-]{2,40})"""
    rb"""|<\?xml[^<>]{0,200}?encoding\s{0,9}=\s{0,9}["']([\w:.-]{2,40})""",
    re.IGNORECASE,
)
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le", codecs.BOM_UTF32_BE: "utf-32-be",  # before UTF-16: its mark begins theirs
    codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decoded:
    """A page's text."""

    text: str
    replaced: int  # characters that could not be read and are U+FFFD now


def decode_page(raw: bytes, declared: str | None = None) -> Decoded:
    """Return the text of a page.

    Bytes that are valid UTF-8 beyond ASCII are UTF-8, whatever is declared; another charset is never that by chance.

    Args:
        declared: the charset that whoever sent the page named.
    """
    for mark, charset in _MARKS.items():
        if raw.startswith(mark):
            return _decoded(raw[len(mark) :], charset)
    if not raw.isascii():
        try:
            return Decoded(raw.decode(), 0)
        except UnicodeDecodeError:
            pass
    names = list(dict.fromkeys(_charsets(raw, declared)))
    if ESCAPING in names and b"\x1b" in raw:
        return _decoded(raw, ESCAPING)
    best = _decoded(raw, "utf-8")
    if best.replaced == 0 or mostly_utf8(best.text, best.replaced):
        return best
    for charset in names:
        found = _decoded(raw, charset)
        if found.replaced * _FEW_ERRORS < len(raw):
            return found
        best = min(found, best, key=lambda one: one.replaced)
    return min(best, _decoded(raw, detected(raw)), key=lambda one: one.replaced)


def _charsets(raw: bytes, declared: str | None) -> Iterator[str]:
    """Return what is declared from outside, then inside, as far as it is known."""
    within = _DECLARATION.search(raw, 0, _DECLARED_WITHIN)
    inside = (within[1] or within[2]).decode("ascii", "replace") if within else ""
    return (found for name in (declared, inside) if (found := codec(name)))


def _decoded(raw: bytes, charset: str) -> Decoded:
    text = raw.decode(charset, "replace")
    # A page may have the character itself, where somebody else could not read it.
    own = raw.count("\ufffd".encode()) if charset == "utf-8" else 0
    return Decoded(text, max(0, text.count("\ufffd") - own))
