"""Write the table by which traditional Chinese characters are folded to simplified ones, from OpenCC's own.

    pip install opencc
    python scripts/make_han_table.py

Character by character: what OpenCC decides by the words around a character is left out, for a query has few of them,
and every character keeps its place.
"""

from importlib.metadata import version
from pathlib import Path

from opencc import OpenCC

TABLE = Path(__file__).parent.parent / "semsearch" / "words" / "han.txt"
_BLOCKS = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0x20000, 0x323AF))


def main() -> None:
    """Write the table."""
    convert = OpenCC("t2s").convert
    pairs = {}
    for first, last in _BLOCKS:
        for code in range(first, last + 1):
            simplified = convert(chr(code))
            if len(simplified) == 1 and simplified != chr(code):
                pairs[chr(code)] = simplified
    # A few lead to characters that are themselves traditional ones of others; each is followed to its end.
    for traditional in pairs:
        while pairs[traditional] in pairs and pairs[pairs[traditional]] != traditional:
            pairs[traditional] = pairs[pairs[traditional]]
    lines = [f"{traditional}{simplified}" for traditional, simplified in sorted(pairs.items())]
    source = f"OpenCC {version('opencc')} (Apache License 2.0), by scripts/make_han_table.py"
    heading = f"# Traditional and simplified characters of {source}"
    TABLE.write_text("\n".join((heading, *lines)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
