"""LexisNexis as text: documents below "1 of 2 DOCUMENTS", their facts as labels in capitals above and below the text.

The same shape has whatever numbers its documents so, in any language of the interface: "Dokument 1 von 2".
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from semsearch.sources.exports.datelines import DateLine, date_in, is_issue
from semsearch.sources.exports.documents import Document, joined, paragraphs
from semsearch.sources.exports.labels import Labelled, labelled

_WORD = (
    r"(?:documents?|dokumente?n?|documentos?|documenti|documento|documenten|dokumenter?|dokumenti|документ(?:а|ов|ы)?|"
    r"articles?|artikel|artículos?)"
)
_OF = r"(?:of|von|de|di|do|van|af|av|z|из|sur)"
MARK = re.compile(rf"^[^\S\n]*(?:{_WORD}\s+)?[0-9]{{1,6}}\s+{_OF}\s+[0-9]", re.IGNORECASE | re.MULTILINE)
_NUMBER = re.compile(
    rf"\s*(?:(?P<before>{_WORD})\s+)?(?P<number>[0-9]{{1,6}})\s+{_OF}\s+(?P<total>[0-9]{{1,6}})(?:\s+(?P<behind>{_WORD}))?\s*",
    re.IGNORECASE,
)
_EDITION = re.compile(
    r"\b(?:edition|ausgabe|édition|edición|edizione|editie|edição|final|late|early|выпуск)\b", re.IGNORECASE
)
_EDITION_CHARACTERS = 60
_RIGHTS = re.compile(
    r"\s*(?:copyright\b|©|\(c\)|all rights reserved|alle rechte vorbehalten|tous droits réservés|"
    r"todos los derechos|tutti i diritti|alle rechten)",
    re.IGNORECASE,
)
_RESERVED = re.compile(
    r"reserved|vorbehalten|réservés|reservados|riservati|voorbehouden|\b(?:inc|ltd|co|llc)\.$", re.IGNORECASE
)
_COVER = re.compile(r"\s*(?:(?:download|print|email) request|time of request|anforderung|demande)\s*:", re.IGNORECASE)
_HEAD_REACH = 14
"""Lines below a number, among which most documents have a date or a label."""

_NEAREST = 8
"""Of these lines that are looked at, without those that are blank."""

_WINDOW = 500
"""Numbers that are looked at behind one."""

_SHORT = 80
_TAIL_CHARACTERS = {"language": 60, "load-date": 60, "update": 60}
_HEAD_NOUNS = frozenset(("title", "subtitle", "byline", "section", "length", "text", "dateline", "edition", "page"))
_NEVER_TAIL = frozenset(("title", "text", "byline"))


class _Mark(NamedTuple):
    line: int
    number: int
    total: int
    signs: int  # of a head: dates and labels in the lines below


def nexis_documents(lines: Sequence[str]) -> list[Document]:
    """Return the documents of an export, none where it is not of this shape."""
    marks = _marks(lines)
    ends = [*(mark.line for mark in marks), len(lines)][1:]
    blocks = [_without_cover(paragraphs(lines[mark.line + 1 : end])) for mark, end in zip(marks, ends, strict=True)]
    # Where documents have no labels, one that seems to have some has a sentence that begins so.
    with_labels = 2 * sum(any(map(_is_head_part, block)) for block in blocks) >= len(blocks)
    names = Counter(name for block in blocks for name in {_name(part[0]) for part in block if _is_head_part(part)})
    usual = frozenset(name for name, count in names.items() if name.isascii() or 2 * count >= len(blocks))
    return [
        _document(block, mark.number, usual if with_labels else frozenset())
        for mark, block in zip(marks, blocks, strict=True)
    ]


def _name(line: str) -> str:
    label = labelled(line)
    return label.label if label else ""


def _without_cover(block: list[list[str]]) -> list[list[str]]:
    """Return a document without the cover of the next export behind it."""
    at = next((at for at, part in enumerate(block) if at and _COVER.match(part[0])), len(block))
    return block[:at]


def _marks(lines: Sequence[str]) -> list[_Mark]:
    """Return the lines that number a document: those of a total rise, and each stands over what can be a document."""
    found = [mark for at, line in enumerate(lines) if (mark := _mark(lines, at, line))]
    marks: list[_Mark] = []
    for at, mark in enumerate(found):
        if _has_rival(found, at):
            continue
        last = marks[-1] if marks else mark._replace(number=mark.number - 1)
        if mark.total == last.total and mark.number > last.number:
            between = range(last.number + 1, mark.number)
            skips = not any(
                other.total == last.total and other.number in between for other in found[at + 1 : at + _WINDOW]
            )
            if mark.number == last.number + 1 or skips:
                marks.append(mark)
        elif mark.number == 1 and mark.signs:
            marks.append(mark)  # several exports in one file
    return marks if 2 * sum(mark.signs > 0 for mark in marks) >= len(marks) else []


def _has_rival(found: Sequence[_Mark], at: int) -> bool:
    """Tell whether the same number stands again before any other, over what is more of a head."""
    mark = found[at]
    for other in found[at + 1 : at + _WINDOW]:
        if other.total == mark.total:
            if other.number != mark.number:
                return False
            if other.signs > mark.signs:
                return True
    return False


def _mark(lines: Sequence[str], at: int, line: str) -> _Mark | None:
    if len(line) > 120 or not (found := _NUMBER.fullmatch(line)) or not (found["before"] or found["behind"]):
        return None
    around = (lines[at - 1] if at else "", lines[at + 1] if at + 1 < len(lines) else "")
    head = [_headed(below) for below in _head(lines, at)]
    apart = not any(beside.strip() for beside in around) or any(head[:4])
    return _Mark(at, int(found["number"]), int(found["total"]), sum(head)) if apart else None


def _head(lines: Sequence[str], at: int) -> list[str]:
    """Return the first lines below a number."""
    return [below for below in lines[at + 1 : at + 2 * _HEAD_REACH] if below.strip()][:_NEAREST]


def _headed(line: str) -> bool:
    return date_in(line) is not None or labelled(line) is not None


def _document(block: Sequence[list[str]], number: int, labels: frozenset[str]) -> Document:
    """Return a document.

    Args:
        labels: that stand in the heads of this export.
    """
    document = Document(number)
    parts = _take_tail(document, [part for part in block if not _is_page_number(part)])
    unlabelled: list[list[str]] = []
    dated = in_labels = False
    known: set[str | None] = set()
    while parts:
        part = parts[0]
        label = labelled(part[0])
        if label and label.label in labels and _is_head(label, part[0]) and label.noun not in known:
            known.add(label.noun)
            in_labels = True
            parts.pop(0)
            if label.noun == "text":
                own = [line for line in (label.value, *part[1:]) if line.strip()]
                parts = [own, *parts] if own else parts
                break
            for one in _labels(part):
                take(document, one)
        elif in_labels:
            break
        elif not dated and (found := _dated(part)):
            dated = True
            document.date = found.date
            _take_outlet(document, found, unlabelled, part)
            unlabelled = []
            parts.pop(0)
        elif _is_rights(part):
            parts[:1] = [part[1:]] if part[1:] else []  # the outlet may stand below
        elif dated and not document.tags.get("edition") and not unlabelled and _is_edition(part):
            document.tags["edition"] = joined(part)
            parts.pop(0)
        elif not (labels and any(map(_is_head_part, parts[:_HEAD_REACH]))) and (
            len(unlabelled) > (not dated) or len(joined(part)) > 2 * _SHORT
        ):
            break  # no label says where the text begins: it follows the headline
        else:
            unlabelled.append(part)
            parts.pop(0)
    _take_headline(document, unlabelled, dated)
    document.text = "\n\n".join([document.text, *("\n".join(part) for part in parts)]).strip("\n")
    return document


def take(document: Document, label: Labelled) -> None:
    """Let a document have what a label says."""
    noun, value = label.noun, label.value
    if noun in ("title", "byline", "section", "page", "language", "url", "source_id", "outlet"):
        if not getattr(document, noun):
            setattr(document, noun, value)
    elif noun == "date":
        document.date = document.date or (found.date if (found := date_in(value)) else value)
    elif noun == "topics":
        document.topics = [*document.topics, *(topic.strip() for topic in re.split(r"[;|；]", value) if topic.strip())]
    elif noun in ("subtitle", "abstract"):
        document.text = document.text or value
    elif noun != "text" and value:
        document.tags.setdefault(noun or label.label, value)


def _labels(part: Sequence[str]) -> Iterator[Labelled]:
    """Yield the labels of a paragraph; a line without one goes on with the value above it."""
    current: Labelled | None = None
    for line in part:
        if label := labelled(line):
            if current:
                yield current
            current = label
        elif current:
            current = current._replace(value=joined([current.value, line]))
    if current:
        yield current


def _take_tail(document: Document, parts: list[list[str]]) -> list[list[str]]:
    """Take labels and rights off the end of a document; a sentence that begins like a label further up is text."""
    taken: list[Labelled] = []
    while len(parts) > 1 and _is_rights(parts[-1]):
        parts = parts[:-1]
    while len(parts) > 1 and _is_tail(parts[-1]):
        taken = [*_labels(parts[-1]), *taken]
        parts = parts[:-1]
    for label in taken:
        if label.noun not in ("text", "length", "subtitle", "abstract"):
            take(document, label)
    return parts


def _is_tail(part: Sequence[str]) -> bool:
    label = labelled(part[0])
    if label is None or label.noun in _NEVER_TAIL or not part[0].partition(":")[0].strip().isupper():
        return False
    return len(label.value) <= _TAIL_CHARACTERS.get(label.noun or label.label, 10_000)


def _is_head(label: Labelled, line: str) -> bool:
    """Tell whether a label stands in a head: in capitals, where a Latin script has them."""
    name = re.split("[:：]", line, maxsplit=1)[0].strip()
    if label.noun == "length" and not label.value[:1].isdigit():
        return False
    return label.noun in _HEAD_NOUNS and name == name.upper() if name.isascii() else label.noun is not None


def _is_head_part(part: Sequence[str]) -> bool:
    label = labelled(part[0])
    return label is not None and _is_head(label, part[0])


def _is_rights(part: Sequence[str]) -> bool:
    """Tell a notice of rights from a sentence that begins like one."""
    text = joined(part)
    return bool(_RIGHTS.match(text)) and (not text.endswith(".") or bool(_RESERVED.search(text)))


def _is_edition(part: Sequence[str]) -> bool:
    text = joined(part)
    return len(text) <= _EDITION_CHARACTERS and bool(_EDITION.search(text))


def _is_page_number(part: Sequence[str]) -> bool:
    return len(part) == 1 and bool(
        re.fullmatch(r"\s*(?:page|seite|página)\s+[0-9]+(?:\s+\w+\s+[0-9]+)?\s*", part[0], re.I)
    )


def _dated(part: Sequence[str]) -> DateLine | None:
    """Return the date of a paragraph that is one: its line may name the outlet, too, and editions follow below."""
    for line in part[:3]:
        if is_issue(line):
            return DateLine(joined([line]), "")
        if (found := date_in(line)) and len(found.rest) <= _SHORT and not found.rest.endswith((".", "!", "?")):
            return found
    return None


def _take_outlet(document: Document, found: DateLine, above: list[list[str]], part: Sequence[str]) -> None:
    """Take the outlet from the lines above the date, and the edition from those below it."""
    at = next(at for at, line in enumerate(part) if is_issue(line) or date_in(line))
    named = [joined(lines) for lines in above if not _RIGHTS.match(lines[0])]
    before = [joined([line]) for line in part[:at]]
    if not document.outlet:
        document.outlet = next(iter([*named, *before]), "")
    if found.rest and not document.outlet and not _EDITION.search(found.rest):
        document.outlet = found.rest
    elif found.rest:
        document.tags["edition"] = found.rest
    if at + 1 < len(part):
        document.tags["edition"] = joined(part[at + 1 :])
    if len(named) > 1 and not document.title:
        document.title = named[1]  # of those that write the headline above the date


def _take_headline(document: Document, unlabelled: list[list[str]], dated: bool) -> None:
    """Take the headline from the lines that no label explains; further ones are its subtitle."""
    rest = [joined(part) for part in unlabelled]
    if not dated and not document.outlet and len(rest) > (not document.title):
        document.outlet = rest.pop(0)
    if not document.title and rest:
        document.title = rest.pop(0)
    document.text = "\n\n".join([*rest, *([document.text] if document.text else [])])
