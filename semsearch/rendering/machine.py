"""What programs read: JSON, JSON Lines and CSV."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from textwrap import indent

from semsearch.rendering.layout import PLAIN, Style, printable
from semsearch.text import DIRECTIONS, TAGS
from semsearch.types import Answer, Article, Hit, Metadata

HIT_COLUMNS = (
    "rank",
    "score",
    "title",
    "publisher",
    "published",
    "url",
    "article_id",
    "passage_id",
    "start",
    "end",
    "text",
    "confidence",
    "verdict",
    "copies",
    "marks",
    "origin",
    "place",
)
"""New ones come last, so that programs that count columns go on."""
ARTICLE_COLUMNS = (
    "published",
    "publisher",
    "title",
    "url",
    "authors",
    "language",
    "section",
    "updated",
    "indexed",
    "article_id",
    "origin",
    "place",
)

# Characters that JSON allows in a string as they are, and that would move a terminal's cursor, break a line for some
# readers, or cannot be written in UTF-8. Escaped they are the same value.
_UNSAFE = re.compile(rf"[\x7f-\x9f\u2028\u2029{DIRECTIONS}{TAGS}\ud800-\udfff]")

_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]")


def json_text(value: object, *, pretty: bool = True) -> str:
    """Write a value as JSON that is safe to print and to split into lines; no newline at the end."""
    separators = (",", ": ") if pretty else (", ", ": ")
    written = json.dumps(value, ensure_ascii=False, indent=2 if pretty else None, separators=separators)
    return _UNSAFE.sub(lambda match: json.dumps(match.group())[1:-1], written)


def answer_json(answer: Answer, _: Style = PLAIN) -> Iterator[str]:
    """Yield one object: everything about the answer."""
    yield f"{json_text(answer.to_dict())}\n"


def answer_jsonl(answer: Answer, _: Style = PLAIN) -> Iterator[str]:
    """Yield each hit as an object on a line."""
    for hit in answer.hits:
        yield f"{json_text(hit.to_dict(), pretty=False)}\n"


def answer_csv(answer: Answer, _: Style = PLAIN) -> Iterator[str]:
    """Yield a header and a row for each hit, as `csv_row` writes them."""
    yield csv_row(HIT_COLUMNS)
    for hit in answer.hits:
        yield csv_row(hit_cells(hit))


def hit_cells(hit: Hit) -> list[object]:
    """Return a hit's values under `HIT_COLUMNS`; copies by their article ids."""
    known, passage = hit.article, hit.passage
    return [
        hit.rank,
        round(hit.score, 6),
        known.title,
        known.publisher,
        known.published.text if known.published else None,
        known.url,
        known.article_id,
        passage.passage_id,
        passage.start,
        passage.end,
        passage.text,
        round(hit.confidence, 4),
        hit.verdict.value,
        "; ".join(copy.article_id for copy in hit.copies),
        "; ".join(hit.marks),
        known.origin,
        hit.place,
    ]


def article_json(article: Article) -> Iterator[str]:
    """Yield the object that `get --json` prints."""
    yield f"{json_text({'article': article.metadata.to_dict(), 'text': article.text})}\n"


def article_jsonl(article: Article) -> Iterator[str]:
    """Yield an article that was read, and where, as an object on a line."""
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
        known = article.to_dict() | {"authors": "; ".join(article.authors)}
        yield csv_row([known[column] for column in ARTICLE_COLUMNS])


def csv_row(values: Sequence[object]) -> str:
    r"""Write one row of CSV as in RFC 4180, ending in `\r\n`; None is an empty cell.

    CSV is what people open in a spreadsheet, and what it shows was written by strangers: a text that a spreadsheet
    would take for a formula gets an apostrophe in front, and control characters are left out. Who needs every text
    to the letter takes JSON.
    """
    row = io.StringIO()
    csv.writer(row, lineterminator="\r\n").writerow([_cell(value) for value in values])
    return row.getvalue()


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = printable(value)
    return f"'{text}" if _FORMULA.match(text) else text
