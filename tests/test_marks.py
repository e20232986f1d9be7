"""Combining marks without end, in every field of every kind of source and in every part of a query."""

import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from semsearch import Filters, Index, Query
from semsearch.errors import UsageError
from semsearch.ports import Encoder
from semsearch.sources import read
from semsearch.text import MOST_MARKS
from semsearch.types import Article

MARKS = "\u0301\u0327" * 60_000
"""Sorting them takes minutes where nothing bounds them."""

FIELDS = ("title", "text", "summary", "author", "publisher", "section", "url", "id", "date", "language", "tags", "mood")


def texts(one: Article) -> Iterator[str]:
    yield from (one.text, one.metadata.title, one.metadata.url or "", one.metadata.publisher or "")
    yield from one.metadata.authors
    yield from (value for values in one.metadata.tags.values() for value in values)


def longest(text: str) -> int:
    longest = run = 0
    for char in text:
        run = run + 1 if unicodedata.combining(char) else 0
        longest = max(longest, run)
    return longest


def sources(folder: Path) -> Iterator[Path]:
    written = {"title": "Quay", "text": "It opened.", "url": "https://news.example.org/quay"}
    records = [written | {field: f"https://a{MARKS}.org/x" if field == "url" else f"a{MARKS}"} for field in FIELDS]
    (folder / "a.jsonl").write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records))
    page = f"<html><head><title>a{MARKS}</title></head><body><article><h1>a{MARKS}</h1><p>b{MARKS} end.</p></article>"
    (folder / "a.html").write_text(page)
    (folder / "a.md").write_text(f"---\ntitle: a{MARKS}\nauthor: b{MARKS}\n---\nc{MARKS} end.\n")
    (folder / "a.txt").write_text(f"a{MARKS}\n\nb{MARKS} end.\n")
    (folder / "a.csv").write_text(f"title,text,author\na{MARKS},b{MARKS},c{MARKS}\n")
    items = (
        f"<item><title>a{MARKS}</title><description>b{MARKS}</description><link>https://a{MARKS}.org/x</link></item>"
    )
    (folder / "a.xml").write_text(f'<rss version="2.0"><channel><title>c{MARKS}</title>{items}</channel></rss>')
    return folder.iterdir()


def test_no_field_of_any_source_keeps_more_marks_than_anybody_writes(tmp_path: Path) -> None:
    count = 0
    for path in sources(tmp_path):
        for one in read(path):
            if isinstance(one, Article):
                count += 1
                assert max(map(longest, texts(one))) <= MOST_MARKS, path.name
    assert count >= len(FIELDS)


def test_no_part_of_a_query_takes_long(index: Index, hashing: Encoder) -> None:
    many = f"a{MARKS}"
    assert hashing
    filters = Filters(publishers={many}, authors={many}, sections={many}, tags={("topics", many)})
    for query in (
        Query(many),
        Query.parse(f'"{many}" -{many} publisher:{many}'),
        Query("quay", phrases=(many,), excluded=(f"b{many}",)),
        Query("quay", filters=filters),
    ):
        index.search(query)
    with pytest.raises(UsageError):
        index.search(Query("quay", filters=Filters(languages={many})))
    assert index.resolve(many) is None
    assert index.resolve(f"https://{many}.org/x") is None


@pytest.mark.parametrize("option", ["--since", "--timezone", "--publisher"])
def test_no_option_takes_long(option: str, index: Index, capsys: pytest.CaptureFixture[str]) -> None:
    from semsearch.cli import main

    with pytest.raises(SystemExit) as ended:
        main(["query", "quay", "-i", str(index.location), f"{option}=a{MARKS}"])
    assert ended.value.code in (0, 1, 2)
    assert "Traceback" not in capsys.readouterr().err
