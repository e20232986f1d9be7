"""Europresse: a page on which every article has the name of its publication, a line of facts, a title and a text."""

import re
from collections.abc import Iterator, Sequence

from lxml import etree
from lxml.html import HtmlElement

from semsearch.sources.exports.datelines import date_in
from semsearch.sources.exports.documents import Document
from semsearch.sources.markup.plain_text import strip_html
from semsearch.sources.web.tree import bounded, parse
from semsearch.text import normalise_line

_PUBLICATION = "DocPublicationName"
_TITLES = ("titreArticleVisu", "TitreArticleVisu", "rdp__articletitle", "titreArticle")
_AUTHORS = ("docAuthors", "sm-margin-bottomNews")
_TEXTS = ("docOcurrContainer", "DocText", "docText", "clearfix")
_ELSEWHERE = (
    *(_PUBLICATION, "rdp__DocPublicationName", "DocHeader", *_TITLES, *_AUTHORS, "rdp__subtitle"),
    *("apd-wrapper", "publiC-lblNodoc", "publiCertificat", "apd-sources-date"),
)
_PAGE_END = re.compile(r"</html\s*>", re.IGNORECASE)
_ISSUE = re.compile(r"(?<!\s),?\s+(?:no\.?|n°|nº|vol\.?)\s*[0-9].*$", re.IGNORECASE)
_PAGE = re.compile(r"\bp\.\s*(?P<page>[\w-]{1,12})")
_MONTH = re.compile(r"(?<!\w)[^\W\d_]{3,12}\.? [0-9]{4}(?![0-9])")
_WORDS = re.compile(r"\b(?P<length>[0-9][0-9\s.,]{0,20}(?:mots|words|palabras))\b")
_IDENTIFIER = re.compile(r"news[·.]\S{6,60}")
_NUMBER = re.compile(r"[^\n:]{5,30}:\s*news[·.]\S{6,60}\s*\Z")
_RIGHTS = re.compile(r"©|(?:tous droits|todos los derechos|all rights)\b", re.IGNORECASE)
_BYLINE_CHARACTERS = 120


def europresse_documents(page: str) -> list[Document]:
    """Return the documents of a page, or of several that were put into one file; none for pages of other forms."""
    documents: list[Document] = []
    for one_page in _PAGE_END.split(page):
        root = parse(bounded(one_page)[0]) if _PUBLICATION in one_page else None
        for name in _by_class(root, _PUBLICATION) if root is not None else ():
            holder = next((ancestor for ancestor in name.iterancestors() if ancestor.tag in ("article", "td")), None)
            if holder is not None and holder.get("data-read") is None:
                holder.set("data-read", "")
                documents.append(_document(holder, name, len(documents) + 1))
    return documents


def _document(holder: HtmlElement, name: HtmlElement, number: int) -> Document:
    document = Document(number)
    document.outlet = _ISSUE.sub("", _line_of(name))
    document.title = next(_lines_by_class(holder, _TITLES), "")
    head = ", ".join(_line_of(element) for element in _by_class(holder, "DocHeader"))
    document.page = page["page"] if (page := _PAGE.search(head)) else ""
    months = (date_in(month[0]) for month in _MONTH.finditer(head))
    if date_line := date_in(head) or next(filter(None, months), None):
        document.date = date_line.date
        head = head.replace(date_line.date, ",")
    if words := _WORDS.search(head):
        document.tags["length"] = words["length"]
        head = head.replace(words["length"], ",")
    section = head.split(",")[0].strip()
    is_weekday = date_in(f"{section} 3 mai 2024") == ("3 mai 2024", "")
    if section and not (is_weekday or _PAGE.match(section) or _WORDS.match(section)):
        document.section = section
    authors = _lines_by_class(holder, _AUTHORS)
    document.byline = next((line for line in authors if len(line) <= _BYLINE_CHARACTERS), "") or _take_byline(holder)
    identifier = _IDENTIFIER.search(_line_of(holder))
    document.source_id = identifier[0] if identifier else ""
    document.text = _document_text(holder)
    return document


def _take_byline(holder: HtmlElement) -> str:
    """Take from an older page what stands in a line of its own between the title and the first paragraph."""
    title = next((element for name in _TITLES for element in _by_class(holder, name) if element.tag == "span"), None)
    if title is None:
        return ""
    previous, byline = title, ""
    for element in title.itersiblings():
        if element.tag != "br":
            break
        byline = byline or normalise_line(previous.tail or "")
        previous = element
    else:
        return ""
    if not byline or len(byline) > _BYLINE_CHARACTERS or element.tag != "p" or (previous.tail or "").strip():
        return ""
    for line in title.itersiblings():
        line.tail = "" if line.tag == "br" and normalise_line(line.tail or "") == byline else line.tail
    return byline


def _document_text(holder: HtmlElement) -> str:
    for name in _TEXTS:
        for element in _by_class(holder, name):
            if text := _plain_text(element):
                return text
    for name in _ELSEWHERE:
        for element in _by_class(holder, name):
            element.drop_tree()
    for table in holder.xpath(".//table"):
        if _IDENTIFIER.search(_line_of(table)) or not _line_of(table):
            table.drop_tree()  # the certificate
    etree.strip_elements(holder, "footer", "aside", "script", "style", with_tail=False)
    paragraphs = _plain_text(holder).rstrip().split("\n\n")
    while len(paragraphs) > 1 and (_RIGHTS.match(paragraphs[-1]) or _NUMBER.match(paragraphs[-1])):
        paragraphs.pop()
    return "\n\n".join(paragraphs)


def _lines_by_class(root: HtmlElement, names: Sequence[str]) -> Iterator[str]:
    """Yield the text of each element of some classes, in the order of the classes, without empty ones."""
    return filter(None, (_line_of(element) for name in names for element in _by_class(root, name)))


def _by_class(root: HtmlElement, name: str) -> list[HtmlElement]:
    return [element for element in root.iter(etree.Element) if name in (element.get("class") or "").split()]


def _line_of(element: HtmlElement) -> str:
    return normalise_line(" ".join(element.itertext()))


def _plain_text(element: HtmlElement) -> str:
    return strip_html(etree.tostring(element, encoding="unicode", method="html", with_tail=False))
