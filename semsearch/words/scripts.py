"""The letters that a script writes in two ways: Chinese characters, nasals of India, Hebrew finals."""

import re
from functools import cache
from importlib.resources import files

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")

_INDIAN = re.compile("[\u0900-\u097f\u0a80-\u0aff\u0c00-\u0cff]")
_BLOCKS = (0x900, 0xA80, 0xC00, 0xC80)  # Devanagari, Gujarati, Telugu, Kannada: their letters stand in one order
_CANDRABINDU, _ANUSVARA, _VIRAMA = 0x01, 0x02, 0x4D
_STOPS = ((0x15, 0x19), (0x1A, 0x1E), (0x1F, 0x23), (0x24, 0x28), (0x2A, 0x2E))
"""Five rows of four stops and the nasal that is spoken before them, or twice: it is written as an anusvara as often."""

_HEBREW_FINALS = str.maketrans("ךםןףץ", "כמנפצ")


def one_script(word: str) -> str:
    """Return a word in one spelling for all those that readers of its script take for the same."""
    if _HAN.search(word):
        return word.translate(_simplified_characters())
    if _INDIAN.search(word):
        return _nasals().sub(lambda match: chr((ord(match[0][0]) & ~0x7F) + _ANUSVARA), word)
    return word.translate(_HEBREW_FINALS)


@cache
def _simplified_characters() -> dict[int, str]:
    lines = files("semsearch.words").joinpath("han.txt").read_text(encoding="utf-8").splitlines()
    return {ord(pair[0]): pair[1] for pair in lines if not pair.startswith("#")}


@cache
def _nasals() -> re.Pattern[str]:
    parts = []
    for block in _BLOCKS:
        parts.append(chr(block + _CANDRABINDU))
        for first, nasal in _STOPS:
            row = f"{chr(block + first)}-{chr(block + nasal)}"
            parts.append(f"{chr(block + nasal)}{chr(block + _VIRAMA)}(?=[{row}])")
    return re.compile("|".join(parts))
