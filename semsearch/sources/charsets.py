"""Charsets: the names that news declares -> Python's codecs, and what bytes look like where nothing is declared."""

import codecs
import re

_WIDER = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs",
}  # fmt: skip
"""What a charset is called -> what is written under that name, and what browsers read (WHATWG, Encoding)."""

_KNOWN = frozenset((
    *_WIDER.values(), "utf-8", "iso8859-2", "iso8859-3", "iso8859-4", "iso8859-5", "iso8859-6", "iso8859-7",
    "iso8859-8", "iso8859-10", "iso8859-13", "iso8859-14", "iso8859-15", "iso8859-16", "cp1250", "cp1251", "cp1253",
    "cp1255", "cp1256", "cp1257", "cp1258", "cp866", "koi8-r", "koi8-u", "mac-roman", "mac-cyrillic", "euc_jp",
    "iso2022_jp",
))  # fmt: skip
"""Python knows others, and some that are none (base64, unicode_escape): no text has them."""

_DETECTABLE = sorted(_KNOWN - {"mac-roman", "mac-cyrillic", "iso8859-10", "iso8859-14", "iso8859-16", "cp1258"})
"""Without those that are too rare, or too like another one, to be taken for anything without being declared."""

_DETECTED_FROM = 32_768
ESCAPING = "iso2022_jp"
"""Its bytes are all ASCII."""


def codec(name: str | None) -> str | None:
    """Return the codec for a declared name, or None where it is none.

    A declaration that could be read as ASCII is not in UTF-16 or UTF-32, whatever it says: UTF-8 is meant.
    """
    try:
        found = codecs.lookup((name or "").strip(" \"'")).name
    except (LookupError, ValueError):
        return None
    if found.startswith(("utf-16", "utf-32")):
        return "utf-8"
    found = _WIDER.get(found, found)
    return found if found in _KNOWN else None


def detected(raw: bytes) -> str:
    """Return the codec that bytes beyond ASCII are most likely in, where they are not UTF-8; windows-1252 in doubt.

    Deterministic. `charset-normalizer` looks at 32 KiB around the first byte that is not ASCII: more would not tell
    more, and takes seconds.
    """
    from charset_normalizer import from_bytes

    start = next((place.start() for place in re.finditer(rb"[\x80-\xff]", raw)), 0)
    start = max(0, start - _DETECTED_FROM // 8)
    match = from_bytes(raw[start : start + _DETECTED_FROM], cp_isolation=_DETECTABLE).best()
    return match.encoding if match else "cp1252"


def mostly_utf8(text: str, replaced: int) -> bool:
    """Tell whether bytes were UTF-8 with some damage, by their text: so many are right by chance in no other charset.

    Args:
        replaced: characters of the text that could not be read.
    """
    return replaced <= sum(not char.isascii() for char in text) - replaced
