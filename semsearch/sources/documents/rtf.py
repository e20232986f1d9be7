"""Reads RTF with striprtf, which no other module knows: each file is an article, or an export with several."""

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
"""Pictures, written in digits, are most of a file that has any."""

_FONT = re.compile(r"\\f[0-9]")
_MOST_FONTS = 2**16
"""Characters of a font table; the library's time grows with their square."""

_MOST_WITHOUT_CHARSET = 50
"""Fonts of a table; for each of them the library searches all that follows."""

_HIDING = re.compile(r"\\(?:v|deleted)(?![a-z0-9])")
_TOKEN = re.compile(
    r"\\(?P<word>[a-z]{1,32})(?P<number>-?[0-9]{1,10})? ?|\\'[0-9a-fA-F]{2}|\\.|[{}]|[^\\{}]+|\\", re.DOTALL
)
_LARGE_NUMBER = re.compile(r"\\u(-?[0-9]{5,})")
_DIGITS = 10
"""Of the number of a character, with its sign: a longer one is damage."""

_CODE_PAGE = re.compile(rb"\\ansicpg([0-9]{3,5})")


def _without_hidden(markup: str) -> str:
    """Return an RTF without text that is hidden or marked as deleted."""
    tokens: list[str] = []
    visible = [True]  # for each open group
    for token in _TOKEN.finditer(markup):
        if token[0] == "{":
            visible.append(visible[-1])
        elif token[0] == "}" and len(visible) > 1:
            visible.pop()
        elif token["word"] in ("v", "deleted"):
            visible[-1] = token["number"] == "0"
        elif token["word"] == "plain":
            visible[-1] = True
        if visible[-1] or token["word"] not in (None, "u") or token[0] in "{}":
            tokens.append(token[0])
    return "".join(tokens)


def _character(written: re.Match[str]) -> str:
    """Return the number of a character as it is written, or that of the replacement character where there is none."""
    is_character = len(written[1]) < _DIGITS and -0x10000 <= int(written[1]) < 0x110000
    return written[0] if is_character else "\\u65533"


def read_rtf(stream: BinaryIO, place: Place) -> Iterator[Article | Skipped]:
    """Yield the articles of an RTF."""
    with needed("RTF", "documents"):
        from striprtf.striprtf import font_table_group, rtf_to_text
    raw = stream.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise SourceError(f"an RTF of more than {MOST_BYTES // 2**20} MiB: save it as text (.txt), or split it")
    match = _CODE_PAGE.search(raw, 0, 4_096)
    encoding = f"cp{match[1].decode()}" if match else "cp1252"
    markup = _PICTURE.sub(b"", raw).decode("cp1252", "replace")
    fonts = font_table_group(markup)
    lacking = len(_FONT.findall(fonts)) - fonts.count("\\fcharset")
    if len(fonts) > _MOST_FONTS or lacking > _MOST_WITHOUT_CHARSET:
        markup = markup.replace(fonts, "", 1)  # only loses letters of fonts with a charset of their own
    if _HIDING.search(markup):
        markup = _without_hidden(markup)
    markup = _LARGE_NUMBER.sub(_character, markup)
    try:
        text = rtf_to_text(markup, encoding=encoding, errors="replace")
    except (LookupError, ValueError, TypeError, OverflowError, RecursionError, AttributeError) as error:
        raise SourceError(f"a damaged RTF ({type(error).__name__}): save it anew, or as text") from error
    if not text.strip():
        yield Skipped(place.origin, "an RTF without text")
        return
    # A line of RTF is a paragraph.
    yield from articles_of_lines([part for line in text.split("\n") for part in (line, "")], place, Facts())
