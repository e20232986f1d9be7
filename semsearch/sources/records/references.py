"""Reads lists of references: BibTeX, RIS, CSL JSON. Of an article's text they have at most the abstract."""

# ruff: noqa: SIM905

import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from semsearch.ports import Place
from semsearch.sources.records.pages import article_from
from semsearch.sources.utf8 import whole_text
from semsearch.types import Article, Skipped

_RIS_LINE = re.compile(r"(?P<tag>[A-Z][A-Z0-9])  ?- ?(?P<value>.*)")
_RIS = {
    "TI": "title", "T1": "title", "CT": "title", "BT": "title", "AU": "authors", "A1": "authors", "DA": "date",
    "PY": "year", "Y1": "date", "JO": "publisher", "JF": "publisher", "T2": "publisher", "JA": "publisher",
    "PB": "publisher", "AB": "abstract", "N2": "abstract", "UR": "url", "L2": "url", "LA": "language", "KW": "keywords",
    "ID": "id", "AN": "id", "SE": "section", "SP": "page", "DO": "doi",
}  # fmt: skip
_LISTS = frozenset(("authors", "keywords"))

_BIBTEX_ENTRY = re.compile(r"@\s{0,9}(?P<kind>[A-Za-z]{1,40})\s{0,9}[{(]\s{0,99}(?P<key>[^\s,{}()=]{0,200})\s{0,99},")
_BIBTEX_FIELD = re.compile(r"[\s,]{0,999}(?P<name>[A-Za-z][\w-]{0,40})\s{0,99}=\s{0,99}")
_BIBTEX = {
    "journal": "publisher", "journaltitle": "publisher", "newspaper": "publisher", "booktitle": "publisher",
    "publisher": "house", "author": "authors", "abstract": "abstract", "langid": "language", "pages": "page",
}  # fmt: skip
_NO_ENTRIES = frozenset(("comment", "preamble", "string"))
_BIBTEX_STRING = re.compile(r"@\s{0,9}string\s{0,9}[{(]", re.IGNORECASE)
_MOST_STRINGS = 10_000
_MOST_EXPANDED = 10_000
"""Characters of a value whose abbreviations are expanded; these may stand for other abbreviations."""

_BIBTEX_MORE = re.compile(r"\s{0,99}#\s{0,99}")
_BIBTEX_URL = re.compile(r"\\url\s{0,9}\{(?P<url>[^{}]{1,2000})\}")
_LETTERS = {
    "O": "Ø", "o": "ø", "L": "Ł", "l": "ł", "AE": "Æ", "ae": "æ", "OE": "Œ", "oe": "œ", "AA": "Å", "aa": "å", "ss": "ß",
    "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "dj": "đ", "DJ": "Đ",
}  # fmt: skip
_LETTER = re.compile(rf"\\(?P<name>{'|'.join(sorted(_LETTERS, key=len, reverse=True))})(?![A-Za-z])(?:\{{\}}|\s)?")
_SUFFIX = re.compile(r"(?:jr|sr|[ivx]{2,4})\.?", re.IGNORECASE)
_RANGE = re.compile(r"(?P<first>[0-9]{4}(?:-[0-9]{2}){0,2})/(?:[0-9-]{4,10}|\.\.)?")
"""Of days or months, as EDTF and BibLaTeX write them."""

_MONTHS = {name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_COMMAND = re.compile(r"\\(?:[\"'`^~=.]|[uvHtcdbk](?![A-Za-z]))\s?\{?([A-Za-z])\}?|\\([&%$#_{}])|[{}]")
_ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", "=": "\u0304", "u": "\u0306", ".": "\u0307",
    '"': "\u0308", "r": "\u030a", "H": "\u030b", "v": "\u030c", "c": "\u0327", "k": "\u0328",
}  # fmt: skip

_CSL_TYPES = frozenset(
    """article article-journal article-magazine article-newspaper bill book broadcast chapter dataset document entry
    entry-dictionary entry-encyclopedia event figure graphic hearing interview legal_case legislation manuscript map
    motion_picture pamphlet paper-conference patent performance periodical personal_communication post post-weblog
    report review review-book software song speech standard thesis treaty webpage""".split()
)
_ZOTERO = frozenset(("Item Type", "Author", "Publication Title", "Abstract Note"))
_PROQUEST = frozenset(("StoreId", "pubtitle", "pubdate", "Authors"))
_ZOTERO_TAGS = ("Manual Tags", "Automatic Tags")
_CSL_OWN = frozenset(("container-title", "issued", "citation-key", "title-short", "publisher-place"))


def read_ris(stream: BinaryIO, place: Place) -> Iterator[Article | Skipped]:
    """Read the references of a RIS file."""
    return _articles_and_note(_ris(whole_text(stream)), place)


def read_bibtex(stream: BinaryIO, place: Place) -> Iterator[Article | Skipped]:
    """Read the references of a BibTeX file."""
    return _articles_and_note(_bibtex(whole_text(stream)), place)


def reference_record(record: Mapping[str, object]) -> Mapping[str, object] | None:
    """Return a CSL JSON reference, or a row of Zotero's or ProQuest's table, under the usual names of fields.

    None for other records.
    """
    if record.keys() >= _ZOTERO:
        # When its library was changed says nothing about an article.
        reference = {name: value for name, value in record.items() if name not in ("Date Modified", *_ZOTERO_TAGS)}
        authors = str(record["Author"] or "").split(";")
        tags = [tag.strip() for name in _ZOTERO_TAGS for tag in str(record.get(name) or "").split(";")]
        return {**reference, "Author": [_reordered(name) for name in authors if name.strip()], "tags": tags}
    if record.keys() >= _PROQUEST:
        names = {"pubtitle": "publisher", "pubdate": "date", "DocumentURL": "url", "StoreId": "id", "startPage": "page"}
        reference = {names.get(name, name): value for name, value in record.items() if name != "entryDate"}
        authors = str(record["Authors"] or "").split(";")
        return {**reference, "Authors": [_reordered(name) for name in authors if name.strip()]}
    kind = record.get("type")
    if not isinstance(kind, str) or kind not in _CSL_TYPES or not record.keys() & _CSL_OWN:
        return None
    names = {"container-title": "publisher", "URL": "url", "author": "authors", "issued": "date", "page": "page"}
    reference = {names.get(name, name): value for name, value in record.items() if name != "accessed"}
    if isinstance(record.get("publisher"), str) and "container-title" in record:
        reference["house"] = record["publisher"]
        reference["publisher"] = record["container-title"]
    if isinstance(people := record.get("author"), list):
        reference["authors"] = [name for person in people if (name := _person(person))]
    reference["date"] = _csl_date(record.get("issued"))
    return reference


def _person(person: object) -> str:
    if not isinstance(person, Mapping):
        return str(person) if isinstance(person, str) else ""
    parts = (person.get(name) for name in ("given", "non-dropping-particle", "family"))
    return " ".join(part for part in parts if isinstance(part, str)) or str(person.get("literal") or "")


def _csl_date(issued: object) -> str:
    if not isinstance(issued, Mapping):
        return issued if isinstance(issued, str) else ""
    dates = issued.get("date-parts")
    date = dates[0] if isinstance(dates, list) and dates else None
    if isinstance(date, list) and date and all(str(part).isdecimal() and len(str(part)) < 5 for part in date[:3]):
        return "-".join(f"{int(part):0{2 if index else 4}}" for index, part in enumerate(date[:3]))
    return next((str(issued[name]) for name in ("raw", "literal") if issued.get(name)), "")


def _articles_and_note(
    records: Iterator[tuple[int, dict[str, object] | str]], place: Place
) -> Iterator[Article | Skipped]:
    """Yield the article of each reference, or why it cannot be used, then a note that references have no texts."""
    count = abstracts = 0
    for line, record in records:
        origin = f"{place.origin}:{line}"
        if isinstance(record, str):
            yield Skipped(origin, record)
            continue
        count += 1
        abstracts += "abstract" in record
        yield article_from(record, place, origin)
    if count:
        references = "1 reference" if count == 1 else f"{count:,} references"
        yield Skipped(
            place.origin,
            f"{references}, {abstracts:,} with an abstract and none with a text: to search the articles themselves add "
            "them, as PDF or web pages",
        )


def _ris(text: str) -> Iterator[tuple[int, dict[str, object] | str]]:
    """Yield each reference with the line on which it begins; a line without a tag continues the value above."""
    record: dict[str, object] = {}
    begin = 1
    tag, pieces = "", list[str]()
    for number, line in enumerate(text.splitlines(), 1):
        match = _RIS_LINE.fullmatch(line.strip("\ufeff \t"))
        if not match:
            pieces.append(line.strip())
            continue
        _add_value(record, _RIS.get(tag, tag.lower()), " ".join(filter(None, pieces)))
        tag, pieces = match["tag"], [match["value"].strip()]
        if tag in ("TY", "ER"):
            if record:
                yield begin, _with_date(record)
            record, begin = {}, number
            if tag == "TY":
                record["kind"] = match["value"].strip()
            tag = ""
    _add_value(record, _RIS.get(tag, tag.lower()), " ".join(filter(None, pieces)))
    if record:
        yield begin, _with_date(record)


def _add_value(record: dict[str, object], name: str, value: str) -> None:
    if not value or not name:
        return
    if name in _LISTS:
        values = record.setdefault(name, [])
        if isinstance(values, list):
            values.append(_reordered(value) if name == "authors" else value)
    else:
        record.setdefault(name, value)


def _reordered(name: str) -> str:
    """Return "Ada Fennimore" for "Fennimore, Ada", and "Bo Lindqvist Jr." for either order of "Lindqvist, Bo, Jr."."""
    family, *parts = [part.strip() for part in name.split(",")]
    given_names = [part for part in parts if not _SUFFIX.fullmatch(part)]
    suffix = [part for part in parts if _SUFFIX.fullmatch(part)]
    return " ".join(filter(None, (*given_names, family, *suffix)))


def _with_date(record: dict[str, object]) -> dict[str, object]:
    date = str(record.pop("date", "") or "")
    year = str(record.pop("year", "") or "")
    parts = re.split(r"[/-]", date)
    numbers = [part for part in parts[:3] if part.isdecimal()]
    if numbers == [part for part in parts[:3] if part.strip()] and numbers and len(numbers[0]) == 4:
        date = "-".join(part.zfill(2) for part in numbers)
    return {**record, "date": date or year.strip("/")}


def _bibtex(text: str) -> Iterator[tuple[int, dict[str, object] | str]]:
    """Yield each entry, or what is wrong with it, with the line on which it begins."""
    strings = _bibtex_strings(text)
    offset, line = 0, 1
    while match := _BIBTEX_ENTRY.search(text, offset):
        line += text.count("\n", offset, match.start())
        end, fields = _bibtex_fields(text, match.end(), strings)
        if match["kind"].lower() not in _NO_ENTRIES:
            if isinstance(fields, str):
                yield line, f"its {fields} is closed by no brace"
            elif fields:
                yield line, _bibtex_record(match["kind"].lower(), match["key"], fields)
        line += text.count("\n", match.start(), end)
        offset = end


def _bibtex_strings(text: str) -> dict[str, str]:
    """Return the abbreviations that a file defines, such as @string{qc = "The Quay Courier"}."""
    strings: dict[str, str] = {}
    for match in _BIBTEX_STRING.finditer(text):
        _, fields = _bibtex_fields(text, match.end(), strings)
        if isinstance(fields, dict) and len(strings) < _MOST_STRINGS:
            strings |= {name: value for name, value in fields.items() if len(value) <= _MOST_EXPANDED}
    return strings


def _bibtex_fields(text: str, offset: int, strings: Mapping[str, str]) -> tuple[int, dict[str, str] | str]:
    """Return where an entry's fields end, and the fields, or the name of a field that is never closed."""
    fields: dict[str, str] = {}
    while match := _BIBTEX_FIELD.match(text, offset):
        offset, value = _bibtex_joined(text, match.end(), strings)
        if value is None:
            return offset, match["name"].lower()
        fields.setdefault(match["name"].lower(), value)
    return offset, fields


def _bibtex_joined(text: str, offset: int, strings: Mapping[str, str]) -> tuple[int, str | None]:
    """Return where a value ends, and its pieces (qc # " Online") joined, abbreviations expanded; None if unclosed."""
    pieces: list[str] = []
    size = 0
    joint: re.Match[str] | None = None
    while joint is not None or not pieces:
        begin = joint.end() if joint else offset
        bare = text[begin : begin + 1] not in ("{", '"')
        offset, piece = _bibtex_value(text, begin)
        if piece is None:
            return offset, None
        full = strings.get(piece.lower(), piece) if bare else piece
        size += len(full)
        pieces.append(full if size <= _MOST_EXPANDED else piece)
        joint = _BIBTEX_MORE.match(text, offset)
    return offset, "".join(pieces)


def _bibtex_value(text: str, start: int) -> tuple[int, str | None]:
    """Return where a value in braces, in quotation marks or bare ends, and the value; None if it is never closed."""
    opening = text[start : start + 1]
    if opening not in ("{", '"'):
        limit = min(len(text), start + 200)
        end = next((offset for offset in range(start, limit) if text[offset] in ",}#\n)"), limit)
        return end, text[start:end].strip()
    depth = 0
    for offset in range(start, len(text)):
        character = text[offset]
        if character == "{" and text[offset - 1] != "\\":
            depth += 1
        elif character == "}" and text[offset - 1] != "\\":
            depth -= 1
            if opening == "{" and depth == 0:
                return offset + 1, text[start + 1 : offset]
        elif character == '"' and opening == '"' and depth == 0 and offset > start:
            return offset + 1, text[start + 1 : offset]
        elif character == "@" and text[offset - 1] == "\n" and _BIBTEX_ENTRY.match(text, offset):
            return offset, None
    return len(text), None


def _bibtex_record(kind: str, key: str, fields: Mapping[str, str]) -> dict[str, object]:
    record: dict[str, object] = {"kind": kind, "id": key}
    plain = {name: _without_commands(value) for name, value in fields.items()}
    matches = (_BIBTEX_URL.search(fields.get(name, "")) for name in ("howpublished", "note"))
    if "url" not in plain and (match := next(filter(None, matches), None)):
        plain["url"] = match["url"]
    for name, value in plain.items():
        if name == "author":
            people = re.split(r"\s+and\s+", value)
            record["authors"] = [_reordered(person) for person in people if person.strip() not in ("", "others")]
        elif name not in ("year", "month", "day", "date", "file", "keywords"):
            record.setdefault(_BIBTEX.get(name, name), value)
    if "keywords" in plain:
        record["keywords"] = [word.strip() for word in re.split("[,;]", plain["keywords"]) if word.strip()]
    record["date"] = _bibtex_date(plain)
    if "publisher" not in record and "house" in record:
        record["publisher"] = record.pop("house")
    return record


def _bibtex_date(fields: Mapping[str, str]) -> str:
    """Return the date of an entry; of a range its first day, and without a date what year, month and day say."""
    date = fields.get("date", "")
    span = _RANGE.fullmatch(date)
    if date:
        return span["first"] if span else date
    month, day = fields.get("month", ""), fields.get("day", "")
    number = _MONTHS.get(month[:3].lower(), int(month) if month.isdecimal() and len(month) < 3 else 0)
    parts = [fields.get("year", "")]
    if number:
        parts.append(f"{number:02}")
        if day.isdecimal():
            parts.append(day.zfill(2))
    return "-".join(part for part in parts if part)


def _without_commands(value: str) -> str:
    def plain(match: re.Match[str]) -> str:
        if match[1]:
            return match[1] + _ACCENTS.get(match[0][1], "")
        return match[2] or ""

    value = _LETTER.sub(lambda match: _LETTERS[match["name"]], _BIBTEX_URL.sub(r"\g<url>", value))
    return " ".join(_COMMAND.sub(plain, value).split())
