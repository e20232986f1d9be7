"""The way back: from an article, or a passage of it, to the file and the place in it."""

import csv
import io
import json
import random
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch import Filters, Index
from semsearch.cli import main
from semsearch.origins import OriginPatterns
from semsearch.ports import Encoder
from semsearch.sources import read
from semsearch.types import Article, Metadata
from tests.exports import documents, nexis
from tests.papers import column, pdf

STORIES = {
    "crane": "The last steam crane of the inner harbour is back on its rails and lifts again.",
    "library": "The town council has voted by nineteen to six for a new library near the market.",
    "ferry": "The ferry to the island will sail twice a day until the end of the winter.",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of files of several kinds, one story in each."""
    place = tmp_path / "press"
    (place / "2024").mkdir(parents=True)
    lines = [
        json.dumps({"title": title, "text": text, "url": f"https://q.example/{title}"})
        for title, text in STORIES.items()
    ]
    (place / "2024" / "day.jsonl").write_text("\n".join(lines))
    (place / "note.txt").write_text("Bakery opens\n\nA bakery has opened on the quay, and sells rye bread from six.")
    (place / "report.pdf").write_bytes(
        pdf(
            [
                column(f"Page {n} says that {text} {text} {text} {text}", 60, 700, 400)
                for n, text in enumerate(STORIES.values(), 1)
            ]
        )
    )
    with zipfile.ZipFile(place / "2024" / "packed.zip", "w") as archive:
        archive.writestr("inner/list.csv", "title,text\nOrchard,The orchard behind the mill bears again this year.\n")
    return place


PLACES = {
    ("2024/day.jsonl", "line 1"), ("2024/day.jsonl", "line 2"), ("2024/day.jsonl", "line 3"), ("note.txt", None),
    ("report.pdf", None), ("2024/packed.zip/inner/list.csv", "line 2"),
}  # fmt: skip


@pytest.mark.parametrize("relative", [True, False])
def test_an_article_knows_its_file_within_the_folder_that_was_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, relative: bool
) -> None:
    monkeypatch.chdir(folder.parent)
    found = list(read("press" if relative else folder))
    assert {(one.metadata.origin, one.metadata.place) for one in found if isinstance(one, Article)} == PLACES


def test_every_output_shows_where_an_article_was_read(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    index = str(tmp_path / "index")

    def run(*arguments: str) -> str:
        with pytest.raises(SystemExit):
            main([*arguments])
        return capsys.readouterr().out

    run("build", str(folder), "-i", index, "--model", "hashing")
    listed = json.loads(run("list", "-i", index, "--json"))
    assert {(one["origin"], one["place"]) for one in listed} == PLACES
    rows = list(csv.DictReader(io.StringIO(run("list", "-i", index, "--format", "csv"))))
    assert {(row["origin"], row["place"] or None) for row in rows} == PLACES
    assert "2024/day.jsonl, line 2" in run("list", "-i", index, "--full")
    (hit,) = json.loads(
        run("query", "ferry island winter", "-i", index, "--origin", "report.pdf", "--json", "-k", "1")
    )["hits"]
    assert (hit["article"]["origin"], hit["place"]) == ("report.pdf", "page 3")
    assert "report.pdf, page 3" in run("query", "ferry island winter", "-i", index, "--origin", "report.pdf")
    assert "report.pdf, page 3" in run(
        "query", "ferry island winter", "-i", index, "--origin", "report.pdf", "--format", "md"
    )
    (row,) = csv.DictReader(io.StringIO(run("query", "ferry", "-i", index, "--origin", "*.pdf", "--format", "csv")))
    assert (row["origin"], row["place"]) == ("report.pdf", "page 3")
    shown = run("get", hit["article"]["article_id"], "-i", index)
    assert "report.pdf, 3 pages" in shown


@pytest.mark.parametrize(
    ("pattern", "count"),
    [
        ("day.jsonl", 3),
        ("2024", 4),
        ("2024/*", 4),
        ("*.pdf", 1),
        ("REPORT.PDF", 1),
        ("press", 0),
        ("day", 0),
        ("list.csv", 1),
    ],
)
def test_a_pattern_finds_what_was_read_from_a_file_or_folder(
    folder: Path, tmp_path: Path, hashing: Encoder, pattern: str, count: int
) -> None:
    with Index.build(read(folder), tmp_path / "index", encoder=hashing) as index:
        found = list(index.articles(Filters(origins={pattern})))
        assert len(found) == count
        assert index.search("harbour", k=10, filters=Filters(origins={pattern})).total == count
        index.compact()
        assert len(list(index.articles(Filters(origins={pattern})))) == count


NAMELESS = "the cranes of the inner harbour lift again, and the ferry sails twice a day until the winter."
"""A text whose id can only be made of the text itself: it has no title, no date and no address."""


@pytest.mark.parametrize("ending", ["txt", "md", "html", "eml"])
@pytest.mark.parametrize("names", [("a/x", "b/x"), ("a/x", "a/y", "b/z"), ("x", "a/x", "a/b/x")])
def test_files_with_the_same_nameless_text_are_one_article_and_reading_them_again_writes_nothing(
    names: tuple[str, ...], ending: str, hashing: Encoder, tmp_path: Path
) -> None:
    press = tmp_path / "press"
    for name in names:
        path = press / f"{name}.{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            {"html": f"<p>{NAMELESS}</p>", "eml": f"From: a@b.example\n\n{NAMELESS}\n"}.get(ending, NAMELESS)
        )
    index = Index.build(press, tmp_path / "news.idx", encoder=hashing)
    assert len(index) == 1
    first = [(article.origin, article.tags, article.indexed) for article in index.articles()]
    for source in (press, press, [press, press / "a"]):
        summary = index.add(source)
        assert (summary.added, summary.replaced, summary.moved) == (0, 0, 0)
        assert summary.unchanged >= len(names)
        assert index.stats().generation == 1
    assert [(article.origin, article.tags, article.indexed) for article in index.articles()] == first
    (press / f"{first[0][0]}").unlink()
    index.add(press)
    [moved] = index.articles()
    assert moved.origin in {f"{name}.{ending}" for name in names} - {first[0][0]}
    assert index.add(press).unchanged == len(names) - 1


def test_a_file_that_moved_is_known_by_its_new_place_and_encodes_nothing(
    folder: Path, tmp_path: Path, hashing: Encoder
) -> None:
    with Index.build(read(folder), tmp_path / "index", encoder=hashing) as index:
        before = {one.article_id: one.indexed for one in index.articles()}
        (folder / "2023").mkdir()
        (folder / "2024" / "day.jsonl").rename(folder / "2023" / "old.jsonl")
        summary = index.add(read(folder))
        assert (summary.moved, summary.added, summary.replaced, summary.passages) == (3, 0, 0, 0)
        moved = list(index.articles(Filters(origins={"2023/old.jsonl"})))
        assert len(moved) == 3
        assert {one.article_id: one.indexed for one in index.articles()} == before
        generation = index.stats().generation
        assert index.add(read(folder)).moved == 0
        assert index.stats().generation == generation


def test_of_two_files_with_an_article_the_first_is_kept_and_reading_them_again_writes_nothing(
    tmp_path: Path, hashing: Encoder
) -> None:
    line = json.dumps({"title": "Crane", "text": STORIES["crane"], "url": "https://q.example/crane"})
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / "press").mkdir(exist_ok=True)
        (tmp_path / "press" / name).write_text(line)
    with Index.build(read(tmp_path / "press"), tmp_path / "index", encoder=hashing) as index:
        for _ in range(2):
            assert [one.origin for one in index.articles()] == ["a.jsonl"]
            assert index.add(read(tmp_path / "press")).moved == 0


def test_what_read_prints_is_read_again_with_its_places(
    folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (folder / "export.txt").write_text(nexis(documents(random.Random(1), 3)))  # noqa: S311
    with pytest.raises(SystemExit):
        main(["read", "--json", str(folder)])
    (tmp_path / "again.jsonl").write_text(capsys.readouterr().out)
    first, again = (
        {
            (one.metadata.origin, one.metadata.place, one.metadata.pages)
            for one in read(place)
            if isinstance(one, Article)
        }
        for place in (folder, tmp_path / "again.jsonl")
    )
    assert first == again


@given(st.lists(st.integers(0, 50), min_size=1, max_size=8).map(sorted), st.data())
def test_a_passages_pages_are_those_that_have_a_part_of_it(starts: list[int], data: st.DataObject) -> None:
    starts[0] = 0
    known = Metadata("0" * 20, "", pages=tuple(starts))
    start = data.draw(st.integers(0, 60))
    end = data.draw(st.integers(start + 1, 61))
    ends = [*starts[1:], 10**9]
    own = [page for page, (first, last) in enumerate(zip(starts, ends, strict=True), 1) if first < end and start < last]
    expected = f"page {own[0]}" if len(own) == 1 else f"pages {own[0]} to {own[-1]}"
    assert known.place_of(start, end) == expected


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_pattern_fails(pattern: str, origin: str) -> None:
    assert OriginPatterns([pattern]).match(origin) in (True, False)
    assert not OriginPatterns([]).match(origin)
