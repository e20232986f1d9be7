"""Topics: what is asked, by its id. Tables, JSON Lines and TREC's own form."""

import html
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from semsearch.errors import SourceError
from semsearch.evaluation.records import Line, columns, lines, objects, pick, read_text, refuse
from semsearch.text import normalise_line

TOPIC_ID = ("_id", "id", "qid", "query_id", "query-id", "topic_id", "topic", "number", "num")
QUERY = ("query", "text", "question", "title")
"""In the order in which they are preferred: BEIR has the query under `text`, and an empty `title`."""

EXPECTED = 'expected ID<TAB>QUERY, a JSON object such as {"id": "q1", "query": "…"}, or TREC <top> … </top>'

_TOP = re.compile(r"<top(?:ic)?(?=[\s>])(?P<attributes>[^<>]*)>", re.IGNORECASE)
_END = re.compile(r"</top(?:ic)?>", re.IGNORECASE)
_NUMBER_ATTRIBUTE = re.compile(r"""\b(?:number|num|id)\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)
_NUMBER = re.compile(r"<num>\s*(?:Number\s*:)?\s*([^\s<]+)", re.IGNORECASE)
_TITLE = re.compile(r"<(?:title|query)>\s*(?:Topic\s*:)?(.*?)(?=</?[a-z]+>|\Z)", re.IGNORECASE | re.DOTALL)


def read_topics(path: Path) -> dict[str, str]:
    """Read topics as plain text, by id, in the file's order.

    Raises:
        NoSuchPathError: there is no such file.
        SourceError: a line cannot be understood, a topic is empty or named twice, or there is none.
    """
    text = read_text(path)
    first_line = next(lines(text), (1, ""))[1].lstrip()
    if first_line.startswith("<"):
        rows = _trec(text)
    elif first_line.startswith("{"):
        rows = (
            (number, pick(record, TOPIC_ID), pick(record, QUERY))
            for number, record in objects(path, lines(text), EXPECTED)
        )
    else:
        rows = _table(path, lines(text))
    topics: dict[str, str] = {}
    for number, topic_id, raw in rows:
        query = normalise_line(raw or "")
        if not topic_id or not query:
            refuse(path, number, "this topic has no " + ("query" if topic_id else "id"), EXPECTED)
        if topics.setdefault(topic_id, query) != query:
            refuse(path, number, f"topic {topic_id!r} was there before, with another query", "give each its own id")
    if not topics:
        raise SourceError(f"{path} holds no topic", EXPECTED)
    return topics


def _table(path: Path, numbered_lines: Iterator[Line]) -> Iterator[tuple[int, str | None, str | None]]:
    """Yield the rows of a table: two columns with id and query, or the columns that its header names as such."""
    first_line = next(numbered_lines, None)
    if first_line is None:
        return
    header = columns(first_line[1], TOPIC_ID, QUERY)
    for number, line in numbered_lines if header else chain([first_line], numbered_lines):
        cells = line.split("\t")
        if len(cells) != len(header or "12"):
            count = f"{len(cells)} columns parted by tabs" if len(cells) > 1 else "no tab in this line"
            refuse(path, number, count, EXPECTED)
        record = dict(zip(header or ("id", "query"), cells, strict=True))
        yield number, pick(record, TOPIC_ID), pick(record, QUERY)


def _trec(text: str) -> Iterator[tuple[int, str | None, str | None]]:
    """Yield the topics between tags, whether or not the tags are closed."""
    starts = list(_TOP.finditer(text))
    for start, following in zip(starts, [*starts[1:], None], strict=True):
        body = text[start.end() : following.start() if following else len(text)]
        body = _END.split(body, maxsplit=1)[0]
        topic_id = _NUMBER_ATTRIBUTE.search(start["attributes"]) or _NUMBER.search(body)
        title = _TITLE.search(body)
        number = text.count("\n", 0, start.start()) + 1
        yield number, topic_id and topic_id[1], title and html.unescape(title[1])
