import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.bounds import instant, resolve, zone_named
from semsearch.errors import UsageError
from semsearch.types import Filters

AS_OF = int(datetime(2024, 3, 31, 15, 30, tzinfo=UTC).timestamp())  # a Sunday


def written(seconds: object) -> str:
    assert isinstance(seconds, int)
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def interval(bound: str, as_of: int = AS_OF, zone: tzinfo = UTC) -> tuple[str, str]:
    since = resolve(Filters(since=bound, timezone=zone), as_of).since
    until = resolve(Filters(until=bound, timezone=zone), as_of).until
    assert resolve(Filters(new_since=bound, timezone=zone), as_of).new_since == since
    return written(since), written(until)


@pytest.mark.parametrize(
    ("bound", "begins", "ends"),
    [
        ("2024", "2024-01-01T00:00:00", "2025-01-01T00:00:00"),
        ("2024-05", "2024-05-01T00:00:00", "2024-06-01T00:00:00"),
        ("2024-12", "2024-12-01T00:00:00", "2025-01-01T00:00:00"),
        ("2024-02-29", "2024-02-29T00:00:00", "2024-03-01T00:00:00"),
        ("2024-05-17T09:30", "2024-05-17T09:30:00", "2024-05-17T09:31:00"),
        ("2024-05-17T09:30:15Z", "2024-05-17T09:30:15", "2024-05-17T09:30:16"),
        ("2024-05-17T09:30-04:00", "2024-05-17T13:30:00", "2024-05-17T13:31:00"),
        ("2024-05-17 00:30+05:30", "2024-05-16T19:00:00", "2024-05-16T19:01:00"),
        ("9999", "9999-01-01T00:00:00", "9999-12-31T23:59:59"),
        ("9999-12-31", "9999-12-31T00:00:00", "9999-12-31T23:59:59"),
        ("today", "2024-03-31T00:00:00", "2024-04-01T00:00:00"),
        ("yesterday", "2024-03-30T00:00:00", "2024-03-31T00:00:00"),
        ("7d", "2024-03-24T15:30:00", "2024-03-24T15:30:00"),
        ("2 weeks ago", "2024-03-17T15:30:00", "2024-03-17T15:30:00"),
        ("1m", "2024-02-29T15:30:00", "2024-02-29T15:30:00"),
        ("1 year", "2023-03-31T15:30:00", "2023-03-31T15:30:00"),
        ("last week", "2024-03-18T00:00:00", "2024-03-25T00:00:00"),
        ("this month", "2024-03-01T00:00:00", "2024-04-01T00:00:00"),
        ("last month", "2024-02-01T00:00:00", "2024-03-01T00:00:00"),
        ("Last Year", "2023-01-01T00:00:00", "2024-01-01T00:00:00"),
        ("6h", "2024-03-31T09:30:00", "2024-03-31T09:30:00"),
        ("24 hours ago", "2024-03-30T15:30:00", "2024-03-30T15:30:00"),
        ("last 3 weeks", "2024-03-10T15:30:00", "2024-03-31T15:30:00"),
        ("past  7 Days", "2024-03-24T15:30:00", "2024-03-31T15:30:00"),
        ("past week", "2024-03-24T15:30:00", "2024-03-31T15:30:00"),
        ("past month", "2024-02-29T15:30:00", "2024-03-31T15:30:00"),
        ("past year", "2023-03-31T15:30:00", "2024-03-31T15:30:00"),
        ("sunday", "2024-03-31T00:00:00", "2024-04-01T00:00:00"),
        ("last sunday", "2024-03-24T00:00:00", "2024-03-25T00:00:00"),
        ("Monday", "2024-03-25T00:00:00", "2024-03-26T00:00:00"),
        ("last monday", "2024-03-25T00:00:00", "2024-03-26T00:00:00"),
        ("last sat", "2024-03-30T00:00:00", "2024-03-31T00:00:00"),
        ("March", "2024-03-01T00:00:00", "2024-04-01T00:00:00"),
        ("april", "2023-04-01T00:00:00", "2023-05-01T00:00:00"),
        ("dec", "2023-12-01T00:00:00", "2024-01-01T00:00:00"),
        ("Sept. 2022", "2022-09-01T00:00:00", "2022-10-01T00:00:00"),
        ("december 9999", "9999-12-01T00:00:00", "9999-12-31T23:59:59"),
        ("may 2024", "2024-05-01T00:00:00", "2024-06-01T00:00:00"),
        ("2024-W18", "2024-04-29T00:00:00", "2024-05-06T00:00:00"),
        ("2024-w18-5", "2024-05-03T00:00:00", "2024-05-04T00:00:00"),
        ("2020W537", "2021-01-03T00:00:00", "2021-01-04T00:00:00"),
        ("may 3", "2023-05-03T00:00:00", "2023-05-04T00:00:00"),
        ("march 31", "2024-03-31T00:00:00", "2024-04-01T00:00:00"),
        ("1st april", "2023-04-01T00:00:00", "2023-04-02T00:00:00"),
        ("May 3rd, 2024", "2024-05-03T00:00:00", "2024-05-04T00:00:00"),
        ("3 may 2024", "2024-05-03T00:00:00", "2024-05-04T00:00:00"),
        ("feb 29", "2024-02-29T00:00:00", "2024-03-01T00:00:00"),
    ],
)
def test_a_bound_names_a_whole_unit(bound: str, begins: str, ends: str) -> None:
    assert interval(bound) == (begins, ends)


@pytest.mark.parametrize(
    "bound",
    [
        "",
        "soon",
        "2024-13",
        "2024-02-30",
        "24-05-01",
        "03/04/2024",
        "2024-05-17T25:00",
        "0000",
        "9999y",
        "2024-05-17T09:30+99:99",
        "since march",
        "marchember",
        "last march",
        "may 32",
        "may 0",
        "3 may 3",
        "feb 29 2023",
        "may 20245",
        "past 3",
        "last 9999 years",
        "next week",
    ],
)
def test_what_is_no_date_is_refused_with_examples(bound: str) -> None:
    with pytest.raises(UsageError, match="is not a date") as refused:
        resolve(Filters(since=bound), AS_OF)
    assert "2024-05" in refused.value.hint


def test_bounds_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(UsageError, match="ends before"):
        resolve(Filters(since="2024-05", until="2024-04"), AS_OF)
    resolve(Filters(since="2024-05", until="2024-05"), AS_OF)


def test_seconds_stay_as_they_are_and_as_of_is_the_beginning_of_its_unit() -> None:
    assert resolve(Filters(since=5, until=9), AS_OF) == Filters(since=5, until=9)
    assert instant("1970-01-02") == 86_400


def test_the_latest_leap_day_is_found_across_a_century_that_has_none() -> None:
    assert interval("29 february", instant("1903-06-01")) == ("1896-02-29T00:00:00", "1896-03-01T00:00:00")


@pytest.mark.parametrize("text", ["yesterday", "7d", "may", "last monday", "soon"])
def test_what_others_count_from_counts_from_nothing_itself(text: str) -> None:
    with pytest.raises(UsageError, match="is not a date"):
        instant(text)


BERLIN = zone_named("Europe/Berlin")  # an hour lost on 2024-03-31 at 01:00 UTC, won on 2024-10-27 at 01:00 UTC
NEW_YORK = zone_named("America/New_York")
SPRING = instant("2024-04-03T10:00Z")  # noon in Berlin, a Wednesday
AUTUMN = instant("2024-10-30T11:00Z")  # noon in Berlin, a Wednesday


@pytest.mark.parametrize(
    ("bound", "as_of", "zone", "begins", "ends"),
    [
        ("2024-03-31", SPRING, BERLIN, "2024-03-30T23:00:00", "2024-03-31T22:00:00"),
        ("2024-10-27", SPRING, BERLIN, "2024-10-26T22:00:00", "2024-10-27T23:00:00"),
        ("2024-03", SPRING, BERLIN, "2024-02-29T23:00:00", "2024-03-31T22:00:00"),
        ("2024", SPRING, NEW_YORK, "2024-01-01T05:00:00", "2025-01-01T05:00:00"),
        ("2024-05-17T09:30", SPRING, BERLIN, "2024-05-17T07:30:00", "2024-05-17T07:31:00"),
        ("2024-05-17T09:30Z", SPRING, BERLIN, "2024-05-17T09:30:00", "2024-05-17T09:31:00"),
        ("2024-05-17T09:30+02:00", SPRING, NEW_YORK, "2024-05-17T07:30:00", "2024-05-17T07:31:00"),
        ("2024-10-27T02:30", SPRING, BERLIN, "2024-10-27T00:30:00", "2024-10-27T01:31:00"),
        ("today", SPRING, BERLIN, "2024-04-02T22:00:00", "2024-04-03T22:00:00"),
        ("today", instant("2024-04-02T23:30Z"), BERLIN, "2024-04-02T22:00:00", "2024-04-03T22:00:00"),
        ("today", instant("2024-04-02T23:30Z"), NEW_YORK, "2024-04-02T04:00:00", "2024-04-03T04:00:00"),
        ("7d", SPRING, BERLIN, "2024-03-27T11:00:00", "2024-03-27T11:00:00"),
        ("past week", AUTUMN, BERLIN, "2024-10-23T10:00:00", "2024-10-30T11:00:00"),
        ("168h", SPRING, BERLIN, "2024-03-27T10:00:00", "2024-03-27T10:00:00"),
        ("1m", SPRING, BERLIN, "2024-03-03T11:00:00", "2024-03-03T11:00:00"),
        ("last week", SPRING, BERLIN, "2024-03-24T23:00:00", "2024-03-31T22:00:00"),
        ("this week", AUTUMN, BERLIN, "2024-10-27T23:00:00", "2024-11-03T23:00:00"),
        ("last month", SPRING, BERLIN, "2024-02-29T23:00:00", "2024-03-31T22:00:00"),
        ("sunday", SPRING, BERLIN, "2024-03-30T23:00:00", "2024-03-31T22:00:00"),
        ("march", SPRING, BERLIN, "2024-02-29T23:00:00", "2024-03-31T22:00:00"),
        ("april", instant("2024-03-31T22:30Z"), BERLIN, "2024-03-31T22:00:00", "2024-04-30T22:00:00"),
        ("april", instant("2024-03-31T22:30Z"), UTC, "2023-04-01T00:00:00", "2023-05-01T00:00:00"),
    ],
)
def test_days_are_those_of_the_zone(bound: str, as_of: int, zone: tzinfo, begins: str, ends: str) -> None:
    assert interval(bound, as_of, zone) == (begins, ends)


def test_the_first_and_the_last_year_can_be_written_in_every_zone() -> None:
    for zone in (zone_named("+14:00"), zone_named("-12:00"), BERLIN, NEW_YORK):
        assert interval("0001", zone=zone)[0] >= "0001-01-01"
        assert interval("9999", zone=zone)[1] <= "9999-12-31T23:59:59"


@given(
    st.datetimes(datetime(1950, 1, 1), datetime(2090, 1, 1)),
    st.sampled_from(["Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe", "Africa/Cairo"]),
)
def test_one_day_ends_where_the_next_begins_and_today_holds_now(moment: datetime, name: str) -> None:
    zone = zone_named(name)
    now = int(moment.replace(tzinfo=UTC).timestamp())
    begins, ends = interval("today", now, zone)
    assert begins <= written(now) < ends
    day = datetime.fromtimestamp(now, zone).date()
    assert interval(day.isoformat(), now, zone) == (begins, ends)
    assert interval((day + timedelta(days=1)).isoformat(), now, zone)[0] == ends
    assert interval("yesterday", now, zone)[1] == begins


def test_a_zone_is_a_name_or_an_offset() -> None:
    assert zone_named("utc") is UTC
    assert zone_named("-03:30").utcoffset(None) == timedelta(hours=-3.5)
    assert instant("2024-05-17", zone_named("+0200")) == instant("2024-05-16T22:00Z")


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "../etc/passwd", "/etc/passwd", "Europe", "+25:00", "+2", "a\x00b"]
)
def test_what_is_no_zone_is_refused_with_examples(name: str) -> None:
    with pytest.raises(UsageError, match="is not a time zone") as refused:
        zone_named(name)
    assert "Europe/Berlin" in refused.value.hint


@pytest.fixture
def no_zones(tmp_path: Path) -> Iterator[None]:
    zoneinfo.reset_tzpath([str(tmp_path)])
    zoneinfo.ZoneInfo.clear_cache()
    yield
    zoneinfo.reset_tzpath()


@pytest.mark.usefixtures("no_zones")
def test_a_machine_without_a_list_of_zones_says_what_to_install() -> None:
    if zoneinfo.available_timezones():
        pytest.skip("the package tzdata is installed, which is the list itself")
    with pytest.raises(UsageError) as refused:
        zone_named("Europe/Berlin")
    assert "pip install tzdata" in refused.value.hint
    assert zone_named("UTC") is UTC
