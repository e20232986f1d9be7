"""Reads PDFs with text: each file is an article that knows where its pages begin, or an export with several."""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

from semsearch.errors import SourceError
from semsearch.ports import Place
from semsearch.sources.documents.needed import needed
from semsearch.sources.exports.documents import articles_of
from semsearch.sources.exports.recognition import advice, documents_of, evidence_of_several
from semsearch.sources.facts import values
from semsearch.sources.facts.article import Facts, article
from semsearch.text import normalise_line, normalise_text
from semsearch.types import Article, Skipped

if TYPE_CHECKING:
    from semsearch.sources.documents.layout import LayoutLine, Paragraph
    from semsearch.sources.documents.pdfium import PdfPage

MOST_BYTES = 512 * 2**20

DEADLINE = 300.0
"""Seconds for one file; the pages read by then are kept."""

_SCAN = "a scan, without text: recognise its text first, for example with ocrmypdf OLD NEW"
_TITLE_SIZE = 1.25
"""Times the usual height of lines; a headline on the first page is at least so tall."""

_TITLE_CHARACTERS = 300
_JUNK_TITLE = re.compile(
    r"(?:microsoft (?:word|powerpoint)\b.*|untitled.*|.*\.(?:docx?|indd|qxd|pdf|odt|rtf)|[\d\W_]*)", re.IGNORECASE
)


def read_pdf(stream: BinaryIO, place: Place) -> Iterator[Article | Skipped]:
    """Yield the articles of a PDF, and what of it was lost."""
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
    plain = [line for paragraph in paragraphs for line in (paragraph.text, "")]
    # Some exports are recognised by their paragraphs, some by their lines.
    documents, left_out = documents_of(plain)
    if not documents:
        documents, left_out = documents_of([line.text for line in lines])
    if documents:
        yield from articles_of(documents, place)
        if left_out:
            yield Skipped(place.origin, left_out)
    elif evidence := evidence_of_several(plain):
        yield Skipped(place.origin, advice(evidence))
    else:
        yield _article(paragraphs, facts, len(pages), place)
    yield from _lost_pages(pages, lines, paper.pages, place)


def _until_deadline(pages: Iterator["PdfPage | None"]) -> Iterator["PdfPage | None"]:
    end = time.monotonic() + DEADLINE
    for page in pages:
        yield page
        if time.monotonic() > end:
            return


def _lost_pages(
    pages: Sequence["PdfPage | None"], lines: Sequence["LayoutLine"], total: int, place: Place
) -> Iterator[Skipped]:
    """Yield a report of the pages that are not in the text, for each reason."""
    if len(pages) < total:
        yield Skipped(place.origin, f"only {len(pages):,} of {total:,} pages were read within {DEADLINE:.0f} s")
    with_text = {line.page for line in lines}
    damaged = [number for number, page in enumerate(pages, 1) if page is None]
    scans = [number for number, page in enumerate(pages, 1) if page and page.images and number not in with_text]
    for fault, numbers in (("damaged", damaged), ("scans, without text", scans)):
        if numbers:
            page_list = ", ".join(map(str, numbers[:10])) + (", …" if len(numbers) > 10 else "")
            yield Skipped(place.origin, f"{fault}: {'page' if len(numbers) == 1 else 'pages'} {page_list}")


def _article(
    paragraphs: Sequence["Paragraph"], facts: Mapping[str, str], pages: int, place: Place
) -> Article | Skipped:
    start, end = _title_span(paragraphs, facts)
    title = normalise_line(" ".join(part.text for part in paragraphs[start:end]))
    body = [*paragraphs[:start], *paragraphs[end:]] or list(paragraphs)
    claimed_title = normalise_line(facts.get("Title", ""))
    if not title and len(claimed_title) <= _TITLE_CHARACTERS and not _JUNK_TITLE.fullmatch(claimed_title):
        title = claimed_title
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
    authors = tuple(values.people(facts.get("Author", "")))
    tags = {"created": (facts["CreationDate"],)} if facts.get("CreationDate") else {}
    document = Facts(title=title, text=text, authors=authors, tags=tags)
    pageless = article(document, place, place.origin, whole_file=True)
    if isinstance(pageless, Skipped) or pageless.text != text:
        return pageless
    return replace(pageless, metadata=replace(pageless.metadata, pages=_page_starts(starts, pages, len(text))))


def _page_starts(starts: Mapping[int, int], pages: int, length: int) -> tuple[int, ...]:
    """Return the offset in the text where each page begins; a page without text begins where the next one does."""
    begins = [length] * pages
    following = length
    for page in range(pages, 0, -1):
        following = min(starts.get(page, following), following)
        begins[page - 1] = following
    return (0, *begins[1:]) if begins else ()


def _title_span(paragraphs: Sequence["Paragraph"], facts: Mapping[str, str]) -> tuple[int, int]:
    """Return the start and end of the headline's paragraphs: those with the claimed title, or the first page's tallest.

    (0, 0) where the tallest lines are not taller than most, or too long for a headline.
    """
    first_page = [part for part in paragraphs if part.starts[0][0] == paragraphs[0].starts[0][0]]
    claimed_title = normalise_line(facts.get("Title", "")).casefold()
    for index, part in enumerate(first_page):
        if claimed_title and normalise_line(part.text).casefold() == claimed_title:
            return index, index + 1
    sizes = [part.size for part in first_page]
    tallest = max(sizes)
    if tallest < _TITLE_SIZE * _usual_size(paragraphs):
        return 0, 0
    start = end = sizes.index(tallest)
    while end < len(paragraphs) and abs(paragraphs[end].size - tallest) < 0.05 * tallest and end - start < 4:
        end += 1
    is_long = sum(len(part.text) for part in paragraphs[start:end]) > _TITLE_CHARACTERS
    return (0, 0) if is_long else (start, end)


def _usual_size(paragraphs: Sequence["Paragraph"]) -> float:
    """Return the median height of the text's lines, by their length."""
    by_size = sorted((part.size, len(part.text)) for part in paragraphs)
    half = sum(length for _, length in by_size) / 2
    for size, length in by_size:
        half -= length
        if half <= 0:
            return size
    return by_size[-1][0]
