"""Write the table by which traditional Chinese and Japanese characters are folded to simplified ones, from OpenCC's.

    pip install opencc
    python scripts/make_han_table.py

Character by character: what OpenCC decides by the words around a character is left out, for a query has few of them,
and every character keeps its place.
"""

from importlib.metadata import version
from pathlib import Path

from opencc import OpenCC

TABLE = Path(__file__).parent.parent / "semsearch" / "words" / "han.txt"
_OTHER_MEANING = "予弁欠缶芸沪"
"""Japanese characters that are other words in Chinese."""

_IN_NAMES = "髙高 﨑崎 栁柳 桒桑 𠮷吉 冨富 峯峰 曻昇 淸清 靑青 邉邊 濵濱 嶋島 嶌島 舘館 槗橋 渕淵 埜野 籔藪 靏鶴"
"""Other forms of characters, in Japanese names, each with the usual one, which OpenCC does not know."""

_BLOCKS = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0x20000, 0x323AF))


def main() -> None:
    """Write the table."""
    simplified, traditional = OpenCC("t2s").convert, OpenCC("jp2t").convert
    pairs = dict(pair for pair in _IN_NAMES.split())
    for character in (chr(code) for first, last in _BLOCKS for code in range(first, last + 1)):
        other = simplified(character)
        if other == character and character not in _OTHER_MEANING:
            other = simplified(traditional(character))
        if len(other) == 1 and other != character:
            pairs.setdefault(character, other)
    # Some lead to characters that are themselves folded; each is followed to its end.
    for character in pairs:
        while pairs[character] in pairs and pairs[pairs[character]] != character:
            pairs[character] = pairs[pairs[character]]
    lines = [f"{character}{other}" for character, other in sorted(pairs.items())]
    source = f"OpenCC {version('opencc')} (Apache License 2.0), by scripts/make_han_table.py"
    heading = f"# Traditional and Japanese characters, and simplified ones, of {source}"
    TABLE.write_text("\n".join((heading, *lines)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
