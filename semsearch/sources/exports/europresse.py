"""Europresse: a page in which every article has a name of its publication, a line of facts, a title and a text."""

import re

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
_ISSUE = re.compile(r"(?<!\s),?\s+(?:no\.?|n°|nº|vol\.?)\s*[0-9].*$", re.IGNORECASE)
_PAGE = re.compile(r"\bp\.\s*(?P<page>[\w-]{1,12})")
_MONTH = re.compile(r"(?<!\w)[^\W\d_]{3,12}\.? [0-9]{4}(?![0-9])")
_WORDS = re.compile(r"\b(?P<length>[0-9][0-9\s.,]{0,20}(?:mots|words|palabras))\b")
_IDENTIFIER = re.compile(r"news[·.]\S{6,60}")
_BYLINE_CHARACTERS = 120


def europresse_documents(page: str) -> list[Document]:
    """Return the documents of a page, none where it is not of this shape."""
    root = parse(bounded(page)[0])
    if root is None:
        return []
    documents: list[Document] = []
    for name in _having(root, _PUBLICATION):
        holder = next((above for above in name.iterancestors() if above.tag in ("article", "td")), None)
        if holder is not None and holder.get("data-read") is None:
            holder.set("data-read", "")
            documents.append(_document(holder, name, len(documents) + 1))
    return documents


def _document(holder: HtmlElement, name: HtmlElement, number: int) -> Document:
    document = Document(number)
    document.outlet = _ISSUE.sub("", _line(name))
    document.title = next((text for title in _TITLES for found in _having(holder, title) if (text := _line(found))), "")
    head = ", ".join(_line(found) for found in _having(holder, "DocHeader"))
    document.page = page["page"] if (page := _PAGE.search(head)) else ""
    months = (found for month in _MONTH.finditer(head) if (found := date_in(month[0])))
    if dated := date_in(head) or next(months, None):
        document.date = dated.date
        head = head.replace(dated.date, ",")
    if words := _WORDS.search(head):
        document.tags["length"] = words["length"]
        head = head.replace(words["length"], ",")
    first = head.split(",")[0].strip()
    if first and not (
        _PAGE.match(first) or _WORDS.match(first) or date_in(f"{first} 3 mai 2024") == ("3 mai 2024", "")
    ):
        document.section = first
    authors = (text for author in _AUTHORS for found in _having(holder, author) if (text := _line(found)))
    document.byline = next((text for text in authors if len(text) <= _BYLINE_CHARACTERS), "")
    whole = _line(holder)
    document.source_id = identifier[0] if (identifier := _IDENTIFIER.search(whole)) else ""
    document.text = _text(holder)
    return document


def _text(holder: HtmlElement) -> str:
    for body in (found for name in _TEXTS for found in _having(holder, name)):
        if text := _flat(body):
            return text
    for name in _ELSEWHERE:
        for found in _having(holder, name):
            found.drop_tree()
    etree.strip_elements(holder, "footer", "aside", "script", "style", with_tail=False)
    return _flat(holder)


def _having(root: HtmlElement, name: str) -> list[HtmlElement]:
    return [element for element in root.iter(etree.Element) if name in (element.get("class") or "").split()]


def _line(element: HtmlElement) -> str:
    return normalise_line(" ".join(element.itertext()))


def _flat(element: HtmlElement) -> str:
    return strip_html(etree.tostring(element, encoding="unicode", method="html", with_tail=False))
