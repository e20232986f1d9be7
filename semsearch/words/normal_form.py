"""The spelling of a word: one for all the ways in which people write it."""

import re
import unicodedata

from semsearch import text
from semsearch.text import normalised
from semsearch.words.scripts import one_script

LETTER_APOSTROPHES = "\u0374ʹʻʼʽˈ"  # letters to Unicode; people write them for apostrophes
APOSTROPHES = f"'‘’‛`´׳＇{LETTER_APOSTROPHES}"
SEPARATORS = frozenset(".,٫٬．，")
ONE_SPELLING = str.maketrans(dict.fromkeys(APOSTROPHES, "'") | {"٫": ".", "．": ".", "٬": ",", "，": ","})
INVISIBLE = f"{text.INVISIBLE}{text.JOINERS}"
# Groups of three digits are thousands, whichever mark separates them: "1.200" is 1,200 to a German. Three decimals
# ("3.142") lose their point in text and query alike, and matching needs no more than one spelling on both sides.
# In India the groups before the last are of two: 15,00,000.
GROUPED_NUMBER = re.compile(
    r"(?P<groups>(?:[1-9]\d{0,2}([.,])\d{3}(?:\2\d{3})*+|[1-9]\d?(?:,\d\d(?=,))++,\d{3})(?!\d))"
    r"(?:(?!\2)[.,]\d++)?+(?:[^\W\d]\w*+)?+"
)
_UNSPELLED = re.compile(f"[{APOSTROPHES}{INVISIBLE}\u0640]")
_DROPPED = re.compile(
    f"[{APOSTROPHES}{INVISIBLE}·\u0640"  # ·: col·lecció; U+0640: the Arabic stroke that only widens
    r"\u0300-\u0305\u0307\u0309-\u036f\u0483-\u0487\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f"
    r"\U000e0100-\U000e01ef\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8"
    r"\u06ea-\u06ed\u093c]"
    r"|(?<![иіу])[\u0306\u0308]"  # й, ї and ў are letters that nobody writes without; ё is often written е
)
_OTHER_LETTERS = str.maketrans({
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t", "ґ": "г",
    "ى": "ي", "ی": "ي", "ې": "ي", "ے": "ي", "ک": "ك", "ة": "ه", "ہ": "ه", "ۃ": "ه", "ھ": "ه", "ە": "ه", "ٱ": "ا",
})  # fmt: skip
_FOREIGN_DIGIT = re.compile(r"[^\D0-9]")
_INDIAN = frozenset({"hi", "ne"})
_TURKISH_CAPITALS = str.maketrans("Iİ", "ıi")


def fold(piece: str) -> str:
    """Return a word in lower case and one width, without accents and apostrophes; "" if nothing is left of it."""
    if piece.isascii():
        folded = piece.lower()
    else:
        decomposed = normalised("NFKD", normalised("NFKC", piece).casefold())
        stripped = _DROPPED.sub("", decomposed).translate(_OTHER_LETTERS)
        digits = _FOREIGN_DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), normalised("NFC", stripped))
        folded = one_script(digits)
    return folded if folded.isalnum() else _without_stops(folded)


def _without_stops(folded: str) -> str:
    """Return an acronym without stops; a number without groups and with a decimal point: "1,200.50" is 1200.50."""
    whole = folded.translate(ONE_SPELLING)
    fraction = ""
    if whole[:1].isdecimal() and not GROUPED_NUMBER.fullmatch(whole):
        whole, _, fraction = whole.replace(",", ".").partition(".")
    elif grouped := GROUPED_NUMBER.fullmatch(whole):
        groups, rest = grouped["groups"], whole[grouped.end("groups") :]
        whole, fraction = (groups, rest[1:]) if rest[:1] in (".", ",") else (groups + rest, "")
    whole, fraction = _letters_and_digits(whole), _letters_and_digits(fraction)
    return f"{whole}.{fraction}" if fraction else whole


def _letters_and_digits(folded: str) -> str:
    return "".join(char for char in folded if char in "&+#" or unicodedata.category(char)[0] in "LNM")


def spelled(piece: str, analyser: str) -> str:
    """Return a word as its stemmer expects it: in lower case, with its accents."""
    if analyser == "tr":  # what follows the apostrophe of a name is its suffix
        name, _, _ = piece.translate(ONE_SPELLING).partition("'")
        piece = (name if len(name) > 1 else piece).translate(_TURKISH_CAPITALS)  # not O'Brien
    plain = _UNSPELLED.sub("", normalised("NFKC", piece).casefold())
    if analyser == "ar" and plain.endswith("ه"):  # often typed for ة, which the stemmer takes off
        plain = plain[:-1] + "ة"
    composed = normalised("NFC", plain)
    return one_script(composed) if analyser in _INDIAN else composed
