"""The table of readers: which kind of file is read by what, and what to do about the kinds that are not."""

import re
from dataclasses import dataclass
from pathlib import PurePath

from semsearch.errors import SourceError
from semsearch.ports import Reader
from semsearch.sources.frontmatter import read_post
from semsearch.sources.plain import read_plain
from semsearch.sources.records import read_records


@dataclass(frozen=True, slots=True)
class Kind:
    """Files that one reader reads."""

    name: str
    endings: tuple[str, ...]  # lower case, with the dot; each also before ".gz"
    reader: Reader


RECORDS = Kind("JSON Lines", (".jsonl", ".ndjson", ".jsonlines", ".json"), read_records)
MARKDOWN = Kind("Markdown", (".md", ".markdown"), read_post)
TEXT = Kind("text", (".txt", ".text"), read_plain)
KINDS = (RECORDS, MARKDOWN, TEXT)

_AS_RECORDS = 'write the articles as JSON Lines, {"title": …, "text": …, "date": …, "url": …} one a line'
_AS_TEXT = "save it as text (.txt), or " + _AS_RECORDS
_UNREAD = {
    "web pages are not read yet": (_AS_TEXT, ".html .htm .xhtml .mhtml"),
    "tables are not read yet": (_AS_RECORDS, ".csv .tsv .xls .xlsx .ods .parquet .arrow .feather"),
    "XML, feeds and NewsML are not read yet": (_AS_RECORDS, ".xml .rss .atom .nitf .sgm .sgml"),
    "web archives are not read yet": (_AS_RECORDS, ".warc .arc .wacz"),
    "paper formats are not read": (_AS_TEXT, ".pdf .doc .docx .odt .rtf .epub"),
    "archives are not opened": ("unpack it and name the folder", ".zip .tar .tgz .7z .rar"),
    "only gzip is unpacked": ("unpack it first, or pack it with gzip", ".bz2 .xz .zst .lz4 .br"),
}
_ADVICE = {
    ending: f"{what} ({ending}): {advice}" for what, (advice, endings) in _UNREAD.items() for ending in endings.split()
}

_BINARY = {
    b"PK\x03\x04": ".zip", b"%PDF-": ".pdf", b"BZh": ".bz2", b"\xfd7zXZ\x00": ".xz", b"\x28\xb5\x2f\xfd": ".zst",
    b"PAR1": ".parquet", b"ARROW1": ".arrow", b"WARC/": ".warc", b"{\\rtf": ".rtf", b"\xd0\xcf\x11\xe0": ".doc",
}  # fmt: skip
"""First bytes -> the ending that such files should have."""

_MARKUP = re.compile(rb"\s*<(?:(!doctype html|html|head|body)|(\?xml|rss|feed|newsitem|newsml|nitf))\b", re.IGNORECASE)
_RECORDS_BEGIN = re.compile(rb"\s*(?:\{|\[\s*\{)")
_FRONT_MATTER = re.compile(rb"\s*(?:---|\+\+\+)[ \t]*\r?\n")
_BINARY_WITHIN = 1_024
"""Bytes. Text has no NUL; a damaged file of records may have some further on, and its other records are good."""


def ending(name: str) -> str:
    """Return a file name's ending in lower case, without a last ".gz"; "" where it has none."""
    return PurePath(name.removesuffix(".gz").removesuffix(".GZ")).suffix.lower()


def kind_of(name: str) -> Kind | None:
    """Return the kind that a file's name promises, or None."""
    found = ending(name)
    return next((kind for kind in KINDS if found in kind.endings), None)


def refusal(name: str) -> str | None:
    """Return why files of such a name are not read and what to do, or None where nothing is known against it."""
    return _ADVICE.get(ending(name))


def check_text(head: bytes) -> None:
    """Raise `SourceError` where the first bytes of a stream are not those of text."""
    for magic, found in _BINARY.items():
        if head.startswith(magic):
            raise SourceError(_ADVICE[found])
    if head.startswith(b"\x1f\x8b"):
        raise SourceError("packed with gzip twice: unpack it once")
    if b"\0" in head[:_BINARY_WITHIN]:
        raise SourceError(
            "binary, or text in UTF-16 without its mark: only text in UTF-8, Markdown and JSON Lines are read"
        )


def sniff(head: bytes) -> Kind:
    """Return the kind that the first bytes of a text show; raises `SourceError` for HTML and XML."""
    if markup := _MARKUP.match(head):
        raise SourceError(_ADVICE[".html" if markup[1] else ".xml"])
    if _RECORDS_BEGIN.match(head):
        return RECORDS
    return MARKDOWN if _FRONT_MATTER.match(head) else TEXT
