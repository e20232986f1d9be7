from datetime import UTC, datetime

import pytest

from semsearch.bounds import instant, resolve
from semsearch.errors import UsageError
from semsearch.types import Filters

AS_OF = int(datetime(2024, 3, 31, 15, 30, tzinfo=UTC).timestamp())  # a Sunday


def interval(bound: str) -> tuple[str, str]:
    since = resolve(Filters(since=bound), AS_OF).since
    until = resolve(Filters(until=bound), AS_OF).until
    assert isinstance(since, int)
    assert isinstance(until, int)
    return tuple(datetime.fromtimestamp(bound, UTC).strftime("%Y-%m-%dT%H:%M:%S") for bound in (since, until))  # type: ignore[return-value]


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
