"""A time is a time: what is printed is understood, what is shown is found, and the later of two versions stays."""

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch import Filters, Index, Query, read
from semsearch.bounds import resolve, zone_named
from semsearch.conditions import resolved
from semsearch.dates import parse_date
from semsearch.encoders import load_encoder
from semsearch.engines.local.facets import FacetColumns, allowed_articles
from semsearch.errors import UsageError
from semsearch.rendering.phrases import day, iso_day, moment
from semsearch.types import Article, Date
from tests.commands import Ask, asking
from tests.examples import slow_but

CASES = Path(__file__).parent / "cases"
FERRY, PILOT = "Night ferry delayed", "Harbour pilot honoured"


def indexed(case: str, *names: str, at: Path) -> Index:
    index = Index.build(CASES / case / names[0], at / "index", encoder=load_encoder("hashing"))
    for name in names[1:]:
        index.add(CASES / case / name)
    return index


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Index:
    return indexed("08-seconds-with-fractions", "d.jsonl", at=tmp_path_factory.mktemp("harbour"))


@pytest.fixture
def ask(harbour: Index, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    return asking(capsys, monkeypatch, harbour.location)


# What is printed is understood

PILOTS_SECOND = [
    "2024-05-03T09:15:00.123+02:00",
    "2024-05-03T09:15:00.123+0200",
    "2024-05-03T09:15:00.123+02",
    "2024-05-03t07:15:00,123z",
    "2024-05-03 07:15:00.123456789+00:00",
    "2024-05-03T07:15:00.000Z",
    "2024-05-03T07:15:00.250000+00:00",
    "2024-05-03T07:15:00",
    "2024-05-03 07:15:00",
    "20240503T071500Z",
    "Fri, 03 May 2024 07:15:00 GMT",
    "Fri May 03 2024 09:15:00 GMT+0200 (Central European Summer Time)",
    "2024-05-03T09:15:00+02:00[Europe/Berlin]",
    "2024-05-03T02:45:00\u221204:30",
    "1714720500",
    "1714720500123",
]
PILOTS_MINUTE = ["2024-05-03T07:15", "2024-05-03 9:15+02:00", "202405030715"]
THE_DAY = ["20240503", "2024-5-3", "2024/05/03", "2024.05.03", "3 May 2024", "May 3, 2024", "3.5.2024", "2024年5月3日"]


@pytest.mark.parametrize("written", [*PILOTS_SECOND, *PILOTS_MINUTE, *THE_DAY, "2024-05", "2024", "2024-W18"])
def test_an_instant_is_read_however_a_program_writes_it(ask: Ask, written: str) -> None:
    for name in ("--since", "--until"):
        assert PILOT in ask("list", name, written).out
    if written in PILOTS_SECOND:
        assert FERRY not in ask("list", "--until", written).out
        (only,) = ask("list", "--json", "--since", written, "--until", written).json
        assert only["title"] == PILOT


def test_what_is_printed_is_a_bound(ask: Ask) -> None:
    for article in ask("list", "--json").json:
        for bound in (article["published"], f"{article['published']} "):
            assert article["title"] in ask("list", "--since", bound, "--until", bound).out
        assert ask("list", "--new-since", article["indexed"]).status == 0
        assert ask("list", "--as-of", article["published"], "--since", "1h").status == 0
        found = ask("query", f'ferry pilot since:"{article["published"]}" until:{article["published"]}', "--json")
        assert [hit["article"]["title"] for hit in found.json["hits"]] == [article["title"]]


@pytest.mark.parametrize(
    ("written", "readings"),
    [("03/05/2024", "2024-03-05 or 2024-05-03"), ("3-5-2024 10:00", "2024-03-05 or 2024-05-03")],
)
def test_a_date_of_two_readings_is_refused_with_both(ask: Ask, written: str, readings: str) -> None:
    refused = ask("list", "--since", written)
    assert refused.status == 2
    assert f"may be {readings}" in refused.err
    assert "the year first" in refused.err


@pytest.mark.parametrize(
    "written",
    [
        "9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59.999999+14:00", "0001-01-01T00:00:00+14:00", "0001-01-01",
        "9999-12-31", "9999", "0001", "2016-12-31T23:59:60Z", "2024-05-03T24:00:00Z", "9999-12-31T24:00Z", "9999-W52",
        "0000-01-01", "2024-W53", "2024-05-03T07:15:00+14:01", "-1", "99999999999999999999", "1e9", "2024-05-03T07:60",
        "1" * 5_000, "2024050307",
    ],
)  # fmt: skip
@pytest.mark.parametrize("zone", slow_but(["+14:00"], ["UTC", "+14:00", "-12:00", "America/New_York"]))
def test_no_date_ends_in_a_traceback(ask: Ask, written: str, zone: str) -> None:
    for name in ("--since", "--until", "--new-since", "--as-of"):
        run = ask("query", "ferry", f"{name}={written}", "--timezone", zone)
        assert run.status in (0, 1, 2)
        assert run.status != 2 or "date" in run.err
    assert ask("list", f"--since={written}", f"--until={written}", "--timezone", zone).status in (0, 1, 2)


def test_a_second_that_was_put_in_and_the_end_of_a_day_are_times() -> None:
    assert resolve(Filters(since="2016-12-31T23:59:60Z"), 0) == resolve(Filters(since="2016-12-31T23:59:59Z"), 0)
    assert resolve(Filters(since="2024-02-28T24:00Z"), 0) == resolve(Filters(since="2024-02-29T00:00Z"), 0)


_zones = st.sampled_from(
    ["UTC", "+14:00", "-12:00", "Asia/Tokyo", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "America/Sao_Paulo"]
)
_instants = st.datetimes(dt.datetime(1901, 1, 1), dt.datetime(2090, 1, 1))
_offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: dt.timezone(dt.timedelta(minutes=minutes)))
_aware = st.builds(lambda at, zone: at.replace(tzinfo=zone), _instants, _offsets)
_spellings: list[Callable[[Any], str]] = [
    lambda at: at.isoformat(),
    str,
    lambda at: at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    lambda at: at.strftime("%Y-%m-%dT%H:%M%z"),
    lambda at: at.strftime("%Y/%m/%d %H:%M:%S"),
    lambda at: at.strftime("%Y%m%dT%H%M%S"),
    lambda at: at.strftime("%d %b %Y %H:%M:%S %z"),
    lambda at: at.strftime("%Y-%m-%d"),
    lambda at: at.strftime("%Y.%m.%d"),
    lambda at: at.strftime("%Y-%m-%d%z")[:-2] + ":00",
    lambda at: at.strftime("%Y-%m"),
    lambda at: at.strftime("%Y"),
    lambda at: str(int(at.timestamp() * 1_000)),
]
_dates = st.builds(lambda at, spell: parse_date(spell(at)), _aware, st.sampled_from(_spellings)).filter(bool)


def found(date: Date, filters: Filters) -> bool:
    """Whether an article of this date is allowed."""
    (allowed,) = allowed_articles(
        resolved(filters, 0),
        np.ones(1, dtype=np.bool_),
        np.array([[date.earliest, date.latest]]),
        FacetColumns({}, np.zeros(0, dtype=np.int32)),
        lambda: FacetColumns({}, np.zeros(0, dtype=np.int32)),
    )
    return bool(allowed)


@given(_dates, _zones)
def test_every_date_that_a_reader_makes_is_a_bound_that_finds_its_article(date: Date, zone: str) -> None:
    assert parse_date(date.text) == date
    if "T" in date.text and date.text[-1] != "Z" and date.text[-6] not in "+-":
        zone = "UTC"  # by whose clock an article's time without a zone is read
    assert found(date, Filters(since=date.text, until=date.text, timezone=zone))


# What is shown is found


@given(_dates, _zones)
def test_the_day_that_is_shown_finds_its_article(date: Date, zone: str) -> None:
    shown = iso_day(date, zone_named(zone))
    assert found(date, Filters(since=shown, until=shown, timezone=zone))


@given(_dates, _zones)
def test_what_an_article_is_shown_with_is_a_bound_that_finds_it(date: Date, zone: str) -> None:
    for shown in (day(date, zone_named(zone)), moment(date, zone_named(zone))):
        assert found(date, Filters(since=shown, until=shown, timezone=zone)), shown


@given(st.dates(dt.date(1901, 1, 1), dt.date(2090, 1, 1)), st.integers(-3, 3), _zones)
def test_a_day_without_a_zone_is_found_by_that_day_alone_in_every_zone(said: dt.date, apart: int, zone: str) -> None:
    date = parse_date(said.isoformat())
    assert date
    asked = said + dt.timedelta(days=apart)
    assert found(date, Filters(since=asked, until=asked, timezone=zone)) is (apart == 0)
    month = parse_date(said.isoformat()[:7])
    assert month
    assert found(month, Filters(since=said, until=said, timezone=zone))


@given(_aware, st.integers(-3, 3), _zones)
def test_an_instant_is_found_by_one_day_alone(at: dt.datetime, apart: int, zone: str) -> None:
    date = parse_date(at.isoformat(timespec="seconds"))
    if date is None:
        return  # the beginning of 1970 is no date
    asked = dt.date.fromisoformat(iso_day(date, zone_named(zone))) + dt.timedelta(days=apart)
    assert found(date, Filters(since=asked, until=asked, timezone=zone)) is (apart == 0)


@pytest.mark.parametrize(
    ("zone", "shown", "iso"),
    [
        ([], "4 May 2024", "2024-05-04"),
        (["--timezone", "America/New_York"], "3 May 2024", "2024-05-03"),
        (["--timezone", "Asia/Tokyo"], "4 May 2024", "2024-05-04"),
    ],
)
def test_a_terminal_shows_the_day_by_which_filters_count(ask: Ask, zone: list[str], shown: str, iso: str) -> None:
    for form in ("text", "md"):
        found = ask("query", "night ferry", "--since", iso, "--until", iso, "--format", form, *zone)
        assert FERRY in found.out
        assert shown in found.out
    assert f"{iso}  Quay Courier        {FERRY}" in ask("list", "--since", iso, "--until", iso, *zone).out
    similar = ask("similar", "https://quaycourier.example/p1", "--since", iso, "--until", iso, *zone)
    assert shown in similar.out
    assert re.search(f"published +{shown}, ", ask("get", "https://quaycourier.example/p2", *zone).out)
    assert shown in ask("stats", *zone).out
    assert ask("get", "https://quaycourier.example/p2", "--json", *zone).json["article"]["published"] == (
        "2024-05-03T23:30:00-04:00"
    )


def test_many_queries_are_shown_in_their_zone(ask: Ask) -> None:
    shown = ask("query", "-", "--timezone", "America/New_York", stdin="night ferry\nharbour pilot since:2024-05-03\n")
    assert "3 May 2024" in shown.out
    assert "4 May 2024" not in shown.out


# Objects as bounds


@pytest.mark.parametrize(
    "bound",
    [
        "2024-05-04",
        "2024-05-04T03:30:00Z",
        dt.date(2024, 5, 4),
        dt.datetime(2024, 5, 4, 3, 30, tzinfo=dt.UTC),
        dt.datetime(2024, 5, 3, 23, 30, 0, 5, tzinfo=ZoneInfo("America/New_York")),
        dt.datetime(2024, 5, 4, 3, 30),  # without a zone it is of the filters' one
        np.datetime64("2024-05-04"),
        np.datetime64("2024-05-04T03:30:00.000000000"),
        1_714_793_400,
        1_714_793_400.75,
        np.int64(1_714_793_400),
    ],
    ids=repr,
)
def test_python_objects_are_bounds(harbour: Index, bound: Any) -> None:
    assert titles(harbour.search("ferry pilot", filters=Filters(since=bound))) == {FERRY}
    assert titles(harbour.search("ferry pilot", filters={"since": bound})) == {FERRY}
    until = bound + 1 if isinstance(bound, int | float | np.integer) else bound  # as seconds it is exclusive
    assert titles(harbour.search("ferry pilot", filters=Filters(until=until))) == {FERRY, PILOT}
    assert [one.title for one in harbour.articles(Filters(since=bound))] == [FERRY]
    assert harbour.search("ferry", filters=Filters(new_since=bound)).hits
    assert harbour.search(Query("ferry", filters=Filters(since="2d"), as_of=bound)).total == 2


def test_pandas_times_are_bounds(harbour: Index) -> None:
    pandas = pytest.importorskip("pandas")
    for bound in (pandas.Timestamp("2024-05-04T03:30:00.123456789Z"), pandas.Timestamp("2024-05-04 03:30")):
        assert titles(harbour.search("ferry pilot", filters=Filters(since=bound))) == {FERRY}
    with pytest.raises(UsageError, match="is not a date"):
        harbour.search("ferry", filters=Filters(since=pandas.NaT))


@pytest.mark.parametrize(
    ("period", "since", "until"),
    [
        ("2024-05", {PILOT, FERRY}, {PILOT, FERRY}),
        ("2024Q2", {PILOT, FERRY}, {PILOT, FERRY}),
        ("2024-05-03", {PILOT, FERRY}, {PILOT}),
        ("2024-05-04", {FERRY}, {PILOT, FERRY}),
        ("2024-04", {PILOT, FERRY}, set()),
    ],
)
def test_periods_of_pandas_are_bounds(harbour: Index, period: str, since: set[str], until: set[str]) -> None:
    pandas = pytest.importorskip("pandas")
    for filters, found in ({"since": pandas.Period(period)}, since), ({"until": pandas.Period(period)}, until):
        assert titles(harbour.search("ferry pilot", filters=filters)) == found


def test_a_time_without_a_zone_is_read_by_the_clock_of_the_filters(harbour: Index) -> None:
    naive = dt.datetime(2024, 5, 3, 23, 30)
    assert titles(harbour.search("ferry", filters=Filters(until=naive))) == {PILOT}
    assert titles(harbour.search("ferry", filters=Filters(since=naive, timezone="America/New_York"))) == {FERRY}
    assert titles(harbour.search("ferry", filters=Filters(since=naive, timezone=ZoneInfo("Asia/Tokyo")))) == {FERRY}
    answer = harbour.search("ferry", filters=Filters(since="2024-05-03", timezone="America/New_York"))
    assert answer.to_dict()["filters"] == {"since": "2024-05-03T04:00:00Z", "timezone": "America/New_York"}
    again = harbour.search("ferry", filters=answer.to_dict()["filters"]).query  # type: ignore[arg-type]
    assert replace(again, as_of=answer.query.as_of) == answer.query  # each was asked at its own time


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"filters": Filters(since=len)}, "since"),  # type: ignore[arg-type]
        ({"filters": Filters(until=True)}, "until"),
        ({"filters": Filters(new_since=float("nan"))}, "new_since"),
        ({"filters": Filters(since=[2024])}, "since"),  # type: ignore[arg-type]
        ({"filters": Filters(since=np.datetime64("NaT"))}, "NaT"),  # type: ignore[arg-type]
        ({"filters": Filters(since="2024", timezone=2)}, "timezone"),  # type: ignore[arg-type]
        ({"filters": Filters(since="2024", timezone="Mars")}, "Mars"),
        ({"filters": Filters(publishers="Quay")}, "publishers"),  # type: ignore[arg-type]
        ({"filters": Filters(authors={5})}, "authors"),  # type: ignore[arg-type]
        ({"filters": Filters(sections=5)}, "sections"),  # type: ignore[arg-type]
        ({"filters": Filters(tags={"topic"})}, "tag"),  # type: ignore[arg-type]
        ({"filters": Filters(undated="no")}, "undated"),  # type: ignore[arg-type]
        ({"filters": Filters(undated="only", until="2024")}, "no range of dates"),
        ({"filters": {"publisher": ["Quay"]}}, "publisher"),
        ({"filters": "since:2024"}, "filters"),
        ({"k": "2"}, "k is '2'"),
        ({"k": 2.5}, "k is 2.5"),
        ({"k": True}, "k is True"),
        ({"k": float("inf")}, "k is inf"),
    ],
    ids=str,
)
def test_what_is_none_is_refused_by_its_name(harbour: Index, said: dict[str, Any], named: str) -> None:
    with pytest.raises(UsageError) as refused:
        harbour.search("ferry", **said)
    assert named in str(refused.value)
    assert refused.value.hint


def test_whole_numbers_may_come_as_floats(harbour: Index) -> None:
    assert len(harbour.search("ferry pilot", k=1.0).hits) == 1  # type: ignore[arg-type]
    assert len(harbour.search("ferry pilot", k=np.int64(1)).hits) == 1  # type: ignore[arg-type]
    for query in (None, 5, b"ferry", ["ferry"]):
        with pytest.raises(UsageError, match="not a text"):
            harbour.search(query)  # type: ignore[arg-type]


def test_filters_may_be_a_mapping_with_the_same_names(harbour: Index) -> None:
    given = {
        "publishers": ["Quay Courier"], "languages": "English", "tags": {"language_from": "text"}, "undated": "exclude",
        "since": None,
    }  # fmt: skip
    answer = harbour.search("ferry", filters=given)
    assert answer.query.filters == Filters(
        publishers={"Quay Courier"}, languages={"en"}, tags={("language_from", "text")}, undated=False
    )
    again = harbour.search("ferry", filters=answer.to_dict()["filters"]).query  # type: ignore[arg-type]
    assert replace(again, as_of=answer.query.as_of) == answer.query
    typed = Query.parse("ferry language:en", filters={"publishers": ["Quay Courier"]})
    assert harbour.search(typed).query.filters == Filters(publishers={"Quay Courier"}, languages={"en"})


# Languages


@pytest.fixture(scope="module")
def regional(tmp_path_factory: pytest.TempPathFactory) -> Index:
    return indexed("10-language-with-a-region", "l.jsonl", at=tmp_path_factory.mktemp("regional"))


@pytest.mark.parametrize(
    ("name", "language"),
    [
        *((name, "en") for name in ("en", "EN", "en-GB", "en_GB", "eng", "English", "Englisch", "British English")),
        *((name, "en") for name in ("English (UK)", "en_GB.UTF-8", "en-Latn-GB", " en ")),
        *((name, "de") for name in ("de", "de-AT", "de_CH", "deu", "ger", "German", "Deutsch", "Austrian German")),
    ],
)
def test_a_language_is_read_by_the_rules_by_which_articles_were(regional: Index, name: str, language: str) -> None:
    for filters in (Filters(languages={name}), {"languages": [name]}):
        assert {one.language for one in regional.articles(filters)} == {language}
    answer = regional.search(Query.parse(f'council language:"{name}"'))
    assert {hit.article.language for hit in answer.hits} == {language}


def test_what_names_no_language_is_refused_with_the_nearest(
    regional: Index, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = asking(capsys, monkeypatch, regional.location)
    refused = ask("query", "council", "--language", "Germn")
    assert refused.status == 2
    assert "'Germn' names no language" in refused.err
    assert "German (de)" in refused.err
    assert ask("list", "--language", "Klingon").status == 2
    unknown = ask("query", "council", "--language", "fr-CA")
    assert unknown.status == 1
    assert "no article has the language “fr”; there are de, en" in unknown.err


def test_an_article_that_no_reader_read_may_name_its_language_in_any_way(tmp_path: Path) -> None:
    from tests.making import article

    given = [article("a", language="en-GB"), article("b", language="English"), article("c", language="pt-BR")]
    index = Index.build(given, tmp_path / "index", encoder=load_encoder("hashing"))
    for name in ("en-GB", "English", "en"):
        assert len(list(index.articles(Filters(languages={name})))) == 2
    assert len(list(index.articles(Filters(languages={"pt"})))) == 1


# Versions

STORY = "https://quaycourier.example/a1"


def titles(answer: Any) -> set[str]:
    return {hit.article.title for hit in answer.hits}


def three_versions() -> Iterator[Article]:
    for number, said in ((1, "Monday"), (2, "Tuesday"), (4, "Friday")):
        record = {
            "title": f"Bridge to close on {said}", "text": f"The bridge will close on {said}, the mayor said.",
            "published": "2024-05-01T08:00:00Z", "updated": f"2024-05-0{number}T10:00:00Z", "url": STORY,
        }  # fmt: skip
        yield from (one for one in read_records([record]) if isinstance(one, Article))


def read_records(records: list[dict[str, str]]) -> Iterator[Any]:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "records.jsonl"
        path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
        yield from read(path)


@pytest.mark.parametrize("names", [("v1.jsonl", "v2.jsonl"), ("v2.jsonl", "v1.jsonl"), ("v2.jsonl", "v1.jsonl") * 2])
def test_the_later_version_stays_whatever_comes_last(tmp_path: Path, names: tuple[str, ...]) -> None:
    index = indexed("06-older-version-comes-later", *names, at=tmp_path)
    kept = index.get(STORY).metadata
    assert kept.title == "Bridge to close on Tuesday"
    assert kept.tags["earlier_versions"] == ("2024-05-01T08:00:00Z",)
    assert kept.updated
    assert kept.updated.text == "2024-05-02T10:00:00Z"


def test_the_summary_says_what_was_older(tmp_path: Path) -> None:
    case = CASES / "06-older-version-comes-later"
    feed = tmp_path / "feed.jsonl"
    feed.write_bytes((case / "v2.jsonl").read_bytes() + (case / "v1.jsonl").read_bytes())
    index = Index.build(feed, tmp_path / "index", encoder=load_encoder("hashing"))
    assert index.summary
    assert (index.summary.added, index.summary.replaced, index.summary.older) == (1, 0, 1)
    assert index.add(case / "v1.jsonl").older == 1


def test_the_same_versions_give_the_same_article_in_every_order_by_every_way(tmp_path: Path) -> None:
    versions = list(three_versions())
    told = set()
    for number, order in enumerate(permutations(versions)):
        at_once = Index.build(order, tmp_path / f"once-{number}", encoder=load_encoder("hashing"))
        one_by_one = Index.create(tmp_path / f"each-{number}", encoder=load_encoder("hashing"))
        for version in (*order, *order):
            one_by_one.add([version])
        for index in (at_once, one_by_one):
            for settle in (lambda: None, index.compact):
                settle()
                article = index.get(STORY)
                told.add(json.dumps([article.metadata.to_dict() | {"indexed": None}, article.text], sort_keys=True))
    assert len(told) == 1
    said = json.loads(told.pop())[0]
    assert said["title"] == "Bridge to close on Friday"
    assert said["tags"]["earlier_versions"] == ["2024-05-01T10:00:00Z", "2024-05-02T10:00:00Z"]
