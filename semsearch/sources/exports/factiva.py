"""Factiva: each document ends with its accession number; facts stand above the text, with or without codes (HD, PD)."""

import re
from collections.abc import Sequence

from semsearch.language_names import primary_tag
from semsearch.sources.exports.datelines import date_in, is_date
from semsearch.sources.exports.documents import Document, joined
from semsearch.sources.facts import values

MARK = re.compile(r"\b[A-Z][A-Z0-9]{3,11}[0-9]{8}[a-z0-9]{5}")
"""An accession number: a source, a date, a check."""

_END = re.compile(
    r"\s*(?:AN\b[\s|]*)?(?i:documento|document|dokument|документ|文書|文件|ドキュメント)\s+(?P<id>[A-Z][A-Za-z0-9]{15,39})\s*"
)
_WORDS = re.compile(
    r"\s*[0-9][0-9.,\s]{0,8}\s*(?:words?|wörter|mots?|palabras|palavras|parole|woorden|ord|слов[аo]?|字|語|文字)\s*",
    re.IGNORECASE,
)
_CODE = re.compile(r"(?P<code>[A-Z]{2,3})(?:\s*[|\t]\s*|\s{2,}|\s*$)(?P<value>.*)")
_ORDER = (
    *("SE", "HD", "BY", "CR", "CLM", "WC", "PD", "ET", "SN", "SC", "ED", "VOL", "PG", "LA", "CY", "CX", "LP", "TD"),
    *("CT", "ART", "RF", "CO", "IN", "NS", "RE", "IPC", "IPD", "PUB", "AN"),
)
_RIGHTS = re.compile(r"\s*(?:©|copyright\b|\(c\)|\(©\))", re.IGNORECASE)
_SOURCE_CODE = re.compile(r"[A-Z0-9]{2,12}")
_CLOCK = re.compile(
    r"[0-9]{1,2}(?:[:.]|\s?h\s?)[0-9]{2}(?::[0-9]{2})?(?:\s*[ap]\.?\s?m\.?)?(?:\s*(?:uhr|GMT|UTC|[ECMP][SD]?T))?",
    re.IGNORECASE,
)
_BY = re.compile(r"(?:by|von|par|por|di|door|av|af|от)\s", re.IGNORECASE)
_FURNITURE = re.compile(
    r"\s*(?:(?:page|seite|página)\s+[0-9]+\s+(?:of|von|de|sur)\s+[0-9]+\b.*|.*©\s*[0-9]{4}\s+factiva,? inc\..*|"
    r"factiva|dow jones|.{8,}(?:\.{3,}|\t)\s*[0-9]+)\s*",
    re.IGNORECASE,
)
_LEAST_DIGITS = 8
_NEAR = 14
"""Lines below the count of words in which the facts end."""


def factiva_documents(lines: Sequence[str]) -> list[Document]:
    """Return the documents of an export, none where it is not of this shape."""
    documents: list[Document] = []
    block: list[str] = []
    for line in lines:
        if found := _end(line):
            document = _document(block, len(documents) + 1, found)
            if document:
                documents.append(document)
            block = []
        elif line.strip() and _FURNITURE.fullmatch(line[:200]):
            continue
        else:
            block.append(line)
    return documents if 2 * len(documents) >= count_ends(lines) else []


def count_ends(lines: Sequence[str]) -> int:
    """Return how many documents end, by the line with their accession number."""
    return sum(bool(_end(line)) for line in lines)


def _end(line: str) -> str:
    """Return the accession number of a line that is one, "" of any other."""
    found = _END.fullmatch(line) if len(line) < 100 else None
    return found["id"] if found and sum(map(str.isdigit, found["id"])) >= _LEAST_DIGITS else ""


def _document(block: Sequence[str], number: int, source_id: str) -> Document | None:
    document = Document(number, source_id=source_id)
    coded = _coded(block)
    if "HD" in coded and len(coded) > 3:
        _take_codes(document, coded)
        return document
    words = next((at for at, line in enumerate(block) if len(line) < 40 and _WORDS.fullmatch(line)), None)
    if words is None:
        return None
    _take_names(document, block[:words], _coded(block[:words]))
    document.tags["length"] = joined([block[words]])
    document.text = "\n".join(block[_take_facts(document, block, words + 1) :])
    return document


def _coded(block: Sequence[str]) -> dict[str, list[str]]:
    """Return the lines of each code; the codes follow each other in one order, so that the text has none of them."""
    found: dict[str, list[str]] = {}
    last = -1
    for line in block:
        code = _CODE.fullmatch(line.strip()) if len(line) < 100_000 else None
        order = _ORDER.index(code["code"]) if code and code["code"] in _ORDER else -1
        if code and (order > last or (not found and order >= 0)) and _fits(code["code"], code["value"], found):
            last = order
            value = code["value"].removeprefix(f"{code['code']} | ")  # a page says it twice, by a cell and by a class
            found[code["code"]] = [value] if value else []
        elif found:
            found[next(reversed(found))].append(line)
    return found


def _fits(code: str, value: str, found: dict[str, list[str]]) -> bool:
    """Tell whether a code may stand here; within a text, which may have "IN" alone on a line, only what says more."""
    if "LP" not in found and "TD" not in found:
        return True
    return code == "TD" or "|" in value or ":" in value or bool(value)


def _take_codes(document: Document, coded: dict[str, list[str]]) -> None:
    said = {code: joined(lines) for code, lines in coded.items()}
    document.title, document.byline = said.get("HD", ""), said.get("BY", "")
    document.section, document.page = said.get("SE", ""), said.get("PG", "")
    document.outlet, document.language = said.get("SN", ""), said.get("LA", "")
    document.date = found.date if (found := date_in(said.get("PD", ""))) else said.get("PD", "")
    document.text = "\n\n".join("\n".join(coded[code]) for code in ("LP", "TD") if code in coded)
    document.topics = [topic.rpartition(" : ")[2].strip() for topic in said.get("NS", "").split("|") if topic.strip()]
    named = {"edition": "ED", "length": "WC", "region": "RE", "company": "CO", "industry": "IN", "credit": "CR"}
    document.tags = {name: said[code] for name, code in named.items() if said.get(code)}


def _take_names(document: Document, above: Sequence[str], coded: dict[str, list[str]]) -> None:
    """Take section, headline and byline from the lines above the count of words."""
    if "HD" in coded:  # as the classes of a page told
        document.title = coded["HD"][0] if coded["HD"] else ""
        document.byline = next(iter(coded.get("BY", [])), "")
        first = next((at for at, line in enumerate(above) if line.startswith("HD")), 0)
        document.section = next((line.strip() for line in reversed(above[:first]) if line.strip()), "")
        return
    names = [line.strip() for line in above if line.strip()][-4:]
    if len(names) > 1 and (_BY.match(names[-1]) or _is_byline(names)):
        document.byline = names.pop()
    if names:
        document.title = names.pop()
    if len(names) == 1 and len(names[0]) <= 60:
        document.section = names[0]


def _is_byline(names: Sequence[str]) -> bool:
    """Tell whether the last line names people below a headline, and is no headline below the name of a section."""
    people = values.people(names[-1])
    named = people and all(2 <= len(name.split()) <= 4 and name[0].isupper() for name in people)
    return bool(named) and len(names[-1]) <= 60 and len(names[-2].split()) >= 4


def _take_facts(document: Document, block: Sequence[str], at: int) -> int:
    """Take what stands below the count of words, in its order, and return the line at which the text begins."""
    end = at
    seen = 0
    for place in range(at, len(block)):
        line = block[place].strip()
        if not line:
            continue
        seen += 1
        if seen > _NEAR:
            break
        if not document.date and is_date(line):
            document.date = (date_in(line) or ("",))[0]
        elif _RIGHTS.match(line):
            end = place + 1
            break
        elif not document.outlet and not _CLOCK.fullmatch(line):
            document.outlet = line
        elif document.outlet and not document.language and len(line) < 30 and primary_tag(line):
            document.language = line
        elif document.outlet and not document.language and _SOURCE_CODE.fullmatch(line) and not line.isdigit():
            pass
        elif document.outlet and not document.language and re.fullmatch(r"[A-Z]{0,3}-?[0-9]{1,4}", line):
            document.page = line
        elif document.outlet and not document.language and len(line) <= 60:
            document.tags["edition"] = line
        elif not _CLOCK.fullmatch(line):
            break
        end = place + 1
    return end
