"""Nexis Uni and its relatives: title, outlet and date, labels, "Body", the text, "End of Document"."""

import re
from collections.abc import Sequence

from semsearch.sources.exports.datelines import date_in, is_issue
from semsearch.sources.exports.documents import Document, joined
from semsearch.sources.exports.labels import labelled
from semsearch.sources.exports.nexis import take

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
    r"\s*(?:body|hauptteil|textkörper|corps|corps du texte|cuerpo|corpo|hoofdtekst|тело|本文)\s*", re.IGNORECASE
)
_BELOW = re.compile(
    r"\s*(?:classification|klassifizierung|clasificación|classificazione|classificatie|graphic|grafik|graphique|"
    r"gráfico|notes|correction)\s*",
    re.IGNORECASE,
)
_PICTURES = re.compile(r"\s*(?:graphic|grafik|graphique|gráfico)\s*", re.IGNORECASE)
_MOST_CAPTIONS = 3
_LABEL = re.compile(r"\s*[^\W\d_][\w -]{2,30}:(?:\s|$)")
_RIGHTS = re.compile(r"\s*(?:copyright\b|©|\(c\))|.*\ball rights reserved\b", re.IGNORECASE)
_COVER = re.compile(
    r"\s*(?:user name|benutzername|date and time|datum und uhrzeit|date et heure|fecha y hora|job number|jobnummer|"
    r"numéro de tâche|número de trabajo|documents? \(|dokumente? \(|documentos? \(|client/matter|mandant|"
    r"search terms|suchbegriffe|termes de recherche|términos de búsqueda|search type|suchtyp|type de recherche|"
    r"tipo de búsqueda|narrowed by|eingegrenzt|content type|inhaltstyp|-none-|[0-9]{1,4}\.\s)|"
    r".*(?:about lexisnexis|terms\s*&\s*conditions|privacy policy)",
    re.IGNORECASE,
)
_PAGE_NUMBER = re.compile(r"\s*(?:page|seite|página)\s+[0-9]+\s+(?:of|von|de|sur)\s+[0-9]+\s*", re.IGNORECASE)
_LINK = re.compile(r"\s*(?:link|lien|enlace)\b", re.IGNORECASE)
_EDITION_CHARACTERS = 60


def nexis_uni_documents(lines: Sequence[str]) -> list[Document]:
    """Return the documents of an export, none where it is not of this shape."""
    blocks: list[list[str]] = [[]]
    ends: list[str] = []
    for line in lines:
        if _END.fullmatch(line):
            ends.append(line)
            blocks.append([])
        elif not _PAGE_NUMBER.fullmatch(line):
            blocks[-1].append(line)
    whole: list[list[str]] = []
    for before, block in zip(
        ["", *ends], blocks[:-1], strict=False
    ):  # what follows the last end is a list of sources, or nothing
        if _begins_text(block) is None and whole:
            whole[-1] += [before, *block]  # the text had a line like an end
        elif _begins_text(block) is not None:
            whole.append(block)
    documents = [_document(block, number) for number, block in enumerate(whole, 1)]
    # Other texts end with such a line, too.
    told = [document for document in documents if document.date or document.section or document.tags]
    return documents if 2 * len(told) >= len(documents) and 2 * len(documents) >= len(ends) else []


def count_ends(lines: Sequence[str]) -> int:
    """Return how many documents end, by the line that says so."""
    return sum(_END.fullmatch(line) is not None for line in lines)


def _begins_text(block: Sequence[str]) -> int | None:
    """Return the line of "Body", or of the last label of a head that has none."""
    for at, line in enumerate(block):
        if _BODY.fullmatch(line):
            return at
    length = (at for at, line in enumerate(block) if (label := labelled(line)) and label.noun == "length")
    return next(length, None)


def _document(block: Sequence[str], number: int) -> Document:
    document = Document(number)
    body = _begins_text(block) or 0
    head = [line for line in block[:body] if line.strip()]
    if not _BODY.fullmatch(block[body]):
        head.append(block[body])
    labels = next((at for at, line in enumerate(head) if _is_label(line)), len(head))
    for line in head[labels:]:
        if label := labelled(line):
            take(document, label)
    _take_names(document, [line for line in head[:labels] if not _RIGHTS.match(line)])
    text = _without_tail(document, list(block[body + 1 :]))
    document.text = "\n".join(["", document.text, "", *text] if document.text else text)
    return document


def _is_label(line: str) -> bool:
    label = labelled(line)
    return label is not None and label.noun is not None and not _is_cover(line)


def _is_cover(line: str) -> bool:
    """Tell whether a line stands on the list of what was asked for; in German a day may begin like its entries."""
    return bool(_COVER.match(line)) and date_in(line) is None


def _take_names(document: Document, names: list[str]) -> None:
    """Take title, outlet, date and edition from the lines above the labels; before the first there may be a cover."""
    cover = max((at for at, line in enumerate(names) if _is_cover(line)), default=-1)
    dates = [at for at, line in enumerate(names) if at > cover and (found := date_in(line)) and len(found.rest) < 60]
    if not dates:
        names = names[cover + 1 :][-2:] if cover >= 0 else names
        document.date = next(filter(is_issue, names), "")
        names = [name for name in names if name != document.date]
        document.title, document.outlet = (names[0], names[1]) if len(names) > 1 else (*names[:1], *[""] * 2)[:2]
        return
    # A headline may name a day: the date is the last line that is one, with its outlet above.
    at = next((at for at in reversed(dates) if at > cover + 1), dates[-1])
    found = date_in(names[at])
    document.date = found.date if found else ""
    above = names[cover + 1 : at]
    if cover >= 0:
        above = above[-2:]
    half = (len(above) - 1) // 2
    if half and above[:half] == above[half:-1]:  # above it stands the head of its page
        above = above[half:]
    if len(above) > 1:
        document.title, document.outlet = joined(above[:-1]), above[-1]
    elif above:
        document.title = above[0]
    below = [line for line in names[at + 1 :] if len(line) <= _EDITION_CHARACTERS and not _LINK.match(line)]
    if edition := joined([found.rest if found else "", *below]):
        document.tags["edition"] = edition


def _without_tail(document: Document, lines: list[str]) -> list[str]:
    """Take what follows the text off its end: its labels, and the titles of what they are."""
    end = len(lines)
    labels: list[str] = []
    while end:
        line = lines[end - 1]
        if line.strip() and not (_BELOW.fullmatch(line) or (_LABEL.match(line) and labelled(line))):
            break
        labels.append(line)
        end -= 1
    marked = [at for at in range(end) if _PICTURES.fullmatch(lines[at])]
    if marked and sum(bool(line.strip()) for line in lines[marked[-1] + 1 : end]) <= _MOST_CAPTIONS:
        end = marked[-1]
    for line in reversed(labels):
        if (label := labelled(line)) and label.noun != "text":
            take(document, label)
    return lines[:end]
