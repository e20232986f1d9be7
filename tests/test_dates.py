"""Dates: every form in which sources write them, and what they can mean."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from semsearch.calendars import DateOrder, solar_day
from semsearch.dates import is_clock, is_credible, parse_date


def seconds(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp())  # type: ignore[misc, arg-type]


NOON = seconds(2024, 5, 3, 12)
YEAR = (seconds(2024, 1, 1), seconds(2025, 1, 1) - 1)
MONTH = (seconds(2024, 5, 1), seconds(2024, 6, 1) - 1)
DAY = (seconds(2024, 5, 3), seconds(2024, 5, 4) - 1)
CHRISTMAS = (seconds(2024, 12, 25), seconds(2024, 12, 26) - 1)
MINUTE = (NOON, NOON + 59)
SECOND = (NOON, NOON)

READ: dict[tuple[str, tuple[int, int]], list[str | float]] = {
    ("2024", YEAR): ["2024", 2024, "2024年"],
    ("2024-05", MONTH): ["2024-05", "2024/5", "May 2024", "2024年5月"],
    ("2024-05-03", DAY): [
        "2024-05-03", "2024-5-3", "2024/05/03", "2024.05.03", "20240503", 20240503, " 3  May 2024\n", "3rd May 2024",
        "May 3, 2024", "Friday, May 3rd, 2024", "03-May-2024", "3. Mai 2024", "vendredi 3 mai 2024",
        "3 de mayo de 2024", "3 maggio 2024", "2024年5月3日", "２０２４年５月３日", "2024년 5월 3일",
        "2024. 5. 3.", "2024. 05. 03", "2024.5.3.",
        "Fri, 03 May 2024 12:00:00 BST", "03 May 2024, 12:00 PM IST", "2024-05-03T12:00:00.5 CST",
        "3 May 2024 12.00 BST", "Fri May  3 12:00:00 CST 2024", "2024-05-03 12:00:00 Europe/Berlin",
        "2024-05-03 12:00 America/New_York",
        "3 мая 2024 в 12:00 MSK",
    ],
    ("2024-05-03T06:00:00-06:00", SECOND): ["Fri, 03 May 2024 06:00:00 CST"],
    ("2024-12-25", CHRISTMAS): ["25/12/2024", "12/25/2024", "25.12.2024"],
    ("2024-04-03", (1_712_102_400, 1_712_188_799)): ["03.04.2024", "3.4.2024"],  # full stops: the day comes first
    ("2024-05-04", (DAY[0] + 86_400, DAY[1] + 86_400)): [
        "4 мая 2024", "4 мая 2024 г.", "суббота, 4 мая 2024 года", "4 травня 2024 року", "4 maja 2024",
        "4 maja 2024 r.", "sobota, 4 maja 2024", "4. května 2024", "4. mája 2024", "4 Mayıs 2024", "4 maj 2024",
        "lördag 4 maj 2024",
        "4. mai 2024", "4 Mei 2024", "Sabtu, 4 Mei 2024", "4 mai 2024", "2024. május 4.", "4 مايو 2024",
        "السبت، 4 مايو 2024", "May 4, 2024 Saturday", "Saturday, May 4, 2024 Saturday", "4 May 2024 (Sat)",
        "2024-05-04 (Sat)",
        "4 de maio de 2024, sábado", "sábado, 4 de maio de 2024", "4 mai 2024 samedi",
        "٤ مايو ٢٠٢٤", "4 أيار/مايو 2024", "4 أيار 2024", "4 मई 2024", "४ मई २०२४", "4 Μαΐου 2024", "4 במאי 2024",
        "יום שבת, 4 במאי 2024", "4. 5. 2024", "4 พฤษภาคม 2567", "วันเสาร์ที่ 4 พฤษภาคม 2567", "4 พ.ค. 2567", "4 พ.ค. 2024",
        "ngày 4 tháng 5 năm 2024", "4 tháng 5, 2024", "2024 m. gegužės 4 d.", "2024. gada 4. maijs", "4 мамыр 2024 ж.",
        "4. toukokuuta 2024", "4 de maig de 2024", "৪ মে ২০২৪", "4 மே 2024", "4 მაისი 2024", "4 մայիսի 2024",
        "4 svibnja 2024",
        "15 اردیبهشت 1403", "۱۵ اردیبهشت ۱۴۰۳", "شنبه ۱۵ اردیبهشت ۱۴۰۳", "۱۴۰۳/۰۲/۱۵", "15 ثور 1403",
        "令和6年5月4日", "令和六年五月四日", "民國113年5月4日", "二〇二四年五月四日", "2024年5月4日(土)",
        "2024/5/4（土・祝）",
        "2024. 5. 4.", "Saturday 4th of May, 2024", "le 4 mai 2024", "am 4. Mai 2024", "4. svibnja 2024.",
        "2024年5月4日 星期六", "2024년 5월 4일 (토)", "2024년 5월 4일 토요일",
    ],
    ("2024-11-03", (seconds(2024, 11, 3), seconds(2024, 11, 4) - 1)): [
        "3 ноября 2024", "3 листопада 2024", "3. listopadu 2024", "3 Kasım 2024", "3 KASIM 2024", "3 نوفمبر 2024",
    ],
    ("2024-10-03", (seconds(2024, 10, 3), seconds(2024, 10, 4) - 1)): ["3 października 2024", "3. října 2024"],
    ("2024-05-03+02:00", (DAY[0] - 7_200, DAY[1] - 7_200)): ["2024-05-03+02:00"],
    ("2024-05-03T12:00", MINUTE): [
        "2024-05-03 12:00", "202405031200", "2024年5月3日12时00分", "2024年5月3日 12:00",
        "Friday, 3 May 2024, 12:00 PM", "3 мая 2024 в 12:00", "3 мая 2024 г., 12:00", "3 maj 2024 kl. 12:00",
        "3 Mayıs 2024 12:00", "3 Mei 2024 pukul 12:00", "2024. május 3., 12:00",
        "vendredi 3 mai 2024, 12 h 00", "3 mai 2024 à 12h00", "03.05.2024 12:00 Uhr", "3. Mai 2024 um 12:00 Uhr",
        "3. maj 2024 kl. 12.00", "2024/05/03 下午12:00", "2024年5月3日 午後0時00分", "2024. 5. 3. 오후 12:00",
        "3 mai 2024 à 12:00", "vendredi 3 mai 2024 à 12h00", "3 de mayo de 2024, a 12:00", "2024. 5. 3. 12:00",
    ],
    ("2024-05-03T12:00Z", MINUTE): ["2024-05-03T12:00Z", "20240503T1200Z"],
    ("2024-05-03T08:00-04:00", MINUTE): ["2024-05-03T08:00-04:00", "May 3, 2024 at 8:00 a.m. EDT"],
    ("2024-05-03T12:00:00", SECOND): ["2024-05-03 12:00:00", "20240503120000", "Fri May  3 12:00:00 2024"],
    ("2024-05-03T12:00:00.123456", SECOND): ["2024-05-03T12:00:00.123456"],
    ("2024-05-03T12:00:00.79", SECOND): [
        "3-MAY-2024 12:00:00.79", "03-MAY-2024  12:00:00.79", "3-MAY-2024 12:00:00.79F", "3-MAY-2024 12:00:00.79V RM",
        "3-MAY-2024 12:00:00.79C G T M",
    ],
    ("2024-05-03T12:00:00Z", SECOND): [
        "2024-05-03T12:00:00Z", "20240503T120000Z", "Fri, 3 May 2024 12:00:00 GMT", "Fri May 3 12:00:00 UTC 2024",
        NOON, float(NOON), NOON + 0.5, f"{NOON}", f"{NOON}.5", NOON * 1_000, f"{NOON * 1_000}",
        NOON * 10**6, NOON * 10**9, f"{NOON * 10**6}", f"{NOON * 10**9}", f"/Date({NOON * 1_000})/",
        f"/Date({NOON * 1_000}+0200)/",
    ],
    ("2024-05-03T08:00:00-04:00", SECOND): [
        "2024-05-03 8:00:00 -0400", "2024-05-03T08:00:00-04:00", "Fri, 03 May 2024 08:00:00 EDT",
    ],
    ("2024-05-03T19:00+07:00", MINUTE): ["Jumat, 3 Mei 2024 19:00 WIB"],
    ("2024-05-03T21:00+09:00", MINUTE): ["3 May 2024, 9:00 PM JST", "2024-05-03 21:00 KST"],
    ("2024-05-03T17:30:00+05:30", SECOND): ["2024-05-03 17:30:00 +0530 IST"],
    ("2024-05-03T14:00:00+02:00", SECOND): [
        "Fri, 03 May 2024 14:00:00 CEST", "Fri May  3 14:00:00 CEST 2024", "2024-05-03 14:00:00 +0200 CEST",
        "2024-05-03 14:00:00 CEST (Friday)", "2024-05-03 14:00:00 SAST",
        "2024-05-03 14:00:00 IST +0200", "Freitag, 3. Mai 2024 14:00:00 MESZ",
        "2024-05-03T14:00:00+02:00[Europe/Paris]", "Fri May 03 2024 14:00:00 GMT+0200 (Central European Summer Time)",
    ],
}  # fmt: skip
"""Text and interval -> what means it."""

UNREAD: list[str | float] = [
    "03/04/2024", "04-03-2024", "3/4/24", "3 May 24",  # two readings, or a century that nobody says
    "yesterday", "2 hours ago", "May 3", "Friday", "before 3 May 2024", "12:00",  # relative, or no year, or a bound
    "2024-02-30", "2023-02-29", "2024-13-01", "2024-00-10", "2024-05-00", "0000-00-00", "2024-05-03 25:00",
    "2024-05-03 12:61", "31-MAR-1987 605:12:19.12", "13:00 PM 3 May 2024", "2024-05-03T12:00+19:00",  # impossible
    "0001-01-01T00:00:00", "9999-12-31", 0, 1, -1, True, 10**30, float("nan"), float("inf"),  # placeholders
    "1970-01-01", "1970-01-01T00:00:00Z", "1 January 1970", "1970-01-01T01:00:00+01:00", "1969-12-31T19:00:00-05:00",
    "3 listopada 2024",  # October in Croatia, November in Poland
    "do 3 maja 2024", "do 3. Mai 2024",  # until; and Thursday, for short
    "1403/02/21", "1445-11-12", "1403-02-21T10:30:00+03:30", "32 اردیبهشت 1403",
    "3 ذو القعدة 1445",
    "2024-05-03 下午15:04", "2024. 13. 3.", "2024年5月3日 上午13:00",
    "3 мартобря 2024", "za 3 maj 2024", "3 May 2567 BE", "3 maja", "2024-W18-5", "2024-124",
    "3 May 2024 CEST", "3 May 2024 IST", "2024-05-03 12:00 XST", "3 May 12:00 IST", "2024-05-03 25:00 BST",
    "2024-05-03 12:00 IST BST", "2024-05-03 Europe/Oslo", "03/04/2024 12:00 JST", "2024-05-03 12:00 ist",
    "", " ", "-", "n/a", "2024-05-03 # a guess", "20241503", "1" * 400, 10**400, -(10**400), "1599-12-31",
]  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "text", "interval"), [(raw, text, interval) for (text, interval), raws in READ.items() for raw in raws]
)
def test_a_date_keeps_the_precision_and_the_zone_of_its_source(
    raw: str | float, text: str, interval: tuple[int, int]
) -> None:
    date = parse_date(raw)
    assert date
    assert (date.text, date.earliest, date.latest) == (text, *interval)


@pytest.mark.parametrize("raw", UNREAD, ids=lambda raw: str(raw)[:40] or "empty")
def test_what_is_not_certain_is_no_date(raw: str | float) -> None:
    assert parse_date(raw) is None


zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
instants = (
    st.datetimes(datetime(1600, 1, 2), datetime(2999, 12, 30), timezones=zones)
    .map(lambda instant: instant.replace(microsecond=0))
    .filter(lambda instant: not datetime(1969, 12, 31) <= instant.replace(tzinfo=None) < datetime(1970, 1, 3))
)
"""Without the days that stand for an unset date."""


@pytest.mark.parametrize(("order", "text"), [("dmy", "2024-04-03"), ("mdy", "2024-03-04"), (None, None)])
@pytest.mark.parametrize("written", ["03/04/2024", "3-4-2024", "Wednesday 03/04/2024"])
def test_day_and_month_as_numbers_need_an_order(written: str, order: DateOrder | None, text: str | None) -> None:
    date = parse_date(written, order)
    assert (date and date.text) == text


@pytest.mark.parametrize("order", ["dmy", "mdy", None])
def test_no_order_changes_what_is_certain(order: DateOrder | None) -> None:
    for written in ("25/12/2024", "12/25/2024", "25.12.2024", "2024-12-25"):
        date = parse_date(written, order)
        assert date
        assert date.text == "2024-12-25"


@given(st.dates(date(1921, 3, 21), date(2094, 3, 19)))
def test_the_days_of_the_solar_calendar_follow_each_other(day: date) -> None:
    """Every day has one date of that calendar, whose years begin at the equinox, on 19 to 22 March."""
    year = day.year - 621
    starts = [solar_day(one, 1, 1) for one in (year - 1, year, year + 1)]
    first = max(start for start in starts if start and start <= day)
    assert first.month == 3
    assert 19 <= first.day <= 22
    passed = (day - first).days
    month, of_month = (passed // 31, passed % 31) if passed < 186 else (6 + (passed - 186) // 30, (passed - 186) % 30)
    assert solar_day([year - 1, year, year + 1][starts.index(first)], month + 1, of_month + 1) == day


def test_days_of_the_solar_calendar_that_are_known() -> None:
    """The first days of years as published by its keepers, 1358 to 1404, and what the calendar does not have."""
    known = {1358: date(1979, 3, 21), 1375: date(1996, 3, 20), 1379: date(2000, 3, 20), 1400: date(2021, 3, 21)}
    known |= {1403: date(2024, 3, 20), 1404: date(2025, 3, 21)}
    assert {year: solar_day(year, 1, 1) for year in known} == known
    assert solar_day(1403, 12, 30) == date(2025, 3, 20)
    assert solar_day(1404, 12, 30) is None
    assert solar_day(1403, 13, 1) is solar_day(1403, 7, 31) is solar_day(1200, 1, 1) is None


@given(instants)
def test_iso_is_read_as_python_reads_it(instant: datetime) -> None:
    for written in (instant.isoformat(), str(instant), instant.strftime("%Y-%m-%dT%H:%M:%S%z")):
        date = parse_date(written)
        assert date
        assert date.earliest == date.latest == instant.timestamp()
        assert datetime.fromisoformat(date.text) == instant


@given(instants)
def test_mail_dates_are_read_as_python_writes_them(instant: datetime) -> None:
    date = parse_date(format_datetime(instant))
    assert date
    assert date.earliest == date.latest == instant.timestamp()


@given(instants)
def test_the_text_of_a_date_means_the_same_date(instant: datetime) -> None:
    for written in (f"{instant:%Y}", f"{instant:%Y-%m}", f"{instant:%B} {instant.day}, {instant.year}", str(instant)):
        date = parse_date(written if instant.year >= 1000 else str(instant))
        assert date
        assert parse_date(date.text) == date
        assert date.earliest <= date.latest


@given(instants)
def test_a_coarser_date_contains_every_finer_one(instant: datetime) -> None:
    plain = instant.replace(tzinfo=UTC).isoformat()[:19]
    dates = [parse_date(plain[:length]) for length in (4, 7, 10, 16, 19)]
    intervals = [(date.earliest, date.latest) for date in dates if date]
    assert len(intervals) == 5
    for (begin, end), (inner_begin, inner_end) in pairwise(intervals):
        assert begin <= inner_begin <= inner_end <= end


@given(st.text(alphabet="0123456789-/.:TZ +年月日 MayFriUTC,", max_size=30) | st.text(max_size=120))
@example("2024-05-03T12:00:00-14:59")
def test_any_text_is_a_date_or_none(raw: str) -> None:
    date = parse_date(raw)
    assert date is None or date.earliest <= date.latest


@given(st.integers() | st.floats())
def test_any_number_is_a_date_or_none(raw: float) -> None:
    date = parse_date(raw)
    assert date is None or 1000 <= int(date.text[:4]) < 3000


@pytest.mark.parametrize(
    ("written", "fetched", "credible"),
    [
        ("2024-05-03T11:00:00Z", None, True),
        ("2024-05-04T11:59:59Z", None, True),  # a zone that nobody wrote
        ("2024-05-04T12:00:01Z", None, False),
        ("2024-05-05", None, False),
        ("2024-05", None, True),
        ("2024", None, True),
        ("2025", None, False),
        ("2987-02-26", None, False),
        ("2024-05-03T12:00:00Z", NOON - 40 * 86_400, False),  # later than it was fetched
        ("2024-03-26", NOON - 40 * 86_400, False),
        ("2024-03-25", NOON - 40 * 86_400, True),
        ("2024-05-03T12:00:03Z", NOON, False),  # a clock
        ("2024-05-03T13:59:58+02:00", NOON, False),
        ("2024-05-03T11:59:50Z", NOON, True),
        ("2024-05-03T12:00", NOON, True),  # a story of this minute
        ("2024-05-03", NOON, True),
    ],
)
def test_nothing_came_out_after_it_was_read_nor_just_as_it_was_fetched(
    written: str, fetched: int | None, credible: bool
) -> None:
    date = parse_date(written)
    assert date
    assert is_credible(date, NOON, fetched) == credible


def test_a_clock_shows_the_second_in_which_a_page_was_fetched() -> None:
    shown, day = parse_date("2024-05-03T12:00:00Z"), parse_date("2024-05-03")
    assert shown
    assert day
    assert [is_clock(shown, NOON + off) for off in (-6, -5, 0, 5, 6)] == [False, True, True, True, False]
    assert not is_clock(day, day.earliest)


@pytest.mark.corpora
def test_of_21578_wire_dates_only_the_impossible_and_the_guessed_are_left_unread(corpora: Path) -> None:
    with (corpora / "reuters21578" / "articles.jsonl").open() as lines:
        unread = [raw for line in lines if parse_date(raw := json.loads(line)["date"]) is None]
    assert sorted(raw.split()[0] for raw in unread) == ["31-MAR-1987", "9-APR-1987"]
