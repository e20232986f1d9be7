"""Facets, timelines and coverage: equal to what counting the articles of a full answer one by one gives."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch import Filters, GroupBy, Index, Query, Verdict
from semsearch.dates import read_time
from semsearch.errors import UsageError
from semsearch.language_names import primary_tag
from semsearch.ports import Encoder
from semsearch.ranking.confidence import least_of
from semsearch.types import Article, Copies, Date, Facet, Interval, Metadata, Mode
from tests.examples import examples
from tests.making import article
from tests.stories import STORY, whole

EVERYTHING = 10_000
DATES = (
    None,
    "2024-03-01",
    "2024-03-01T23:30Z",
    "2024-03-02T00:30+02:00",
    "2024-03-31T01:30Z",
    "2024-04",
    "2024",
    "2024-04-07",
    "2024-04-08",
    "2023-12-31",
)
FIELDS = ("publisher", "author", "language", "section", "origin", "tag", "tag:topics", "domain")


def dated(written: str | None) -> Date | None:
    if written is None:
        return None
    time = read_time(written)
    assert time
    start, end = time.interval(UTC)
    return Date(written, start, end - 1)


def corpus() -> list[Article]:
    draw = Random(5)  # noqa: S311 - the same articles in every run
    subjects = ("harbour", "wheat", "glacier", "opera")
    found = []
    for number in range(48):
        subject = subjects[number % 4]
        more = " ".join(draw.choices(["Rain fell.", "Rates rose.", "It is so."], k=2))
        found.append(
            article(
                f"n{number}",
                whole(*STORY) if number % 12 == 3 else f"The {subject} was discussed. {more} Number {number} of many.",
                title=f"About the {subject}",
                published=dated(draw.choice(DATES)),
                publisher=draw.choice((None, "Coast Courier", "coast courier", "Hill Herald", "Town Times")),
                authors=draw.choice(((), ("Ann Ash",), ("ann ash", "Ann Ash", "Bo Birch"))),
                language=draw.choice((None, "en", "en-GB", "de")),
                section=draw.choice((None, "Economy", "economy", "Sport")),
                tags=draw.choice(({}, {"topics": ("rain", "rates")}, {"topics": ("rain",), "desk": ("north",)})),
                indexed=f"2024-05-0{number % 3 + 1}T00:00:00Z",
            )
        )
    return found


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory, hashing: Encoder) -> Iterator[Index]:
    with Index.build(corpus(), tmp_path_factory.mktemp("distributions") / "index", encoder=hashing) as built:
        for subject in ("harbour", "wheat"):  # a second segment, and an article that is deleted
            built.add([article(f"late {subject}", f"The {subject} again.", published=dated("2024-04-08"))])
        built.delete(["https://news.example.org/n7"])
        yield built


FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "publishers": st.sampled_from([{"COAST courier"}, {"Hill Herald", "Nobody"}, {"Nobody"}]),
        "languages": st.sampled_from([{"en"}, {"de", "en"}]),
        "sections": st.sampled_from([{"economy"}]),
        "tags": st.sampled_from([{("topics", "rain")}]),
        "since": st.sampled_from(["2023", "2024-03-01", "2024-03-31T01:00Z"]),
        "until": st.sampled_from(["2024-04-07", "2025"]),
        "undated": st.booleans(),
    },
)
ZONES = st.sampled_from([UTC, ZoneInfo("America/New_York"), timezone(timedelta(hours=9))])
QUERIES = st.one_of(
    st.none(),
    st.builds(
        Query,
        st.sampled_from(["the harbour was discussed", "opera", "rain and rates", "cracks in the frames"]),
        mode=st.sampled_from(list(Mode)),
        phrases=st.sampled_from([(), ("The harbour",), ("no such phrase",)]),
        excluded=st.sampled_from([(), ("rates",)]),
    ),
)


def matching(index: Index, query: Query | None, filters: Filters, verdict: Verdict, copies: Copies) -> list[Metadata]:
    """Return what a full answer shows."""
    if query is None:
        return list(index.articles(filters))
    asked = Query(
        query.text,
        EVERYTHING,
        filters,
        query.mode,
        GroupBy.ARTICLE if copies is Copies.ONCE else GroupBy.COPIES,
        phrases=query.phrases,
        excluded=query.excluded,
        min_confidence=least_of(verdict),
    )
    return [hit.article for hit in index.search(asked).hits]


def values_of(known: Metadata, field: str) -> set[str]:
    values: Any = {
        "publisher": [known.publisher],
        "domain": ["news.example.org"],
        "author": known.authors,
        "language": [known.language and primary_tag(known.language)],
        "section": [known.section],
        "origin": [known.origin],
        "tag": known.tags.keys(),
        "tag:topics": known.tags.get("topics", ()),
    }[field]
    return {value.casefold() for value in values if value}


def by_value(articles: list[Metadata], field: str) -> Counter[str]:
    return Counter(value for known in articles for value in values_of(known, field))


def day_in(seconds: int, zone: tzinfo) -> date:
    return datetime.fromtimestamp(seconds, zone).date()


def interval_of(day: date, interval: Interval) -> date:
    if interval is Interval.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(
        day=day.day if interval is Interval.DAY else 1, month=1 if interval is Interval.YEAR else day.month
    )


def start_of(known: Metadata, interval: Interval, zone: tzinfo) -> str:
    """Return the interval in which an article was published, or why there is none."""
    published = known.published
    if published is None:
        return "undated"
    days = len(published.text) <= len("2024-03-01")  # such dates are the same days everywhere
    first, last = (day_in(at, UTC if days else zone) for at in (published.earliest, published.latest))
    starts = {interval_of(first, interval), interval_of(last, interval)}
    return "imprecise" if len(starts) > 1 else starts.pop().isoformat()


@examples(30)
@given(
    query=QUERIES,
    given_filters=FILTERS,
    zone=ZONES,
    verdict=st.sampled_from(list(Verdict)),
    copies=st.sampled_from(list(Copies)),
    interval=st.sampled_from(list(Interval)),
)
def test_counts_are_those_of_the_full_answer(
    news: Index,
    query: Query | None,
    given_filters: dict[str, Any],
    zone: tzinfo,
    verdict: Verdict,
    copies: Copies,
    interval: Interval,
) -> None:
    filters = Filters(**given_filters, timezone=zone)
    shown, allowed = matching(news, query, filters, verdict, copies), list(news.articles(filters))
    if query is None and copies is Copies.ONCE:
        copies = Copies.ALL
    asked = query and Query(
        query.text, filters=filters, mode=query.mode, phrases=query.phrases, excluded=query.excluded
    )
    counted: dict[str, Any] = {"filters": filters, "verdict": verdict, "copies": copies}

    facets = news.facets(asked, by=FIELDS, **counted)
    assert (facets.selection.count.matching, facets.selection.count.total) == (len(shown), len(allowed))
    for field, facet in facets.by.items():
        found = {value.casefold(): count for value, count in facet.values.items()}
        assert {value: count.matching for value, count in found.items() if count.matching} == by_value(shown, field)
        assert {value: count.total for value, count in found.items()} == by_value(allowed, field)
        assert facet.without.total == sum(not values_of(known, field) for known in allowed)
        assert facet.without.matching == sum(not values_of(known, field) for known in shown)
        assert list(facet.values) == sorted(facet.values, key=lambda name: order(facet, name))

    timeline = news.timeline(asked, interval=interval, **counted)
    expected, totals = (Counter(start_of(known, interval, zone) for known in articles) for articles in (shown, allowed))
    told = {"undated": timeline.undated, "imprecise": timeline.imprecise} | {
        bar.start: bar.count for bar in timeline.bars
    }
    assert {start: count.matching for start, count in told.items() if count.matching} == expected
    assert {start: count.total for start, count in told.items() if count.total} == totals
    starts = [date.fromisoformat(bar.start) for bar in timeline.bars]
    assert starts == [interval_of(start, interval) for start in starts]
    assert starts == sorted({interval_of(day, interval) for day in every_day(starts)})


def test_articles_that_match_are_found_once_and_counted_in_several_ways(news: Index) -> None:
    matching = news.matching("the harbour was discussed", filters={"languages": "en"}, verdict="none", copies="once")
    with ThreadPoolExecutor(4) as threads:
        facets = [threads.submit(matching.facets, [field]) for field in FIELDS]
        timeline = threads.submit(matching.timeline, "month")
    asked: dict[str, Any] = {"filters": {"languages": "en"}, "verdict": "none", "copies": "once"}
    expected = news.facets("the harbour was discussed", by=FIELDS, **asked)
    assert {field: one.result().by[field] for field, one in zip(FIELDS, facets, strict=True)} == expected.by
    assert timeline.result().bars == news.timeline("the harbour was discussed", interval="month", **asked).bars
    news.add([article("one more", "The harbour again.", published=dated("2024-04-08"), language="en")])
    assert matching.timeline("month").bars == timeline.result().bars
    news.delete(["https://news.example.org/one more"])


def order(facet: Facet, name: str) -> tuple[int, int, str, str]:
    count = facet.values[name]
    return -count.matching, -count.total, name.casefold(), name


def every_day(starts: list[date]) -> list[date]:
    return [starts[0] + timedelta(days=ahead) for ahead in range((starts[-1] - starts[0]).days + 1)] if starts else []


def test_a_value_has_the_spelling_of_most_articles(news: Index) -> None:
    values = news.facets(by=["publisher", "language"]).by
    assert {"Hill Herald", "Town Times"} < set(values["publisher"].values)
    assert len({name.casefold() for name in values["publisher"].values}) == len(values["publisher"].values)
    assert set(values["language"].values) == {"en", "de"}


def test_a_limit_leaves_out_the_rarest_values(news: Index) -> None:
    every, few = (news.facets("opera", by=["publisher"], limit=limit).by["publisher"] for limit in (None, 2))
    assert list(few.values.items()) == list(every.values.items())[:2]
    assert few.omitted == len(every.values) - 2


def test_copies_count_once_without_a_query(news: Index) -> None:
    every, once = (news.facets(by=["publisher"], copies=copies).selection.count for copies in Copies)
    same = {known.sha256 for known in news.articles()}
    assert every.matching == every.total == news.stats().articles
    assert (once.matching, once.total, once.share) == (len(same), len(same), 1)


@examples(10)
@given(FILTERS, st.sampled_from(list(Interval)))
def test_texts_are_counted_once_in_totals_too_where_nothing_is_asked(
    news: Index, given_filters: dict[str, Any], interval: Interval
) -> None:
    filters = Filters(**given_filters)
    allowed = list(news.articles(filters))
    once = news.matching(filters=filters, copies="once")
    facets, timeline = once.facets(FIELDS), once.timeline(interval)
    texts = len({known.sha256 for known in allowed})
    assert (facets.selection.count.matching, facets.selection.count.total) == (texts, texts)
    counts = [count for facet in facets.by.values() for count in (*facet.values.values(), facet.without)]
    counts += [*(bar.count for bar in timeline.bars), timeline.undated, timeline.imprecise]
    assert all(count.matching == count.total for count in counts)
    assert sum(bar.count.total for bar in timeline.bars) + timeline.undated.total + timeline.imprecise.total == texts
    assert once.coverage() == news.coverage(filters=filters)


def test_what_is_new_leaves_out_republications(news: Index) -> None:
    for republished in (True, False):
        filters = Filters(new_since="2024-05-02", republished=republished)
        assert news.facets(filters=filters, by=[]).selection.count.matching == len(list(news.articles(filters)))


def test_an_interval_that_is_cut_or_goes_on_is_not_complete(tmp_path: Path, hashing: Encoder) -> None:
    articles = [article(f"d{day}", f"Text {day}.", published=dated(f"2024-04-{day:02}")) for day in range(1, 24, 2)]
    with Index.build(articles, tmp_path / "index", encoder=hashing) as index:
        weeks = index.timeline(interval=Interval.WEEK, filters={"since": "2024-04-03"}).bars
        assert [(bar.start, bar.complete) for bar in weeks] == [
            ("2024-04-01", False),
            ("2024-04-08", True),
            ("2024-04-15", True),
            ("2024-04-22", False),
        ]
        today = index.timeline(Query("text", as_of="2024-04-11T12:00Z"), interval=Interval.DAY).bars
        assert [bar.start for bar in today if bar.complete][-1] == "2024-04-10"
        assert [bar.count.total for bar in today[:4]] == [1, 0, 1, 0]
        wide = index.timeline(interval=Interval.MONTH, filters={"since": "2024-02", "until": "2024-05"}).bars
        assert [bar.start for bar in wide] == ["2024-02-01", "2024-03-01", "2024-04-01"]


def test_an_interval_is_chosen_that_makes_few_bars(tmp_path: Path, hashing: Encoder) -> None:
    days = ["2024-01-01", "2024-03-01", "2025-06-01", "2031-01-01", "1850-01-01"]
    expected = [Interval.DAY, Interval.WEEK, Interval.MONTH, Interval.YEAR]
    for count, interval in zip(range(2, 6), expected, strict=True):
        articles = [article(day, f"Of {day}.", published=dated(day)) for day in days[:count]]
        with Index.build(articles, tmp_path / str(count), encoder=hashing) as index:
            assert index.timeline().interval is interval
    with Index.open(tmp_path / "5", encoder=hashing) as index, pytest.raises(UsageError, match="66,"):
        index.timeline(interval=Interval.DAY)


def test_coverage_names_what_is_missing(news: Index) -> None:
    known = list(news.articles(Filters(publishers={"Hill Herald"})))
    coverage = news.coverage(filters={"publishers": ["Hill Herald"]})
    days = sorted({start_of(one, Interval.DAY, UTC) for one in known} - {"undated", "imprecise"})
    assert (coverage.articles, coverage.first, coverage.last) == (len(known), days[0], days[-1])
    assert coverage.undated == sum(one.published is None for one in known)
    assert coverage.days - coverage.days_without == len(days)
    assert coverage.longest_gap
    assert not any(coverage.longest_gap[0] <= day <= coverage.longest_gap[1] for day in days)
    assert {name.casefold() for name in coverage.publishers_without} == {"coast courier", "town times"}
    assert coverage.words_only == 0


def test_an_empty_index_has_nothing_to_count(tmp_path: Path, hashing: Encoder) -> None:
    with Index.create(tmp_path / "index", encoder=hashing) as index:
        assert index.facets("harbour").selection.count.total == 0
        assert index.timeline().bars == ()
        assert index.coverage().first is None


@pytest.mark.parametrize(
    "wrong",
    [
        lambda index: index.facets(by=["colour"]),
        lambda index: index.facets(by=["tag:"]),
        lambda index: index.facets(by=5),
        lambda index: index.facets(by=[["publisher"]]),
        lambda index: index.facets(limit=0),
        lambda index: index.facets(limit="x"),
        lambda index: index.facets("x", verdict="certain"),
        lambda index: index.timeline(copies="some"),
        lambda index: index.timeline(interval="minute"),
        lambda index: index.timeline(" "),
    ],
)
def test_what_cannot_be_counted_is_refused(news: Index, wrong: Callable[[Index], object]) -> None:
    with pytest.raises(UsageError):
        wrong(news)
