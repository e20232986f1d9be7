"""The bytes of a page -> its text, by byte order mark, declaration, UTF-8 or, where all fail, by what it looks like."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

_DECLARED_WITHIN = 8_192
_DETECTED_FROM = 32_768
"""Bytes. More would not tell more, and takes seconds."""

_FEW_ERRORS = 500
"""One byte in so many may be wrong, and the charset still be right: pages are put together from parts."""

_DECLARATION = re.compile(
    rb"""<meta[^<>]{0,500}?charset\s*=\s*["']?\s*([\w:.-]{2,40})|<\?xml[^<>]{0,200}?encoding\s*=\s*["']([\w:.-]{2,40})""",
    re.IGNORECASE,
)
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le", codecs.BOM_UTF32_BE: "utf-32-be",  # before UTF-16: its mark begins theirs
    codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be",
}  # fmt: skip

_WIDER = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs",
}  # fmt: skip
"""What pages call a charset -> what browsers read then."""

_KNOWN = frozenset((
    *_WIDER.values(), "utf-8", "iso8859-2", "iso8859-3", "iso8859-4", "iso8859-5", "iso8859-6", "iso8859-7",
    "iso8859-8", "iso8859-10", "iso8859-13", "iso8859-14", "iso8859-15", "iso8859-16", "cp1250", "cp1251", "cp1253",
    "cp1255", "cp1256", "cp1257", "cp1258", "cp866", "koi8-r", "koi8-u", "mac-roman", "mac-cyrillic", "euc_jp",
    "iso2022_jp",
))  # fmt: skip
"""Python knows others, and some that are none (base64, unicode_escape): no page has them."""

_DETECTED = sorted(_KNOWN - {"mac-roman", "mac-cyrillic", "iso8859-10", "iso8859-14", "iso8859-16", "cp1258"})
"""Too rare, or too like another one, to be taken for anything without being declared are the rest."""


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
    if "iso2022_jp" in names and b"\x1b" in raw:
        return _decoded(raw, "iso2022_jp")
    best = _decoded(raw, "utf-8")
    if best.replaced == 0 or best.replaced <= _valid_beyond_ascii(best):
        return best
    for charset in names:
        found = _decoded(raw, charset)
        if found.replaced * _FEW_ERRORS < len(raw):
            return found
        best = min(found, best, key=lambda one: one.replaced)
    return min(best, _decoded(raw, _detected(raw) or "cp1252"), key=lambda one: one.replaced)


def _valid_beyond_ascii(decoded: Decoded) -> int:
    """Return how many characters took several bytes: as many are right by chance in no other charset."""
    return len(_BEYOND_ASCII.findall(decoded.text)) - decoded.replaced


def _charsets(raw: bytes, declared: str | None) -> Iterator[str]:
    """Yield what is declared from outside, then inside, as far as it is known."""
    within = _DECLARATION.search(raw, 0, _DECLARED_WITHIN)
    inside = (within[1] or within[2]).decode("ascii", "replace") if within else ""
    for name in (declared or "", inside):
        try:
            charset = codecs.lookup(name.strip(" \"'")).name
        except (LookupError, ValueError):
            continue
        if charset.startswith(("utf-16", "utf-32")):
            charset = "utf-8"  # an ASCII declaration was read: it is neither
        charset = _WIDER.get(charset, charset)
        if charset in _KNOWN:
            yield charset


def _decoded(raw: bytes, charset: str) -> Decoded:
    text = raw.decode(charset, "replace")
    # A page may have the character itself, where somebody else could not read it.
    own = raw.count("\ufffd".encode()) if charset == "utf-8" else 0
    return Decoded(text, max(0, text.count("\ufffd") - own))


def _detected(raw: bytes) -> str | None:
    from charset_normalizer import from_bytes

    start = next((place.start() for place in re.finditer(rb"[\x80-\xff]", raw)), 0)
    start = max(0, start - _DETECTED_FROM // 8)
    match = from_bytes(raw[start : start + _DETECTED_FROM], cp_isolation=_DETECTED).best()
    return match.encoding if match and codecs.lookup(match.encoding).name in _KNOWN else None
