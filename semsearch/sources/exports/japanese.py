"""Exports of Japanese archives in which each document has a line of its date, newspaper, edition, page and length."""

import re
from collections.abc import Sequence
from itertools import pairwise

from semsearch.sources.exports.datelines import date_in
from semsearch.sources.exports.documents import Document, join_lines
from semsearch.sources.exports.labelled import is_boundary, strip_end
from semsearch.sources.exports.labels import read_label

MARK = re.compile("朝刊|夕刊|ページ|文字")
_SOURCE_LINE = re.compile(
    r"\s*(?:[^\W\d]\S{1,11}[\s　]+)?"  # the newspaper
    r"[0-9]{4}[/年.-][0-9]{1,2}[/月.-][0-9]{1,2}日?.{0,60}(?:朝刊|夕刊|[0-9０-９]+\s*(?:ページ|頁|面)|[0-9０-９]+\s*文字)"
)
_EDITION = re.compile(r"朝刊|夕刊|号外")
_REGIONS = frozenset(("東京", "大阪", "西部", "中部", "北海道", "名古屋", "北陸", "九州", "東北", "関西", "全国"))
"""Regions for which newspapers have their own editions: 東京朝刊."""

_PAGE = re.compile(r"(?P<page>[0-9０-９]{1,3})\s*(?:ページ|頁)")
_LENGTH = re.compile(r"(?P<length>[0-9０-９][0-9０-９,]{0,6}\s*文字)")
_PAGE_ALONE = re.compile(r"[\s　](?P<page>0[0-9]{2})(?![0-9])")
_SECTION = re.compile(r"(?P<section>[^\s　0-9０-９]{1,12}面?)")
_NUMBERED = re.compile(r"\s*(?:No|Ｎｏ)[.．]\s*(?P<number>[0-9０-９]{1,6})\s*", re.IGNORECASE)
_EDITION_CELL = re.compile(r"\S{0,4}(?:朝刊|夕刊|号外)")
_ROW_CELLS = 4
_ROW_CHARACTERS = 600
_ROW_FURNITURE = re.compile(r"No\. \|.*|選択部分を.*|このページの.{1,8}へ|<image\b.*")
"""Headings of rows, forms and links between documents."""

_FACT_LINES = 5
_NUMBER = re.compile(r"\s*+(?P<number>[0-9０-９]{1,6})[\s　]++(?=[0-9]{4}[/年.-])")
"""The number before a line of facts."""


def japanese_documents(lines: Sequence[str]) -> list[Document]:
    """Return the documents recognised by their lines of facts: date, newspaper, edition, page, length."""
    if documents := _documents_of_rows(lines) or _numbered_documents(lines):
        return documents
    return max(_documents_titled_below(lines), _documents_titled_above(lines), key=len)


def _documents_of_rows(lines: Sequence[str]) -> list[Document]:
    """Return the documents of a saved page: each below a row of a table with its number, facts and perhaps title."""
    rows: list[tuple[int, list[str]]] = []
    for index, line in enumerate(lines):
        cells = [cell.strip() for cell in line.split(" | ")] if len(line) < _ROW_CHARACTERS else []
        is_row = len(cells) > _ROW_CELLS and cells[0].isdigit() and date_in(cells[1]) is not None
        if is_row and any(_EDITION_CELL.fullmatch(cell) for cell in cells[2:4]):
            rows.append((index, cells))
    documents = []
    limits = pairwise([*(index for index, _ in rows), len(lines)])
    for (_, cells), (start, end) in zip(rows, limits, strict=True):
        document = Document(int(cells[0]))
        edition = 2 if _EDITION_CELL.fullmatch(cells[2]) else 3
        document.title = cells[2] if edition > 2 else ""
        document.section, page = cells[edition + 1 : edition + 3]
        document.page = (page_digits[0] if (page_digits := re.search("[0-9]+", page)) else "").lstrip("0")
        _take_source_line(document, " ".join((cells[1], cells[edition])))
        body = [line for line in lines[start + 1 : end] if not _ROW_FURNITURE.match(line)]
        body = strip_end(body)
        if not document.title:
            title = next((index for index, line in enumerate(body) if line.strip()), len(body))
            document.title, body = "".join(body[title : title + 1]).strip(), body[title + 1 :]
        document.text = "\n".join(body)
        documents.append(document)
    with_text = sum(bool(document.text.strip()) for document in documents)
    return documents if 2 * with_text >= len(documents) else []  # else it is a table


def _documents_titled_above(lines: Sequence[str]) -> list[Document]:
    """Return the documents of an export with the title above each line of facts."""
    facts = [index for index, line in enumerate(lines) if len(line) < 200 and _is_source_line(line)]
    titles = [_title_above(lines, index, previous) for previous, index in pairwise([-1, *facts])]
    documents: list[Document] = []
    for index, (start, end) in zip(facts, pairwise([*titles, len(lines)]), strict=True):
        title = join_lines(line.lstrip("■◆●▼○◇ 　") for line in lines[start:index])
        title = label.value if (label := read_label(title)) else title
        title = re.sub(r"^[(（\[【]?[0-9０-９]{1,5}[)）\]】.．、]?\s+", "", title)
        document = Document(len(documents) + 1, title=title)
        _take_source_line(document, lines[index])
        document.text = "\n".join(strip_end(lines[index + 1 : end]))
        documents.append(document)
    sentences = sum(document.title.endswith("。") for document in documents)
    return documents if 2 * sentences < len(documents) else []  # else the lines of facts have no titles above


def _is_source_line(line: str) -> bool:
    return _SOURCE_LINE.match(line) is not None and date_in(line) is not None


def _documents_titled_below(lines: Sequence[str]) -> list[Document]:
    """Return the documents of an export with a number and the facts in one line, and the title below."""
    starts: list[int] = []
    last_number = 0
    for index, line in enumerate(lines):
        match = _NUMBER.match(line) if len(line) < 200 else None
        if match and _is_source_line(line[match.end() :]) and (not starts or int(match["number"]) == last_number + 1):
            starts.append(index)
            last_number = int(match["number"])
    documents = []
    for number, (start, end) in enumerate(pairwise([*starts, len(lines)]), 1):
        document = Document(number)
        match = _NUMBER.match(lines[start])
        _take_source_line(document, lines[start][match.end() if match else 0 :])
        body = strip_end(lines[start + 1 : end])
        while body and not body[0].strip():
            body.pop(0)
        document.title, document.text = (join_lines(body[:1]), "\n".join(body[1:])) if body else ("", "")
        documents.append(document)
    return documents


def _title_above(lines: Sequence[str], facts_line: int, floor: int) -> int:
    """Return the index of the line at which the title above a line of facts begins."""
    start = facts_line
    while start - 1 > floor and not lines[start - 1].strip():
        start -= 1
    while start - 1 > floor and facts_line - start < 3:
        if not lines[start - 1].strip() or is_boundary(lines[start - 1]):
            break
        start -= 1
    return start


def _numbered_documents(lines: Sequence[str]) -> list[Document]:
    """Return the documents below "No.1", "No.2" …, whose first lines are date, edition, section, page and length."""
    starts: list[int] = []
    for index, line in enumerate(lines):
        match = _NUMBERED.fullmatch(line) if len(line) < 30 else None
        below = next((line for line in lines[index + 1 : index + 4] if line.strip()), "") if match else ""
        if match and int(match["number"]) == len(starts) + 1 and date_in(below):
            starts.append(index)
    documents = []
    for number, (start, end) in enumerate(pairwise([*starts, len(lines)]), 1):
        document = Document(number)
        body = strip_end(lines[start + 1 : end])
        fact_count = 0
        while body and fact_count <= _FACT_LINES:
            line = body[0].strip()
            if line and not _take_source_line(document, line) and not (document.date and _take_section(document, line)):
                break
            fact_count += bool(line)
            body.pop(0)
        if not document.date:
            return []
        document.title, document.text = (body[0], "\n".join(body[1:])) if body else ("", "")
        documents.append(document)
    return documents


def _take_section(document: Document, line: str) -> bool:
    """Take a line as the section, where one may be expected; return whether it was taken."""
    if document.section or not document.tags.get("edition") or len(line) > 12 or document.page:
        return False
    document.section = line
    return True


def _take_source_line(document: Document, line: str) -> bool:
    """Take from a line where and when a document was published; return whether it says so."""
    rest = line
    is_taken = False
    if date_line := date_in(line):
        document.date, rest, is_taken = date_line.date, date_line.rest, True
    for name, pattern in (("page", _PAGE), ("length", _LENGTH)):
        if match := pattern.search(rest):
            is_taken = True
            if name == "page":
                document.page = match["page"].lstrip("0０")
            else:
                document.tags["length"] = match["length"]
            rest = rest.replace(match[0], " ").strip(" ,，、")
    if edition := _EDITION.search(rest):
        document.tags["edition"] = edition[0]
        before, _, after = rest.partition(edition[0])
        outlet, _, region = f" {before.strip(' 　,，')}".replace("　", " ").rpartition(" ")
        if region in _REGIONS:
            document.tags["edition"] = f"{region}{edition[0]}"
        document.outlet = document.outlet or (outlet if region in _REGIONS else f"{outlet} {region}").strip()
        if not document.page and (page := _PAGE_ALONE.search(after)):
            document.page = page["page"].lstrip("0")
        if section := _SECTION.match(after.strip(" 　,，")):
            document.section = document.section or section["section"]
        return True
    if is_taken and date_line and not document.outlet and rest.strip(" 　,，"):
        document.outlet = rest.split()[0]
    return is_taken
