"""What `import semsearch` gives; what it costs is in test_processes."""

import asyncio
import io
import pickle
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import date, datetime
from pathlib import Path
from threading import Event, Thread
from time import sleep
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import semsearch
from semsearch import Answer, Article, Date, Filters, Index, Mode, Query, Skipped, Verdict
from semsearch.errors import IndexLockedError, NotFoundError, SourceError, UsageError
from semsearch.ports import Encoder
from semsearch.rendering import renderer
from semsearch.rendering.distributions import FACETS, TIMELINES
from semsearch.rendering.layout import PLAIN
from semsearch.types import FilterArguments, SearchArguments


def test_the_face_is_what_all_names() -> None:
    assert semsearch.errors.UsageError is UsageError
    assert semsearch.__all__ == sorted(semsearch.__all__)
    for name in semsearch.__all__:
        assert getattr(semsearch, name) is not None
    assert set(semsearch.__all__) <= set(dir(semsearch))
    with pytest.raises(AttributeError, match="nothing"):
        _ = semsearch.nothing


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(semsearch.__file__).parent / "py.typed").exists()


# What is added

RECORDS = [
    {"id": "1", "title": "Quay opens", "text": "The harbour board opened a second quay.", "date": "2024-05-03"},
    {"id": "2", "headline": "Ice melts", "body": "The glacier lost a tenth of its ice.", "source": "Hill Herald"},
]
TEXTS = ["The harbour board opened a second quay on Friday.", "One line.\nAnother line about the glacier."]


def titles(index: Index) -> set[str]:
    return {article.title for article in index.articles()}


@pytest.fixture
def empty(tmp_path: Path, hashing: Encoder) -> Iterator[Index]:
    with Index.create(tmp_path / "empty", encoder=hashing) as index:
        yield index


def test_dicts_have_the_names_that_files_have_and_ids_of_ones_own(tmp_path: Path, hashing: Encoder) -> None:
    index = Index.build(RECORDS, tmp_path / "index", encoder=hashing)
    assert index.get("2").metadata.publisher == "Hill Herald"
    assert index.get("1").metadata.published == Date("2024-05-03", 1714694400, 1714780799)
    assert "2" in index
    assert "3" not in index
    assert index.add([RECORDS[0] | {"text": "The quay is closed again."}]).replaced == 1
    assert len(index) == 2
    assert index.get("1").text == "The quay is closed again."
    assert index.add(iter([{"id": 3, "title": "Rain"}])).added == 1
    assert index.add(RECORDS[1]).unchanged == 1


def test_data_frames_are_read_row_by_row(empty: Index) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    pandas = pytest.importorskip("pandas")
    columns = {
        "id": [1, 2],
        "title": ["Quay opens", "Ice melts"],
        "text": ["The quay opened.", None],
        "date": [datetime(2024, 5, 3), None],
        "score": [0.5, float("nan")],
    }
    frame = pandas.DataFrame(columns)
    assert empty.add(frame).added == 2
    article = empty.get("1")
    assert article.metadata.published == Date("2024-05-03", 1714694400, 1714780799)
    assert article.metadata.tags["score"] == ("0.5",)
    assert "score" not in empty.get("2").metadata.tags
    assert empty.add(frame.set_index("id")).unchanged == 2
    assert empty.add(pyarrow.table(columns)).articles == 2
    assert len(empty) == 2


def test_polars_rows_are_dicts(empty: Index) -> None:
    class Frame:
        """As polars gives its rows."""

        def iter_rows(self, *, named: bool) -> Iterator[dict[str, object]]:
            assert named
            return iter(RECORDS)

    assert empty.add(Frame()).added == 2


def test_columns_are_a_table_too(empty: Index) -> None:
    assert empty.add({"title": ["Quay", "Ice"], "text": ["It opened.", "It melted."]}).added == 2
    assert titles(empty) == {"Quay", "Ice"}


def test_texts_are_articles_only_where_they_cannot_be_files(empty: Index, tmp_path: Path) -> None:
    assert empty.add(TEXTS).added == 2
    file = tmp_path / "a file with four words.txt"
    file.write_text("The opera house reopened after the fire, with a new production.")
    assert empty.add([str(file), file]).added == 1
    for wrong, told in (
        (["harbour"], "no such file or folder"),
        ([str(file), TEXTS[0]], "item 1 of the list"),
        ([file, RECORDS[0]], "item 1 of the list"),
        (iter(["harbour"]), r"records\[0\]"),
        (iter([file]), "stream of files"),
    ):
        with pytest.raises(UsageError, match=told) as refused:
            empty.add(wrong)
        assert refused.value.hint or "no such" in told
    assert len(empty) == 3


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (5, r"records\[1\]: 5 \(int\)"),
        (None, r"records\[1\]: None"),
        ([RECORDS[0]], r"records\[1\]: \["),
        ({"author": "Ann Ash"}, r"records\[1\]: neither headline nor text"),
        ({"title": "Quay", "text": 5}, r"records\[1\]: the field 'text' is 5 \(int\)"),
        ({"title": "Quay", "text": object()}, r"records\[1\]: the field 'text' is <object"),
        ({"title": "Quay", "extra": b"\x00"}, r"records\[1\]: the field 'extra'"),
    ],
)
def test_a_wrong_record_is_named_before_anything_is_written(wrong: object, told: str, empty: Index) -> None:
    with pytest.raises(UsageError, match=told) as refused:
        empty.add([RECORDS[0], wrong])
    assert refused.value.hint
    assert len(empty) == 0


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.dates() | st.datetimes(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=5,
    ),
    st.sampled_from(["title", "text", "date", "author", "url", "id", "tags", "anything", "language", "section"]),
)
def test_any_value_is_read_or_refused_with_its_record(value: object, field: str) -> None:
    record = {"title": "Quay opens", field: value}
    for reading in semsearch.read([record]):
        assert isinstance(reading, Article | Skipped)
        if isinstance(reading, Skipped):
            assert reading.origin == "records[0]"


def test_reading_names_other_columns_and_skips_what_it_cannot_use(empty: Index) -> None:
    records = [{"Kopf": "Quay", "Prosa": "It opened."}, {"Prosa": None}]
    summary = empty.add(semsearch.read(records, names={"Kopf": "title", "Prosa": "text"}, source="Talbote"))
    assert (summary.added, summary.skipped) == (1, 1)
    with pytest.raises(UsageError, match=r"records\[1\]: removed by its source") as refused:
        empty.add([RECORDS[0], {"title": "[Removed]"}])
    assert "semsearch.read(RECORDS)" in refused.value.hint
    assert next(empty.articles()).publisher == "Talbote"


@pytest.mark.parametrize("nothing", [(), []])
def test_nothing_is_no_index(nothing: object, tmp_path: Path, hashing: Encoder) -> None:
    with pytest.raises(SourceError, match="nothing to build from") as refused:
        Index.build(nothing, tmp_path / "index", encoder=hashing)
    assert "Index.create" in refused.value.hint
    assert not (tmp_path / "index").exists()


# What is asked


def test_every_filter_and_every_field_of_a_query_is_an_argument() -> None:
    filters = {field.name for field in fields(Filters)}
    own = {field.name for field in fields(Query)} - {"text", "k", "filters", "notices"}
    assert FilterArguments.__annotations__.keys() == filters
    assert SearchArguments.__annotations__.keys() == filters | own


@pytest.mark.parametrize(
    ("arguments", "filters"),
    [
        ({"publishers": "Hill Herald"}, Filters(publishers={"Hill Herald"})),
        ({"publishers": ["Hill Herald", "Talbote"]}, Filters(publishers={"Hill Herald", "Talbote"})),
        ({"since": date(2020, 3, 1), "until": "2020-12"}, Filters(since="2020-03-01", until="2020-12")),
        ({"languages": "German"}, Filters(languages={"de"})),
        ({"tags": {"topics": ["opera", "wheat"]}}, Filters(tags={("topics", "opera"), ("topics", "wheat")})),
        ({"filters": {"sections": "climate"}, "since": None}, Filters(sections={"climate"})),
        ({"filters": {"sections": "climate"}, "until": "2020-12"}, Filters(sections={"climate"}, until="2020-12")),
    ],
)
def test_arguments_are_filters(arguments: dict[str, Any], filters: Filters, index: Index) -> None:
    known = list(index.articles(filters))
    assert 0 < len(known) < 12
    assert list(index.articles(**arguments)) == known
    answer = index.search("the town", k=12, mode="dense", **arguments)
    assert (answer.total, answer.query.mode) == (len(known), Mode.DENSE)
    assert {hit.article.article_id for hit in answer} == {article.article_id for article in known}
    expected = index.similar(known[0].article_id, filters=filters)
    assert index.similar(known[0].article_id, **arguments).hits == expected.hits


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda index: index.search(Query("ice"), k=3), "k given beside a Query"),
        (lambda index: index.search(Query("ice"), filters={"since": "2020"}), "filters given beside a Query"),
        (lambda index: index.search(Query("ice"), mode="dense", since="2020"), "mode, since given beside"),
        (lambda index: index.search("ice", since="2020", filters={"since": "2021"}), "since is given twice"),
        (lambda index: index.search("ice", publisher="Talbote"), "no argument 'publisher'"),
        (lambda index: index.search("ice", mode="sparse"), "sparse"),
        (lambda index: index.search("ice", k=0), "k is 0"),
        (lambda index: index.search(Query("ice", None)), "k is None"),  # type: ignore[arg-type]
        (lambda index: index.articles(colour="red"), "no argument 'colour'"),
        (lambda index: index.delete(["0" * 20], since="2020"), "by ids and by filters"),
        (lambda index: index.delete(filters={}), "every article would be deleted"),
        (lambda index: index.sample(0), "n is 0"),
        (lambda index: index.sample(1, by="colour"), "no group 'colour'"),
        (lambda index: index.facets(by="colour"), "unknown facet 'colour'"),
        (lambda index: index.facets(by=3), "by is 3"),
    ],
)
def test_what_contradicts_itself_or_does_not_exist_is_refused(
    call: Callable[[Index], object], told: str, index: Index
) -> None:
    with pytest.raises(UsageError, match=told) as refused:
        call(index)
    assert refused.value.hint
    assert len(index) == 12


def test_a_closed_index_says_so(index: Index) -> None:
    index.close()
    index.close()
    assert "closed" in repr(index)
    for call in (lambda: index.search("ice"), lambda: len(index), lambda: index.add(RECORDS), index.stats):
        with pytest.raises(UsageError, match="was closed") as refused:
            call()
        assert "Index.open(" in refused.value.hint


def test_a_search_that_is_awaited_leaves_the_loop_free(index: Index) -> None:
    async def both() -> tuple[Answer, Answer]:
        return await asyncio.gather(index.asearch("ice", k=2, languages="en"), index.asearch(Query("opera")))

    ice, opera = asyncio.run(both())
    assert ice.hits == index.search("ice", k=2, languages="en").hits
    assert opera[0].article.title == "About the opera"


# What comes back


def test_an_answer_is_a_sequence_of_its_hits(index: Index) -> None:
    answer = index.search("ice", k=3)
    assert len(answer) == 3
    assert list(answer) == list(answer.hits) == [answer[0], *answer[1:]]
    assert answer[-1] in answer
    assert repr(answer) == "<Answer to 'ice': 3 hits, 12 articles searched, weak>"
    assert repr(answer[0]).startswith(f"<Hit 1: {answer[0].article.title!r:.80}, ")
    assert repr(answer[0]).endswith(f", weak: {answer[0].text!r:.80}>")
    assert len(repr(answer[0])) < 400


def test_matches_are_counted_where_that_is_asked_for(index: Index) -> None:
    assert index.search("ice").matches is None
    answer = index.search("glacier ice", k=12, count=True)
    hits = [hit for hit in answer if hit.verdict is not Verdict.NONE]
    assert answer.matches == len(hits) > 0
    assert answer.to_dict()["matches"] == len(hits)
    assert index.search("glacier ice", k=1, count=True).matches == len(hits)
    assert index.similar(answer[0].article.article_id, count=True).matches is not None


def test_each_publisher_has_its_best_article(index: Index) -> None:
    everything = index.search("the town", k=12)
    answer = index.search("the town", k=12, group_by="publisher")
    assert len(answer) == 5
    for hit in answer:
        best = next(one for one in everything if one.article.publisher == hit.article.publisher)
        assert hit.article == best.article
    assert [hit.score for hit in answer] == sorted((hit.score for hit in answer), reverse=True)


def test_a_data_frame_has_a_row_a_hit_with_utc_dates_and_every_score(index: Index) -> None:
    pandas = pytest.importorskip("pandas")
    answer = index.search("ice", k=12)
    frame = answer.to_pandas()
    assert list(frame["rank"]) == list(range(1, 13))
    assert list(frame["text"]) == [hit.text for hit in answer]
    for name in ("published_utc", "updated_utc", "indexed_utc"):
        assert str(frame[name].dtype) == "datetime64[ns, UTC]"
    for row, hit in zip(frame.itertuples(), answer, strict=True):
        published = hit.article.published
        assert (published is None) == pandas.isna(row.published_utc)
        assert published is None or row.published_utc.timestamp() == published.earliest
        assert (row.dense, row.lexical) == pytest.approx(tuple(hit.scores.values()), abs=1e-6)
        assert (row.query, row.start, row.end) == ("ice", hit.passage.start, hit.passage.end)
    nothing = index.search("ice", until="1990").to_pandas()
    assert (len(nothing), list(nothing.columns)) == (0, list(frame.columns))
    old = replace(answer[0], article=replace(answer[0].article, published=Date("1600", -11676096000, -11644473601)))
    assert pandas.isna(replace(answer, hits=(old,)).to_pandas()["published_utc"][0])


def test_csv_is_the_same_table(index: Index) -> None:
    pandas = pytest.importorskip("pandas")
    answer = index.search("ice", k=12)
    text = "".join(renderer("csv")(answer))
    assert text.count("\r\n") == 13
    read = pandas.read_csv(io.StringIO(text), parse_dates=["published_utc", "indexed_utc"])
    frame = answer.to_pandas()
    assert list(read.columns) == list(frame.columns)
    assert str(read["published_utc"].dtype).endswith("UTC]")
    assert list(read["published_utc"].dropna()) == list(frame["published_utc"].dropna())
    assert list(read["title"]) == list(frame["title"])


def test_what_a_notebook_shows_is_escaped(index: Index) -> None:
    attack = "<script>alert(1)</script>\"'&\x1b[31m\u202e"
    answer = index.search("ice", k=2)
    hit = replace(
        answer[0],
        article=replace(answer[0].article, title=attack, url="javascript:alert(1)", publisher=attack, section=attack),
        passage=replace(answer[0].passage, text=attack, start=0, end=len(attack)),
        sentence=(0, 9),
    )
    shown = replace(answer, hits=(hit, answer[1]), notices=(attack,))._repr_html_()
    assert "<script" not in shown
    assert "javascript:" not in shown
    assert not set(shown) & {"\x1b", "\u202e"}
    elements = set(re.findall(r"<(\w+)", shown))
    assert elements <= {"style", "div", "span", "b", "ol", "li", "p", "mark", "a"}
    assert 'href="https://news.example.org/' in shown
    assert "About the" in shown


def test_counts_are_tables_and_say_what_they_are(index: Index) -> None:
    pandas = pytest.importorskip("pandas")
    facets = index.facets("ice", by=["publisher", "section"])
    assert index.facets("ice", by="section").by == {"section": facets.by["section"]}
    assert repr(facets).startswith(f"<Facets: {facets.selection.count.matching} of 12 articles; values: publisher ")
    read = pandas.read_csv(io.StringIO("".join(FACETS["csv"](facets, PLAIN))))
    pandas.testing.assert_frame_equal(facets.to_pandas(), read, check_dtype=False)
    timeline = index.timeline("ice", interval="month")
    assert f" months, {timeline.bars[0].start} to {timeline.bars[-1].start}>" in repr(timeline)
    read = pandas.read_csv(io.StringIO("".join(TIMELINES["csv"](timeline, PLAIN))), parse_dates=["start"])
    pandas.testing.assert_frame_equal(timeline.to_pandas(), read, check_dtype=False)


def test_an_id_of_one_s_own_is_a_column(tmp_path: Path, hashing: Encoder) -> None:
    pytest.importorskip("pandas")
    rows = [{"id": "a7", "title": "Quay", "text": "The quay is open."}, {"title": "Ice", "text": "The ice is thin."}]
    index = Index.build(rows, tmp_path / "index", encoder=hashing)
    assert set(index.search("quay ice", k=2).to_pandas()["source_id"].fillna("")) == {"a7", ""}


def test_one_is_no_plural(index: Index) -> None:
    answer = index.search("ice", k=1, publishers="Hill Herald", sections="health")
    assert repr(answer).startswith("<Answer to 'ice': 1 hit, 1 article searched, ")
    assert "1 hit · 1 article searched" in answer._repr_html_()


def test_a_notebook_shows_the_way_to_each_article(index: Index) -> None:
    answer = index.search("ice", k=1)
    hit = replace(answer[0], article=replace(answer[0].article, origin="clips/ice.pdf", place="page 3"))
    assert f"clips/ice.pdf, page 3 · id {hit.article.article_id}" in replace(answer, hits=(hit,))._repr_html_()


def test_an_index_says_what_it_holds(index: Index) -> None:
    assert len(index) == 12
    assert index
    assert "https://news.example.org/opera" in index
    assert 5 not in index
    assert repr(index) == f"<Index {str(index.location)!r}: 12 articles, 12 passages, encoder 'hashing'>"


def test_an_index_is_pickled_as_its_place(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    again = pickle.loads(pickle.dumps(index))  # noqa: S301  our own
    assert again.search("ice").hits == index.search("ice").hits
    monkeypatch.chdir(index.location.parent)
    reading = Index(index._engine, Path("index"), named=False)
    with pytest.raises(UsageError, match="opened for reading"):
        pickle.loads(pickle.dumps(reading)).add(RECORDS)  # noqa: S301


def test_articles_come_with_their_texts_where_that_is_asked_for(index: Index) -> None:
    assert [article.metadata for article in index.articles(texts=True)] == list(index.articles())
    assert next(index.articles(texts=True, publishers="Talbote")).text.startswith("Die Brücke")


def test_vectors_are_of_unit_length_and_in_order(index: Index) -> None:
    ids = [article.article_id for article in index.articles()]
    vectors = index.vectors(ids)
    assert vectors.shape == (12, index.stats().recipe.encoder.dimensions)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(index.vectors(ids[3])[0], vectors[3])
    assert index.vectors([]).shape == (0, vectors.shape[1])
    with pytest.raises(NotFoundError):
        index.vectors(["0" * 20])


def test_hits_and_articles_can_be_in_sets(index: Index) -> None:
    hits = index.search("harbour", 5).hits
    assert set(hits) == set(index.search("harbour", 5).hits)
    assert len({*hits, *hits}) == len(hits) > 1
    articles = list(index.articles())
    assert len({*articles, *index.articles()}) == len(articles)


def test_a_sample_is_the_same_for_the_same_seed(index: Index) -> None:
    drawn = index.sample(5, seed=1)
    assert len(drawn) == len({article.article_id for article in drawn}) == 5
    assert index.sample(5, seed=1) == drawn
    assert index.sample(5, seed=2) != drawn
    assert index.sample(np.int64(5), seed=1) == index.sample(5.0, seed=1) == drawn  # type: ignore[arg-type]
    assert len(index.sample(100)) == 12
    index.delete(drawn[0].article_id)
    assert index.sample(4, seed=1) == drawn[1:]
    by_publisher = Counter(article.publisher for article in index.sample(1, by="publisher"))
    assert set(by_publisher.values()) == {1}
    assert {article.section for article in index.sample(1, by="section", languages="en")} >= {"climate", "sport", None}
    assert len(index.sample(1, by="year")) == 2  # 2020 and no date


def test_articles_are_deleted_by_what_filters_allow(index: Index) -> None:
    wanted = {article.article_id for article in index.articles(publishers="Town Times", until="2020-09")}
    assert set(index.delete(publishers="Town Times", until="2020-09", dry_run=True)) == wanted
    assert len(index) == 12
    assert set(index.delete(publishers="Town Times", until="2020-09")) == wanted
    assert len(index) == 12 - len(wanted) < 12
    assert index.delete(publishers="Nobody") == []
    assert index.delete([]) == []


def test_an_index_is_packed_with_a_name_a_release_and_a_licence(index: Index, tmp_path: Path) -> None:
    (tmp_path / "about.toml").write_text(
        'name = "coast"\nrelease = "1"\n[sources."Talbote"]\nlicence = "by agreement"\n'
    )
    packed = index.pack(tmp_path / "packed", about=tmp_path / "about.toml", release="2026-01", licence="CC0-1.0")
    assert (packed.name, packed.release, packed.licence) == ("coast", "2026-01", "CC0-1.0")
    assert {source.licence for source in packed.sources if source.publisher == "Talbote"} == {"by agreement"}
    assert index.pack(tmp_path / "packed", name="wire").name == "wire"
    with pytest.raises(UsageError, match="there is no file"):
        index.pack(tmp_path / "packed", about=tmp_path / "nothing.toml")


def test_a_name_that_nobody_has_is_told_with_the_nearest(index: Index) -> None:
    [said] = index.unmet(publishers=["Hil Herald", "Talbote"])
    assert "“Hil Herald”" in said
    assert "“Hill Herald”" in said
    assert index.search("ice", publishers="Hil Herald").notices == (said,)
    assert index.unmet(sections="Climate", since="2020") == []
    assert "en, de" in index.unmet(languages="fr")[0]


def test_a_writer_waits_for_another_as_long_as_it_was_told(index: Index, hashing: Encoder) -> None:
    other = Index.open(index.location, encoder=hashing)
    with index._engine.writer():
        with pytest.raises(IndexLockedError):
            other.add(RECORDS)
        with pytest.raises(IndexLockedError):
            other.delete("0" * 20, wait=0.3)
    letting_go = Event()

    def write() -> None:
        with index._engine.writer():
            letting_go.set()
            sleep(0.3)

    Thread(target=write).start()
    letting_go.wait()
    assert other.add(RECORDS, wait=20).added == 2


@pytest.mark.parametrize("undated", [0, 2])
@pytest.mark.parametrize("dated", [0, 3])
def test_a_time_without_an_article_is_told_with_the_time_that_there_is(
    dated: int, undated: int, tmp_path: Path
) -> None:
    stories = [
        {"id": f"d{n}", "title": f"Quay {n}", "text": "Ships moor.", "date": f"2024-0{n + 3}-05"} for n in range(dated)
    ]
    stories += [{"id": f"u{n}", "title": f"Undated {n}", "text": "Ships moor."} for n in range(undated)]
    if not stories:
        return
    index = Index.build(stories, tmp_path / "news.idx", encoder="hashing")
    there = "the dates go from 2024-03-05 to 2024-05-05" if dated else "none has a date"
    left_out = f", and {undated} articles have none" if dated and undated else ""
    expected = f"no article was published in that time; {there}{left_out}"
    for since, until in [("2024", None), (None, "2024"), ("2023", "2023-12"), ("2025", None), (None, "2024-03-04")]:
        found = list(index.articles(since=since, until=until))
        assert index.unmet(since=since, until=until) == ([] if found else [expected])
        assert (expected in index.search("ships", since=since, until=until).notices) == (not found)
        assert expected not in index.search("ships", since=since, until=until, undated=True).notices


def test_a_phrase_that_an_exclusion_hides_is_not_said_to_be_nowhere(tmp_path: Path) -> None:
    stories = [
        {"title": "Quay", "text": "Ships moor at the quay."},
        {"title": "Library", "text": "A new library opens."},
    ]
    index = Index.build(stories, tmp_path / "news.idx", encoder="hashing")
    for typed, article in [
        ('"ships moor" -quay', "article that the conditions allow"),
        ('"moor ships" -zebra', "article that the conditions allow"),
        ('"moor ships"', "article"),
    ]:
        assert f"no {article} has the exact words" in " ".join(index.search(Query.parse(typed)).notices)
    assert not index.search(Query.parse('"ships moor" -zebra')).notices
