"""LexisNexis as text: documents below "1 of 2 DOCUMENTS", with labels in capitals above and below the text.

Covers all exports that number documents so, in any language of the interface: "Dokument 1 von 2".
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from semsearch.sources.exports.datelines import DateLine, date_in, is_date, is_issue
from semsearch.sources.exports.documents import Document, join_lines, paragraphs
from semsearch.sources.exports.labels import LabelledLine, labels_of, read_label

_WORD = (
    r"(?:documents?|dokumente?n?|documentos?|documenti|documento|documenten|dokumenter?|dokumenti|документ(?:а|ов|ы)?|"
    r"articles?|artikel|artículos?)"
)
_OF = r"(?:of|von|de|di|do|van|af|av|z|из|sur)"
MARK = re.compile(
    rf"^[^\S\n]*(?:(?:{_WORD}\s+)?[0-9]{{1,6}}\s+{_OF}\s+[0-9]|(?:{'|'.join(labels_of('length'))})\s?:\s*[0-9])",
    re.IGNORECASE | re.MULTILINE,
)
_NUMBER = re.compile(
    rf"\s*(?:(?P<before>{_WORD})\s+)?(?P<number>[0-9]{{1,6}})\s+{_OF}\s+(?P<total>[0-9]{{1,6}})(?:\s+(?P<behind>{_WORD}))?\s*",
    re.IGNORECASE,
)
_EDITION = re.compile(
    r"\b(?:edition|ausgabe|édition|edición|edizione|editie|edição|final|late|early|correction appended|выпуск)\b",
    re.IGNORECASE,
)
_EDITION_CHARACTERS = 60
_RIGHTS = re.compile(
    r"\s*(?:copyright\b(?![^:?!]*[:?!])|©|\(c\)|all rights reserved|alle rechte vorbehalten|tous droits réservés|"
    r"todos (?:los derechos|os direitos)|tutti i diritti|alle rechten)",
    re.IGNORECASE,
)
_RESERVED = re.compile(
    r"reserved|vorbehalten|réservés|reservados|riservati|voorbehouden|\b(?:inc|ltd|co|llc)\.$", re.IGNORECASE
)
_COVER = re.compile(
    r"\s*(?:(?:(?:download|print|email) request|time of request|[\w-]*anforderung)\s*|demande[\w ]*):", re.IGNORECASE
)
_COVER_END = re.compile(r"\b(?:project id|projekt-id|id projet)\s*:", re.IGNORECASE)
_HEAD_REACH = 14
"""Lines below a number within which most documents have a date or a label."""

_UNKNOWN_REACH = 4
"""Paragraphs from an unknown label of a head to a known one."""

_NEAREST = 8
"""Of these, the lines that are looked at, without blank ones."""

_WINDOW = 500
"""Later number lines that are compared with one."""

_SHORT = 80
_CAPITALS = re.compile(r"\s*(?P<label>[^\W\d_][^\W\d_ /-]*(?:[ /-][^\W\d_]+){0,3}):(?:\s+(?P<value>.*)|\s*)")
"""A label in capitals of which nothing is known."""

_TAIL_CHARACTERS = {"language": 60, "load-date": 60, "update": 60}
_HEAD_NOUNS = frozenset(("title", "subtitle", "byline", "section", "length", "text", "dateline", "edition", "page"))
_TITLES = labels_of("title")
_LENGTHS = labels_of("length")
_TAIL_LEAST = 2
"""Labels in capitals one below the other, as below the text of a document and nowhere else."""

_NEVER_TAIL = frozenset(("title", "text", "byline"))


class _NumberLine(NamedTuple):
    """A line that numbers a document."""

    line: int  # its index
    number: int
    total: int
    signs: int  # number of dates and labels in the lines below


def nexis_documents(lines: Sequence[str]) -> list[Document]:
    """Return the documents of an export, none where it does not have this form."""
    if marks := _number_lines(lines):
        limits = pairwise([*(mark.line for mark in marks), len(lines)])
        blocks = [_without_cover(paragraphs(lines[start + 1 : end])) for start, end in limits]
        numbers = [mark.number for mark in marks]
    else:
        blocks = _unnumbered_blocks(paragraphs(lines))
        numbers = list(range(1, len(blocks) + 1))
    # Where documents have no labels, one that seems to have some has a sentence that begins like a label.
    with_labels = 2 * sum(any(map(_is_head_part, block)) for block in blocks) >= len(blocks)
    counts = Counter[str]()
    for block in blocks:
        counts.update({_label_name(part[0]) for part in block if _is_head_part(part)})
    usual = frozenset(name for name, count in counts.items() if name.isascii() or 2 * count >= len(blocks))
    documents = [
        _document(block, number, usual if with_labels else frozenset())
        for number, block in zip(numbers, blocks, strict=True)
    ]
    dated = sum(bool(document.date) for document in documents)
    return documents if marks or 2 * dated >= len(documents) else []


def _unnumbered_blocks(parts: list[list[str]]) -> list[list[list[str]]]:
    """Return the paragraphs of each document where none has a number: each ends in several labels and rights."""
    blocks: list[list[list[str]]] = []
    start = 0
    if parts and _COVER.match(parts[0][0]):
        start = next((number for number, part in enumerate(parts, 1) if _COVER_END.search(part[-1])), 0)
    index = start
    while index < len(parts):
        end = index
        while end < len(parts) and (_is_tail(parts[end]) or (end > index and _is_unknown_label(parts[end]))):
            end += 1
        if end - index >= _TAIL_LEAST and not any(_label_name(part[0]) in _LENGTHS for part in parts[index:end]):
            while end < len(parts) and all(map(_RIGHTS.match, parts[end])):
                end += 1
            blocks.append(parts[start:end])
            start = end
        index = max(end, index + 1)
    blocks += [parts[start:]] if blocks and start < len(parts) else []
    lengths = [sum(_is_head_part(part) and _label_name(part[0]) in _LENGTHS for part in block) for block in blocks]
    return blocks if set(lengths) == {1} else []


def _label_name(line: str) -> str:
    label = read_label(line)
    return label.label if label else ""


def _without_cover(block: list[list[str]]) -> list[list[str]]:
    """Return a document without the cover of the next export after it."""
    covers = (index for index, part in enumerate(block) if index and _COVER.match(part[0]))
    return block[: next(covers, None)]


def _number_lines(lines: Sequence[str]) -> list[_NumberLine]:
    """Return the lines that number documents: of one total in rising order, each above what may be a document."""
    candidates = [mark for index, line in enumerate(lines) if (mark := _read_number_line(lines, index, line))]
    marks: list[_NumberLine] = []
    for index, mark in enumerate(candidates):
        if _has_rival(candidates, index):
            continue
        previous = marks[-1] if marks else mark._replace(number=mark.number - 1)
        if mark.total == previous.total and mark.number > previous.number:
            between = range(previous.number + 1, mark.number)
            window = candidates[index + 1 : index + _WINDOW]
            if not any(later.total == previous.total and later.number in between for later in window):
                marks.append(mark)
        elif mark.number == 1 and mark.signs:
            marks.append(mark)  # several exports in one file
    return marks if 2 * sum(mark.signs > 0 for mark in marks) >= len(marks) else []


def _has_rival(candidates: Sequence[_NumberLine], index: int) -> bool:
    """Tell whether the same number is repeated before any other, above more signs of a head."""
    mark = candidates[index]
    for later in candidates[index + 1 : index + _WINDOW]:
        if later.total == mark.total:
            if later.number != mark.number:
                return False
            if later.signs > mark.signs:
                return True
    return False


def _read_number_line(lines: Sequence[str], index: int, line: str) -> _NumberLine | None:
    """Return what a line says if it numbers a document and is apart from text, else None."""
    match = _NUMBER.fullmatch(line) if len(line) <= 120 else None
    if not match or not (match["before"] or match["behind"]):
        return None
    neighbours = (lines[index - 1] if index else "", lines[index + 1] if index + 1 < len(lines) else "")
    head = [_is_head_line(below) for below in _lines_below(lines, index)]
    is_apart = not any(neighbour.strip() for neighbour in neighbours) or any(head[:4])
    return _NumberLine(index, int(match["number"]), int(match["total"]), sum(head)) if is_apart else None


def _lines_below(lines: Sequence[str], index: int) -> list[str]:
    """Return the first lines below a number that are not blank."""
    return [below for below in lines[index + 1 : index + 2 * _HEAD_REACH] if below.strip()][:_NEAREST]


def _is_head_line(line: str) -> bool:
    return date_in(line) is not None or read_label(line) is not None


def _document(block: Sequence[list[str]], number: int, labels: frozenset[str]) -> Document:
    """Return a document.

    Args:
        labels: the labels in the heads of this export.
    """
    document = Document(number)
    parts = _take_tail(document, [part for part in block if not _is_page_number(part)])
    unlabelled: list[list[str]] = []
    has_date = in_labels = False
    nouns: set[str | None] = set()
    # Where headlines have no label, nothing but these follows the length.
    below_length = None if labels & _TITLES else frozenset(("subtitle", "dateline", "text"))
    while parts:
        part = parts[0]
        label = read_label(part[0])
        if label and below_length and "length" in nouns and label.noun not in below_length:
            break
        if label and label.label in labels and _is_head(label, part[0]) and label.noun not in nouns:
            nouns.add(label.noun)
            in_labels = True
            parts.pop(0)
            if label.noun == "text":
                text_lines = [line for line in (label.value, *part[1:]) if line.strip()]
                parts = [text_lines, *parts] if text_lines else parts
                break
            for head_label in _labels_of(part):
                take_label(document, head_label)
        elif in_labels:
            if not (_is_unknown_label(part) and any(map(_is_head_part, parts[1:_UNKNOWN_REACH]))):
                break
            parts.pop(0)
        elif not has_date and (date_line := _date_of(part)):
            has_date = True
            document.date = date_line.date
            _take_outlet(document, date_line, unlabelled, part)
            unlabelled = []
            parts.pop(0)
        elif _is_rights(part):
            parts[:1] = [part[1:]] if part[1:] else []  # the outlet may be below
        elif has_date and not unlabelled and _is_edition(part, document.tags.get("edition", "")):
            document.tags["edition"] = join_lines([document.tags.get("edition", ""), *part])
            parts.pop(0)
        else:
            is_text = len(unlabelled) > (not has_date) or len(join_lines(part)) > 2 * _SHORT
            if is_text and not (labels and any(map(_is_head_part, parts[:_HEAD_REACH]))):
                break  # no label marks the beginning of the text, so it follows the headline
            unlabelled.append(part)
            parts.pop(0)
    _take_headline(document, unlabelled, has_date)
    document.text = "\n\n".join([document.text, *("\n".join(part) for part in parts)]).strip("\n")
    return document


def take_label(document: Document, label: LabelledLine) -> None:
    """Give a document the value of a label, where it does not have that fact yet."""
    noun, value = label.noun, label.value
    if noun in ("title", "byline", "section", "page", "language", "url", "source_id", "outlet"):
        if not getattr(document, noun):
            setattr(document, noun, value)
    elif noun == "date":
        document.date = document.date or (date_line.date if (date_line := date_in(value)) else value)
    elif noun == "topics":
        document.topics = [*document.topics, *(topic.strip() for topic in re.split(r"[;|；]", value) if topic.strip())]
    elif noun in ("subtitle", "abstract"):
        document.text = document.text or value
    elif noun != "text" and value:
        document.tags.setdefault(noun or label.label, value)


def _labels_of(part: Sequence[str]) -> Iterator[LabelledLine]:
    """Yield the labels of a paragraph; a line without a label continues the value above it."""
    current: LabelledLine | None = None
    for line in part:
        if label := read_label(line):
            if current:
                yield current
            current = label
        elif current:
            current = current._replace(value=join_lines([current.value, line]))
    if current:
        yield current


def _take_tail(document: Document, parts: list[list[str]]) -> list[list[str]]:
    """Return a document's parts without the labels, which it takes, and rights at its end."""
    tail_labels: list[LabelledLine] = []
    while len(parts) > 1 and _is_rights(parts[-1]):
        parts = parts[:-1]
    end = start = len(parts)
    while start > 1 and (_is_tail(parts[start - 1]) or _is_unknown_label(parts[start - 1])):
        start -= 1
    # An unknown label is one among known ones, or says when the document was loaded.
    while start < end and not (_is_tail(parts[start]) or is_date(parts[start][0].partition(":")[2])):
        start += 1
    for part in parts[start:]:
        tail_labels += _labels_of(part)
    parts = parts[:start]
    for label in tail_labels:
        if label.noun not in ("text", "length", "subtitle", "abstract"):
            take_label(document, label)
    return parts


def _is_unknown_label(part: Sequence[str]) -> bool:
    """Tell whether a paragraph begins with a label in capitals that is not known."""
    match = _CAPITALS.match(part[0])
    return match is not None and match["label"].isupper() and read_label(part[0]) is None


def _is_tail(part: Sequence[str]) -> bool:
    label = read_label(part[0])
    if label is None or label.noun in _NEVER_TAIL or not part[0].partition(":")[0].strip().isupper():
        return False
    return len(label.value) <= _TAIL_CHARACTERS.get(label.noun or label.label, 10_000)


def _is_head(label: LabelledLine, line: str) -> bool:
    """Tell whether a label is one of a head: in capitals, if it is in Latin script."""
    name = re.split("[:：]", line, maxsplit=1)[0].strip()
    if label.noun == "length" and not label.value[:1].isdigit():
        return False
    return label.noun in _HEAD_NOUNS and name == name.upper() if name.isascii() else label.noun is not None


def _is_head_part(part: Sequence[str]) -> bool:
    label = read_label(part[0])
    return label is not None and _is_head(label, part[0])


def _is_rights(part: Sequence[str]) -> bool:
    """Tell whether a paragraph is a notice of rights, not a sentence that begins like one."""
    text = join_lines(part)
    return bool(_RIGHTS.match(text)) and (not text.endswith(".") or bool(_RESERVED.search(text)))


def _is_edition(part: Sequence[str], edition: str) -> bool:
    """Tell whether a paragraph names the edition, or goes on with its name where that ends in a semicolon."""
    text = join_lines(part)
    if len(text) > _EDITION_CHARACTERS:
        return False
    return edition.endswith(";") or (not edition and bool(_EDITION.search(text)))


def _is_page_number(part: Sequence[str]) -> bool:
    return len(part) == 1 and bool(
        re.fullmatch(r"\s*(?:page|seite|página)\s+[0-9]+(?:\s+\w+\s+[0-9]+)?\s*", part[0], re.I)
    )


def _date_of(part: Sequence[str]) -> DateLine | None:
    """Return the date in the first lines of a paragraph; its line may also name the outlet or edition."""
    for line in part[:3]:
        if is_issue(line):
            return DateLine(join_lines([line]), "")
        date_line = date_in(line)
        if date_line and len(date_line.rest) <= _SHORT and not date_line.rest.endswith((".", "!", "?")):
            return date_line
    return None


def _take_outlet(document: Document, date_line: DateLine, above: list[list[str]], part: Sequence[str]) -> None:
    """Take the outlet from the lines above the date, and the edition from those below it."""
    index = next(index for index, line in enumerate(part) if is_issue(line) or date_in(line))
    names = [join_lines(lines) for lines in above if not (_RIGHTS.match(lines[0]) or _is_unknown_label(lines))]
    lines_before = [join_lines([line]) for line in part[:index]]
    if not document.outlet:
        document.outlet = next(iter([*names, *lines_before]), "")
    if date_line.rest and not document.outlet and not _EDITION.search(date_line.rest):
        document.outlet = date_line.rest
    elif date_line.rest:
        document.tags["edition"] = date_line.rest
    if index + 1 < len(part):
        document.tags["edition"] = join_lines(part[index + 1 :])
    if len(names) > 1 and not document.title:
        document.title = names[1]  # some have the headline above the date


def _take_headline(document: Document, unlabelled: list[list[str]], has_date: bool) -> None:
    """Take the headline from the lines without labels; further ones are its subtitle."""
    texts = [join_lines(part) for part in unlabelled]
    if not has_date and not document.outlet and len(texts) > (not document.title):
        document.outlet = texts.pop(0)
    if not document.title and texts:
        document.title = texts.pop(0)
    document.text = "\n\n".join([*texts, *([document.text] if document.text else [])])
