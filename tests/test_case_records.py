"""What data frames write as JSON, in every arrangement: the same articles."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.sources import read
from semsearch.sources.records.envelopes import LostRecords
from semsearch.sources.records.frames import rows
from semsearch.types import Article, Skipped, Unreadable

CASE = Path(__file__).parent / "cases" / "19-frames-of-pandas"
Row = Mapping[str, Any]


def articles(path: Path, **how: Any) -> list[Article]:
    found = list(read(path, **how))
    assert all(isinstance(one, Article) for one in found), found
    return [one for one in found if isinstance(one, Article)]


def test_columns_and_split_hold_the_articles_of_records() -> None:
    expected = articles(CASE / "records.jsonl")
    assert [one.metadata.title for one in expected] == ["Harbour pilot honoured", "Night ferry delayed"]
    assert articles(CASE / "columns.json") == expected
    split = articles(CASE / "split.json")  # which has no authors
    assert split == [replace(one, metadata=replace(one.metadata, authors=())) for one in expected]
    assert [one.text for one in articles(CASE / "index.json")] == [one.text for one in expected]
    assert [one.metadata.published.earliest for one in articles(CASE / "table.json") if one.metadata.published] == [
        expected[0].metadata.published.earliest if expected[0].metadata.published else 0
    ]


def by_columns(found: Sequence[Row], labels: Sequence[Any]) -> object:
    return {name: {str(label): one[name] for label, one in zip(labels, found, strict=True)} for name in found[0]}


def by_index(found: Sequence[Row], labels: Sequence[Any]) -> object:
    return {str(label): one for label, one in zip(labels, found, strict=True)}


def split(found: Sequence[Row], labels: Sequence[Any]) -> object:
    return {"columns": [*found[0]], "index": [*labels], "data": [[*one.values()] for one in found]}


def tight(found: Sequence[Row], labels: Sequence[Any]) -> object:
    return {**split(found, labels), "index_names": [None], "column_names": [None]}  # type: ignore[dict-item]


def table(found: Sequence[Row], labels: Sequence[Any]) -> object:
    fields = [{"name": name, "type": "string"} for name in ("index", *found[0])]
    data = [{"index": label, **one} for label, one in zip(labels, found, strict=True)]
    return {"schema": {"fields": fields, "primaryKey": ["index"], "pandas_version": "1.4.0"}, "data": data}


def lists(found: Sequence[Row], labels: Sequence[Any]) -> object:
    assert labels
    return {name: [one[name] for one in found] for name in found[0]}


ARRANGEMENTS: Mapping[str, Callable[[Sequence[Row], Sequence[Any]], object]] = {
    "columns": by_columns, "index": by_index, "split": split, "tight": tight, "table": table, "lists": lists,
}  # fmt: skip
FOUND = [
    {"title": "Harbour pilot honoured", "text": "A harbour pilot was honoured.", "date": 1714723200000, "id": 7},
    {"title": "Night ferry delayed", "text": "The night ferry was delayed by fog.", "date": None, "id": 9},
    {"title": None, "text": "Wheat prices fell after a record harvest.", "date": "2024-05-04", "id": 12},
]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("arrangement", ARRANGEMENTS)
def test_every_arrangement_holds_the_same_articles(arrangement: str, indent: int | None, tmp_path: Path) -> None:
    expected, written = tmp_path / "a" / "x.json", tmp_path / "b" / "x.json"
    for path, value in ((expected, FOUND), (written, ARRANGEMENTS[arrangement](FOUND, range(3)))):
        path.parent.mkdir()
        path.write_text(json.dumps(value, indent=indent))
    assert articles(written, source="Wire") == articles(expected, source="Wire")  # else ids are the file's


@pytest.mark.parametrize("arrangement", ["columns", "index", "split"])
def test_labels_that_say_something_are_kept(arrangement: str, tmp_path: Path) -> None:
    labels = ["https://news.example.org/a", "https://news.example.org/b", "third"]
    (tmp_path / "x.json").write_text(json.dumps(ARRANGEMENTS[arrangement](FOUND, labels)))
    found = articles(tmp_path / "x.json")
    assert [one.metadata.url for one in found] == [*labels[:2], None]
    assert found[2].metadata.tags["key"] == ("third",)


@pytest.mark.parametrize("arrangement", ["columns", "split", "lists"])
def test_names_that_somebody_gave_count(arrangement: str, tmp_path: Path) -> None:
    named = [{"Rubrum": one["title"] or "x", "Korpus": one["text"]} for one in FOUND]
    (tmp_path / "x.json").write_text(json.dumps(ARRANGEMENTS[arrangement](named, range(3))))
    found = articles(tmp_path / "x.json", names={"Rubrum": "title", "Korpus": "text"})
    assert [one.text for one in found] == [one["text"] for one in FOUND]


values = st.none() | st.integers(-5, 5) | st.text(max_size=5) | st.lists(st.integers(0, 3), max_size=2)
columns = st.lists(st.text(min_size=1, max_size=5), unique=True, max_size=4).map(
    lambda names: ["text", *(name for name in names if name != "text")]
)


@given(st.data(), columns, st.lists(st.integers(0, 99), min_size=2, max_size=5, unique=True))
def test_rows_are_what_was_in_the_frame(data: st.DataObject, names: list[str], labels: list[int]) -> None:
    found = [dict(zip(names, data.draw(st.tuples(*[values] * len(names))), strict=True)) for _ in labels]
    for arrangement, arrange in ARRANGEMENTS.items():
        if arrangement != "index" and any(one["text"] for one in found):
            read_again = rows(json.loads(json.dumps(arrange(found, labels))))
            if read_again is None:
                assert arrangement in ("columns", "lists")  # nothing tells that these are columns
                continue
            bare = [{key: value for key, value in one.items() if key not in ("key", "index")} for one in read_again]  # type: ignore[union-attr]
            assert bare == [{key: value for key, value in one.items() if key not in ("key", "index")} for one in found]


NO_FRAMES = {
    "WordPress": {"title": {"rendered": "Quay"}, "content": {"rendered": "It opened."}},
    "Solr": {"title": ["Quay"], "text": ["It opened."]},
    "paragraphs": {"title": ["Quay"], "text": ["It opened.", "It rained."]},
    "an article": {"title": "Quay", "text": "It opened.", "index": {"0": 1}},
    "parts": {"headline": {"main": "Quay"}, "body": {"text": "It opened."}},
}


@pytest.mark.parametrize("name", NO_FRAMES)
def test_an_article_of_objects_or_lists_is_one_article(name: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps(NO_FRAMES[name]))
    (found,) = articles(tmp_path / "x.json")
    assert found.metadata.title == "Quay"
    assert "It opened." in found.text


def test_rows_that_do_not_fit_are_skipped_one_by_one(tmp_path: Path) -> None:
    broken = {"columns": ["title", "text"], "data": [["Quay"], ["Ferry", "It left."], ["a", "b", "c"]]}
    (tmp_path / "x.json").write_text(json.dumps(broken))
    first, second, third = read(tmp_path / "x.json")
    assert isinstance(first, Skipped)
    assert "a row of 1 values under 2 names" in first.reason
    assert isinstance(second, Article)
    assert isinstance(third, Skipped)
    assert isinstance(next(rows({"schema": {"fields": []}, "data": ["x"]}) or iter(())), LostRecords)


def test_rows_without_names_are_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps([["Quay", "It opened."], ["Ferry", "It left."]]))
    (found,) = read(tmp_path / "x.json")
    assert isinstance(found, Skipped | Unreadable)
    assert 'orient="values"' in found.reason
    assert 'orient="records"' in found.reason


@pytest.mark.slow
@pytest.mark.parametrize("arrangement", ["columns", "split"])
def test_a_frame_too_large_to_be_turned_is_refused_with_its_arrangement(arrangement: str, tmp_path: Path) -> None:
    text = "word " * 200_000
    many = [{"title": f"Number {number}", "text": text} for number in range(70)]
    (tmp_path / "x.json").write_text(json.dumps(ARRANGEMENTS[arrangement](many, range(70))))
    (found,) = read(tmp_path / "x.json")
    assert isinstance(found, Unreadable)
    assert f'orient="{arrangement}"' in found.reason
    assert 'orient="records", lines=True' in found.reason


@pytest.mark.slow
def test_a_large_frame_by_its_index_is_read_as_it_comes(tmp_path: Path) -> None:
    text = "word " * 200_000
    many = [{"title": f"Number {number}", "text": text} for number in range(70)]
    (tmp_path / "x.json").write_text(json.dumps(by_index(many, range(70))))
    assert [one.metadata.title for one in articles(tmp_path / "x.json")] == [one["title"] for one in many]
