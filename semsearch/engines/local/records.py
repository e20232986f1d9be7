"""One article as a line of a segment, written and read. A line may come from anybody, so each value is checked."""

import json
import re
from typing import NamedTuple

from semsearch.checks import count, text
from semsearch.files import canonical_json
from semsearch.identity import ID_DIGITS
from semsearch.ports import Entry
from semsearch.storable import read_metadata, read_text
from semsearch.text import Span
from semsearch.types import Article, Passage

_BEFORE_ID, _BEFORE_TEXT, _BEHIND_TEXT = b'{"article":{"article_id":"', b',"text":"', b'","truncated":'
"""What stands around an id and a text. No text contains these: in texts a backslash precedes each quotation mark."""

_TRUNCATED = re.compile(rb',"truncated":([0-9]{1,9})\}\n\Z')
"""The end of a line."""


class StoredArticle(NamedTuple):
    """What a line says."""

    article: Article
    passages: tuple[Span, ...]  # where each is in the text
    truncated: int
    legibility: float


def legibility_of(entry: Entry) -> float:
    """Return the legibility as it is written, so that a merge, which reads it again, changes no score."""
    return round(entry.legibility, 6)


def record_line(entry: Entry) -> bytes:
    """Return the line of an article."""
    metadata = entry.article.metadata
    dates = {"published": metadata.published, "updated": metadata.updated}
    record = {
        "article": metadata.to_dict(),
        "instants": {name: [date.earliest, date.latest] for name, date in dates.items() if date},
        "legibility": legibility_of(entry),
        "origin": entry.article.origin,
        "passages": [[passage.start, passage.end] for passage in entry.passages],
        "text": entry.article.text,
        "truncated": entry.truncated,
    }
    return canonical_json(record) + b"\n"


def read_record(line: bytes) -> StoredArticle:
    """Read a line; raises ValueError where it is not what `record_line` writes."""
    try:
        raw = json.loads(line)
        article = Article(read_metadata(raw["article"], raw["instants"]), read_text(raw["text"]), text(raw["origin"]))
        spans = tuple(_span(start, end) for start, end in raw["passages"])
        legibility = _share(raw.get("legibility", 1.0))  # earlier versions did not write it
        return StoredArticle(article, spans, count(raw["truncated"]), legibility)
    except (KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise ValueError(f"it is not an article: {error}") from error


def truncated_of(line: bytes) -> int:
    """Return how many passages of an article are truncated, as `read_record` does, and raise ValueError as it does."""
    match = _TRUNCATED.search(line)
    return int(match[1]) if match else read_record(line).truncated


def read_id_and_text(line: bytes) -> tuple[str, str]:
    """Read only what comparisons need of a line; raises ValueError where it is not an article."""
    try:
        begin, end = line.rfind(_BEFORE_TEXT), line.rfind(_BEHIND_TEXT)
        if line.startswith(_BEFORE_ID) and len(_BEFORE_ID) + ID_DIGITS < begin < end:  # as `record_line` writes it
            article_id = line[len(_BEFORE_ID) : len(_BEFORE_ID) + ID_DIGITS].decode()
            return article_id, read_text(json.loads(line[begin + len(_BEFORE_TEXT) - 1 : end + 1].decode()))
        raw = json.loads(line)
        return text(raw["article"]["article_id"]), read_text(raw["text"])
    except (KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise ValueError(f"it is not an article: {error}") from error


def passages_of(record: StoredArticle) -> list[Passage]:
    """Return the passages of an article."""
    article_id, text = record.article.metadata.article_id, record.article.text
    return [
        Passage(article_id, ordinal, start, end, text[start:end])
        for ordinal, (start, end) in enumerate(record.passages)
    ]


def _span(start: object, end: object) -> Span:
    """Return where a passage is; the text is not looked at, since an index without texts has passages, too."""
    if count(start) > count(end):
        raise ValueError("a passage ends before it begins")
    return count(start), count(end)


def _share(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
        raise TypeError(f"{value!r:.40} is not a share")
    return float(value)
