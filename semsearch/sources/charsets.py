"""Maps the charsets that news declares to Python's codecs, and detects a charset that is not declared."""

import codecs
import re

from semsearch.language import detect_language

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

_LATIN = ("cp1252", "cp1250", "iso8859-2", "cp1254", "cp1257", "iso8859-15", "iso8859-4", "iso8859-13")
"""Codecs of Latin letters, the usual one first where a text is the same in several."""

_ALPHABETS = {
    "áàâãäåæçéèêëíìîïñóòôõöøœúùûüýÿßð": "en",
    "áàâãåäæçéèêëíîïóôöøœúüñß": "da sv no nb nn",
    "äöüßéèàçñáâêóíëï": "de",
    "éèêëàâæçîïôœùûüÿñíáóöä": "fr",
    "áéíóúüñçàèòï": "es ca gl",
    "áàâãçéêíóôõúüñèò": "pt",
    "àèéìíîòóùúçñáöü": "it",
    "éëïóöüáíèêäâçñûôúà": "nl af",
    "äöåéüšžáèçñ": "fi",
    "áðéíóúýþæöäü": "is",
    "ąćęłńóśźżéüöäáč": "pl",
    "áčďéěíňóřšťúůýžäöüôľĺŕ": "cs sk",
    "áéíóöőúüűä": "hu",
    "ăâîșțşţéáöü": "ro",
    "čćđšžéáöü": "hr sl bs",
    "çğıöşüâîûé": "tr",
    "ąčęėįšųūžéöü": "lt",
    "āčēģīķļņšūžōŗéöü": "lv",
    "äöõüšžé": "et",
    "çëéáöü": "sq",
}
_LETTERS_BEYOND_ASCII = {
    tag: frozenset(letters + letters.upper()) for letters, tags in _ALPHABETS.items() for tag in tags.split()
}
"""By language: its own letters, and those of names that its newspapers often write."""

_MARKS = frozenset("\u00a0\u00ad«»‹›‘’‚“”„–—…•·¿¡§©®°€£™½¼¾²³ªº×")
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")

_MOST_STRANGE = 0.1
"""Share of characters beyond ASCII that may be neither letters of the language nor usual marks."""

_LEAST_BEYOND_ASCII = 0.1
"""Share of bytes beyond ASCII: other scripts have more, and Latin text rarely as much."""

_MESS = (0.2, 0.4)
"""How much of a text may be unusual for `charset-normalizer`, which is strict at first."""

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
    """Return the most likely codec of bytes that are neither ASCII nor UTF-8."""
    return _guess(raw)[0]


def surely_detected(raw: bytes) -> str | None:
    """Return the codec of bytes that are neither ASCII nor UTF-8; None in doubt."""
    codec_name, is_sure = _guess(raw)
    return codec_name if is_sure else None


def _guess(raw: bytes) -> tuple[str, bool]:
    """Return the most likely codec, and whether it is beyond doubt.

    Deterministic. `charset-normalizer` sees 32 KiB around the first byte that is not ASCII: more would take seconds
    without telling more. It takes one codec of Latin letters for another, so among these the language decides.
    """
    from charset_normalizer import from_bytes

    start = next((byte.start() for byte in re.finditer(rb"[\x80-\xff]", raw)), 0)
    start = max(0, start - _DETECTED_FROM // 8)
    piece = raw[start : start + _DETECTED_FROM]
    likely = (from_bytes(piece, cp_isolation=_DETECTABLE, threshold=mess).best() for mess in _MESS)
    match = next((match.encoding for match in likely if match), "cp1252")
    codec_name = codecs.lookup(match).name
    is_mostly_ascii = len(_BEYOND_ASCII.findall(piece)) < _LEAST_BEYOND_ASCII * len(piece)
    if codec_name not in _LATIN and not is_mostly_ascii:
        return codec_name, True
    by_language = _latin(piece)
    return by_language or codec_name, by_language is not None


def _latin(raw: bytes) -> str | None:
    """Return the codec of Latin letters that a text is in, by its language; None where that is in doubt."""
    language = detect_language(raw.decode("ascii", "ignore"))
    if language not in _LETTERS_BEYOND_ASCII:
        return None
    beyond = _BEYOND_ASCII.findall(raw)

    def strange(codec_name: str) -> int:
        letters = b"".join(beyond).decode(codec_name, "replace")
        return sum(letter not in _LETTERS_BEYOND_ASCII[language] and letter not in _MARKS for letter in letters)

    best = min(_LATIN, key=strange)
    return best if strange(best) <= _MOST_STRANGE * len(beyond) else None


def mostly_utf8(text: str, replaced: int) -> bool:
    """Tell by a decoded text whether its bytes were UTF-8 with some damage: bytes in another charset rarely decode.

    Args:
        replaced: number of replacement characters in the text.
    """
    return replaced <= sum(not char.isascii() for char in text) - replaced
