"""ProQuest: documents between rules, with "Full text:" and labels for all facts, above and below the text."""

import re
from collections.abc import Sequence

from semsearch.sources.exports.datelines import date_in
from semsearch.sources.exports.documents import Document, given_name_first, join_lines, paragraphs
from semsearch.sources.exports.labels import read_label
from semsearch.sources.exports.nexis import take_label

MARK = re.compile(
    r"proquest|^[^\S\n]*(?:full text|volltext|texte intégral|text[oe] completo)\s?:", re.IGNORECASE | re.MULTILINE
)
_RULE = re.compile(r"\s*_{20,}\s*")
_NUMBER = re.compile(r"\s*(?:document|dokument|documento)\s+[0-9]+\s+(?:of|von|de|di|sur)\s+[0-9]+\s*", re.IGNORECASE)
_LEAST_PARTS = 3
"""Paragraphs of a document; its labels alone are more."""

_MOST_LINES = 2_000
"""Of a document whose text has lines like rules."""

_TEXT_LABELS = frozenset(("full text", "volltext", "texte intégral", "texto completo", "testo completo"))
_IDENTIFIED = re.compile(r"proquest", re.IGNORECASE)
_LABEL = re.compile(r"\s*[^\W\d_][\w /().&'-]{1,40}:(?:\s|$)")
"""An unknown label among known ones."""

_FURNITURE = re.compile(r"\s*enlarge this image\b.{0,40}", re.IGNORECASE)
_NOTHING = re.compile(
    r"\s*(?:not available|none available|nicht verfügbar|non? disponible|non disponibile|não disponível)\.?\s*",
    re.IGNORECASE,
)
_INFO = re.compile(r"(?P<outlet>.+?)(?:;|\[|,\s)")


def proquest_documents(lines: Sequence[str]) -> list[Document]:
    """Return the documents of an export, none where it does not have this form."""
    blocks: list[list[str]] = [[]]
    for line in lines:
        if _RULE.fullmatch(line) or _NUMBER.fullmatch(line):
            blocks.append([line])  # kept, as it may be a line of the text
        else:
            blocks[-1].append(line)
    documents: list[Document] = []
    unfinished: list[str] = []  # has a text but nothing below it: the text itself has a line like a rule
    for block in blocks:
        lines_so_far = [*unfinished, *block]
        if document := _document(lines_so_far, len(documents) + 1):
            documents.append(document)
            unfinished = []
        else:
            has_text = any((label := read_label(line)) and label.label in _TEXT_LABELS for line in lines_so_far)
            unfinished = lines_so_far if has_text and len(lines_so_far) < _MOST_LINES else []
    return documents


def _document(block: Sequence[str], number: int) -> Document | None:
    parts = paragraphs(block)
    if len(parts) < _LEAST_PARTS:  # blank lines were lost
        parts = [[line] for line in block if line.strip()]
    while parts and (_RULE.fullmatch(parts[0][0]) or _NUMBER.fullmatch(parts[0][0])):
        parts[:1] = [parts[0][1:]] if parts[0][1:] else []
    labels = [read_label(part[0]) for part in parts]
    names = [label.label if label else None for label in labels]
    text_index = next((index for index, name in enumerate(names) if name in _TEXT_LABELS), None)
    below = len(parts)
    while (
        below
        and (names[below - 1] or _LABEL.match(parts[below - 1][0]))
        and (text_index is None or below - 1 > text_index)
    ):
        below -= 1
    while below < len(parts) and not names[below]:
        below += 1  # the text may end like a label
    of_proquest = any(name and _IDENTIFIED.search(name) for name in names)
    has_facts = any(label and label.noun in ("date", "outlet") for label in labels[below:])
    if not has_facts or (text_index is None and not of_proquest):
        return None
    document = Document(number)
    head = parts[: text_index if text_index is not None else below]
    for part in (*parts[below:], *head):  # below the text, each fact has a line of its own
        for line in _unwrap_labels(part):
            if (label := read_label(line)) and label.noun != "text":
                if label.label == "publication info" and not document.outlet:
                    document.outlet = info["outlet"].rstrip() if (info := _INFO.match(label.value)) else label.value
                take_label(document, label)
    if not document.title:
        document.title = next((join_lines(part) for part in head if not read_label(part[0])), "")
    if text_index is not None:
        label = read_label(parts[text_index][0])
        first_part = [label.value if label else "", *parts[text_index][1:]]
        text_parts = (part for part in (first_part, *parts[text_index + 1 : below]) if not _is_furniture(part))
        full_text = "\n\n".join("\n".join(part) for part in text_parts)
        document.text = document.text if _NOTHING.fullmatch(full_text) else full_text  # an abstract is better
    if _NOTHING.fullmatch(document.text):
        document.text = ""
    document.outlet = document.outlet.partition(";")[0].rstrip()  # its place of publication follows
    document.byline = "; ".join(given_name_first(name) for name in document.byline.split(";"))
    document.date = date_line.date if (date_line := date_in(document.date)) else document.date
    return document


def _is_furniture(part: Sequence[str]) -> bool:
    return len(part) == 1 and _FURNITURE.fullmatch(part[0]) is not None


def _unwrap_labels(part: Sequence[str]) -> list[str]:
    """Return the labels of a paragraph with their values, each as one line."""
    lines: list[str] = []
    for line in part:
        if read_label(line) or not lines:
            lines.append(line)
        else:
            lines[-1] = join_lines([lines[-1], line])
    return lines
