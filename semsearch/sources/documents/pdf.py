"""Reads PDFs with text in them: one article a file, with the page of each of its passages; or an export's articles."""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

from semsearch.errors import SourceError
from semsearch.ports import Place
from semsearch.sources.documents.needed import needed
from semsearch.sources.exports.documents import articles_of
from semsearch.sources.exports.recognition import advice, documents_of, several
from semsearch.sources.facts import values
from semsearch.sources.facts.article import Facts, article
from semsearch.text import normalise_line, normalise_text
from semsearch.types import Article, Skipped

if TYPE_CHECKING:
    from semsearch.sources.documents.layout import LayoutLine, Paragraph
    from semsearch.sources.documents.pdfium import PdfPage

MOST_BYTES = 512 * 2**20

DEADLINE = 300.0
"""Seconds for one file. Whatever was read by then is kept."""

_SCAN = "a scan, without text: recognise its text first, for example with ocrmypdf OLD NEW"
_TITLE_SIZE = 1.25
"""Of the usual height of lines: a first page's headline is so much taller."""

_TITLE_CHARACTERS = 300
_JUNK_TITLE = re.compile(
    r"(?:microsoft (?:word|powerpoint)\b.*|untitled.*|.*\.(?:docx?|indd|qxd|pdf|odt|rtf)|[\d\W_]*)", re.IGNORECASE
)


def read_pdf(stream: BinaryIO, place: Place) -> Iterator[Article | Skipped]:
    """Read one PDF."""
    with needed("PDF", "documents"):
        from semsearch.sources.documents import layout, pdfium
    content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise SourceError(f"a PDF of more than {MOST_BYTES // 2**20} MiB: split it")
    paper = pdfium.Paper(content)
    try:
        pages = list(_until_deadline(paper.read()))
        facts = paper.facts()
    finally:
        paper.close()
    lines = layout.lines_of(pages)
    if not lines:
        scanned = any(page and page.images for page in pages)
        yield Skipped(place.origin, _SCAN if scanned else "a PDF without text")
        return
    paragraphs = layout.paragraphs_of(lines)
    plain = [line for part in paragraphs for line in (part.text, "")]
    # Some exports are known by their paragraphs, some by their lines.
    if documents := documents_of(plain) or documents_of([line.text for line in lines]):
        yield from articles_of(documents, place)
    elif shown := several(plain):
        yield Skipped(place.origin, advice(shown))
    else:
        yield _article(paragraphs, facts, len(pages), place)
    yield from _lost(pages, lines, paper.pages, place)


def _until_deadline(pages: Iterator["PdfPage | None"]) -> Iterator["PdfPage | None"]:
    end = time.monotonic() + DEADLINE
    for page in pages:
        yield page
        if time.monotonic() > end:
            return


def _lost(
    pages: Sequence["PdfPage | None"], lines: Sequence["LayoutLine"], total: int, place: Place
) -> Iterator[Skipped]:
    """Say which pages are not in the text."""
    if len(pages) < total:
        yield Skipped(place.origin, f"only {len(pages):,} of {total:,} pages were read within {DEADLINE:.0f} s")
    with_text = {line.page for line in lines}
    numbered = list(enumerate(pages, 1))
    for what, numbers in (
        ("damaged", [number for number, page in numbered if page is None]),
        (
            "scans, without text",
            [number for number, page in numbered if page and page.images and number not in with_text],
        ),
    ):
        if numbers:
            listed = ", ".join(map(str, numbers[:10])) + (", …" if len(numbers) > 10 else "")
            yield Skipped(place.origin, f"{what}: {'page' if len(numbers) == 1 else 'pages'} {listed}")


def _article(
    paragraphs: Sequence["Paragraph"], facts: Mapping[str, str], pages: int, place: Place
) -> Article | Skipped:
    at, end = _title_places(paragraphs, facts)
    title = normalise_line(" ".join(part.text for part in paragraphs[at:end]))
    body = [*paragraphs[:at], *paragraphs[end:]] or list(paragraphs)
    known = normalise_line(facts.get("Title", ""))
    if not title and len(known) <= _TITLE_CHARACTERS and not _JUNK_TITLE.fullmatch(known):
        title = known
    text = ""
    starts: dict[int, int] = {}  # page -> where it begins in the text
    for part in body:
        paragraph = normalise_text(part.text.replace("\n", " "))
        if not paragraph:
            continue
        text += "\n\n" if text else ""
        for page, offset in part.starts:
            starts.setdefault(page, len(text) + min(offset, len(paragraph)))
        text += paragraph
    found = article(
        Facts(
            title=title,
            text=text,
            authors=tuple(values.people(facts.get("Author", ""))),
            tags={"created": (facts["CreationDate"],)} if facts.get("CreationDate") else {},
        ),
        place,
        place.origin,
        whole_file=True,
    )
    if isinstance(found, Skipped) or found.text != text:
        return found
    return replace(found, metadata=replace(found.metadata, pages=_begins(starts, pages, len(text))))


def _begins(starts: Mapping[int, int], pages: int, length: int) -> tuple[int, ...]:
    """Return where each page begins; one without text begins where the next one does."""
    begins = [length] * pages
    following = length
    for page in range(pages, 0, -1):
        following = min(starts.get(page, following), following)
        begins[page - 1] = following
    return (0, *begins[1:]) if begins else ()


def _title_places(paragraphs: Sequence["Paragraph"], facts: Mapping[str, str]) -> tuple[int, int]:
    """Return where the headline begins and ends: the tallest lines of the first page, if they are taller than most."""
    usual = _usual_size(paragraphs)
    first = [at for at, part in enumerate(paragraphs) if part.starts[0][0] == paragraphs[0].starts[0][0]]
    tallest = max(paragraphs[at].size for at in first)
    known = normalise_line(facts.get("Title", "")).casefold()
    at = next((at for at in first if known and normalise_line(paragraphs[at].text).casefold() == known), None)
    if at is not None:
        return at, at + 1
    if tallest < _TITLE_SIZE * usual:
        return 0, 0
    at = next(at for at in first if paragraphs[at].size == tallest)
    end = at
    while end < len(paragraphs) and abs(paragraphs[end].size - tallest) < 0.05 * tallest and end - at < 4:
        end += 1
    long = sum(len(part.text) for part in paragraphs[at:end]) > _TITLE_CHARACTERS
    return (0, 0) if long else (at, end)


def _usual_size(paragraphs: Sequence["Paragraph"]) -> float:
    """Return the height of most of the text's lines."""
    by_size = sorted((part.size, len(part.text)) for part in paragraphs)
    half = sum(length for _, length in by_size) / 2
    for size, length in by_size:
        half -= length
        if half <= 0:
            return size
    return by_size[-1][0]
