"""In which language a text seems to be written, well enough to warn by: its script, and for Latin its small words."""

import re
import unicodedata
from collections import Counter

_SAMPLE_CHARACTERS = 2_000
_LEAST_LETTERS = 20
_LEAST_SHARE = 0.12
"""Of the words: running prose has 25 to 45 % of its language's small words, a list of names has few."""

_LEAST_WORDS = 2
"""Different small words of one language: a table of prices may repeat one that happens to look like it."""

_SCRIPTS = {
    "HIRAGANA": "ja", "KATAKANA": "ja", "HANGUL": "ko", "CJK": "zh", "CYRILLIC": "ru", "ARABIC": "ar", "HEBREW": "he",
    "GREEK": "el", "DEVANAGARI": "hi", "BENGALI": "bn", "THAI": "th", "GEORGIAN": "ka", "ARMENIAN": "hy", "TAMIL": "ta",
}  # fmt: skip
"""First word of a letter's Unicode name -> the language most written with it."""

_SMALL_WORDS = {
    "en": "the of and to in is was that for on with as by at from it has have he we you are be this an our they can",
    "de": "der die das und ist in den von zu mit sich des auf für nicht ein eine im dem als auch es an werden bei sind",
    "fr": "le la les de des et en un une du est que dans qui pour sur au par avec pas plus ce il sont aux ont été",
    "es": "el la los las de que y en un una es por con del se para al su lo como más pero sus fue ha este entre",
    "pt": "o os de que e em um uma é por com da na para se dos mais foi ao das não pela são como também pelo seu",
    "it": "il la di che e in un una è per con del della i le si da non sono gli al dei nel ha alla più anche come",
    "nl": "de het een en van in is op te dat die voor met zijn niet aan er om ook als bij door naar uit werd heeft",
    "sv": "och i att det som en på är av för med den till inte om ett har de var från sig men så kan vid efter",
    "pl": "i w na z się nie do to że jest o jak po co za od przez ale dla są przy oraz był która który tym",
    "tr": "ve bir bu için ile olarak çok daha olan gibi en ne kadar sonra ancak var göre ise yeni olduğunu",
}
_SMALL = {language: frozenset(words.split()) for language, words in _SMALL_WORDS.items()}


def guess_language(text: str) -> str | None:
    """Return a BCP 47 primary tag, or None where the text is too short or too mixed to say.

    For scripts that several languages share, the most written of them stands for all.
    """
    sample = text[:_SAMPLE_CHARACTERS]
    letters = [char for char in sample if char.isalpha()]
    if len(letters) < _LEAST_LETTERS:
        return None
    scripts = Counter(_SCRIPTS.get(unicodedata.name(char, "").split(" ")[0].split("-")[0], "") for char in letters)
    if scripts["ja"] > 0.1 * len(letters):  # Japanese mixes kana with Chinese characters
        return "ja"
    script, count = scripts.most_common(1)[0]
    if script:
        return script if count > 0.5 * len(letters) else None
    words = re.findall(r"[^\W\d_]{2,}", sample.casefold())  # single letters are initials and units, too
    found = {language: [word for word in words if word in small] for language, small in _SMALL.items()}
    best = max(found, key=lambda language: len(found[language]))
    enough = len(found[best]) >= _LEAST_SHARE * len(words) and len(set(found[best])) >= _LEAST_WORDS
    return best if enough else None
