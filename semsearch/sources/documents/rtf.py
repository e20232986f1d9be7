"""Reads RTF: one article a file, or an export's articles. The only module that knows striprtf."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from semsearch.errors import SourceError
from semsearch.ports import Place
from semsearch.sources.documents.needed import needed
from semsearch.sources.facts.article import Facts
from semsearch.sources.texts.plain import articles_of_lines
from semsearch.types import Article, Skipped

MOST_BYTES = 16 * 2**20

_PICTURE = re.compile(rb"(?:[0-9a-fA-F]{64}[\r\n ]*){8,}")
"""Pictures are written as digits, and are most of a file that has some."""

_FONT = re.compile(r"\\f[0-9]")
_MOST_FONTS = 2**16
"""Characters of a table of fonts, of which the library needs time that grows with the square of their number."""

_MOST_WITHOUT_CHARSET = 50
"""Fonts of a table; for each of them the library looks through all that follows."""

_HIDING = re.compile(r"\\(?:v|deleted)(?![a-z0-9])")
_TOKEN = re.compile(
    r"\\(?P<word>[a-z]{1,32})(?P<number>-?[0-9]{1,10})? ?|\\'[0-9a-fA-F]{2}|\\.|[{}]|[^\\{}]+|\\", re.DOTALL
)
_CODE_PAGE = re.compile(rb"\\ansicpg([0-9]{3,5})")


def _without_hidden(written: str) -> str:
    """Return an RTF without the text that is hidden, or marked as deleted."""
    kept: list[str] = []
    shown = [True]  # in each group that is open
    for token in _TOKEN.finditer(written):
        if token[0] == "{":
            shown.append(shown[-1])
        elif token[0] == "}" and len(shown) > 1:
            shown.pop()
        elif token["word"] in ("v", "deleted"):
            shown[-1] = token["number"] == "0"
        elif token["word"] == "plain":
            shown[-1] = True
        if shown[-1] or token["word"] not in (None, "u") or token[0] in "{}":
            kept.append(token[0])
    return "".join(kept)


def read_rtf(stream: BinaryIO, place: Place) -> Iterator[Article | Skipped]:
    """Read one RTF."""
    with needed("RTF", "documents"):
        from striprtf.striprtf import font_table_group, rtf_to_text
    raw = stream.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise SourceError(f"an RTF of more than {MOST_BYTES // 2**20} MiB: save it as text (.txt), or split it")
    found = _CODE_PAGE.search(raw, 0, 4_096)
    encoding = f"cp{found[1].decode()}" if found else "cp1252"
    written = _PICTURE.sub(b"", raw).decode("cp1252", "replace")
    fonts = font_table_group(written)
    lacking = len(_FONT.findall(fonts)) - fonts.count("\\fcharset")
    if len(fonts) > _MOST_FONTS or lacking > _MOST_WITHOUT_CHARSET:
        written = written.replace(fonts, "", 1)  # without it only letters of fonts with a charset of their own are lost
    if _HIDING.search(written):
        written = _without_hidden(written)
    try:
        text = rtf_to_text(written, encoding=encoding, errors="replace")
    except (LookupError, ValueError, TypeError, OverflowError, RecursionError, AttributeError) as error:
        raise SourceError(f"a damaged RTF ({type(error).__name__}): save it anew, or as text") from error
    if not text.strip():
        yield Skipped(place.origin, "an RTF without text")
        return
    # A line of RTF is a paragraph.
    yield from articles_of_lines([part for line in text.split("\n") for part in (line, "")], place, Facts())
