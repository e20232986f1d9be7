"""In which language is a text? A cheap guess, for warnings and the choice of words, and a sure answer to store."""

import math
import re
import unicodedata
from collections import Counter
from functools import cache
from threading import Lock
from typing import Any

from semsearch.text import display_width

_SAMPLE_CHARACTERS = 2_000
_LEAST_LETTERS = 20
"""Wide ones count twice, as they say more: a Chinese text may have more letters of Latin names than of its own."""

_LEAST_SHARE = 0.12
"""Share of small words among all words: prose has 25 to 45 % of its language's, a list of names has few."""

_LEAST_WORDS = 2
"""Different small words of one language: a table of prices may repeat a word that only looks like one."""

_SCRIPTS = {
    "HIRAGANA": "ja", "KATAKANA": "ja", "HANGUL": "ko", "CJK": "zh", "CYRILLIC": "ru", "ARABIC": "ar", "HEBREW": "he",
    "GREEK": "el", "DEVANAGARI": "hi", "BENGALI": "bn", "THAI": "th", "GEORGIAN": "ka", "ARMENIAN": "hy", "TAMIL": "ta",
}  # fmt: skip
"""By the first word of a letter's Unicode name: the language most written with it."""
_WIDE = frozenset(("CJK", "HIRAGANA", "KATAKANA", "HANGUL"))

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

_PIECE_CHARACTERS = 300
_LEAST_PIECE_CHARACTERS = 200
_PIECES = 3
"""Beginning, middle and end: a text whose pieces are in different languages is in none of them."""

_LEAST_PROBABILITY = 0.8
"""Below it every second answer is wrong, for headlines at least; above it one in some hundreds."""

_LEAST_COLUMNS = 20
"""Columns of letters, of which wide ones take two: two names are no sentence."""

_SAME = {"nb": "no", "nn": "no", "wuu": "zh", "yue": "zh", "arz": "ar", "ary": "ar"}
"""By what the model tells apart: the tag that newspapers use."""

_DUMMY_TEXT = "la"
"""The language of "lorem ipsum", in which no newspaper is published."""

_WRITTEN_IN = {
    "LATIN": "af ca cs cy da de en es et eu fi fr ga gl hr hu id is it lt lv ms nl no nb nn pl pt ro sk sl sq sv sw tl "
    "tr vi xh zu",
    "CJK": "zh", "HIRAGANA KATAKANA CJK": "ja", "HANGUL CJK": "ko", "CYRILLIC": "be bg mk ru uk",
    "ARABIC": "ar fa ps ur",
    "HEBREW": "he", "GREEK": "el", "ARMENIAN": "hy", "DEVANAGARI": "hi mr ne", "BENGALI": "as bn", "THAI": "th",
    "GEORGIAN": "ka", "TAMIL": "ta", "TELUGU": "te",
}  # fmt: skip
"""By first words of letters' Unicode names: the languages that newspapers write in these letters only."""

_LETTERS_OF = {tag: scripts.split() for scripts, tags in _WRITTEN_IN.items() for tag in tags.split()}
_CONTRADICTION = 0.9
"""Share of letters that contradict a language; an article that quotes another language at length has fewer."""

_loading = Lock()


def is_small_word(word: str) -> bool:
    """Tell whether a word in lower case is one that every text of some language has."""
    return any(word in small for small in _SMALL.values())


def guess_language(text: str) -> str | None:
    """Return a BCP 47 primary tag, or None if the text is too short or too mixed.

    For a script that several languages share, the most written of them stands for all. No model is needed, so that
    this is fast enough for queries.
    """
    if script := guess_script(text):
        return script
    if script is None:
        return None
    # Single letters are left out: they are initials and units, too.
    words = re.findall(r"[^\W\d_]{2,}", text[:_SAMPLE_CHARACTERS].casefold())
    matches = {language: [word for word in words if word in small] for language, small in _SMALL.items()}
    # Different words come first: names repeat a few words of another language (Los Angeles, La Galaxy).
    ranks = {language: (len(set(small_words)), len(small_words)) for language, small_words in matches.items()}
    best = max(ranks, key=ranks.__getitem__)
    different, total = ranks[best]
    return best if total >= _LEAST_SHARE * len(words) and different >= _LEAST_WORDS else None


def guess_script(text: str) -> str | None:
    """Return the primary tag that stands for a script, "" for Latin, None if a text is too short or too mixed."""
    scripts: Counter[str] = Counter()
    for script, count in _scripts_of(text[:_SAMPLE_CHARACTERS]).items():
        scripts[_SCRIPTS.get(script, "")] += 2 * count if script in _WIDE else count
    letters = scripts.total()
    if letters < _LEAST_LETTERS:
        return None
    if scripts["ja"] > 0.1 * letters:  # Japanese mixes kana with Chinese characters
        return "ja"
    script, count = scripts.most_common(1)[0]
    return script if not script or count > 0.5 * letters else None


def detect_language(text: str) -> str | None:
    """Return the two-letter primary tag of the language that a text is in, or None unless that is nearly certain.

    A text that is too short, mixed, or in a language without such a tag gives None. The first call loads a model, which
    takes some 0.4 s and 100 MB.
    """
    letters = "".join(char for char in text[: _PIECES * _PIECE_CHARACTERS] if char.isalpha())
    if display_width(letters) < _LEAST_COLUMNS:
        return None
    tags = {tag for piece in _samples(text) if (tag := _certain_tag(piece))}
    return tags.pop() if len(tags) == 1 else None


def contradicts(text: str, tag: str) -> bool:
    """Tell whether a text is in letters that a language is not written in; False if its letters are not known."""
    scripts = _scripts_of(text[:_SAMPLE_CHARACTERS])
    if tag not in _LETTERS_OF or scripts.total() < _LEAST_LETTERS:
        return False
    return sum(scripts[script] for script in _LETTERS_OF[tag]) <= (1 - _CONTRADICTION) * scripts.total()


def _scripts_of(sample: str) -> Counter[str]:
    """Count letters by the first word of their Unicode names."""
    scripts: Counter[str] = Counter()
    for letter, count in Counter(sample).items():
        if letter.isalpha():
            scripts[unicodedata.name(letter, "").split(" ")[0].split("-")[0]] += count
    return scripts


def _samples(text: str) -> list[str]:
    """Return up to three pieces, spread evenly from the first character to the last."""
    count = min(_PIECES, math.ceil(len(text) / _LEAST_PIECE_CHARACTERS))
    size = min(_PIECE_CHARACTERS, math.ceil(len(text) / count))
    step = (len(text) - size) // max(count - 1, 1)
    return [text[number * step : number * step + size] for number in range(count)]


def _certain_tag(piece: str) -> str | None:
    probabilities: Counter[str] = Counter()
    for tag, probability in _model().rank(piece):
        probabilities[_SAME.get(tag, tag)] += probability
    tag, probability = probabilities.most_common(1)[0]
    return tag if probability >= _LEAST_PROBABILITY and len(tag) == 2 and tag != _DUMMY_TEXT else None


def _model() -> Any:
    with _loading:
        return _load()


@cache
def _load() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # the one place that knows it

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
