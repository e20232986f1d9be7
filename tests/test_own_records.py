"""What `semsearch read --json` writes is read as the very same articles, ids included."""

import json
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

import pytest

from semsearch.ports import Place
from semsearch.sources.records.lines import read_records
from semsearch.types import Article
from tests.conftest import some_articles
from tests.making import article
from tests.reading_cases import INPUTS, records

HERE = Place("saved.jsonl", "elsewhere/saved.jsonl")


def line_of(one: Article) -> str:
    record = {"origin": one.origin, "article": one.metadata.to_dict(), "text": one.text}
    return json.dumps(record, ensure_ascii=False) + "\n"


def read_again(written: Iterable[str], place: Place = HERE) -> list[Article]:
    found = list(read_records(BytesIO("".join(written).encode()), place))
    assert all(isinstance(one, Article) for one in found)
    return [one for one in found if isinstance(one, Article)]


@pytest.mark.parametrize("path", sorted(INPUTS.iterdir()), ids=lambda path: path.name)
def test_whatever_a_reader_makes_is_read_back_as_it_was(path: Path):
    made = [one for one in records(path) if isinstance(one, Article)]
    again = read_again(map(line_of, made))
    assert again == made
    assert [one.origin for one in again] == [one.origin for one in made]


def test_a_list_of_them_and_what_get_prints_are_read_too():
    made = some_articles()
    listed = json.dumps([{"article": one.metadata.to_dict(), "text": one.text} for one in made], indent=1)
    assert read_again([listed]) == made


@pytest.mark.parametrize(
    "change",
    [
        {"text": "Somebody else's words."},
        {"article": {"sha256": "0" * 64}},
        {"article": {"article_id": "../../somewhere/el"}},
        {"article": {"title": "A title\u202e with a change of direction"}},
        {"article": {"published": "soon"}},
        {"article": {"tags": {"topics": "harbour"}}},
        {"article": {"authors": [3]}},
        {"more": "than we write"},
    ],
)
def test_what_was_changed_since_is_read_like_anybody_elses(change: dict[str, object]):
    record = json.loads(line_of(article("quay", "Ships lie at the quay.\n\nThey wait for a crane.")))
    of_article = change.pop("article", {})
    assert isinstance(of_article, dict)
    record |= change
    record["article"] |= of_article
    (again,) = read_again([json.dumps(record) + "\n"])
    assert again.origin == "saved.jsonl:1"
    assert "\u202e" not in again.metadata.title
    assert len(again.metadata.article_id) == 20


def test_whoever_says_whose_they_are_has_them_read_anew():
    made = article("quay", publisher="Coast Courier")
    (again,) = read_again([line_of(made)], Place("saved.jsonl", "saved.jsonl", source="Hill Herald"))
    assert again.origin == "saved.jsonl:1"
