"""Exports of Japanese archives in which a line says of each document its date, newspaper, edition, page and length."""

import re
from collections.abc import Sequence

from semsearch.sources.exports.datelines import date_in
from semsearch.sources.exports.documents import Document, joined
from semsearch.sources.exports.labelled import is_boundary
from semsearch.sources.exports.labels import labelled

MARK = re.compile("朝刊|夕刊|ページ|文字")
_SOURCE_LINE = re.compile(
    r"\s*[0-9]{4}[/年.-][0-9]{1,2}[/月.-][0-9]{1,2}日?.{0,60}(?:朝刊|夕刊|[0-9０-９]+\s*(?:ページ|頁|面)|[0-9０-９]+\s*文字)"
)
_EDITION = re.compile(r"朝刊|夕刊|号外")
_REGIONS = frozenset(("東京", "大阪", "西部", "中部", "北海道", "名古屋", "北陸", "九州", "東北", "関西", "全国"))
"""Of which a newspaper has editions of its own: 東京朝刊."""

_PAGE = re.compile(r"(?P<page>[0-9０-９]{1,3})\s*(?:ページ|頁)")
_LENGTH = re.compile(r"(?P<length>[0-9０-９][0-9０-９,]{0,6}\s*文字)")
_SECTION = re.compile(r"(?P<section>[^\s　0-9０-９]{1,12}面?)")
_NUMBERED = re.compile(r"\s*(?:No|Ｎｏ)[.．]\s*(?P<number>[0-9０-９]{1,6})\s*", re.IGNORECASE)
_FACT_LINES = 5
_NUMBER = re.compile(r"\s*+(?P<number>[0-9０-９]{1,6})[\s　]++(?=[0-9]{4}[/年.-])")
"""In front of a line of facts."""


def japanese_documents(lines: Sequence[str]) -> list[Document]:
    """Return documents that are known by a line of facts: date, newspaper, edition, page, length."""
    numbered = _numbered(lines)
    if numbered:
        return numbered
    return max(_titled_below(lines), _titled_above(lines), key=len)


def _titled_above(lines: Sequence[str]) -> list[Document]:
    """Return documents whose title stands above their line of facts."""
    facts = [at for at, line in enumerate(lines) if len(line) < 200 and _is_source_line(line)]
    documents: list[Document] = []
    titles = [_title_above(lines, at, facts[number - 1] if number else -1) for number, at in enumerate(facts)]
    for number, at in enumerate(facts):
        end = titles[number + 1] if number + 1 < len(facts) else len(lines)
        document = Document(number + 1, title=joined(line.lstrip("■◆●▼○◇ 　") for line in lines[titles[number] : at]))
        document.title = label.value if (label := labelled(document.title)) else document.title
        document.title = re.sub(r"^[(（\[【]?[0-9０-９]{1,5}[)）\]】.．、]?\s+", "", document.title)
        _take_source_line(document, lines[at])
        body = list(lines[at + 1 : end])
        while body and (not body[-1].strip() or is_boundary(body[-1])):
            body.pop()
        document.text = "\n".join(body)
        documents.append(document)
    return documents


def _is_source_line(line: str) -> bool:
    return _SOURCE_LINE.match(line) is not None and date_in(line) is not None


def _titled_below(lines: Sequence[str]) -> list[Document]:
    """Return documents that begin with a line of facts behind their number, and go on with their title."""
    starts: list[int] = []
    last = 0
    for at, line in enumerate(lines):
        found = _NUMBER.match(line) if len(line) < 200 else None
        if found and _is_source_line(line[found.end() :]) and (not starts or int(found["number"]) == last + 1):
            starts.append(at)
            last = int(found["number"])
    documents = []
    for number, (begin, end) in enumerate(zip(starts, [*starts, len(lines)][1:], strict=True), 1):
        document = Document(number)
        numbered = _NUMBER.match(lines[begin])
        _take_source_line(document, lines[begin][numbered.end() if numbered else 0 :])
        body = list(lines[begin + 1 : end])
        while body and (not body[-1].strip() or is_boundary(body[-1])):
            body.pop()
        while body and not body[0].strip():
            body.pop(0)
        document.title, document.text = (joined(body[:1]), "\n".join(body[1:])) if body else ("", "")
        documents.append(document)
    return documents


def _title_above(lines: Sequence[str], at: int, floor: int) -> int:
    """Return the line at which the title over a line of facts begins."""
    begin = at
    while begin - 1 > floor and not lines[begin - 1].strip():
        begin -= 1
    while begin - 1 > floor and lines[begin - 1].strip() and not is_boundary(lines[begin - 1]) and at - begin < 3:
        begin -= 1
    return begin


def _numbered(lines: Sequence[str]) -> list[Document]:
    """Return documents below "No.1", "No.2" …, whose first lines are date, edition, section, page and length."""
    starts: list[int] = []
    for at, line in enumerate(lines):
        found = _NUMBERED.fullmatch(line) if len(line) < 30 else None
        below = next((line for line in lines[at + 1 : at + 4] if line.strip()), "") if found else ""
        if found and int(found["number"]) == len(starts) + 1 and date_in(below):
            starts.append(at)
    documents = []
    for number, (begin, end) in enumerate(zip(starts, [*starts, len(lines)][1:], strict=True), 1):
        document = Document(number)
        body = list(lines[begin + 1 : end])
        while body and (not body[-1].strip() or is_boundary(body[-1])):
            body.pop()
        taken = 0
        while body and taken <= _FACT_LINES:
            line = body[0].strip()
            if line and not _take_source_line(document, line) and not (document.date and _is_section(document, line)):
                break
            taken += bool(line)
            body.pop(0)
        if not document.date:
            return []
        document.title, document.text = (body[0], "\n".join(body[1:])) if body else ("", "")
        documents.append(document)
    return documents


def _is_section(document: Document, line: str) -> bool:
    if document.section or not document.tags.get("edition") or len(line) > 12 or document.page:
        return False
    document.section = line
    return True


def _take_source_line(document: Document, line: str) -> bool:
    """Take what a line says of a document's appearance; False where it says nothing of that."""
    rest = line
    taken = False
    if found := date_in(line):
        document.date, rest, taken = found.date, found.rest, True
    for name, pattern in (("page", _PAGE), ("length", _LENGTH)):
        if match := pattern.search(rest):
            taken = True
            if name == "page":
                document.page = match["page"]
            else:
                document.tags["length"] = match["length"]
            rest = rest.replace(match[0], " ").strip(" ,，、")
    if edition := _EDITION.search(rest):
        document.tags["edition"] = edition[0]
        before, _, behind = rest.partition(edition[0])
        named = before.strip(" 　,，")
        if named in _REGIONS:
            document.tags["edition"] = f"{named}{edition[0]}"
        else:
            document.outlet = document.outlet or named
        if section := _SECTION.match(behind.strip(" 　,，")):
            document.section = document.section or section["section"]
        return True
    if taken and found and not document.outlet and rest.strip(" 　,，"):
        document.outlet = rest.split()[0]
    return taken
