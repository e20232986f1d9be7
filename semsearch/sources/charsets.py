"""Maps the charsets that news declares to Python's codecs, and detects a charset that is not declared."""

import codecs
import re

_WIDER = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs",
}  # fmt: skip
"""Name of a charset -> the wider one that is written under this name, and that browsers read (WHATWG, Encoding)."""

_CODECS = frozenset((
    *_WIDER.values(), "utf-8", "iso8859-2", "iso8859-3", "iso8859-4", "iso8859-5", "iso8859-6", "iso8859-7",
    "iso8859-8", "iso8859-10", "iso8859-13", "iso8859-14", "iso8859-15", "iso8859-16", "cp1250", "cp1251", "cp1253",
    "cp1255", "cp1256", "cp1257", "cp1258", "cp866", "koi8-r", "koi8-u", "mac-roman", "mac-cyrillic", "euc_jp",
    "iso2022_jp",
))  # fmt: skip
"""Python has more, and some that are not charsets (base64, unicode_escape): no text is in them."""

_DETECTABLE = sorted(_CODECS - {"mac-roman", "mac-cyrillic", "iso8859-10", "iso8859-14", "iso8859-16", "cp1258"})
"""Without those that are too rare, or too similar to another, to be assumed without a declaration."""

_DETECTED_FROM = 32_768
ESCAPING = "iso2022_jp"
"""The codec whose bytes are all ASCII."""


def codec(name: str | None) -> str | None:
    """Return the codec for a declared name; None if there is none.

    A declaration that could be read as ASCII is not in UTF-16 or UTF-32, whatever it says; it means UTF-8.
    """
    try:
        codec_name = codecs.lookup((name or "").strip(" \"'")).name
    except (LookupError, ValueError):
        return None
    if codec_name.startswith(("utf-16", "utf-32")):
        return "utf-8"
    codec_name = _WIDER.get(codec_name, codec_name)
    return codec_name if codec_name in _CODECS else None


def detected(raw: bytes) -> str:
    """Return the most likely codec of bytes that are neither ASCII nor UTF-8; windows-1252 in doubt.

    Deterministic. `charset-normalizer` sees 32 KiB around the first byte that is not ASCII: more would take seconds
    without telling more.
    """
    from charset_normalizer import from_bytes

    start = next((byte.start() for byte in re.finditer(rb"[\x80-\xff]", raw)), 0)
    start = max(0, start - _DETECTED_FROM // 8)
    match = from_bytes(raw[start : start + _DETECTED_FROM], cp_isolation=_DETECTABLE).best()
    return match.encoding if match else "cp1252"


def mostly_utf8(text: str, replaced: int) -> bool:
    """Tell by a decoded text whether its bytes were UTF-8 with some damage: bytes in another charset rarely decode.

    Args:
        replaced: number of replacement characters in the text.
    """
    return replaced <= sum(not char.isascii() for char in text) - replaced
