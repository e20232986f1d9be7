"""Factiva: each document ends with its accession number; facts are above the text, with or without codes (HD, PD)."""

import re
from collections.abc import Sequence
from itertools import pairwise

from semsearch.language_names import primary_tag
from semsearch.sources.exports.datelines import date_in, is_date
from semsearch.sources.exports.documents import Document, join_lines
from semsearch.sources.facts import values

MARK = re.compile(r"\b[A-Z][A-Z0-9]{3,11}[0-9]{8}[a-z0-9]{5}")
"""An accession number: a source, a date, a check."""

_END = re.compile(
    r"\s*(?:AN\b[\s|]*)?(?i:documento|document|dokument|документ|文書|文件|ドキュメント)\s+(?P<id>[A-Z][A-Za-z0-9]{15,39})[\s|]*"
)
_WORDS = re.compile(
    r"\s*[0-9][0-9.,\s]{0,8}\s*(?:words?|wörter|mots?|palabras|palavras|parole|woorden|ord|слов[аo]?|字|語|文字)\s*",
    re.IGNORECASE,
)
_CODE = re.compile(r"(?P<code>[A-Z]{2,3})(?P<gap>\s*[|\t]\s*|\s+|$)(?P<value>.*)")
_LINE_END = "| \t\u00a0"
_HEAD = ("SE", "HD", "BY", "CR", "CLM", "WC", "PD", "ET", "SN", "SC", "NGC", "GC", "ED", "VOL", "PG", "LA", "CY", "CX")
_TEXT = ("LP", "TD")
_TAIL = ("CT", "ART", "RF", "CO", "IN", "NS", "RE", "IPC", "IPD", "PUB", "AN")
_RANKS = {code: rank for rank, codes in enumerate((_HEAD, *((code,) for code in _TEXT), _TAIL)) for code in codes}
"""Code -> its place: of the head, where the order varies, the text's two parts, or what is below it."""

_INDEXED = ("CO", "IN", "NS", "RE", "IPC", "IPD", "PUB")
_RIGHTS = re.compile(r"\s*(?:©|copyright\b|\(c\)|\(©\))", re.IGNORECASE)
_SOURCE_CODE = re.compile(r"[A-Z0-9]{2,12}")
_CLOCK = re.compile(
    r"[0-9]{1,2}(?:[:.]|\s?h\s?)[0-9]{2}(?::[0-9]{2})?(?:\s*[ap]\.?\s?m\.?)?(?:\s*(?:uhr|GMT|UTC|[ECMP][SD]?T))?",
    re.IGNORECASE,
)
_BY = re.compile(r"(?:by|von|par|por|di|door|av|af|от)\s", re.IGNORECASE)
_FURNITURE = re.compile(
    r"\s*(?:(?:page|seite|página)\s+[0-9]+\s+(?:of|von|de|sur)\s+[0-9]+(?:\s*©.*)?|.*©\s*[0-9]{4}\s+factiva,? inc\..*|"
    r"factiva|dow jones|search summary|.{8,}(?:\.{3,}|\t)\s*[0-9]+)\s*",
    re.IGNORECASE,
)
_INDEX_TERM = re.compile(r"\s*[\w./-]{1,15} : \S")
_COUNT = re.compile(r"(?P<number>[0-9]{1,5})\)\s+(?=\S)")
_LEAST_DIGITS = 8
_LINES_OF_NAMES = 4
_NEAR = 14
"""Lines below the word count within which the facts end."""


def factiva_documents(lines: Sequence[str]) -> list[Document]:
    """Return the documents of an export, none where it does not have this form."""
    documents: list[Document] = []
    block: list[str] = []
    for line in lines:
        if source_id := _accession_number(line):
            document = _document(block, len(documents) + 1, source_id)
            if document:
                documents.append(document)
            block = []
        elif line.strip() and _FURNITURE.fullmatch(line[:200]):
            continue
        else:
            block.append(line)
    if 2 * len(documents) < count_ends(lines):
        return []
    _take_counts(documents)
    return documents


def _take_counts(documents: Sequence[Document]) -> None:
    """Take the numbers before the titles, "7) Crane returns", as the documents' numbers, where all have one."""
    counts = [_COUNT.match(document.title) for document in documents]
    numbers = [int(count["number"]) for count in counts if count]
    if len(numbers) < len(documents) or any(later <= earlier for earlier, later in pairwise(numbers)):
        return
    for document, count, number in zip(documents, counts, numbers, strict=True):
        document.number = number
        document.title = document.title[count.end() if count else 0 :]


def count_ends(lines: Sequence[str]) -> int:
    """Return the number of documents, by the lines with their accession numbers."""
    return sum(bool(_accession_number(line)) for line in lines)


def _accession_number(line: str) -> str:
    """Return the accession number that a line is, "" for any other line."""
    match = _END.fullmatch(line) if len(line) < 100 else None
    return match["id"] if match and sum(map(str.isdigit, match["id"])) >= _LEAST_DIGITS else ""


def _document(block: Sequence[str], number: int, source_id: str) -> Document | None:
    document = Document(number, source_id=source_id)
    coded = _lines_by_code(block)
    if "HD" in coded and len(coded) > 3:
        _take_codes(document, coded)
        return document
    counts = [index for index, line in enumerate(block) if len(line) < 40 and _WORDS.fullmatch(line)]
    if not counts:
        return None
    # The first may be the headline; no text is so near below the facts.
    count_line = counts[1] if len(counts) > 1 and counts[1] - counts[0] <= _LINES_OF_NAMES else counts[0]
    _take_names(document, block[:count_line], _lines_by_code(block[:count_line]))
    document.tags["length"] = join_lines([block[count_line]])
    document.text = "\n".join(block[_take_facts(document, block, count_line + 1) :])
    return document


def _lines_by_code(block: Sequence[str]) -> dict[str, list[str]]:
    """Return the lines of each code; a code only counts once and in its place, so that none is found in the text."""
    lines_by_code: dict[str, list[str]] = {}
    rank = 0
    for index, line in enumerate(block):
        match = _CODE.fullmatch(line.strip().rstrip(_LINE_END)) if len(line) < 100_000 else None
        code, value = (match["code"], match["value"]) if match else ("", "")
        if match and match["gap"] == " " and code in _INDEXED and not _INDEX_TERM.match(value):
            code = ""  # a word in capitals
        its_rank = _RANKS.get(code, -1)
        if its_rank >= rank and code not in lines_by_code and _may_begin(code, value, lines_by_code, block, index):
            rank = its_rank
            value = value.removeprefix(f"{code} | ")  # a page has it twice, in a cell and as a class
            lines_by_code[code] = [value] if value else []
        elif lines_by_code:
            lines_by_code[next(reversed(lines_by_code))].append(line.rstrip("| "))
    return lines_by_code


def _may_begin(code: str, value: str, lines_by_code: dict[str, list[str]], block: Sequence[str], index: int) -> bool:
    """Tell whether a code may begin here; below a text, which may have "IN" alone on a line, only with its value."""
    if value or code in _TEXT or not lines_by_code.keys() & {*_TEXT}:
        return True
    if lines_by_code.keys() & {*_INDEXED}:
        return True
    below = next((line for line in block[index + 1 : index + 3] if line.strip()), "")
    return code in _INDEXED and _INDEX_TERM.match(below) is not None


def _take_codes(document: Document, coded: dict[str, list[str]]) -> None:
    texts = {code: join_lines(lines) for code, lines in coded.items()}
    document.title, document.byline = texts.get("HD", ""), texts.get("BY", "")
    document.section, document.page = texts.get("SE", ""), texts.get("PG", "")
    document.outlet, document.language = texts.get("SN", ""), texts.get("LA", "")
    document.date = date_line.date if (date_line := date_in(texts.get("PD", ""))) else texts.get("PD", "")
    document.text = "\n\n".join("\n".join(coded[code]) for code in ("LP", "TD") if code in coded)
    document.topics = [topic.rpartition(" : ")[2].strip() for topic in texts.get("NS", "").split("|") if topic.strip()]
    codes = {"edition": "ED", "length": "WC", "region": "RE", "company": "CO", "industry": "IN", "credit": "CR"}
    document.tags = {name: texts[code] for name, code in codes.items() if texts.get(code)}


def _take_names(document: Document, above: Sequence[str], coded: dict[str, list[str]]) -> None:
    """Take section, headline and byline from the lines above the word count."""
    if "HD" in coded:  # known by the classes of a page
        document.title = coded["HD"][0] if coded["HD"] else ""
        document.byline = next(iter(coded.get("BY", [])), "")
        head_start = next((index for index, line in enumerate(above) if line.startswith("HD")), 0)
        document.section = next((line.strip() for line in reversed(above[:head_start]) if line.strip()), "")
        return
    names = [line.strip() for line in above if line.strip() and "\t" not in line.strip()][-_LINES_OF_NAMES:]
    if len(names) > 1 and (_BY.match(names[-1]) or _is_byline(names)):
        document.byline = names.pop()
    while len(names) > 1 and names[-1][0].islower():  # a headline over two lines
        names[-2:] = [join_lines(names[-2:])]
    if names:
        document.title = names.pop()
    if len(names) == 1 and len(names[0]) <= 60:
        document.section = names[0]


def _is_byline(names: Sequence[str]) -> bool:
    """Tell whether the last line names people below a headline, and is not a headline below a section's name."""
    people = values.people(names[-1])
    is_short = len(names) < 3 and len(names[-2].split()) < 4 and not _COUNT.match(names[-2])
    if not people or len(names[-1]) > 60 or is_short or _COUNT.match(names[-1]):
        return False
    return all(2 <= len(name.split()) <= 4 and name[0].isupper() for name in people)


def _take_facts(document: Document, block: Sequence[str], start: int) -> int:
    """Take the facts below the word count, which have an order, and return the line at which the text begins."""
    end = start
    count = 0
    has_code = False
    for index in range(start, len(block)):
        line = block[index].strip()
        if not line:
            continue
        count += 1
        if count > _NEAR:
            break
        may_be_fact = document.outlet and not document.language  # between these two
        if not document.date and is_date(line):
            document.date = (date_in(line) or ("",))[0]
        elif _RIGHTS.match(line):
            end = index + 1
            break
        elif not document.outlet and not _CLOCK.fullmatch(line):
            document.outlet = line
        elif may_be_fact and len(line) < 30 and primary_tag(line):
            document.language = line
        elif may_be_fact and not has_code and _SOURCE_CODE.fullmatch(line) and not line.isdigit():
            has_code = True
        elif may_be_fact and re.fullmatch(r"[A-Z]{0,3}-?[0-9]{1,4}[A-Z]?", line):
            document.page = line
        elif may_be_fact and len(line) <= 60:
            document.tags["edition"] = line
        elif not _CLOCK.fullmatch(line):
            break
        end = index + 1
    return end
