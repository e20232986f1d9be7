"""Nexis Uni and its relatives: title, outlet and date, labels, "Body", the text, "End of Document"."""

import re
from collections.abc import Sequence

from semsearch.sources.exports.datelines import date_in, is_date, is_issue
from semsearch.sources.exports.documents import Document, join_lines
from semsearch.sources.exports.labels import read_label
from semsearch.sources.exports.nexis import take_label

MARK = re.compile(
    r"^[^\S\n]*(?:end of|ende des|fin d|fine del|einde van|fim do|конец|ドキュメントの終|文書の終)",
    re.IGNORECASE | re.MULTILINE,
)
_END = re.compile(
    r"\s*(?:end of document|ende des dokuments?|fin du document|fin del documento|fine del documento|"
    r"einde van (?:het )?document|fim do documento|конец документа|ドキュメントの終わり|文書の終わり)\s*",
    re.IGNORECASE,
)
_BODY = re.compile(
    r"\s*(?:body|text|texte|texto|testo|tekst|hauptteil|textkörper|corps|corps du texte|cuerpo|corpo|hoofdtekst|тело|"
    r"本文)\s*",
    re.IGNORECASE,
)
_BELOW = re.compile(
    r"\s*(?:classification|klassifizierung|clasificación|classificazione|classificação|classificatie|graphic|grafik|"
    r"graphique|gráfico|grafico|grafiek|notes|correction)\s*",
    re.IGNORECASE,
)
_PICTURES = re.compile(r"\s*(?:graphic|grafik|graphique|gráfico|grafico|grafiek)\s*", re.IGNORECASE)
_MOST_CAPTIONS = 3
_LABEL = re.compile(r"\s*[^\W\d_][\w -]{2,30}:(?:\s|$)")
_RIGHTS = re.compile(r"\s*(?:copyright\b(?![^:?!]*[:?!])|©|\(c\))|.*\ball rights reserved\b", re.IGNORECASE)
_COVER = re.compile(
    r"\s*(?:user name|benutzername|date and time|datum und uhrzeit|date et heure|fecha y hora|job number|jobnummer|"
    r"numéro de tâche|número de trabajo|documents? \(|dokumente? \(|documentos? \(|client/matter|mandant|"
    r"search terms|suchbegriffe|termes de recherche|términos de búsqueda|search type|suchtyp|type de recherche|"
    r"tipo de búsqueda|narrowed by|eingegrenzt|content type|inhaltstyp|-none-|[0-9]{1,4}\.\s)|"
    r".*(?:about lexisnexis|terms\s*&\s*conditions|privacy policy)",
    re.IGNORECASE,
)
_PAGE_NUMBER = re.compile(r"\s*(?:page|seite|página)\s+[0-9]+\s+(?:of|von|de|sur)\s+[0-9]+\s*", re.IGNORECASE)
_ERROR = re.compile(r"\bthere is an error in this document\b")
"""Stands in the place of a document that the archive could not write."""

_ERROR_REACH = 6
_HEAD_NOUNS = frozenset(("byline", "section", "page", "subtitle", "dateline", "edition"))
_CORRECTED = re.compile(r"\s*correction appended\s*$", re.IGNORECASE)
_LINK = re.compile(r"\s*(?:link|lien|enlace)\b", re.IGNORECASE)
_EDITION_CHARACTERS = 60


def nexis_uni_documents(lines: Sequence[str]) -> list[Document]:
    """Return the documents of an export, none where it does not have this form."""
    blocks: list[list[str]] = [[]]
    ends: list[str] = []
    for line in lines:
        if _END.fullmatch(line):
            ends.append(line)
            blocks.append([])
        elif not _PAGE_NUMBER.fullmatch(line):
            blocks[-1].append(line)
    whole_blocks: list[list[str]] = []
    # After the last end there is a list of sources, or nothing.
    for end_above, block in zip(["", *ends], blocks[:-1], strict=False):
        if _body_start(block) is not None or _ERROR.search("\n".join(block[:_ERROR_REACH])):
            whole_blocks.append(block)
        elif whole_blocks:
            whole_blocks[-1] += [end_above, *block]  # the text had a line like an end
    documents = [_document(block, number) for number, block in enumerate(whole_blocks, 1)]
    # Texts that are not exports may also end with such a line.
    with_facts = [document for document in documents if document.date or document.section or document.tags]
    return documents if 2 * len(with_facts) >= len(documents) and 2 * len(documents) >= len(ends) else []


def count_ends(lines: Sequence[str]) -> int:
    """Return the number of documents, by the lines that end them."""
    return sum(_END.fullmatch(line) is not None for line in lines)


def _body_start(block: Sequence[str]) -> int | None:
    """Return the index of the line "Body", else of the last label of the head, or None where there is neither."""
    bodies = [index for index, line in enumerate(block) if _BODY.fullmatch(line)]
    if bodies:  # a headline may be one, too
        first_label = next((index for index, line in enumerate(block) if _is_label(line)), 0)
        return next((index for index in bodies if index > first_label), bodies[0])
    labels = [(index, label) for index, line in enumerate(block) if (label := read_label(line))]
    end = next((index for index, label in labels if label.noun == "length"), None)
    if end is None:
        return None
    for index, label in labels:
        if index > end:
            if label.noun not in _HEAD_NOUNS or any(line.strip() for line in block[end + 1 : index]):
                break
            end = index
    return end


def _document(block: Sequence[str], number: int) -> Document:
    document = Document(number)
    body = _body_start(block)
    if body is None:
        return document
    head = [line for line in block[:body] if line.strip()]
    if not _BODY.fullmatch(block[body]):
        head.append(block[body])
    rights = [index for index, line in enumerate(head) if _RIGHTS.match(line)]
    above = rights[-1] if rights else 0  # a headline may look like a label
    labels_start = next((index for index in range(above, len(head)) if _is_label(head[index])), len(head))
    for label in filter(None, map(read_label, head[labels_start:])):
        take_label(document, label)
    _take_names(document, [line for line in head[:labels_start] if not (_RIGHTS.match(line) or _CORRECTED.match(line))])
    text = _without_tail(document, list(block[body + 1 :]))
    document.text = "\n".join(["", document.text, "", *text] if document.text else text)
    return document


def _is_label(line: str) -> bool:
    label = read_label(line)
    return label is not None and label.noun is not None and not _is_cover(line)


def _is_cover(line: str) -> bool:
    """Tell whether a line is of the cover with the search request; German dates may begin like its entries."""
    return bool(_COVER.match(line)) and date_in(line) is None


def _take_names(document: Document, names: list[str]) -> None:
    """Take title, outlet, date and edition from the lines above the labels, after a cover if there is one."""
    covers = [index for index, line in enumerate(names) if _is_cover(line)]
    names = names[covers[-1] + 1 :] if covers else names
    date_lines = [date_in(line) for line in names]
    dates = [index for index, date_line in enumerate(date_lines) if date_line and len(date_line.rest) < 60]
    if not dates:
        names = names[-2:] if covers else names
        document.date = next(filter(is_issue, names), "")
        document.title, document.outlet, *_ = *(name for name in names if name != document.date), "", ""
        return
    # A headline may contain a date: the document's date is the last one, with the outlet above.
    index = dates[-1]
    date_line = date_lines[index]
    document.date = date_line.date if date_line else ""
    above = names[:index]
    if covers:
        above = above[-2:]
    half = (len(above) - 1) // 2
    if half and above[:half] == above[half:-1]:  # the page's header is above the title
        above = above[half:]
    if len(above) > 1:
        document.title, document.outlet = join_lines(above[:-1]), above[-1]
    elif above:
        document.title = above[0]
    below = [line for line in names[index + 1 :] if len(line) <= _EDITION_CHARACTERS and not _LINK.match(line)]
    if edition := join_lines([date_line.rest if date_line else "", *below]):
        document.tags["edition"] = edition


def _without_tail(document: Document, lines: list[str]) -> list[str]:
    """Return a text without what follows it: labels, which the document takes, and their headings."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or _BELOW.fullmatch(lines[end - 1]) or _LABEL.match(lines[end - 1])):
        end -= 1
    # An unknown label is one among known ones, or says when the document was loaded.
    while end < len(lines) and not _begins_tail(lines[end]):
        end += 1
    labels = lines[end:]
    picture_lines = [index for index in range(end) if _PICTURES.fullmatch(lines[index])]
    if picture_lines and sum(bool(line.strip()) for line in lines[picture_lines[-1] + 1 : end]) <= _MOST_CAPTIONS:
        end = picture_lines[-1]
    for line in labels:
        if (label := read_label(line)) and label.noun != "text":
            take_label(document, label)
    return lines[:end]


def _begins_tail(line: str) -> bool:
    """Tell whether a line is a heading or a known label below a text, or an unknown one with a date."""
    if _BELOW.fullmatch(line):
        return True
    return _LABEL.match(line) is not None and (read_label(line) is not None or is_date(line.partition(":")[2]))
