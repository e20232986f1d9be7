"""Tells sentences from bylines, dates and other labels that begin with the same words."""

import re

from semsearch.text import ends_sentence

_LABEL_WORD_LIST = """
    by von par por di door van vom de del della der den des da di dos du la le el al los las bin ibn ten ter zum zur af
    zu y e et and und with mit avec con com for für para at am um im in on the of to from aus
    am pm uhr est edt cet gmt utc min mins minute minutes minuten hour hours stunden sec ago read lesezeit vor bis
    published posted updated modified created last first veröffentlicht aktualisiert zuletzt stand
    dpa epd afp apa sid
    staff senior chief special political contributing associate guest reporter correspondent writer editor author
    photographer columnist contributor producer
"""
_LABEL_WORDS = frozenset(_LABEL_WORD_LIST.split())
"""Words in small letters that bylines and dates have, too."""

_DATE = re.compile(r"[0-9]{1,2}\.?\s(?:de\s)?[^\W\d_]{3,10}\.?\s(?:de\s)?[0-9]{4}")
"""Some languages write their months with a small letter."""

_WORD = re.compile(r"(?<![\w'’-])[^\W\d_]{2,}")
_WITHOUT_SPACES = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_EASTERN_LABEL = re.compile(
    r"公開日?|更新日?|配信日?|投稿日?|掲載日?|发布|發布|時間|时间|分で読め(?:ます|る)|[年月日時时分秒]"
)
_LEAST_EASTERN = 5
"""Characters of a sentence in Chinese or Japanese besides labels and dates."""

_LEAST_UNCASED = 4
"""Words of a sentence in a script without small letters."""


def is_sentence(text: str) -> bool:
    """Tell whether a short line is a sentence: it ends as one, and has words that no label has."""
    if not ends_sentence(text):
        return False
    if len(eastern := _WITHOUT_SPACES.findall(text)) > len(text) // 3:
        return len(_WITHOUT_SPACES.findall(_EASTERN_LABEL.sub("", "".join(eastern)))) >= _LEAST_EASTERN
    return bool(plain_words(text)) or len(_uncased_words(text)) >= _LEAST_UNCASED


def plain_words(text: str) -> list[str]:
    """Return the words in small letters that neither names, nor dates, nor labels have."""
    return [word for word in _WORD.findall(_DATE.sub(" ", text)) if word[0].islower() and word not in _LABEL_WORDS]


def _uncased_words(text: str) -> list[str]:
    return [word for word in _WORD.findall(text) if word[0].lower() == word[0].upper()]
