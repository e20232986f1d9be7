"""ProQuest: documents between rules, "Full text:" and what else is known as labels above and below it."""

import re
from collections.abc import Sequence

from semsearch.sources.exports.datelines import date_in
from semsearch.sources.exports.documents import Document, joined, paragraphs, turned
from semsearch.sources.exports.labels import labelled
from semsearch.sources.exports.nexis import take

MARK = re.compile(
    r"proquest|^[^\S\n]*(?:full text|volltext|texte intégral|text[oe] completo)\s?:", re.IGNORECASE | re.MULTILINE
)
_RULE = re.compile(r"\s*_{20,}\s*")
_NUMBER = re.compile(r"\s*(?:document|dokument|documento)\s+[0-9]+\s+(?:of|von|de|di|sur)\s+[0-9]+\s*", re.IGNORECASE)
_MOST_LINES = 2_000
"""Of a text that has lines like rules."""

_SURE = frozenset(("full text", "volltext", "texte intégral", "texto completo", "testo completo"))
_IDENTIFIED = re.compile(r"proquest", re.IGNORECASE)
_LABEL = re.compile(r"\s*[^\W\d_][\w /().&'-]{1,40}:(?:\s|$)")
"""One that is not known, among others that are."""

_FURNITURE = re.compile(r"\s*enlarge this image\b.{0,40}", re.IGNORECASE)
_INFO = re.compile(r"(?P<outlet>.+?)(?:;|\[|,\s)")


def proquest_documents(lines: Sequence[str]) -> list[Document]:
    """Return the documents of an export, none where it is not of this shape."""
    blocks: list[list[str]] = [[]]
    for line in lines:
        if _RULE.fullmatch(line) or _NUMBER.fullmatch(line):
            blocks.append([line])  # which may be a line of the text
        else:
            blocks[-1].append(line)
    documents: list[Document] = []
    open_block: list[str] = []  # that has a text and nothing below it: the text itself had a line like a rule
    for block in blocks:
        joined_block = [*open_block, *block]
        if document := _document(joined_block, len(documents) + 1):
            documents.append(document)
            open_block = []
        else:
            begun = any((label := labelled(line)) and label.label in _SURE for line in joined_block)
            open_block = joined_block if begun and len(joined_block) < _MOST_LINES else []
    return documents


def _document(block: Sequence[str], number: int) -> Document | None:
    parts = paragraphs(block)
    while parts and (_RULE.fullmatch(parts[0][0]) or _NUMBER.fullmatch(parts[0][0])):
        parts[:1] = [parts[0][1:]] if parts[0][1:] else []
    names = [(labelled(part[0]) or (None,))[0] for part in parts]
    text = next((at for at, name in enumerate(names) if name in _SURE), None)
    below = len(parts)
    while below and (names[below - 1] or _LABEL.match(parts[below - 1][0])) and (text is None or below - 1 > text):
        below -= 1
    below = next((at for at in range(below, len(parts)) if names[at]), len(parts))  # the text may end like a label
    of_proquest = any(name and _IDENTIFIED.search(name) for name in names)
    told = any((label := labelled(part[0])) and label.noun in ("date", "outlet") for part in parts[below:])
    if not told or (text is None and not of_proquest):
        return None
    document = Document(number)
    head = parts[: text if text is not None else below]
    for part in (*parts[below:], *head):  # below the text each is said by itself
        for line in _unwrapped(part):
            if (label := labelled(line)) and label.noun != "text":
                if label.label == "publication info" and not document.outlet:
                    document.outlet = info["outlet"].rstrip() if (info := _INFO.match(label.value)) else label.value
                take(document, label)
    if not document.title:
        document.title = next((joined(part) for part in head if not labelled(part[0])), "")
    if text is not None:
        first = (labelled(parts[text][0]) or ("", None, ""))[2]
        paragraphs_of_text = ([first, *parts[text][1:]], *parts[text + 1 : below])
        document.text = "\n\n".join("\n".join(part) for part in paragraphs_of_text if not _is_furniture(part))
    document.outlet = document.outlet.partition(";")[0].rstrip()  # behind it stands where it appears
    document.byline = "; ".join(turned(name) for name in document.byline.split(";"))
    document.date = found.date if (found := date_in(document.date)) else document.date
    return document


def _is_furniture(part: Sequence[str]) -> bool:
    return len(part) == 1 and _FURNITURE.fullmatch(part[0]) is not None


def _unwrapped(part: Sequence[str]) -> list[str]:
    """Return the labels of a paragraph, each on one line."""
    lines: list[str] = []
    for line in part:
        if labelled(line) or not lines:
            lines.append(line)
        else:
            lines[-1] = joined([lines[-1], line])
    return lines
