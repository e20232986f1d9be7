"""Output for programs: JSON, JSON Lines and CSV."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from textwrap import indent

from semsearch.rendering.layout import PLAIN, Style
from semsearch.text import DIRECTIONS, TAGS, normalise_line
from semsearch.types import Answer, Article, Metadata
from semsearch.types.tables import ARTICLE_COLUMNS, HIT_COLUMNS, QUERY, hit_row

ANSWER_COLUMNS = (*HIT_COLUMNS, QUERY)

# Characters that JSON allows in a string, but that would move a terminal's cursor, break a line for some readers, or
# cannot be written in UTF-8. Escaped, they mean the same.
_UNSAFE = re.compile(rf"[\x7f-\x9f\u2028\u2029{DIRECTIONS}{TAGS}\ud800-\udfff]")

BYTE_ORDER_MARK = "\ufeff"
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)Z", re.ASCII)
_EXCEL_CHARACTERS = 32_767
"""The most that a cell of Excel can hold."""

_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]")


def json_text(value: object, *, pretty: bool = True) -> str:
    """Write a value as JSON that is safe to print and to split into lines; no newline at the end."""
    separators = (",", ": ") if pretty else (", ", ": ")
    text = json.dumps(value, ensure_ascii=False, indent=2 if pretty else None, separators=separators)
    return _UNSAFE.sub(lambda match: json.dumps(match.group())[1:-1], text)


def answer_json(answer: Answer, _: Style = PLAIN) -> Iterator[str]:
    """Yield one object: everything about the answer."""
    yield f"{json_text(answer.to_dict())}\n"


def answer_jsonl(answer: Answer, _: Style = PLAIN) -> Iterator[str]:
    """Yield each hit as an object on a line."""
    for hit in answer.hits:
        yield f"{json_text(hit.to_dict(), pretty=False)}\n"


def answer_csv(answer: Answer, _: Style = PLAIN) -> Iterator[str]:
    """Yield a header and a row for each hit, as `csv_row` writes them."""
    yield csv_row(ANSWER_COLUMNS)
    for hit in answer.hits:
        yield csv_row(hit_row(hit, answer.query.text).values())


def answer_excel(answer: Answer, _: Style = PLAIN) -> Iterator[str]:
    """Yield the same rows for Excel in every country, as `excel_row` writes them."""
    yield BYTE_ORDER_MARK + excel_row(ANSWER_COLUMNS)
    for hit in answer.hits:
        yield excel_row(hit_row(hit, answer.query.text).values())


def article_json(article: Article) -> Iterator[str]:
    """Yield the object that `get --json` prints."""
    yield f"{json_text({'article': article.metadata.to_dict(), 'text': article.text})}\n"


def article_jsonl(article: Article) -> Iterator[str]:
    """Yield an article and its origin as an object on a line."""
    value = {"origin": article.origin, "article": article.metadata.to_dict(), "text": article.text}
    yield f"{json_text(value, pretty=False)}\n"


def listing_json(articles: Iterable[Metadata], _: Style = PLAIN) -> Iterator[str]:
    """Yield an array of `article` objects, one at a time."""
    opening = "["
    for article in articles:
        yield f"{opening}\n{indent(json_text(article.to_dict()), '  ')}"
        opening = ","
    yield "[]\n" if opening == "[" else "\n]\n"


def listing_jsonl(articles: Iterable[Metadata], _: Style = PLAIN) -> Iterator[str]:
    """Yield each article as an object on a line."""
    for article in articles:
        yield f"{json_text(article.to_dict(), pretty=False)}\n"


def listing_csv(articles: Iterable[Metadata], _: Style = PLAIN) -> Iterator[str]:
    """Yield a header and a row for each article, as `csv_row` writes them."""
    yield csv_row(ARTICLE_COLUMNS)
    for article in articles:
        yield csv_row(value(article) for value in ARTICLE_COLUMNS.values())


def listing_excel(articles: Iterable[Metadata], _: Style = PLAIN) -> Iterator[str]:
    """Yield the same rows for Excel in every country, as `excel_row` writes them."""
    yield BYTE_ORDER_MARK + excel_row(ARTICLE_COLUMNS)
    for article in articles:
        yield excel_row(value(article) for value in ARTICLE_COLUMNS.values())


def csv_row(values: Iterable[object]) -> str:
    r"""Write one row of CSV as in RFC 4180, ending in `\r\n`, on one line; None is an empty cell.

    People open CSV in a spreadsheet, and its texts were written by strangers. So a text that looks like a formula gets
    an apostrophe in front, control characters are left out, and paragraphs follow each other on one line. Several
    values are separated by "; ". JSON keeps every text to the letter.
    """
    return _row([_cell(value) for value in values], ",")


def excel_row(values: Iterable[object]) -> str:
    """Write one row that Excel opens by a double click in every country: separated by tabs, its cells not too long.

    The file has to be UTF-16 and to begin with a byte order mark. Instants, in UTC, are written without T and Z, so
    that Excel takes them for dates.
    """
    return _row([_excel_cell(_cell(value)) for value in values], "\t")


def _row(cells: Sequence[object], delimiter: str) -> str:
    row = io.StringIO()
    csv.writer(row, delimiter=delimiter, lineterminator="\r\n").writerow(cells)
    return row.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, tuple):
        value = "; ".join(value)
    if not isinstance(value, str):
        return value
    text = " ".join(normalise_line(line) for line in value.splitlines() if line)
    return f"'{text}" if _FORMULA.match(text) else text


def _excel_cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = _INSTANT.sub(r"\1 \2", value)
    return text if len(text) <= _EXCEL_CHARACTERS else f"{text[: _EXCEL_CHARACTERS - 1]}…"
