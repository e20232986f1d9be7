"""Reads web pages, some of which are exports of several articles."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO

from semsearch.ports import Place
from semsearch.sources.exports.documents import Document, articles_of
from semsearch.sources.markup.plain_text import strip_html
from semsearch.sources.web.reader import MOST_BYTES, read_web_page
from semsearch.types import Article, Skipped

_MARKS = re.compile(
    rb"articleParagraph|[0-9a-z]Headline[\"']|DocPublicationName|ProQuest|proquest|"
    rb"(?i:[0-9]\s+(?:of|von|de|van|\xd0\xb8\xd0\xb7)\s+[0-9]+\s+DO[CK]UMENT)|(?i:document\s+[0-9]+\s+(?:of|de|di|von)\s+[0-9])|"
    rb"(?i:dokument\s+[0-9]+\s+von\s+[0-9])|(?i:>\s*end of document\s*<)|(?i:>\s*ende des dokuments?\s*<)|"
    rb"(?i:>\s*(?:fin du document|fin del documento|einde van)\b)|"
    rb">\s*(?:Document|Dokument|Documento)\s+[A-Z][A-Z0-9]{3,12}[0-9]{8}|"
    rb">\s*(?:LOAD-DATE|PUBLICATION-TYPE|TYPE-PUBLICATION)\s?:|"  # LexisNexis without numbers
    rb"class=\"topic-list\"[^<>]{0,80}>No\.<|"  # Japanese archives: the heading of a row, or its number
    rb"class=\"contentsTable\"[^<>]{0,80}>\s{0,40}(?:<tbody>\s{0,40})?<tr>\s{0,40}<th[^<>]{0,80}>[0-9]{1,5}<|"
    rb"\^(?:\xc4\xd2|\xd0\x94\xd0\xa2|\xe4\xf4):"  # a Russian one: the label of the date, in its encodings
)
_CLASSED = {
    "HD": re.compile(r"<(?P<tag>span|div|b|p|h[1-6])\b(?=[^<>]*\bclass=[\"'][^\"'<>]*Headline\b)[^<>]*>"),
    "BY": re.compile(r"<(?P<tag>span|div|p)\b(?=[^<>]*\bclass=[\"']author[\"'])[^<>]*>"),
}
_OWN_TAGS = re.compile(r"</?DOC(?:FULL|S)?\b[^<>]*>", re.IGNORECASE)
_PRE = re.compile(r"<pre\b[^<>]*>(?P<text>(?:[^<]|<(?!/?pre\b))*+)</pre\s*>", re.IGNORECASE)
_WRAP = re.compile(r"\n(?=\S)")
"""The end of a line within a paragraph, where paragraphs are indented."""

_RULE = re.compile(r"<hr\b[^<>]*>", re.IGNORECASE)


def read_page(stream: BinaryIO, place: Place) -> Iterator[Article | Skipped]:
    """Yield the articles of an export, or the one article of a page."""
    raw = stream.read(MOST_BYTES + 1)
    documents = _documents(raw, place) if len(raw) <= MOST_BYTES and _MARKS.search(raw) else []
    if isinstance(documents, str):
        yield Skipped(place.origin, documents)
    elif documents:
        yield from articles_of(documents, place)
    else:
        yield from read_web_page(BytesIO(raw), place)


def _documents(raw: bytes, place: Place) -> list[Document] | str:
    """Return the documents of a page; or, where it surely has several that cannot be separated, the reason."""
    # Slow to import, like everything that reads pages, so only once there is one.
    from semsearch.sources.exports.europresse import europresse_documents
    from semsearch.sources.exports.recognition import advice, documents_of, evidence_of_ends
    from semsearch.sources.web.charset import decode_page

    page = decode_page(raw, place.charset).text
    if "DocPublicationName" in page and (from_europresse := europresse_documents(page)):
        return from_europresse
    lines = page_lines(page)
    documents, _ = documents_of(lines)
    if documents:
        return documents
    return advice(evidence) if (evidence := evidence_of_ends(lines)) else []


def page_lines(page: str) -> list[str]:
    """Return the lines of a page's text; Factiva's classes become the codes that it uses elsewhere."""
    page = _RULE.sub(f"<p>{'_' * 40}</p>", _OWN_TAGS.sub("", page))
    page = _PRE.sub(lambda match: f"<p>{_WRAP.sub(' ', match['text'])}</p>".replace("\n", "</p>\n<p>"), page)
    for code, tag in _CLASSED.items():
        page = tag.sub(rf"<\g<tag>>{code} | ", page)
    return strip_html(page).split("\n")
