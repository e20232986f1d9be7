"""Facets, the timeline and conditions that are typed: each filters, and each shows what the others did."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

pytest.importorskip("starlette", reason="the extra `serve` is not installed")

from semsearch import Index
from semsearch.dates import parse_date
from semsearch.ports import Encoder
from tests.browsing import STRIKE, Window
from tests.live import live
from tests.making import article, day

pytestmark = pytest.mark.slow


def test_facets_filter_and_back_undoes(window: Window) -> None:
    page = window.open(STRIKE)
    whole = page.inner_text("#summary")
    row = page.locator(".facet li", has_text="Coast Courier")
    expected = int(row.locator(".number").inner_text().split()[0])
    row.locator("input").check()
    page.wait_for_selector("#chosen .chip")
    window.settle()
    assert page.inner_text("#summary").startswith(f"{expected} of ")
    assert {"Coast Courier"} == set(page.locator("#lists .meta b").all_inner_texts())
    assert page.locator(".facet li", has_text="Hill Herald").count() == 1  # another one can be added
    page.go_back()
    window.settle()
    assert page.inner_text("#summary") == whole
    assert page.locator("#chosen .chip").count() == 0


def test_the_timeline_filters_when_dragged_moved_and_stretched(window: Window) -> None:
    page = window.open(f"{STRIKE}&scale=count")
    box = page.locator(".plot svg").bounding_box()

    def drag(start: float, end: float) -> dict[str, str]:
        page.mouse.move(box["x"] + start * box["width"], box["y"] + 40)
        page.mouse.down()
        page.mouse.move(box["x"] + end * box["width"], box["y"] + 40, steps=4)
        page.mouse.up()
        window.settle()
        found: dict[str, str] = page.evaluate("Object.fromEntries(new URLSearchParams(location.search))")
        return found

    chosen = drag(0.25, 0.5)
    assert "2020-03" < chosen["since"] < chosen["until"] < "2020-08"
    count = int(page.inner_text("#summary").split()[0])
    edge = page.locator(".brush").bounding_box()
    stretched = drag((edge["x"] + edge["width"] - box["x"]) / box["width"], 0.8)
    assert stretched["since"] == chosen["since"]
    assert stretched["until"] > chosen["until"]
    assert int(page.inner_text("#summary").split()[0]) > count
    moved = drag(0.5, 0.4)
    assert moved["since"] < stretched["since"]
    assert moved["until"] < stretched["until"]
    shown = page.locator("#lists .meta").all_inner_texts()
    assert shown
    page.mouse.dblclick(box["x"] + 0.9 * box["width"], box["y"] + 40)
    window.until("!location.search.includes('since')")


@pytest.mark.parametrize(
    ("path", "width", "names"),
    [
        ("", 1300, ["Jan 2020", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov"]),
        ("", 390, ["Jan 2020", "Apr", "Jul", "Oct"]),
        ("?interval=year", 1300, ["2020"]),
    ],
)
def test_names_below_the_timeline_are_evenly_spaced(
    browser: Any, address: str, path: str, width: int, names: list[str]
) -> None:
    window = Window(browser, address, viewport={"width": width, "height": 800})
    page = window.open(path)
    assert page.locator(".tick + text").all_text_contents() == names
    window.context.close()


def test_dates_can_be_typed(window: Window) -> None:
    page = window.open(f"{STRIKE}&until=2020-02")
    page.click(".dates summary")
    assert page.input_value(".dates input >> nth=1") == "2020-02-29"
    page.fill(".dates input >> nth=0", "2020-01-15")
    page.click(".dates button")
    window.until("location.search.includes('since=2020-01-15&until=2020-02-29')")
    window.settle()
    assert page.locator(".brush").count() == 1


def test_what_is_not_here_is_said(window: Window) -> None:
    page = window.open("?since=2020-10")
    said = page.inner_text("#coverage")
    assert re.search(r"\d+ days of \d+ without an article", said)
    assert "outlets without an article here" not in said or "of 6" in said


def test_conditions_in_the_text_are_shown_and_can_be_changed(window: Window) -> None:
    text = 'harbour strike "talk of the town" -wheat since:2020-03 publisher:"Hill Herald"'
    page = window.open(f"?{urlencode({'q': text, 'since': '2020-10', 'interval': 'month'})}")
    matching = page.inner_text("#summary")
    chips = page.locator("#chosen .chip").all_inner_texts()
    assert chips == ["Hill Herald typed ×", "1 Mar 2020 – … typed ×"]
    assert page.locator("rect.column.out").count() == 2  # of the earlier months, which stay on the chart
    assert page.locator("[data-field=publisher] input:checked").count() == 1
    assert page.inner_text("#coverage p").count("2020") >= 1
    page.locator("[data-field=publisher] li", has_text="Town Times").locator("input").check()
    window.until("location.search.includes('Town')")
    window.settle()
    assert page.input_value("#q") == 'harbour strike "talk of the town" -"wheat"'
    assert page.evaluate("new URLSearchParams(location.search).get('since')") == "2020-03-01"
    assert {"Hill Herald", "Town Times"} >= set(page.locator("#lists .meta b").all_inner_texts())
    page.locator("[data-field=publisher] li", has_text="Town Times").locator("input").uncheck()
    window.until("!location.search.includes('Town')")
    window.settle()
    assert page.inner_text("#summary") == matching
    handle = page.locator("[data-handle=first]")
    handle.focus()
    page.keyboard.press("ArrowRight")
    window.until("location.search.includes('since=2020-04')")


def test_the_last_days_count_back_from_the_newest_article(window: Window) -> None:
    page = window.open(f"{STRIKE}&since=2020-02&until=2020-03")
    page.click("text=Last 7 days")
    window.until("location.search.includes('until=2020-12')")
    assert "since=2020-12" in page.url


def test_days_are_those_of_filters_and_copies_without_a_date_have_no_order(
    browser: Any, tmp_path: Path, hashing: Encoder
) -> None:
    text = "Dockers unloaded the first container ships at the second quay, which the board had opened. " * 3
    late = parse_date("2020-05-08T23:30:00-05:00")
    made = [
        article("a", text, published=late, publisher="Hill Herald", language="en"),
        article("b", text + "It rained.", published=day(200), publisher="Hill Herald", language="en"),
        article("c", text + "It snowed.", publisher="صحيفة", language="en"),
    ]
    Index.build(made, tmp_path / "index", encoder=hashing).close()
    with live(tmp_path / "index", hashing) as served:
        window = Window(browser, f"{served}/")
        page = window.open("?q=dockers+quay&since=2020-05-09&until=2020-05-09")
        assert "9 May 2020" in page.inner_text("#lists .meta")
        window.open("?q=dockers+quay")
        page.click("text=Also in 1 outlet")
        rows = page.locator(".copies li").all_inner_texts()
        assert [row.split()[-1] for row in rows] == ["first", "latest", "date"]
        assert page.locator(".copies bdi").count() == 3
        page.locator("#lists .hit h2 a").first.click()
        page.wait_for_selector("#article-view h1")
        assert "9 May 2020 04:30 UTC (8 May 2020 23:30 -05:00)" in page.inner_text(".details")
        page.keyboard.press("Escape")
        page.click("#export summary")
        with page.expect_download() as started:
            page.click("#export button:has-text('RIS')")
        assert "DA  - 2020/05/09/" in Path(started.value.path()).read_text(encoding="utf-8")
        window.context.close()


def test_clicks_on_two_bars_and_a_time_without_bars(window: Window) -> None:
    page = window.open(f"{STRIKE}&interval=month&publisher=&section=")
    assert page.locator("#chosen .chip").count() == 0
    box = page.locator(".plot svg").bounding_box()
    for part in (0.3, 0.8):
        page.mouse.click(box["x"] + part * box["width"], box["y"] + 40)
        page.wait_for_timeout(100)
    window.until("location.search.includes('since=2020-10') || location.search.includes('since=2020-09')")
    window.open(f"{STRIKE}&since=2030")
    assert page.locator(".brush, .column:not(.out)").count() == 0
    assert page.locator(".column.out").count() > 5
    assert page.inner_text("#chosen .chip").startswith("2030 – …")
    window.open(f"{STRIKE}&since=2020&until=2020")
    assert page.inner_text("#chosen .chip") == "2020 ×"
