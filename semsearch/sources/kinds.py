"""The table of kinds: which reader reads or opens which files, and what to do about files that none reads."""

import re
from dataclasses import dataclass
from pathlib import PurePath

from semsearch.errors import SourceError
from semsearch.ports import Opener, Reader
from semsearch.sources.archives.crawls import open_crawl
from semsearch.sources.archives.packed import open_tar, open_zip
from semsearch.sources.documents.readers import (
    open_mailbox,
    open_message,
    read_book,
    read_open_document,
    read_pdf,
    read_rtf,
    read_word,
)
from semsearch.sources.exports.pages import read_page
from semsearch.sources.records.lines import read_records
from semsearch.sources.records.parquet import read_parquet
from semsearch.sources.records.references import read_bibtex, read_ris
from semsearch.sources.records.tables import names_columns, read_table
from semsearch.sources.texts.frontmatter import read_post
from semsearch.sources.texts.plain import read_plain
from semsearch.sources.wire.sgml import read_sgml
from semsearch.sources.wire.xml import read_xml


@dataclass(frozen=True, slots=True)
class Kind:
    """Files that one reader reads, or that one opener opens."""

    name: str
    endings: tuple[str, ...]  # lower case, with the dot; the ending of a compression may follow
    media_types: tuple[str, ...] = ()
    reader: Reader | None = None
    opener: Opener | None = None


RECORDS = Kind(
    "JSON",
    (".jsonl", ".ndjson", ".jsonlines", ".json"),
    ("application/json", "application/ld+json", "application/feed+json", "application/x-ndjson"),
    read_records,
)
TABLE = Kind("table", (".csv", ".tsv", ".tab"), ("text/csv", "text/tab-separated-values"), read_table)
PARQUET = Kind("Parquet", (".parquet", ".pq"), ("application/vnd.apache.parquet",), read_parquet)
WEB_PAGE = Kind("web page", (".html", ".htm", ".xhtml", ".shtml"), ("text/html", "application/xhtml+xml"), read_page)
XML = Kind(
    "XML",
    (".xml", ".rss", ".atom", ".rdf", ".nitf", ".newsml", ".nml"),
    (
        "application/xml",
        "text/xml",
        "application/rss+xml",
        "application/atom+xml",
        "application/rdf+xml",
        "application/nitf+xml",
        "application/vnd.iptc.g2.newsitem+xml",
        "application/vnd.iptc.g2.newsmessage+xml",
    ),
    read_xml,
)
SGML = Kind("SGML", (".sgm", ".sgml"), ("text/sgml",), read_sgml)
MARKDOWN = Kind("Markdown", (".md", ".markdown"), ("text/markdown",), read_post)
TEXT = Kind("text", (".txt", ".text"), ("text/plain",), read_plain)
CRAWL = Kind("web archive", (".warc", ".wet", ".arc"), ("application/warc",), opener=open_crawl)
ZIP = Kind("zip", (".zip",), ("application/zip",), opener=open_zip)
TAR = Kind("tar", (".tar", ".tgz", ".tbz", ".tbz2", ".txz", ".tzst"), ("application/x-tar",), opener=open_tar)
PDF = Kind("PDF", (".pdf",), ("application/pdf",), read_pdf)
WORD = Kind(
    "Word",
    (".docx",),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document",),
    read_word,
)
OPEN_DOCUMENT = Kind("OpenDocument", (".odt",), ("application/vnd.oasis.opendocument.text",), read_open_document)
RTF = Kind("RTF", (".rtf",), ("application/rtf", "text/rtf"), read_rtf)
BOOK = Kind("EPUB", (".epub",), ("application/epub+zip",), read_book)
MESSAGE = Kind("mail", (".eml",), ("message/rfc822",), opener=open_message)
SAVED_PAGE = Kind(
    "saved web page", (".mhtml", ".mht"), ("multipart/related", "application/x-mimearchive"), opener=open_message
)
MAILBOX = Kind("mailbox", (".mbox",), ("application/mbox",), opener=open_mailbox)
BIBTEX = Kind("BibTeX", (".bib",), ("application/x-bibtex", "text/x-bibtex"), read_bibtex)
RIS = Kind("RIS", (".ris",), ("application/x-research-info-systems",), read_ris)
KINDS = (
    RECORDS,
    TABLE,
    PARQUET,
    WEB_PAGE,
    XML,
    SGML,
    MARKDOWN,
    TEXT,
    PDF,
    WORD,
    OPEN_DOCUMENT,
    RTF,
    BOOK,
    MESSAGE,
    SAVED_PAGE,
    MAILBOX,
    BIBTEX,
    RIS,
    CRAWL,
    ZIP,
    TAR,
)

COMPRESSIONS = (".gz", ".bz2", ".xz", ".zst")
_AS_RECORDS = 'write the articles as JSON Lines, {"title": …, "text": …, "date": …, "url": …} one a line'
_AS_TEXT = "save it as text (.txt), or " + _AS_RECORDS
_UNREAD = {
    "web archives of this form are not read": ("save the page as HTML, or as WARC", ".wacz .webarchive"),
    "spreadsheets are not read": ("save it as CSV", ".xls .xlsx .ods"),
    "columns of this form are not read": ("write it as Parquet or CSV", ".arrow .feather .orc"),
    "text documents of this form are not read": ("save it as .docx, .odt or .pdf", ".doc .pages .wpd .wps"),
    "books of this form are not read": ("convert it to .epub", ".mobi .azw .azw3"),
    "mail of this form is not read": ("save the message as .eml, or the folder as .mbox", ".msg .pst .ost .emlx"),
    "images have no text": ("recognise it first, for example with ocrmypdf, and add the PDF", ".tif .tiff .djvu"),
    "slides are not read": ("save them as .pdf", ".ppt .pptx .odp .key"),
    "archives of this form are not opened": ("unpack it and name the folder", ".7z .rar"),
    "this compression is not undone": ("unpack it first, or pack it with gzip, zstd, xz or bzip2", ".lz4 .br .z"),
}
_ADVICE = {
    ending: f"{fault} ({ending}): {advice}"
    for fault, (advice, endings) in _UNREAD.items()
    for ending in endings.split()
}

_UNREAD_MAGIC = {
    b"ARROW1": ".arrow",
    b"\xd0\xcf\x11\xe0": ".doc",
    b"7z\xbc\xaf": ".7z",
}
_MAGIC = {
    b"%PDF-": PDF,
    b"{\\rtf": RTF,
    b"PK\x03\x04": ZIP,
    b"PK\x05\x06": ZIP,
    b"PAR1": PARQUET,
    b"WARC/": CRAWL,
    b"filedesc://": CRAWL,
}
_ZIPPED = (WORD, OPEN_DOCUMENT, BOOK)
_FIRST_PART = {b"application/epub+zip": BOOK, b"application/vnd.oasis.opendocument.text": OPEN_DOCUMENT}
"""Content of the first part of a zip that is such a document -> its kind."""

_TAR_MAGIC_AT = 257
_TAR_MAGIC = b"ustar"

_PROLOGUE = rb"\s*(?:<\?xml[^<>]{0,500}>\s*)?(?:<!--(?>.{0,2000}?-->)\s*)*"
"""A comment ends at its first end mark only: if later ones were tried, thirty comments in a row would take hours."""

_WEB = re.compile(_PROLOGUE + rb"<(?:!doctype html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_XML = re.compile(
    rb"\s*<(?:\?xml|rss|feed|rdf:RDF|newsitem|newsmessage|newsml|nitf|urlset|sitemapindex)\b", re.IGNORECASE
)
_FEED = re.compile(_PROLOGUE + rb"<(?:rss|feed|rdf:RDF)\b", re.IGNORECASE | re.DOTALL)
_RECORDS_BEGIN = re.compile(rb"\s*(?:\{|\[\s*\{)")
_FRONT_MATTER = re.compile(rb"\s*(?:---|\+\+\+)[ \t]*\r?\n")
_MAILBOX = re.compile(rb"From \S{1,200} [^\n]{0,100}\d{4}\s*\n[A-Za-z-]{1,60}:")
_MESSAGE = re.compile(
    rb"(?:Return-Path|Received|Delivered-To|X-[A-Za-z-]{1,60}|From|Message-ID|MIME-Version|Date|Subject):[^\n]{0,2000}\n"
    rb"(?:[ \t][^\n]{0,2000}\n)*+(?:[A-Za-z-]{1,60}:[^\n]{0,2000}\n(?:[ \t][^\n]{0,2000}\n)*+){2}",
    re.IGNORECASE,
)
"""A line of a message's head, followed by two more."""

_BINARY_WITHIN = 1_024
"""Bytes in which text has no NUL; a damaged file of records may have some further on, beside intact records."""


def ending(name: str) -> str:
    """Return a file name's ending in lower case, without that of a compression; "" if it has none."""
    path = PurePath(name.lower())
    return (path.with_suffix("") if path.suffix in COMPRESSIONS else path).suffix


def kind_of(name: str) -> Kind | None:
    """Return the kind that a file's name promises; None for other names."""
    suffix = ending(name)
    return next((kind for kind in KINDS if suffix in kind.endings), None)


def kind_of_media(media_type: str) -> Kind | None:
    """Return the kind of a media type; None for other types."""
    return next((kind for kind in KINDS if media_type in kind.media_types), None)


def refusal(name: str) -> str | None:
    """Return why files with such a name are not read, and what to do; None for other names."""
    return _ADVICE.get(ending(name))


def _zipped_kind(head: bytes) -> Kind:
    """Return the kind of a file that is a zip."""
    first_part = head[30:100].removeprefix(b"mimetype")
    return next((kind for name, kind in _FIRST_PART.items() if first_part.startswith(name)), ZIP)


def sniff(head: bytes, promised: Kind | None) -> Kind:
    """Return the kind of a stream by its first bytes and what its name promises.

    Raises:
        SourceError: it is of no kind that is read; the message says what to do.
    """
    for magic, suffix in _UNREAD_MAGIC.items():
        if head.startswith(magic):
            raise SourceError(_ADVICE[suffix])
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            if kind is not ZIP:
                return kind
            return promised if promised in _ZIPPED else _zipped_kind(head)
    if head[_TAR_MAGIC_AT:].startswith(_TAR_MAGIC):
        return TAR
    if promised and promised.opener:
        return promised  # its opener tells if it is damaged or of an older version
    if b"\0" in head[:_BINARY_WITHIN]:
        raise SourceError("binary, or text in UTF-16 without its mark: no form in which news is read")
    if promised not in (None, TEXT, XML, WEB_PAGE):
        return promised
    # Feeds are served as web pages, web pages are named as XML, and either is saved as text.
    if _WEB.match(head):
        return WEB_PAGE
    if _FEED.match(head) or (promised is not WEB_PAGE and _XML.match(head)):
        return XML
    if promised:
        return promised
    if _RECORDS_BEGIN.match(head):
        return RECORDS
    if _MAILBOX.match(head):
        return MAILBOX
    if _MESSAGE.match(head):
        return MESSAGE
    if names_columns(head):
        return TABLE
    return MARKDOWN if _FRONT_MATTER.match(head) else TEXT
