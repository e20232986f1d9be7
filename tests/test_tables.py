"""Tables: CSV, TSV and Parquet. What a table says is what the same records say as JSON Lines."""

import csv
import io
import json
import random
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch import read as read_files
from semsearch.errors import SourceError
from semsearch.ports import Place
from semsearch.sources.records import rows
from semsearch.sources.records.lines import read_records
from semsearch.sources.records.parquet import read_parquet
from semsearch.sources.records.tables import read_table
from semsearch.sources.streams import opened
from semsearch.types import Article, Skipped

PLACE = Place("day.csv", "news/day.csv")
Found = list[Article | Skipped]
cells = st.text("ab,;\t|\"'\n é中", max_size=12)
records = st.fixed_dictionaries(dict.fromkeys(("title", "text", "section", "x"), cells))


def read(raw: str | bytes, **options: Any) -> Found:
    place = Place("day.csv", "news/day.csv", **options)
    return list(read_table(io.BytesIO(raw.encode() if isinstance(raw, str) else raw), place))


def told(found: Found) -> list[str]:
    return [
        f"{one.origin.removeprefix('day.csv:')} " + (one.metadata.title if isinstance(one, Article) else "-")
        for one in found
    ]


def written(some: list[dict[str, str]], **options: Any) -> str:
    out = io.StringIO(newline="")
    table = csv.DictWriter(out, list(some[0]), **options)
    table.writeheader()
    table.writerows(some)
    return out.getvalue()


def bare(found: Found) -> list[object]:
    return [one if isinstance(one, Article) else one.reason for one in found]


@given(
    st.lists(records, min_size=1, max_size=5),
    st.sampled_from(",;\t|"),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_a_table_says_what_its_records_say_as_json_lines(
    some: list[dict[str, str]], delimiter: str, quoting: int, end: str
) -> None:
    some = [one for one in some if any(cell.strip() for cell in one.values())]
    if not some:
        return
    raw = written(some, delimiter=delimiter, quoting=quoting, lineterminator=end)
    as_lines = "\n".join(map(json.dumps, some)).encode()
    assert bare(read(raw)) == bare(list(read_records(io.BytesIO(as_lines), PLACE)))


@given(st.lists(st.text("ab é", min_size=1, max_size=9), min_size=1, max_size=5), st.data())
def test_a_cut_table_keeps_its_whole_rows(texts: list[str], data: st.DataObject) -> None:
    some = [{"title": f"T{number}", "text": text + ",\n" + text, "x": "y"} for number, text in enumerate(texts)]
    raw = written(some, lineterminator="\n").encode()
    cut = data.draw(st.integers(len("title,text,x\n"), len(raw)))
    whole = [
        one for number, one in enumerate(some) if len(written(some[: number + 1], lineterminator="\n").encode()) <= cut
    ]
    found = [one for one in read(raw[:cut]) if isinstance(one, Article)]
    assert [one.metadata.title for one in found[: len(whole)]] == [one["title"] for one in whole]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ('title,text\nA,"one\n\ntwo"\nB,b\n', ["2 A", "5 B"]),
        ("\n\ntitle;text\nA;a, b\n", ["4 A"]),
        ("sep=;\ntitle;text\nA;a\n", ["3 A"]),
        ("title|text\r\nA|a\r\n", ["2 A"]),
        ("title,text\rA,a\rB,b", ["2 A", "3 B"]),
        ("title,text\nA\0,a\n", ["2 A"]),
        ("title,text\n,\n\nA,a,\n", ["4 A"]),
        ("title,text,date\nA,a\nB,b", ["2 A", "3 -"]),
        ("title,text\nA,a,b\nB\n", ["2 -", "3 -"]),
        ('title,text\nA,"a\nB,b\nC,c\n', ["2 -", "3 B", "4 C"]),
        ('title\ttext\nA "x\t"q" said\nB\t"b\nC\tc\n', ['2 A "x', "3 B", "4 C"]),
        ('title\ttext\n"A ""x"""\t"two\nlines"\n', ['2 A "x"']),
        ("\ufefftitle,text\nA,a\n", ["2 A"]),
        ("title,title,text\n,A,a\n", ["2 A"]),
        ("title,text\n", []),
        ("", []),
    ],
)
def test_rows_are_found_whatever_is_between_and_around_cells(raw: str, expected: list[str]) -> None:
    with opened(io.BytesIO(raw.encode())) as stream:
        assert told(list(read_table(stream, PLACE))) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ('Report:,,\nName:,"x",\n\nId,Date,Title,Text\n1,2024-05-03,A,a\n', ["5 A"]),
        ("Export of a service\nGenerated 2024-06-01\nTitle;Text;Date\nA;a, b;2024-05-03\n", ["4 A"]),
        ("sep=;\nReport\ntitle;text;url\nA;a;\n", ["4 A"]),
    ],
)
def test_the_header_is_found_below_what_a_service_writes_above_it(raw: str, expected: list[str]) -> None:
    assert told(read(raw)) == expected


@pytest.mark.parametrize(
    "raw",
    [
        "a,b,c\n1,2,3\ntitle,text,date\nA,a,2024\n",  # another table
        "Report\ntitle,text\nA,a\n",
        "Report\ntext of a letter, with a title, and a date\nA,a\n",
        "Report\n" * 30 + "title,text,date\nA,a,2024\n",
        "Report\nTitle only, no end",
    ],
)
def test_a_line_is_no_header_only_because_it_names_columns(raw: str) -> None:
    with pytest.raises(SourceError, match="no column is named that has a headline or a text; its first row is"):
        read(raw)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (r"One of it.\nTwo of it.\n\tThree.", "One of it.\nTwo of it.\n\nThree."),
        (r"He said “so.”\r\nTwo \\ of it.", "He said “so.”\nTwo \\ of it."),
        (r"<p>One</p>\n<p>Two</p>", "One\n\nTwo"),
        (r"It is in C:\new\table, he said. It is.", r"It is in C:\new\table, he said. It is."),
        (r"With $\nabla$ and \textbf{x}. Then \cite{y}.\nEnd", r"With $\nabla$ and \textbf{x}. Then \cite{y}.\nEnd"),
    ],
)
def test_line_ends_that_a_database_escapes_are_line_ends(cell: str, text: str) -> None:
    [found] = read(f"title\ttext\nA\t{cell}\n")
    assert isinstance(found, Article)
    assert found.text == text
    [in_csv] = read(f"title;text\nA;{cell}\n")
    assert isinstance(in_csv, Article)
    assert ("\\n" in in_csv.text) == (r"\n" in cell)


@pytest.mark.parametrize(
    ("names", "values", "date"),
    [
        ("year,month,day", "2024,5,3", "2024-05-03"),
        ("Day,Month,Year", "3,May,2024", "2024-05-03"),
        ("year,month,day", "2024.0,5.0,3.0", "2024-05-03"),
        ("year,month,day,date", "1914,5,3,2024-05-04", "2024-05-04"),
        ("year,month,day", "2024,13,3", None),
        ("year,month,day", "2024,,", None),
        ("year,month", "2024,5", None),
    ],
)
def test_a_date_in_three_columns_is_one(names: str, values: str, date: str | None) -> None:
    [found] = read(f"title,text,{names}\nA,a,{values}\n")
    assert isinstance(found, Article)
    assert (found.metadata.published and found.metadata.published.text) == date
    columns = names.split(",")
    record = {"title": "A", "text": "a", **dict(zip(columns, values.split(","), strict=True))}
    [as_json] = read_records(io.BytesIO(json.dumps(record).encode()), PLACE)
    assert isinstance(as_json, Article)
    assert as_json.metadata.published == found.metadata.published


def test_a_row_of_zotero_has_its_tags_and_not_the_change_of_its_library() -> None:
    [found] = read(
        "Key,Item Type,Author,Title,Publication Title,Abstract Note,Date,Date Modified,Manual Tags,Automatic Tags\n"
        'AB,newspaperArticle,"Fox, Ada",Quay,Coast Herald,It met.,2024-05-03,2024-06-01 10:00:00,harbour; quay,\n'
    )
    assert isinstance(found, Article)
    known = found.metadata
    assert (known.authors, known.updated, known.tags["topics"]) == (("Ada Fox",), None, ("harbour", "quay"))


def test_bytes_that_are_not_utf8_are_their_rows_loss() -> None:
    found = read(b"title,text\nA,caf\xe9\nB,b\n")
    assert told(found) == ["2 -", "3 B"]
    assert isinstance(found[0], Skipped)
    assert found[0].reason.startswith("not UTF-8: byte 0xe9")


@pytest.mark.parametrize("nothing", ["nan", "NULL", "None", "\\N", " "])
def test_a_cell_without_a_value_says_nothing(nothing: str) -> None:
    found = read(f"title,text,section\nA,{nothing},{nothing}\n")[0]
    assert isinstance(found, Article)
    assert (found.text, found.metadata.section) == ("A", None)


def test_a_table_that_names_no_column_with_words_is_refused_until_it_is_said_which() -> None:
    raw = "Numurs,Virsraksts,Saturs\n1,Hafen offen,Der Hafen ist offen.\n"
    with pytest.raises(SourceError, match=r"Numurs, Virsraksts, Saturs.*--map title=NAME"):
        read(raw)
    found = read(raw, names={"Virsraksts": "title", "saturs": "text"})[0]
    assert isinstance(found, Article)
    assert (found.metadata.title, found.text) == ("Hafen offen", "Der Hafen ist offen.")


@pytest.mark.parametrize(
    "header",
    [
        "标题,正文,发布时间,来源,作者,链接",
        "標題,內文,日期,媒體,記者,網址",
        "見出し,本文,掲載日,新聞名,著者,リンク",
        "제목,본문,일자,언론사,기고자,URL",
        "Заголовок,Текст,Дата,Источник,Автор,Ссылка",
        "العنوان,النص,التاريخ,المصدر,الكاتب,الرابط",
        "Tytuł,Treść,Data,Źródło,Autor,Link",
        "Titolo,Testo,Data,Fonte,Autore,Link",
        "Overskrift,Brødtekst,Dato,Medie,Forfatter,Link",
        "Başlık,Metin,Tarih,Kaynak,Yazar,Link",
        "Heading,Full Story,Date Published,Name of Newspaper,Reporter,Link",
    ],
)
def test_columns_are_known_by_their_names_in_many_languages(header: str) -> None:
    [found] = read(
        f"{header}\nHafen offen,Der Hafen ist offen.,2024-05-03,Küstenpost,Jörg Ahlers,https://a.example/1\n"
    )
    assert isinstance(found, Article)
    known = found.metadata
    assert (known.title, found.text) == ("Hafen offen", "Der Hafen ist offen.")
    assert (known.published and known.published.text, known.publisher) == ("2024-05-03", "Küstenpost")
    assert (known.authors, known.url) == (("Jörg Ahlers",), "https://a.example/1")


def test_entries_of_objects_that_became_columns_are_read_as_those_of_the_objects() -> None:
    header = "headline.main,headline.kicker,byline.original,byline.organization,fields.bodyText,source.name,text.1"
    [found] = read(f"{header}\nHarbour opens,Local,By Ada Fox and Bo Hill,,It opened.,Coast Herald,other\n")
    assert isinstance(found, Article)
    known = found.metadata
    assert (known.title, found.text) == ("Harbour opens", "It opened.")
    assert (known.authors, known.publisher) == (("Ada Fox", "Bo Hill"), "Coast Herald")


def test_an_object_with_a_column_of_its_own_stays_as_it_is() -> None:
    [found] = read("title,title.short,text\nHarbour opens,Harbour,It opened.\n")
    assert isinstance(found, Article)
    assert (found.metadata.title, found.metadata.tags["title.short"]) == ("Harbour opens", ("Harbour",))


def test_an_object_in_a_cell_names_the_outlet() -> None:
    [found] = read("title,text,source\nHarbour opens,It opened.,\"{'id': None, 'name': 'Coast Herald'}\"\n")
    assert isinstance(found, Article)
    assert found.metadata.publisher == "Coast Herald"


def test_a_spreadsheets_own_charset_and_language_are_read(tmp_path: Path) -> None:
    rows = "Titel;Autor;Datum;Text;Zeitung\r\nÜber die Brücke;Jörg Ahlers;3.4.2024;Größer als je.;Küstenpost\r\n"
    (tmp_path / "a.csv").write_bytes(rows.encode("cp1252"))
    for stdin in (None, rows.encode("cp1252")):
        [found] = read_files("-" if stdin else tmp_path / "a.csv", stdin=io.BytesIO(stdin) if stdin else None)
        assert isinstance(found, Article)
        known = found.metadata
        assert (known.title, known.authors, known.publisher) == ("Über die Brücke", ("Jörg Ahlers",), "Küstenpost")
        assert known.published
        assert (known.published.text, found.text) == ("2024-04-03", "Größer als je.")


def test_what_follows_a_quotation_mark_that_is_never_closed_is_a_row_only_where_it_looks_like_one() -> None:
    raw = 'id,title,text\n1,A,a\n2,B,"b, and\nc, d, e\n\nf\n3,C,c\n'
    assert told(read(raw)) == ["2 A", "3 -", "4 -", "6 -", "7 C"]


def test_a_row_that_swallows_the_rest_costs_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MOST_ROW_BYTES", 4_000)
    raw = 'title,text\nA,"a\n' + "B,b\n" * 3_000 + "C," + "c" * 5_000 + "\nD,d\n"
    found = told(read(raw))
    assert (found[0], found[1], found[-2], found[-1]) == ("2 -", "3 B", "3003 -", "3004 D")
    assert len(found) == 3_003


def test_a_table_without_order_in_its_quotation_marks_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MOST_ROW_BYTES", 4_000)
    with pytest.raises(SourceError, match="quotation marks cannot be told apart"):
        read('title,text\n"a\n' + 'a","b\n' * 100_000)


@given(st.binary(max_size=60) | st.text('",;\t\n\r a|[]N1', max_size=60).map(str.encode))
def test_any_bytes_are_rows_or_losses(raw: bytes) -> None:
    for before in (b"", b"title,text\n", b"title\ttext\tx\n"):
        try:
            read(before + raw)
        except SourceError as error:
            assert str(error)


# Parquet


def parquet(columns: dict[str, Any], **options: Any) -> bytes:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, **options)
    return out.getvalue()


def read_columns(raw: bytes) -> Found:
    with opened(io.BytesIO(raw)) as stream:
        return list(read_parquet(stream, PLACE))


@given(st.lists(records, min_size=1, max_size=5), st.integers(1, 3))
def test_a_parquet_file_says_what_its_records_say_as_json_lines(some: list[dict[str, str]], group: int) -> None:
    raw = parquet({name: [one[name] for one in some] for name in some[0]}, row_group_size=group)
    as_lines = "\n".join(map(json.dumps, some)).encode()
    assert bare(read_columns(raw)) == bare(list(read_records(io.BytesIO(as_lines), PLACE)))


def test_every_type_of_column_becomes_a_plain_value() -> None:
    pa = pytest.importorskip("pyarrow")
    moment = datetime(2024, 5, 3, 8, 15, 0, 500_000, tzinfo=UTC)
    found = read_columns(
        parquet(
            {
                "title": pa.array(["A", "A"]).dictionary_encode(),
                "text": pa.array([b"caf\xc3\xa9", b"\xff\xfe"]),
                "date": pa.array([moment, None], pa.timestamp("ns", tz="Europe/Oslo")),
                "modified": pa.array([moment.date()] * 2),
                "authors": pa.array([["Ada Fox", "Ben Hill"], None]),
                "publisher": pa.array([{"name": "Coast Herald", "at": moment}] * 2),
                "vector": pa.array([[0.5, 0.25]] * 2),
                "note": pa.array([[("name", "tide")]] * 2, pa.map_(pa.string(), pa.string())),
                "paid": [True, False],
            }
        )
    )
    first, second = (one for one in found if isinstance(one, Article))
    assert (first.text, second.text) == ("café", "A")
    assert first.metadata.published
    assert first.metadata.published.text == "2024-05-03T10:15:00.500000+02:00"
    assert first.metadata.updated
    assert first.metadata.updated.text == "2024-05-03"
    assert (first.metadata.authors, first.metadata.publisher) == (("Ada Fox", "Ben Hill"), "Coast Herald")
    assert (first.metadata.tags["note"], first.metadata.tags["paid"]) == (("tide",), ("true",))
    assert "vector" not in first.metadata.tags


def test_a_damaged_parquet_file_is_refused_after_what_came_before() -> None:
    raw = parquet({"title": [f"T{number}" for number in range(40)]}, row_group_size=10)
    dice = random.Random(5)  # noqa: S311 - to be repeated
    for _ in range(300):
        flipped = bytearray(raw)
        for _ in range(dice.choice((1, 3, 20))):
            flipped[dice.randrange(len(raw))] ^= 1 << dice.randrange(8)
        for broken in (bytes(flipped), raw[: dice.randrange(len(raw))]):
            try:
                read_columns(broken)
            except SourceError as error:
                assert "Parquet" in str(error) or "row" in str(error)


def test_a_text_that_is_repeated_takes_no_more_memory_than_once() -> None:
    pa = pytest.importorskip("pyarrow")
    raw = parquet({"title": ["tide"] * 200, "text": ["It rises. " * 20_000] * 200}, compression="zstd")
    before = pa.total_allocated_bytes()
    with opened(io.BytesIO(raw)) as stream:
        found = read_parquet(stream, PLACE)
        assert isinstance(next(found), Article)
        assert pa.total_allocated_bytes() - before < 16 * 2**20


def test_without_pyarrow_a_parquet_file_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.delitem(sys.modules, "semsearch.sources.records.columns", raising=False)
    with pytest.raises(SourceError, match=r"pip install 'semsearch\[parquet\]'"):
        read_columns(b"PAR1")
