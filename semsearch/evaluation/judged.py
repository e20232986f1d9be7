"""Judgements: how relevant is which article to which topic? TREC's four columns, BEIR's table, JSON Lines."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from semsearch.errors import SourceError
from semsearch.evaluation.records import Line, Record, columns, lines, objects, pick, read_text, refuse

TOPIC_ID = ("query-id", "query_id", "qid", "topic_id", "topic")
JUDGED_ID = ("corpus-id", "corpus_id", "doc_id", "docid", "docno", "did", "pid", "article_id", "url", "id")
GRADE = ("score", "relevance", "rel", "grade", "label")

EXPECTED = "expected TOPIC 0 ID GRADE, or a table or JSON objects with query-id, corpus-id and score"


def read_judgements(path: Path) -> dict[str, dict[str, int]]:
    """Read grades by topic and judged id, in the file's order.

    Raises:
        NoSuchPathError: there is no such file.
        SourceError: a line cannot be understood or contradicts an earlier one, or there is none.
    """
    text = read_text(path)
    first_line = next(lines(text), (1, ""))[1].lstrip()
    records = objects(path, lines(text), EXPECTED) if first_line.startswith("{") else _table(path, lines(text))
    judgements: dict[str, dict[str, int]] = {}
    for number, record in records:
        topic, judged_id = pick(record, TOPIC_ID), pick(record, JUDGED_ID)
        if not topic or not judged_id:
            refuse(path, number, "this judgement has no " + ("id of what is judged" if topic else "topic"), EXPECTED)
        grade = _grade(record)
        if grade is None:
            refuse(path, number, "the grade is not a whole number", "1 or more is relevant, 0 is not")
        if judgements.setdefault(topic, {}).setdefault(judged_id, grade) != grade:
            refuse(path, number, f"{judged_id!r} was judged otherwise before, for topic {topic!r}", "keep one")
    if not judgements:
        raise SourceError(f"{path} holds no judgement", EXPECTED)
    return judgements


def _grade(record: Record) -> int | None:
    value = next((record[name] for name in GRADE if name in record), None)
    try:
        number = float(value) if isinstance(value, str | int | float) else None
    except (ValueError, OverflowError):
        return None
    return int(number) if number is not None and number.is_integer() else None


def _table(path: Path, numbered_lines: Iterator[Line]) -> Iterator[tuple[int, Record]]:
    first_line = next(numbered_lines, None)
    if first_line is None:
        return
    header = columns(first_line[1], TOPIC_ID, JUDGED_ID, GRADE)
    for number, line in numbered_lines if header else chain([first_line], numbered_lines):
        if header:
            cells, names = line.split("\t"), header
        else:
            cells = line.split()
            names = [TOPIC_ID[0], JUDGED_ID[0], GRADE[0]]
            if len(cells) == 4:
                names.insert(1, "iteration")  # no tool has used that column for thirty years
        if len(cells) != len(names):
            expected = len(header) if header else 4
            refuse(path, number, f"{len(cells)} columns where there should be {expected}", EXPECTED)
        yield number, dict(zip(names, cells, strict=True))
